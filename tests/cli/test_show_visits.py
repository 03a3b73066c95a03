"""`regulars show visits|sessions`: the API's objects with --json, a screen in both languages, a file with --csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]

Show = Callable[..., str]


def page(number: int, who: str, at: str, url: str, **more: Any) -> dict[str, Any]:
    """A page call of a visitor."""
    context = {"page": {"url": f"https://tea.example{url}"}, **more}
    return {"type": "page", "anonymousId": who, "messageId": f"m{number}", "timestamp": at, "context": context}


@pytest.fixture
def show(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Show:
    """Run `regulars show ...` as a terminal would see it, in a shop with two visits of people and one of a bot."""
    desk.take(
        page(1, "a", "2026-11-01T09:30:00Z", "/oolong?utm_source=weibo&utm_medium=social"),
        page(2, "b", "2026-11-02T09:30:00Z", "/green"),
        page(3, "c", "2026-11-02T10:30:00Z", "/green", userAgent="Googlebot/2.1"),
    )

    def run(*words: str, exit_code: int = 0) -> str:
        capsys.readouterr()
        token = visit.set(Visit(desk.house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "150"}, False))
        try:
            assert perform(["show", *words]) == exit_code
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    return run


def test_json_is_the_apis_answer(show: Show) -> None:
    report = json.loads(show("visits", "--by", "source", "--json"))
    listed = json.loads(show("sessions", "--json"))["items"]

    assert {one["key"]: one["figures"]["visits"] for one in report["groups"]} == {"weibo": 1, "(direct)": 1}
    assert [(one["landing_path"], one["is_bot"]) for one in listed] == [("/green", True), ("/green", False), ("/oolong", False)]


def test_screens_are_read_in_both_languages(show: Show) -> None:
    english, chinese = show("visits"), show("visits", "--lang", "zh")
    sessions = show("sessions", "--lang", "zh", "--from", "2026-11-02")

    assert "Social" in english and "2026-11-02" in english
    assert "社交" in chinese and "跳出率" in chinese
    assert "/green" in sessions and "机器人" in sessions and "/oolong" not in sessions


def test_a_file_holds_what_was_asked_for(show: Show, tmp_path: Path) -> None:
    show("visits", "--interval", "day", "--csv", str(tmp_path / "visits.csv"))
    show("sessions", "--bots", "--csv", str(tmp_path / "sessions.csv"))

    visits = list(csv.DictReader((tmp_path / "visits.csv").open(encoding="utf-8-sig")))
    sessions = list(csv.DictReader((tmp_path / "sessions.csv").open(encoding="utf-8-sig")))
    assert [(row["channel"], row["from"], row["visits"]) for row in visits] == [
        ("social", "2026-11-01", "1"),
        ("direct", "2026-11-02", "1"),
    ]
    assert [row["bot_reason"] for row in sessions] == ["agent"]


def test_what_is_unknown_is_refused(show: Show) -> None:
    assert "--by moon is not known" in show("visits", "--by", "moon", exit_code=1)
