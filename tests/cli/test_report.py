"""`regulars report`: every kind has its command, asks as the API does, by options and by a file, and leads to customers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.report import KINDS
from regulars.cli.running import Visit, visit
from regulars.settings import Settings
from regulars.understand import reports
from regulars.understand.questions import Desk
from regulars.values.answers import to_json
from tests.support.happenings import happened
from tests.understand.metrics.small_store import SmallStore

Run = Callable[..., str]


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    from regulars.access import Caller, shops

    opened = House.open(Settings.load())
    with opened.records.unit() as uow:
        shop = shops.create(
            uow, Caller.system("shell", opened.keyring), shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY"
        )
    store = SmallStore(shop)
    store.order("a", "ann", "2026-03-01 03:00", 9_000, items=[("green", "Tea", 3, 3_000)])
    store.order("b", "ben", "2026-03-02 03:00", 1_000, items=[("cup", "\x1b[31m杯子", 1, 1_000)])
    store.load(opened.warehouse)
    steps = [("ann", "Product Viewed", 1, 20.0), ("ann", "Order Completed", 2, 20.0), ("ben", "Product Viewed", 1, 5.0)]
    happened(
        opened.warehouse,
        shop,
        [
            {"customer": who, "event": what, "ts": f"2026-03-0{day}T01:00:00Z", "props": {"price": price}}
            for who, what, day, price in steps
        ],
    )
    yield opened
    opened.close()


@pytest.fixture
def run(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def report(*words: str, code: int = 0, language: str = "en") -> str:
        token = visit.set(Visit(house, tmp_path, {"LANG": language, "COLUMNS": "120"}, False))
        try:
            assert perform(["report", *words]) == code
        finally:
            visit.reset(token)
        told = capsys.readouterr()
        return told.out if code == 0 else told.err

    return report


def test_every_report_has_its_command() -> None:
    assert {one.kind for one in reports.every_report()} <= set(KINDS)


def test_options_make_the_question_that_the_api_is_asked(run: Run, house: House) -> None:
    from regulars.access import shops

    told = json.loads(
        run(
            "funnel",
            "--event",
            "Product Viewed",
            "--event",
            "Order Completed",
            "--from",
            "2026-03-01",
            "--to",
            "2026-03-05",
            "--json",
        )
    )

    with house.records.reading() as view:
        desk = Desk(house.warehouse, shops.get(view, "tea"))
    question = {
        "steps": [{"event": "Product Viewed"}, {"event": "Order Completed"}],
        "range": {"from": "2026-03-01", "to": "2026-03-05"},
    }
    assert told == to_json(reports.ask(desk, "funnel", question))
    assert [step["customers"] for step in told["answer"]["steps"]] == [2, 1]


def test_a_question_can_stand_in_a_file_and_options_replace_what_is_in_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "funnel.yaml").write_text(
        "steps: [Product Viewed, Order Completed]\nrange: {from: 2026-03-01, to: 2026-03-02}\nwindow: 7d\n", encoding="utf-8"
    )

    told = json.loads(
        run("funnel", "--query", "funnel.yaml", "--to", "2026-03-05", "--from", "2026-03-01", "--where", "price>=10", "--json")
    )

    assert told["question"]["range"] == {"from": "2026-03-01", "to": "2026-03-05"}
    assert [step["customers"] for step in told["answer"]["steps"]] == [1, 1]


def test_a_table_for_people_and_a_file_for_spreadsheets(run: Run, tmp_path: Path) -> None:
    screen = run("sales_by", "--set", "by=product", "--from", "2026-03-01", "--to", "2026-03-31")
    assert "green" in screen
    assert "\x1b" not in screen

    run("sales_by", "--set", "by=product", "--from", "2026-03-01", "--to", "2026-03-31", "--csv", "sales.csv")
    assert (tmp_path / "sales.csv").read_text(encoding="utf-8-sig").startswith("product,")


def test_the_customers_behind_a_figure(run: Run) -> None:
    wish = (
        "customers",
        "funnel",
        "--event",
        "Product Viewed",
        "--event",
        "Order Completed",
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-05",
    )

    assert json.loads(run(*wish, "--cell", "step=2", "--json"))["customers"][0]["customer_id"] == "ann"
    assert "ben" in run(*wish, "--cell", "step=1")


def test_a_saved_report_is_opened_by_its_name(run: Run) -> None:
    run("save", "March", "metric", "--set", "metric=orders", "--from", "2026-03-01", "--to", "2026-03-31", "--folder", "Weekly")

    assert "March" in run("saved")
    assert json.loads(run("saved", "March", "--json"))["answer"]["lines"][0]["total"] == 2
    assert "no saved report" in run("saved", "April", code=1)


def test_what_is_wrong_is_said_with_its_place(run: Run) -> None:
    assert "metrics[0]" in run("metric", "--set", "metric=profit", code=1)
    assert "not told events" in run("metric", "--event", "A", code=1)
    assert "no NAME=VALUE" in run("metric", "--set", "metric", code=1)
    assert "cannot be read" in run("metric", "--query", "nothing.yaml", code=1)


def test_goals_are_printed(run: Run) -> None:
    assert "no goals yet" in run("goals")
    assert "还没有目标" in run("goals", "--lang", "zh")


def test_what_an_option_sets_ends_with_its_command(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert perform(["report", "--on", f"file://{tmp_path}/none.parquet", "funnel"]) != 0
    capsys.readouterr()

    assert perform(["init", "--shop", "tea"]) == 0, capsys.readouterr().err
