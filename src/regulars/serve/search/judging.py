"""What people think of products for a query, kept: files of judgements in and out, for the relevance lab."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from regulars.access import audit
from regulars.errors import InvalidInput
from regulars.serve.search.domain.text import folded
from regulars.serve.search.tables import search_judgement
from regulars.values import clock
from regulars.values.csv import Table

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

MOST, HIGHEST = 100_000, 10.0
_LONGEST, _AT_ONCE, _TOLD_WRONG = 200, 1_000, 10
#: What files call the three columns.
_NAMES = {
    "query": ("query", "search_term", "keyword", "搜索词", "查询", "查询词"),
    "product_id": ("product_id", "product", "product_uid", "sku", "商品编号", "商品id", "商品"),
    "grade": ("grade", "relevance", "judgement", "judgment", "label", "rating", "相关性", "评分", "等级"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well a product answers a query: 0 not at all, the higher the better."""

    query: str
    product_id: str
    grade: float


@dataclass(frozen=True, slots=True)
class JudgementsKept:
    """What a file of judgements brought: `taken` rows, of which `changed` are new or other than before; and what there is now."""

    taken: int
    changed: int
    queries: int
    judgements: int


def keep(uow: UnitOfWork, caller: Caller, shop_id: str, text: str, *, replace: bool = False) -> JudgementsKept:
    """Take in a CSV file with the columns query, product_id and grade; the same file again changes nothing.

    Parameters
    ----------
    replace : what is not in the file is forgotten.

    Raises
    ------
    InvalidInput : a column is missing, or lines cannot be read; then nothing of the file is kept.
    """
    caller.demand("manage_reports")
    caller.demand_shop(shop_id)
    told = parse(text)
    before = {(one.query, one.product_id): one.grade for one in listing(uow, shop_id)}
    fresh = {(one.query, one.product_id): one.grade for one in told}
    after = fresh if replace else {**before, **fresh}
    if len(after) > MOST:
        raise InvalidInput(f"more than {MOST:,} judgements", mend="delete some queries from the file", code="too_many_judgements")
    changed = sum(before.get(key) != grade for key, grade in fresh.items())
    if after != before:
        _write(uow, caller, shop_id, after)
        told_of = {"taken": len(fresh), "changed": changed, "judgements": len(after), "replace": replace}
        audit.record(uow, caller, "search_judgements.kept", shop_id, after=told_of, shop_id=shop_id)
    return JudgementsKept(len(fresh), changed, len({query for query, _ in after}), len(after))


def remove(uow: UnitOfWork, caller: Caller, shop_id: str) -> None:
    """Forget all judgements of a shop."""
    caller.demand("manage_reports")
    caller.demand_shop(shop_id)
    uow.execute(delete(search_judgement).where(search_judgement.c.shop_id == shop_id))
    audit.record(uow, caller, "search_judgements.deleted", shop_id, shop_id=shop_id)


def listing(uow: UnitOfWork, shop_id: str) -> list[Judgement]:
    """All judgements of a shop, by query, the best first."""
    own = search_judgement.c
    asked = select(own.query, own.product_id, own.grade).where(own.shop_id == shop_id)
    return [Judgement(**row) for row in uow.rows(asked.order_by(own.query, own.grade.desc(), own.product_id))]


def by_query(uow: UnitOfWork, shop_id: str) -> dict[str, dict[str, float]]:
    """The grades of products by query."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for one in listing(uow, shop_id):
        found[one.query][one.product_id] = one.grade
    return dict(found)


def table(judgements: Sequence[Judgement]) -> Table:
    """As a file that can be taken in again."""
    return Table(("query", "product_id", "grade"), tuple((one.query, one.product_id, f"{one.grade:g}") for one in judgements))


def parse(text: str) -> list[Judgement]:
    """The judgements of a CSV file, with commas, semicolons or tabs."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    places = _columns(next(rows, []))
    found: dict[tuple[str, str], tuple[float, int]] = {}
    wrong: list[str] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        what = _wrong(row, places)
        if what is None:
            query, product_id, grade = (row[places[name]].strip().removeprefix("'") for name in _NAMES)
            key = (folded(query), product_id)
            earlier = found.setdefault(key, (float(grade), rows.line_num))
            if earlier[0] != float(grade):
                what = f"the same query and product have another grade in line {earlier[1]}"
        if what is not None:
            wrong.append(f"line {rows.line_num}: {what}")
        if len(found) > MOST:
            raise InvalidInput(f"more than {MOST:,} judgements", mend="send fewer lines", code="too_many_judgements")
    if wrong:
        more = f" (and {len(wrong) - _TOLD_WRONG} more)" if len(wrong) > _TOLD_WRONG else ""
        raise InvalidInput(
            "; ".join(wrong[:_TOLD_WRONG]) + more,
            mend="mend these lines and send the file again; nothing was kept",
            code="bad_judgements",
        )
    if not found:
        raise InvalidInput("the file has no judgements", mend="give a line for each query and product", code="bad_judgements")
    return [Judgement(query, product_id, grade) for (query, product_id), (grade, _) in found.items()]


def text_of(raw: bytes) -> str:
    """A file's text.

    Raises
    ------
    InvalidInput : it is not in UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("the file is not in UTF-8", mend="save it as CSV in UTF-8", code="bad_judgements") from None


def _columns(heads: Sequence[str]) -> Mapping[str, int]:
    told = [head.strip().lower() for head in heads]
    places = {name: next((told.index(one) for one in names if one in told), -1) for name, names in _NAMES.items()}
    missing = [name for name, place in places.items() if place < 0]
    if missing:
        raise InvalidInput(
            f"the file has no column {' and no column '.join(missing)}",
            mend="begin it with a line that names the columns: query,product_id,grade",
            code="bad_judgements",
        )
    return places


def _wrong(row: Sequence[str], places: Mapping[str, int]) -> str | None:
    """What is wrong with a line; None: nothing."""
    if len(row) <= max(places.values()):
        return "it has too few columns"
    query, product_id, grade = (row[places[name]].strip() for name in _NAMES)
    if not folded(query) or not product_id:
        return "the query or the product is empty"
    if len(folded(query)) > _LONGEST or len(product_id) > _LONGEST:
        return f"the query or the product is longer than {_LONGEST} characters"
    try:
        good = 0 <= float(grade) <= HIGHEST
    except ValueError:
        good = False
    return None if good else f"the grade '{grade[:20]}' is no number from 0 to {HIGHEST:g}"


def _write(uow: UnitOfWork, caller: Caller, shop_id: str, after: Mapping[tuple[str, str], float]) -> None:
    at, by = clock.now(), f"{caller.kind}:{caller.id}"
    uow.execute(delete(search_judgement).where(search_judgement.c.shop_id == shop_id))
    values = [
        {"shop_id": shop_id, "query": query, "product_id": product_id, "grade": grade, "made_at": at, "made_by": by}
        for (query, product_id), grade in after.items()
    ]
    for begin in range(0, len(values), _AT_ONCE):
        uow.execute(insert(search_judgement), values[begin : begin + _AT_ONCE])


__all__ = ["MOST", "Judgement", "JudgementsKept", "by_query", "keep", "listing", "parse", "remove", "table", "text_of"]
