"""A load that was cut off is finished when the warehouse holds it, and undone when it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from regulars.collect.imports import loading, recovery, service
from regulars.collect.imports.tables import bad_row
from regulars.collect.imports.tables import load as load_table
from regulars.errors import StorageFull
from regulars.records import outbox
from tests.collect.imports.conftest import Desk

TEXT = "order_id,ordered_at,customer_id,product_name,quantity,unit_price\n1,2024-01-13,c1,Tea,2,5\n2,2024-02-31,c2,Tea,1,5\n"


class Cut(BaseException):
    """The process ends here."""


def cut_at(monkeypatch: pytest.MonkeyPatch, module: object, name: str, *, after: bool) -> None:
    """End the process before or after a step; nothing of ours runs any more."""
    real: Callable[..., object] = getattr(module, name)

    def step(*arguments: object, **more: object) -> object:
        if after:
            real(*arguments, **more)
        raise Cut

    monkeypatch.setattr(module, name, step)
    monkeypatch.setattr(recovery, "take_back", lambda *_arguments, **_more: None)


@pytest.mark.parametrize(
    ("name", "after"),
    [("prepare", False), ("prepare", True), ("_remember", True), ("commit", False), ("commit", True), ("finish", False)],
)
def test_a_load_cut_off_anywhere_is_whole_or_not_there_after_a_restart(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    path = desk.file("a.csv", TEXT)
    with monkeypatch.context() as patch:
        cut_at(patch, loading, name, after=after)
        with pytest.raises(Cut):
            desk.load(path)

    found = service.recover(desk.records, desk.warehouse, desk.home)

    committed = (name, after) in (("commit", True), ("finish", False))
    assert (len(found.finished), len(found.undone)) == ((1, 0) if committed else (0, 1))
    assert len(desk.rows("orders")) == int(committed)
    with desk.records.reading() as uow:
        assert len(uow.rows(select(bad_row))) == int(committed)
        told = [row["event"] for row in uow.rows(select(outbox).order_by(outbox.c.position)) if "Load" in row["event"]]
        assert told == (["Orders Loaded"] if committed else ["Load Undone"])
    assert desk.findings() == []

    again = desk.load(path)
    assert (again.already_loaded is not None) is committed
    assert len(desk.rows("orders")) == 1
    assert desk.findings() == []


def test_a_finished_load_tells_what_it_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        cut_at(patch, loading, "finish", after=False)
        with pytest.raises(Cut):
            desk.load_text(TEXT)

    [load_id] = service.recover(desk.records, desk.warehouse, desk.home).finished

    with desk.records.reading() as uow:
        report = service.load_report(uow, desk.shop.shop_id, load_id)
    assert report is not None
    assert (report.status, report.changes["orders"].inserted) == ("done", 1)


def test_a_failing_load_leaves_nothing_and_says_why(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise StorageFull("the disk is full while writing to the warehouse", mend="free some space")

    with monkeypatch.context() as patch:
        patch.setattr(loading, "commit", full)
        with pytest.raises(StorageFull):
            desk.load_text(TEXT)

    assert desk.rows("orders") == []
    assert not list((desk.home / "imports").glob("*/*"))
    with desk.records.reading() as uow:
        [row] = uow.rows(select(load_table))
        assert (row["status"], row["error"]) == ("failed", "the disk is full while writing to the warehouse. Free some space.")
    assert desk.load_text(TEXT).rows_by_outcome["loaded"] == 1
    assert desk.findings() == []


def test_someone_who_stops_a_load_leaves_nothing(desk: Desk) -> None:
    class Stopped(Exception):
        """Asked to stop."""

    def tell(note: str, _done: int | None, _total: int | None) -> None:
        if note == "archive":
            raise Stopped

    with pytest.raises(Stopped):
        service.load(
            desk.records, desk.warehouse, desk.home, desk.shop, "orders", [desk.file("a.csv", TEXT)], caller=desk.caller, tell=tell
        )

    assert desk.rows("orders") == []
    assert desk.findings() == []
    assert not list((desk.home / "scratch").glob("*"))
