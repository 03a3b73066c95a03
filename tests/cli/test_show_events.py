"""`regulars show events|sources|quarantine`: the API's objects with --json, a screen in both languages, a file with --csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from tests.collect.track.conftest import Desk, desk, track

__all__ = ["desk"]

Show = Callable[..., str]


@pytest.fixture
def show(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Show:
    """Run `regulars show ...` as a terminal would see it, in a shop with two events and one message put aside."""
    desk.take(
        track(
            "Product Viewed",
            "m1",
            timestamp="2026-11-01T09:30:00Z",
            properties={"product_id": "p1", "price": 9.5, "currency": "CNY"},
        ),
        track(
            "Order Completed",
            "m2",
            timestamp="2026-11-02T18:00:00Z",
            properties={"order_id": "=o1", "total": 9.5, "currency": "CNY"},
        ),
        track("", "m3"),
    )

    def run(*words: str, exit_code: int = 0) -> str:
        capsys.readouterr()
        token = visit.set(Visit(desk.house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "140"}, False))
        try:
            assert perform(["show", *words]) == exit_code
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    return run


def test_json_is_the_apis_page(show: Show, desk: Desk) -> None:
    events = json.loads(show("events", "--json"))["items"]
    sources = json.loads(show("sources", "--json"))["items"]
    aside = json.loads(show("quarantine", "--json", "--lang", "zh"))["items"]

    assert [event["message_id"] for event in events] == ["m2", "m1"]
    assert [(source["name"], source["state"], source["quarantined"]) for source in sources] == [("Web shop", "sending", 1)]
    assert [(one["reason"], one["says"], one["message"]) for one in aside] == [("no_event_name", "track 消息没有事件名", None)]


def test_events_are_chosen_by_name_source_customer_and_local_day(show: Show) -> None:
    def ids(*words: str) -> list[str]:
        return [event["message_id"] for event in json.loads(show("events", *words, "--json"))["items"]]

    assert ids("--event", "Product Viewed", "--source", "Web shop") == ["m1"]
    assert ids("--customer", "nobody") == []
    assert ids("--search", "p1") == ["m1"]
    assert ids("--from", "2026-11-03") == ["m2"]  # 18:00 in UTC is the next day in Shanghai
    assert ids("--to", "2026-11-01") == ["m1"]
    assert "no source 'nowhere'" in show("events", "--source", "nowhere", exit_code=1)


def test_each_prints_a_screen_in_both_languages(show: Show) -> None:
    for report in ("events", "sources", "quarantine"):
        for language in ("en", "zh"):
            text = show(report, "--lang", language)

            assert text.strip()
            assert any("一" <= sign <= "龥" for sign in text) == (language == "zh"), (report, text)
            assert max(len(line.rstrip()) for line in text.splitlines()) <= 140


def test_the_sources_name_what_was_not_collected_for_lack_of_consent(show: Show, desk: Desk) -> None:
    desk.take(*(track("Secret", f"s{number}", context={"consent": {"analytics": False}}) for number in range(3)))

    [source] = json.loads(show("sources", "--json"))["items"]
    english, chinese = show("sources"), show("sources", "--lang", "zh")

    def cell(text: str, head: str) -> str:
        heads, *rows = [line for line in text.splitlines() if line.strip()]
        [row] = [line for line in rows if "Web shop" in line]
        assert head in heads
        return row.split()[-1]

    assert source["uncollected"] == 3
    assert (cell(english, "no consent"), cell(chinese, "未同意")) == ("3", "3")


def test_a_csv_file_holds_the_events_without_formulas(show: Show, tmp_path: Path) -> None:
    show("events", "--csv", "events.csv")

    rows = list(csv.DictReader((tmp_path / "events.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["message_id"] for row in rows] == ["m2", "m1"]
    assert not rows[0]["order_id"].startswith("=")
