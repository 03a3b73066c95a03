"""Members as questions: of a tree not stored yet, of stored segments with who came and went, and how segments overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.segments.queries.belonging import Judged, belongs
from regulars.understand.segments.queries.bits import BITS
from regulars.warehouse import unbound


def of_one(judged: Judged, segment_id: str) -> ir.Table:
    """The `customer_id` of every member, as its tree says."""
    rows = judged.rows
    return rows.filter(rows.known.notnull() & belongs(judged, segment_id)).select("customer_id")


def counted(judged: Judged, segment_id: str) -> ir.Table:
    """How many a tree holds, and of how many."""
    rows = judged.rows.filter(judged.rows.known.notnull())
    inside = rows.select(inside=belongs(replace(judged, rows=rows), segment_id))
    return inside.aggregate(customers=inside.inside.cast("int64").sum(), everybody=inside.count())


def came_and_went(judged: Judged, segments: Sequence[str]) -> ir.Table:
    """Customers whose membership changes: for each segment `was{i}` and `is{i}`, in one pass over the rows."""
    rows = judged.rows
    inside = {segment_id: (rows.known.notnull() & belongs(judged, segment_id)).fill_null(False) for segment_id in segments}
    words = [list(enumerate(segments))[start : start + BITS] for start in range(0, len(segments), BITS)]
    made: dict[str, ir.Value] = {}
    for k, some in enumerate(words):
        made[f"was_word{k}"] = _word([rows[judged.listed[segment_id]] for _, segment_id in some])
        made[f"is_word{k}"] = _word([inside[segment_id] for _, segment_id in some])
    found = rows.select("customer_id", **made)
    found = found.filter(reduce(lambda a, b: a | b, (found[f"was_word{k}"] != found[f"is_word{k}"] for k in range(len(words)))))
    apart = {
        f"{what}{i}": ((found[f"{what}_word{k}"] >> bit) & 1) == 1
        for k, some in enumerate(words)
        for bit, (i, _) in enumerate(some)
        for what in ("was", "is")
    }
    return found.select("customer_id", **apart)


def _word(tests: Sequence[ir.BooleanValue]) -> ir.IntegerValue:
    """The tests as bits of a number, the first the lowest."""
    return reduce(lambda a, b: a + b, (test.cast("int64") * (1 << bit) for bit, test in enumerate(tests)))


def stored(shop_id: str, segment_id: str) -> ir.Table:
    """Who is in a segment now, as last evaluated."""
    members = unbound("segment_members")
    return members.filter(members.shop_id == shop_id, members.segment_id == segment_id)


def sizes(shop_id: str) -> ir.Table:
    """How many customers each segment has now."""
    members = unbound("segment_members")
    members = members.filter(members.shop_id == shop_id)
    return members.group_by("segment_id").aggregate(customers=members.count())


def overlap(shop_id: str, segments: Sequence[str]) -> ir.Table:
    """How many customers are in exactly this combination: `code` is the sum of 2 to the power of the places of those they are in."""
    codes = _codes(shop_id, segments)
    return codes.group_by("code").aggregate(customers=codes.count())


def in_combination(shop_id: str, segments: Sequence[str], codes: Sequence[int]) -> ir.Table:
    """The customers whose combination is one of these."""
    rows = _codes(shop_id, segments)
    return rows.filter(rows.code.isin(list(codes))).select("customer_id")


def _codes(shop_id: str, segments: Sequence[str]) -> ir.Table:
    members = unbound("segment_members")
    members = members.filter(members.shop_id == shop_id, members.segment_id.isin(list(segments)))
    place = ibis.cases(*[(members.segment_id == one, 1 << i) for i, one in enumerate(segments)], else_=0)
    return members.mutate(place=place).group_by("customer_id").aggregate(code=lambda rows: rows.place.sum().cast("int64"))


def members_at(shop_id: str, segment_id: str, moment: ir.TimestampScalar) -> ir.Table:
    """Who was in a segment at an instant, by what was written down of coming and going."""
    changes = unbound("segment_changes")
    changes = changes.filter(changes.shop_id == shop_id, changes.segment_id == segment_id, changes.at <= moment)
    last = ibis.row_number().over(
        ibis.window(group_by=changes.customer_id, order_by=[changes.at.desc(), changes.entered.cast("int64").desc()])
    )
    changes = changes.mutate(place=last)
    return changes.filter((changes.place == 0) & changes.entered).select("customer_id")
