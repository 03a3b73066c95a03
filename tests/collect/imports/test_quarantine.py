"""Bad rows: kept sealed, listed, downloaded without formulas, repaired, and loaded exactly once more."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest

from regulars.collect.imports import quarantine, repairing, service
from regulars.collect.imports.quarantine import BadRow
from regulars.errors import InvalidInput, NotFound
from tests.collect.imports.conftest import Desk

HEAD = "order_id,ordered_at,customer_id,product_name,quantity,unit_price\n"
GOOD = "1,2024-01-13,c1,Tea,2,5\n"
BAD = "2,2024-02-31,c2,=cmd|' /C calc'!A0,1,5\n3,2024-01-15,c3,Cup,two,7\n"


def bad_rows(desk: Desk, load_id: str, **more: object) -> list[BadRow]:
    with desk.records.reading() as uow:
        return quarantine.bad_rows_of(uow, desk.keyring, desk.home, load_id, **more)  # type: ignore[arg-type]


def test_bad_rows_are_listed_with_their_cells_and_reasons(desk: Desk) -> None:
    load = desk.load_text(HEAD + GOOD + BAD)

    first, second = bad_rows(desk, load.load_id or "")
    assert (first.file, first.row, first.reasons) == ("orders.csv", 2, ("date_unreadable",))
    assert first.cells["ordered_at"] == "2024-02-31"
    assert (second.row, second.reasons) == (3, ("quantity_unreadable",))
    assert b"2024-02-31" not in (desk.home / "records.sqlite").read_bytes()


def test_repaired_rows_are_added_and_nothing_else_changes(desk: Desk) -> None:
    load = desk.load_text(HEAD + GOOD + BAD)
    first, second = bad_rows(desk, load.load_id or "")
    before = [row for row in desk.rows("orders") if row["order_id"] == "1"]

    repaired = service.repair(
        desk.records,
        desk.warehouse,
        desk.home,
        desk.shop,
        load.load_id or "",
        {first.bad_row_id: {"ordered_at": "2024-02-28"}},
        caller=desk.caller,
    )

    assert repaired.changes["orders"].inserted == 1
    orders = {row["order_id"]: row for row in desk.rows("orders")}
    assert orders["2"]["ordered_at"] == datetime(2024, 2, 27, 16, 0)
    assert [orders["1"]] == before
    assert [row.bad_row_id for row in bad_rows(desk, load.load_id or "")] == [second.bad_row_id]
    [done] = bad_rows(desk, load.load_id or "", state="repaired")
    assert done.repaired_by == repaired.load_id
    assert desk.findings() == []


def test_a_row_still_bad_waits_again_under_its_new_load(desk: Desk) -> None:
    load = desk.load_text(HEAD + GOOD + BAD)
    first = bad_rows(desk, load.load_id or "")[0]

    again = service.repair(
        desk.records,
        desk.warehouse,
        desk.home,
        desk.shop,
        load.load_id or "",
        {first.bad_row_id: {"ordered_at": "2024-02-30"}},
        caller=desk.caller,
    )

    assert again.rows_by_outcome["quarantined"] == 1
    assert [row.cells["ordered_at"] for row in bad_rows(desk, again.load_id or "")] == ["2024-02-30"]


def test_the_download_starts_no_formula_and_comes_back_as_it_was(desk: Desk) -> None:
    load = desk.load_text(HEAD + GOOD + BAD)

    text = repairing.to_csv(bad_rows(desk, load.load_id or ""))

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0]["product_name"] == "'=cmd|' /C calc'!A0"
    assert "date" in rows[0]["regulars_reason"]
    corrected = desk.file("corrected.csv", text.replace("2024-02-31", "2024-02-28").replace("two", "2"))
    service.repair_file(desk.records, desk.warehouse, desk.home, desk.shop, load.load_id or "", corrected, caller=desk.caller)
    lines = {row["order_id"]: row for row in desk.rows("order_lines")}
    assert lines["2"]["product_name"] == "=cmd|' /C calc'!A0"
    assert lines["3"]["amount_minor"] == 1_400
    assert bad_rows(desk, load.load_id or "") == []


def test_very_many_bad_rows_go_to_an_encrypted_file_and_none_is_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "IN_RECORDS", 1_500)
    rows = "".join(f"{number},2024-13-{number % 28 + 1:02d},c{number},Tea,1,5\n" for number in range(4_200))

    load = desk.load_text(HEAD + GOOD.replace("1,", "x,", 1) + rows)

    assert load.rows_by_outcome["quarantined"] == 4_200
    found = bad_rows(desk, load.load_id or "", limit=None)
    assert [row.row for row in found] == list(range(2, 4_202))
    assert b"c4199" not in (desk.home / "quarantine" / str(load.load_id) / "rows.sealed").read_bytes()
    row = found[4_000]
    service.repair(
        desk.records,
        desk.warehouse,
        desk.home,
        desk.shop,
        load.load_id or "",
        {row.bad_row_id: {"ordered_at": "2024-12-01"}},
        caller=desk.caller,
    )
    assert len(bad_rows(desk, load.load_id or "", limit=None)) == 4_199
    with desk.records.reading() as uow:
        assert service.load_summary(uow, desk.home, desk.shop.shop_id, load.load_id or "").bad_rows_open == 4_199


def test_torn_lines_are_quarantined_with_their_text(desk: Desk) -> None:
    load = desk.load_text(HEAD + GOOD + "2,2024-01-14,c2,Tea,1,5,6,7,8\n")

    [row] = bad_rows(desk, load.load_id or "")
    assert row.reasons == ("broken_row",)
    assert "2,2024-01-14,c2,Tea,1,5,6,7,8" in row.cells.values()
    fixed = {
        "order_id": "2",
        "ordered_at": "2024-01-14",
        "customer_id": "c2",
        "product_name": "Tea",
        "quantity": "1",
        "unit_price": "5",
    }
    service.repair(
        desk.records, desk.warehouse, desk.home, desk.shop, load.load_id or "", {row.bad_row_id: fixed}, caller=desk.caller
    )
    assert [order["order_id"] for order in desk.rows("orders")] == ["1", "2"]


def test_repairs_are_refused_in_sentences(desk: Desk) -> None:
    load = desk.load_text(HEAD + GOOD + BAD)
    first = bad_rows(desk, load.load_id or "")[0]

    for edits, error in (({}, InvalidInput), ({"load_x:1": {}}, NotFound), ({first.bad_row_id: {"colour": "red"}}, InvalidInput)):
        with pytest.raises(error) as refused:
            service.repair(desk.records, desk.warehouse, desk.home, desk.shop, load.load_id or "", edits, caller=desk.caller)
        assert refused.value.mend
    assert len(bad_rows(desk, load.load_id or "")) == 2
