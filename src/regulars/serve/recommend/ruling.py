"""The rules that operators make over all models: kept with who made them and when, and read at every request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, delete, insert, select

from regulars.access import audit
from regulars.errors import NotFound
from regulars.serve.recommend.domain.lists import Placement
from regulars.serve.recommend.domain.rules import Kind, RecommendRule, checked
from regulars.serve.recommend.tables import recommend_rule
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork


def rules(uow: UnitOfWork, shop_id: str) -> list[RecommendRule]:
    """Every rule of a shop, the newest first."""
    table = recommend_rule
    asked = select(table).where(table.c.shop_id == shop_id).order_by(table.c.made_at.desc(), table.c.rule_id)
    return [_rule(row) for row in uow.rows(asked)]


def add_rule(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    *,
    kind: Kind,
    match: Mapping[str, str],
    placement: Placement | None = None,
    slot: int | None = None,
    strength: float = 1.0,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    segment_id: str | None = None,
    note: str = "",
) -> RecommendRule:
    """Make a rule; it holds from the next list on.

    Raises
    ------
    InvalidInput : it cannot mean anything.
    """
    made = drafted(
        caller,
        kind=kind,
        match=match,
        placement=placement,
        slot=slot,
        strength=strength,
        from_at=from_at,
        to_at=to_at,
        segment_id=segment_id,
        note=note,
    )
    told = {name: getattr(made, name) for name in RecommendRule.__dataclass_fields__}
    uow.execute(insert(recommend_rule).values(shop_id=shop_id, **told))
    audit.record(uow, caller, "recommend_rule.added", made.rule_id, after={"kind": kind, "match": dict(match)}, shop_id=shop_id)
    return made


def drafted(
    caller: Caller,
    *,
    kind: Kind,
    match: Mapping[str, str],
    placement: Placement | None = None,
    slot: int | None = None,
    strength: float = 1.0,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    segment_id: str | None = None,
    note: str = "",
) -> RecommendRule:
    """A rule that is not kept yet.

    Raises
    ------
    InvalidInput : it cannot mean anything.
    """
    checked(kind, placement, match, slot, strength, from_at, to_at)
    return RecommendRule(
        rule_id=new_id("rule"),
        kind=kind,
        placement=placement,
        match=dict(match),
        slot=slot if kind == "pin" else None,
        strength=strength,
        from_at=from_at,
        to_at=to_at,
        segment_id=segment_id,
        note=note,
        made_by=caller.id,
        made_at=clock.now(),
    )


def remove_rule(uow: UnitOfWork, caller: Caller, shop_id: str, rule_id: str) -> RecommendRule:
    """Take a rule away.

    Raises
    ------
    NotFound : there is none of that id.
    """
    row = uow.one(select(recommend_rule).where(recommend_rule.c.shop_id == shop_id, recommend_rule.c.rule_id == rule_id))
    if row is None:
        raise NotFound("there is no such rule", mend="list them with `GET /v1/recommend/rules`", code="no_such_rule")
    gone = _rule(row)
    uow.execute(delete(recommend_rule).where(recommend_rule.c.rule_id == rule_id))
    audit.record(
        uow, caller, "recommend_rule.removed", rule_id, before={"kind": gone.kind, "match": dict(gone.match)}, shop_id=shop_id
    )
    return gone


def _rule(row: RowMapping) -> RecommendRule:
    return RecommendRule(**{name: row[name] for name in RecommendRule.__dataclass_fields__})
