"""Saved reports, dashboards and notes: kept under names, changed, thrown away with what hangs on them; seen in one shop only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, Keyring, shops
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.records import Records
from regulars.understand.questions import Desk
from regulars.understand.reports import boards, shelf
from regulars.warehouse import Warehouse

ORDERS = {"metric": "orders", "interval": "month"}


@pytest.fixture
def shell(home: object) -> Caller:
    return Caller.system("shell", Keyring.open(home))  # type: ignore[arg-type]


@pytest.fixture
def a_desk(any_records: Records, warehouse: Warehouse, shell: Caller) -> Desk:
    with any_records.unit() as uow:
        shops.create(uow, shell, shop_id="cups", name="Cups", timezone="UTC", currency="CNY")
        return Desk(warehouse, shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY"))


def test_a_report_is_kept_by_name_and_opened_by_it(any_records: Records, a_desk: Desk, shell: Caller) -> None:
    with any_records.unit() as uow:
        kept = shelf.save(uow, shell, a_desk, name="  Orders by  month ", kind="metric", question=ORDERS, folder="Weekly")

    with any_records.reading() as view:
        assert shelf.get(view, "tea", "Orders by month") == shelf.get(view, "tea", kept.report_id) == kept
        assert [one.name for one in shelf.listing(view, "tea")] == ["Orders by month"]
        assert shelf.listing(view, "cups") == []
        with pytest.raises(NotFound):
            shelf.get(view, "cups", kept.report_id)


def test_a_name_is_used_once_in_a_shop(any_records: Records, a_desk: Desk, shell: Caller) -> None:
    with any_records.unit() as uow:
        shelf.save(uow, shell, a_desk, name="Orders", kind="metric", question=ORDERS)
    with pytest.raises(Conflict), any_records.unit() as uow:
        shelf.save(uow, shell, a_desk, name="Orders", kind="metric", question=ORDERS)


def test_a_question_that_cannot_be_understood_is_not_kept(any_records: Records, a_desk: Desk, shell: Caller) -> None:
    with any_records.unit() as uow:
        kept = shelf.save(uow, shell, a_desk, name="Orders", kind="metric", question=ORDERS)
    for kind, question in (("metric", {"metric": "profit"}), ("nothing", {})):
        with pytest.raises((InvalidInput, NotFound)), any_records.unit() as uow:
            shelf.save(uow, shell, a_desk, name="Other", kind=kind, question=question)
    with pytest.raises(InvalidInput), any_records.unit() as uow:
        shelf.change(uow, shell, a_desk, kept.report_id, question={"metrics": []})


def test_tiles_follow_a_report_that_changes_and_one_that_goes(any_records: Records, a_desk: Desk, shell: Caller) -> None:
    with any_records.unit() as uow:
        first = shelf.save(uow, shell, a_desk, name="Orders", kind="metric", question=ORDERS)
        second = shelf.save(uow, shell, a_desk, name="Sales", kind="metric", question={"metric": "gmv"})
        tiles = [{"report_id": "Orders", "width": 12}, {"report_id": second.report_id, "height": "tall"}]
        board = boards.make(uow, shell, "tea", name="Board", tiles=tiles)
    assert [(tile.report_id, tile.width, tile.height) for tile in board.tiles] == [
        (first.report_id, 12, "medium"),
        (second.report_id, 6, "tall"),
    ]

    with any_records.unit() as uow:
        shelf.change(uow, shell, a_desk, second.report_id, name="Sales by month", question={"metric": "aov"})
        shelf.throw_away(uow, shell, "tea", first.report_id)

    with any_records.reading() as view:
        assert [tile.report_id for tile in boards.get(view, "tea", "Board").tiles] == [second.report_id]
        assert shelf.get(view, "tea", second.report_id).question == {"metric": "aov"}


def test_a_tile_needs_a_report_and_a_size(any_records: Records, a_desk: Desk, shell: Caller) -> None:
    with pytest.raises(NotFound), any_records.unit() as uow:
        boards.make(uow, shell, "tea", name="Board", tiles=[{"report_id": "nothing"}])
    with any_records.unit() as uow:
        shelf.save(uow, shell, a_desk, name="Orders", kind="metric", question=ORDERS)
    with pytest.raises(InvalidInput), any_records.unit() as uow:
        boards.make(uow, shell, "tea", name="Board", tiles=[{"report_id": "Orders", "width": 5}])


def test_a_note_stands_on_every_axis_or_on_one_board(any_records: Records, a_desk: Desk, shell: Caller) -> None:
    with any_records.unit() as uow:
        board = boards.make(uow, shell, "tea", name="Board")
        everywhere = boards.note(uow, shell, "tea", day=date(2026, 10, 8), text=" Sale  begins ")
        boards.note(uow, shell, "tea", day=date(2026, 10, 1), text="New shop window", dashboard_id="Board")

    with any_records.reading() as view:
        assert [one.text for one in boards.notes(view, "tea")] == ["Sale begins"]
        assert [one.text for one in boards.notes(view, "tea", dashboard_id=board.dashboard_id)] == [
            "New shop window",
            "Sale begins",
        ]
        assert boards.notes(view, "cups") == []

    with any_records.unit() as uow:
        boards.throw_away(uow, shell, "tea", "Board")
        boards.take_back_note(uow, shell, "tea", everywhere.annotation_id)
    with any_records.reading() as view:
        assert boards.notes(view, "tea", dashboard_id=board.dashboard_id) == []


def test_who_only_reads_keeps_nothing(any_records: Records, a_desk: Desk) -> None:
    reader = Caller(kind="operator", id="o", scopes=frozenset({"read_reports"}))
    with pytest.raises(NotAllowed), any_records.unit() as uow:
        shelf.save(uow, reader, a_desk, name="Orders", kind="metric", question=ORDERS)


def test_the_api_keeps_opens_and_throws_away(client_with: Callable[..., TestClient]) -> None:
    client = client_with("read_reports", "manage_reports", "export")
    march = {"metric": "orders", "range": {"from": "2026-03-01", "to": "2026-03-31"}}
    made = client.post("/v1/saved_reports", json={"name": "March", "kind": "metric", "question": march})
    assert made.status_code == 201

    answer = client.get("/v1/saved_reports/March/answer").json()
    assert answer["answer"]["lines"][0]["total"] == 2
    assert client.get("/v1/saved_reports/March/answer?format=csv").text.count("\n") == 32

    board = client.post("/v1/dashboards", json={"name": "Board", "tiles": [{"report_id": "March"}]}).json()
    assert board["tiles"] == [{"report_id": made.json()["report_id"], "width": 6, "height": "medium"}]
    assert client.delete("/v1/saved_reports/March").status_code == 204
    assert client.get(f"/v1/dashboards/{board['dashboard_id']}").json()["tiles"] == []
    assert client.post("/v1/saved_reports", json={"name": "", "kind": "metric", "question": march}).status_code == 400
    assert client_with("read_reports").post("/v1/dashboards", json={"name": "B"}).status_code == 403
