"""`regulars quarantine`: whether a message would be taken, sent again as corrected, discarded; and what is said where that cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from tests.collect.track.conftest import Desk, desk, track

__all__ = ["desk"]

Shell = Callable[..., str]


@pytest.fixture
def shell(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run `regulars quarantine ...` in a shop with two messages put aside; a corrected one is in `good.json`."""
    desk.take(track("", "m1"), track("", "m2"))
    (tmp_path / "good.json").write_text(json.dumps(track("Good", "m1")), encoding="utf-8")
    (tmp_path / "broken.json").write_text("[", encoding="utf-8")

    def run(*words: str, exit_code: int = 0) -> str:
        capsys.readouterr()
        token = visit.set(Visit(desk.house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "140"}, False))
        try:
            assert perform(["quarantine", *words]) == exit_code
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        return (said.out + said.err).strip()

    return run


def test_a_message_is_checked_corrected_and_sent_again(shell: Shell, desk: Desk) -> None:
    number = next(one.quarantine_id for one in desk.aside() if one.message_id == "m1")

    as_it_came = shell("check", number, exit_code=1)
    corrected = shell("check", number, "--file", "good.json")
    sent = shell("replay", number, "--file", "good.json")

    assert as_it_came == "it would be put aside again: a track message has no event name; correct the message and replay it"
    assert (corrected, sent) == ("it would be taken as Good", f"sent again: {number}")
    assert [row["event"] for row in desk.events()] == ["Good"]
    assert shell("replay") == "0 sent again, 1 stay"


def test_a_discarded_message_is_gone(shell: Shell, desk: Desk) -> None:
    number = desk.aside()[0].quarantine_id

    assert shell("discard", number) == "discarded"
    assert len(desk.aside()) == 1


@pytest.mark.parametrize(("file", "said"), [("nowhere.json", "nowhere.json cannot be read"), ("broken.json", "this is not JSON")])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(shell: Shell, desk: Desk, file: str, said: str) -> None:
    number = desk.aside()[0].quarantine_id

    assert said in shell("check", number, "--file", file, exit_code=1)
    assert "there is no message 'nope'" in shell("check", "nope", exit_code=1)
