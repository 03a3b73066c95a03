"""Batches of coupons: millions of codes made in short transactions that keep no quote waiting, exported, opened for claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from regulars.access import audit
from regulars.access.domain import Caller, Shop
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.events import CouponsMade
from regulars.offer.promotions.codes import new_codes
from regulars.offer.promotions.coupons import Coupon, coupons_of, open_batch
from regulars.offer.promotions.domain.offers import code_of
from regulars.offer.promotions.tables import coupon, coupon_batch
from regulars.values import clock
from regulars.values.csv import csv_lines
from regulars.work import enqueue

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import Records, UnitOfWork

Origin = Literal["generated", "imported", "issued", "claimed"]
MAKE = "promotions.make_coupons"
MOST_CODES = 20_000_000
#: So many codes are made in the request itself; more are a job.
AT_ONCE = 5_000
#: So many codes are written in one transaction, for a tenth of a second or so.
CHUNK = 20_000
_PREFIX = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}|")
COLUMNS = ("code", "promotion_id", "state", "customer_id", "issued_at", "ends_at", "order_id", "used_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch: how many codes are wanted, made, used; `stock` where customers claim from it."""

    batch_id: str
    promotion_id: str
    name: str
    origin: Origin
    prefix: str
    wanted: int
    made: int
    used: int | None
    stock: int | None
    per_customer: int | None
    claimed: int
    ends_at: datetime | None
    valid_days: int | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    error: str | None


def generate(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    promotion_id: str,
    *,
    many: int,
    name: str = "",
    prefix: str = "",
    ends_at: datetime | None = None,
) -> Batch:
    """Make codes that belong to nobody yet: a few at once, many by a job that `batch` tells the progress of.

    Raises
    ------
    NotAllowed : the caller may not manage offers.
    InvalidInput : an impossible number or prefix, or a promotion whose coupons are not of this kind.
    """
    may_give(caller, shop.shop_id)
    if not 1 <= many <= MOST_CODES:
        raise InvalidInput(f"{many} codes cannot be made", mend=f"ask for 1 to {MOST_CODES}", code="bad_number")
    start = _prefix(prefix)
    batch_id = open_batch(
        uow, caller, shop.shop_id, promotion_id, origin="generated", name=name, wanted=many, prefix=start, ends_at=ends_at
    )
    audit.record(uow, caller, "coupons.made", batch_id, after={"promotion": promotion_id, "codes": many}, shop_id=shop.shop_id)
    if many <= AT_ONCE:
        _make_some(uow, batch_row(uow, shop.shop_id, batch_id), many)
    else:
        enqueue(uow, MAKE, {"batch_id": batch_id}, shop_id=shop.shop_id, key=f"{MAKE}:{batch_id}")
    return batch(uow, shop.shop_id, batch_id)


def open_for_claims(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    promotion_id: str,
    *,
    stock: int,
    per_customer: int | None = 1,
    name: str = "",
    prefix: str = "",
    ends_at: datetime | None = None,
    valid_days: int | None = None,
) -> Batch:
    """Let customers claim coupons: so many in all, so many each; a code is made when it is claimed."""
    may_give(caller, shop.shop_id)
    if not 1 <= stock <= MOST_CODES or (per_customer is not None and not 1 <= per_customer <= 1000):
        raise InvalidInput(
            "stock or share of a customer cannot be given", mend=f"give a stock of 1 to {MOST_CODES}", code="bad_number"
        )
    batch_id = open_batch(
        uow,
        caller,
        shop.shop_id,
        promotion_id,
        origin="claimed",
        name=name,
        wanted=stock,
        prefix=_prefix(prefix),
        stock=stock,
        per_customer=per_customer,
        ends_at=ends_at,
        valid_days=valid_days,
    )
    audit.record(uow, caller, "coupons.opened", batch_id, after={"promotion": promotion_id, "stock": stock}, shop_id=shop.shop_id)
    return batch(uow, shop.shop_id, batch_id)


def make_all(records: Records, shop_id: str, batch_id: str, told: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Make what a batch still lacks, a short transaction after the other; killed in the middle, it goes on where it was."""
    while True:
        with records.unit() as uow:
            row = batch_row(uow, shop_id, batch_id)
            many = min(CHUNK, row["wanted"] - row["made"])
            if many <= 0:
                return int(row["made"])
            _make_some(uow, row, many)
        told(row["made"] + many, row["wanted"])


def _make_some(uow: UnitOfWork, row: RowMapping, many: int) -> None:
    """Write codes and how many there are in one transaction; a code that is there already, by a chance nobody will see, is drawn again."""
    for attempt in range(3):
        try:
            with uow.connection.begin_nested():
                _write(uow, row, new_codes(many, row["prefix"]))
            break
        except IntegrityError:
            if attempt == 2:
                raise
    done = row["made"] + many
    finished = done >= row["wanted"]
    uow.execute(
        update(coupon_batch)
        .where(coupon_batch.c.batch_id == row["batch_id"])
        .values(made=done, finished_at=clock.now() if finished else None)
    )
    if finished:
        uow.tell(
            CouponsMade(shop_id=row["shop_id"], promotion_id=row["promotion_id"], batch_id=row["batch_id"], coupons=row["wanted"])
        )


def _write(uow: UnitOfWork, row: RowMapping, codes: Sequence[str]) -> None:
    """The fastest way each store has to take many rows: COPY, or one prepared statement."""
    now = clock.now()
    same = (row["shop_id"], row["promotion_id"], row["batch_id"], "open")
    names = "shop_id, promotion_id, batch_id, state, issued_at, ends_at, code"
    if uow.dialect == "postgresql":
        driver: Any = uow.connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY coupon ({names}) FROM STDIN") as copy:
            for code in codes:
                copy.write_row((*same, now, row["ends_at"], code))
        return
    times = [
        None if at is None else at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") for at in (now, row["ends_at"])
    ]
    uow.connection.exec_driver_sql(
        f"INSERT INTO coupon ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", [(*same, *times, code) for code in codes]
    )


def batch(uow: UnitOfWork, shop_id: str, batch_id: str) -> Batch:
    """One batch, its used coupons counted.

    Raises
    ------
    NotFound : there is none of that id.
    """
    row = batch_row(uow, shop_id, batch_id)
    used = uow.value(
        select(func.count())
        .select_from(coupon)
        .where(coupon.c.shop_id == shop_id, coupon.c.batch_id == batch_id, coupon.c.state == "used")
    )
    return _batch(row, used=int(used or 0))


def batches(uow: UnitOfWork, shop_id: str, promotion_id: str | None = None, *, limit: int = 200) -> list[Batch]:
    """Batches, the newest first; how many are used is counted for one batch only."""
    rows = uow.rows(
        select(coupon_batch)
        .where(coupon_batch.c.shop_id == shop_id, *([coupon_batch.c.promotion_id == promotion_id] if promotion_id else []))
        .order_by(coupon_batch.c.created_at.desc(), coupon_batch.c.batch_id)
        .limit(limit)
    )
    return [_batch(row) for row in rows]


def page(uow: UnitOfWork, shop_id: str, batch_id: str, *, after: str = "", limit: int = 100) -> list[Coupon]:
    """Coupons of a batch in the order of their codes, after one of them; one more than asked where there are more."""
    return coupons_of(uow, shop_id, _page(uow, shop_id, batch_id, after, limit + 1))


def export(records: Records, shop_id: str, batch_id: str) -> Iterator[str]:
    """A batch as CSV, in pieces."""
    with records.reading() as uow:
        batch_row(uow, shop_id, batch_id)

    def rows() -> Iterator[Sequence[object]]:
        after = ""
        while True:
            with records.reading() as uow:
                some = _page(uow, shop_id, batch_id, after, 5000)
            yield from ([row[name] for name in COLUMNS] for row in some)
            if len(some) < 5000:
                return
            after = some[-1]["code"]

    return csv_lines(COLUMNS, rows())


def void(uow: UnitOfWork, caller: Caller, shop_id: str, code: str) -> Coupon:
    """Make one coupon worthless that is not used yet; a void one stays void.

    Raises
    ------
    Conflict : it is used already.
    """
    may_give(caller, shop_id)
    plain = code_of(code)
    mine = (coupon.c.shop_id == shop_id) & (coupon.c.code == plain)
    changed = uow.execute(update(coupon).where(mine, coupon.c.state != "used").values(state="void"))
    rows = uow.rows(select(coupon).where(mine))
    if not rows:
        raise NotFound("there is no such coupon", mend="look the code up in its batch", code="no_such_coupon")
    if not changed.rowcount:
        raise Conflict("the coupon is used already", mend="return its order instead", code="coupon_used")
    audit.record(uow, caller, "coupon.voided", rows[0]["batch_id"], shop_id=shop_id)
    return coupons_of(uow, shop_id, rows)[0]


def _page(uow: UnitOfWork, shop_id: str, batch_id: str, after: str, limit: int) -> list[RowMapping]:
    mine = (coupon.c.shop_id == shop_id) & (coupon.c.batch_id == batch_id) & (coupon.c.code > after)
    return uow.rows(select(coupon).where(mine).order_by(coupon.c.code).limit(limit))


def batch_row(uow: UnitOfWork, shop_id: str, batch_id: str) -> RowMapping:
    """The row of a batch, or the answer that there is none."""
    row = uow.one(select(coupon_batch).where(coupon_batch.c.shop_id == shop_id, coupon_batch.c.batch_id == batch_id))
    if row is None:
        raise NotFound(f"there is no batch '{batch_id[:80]}'", mend="list them with `GET /v1/coupon-batches`", code="no_such_batch")
    return row


def _batch(row: RowMapping, used: int | None = None) -> Batch:
    return Batch(**{name: row[name] for name in Batch.__slots__ if name != "used"}, used=used)


def _prefix(text: str) -> str:
    plain = code_of(text)
    if not _PREFIX.fullmatch(plain):
        raise InvalidInput("this cannot begin a code", mend="use A-Z, 0-9 and -, at most 20", code="bad_prefix")
    return plain


def may_give(caller: Caller, shop_id: str) -> None:
    """Refuse who may not manage offers."""
    caller.demand("manage_offers")
    caller.demand_shop(shop_id)
