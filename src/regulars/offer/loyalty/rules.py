"""Keeping earn rules: made, changed, switched on and off, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import delete, insert, select, update

from regulars.access import audit
from regulars.errors import InvalidInput, NotFound
from regulars.offer.loyalty.currencies import POINTS, currency
from regulars.offer.loyalty.domain.earning import EarnRule, checked_rule
from regulars.offer.loyalty.tables import points_rule
from regulars.values import clock
from regulars.values.answers import to_json
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

RuleSwitch = Literal["on", "off"]
MOST_RULES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """An earn rule as it is kept."""

    rule_id: str
    currency_id: str
    state: RuleSwitch
    rule: EarnRule
    made_at: datetime
    made_by: str
    changed_at: datetime


def rules(uow: UnitOfWork, shop_id: str, *, state: RuleSwitch | None = None) -> list[KeptRule]:
    """The shop's earn rules, the oldest first."""
    asked = select(points_rule).where(points_rule.c.shop_id == shop_id)
    if state is not None:
        asked = asked.where(points_rule.c.state == state)
    return [_kept(row) for row in uow.rows(asked.order_by(points_rule.c.made_at, points_rule.c.rule_id))]


def rule(uow: UnitOfWork, shop_id: str, rule_id: str) -> KeptRule:
    """One of them.

    Raises
    ------
    NotFound : there is none of that id.
    """
    row = uow.one(select(points_rule).where(points_rule.c.shop_id == shop_id, points_rule.c.rule_id == rule_id))
    if row is None:
        raise NotFound(f"there is no earn rule '{rule_id}'", mend="list them with `GET /v1/points/rules`", code="no_such_earn_rule")
    return _kept(row)


def make_rule(
    uow: UnitOfWork, caller: Caller, shop: Shop, given: EarnRule, *, currency_id: str = POINTS, state: RuleSwitch = "on"
) -> KeptRule:
    """Make a rule. Where it names no beginning it begins now, so that history that is loaded later earns nothing.

    Raises
    ------
    InvalidInput : a rule nobody can mean, or too many.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    currency(uow, shop, currency_id)
    checked_rule(given)
    if len(rules(uow, shop.shop_id)) >= MOST_RULES:
        raise InvalidInput(f"a shop may have {MOST_RULES} earn rules", mend="remove those nobody needs", code="too_many")
    now = clock.now()
    given = replace(given, begins_at=given.begins_at or now)
    rule_id = new_id("earn")
    values = {"currency_id": currency_id, "kind": given.kind, "state": state, "definition": _written(given), "changed_at": now}
    made = {"rule_id": rule_id, "shop_id": shop.shop_id, "made_at": now, "made_by": f"{caller.kind}:{caller.id}"}
    uow.execute(insert(points_rule).values(**values, **made))
    audit.record(uow, caller, "earn_rule.made", rule_id, after=given, shop_id=shop.shop_id)
    return rule(uow, shop.shop_id, rule_id)


def change_rule(
    uow: UnitOfWork, caller: Caller, shop: Shop, rule_id: str, *, given: EarnRule | None = None, state: RuleSwitch | None = None
) -> KeptRule:
    """Change what a rule says (whole), or switch it. What was earned by it stays.

    Raises
    ------
    NotFound : there is none of that id.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    before = rule(uow, shop.shop_id, rule_id)
    after = before.rule if given is None else checked_rule(replace(given, begins_at=given.begins_at or before.rule.begins_at))
    values = {"kind": after.kind, "state": state or before.state, "definition": _written(after), "changed_at": clock.now()}
    uow.execute(update(points_rule).where(points_rule.c.rule_id == rule_id).values(**values))
    audit.record(
        uow,
        caller,
        "earn_rule.changed",
        rule_id,
        before={"state": before.state, "rule": before.rule},
        after={"state": values["state"], "rule": after},
        shop_id=shop.shop_id,
    )
    return rule(uow, shop.shop_id, rule_id)


def remove_rule(uow: UnitOfWork, caller: Caller, shop: Shop, rule_id: str) -> None:
    """Remove a rule; what was earned by it stays.

    Raises
    ------
    NotFound : there is none of that id.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    gone = rule(uow, shop.shop_id, rule_id)
    uow.execute(delete(points_rule).where(points_rule.c.rule_id == rule_id))
    audit.record(uow, caller, "earn_rule.removed", rule_id, before=gone.rule, shop_id=shop.shop_id)


def _written(given: EarnRule) -> dict[str, Any]:
    return {name: to_json(value) for name, value in asdict(given).items()}


def _kept(row: RowMapping) -> KeptRule:
    told: Mapping[str, Any] = row["definition"]
    known = {field.name for field in fields(EarnRule)}
    values = {name: value for name, value in told.items() if name in known}
    for name in ("begins_at", "ends_at"):
        values[name] = None if told.get(name) is None else datetime.fromisoformat(told[name])
    return KeptRule(
        rule_id=row["rule_id"],
        currency_id=row["currency_id"],
        state=row["state"],
        rule=EarnRule(**values),
        made_at=row["made_at"],
        made_by=row["made_by"],
        changed_at=row["changed_at"],
    )
