"""`regulars show`: the API's object with --json, one screen for people, a whole file with --csv, a sentence when it cannot be."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.predict import next_purchase
from regulars.settings import Settings
from regulars.understand import lifecycle, metrics, profiles, retention, rfm
from regulars.values.answers import to_json
from tests.understand.metrics.small_store import SmallStore, days

Show = Callable[..., str]
REPORTS = ("overview", "metrics", "retention", "rfm", "lifecycle", "customers", "act-on")


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    """A house with one shop of three customers; ann is overdue."""
    from regulars.access import Caller, shops

    opened = House.open(Settings.load())
    with opened.records.unit() as uow:
        shop = shops.create(
            uow, Caller.system("shell", opened.keyring), shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY"
        )
    store = SmallStore(shop)
    for k in range(8):
        store.order(f"a{k}", "ann", f"2025-0{1 + k // 2}-{5 + 15 * (k % 2):02} 03:00", 8_000, items=[("green", "Tea", 1, 8_000)])
    store.order("b1", "ben", "2025-06-01 03:00", 2_000).order("b2", "ben", "2025-06-20 03:00", 2_000)
    store.order("c1", "<script>\x1b[31m", "2025-06-25 03:00", 1_000).load(opened.warehouse)
    profiles.refresh(opened.warehouse, shop)
    next_purchase.refresh(opened.warehouse, shop)
    yield opened
    opened.close()


@pytest.fixture
def show(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Show:
    """Run `regulars show ...` as a terminal would see it."""

    def run(*words: str, exit_code: int = 0) -> str:
        capsys.readouterr()
        token = visit.set(Visit(house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "140"}, False))
        try:
            assert perform(["show", *words]) == exit_code
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    return run


def test_json_is_the_answer_of_the_verb(show: Show, house: House) -> None:
    from regulars.cli.doors import the_shop

    shop, warehouse = the_shop(house, None), house.warehouse
    spring = days("2025-01-01", "2025-04-30")
    asked = ("--from", "2025-01-01", "--to", "2025-04-30", "--json")

    assert json.loads(show("overview", *asked)) == to_json(metrics.overview(warehouse, shop, spring))
    assert json.loads(show("metrics", *asked, "--by", "week")) == to_json(metrics.report(warehouse, shop, spring, "week"))
    assert json.loads(show("retention", *asked)) == to_json(retention.retention(warehouse, shop, spring))
    assert json.loads(show("rfm", "--json")) == to_json(rfm.report(warehouse, shop))
    assert json.loads(show("lifecycle", *asked)) == to_json(lifecycle.report(warehouse, shop, period=spring))
    assert json.loads(show("customers", "--json", "--lang", "zh")) == to_json(
        profiles.search(warehouse, shop, limit=20, language="zh")
    )
    assert json.loads(show("customers", "ann", "--json")) == to_json(profiles.customer(warehouse, shop, "ann"))
    assert json.loads(show("act-on", "--json")) == to_json(next_purchase.act_on(warehouse, shop, limit=20))


def test_every_report_prints_a_screen_in_both_languages(show: Show) -> None:
    for report, language in product(REPORTS, ("en", "zh")):
        text = show(report, "--lang", language)

        assert text.strip()
        assert any("一" <= sign <= "龥" for sign in text) == (language == "zh"), (report, text)
        assert max(len(line.rstrip()) for line in text.splitlines()) <= 140


def test_the_overview_ends_with_who_is_overdue(show: Show) -> None:
    text = show("overview")

    assert "Tea House" in text
    assert "1 customer should have ordered by now" in text
    assert "ann  Usually ordered every 15 days (8 orders)" in text


def test_a_customer_page_tells_its_story(show: Show) -> None:
    text = show("customers", "ann")

    for words in ("Usually every 15 days", "Next order: ", "The green", "order a7"):
        assert words in text


def test_names_from_the_data_cannot_steer_the_terminal(show: Show) -> None:
    assert "\x1b" not in show("customers")


def test_csv_writes_the_whole_list_beside_the_caller(show: Show, tmp_path: Path) -> None:
    assert show("act-on", "--csv", "today.csv", "--limit", "1") == ""
    show("customers", "--csv", "all.csv", "--limit", "1")
    show("metrics", "--csv", "metrics.csv")

    rows = list(csv.DictReader((tmp_path / "today.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["customer_id"] for row in rows] == ["ann"]
    assert len((tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()) == 4
    assert (tmp_path / "metrics.csv").read_text(encoding="utf-8-sig").startswith("kind,start_on")
    assert not list(tmp_path.glob(".*.part"))


def test_what_cannot_be_shown_is_said_in_a_sentence(show: Show) -> None:
    for words, sentence in (
        (("overview", "--from", "yesterday"), "is not a date"),
        (("metrics", "--by", "hour"), "use one of day, week, month"),
        (("retention", "--by", "day"), "use one of week, month"),
        (("customers", "nobody"), "no customer 'nobody'"),
        (("customers", "--segment", "kings"), "no segment 'kings'"),
        (("act-on", "--min-value", "lots"), "is not an amount"),
        (("act-on", "--status", "late"), "no status 'late'"),
        (("act-on", "--csv", "no/such/folder/x.csv"), "cannot be written"),
        (("rfm", "--shop", "other"), "no shop 'other'"),
        (("rfm", "--lang", "fr"), "use one of zh, en"),
    ):
        said = show(*words, exit_code=1)

        assert said.startswith("regulars: ")
        assert sentence in said.lower()


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_takes_days_and_a_shop(show: Show, report: str) -> None:
    answer = json.loads(show(report, "--json", "--from", "2025-06-01", "--to", "2025-06-30", "--shop", "tea"))

    assert answer["currency"] == "CNY"


def test_days_narrow_the_lists_to_those_who_ordered_then(show: Show) -> None:
    """ann ordered from January to April, ben twice in June, a third once in June; only ann is late."""
    june, april = ("--from", "2025-06-01", "--to", "2025-06-30"), ("--from", "2025-04-01", "--to", "2025-04-30")

    def counted(report: str, field: str, days: tuple[str, ...]) -> int:
        return int(json.loads(show(report, "--json", *days))[field])

    assert [counted("customers", "total", days) for days in (june, april, ())] == [2, 1, 3]
    assert [counted("rfm", "customers", days) for days in (june, april, ())] == [2, 1, 3]
    assert [counted("act-on", "total", days) for days in (june, april, ())] == [0, 1, 1]
    assert json.loads(show("rfm", "--json", *june))["thresholds"] == json.loads(show("rfm", "--json"))["thresholds"]
    assert "are for the list" in show("customers", "ann", *june, exit_code=1)


def test_a_fault_of_ours_is_a_sentence_too(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("regulars.understand.metrics.overview", fails)

    said = show("overview", exit_code=1)

    assert "went wrong on our side (ZeroDivisionError)" in said
    assert "Traceback" not in said


def test_a_fault_of_ours_with_the_records_is_told_in_their_words(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        sqlite3.connect(":memory:").execute("SELECT * FROM missing")

    monkeypatch.setattr("regulars.understand.metrics.overview", fails)

    said = show("overview", exit_code=1)

    assert "(OperationalError: SQLITE_ERROR, no such table: missing)" in said
