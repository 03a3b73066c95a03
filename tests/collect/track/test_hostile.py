"""More than 600 hostile requests to a real server: no 5xx, no hang, no internals told; what is refused is not stored, and good events go through (P5, P6)."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from regulars.app import House, examine
from regulars.collect.track import quarantine
from regulars.collect.track.domain.verdicts import REASONS
from regulars.settings import Settings
from tests.collect.track import hostile
from tests.support.senders import new_source
from tests.support.server import initialised, serving

PATHS = (
    "/v1/batch",
    "/v1/track",
    "/v1/identify",
    "/v1/import",
    "/beacon/v1/batch",
    "/v1/webhook",
    "/batch/",
    "/e/",
    "/i/v0/e/",
    "/capture/",
)
SLOWEST_SECONDS = 10.0


@dataclass
class Story:
    """What was sent and what came of it."""

    asked: int
    wrong: list[str]
    good: set[str]
    refused_in_batches: int
    events: list[dict[str, Any]]
    aside: list[quarantine.QuarantinedEvent]
    findings: list[str]
    lines: list[str]  # what the server said


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Everything hostile is sent once to one server; the tests look at what came of it."""
    home: Path = tmp_path_factory.mktemp("hostile")
    initialised(home, "--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")
    _, key = new_source(home)
    basic = {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    told = Story(0, [], set(), 0, [], [], [], [])
    with serving(home) as server, httpx.Client(base_url=server.url, timeout=30) as client:

        def ask(name: str, path: str, body: bytes, headers: dict[str, str], *, wanted: tuple[int, ...] = ()) -> httpx.Response:
            begun = time.monotonic()
            answer = client.post(path, content=body, headers=headers)
            told.asked += 1
            seconds = time.monotonic() - begun
            said = f"{name} at {path}: {answer.status_code} {answer.text[:200]}"
            if answer.status_code >= 500 or seconds > SLOWEST_SECONDS or (wanted and answer.status_code not in wanted):
                told.wrong.append(said)
            try:
                content = answer.json()
            except ValueError:
                told.wrong.append(f"no JSON: {said}")
            else:
                if (
                    not content.get("code")
                    or not content.get("message")
                    or "Traceback" in answer.text
                    or "/site-packages/" in answer.text
                ):
                    told.wrong.append(f"no sentence: {said}")
            return answer

        def sound(number: int, side: str) -> dict[str, Any]:
            message_id = f"good-{number}-{side}"
            told.good.add(message_id)
            return {**hostile.GOOD, "messageId": message_id}

        for number, (name, message) in enumerate(hostile.messages()):
            batch = [sound(number, "a"), message, sound(number, "b")]
            ask(name, "/v1/batch", json.dumps({"batch": batch}).encode(), basic, wanted=(200,))
        for number, (name, piece) in enumerate(hostile.raw_pieces(), start=100_000):
            pieces = [json.dumps(sound(number, "a")).encode(), piece, json.dumps(sound(number, "b")).encode()]
            ask(name, "/v1/batch", b'{"batch":[' + b",".join(pieces) + b"]}", basic, wanted=(200,))
            ask(name, "/v1/track", piece, basic)
        for name, body, headers in hostile.bodies():
            for path in PATHS:
                ask(name, path, body, {**basic, **headers})
        for name, headers, query in hostile.keys(key):
            ask(name, "/v1/track" + query, json.dumps(hostile.GOOD).encode(), headers, wanted=(401,))
    told.lines = server.lines
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    house.loader.run_once()
    told.events = house.warehouse.rows(house.warehouse.table("events"))
    with house.records.reading() as uow:
        told.aside = quarantine.listing(uow, house.keyring, "tea", limit=100_000, reveal=True)
    told.findings = [f"{check.name}: {check.findings}" for check in examine(house).checks if not check.ok]
    house.close()
    return told


def test_no_input_gives_a_5xx_a_hang_or_an_answer_with_internals(story: Story) -> None:
    assert story.asked >= 500
    assert story.wrong == []


def test_one_bad_event_never_costs_a_good_one(story: Story) -> None:
    stored = [row["message_id"] for row in story.events if row["message_id"].startswith("good-")]

    assert sorted(stored) == sorted(story.good)


def test_what_was_put_aside_is_kept_with_a_reason_that_can_be_read(story: Story) -> None:
    assert {one.reason for one in story.aside} <= set(REASONS)
    assert {
        "no_identity",
        "illegal_id",
        "unknown_type",
        "no_event_name",
        "bad_time",
        "in_the_future",
        "too_old",
        "bad_properties",
        "too_large",
        "not_an_object",
        "bad_text",
    } <= {one.reason for one in story.aside}
    assert all(one.message for one in story.aside)


def test_no_personal_data_reached_the_warehouse(story: Story) -> None:
    text = json.dumps(story.events, default=str)

    for secret in ("a@x.test", "a@b.test", "13800000001", "1.2.3.4", "secret"):
        assert secret not in text, secret


def test_the_house_is_sound_afterwards(story: Story) -> None:
    assert story.findings == [], "\n".join(story.lines)
