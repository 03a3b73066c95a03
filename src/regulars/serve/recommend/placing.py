"""What each placement tries and caps: read at every request, changed by operators, told in the audit trail."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, delete, insert, select

from regulars.access import audit
from regulars.serve.recommend.domain.lists import PLACEMENTS, Placement
from regulars.serve.recommend.domain.trials import PlacementSetting, checked
from regulars.serve.recommend.tables import recommend_placement
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

_TOLD = ("random_bps", "popular_bps", "variant", "variant_bps", "most_per_visitor", "most_share_bps")


def placements(uow: UnitOfWork, shop_id: str) -> list[PlacementSetting]:
    """The setting of every placement; what nobody has changed tries and caps nothing."""
    rows = uow.rows(select(recommend_placement).where(recommend_placement.c.shop_id == shop_id))
    told = {row["placement"]: _setting(row) for row in rows}
    return [told.get(one) or PlacementSetting(placement=one) for one in PLACEMENTS]


def placement_of(uow: UnitOfWork, shop_id: str, placement: Placement) -> PlacementSetting:
    """The setting of one placement."""
    table = recommend_placement
    row = uow.one(select(table).where(table.c.shop_id == shop_id, table.c.placement == placement))
    return PlacementSetting(placement=placement) if row is None else _setting(row)


def set_placement(uow: UnitOfWork, caller: Caller, shop_id: str, setting: PlacementSetting) -> PlacementSetting:
    """Let a placement try and cap what the setting tells, from the next list on.

    Raises
    ------
    InvalidInput : it cannot mean anything.
    """
    checked(setting)
    before = placement_of(uow, shop_id, setting.placement)
    if _plain(before) == _plain(setting):
        return before
    made = replace(setting, changed_by=caller.id, changed_at=clock.now())
    table = recommend_placement
    uow.execute(delete(table).where(table.c.shop_id == shop_id, table.c.placement == setting.placement))
    uow.execute(insert(table).values(shop_id=shop_id, **asdict(made)))
    audit.record(
        uow,
        caller,
        "recommend_placement.changed",
        setting.placement,
        before=_plain(before),
        after=_plain(made),
        shop_id=shop_id,
    )
    return made


def _plain(setting: PlacementSetting) -> dict[str, Any]:
    return {name: getattr(setting, name) for name in _TOLD}


def _setting(row: RowMapping) -> PlacementSetting:
    return PlacementSetting(**{name: row[name] for name in PlacementSetting.__dataclass_fields__})
