"""Why is a customer in a segment, or not: each condition with what was found of the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import ibis.expr.types as ir

from regulars.errors import NotFound
from regulars.understand.questions import Desk
from regulars.understand.segments import judging, shelf
from regulars.understand.segments.domain.kept import Segment
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.domain.tree import All, AnyOf, Leaf, Node, Not, Stopped, leaves
from regulars.understand.segments.queries import members
from regulars.understand.segments.queries.belonging import Judged, belongs, holds, since, value
from regulars.understand.segments.words import leaf_sentence

_DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A condition or a group: whether it holds, in words, and of a condition what was found."""

    kind: Literal["all", "any", "not", "condition"]
    holds: bool
    text: str
    value: str | float | bool | datetime | None = None
    parts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Whether a customer is in a segment now, since when it is stored so, and the reasons; without any for a list."""

    segment_id: str
    customer_id: str
    as_of: datetime
    is_member: bool
    entered_at: datetime | None
    known_only: bool
    is_known: bool
    reason: Reason | None


def explain(desk: Desk, one: Segment, known: Mapping[str, Segment], customer_id: str, language: str = "en") -> Explained:
    """The reasons of one customer, judged now.

    Raises
    ------
    NotFound : the shop knows no such customer.
    """
    moment = judging.as_of(desk)
    stored = members.stored(desk.shop.shop_id, one.segment_id)
    row = desk.warehouse.rows(stored.filter(stored.customer_id == customer_id).select("entered_at"))
    entered_at = row[0]["entered_at"].replace(tzinfo=UTC) if row else None
    if one.kind != "dynamic" or one.where_tree is None:
        return Explained(
            segment_id=one.segment_id, customer_id=customer_id, as_of=moment, is_member=bool(row), entered_at=entered_at,
            known_only=False, is_known=True, reason=None,
        )  # fmt: skip
    wanted = definition(one.where_tree, desk.shop.timezone, known_only=one.known_only)
    others, listed = shelf.needed(wanted, known, desk.shop)
    judged = judging.judge(desk, {**others, _DRAFT: wanted}, listed, at=moment, counted=True)
    found = _of_one(desk, judged, wanted.tree, customer_id)
    if found is None:
        raise NotFound(f"there is no customer '{customer_id}'", mend="look the customer up first", code="no_such_customer")
    return Explained(
        segment_id=one.segment_id,
        customer_id=customer_id,
        as_of=moment,
        is_member=bool(found["member"]),
        entered_at=entered_at,
        known_only=one.known_only,
        is_known=bool(found["known"]),
        reason=_reason(wanted.tree, found, _numbered(wanted.tree), language),
    )


def _of_one(desk: Desk, judged: Judged, tree: Node, customer_id: str) -> dict[str, Any] | None:
    rows = judged.rows.filter(judged.rows.customer_id == customer_id, judged.rows.known.notnull())
    here = replace(judged, rows=rows)
    made: dict[str, ir.Value] = {"known": rows.known > 0, "member": belongs(here, _DRAFT)}
    for leaf, i in _numbered(tree).items():
        made[f"h{i}"] = holds(here, leaf)
        made[f"v{i}"] = value(here, leaf)
        if isinstance(leaf, Stopped):
            made[f"s{i}"] = since(here, leaf)
    found = desk.warehouse.rows(rows.select(**made).limit(1))
    return found[0] if found else None


def _numbered(tree: Node) -> dict[Leaf, int]:
    return {leaf: i for i, leaf in enumerate(dict.fromkeys(leaves(tree)))}


def _reason(node: Node, found: Mapping[str, Any], number: Mapping[Leaf, int], language: str) -> Reason:
    zh = language == "zh"
    match node:
        case All(of) | AnyOf(of):
            parts = tuple(_reason(one, found, number, language) for one in of)
            every = isinstance(node, All)
            true = all(one.holds for one in parts) if every else any(one.holds for one in parts)
            text = ("全部满足" if zh else "all of these") if every else ("满足任一" if zh else "any of these")
            return Reason(kind="all" if every else "any", holds=true, text=text, parts=parts)
        case Not(of):
            part = _reason(of, found, number, language)
            return Reason(kind="not", holds=not part.holds, text="不满足" if zh else "not this", parts=(part,))
        case _:
            i = number[node]
            said = found[f"v{i}"]
            if isinstance(said, datetime):
                said = said.replace(tzinfo=UTC)
            if isinstance(node, Stopped) and found[f"s{i}"]:
                said = f"{said:g} 次；最近 {found[f's{i}']:g} 次" if zh else f"{said:g} before, {found[f's{i}']:g} since"
            return Reason(kind="condition", holds=bool(found[f"h{i}"]), text=leaf_sentence(node, language), value=_tidy(said))


def _tidy(said: Any) -> Any:
    return round(said, 6) if isinstance(said, float) else said.strip(",") if isinstance(said, str) else said
