"""Commands and a running server share the stores; what they print is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regulars.errors import InvalidInput
from regulars.settings import Settings
from tests.support.server import command, initialised, serving

ORDERS = "order id,date,customer,product,quantity,price\n" + "".join(
    f"{number},2025-0{1 + number % 6}-1{number % 9},c{number % 7},tea {number % 3},1,19.90\n" for number in range(1, 61)
)


def test_a_command_gives_the_same_answer_with_and_without_a_server(home: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    initialised(home, "--shop", "tea")
    assert command(home, "load", "orders", str(tmp_path / "orders.csv")).returncode == 0
    words = [["show", report, "--json"] for report in ("overview", "retention", "act-on")]
    alone = [command(home, *each) for each in words]

    with serving(home):
        beside = [command(home, *each) for each in words]

    assert [run.returncode for run in alone] == [0] * len(words), alone
    assert [json.loads(run.stdout) for run in beside] == [json.loads(run.stdout) for run in alone]


def test_a_load_through_a_running_server_reads_the_file_from_the_commands_folder(home: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    initialised(home, "--shop", "tea")

    with serving(home):
        loaded = command(home, "load", "orders", str(tmp_path / "orders.csv"), "--json")
        shown = command(home, "show", "overview", "--json")
        healthy = command(home, "doctor", "--json")

    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout)["rows"] == 60
    assert json.loads(shown.stdout)["span"]["orders"] == 60
    assert json.loads(healthy.stdout)["ok"] is True, healthy.stdout


def test_every_verb_finds_the_stores_that_a_running_server_has_open(home: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    initialised(home, "--shop", "tea")
    assert command(home, "load", "orders", str(tmp_path / "orders.csv")).returncode == 0
    verbs = [
        ["tag", "make", "vip", "--json"],
        ["tag", "give", "vip", "c1"],
        ["segment", "list", "--json"],
        ["models", "list", "--json"],
        ["search", "rules", "--json"],
        ["privacy", "export", "c1", "--to", str(tmp_path / "c1.zip")],
        ["alarm", "tell", "--url", "https://1.1.1.1/alarms", "--from", "orange", "--json"],
        ["alarm", "receivers", "--json"],
    ]

    with serving(home):
        done = [command(home, *each) for each in verbs]
        receiver = json.loads(done[-1].stdout)[0]
        stopped = command(home, "alarm", "stop", receiver["receiver_id"])
        nobody = command(home, "alarm", "receivers", "--lang", "en")
        unknown = command(home, "alarm", "tell", "--operator", "nobody@example.com")

    assert [each.returncode for each in [*done, stopped, nobody]] == [0] * (len(verbs) + 2), [each.stderr for each in done]
    assert (tmp_path / "c1.zip").stat().st_size > 0
    assert json.loads(done[-2].stdout)["secret"].startswith("whsec_")
    assert (receiver["least_level"], receiver["url"]) == ("orange", "https://1.1.1.1/alarms")
    assert "regulars alarm tell" in nobody.stdout
    assert unknown.returncode == 1
    assert "nobody@example.com" in unknown.stderr or "mail server" in unknown.stderr


def test_a_commands_failure_has_its_sentence_and_exit_code_through_the_server_too(home: Path) -> None:
    initialised(home, "--shop", "tea")

    alone = command(home, "show", "overview", "--shop", "nowhere")
    with serving(home):
        beside = command(home, "show", "overview", "--shop", "nowhere")
        misspelt = command(home, "show", "overvieww")

    assert (alone.returncode, beside.returncode) == (1, 1)
    assert alone.stderr == beside.stderr
    assert "nowhere" in alone.stderr
    assert misspelt.returncode == 2


def test_a_second_server_on_the_same_data_says_who_has_it(home: Path) -> None:
    initialised(home, "--shop", "tea")

    with serving(home):
        second = command(home, "serve", "--port", "1")

    assert second.returncode == 1
    assert "another process has the warehouse open" in second.stderr


def test_after_a_killed_server_commands_work_alone(home: Path) -> None:
    initialised(home, "--shop", "tea")
    with serving(home) as server:
        server.kill()

        shown = command(home, "show", "overview", "--json")

    assert shown.returncode == 0, shown.stderr


def test_a_folder_of_somebody_else_is_named_with_a_way_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", denied)

    with pytest.raises(InvalidInput, match=r"regulars\.toml may not be read.*REGULARS_HOME"):
        Settings.load({"REGULARS_HOME": str(home)})


def test_a_file_with_a_header_alone_has_no_rows(home: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS.partition("\n")[0] + "\n")
    initialised(home, "--shop", "tea")

    said = command(home, "load", "orders", str(tmp_path / "orders.csv"), "--dry-run")

    assert (said.returncode, "rows: 0\n" in said.stdout) == (0, True), said
