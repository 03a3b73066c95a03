"""Codes of another system, taken from a CSV file: all of them or none."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from regulars.access import audit
from regulars.access.domain import Caller, Shop
from regulars.errors import Conflict, InvalidInput
from regulars.events import CouponIssued, CouponsMade
from regulars.offer.promotions.batches import Batch, batch, may_give
from regulars.offer.promotions.coupons import open_batch
from regulars.offer.promotions.domain.offers import code_of
from regulars.offer.promotions.tables import coupon
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

MOST_IMPORTED = 100_000


def import_codes(uow: UnitOfWork, caller: Caller, shop: Shop, promotion_id: str, file: bytes, *, name: str = "") -> Batch:
    """Take codes from a CSV file with the columns `code` and, where it has them, `customer_id` and `ends_at`; all of them or none.

    Raises
    ------
    InvalidInput : a row that cannot be used, named by its line.
    Conflict : one of the codes is there already.
    """
    may_give(caller, shop.shop_id)
    rows = list(_told_codes(file))
    if not 1 <= len(rows) <= MOST_IMPORTED:
        raise InvalidInput(
            f"the file holds {len(rows)} codes", mend=f"give a column `code` and 1 to {MOST_IMPORTED} rows", code="bad_number"
        )
    batch_id = open_batch(uow, caller, shop.shop_id, promotion_id, origin="imported", name=name, wanted=len(rows), made=len(rows))
    now = clock.now()
    columns = {"shop_id": shop.shop_id, "promotion_id": promotion_id, "batch_id": batch_id, "state": "open", "issued_at": now}
    for begin in range(0, len(rows), 1000):
        some = rows[begin : begin + 1000]
        held = uow.rows(
            select(coupon.c.code).where(coupon.c.shop_id == shop.shop_id, coupon.c.code.in_([one["code"] for one in some]))
        )
        if held:
            raise Conflict(f"{len(held)} of the codes are there already", mend="leave them out of the file", code="code_taken")
        uow.execute(insert(coupon), [{**columns, **one, "told_as": one["customer_id"]} for one in some])
    owners = [one["customer_id"] for one in rows if one["customer_id"]]
    uow.tell_all(
        [
            CouponIssued(shop_id=shop.shop_id, customer_id=one, promotion_id=promotion_id, batch_id=batch_id, origin="imported")
            for one in owners
        ]
    )
    if len(owners) < len(rows):
        uow.tell(CouponsMade(shop_id=shop.shop_id, promotion_id=promotion_id, batch_id=batch_id, coupons=len(rows) - len(owners)))
    audit.record(
        uow, caller, "coupons.imported", batch_id, after={"promotion": promotion_id, "codes": len(rows)}, shop_id=shop.shop_id
    )
    return batch(uow, shop.shop_id, batch_id)


def _told_codes(file: bytes) -> Iterator[dict[str, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput("the file is not CSV in UTF-8", mend="save it as CSV (UTF-8)", code="bad_file") from None
    if "code" not in (reader.fieldnames or ()):
        raise InvalidInput("the file has no column `code`", mend="name the column of the codes `code`", code="bad_file")
    seen: set[str] = set()
    for line, row in enumerate(rows, 2):
        code = code_of(row.get("code") or "")
        customer, ends = (row.get("customer_id") or "").strip(), (row.get("ends_at") or "").strip()
        try:
            ends_at = datetime.fromisoformat(ends) if ends else None
        except ValueError:
            ends_at = None
            code = ""
        if (
            not 0 < len(code) <= 64
            or not code.isprintable()
            or code in seen
            or len(customer) > 200
            or (ends_at and not ends_at.tzinfo)
        ):
            raise InvalidInput(
                f"line {line} of the file cannot be used",
                mend="give each line a code of its own of at most 64 characters, and ends such as 2026-12-31T16:00:00Z",
                code="bad_line",
                line=line,
            )
        seen.add(code)
        yield {"code": code, "customer_id": customer or None, "ends_at": ends_at}
