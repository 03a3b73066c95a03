"""What a shop sets of its warnings: where levels begin, how many customers a day can be dealt with, the margin, the horizon."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from regulars.access import audit
from regulars.errors import InvalidInput
from regulars.predict.churn.domain import HORIZONS
from regulars.predict.churn.levels import CAPACITY, Cuts, usual_cuts
from regulars.predict.churn.tables import churn_setting
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

_MOST_A_DAY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the shop has decided; null leaves it to us."""

    currency: str
    yellow_minor: int | None = None
    orange_minor: int | None = None
    red_minor: int | None = None
    capacity: int | None = None
    margin_share: float | None = None
    horizon_days: int | None = None

    def cuts(self, currency: str, average_order_minor: float | None, upper_loss_minor: float | None = None) -> Cuts:
        """Where levels begin: amounts that were set in another currency do not count."""
        usual = usual_cuts(currency, average_order_minor, upper_loss_minor)
        if self.currency != currency:
            return usual
        given = (self.yellow_minor, self.orange_minor, self.red_minor)
        if None in given:
            return usual
        yellow, orange, red = (int(amount or 0) for amount in given)
        return Cuts(yellow, orange, red, currency)

    @property
    def a_day(self) -> int:
        """How many customers can be dealt with."""
        return CAPACITY if self.capacity is None else self.capacity


def settings(uow: UnitOfWork, shop: Shop, currency: str) -> Settings:
    """What the shop has set."""
    row = uow.one(select(churn_setting).where(churn_setting.c.shop_id == shop.shop_id))
    if row is None:
        return Settings(currency=currency)
    return Settings(**{name: row[name] for name in Settings.__slots__})


def change_settings(uow: UnitOfWork, caller: Caller, shop: Shop, currency: str, changes: dict[str, Any]) -> Settings:
    """Set some of them; None gives one back to us. Levels are set together, in the currency the shop sells in.

    Raises
    ------
    InvalidInput : amounts out of order, or a number nobody can mean.
    """
    caller.demand("manage_segments")
    caller.demand_shop(shop.shop_id)
    before = settings(uow, shop, currency)
    if before.currency != currency:
        before = replace(before, currency=currency, yellow_minor=None, orange_minor=None, red_minor=None)
    after = checked(replace(before, **changes))
    uow.execute(delete(churn_setting).where(churn_setting.c.shop_id == shop.shop_id))
    told = {name: getattr(after, name) for name in Settings.__slots__}
    who = caller.id if caller.kind == "operator" else f"{caller.kind}:{caller.id}"
    uow.execute(insert(churn_setting).values(shop_id=shop.shop_id, **told, changed_at=clock.now(), changed_by=who[:128]))
    was = {name: getattr(before, name) for name in Settings.__slots__}
    audit.record(uow, caller, "churn.settings_changed", shop.shop_id, before=was, after=told, shop_id=shop.shop_id)
    return after


def checked(given: Settings) -> Settings:
    """The settings, or why they cannot be."""
    amounts = [given.yellow_minor, given.orange_minor, given.red_minor]
    if any(amount is not None for amount in amounts):
        if any(amount is None for amount in amounts):
            raise InvalidInput(
                "only some of the levels are set", mend="give yellow, orange and red together, or none of them", code="bad_levels"
            )
        given.cuts(given.currency, None)
    if given.capacity is not None and not 1 <= given.capacity <= _MOST_A_DAY:
        raise InvalidInput(
            f"a capacity of {given.capacity}", mend=f"give 1 to {_MOST_A_DAY:,} customers a day", code="bad_capacity"
        )
    if given.margin_share is not None and not 0 < given.margin_share <= 1:
        raise InvalidInput(f"a margin of {given.margin_share:g}", mend="give a share such as 0.35 for 35 %", code="bad_margin")
    if given.horizon_days is not None and not 7 <= given.horizon_days <= HORIZONS[-1]:
        raise InvalidInput(f"a horizon of {given.horizon_days} days", mend=f"give 7 to {HORIZONS[-1]} days", code="bad_horizon")
    return given
