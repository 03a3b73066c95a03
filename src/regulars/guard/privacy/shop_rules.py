"""What a shop has decided about personal data, each decision kept with who took it and when; the newest one holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, func, insert, select

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.guard.privacy.tables import privacy_rule
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision: which rule, what holds since when, and who decided."""

    rule: str
    version: int
    value: Any
    decided_at: datetime
    decided_by: str


#: Built once: it is asked with every list a shopper is shown.
_DECIDED = (
    select(privacy_rule)
    .where(
        privacy_rule.c.shop_id == bindparam("shop"),
        func.substr(privacy_rule.c.rule, 1, bindparam("length", type_=Integer)) == bindparam("prefix"),
    )
    .order_by(privacy_rule.c.version)
)


def decided(uow: UnitOfWork, shop_id: str, prefix: str) -> dict[str, Any]:
    """What holds now, by rule, for the rules whose names begin so; rules nobody has decided are missing."""
    rows = uow.rows(_DECIDED, {"shop": shop_id, "prefix": prefix, "length": len(prefix)})
    return {row["rule"]: row["value"] for row in rows}


def decide(uow: UnitOfWork, caller: Caller, shop_id: str, rule: str, value: Any) -> bool:
    """Let another value hold from now on; False where it holds already. It is audited.

    Raises
    ------
    NotAllowed : the caller may not manage the shop.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop_id)
    same = (privacy_rule.c.shop_id == shop_id) & (privacy_rule.c.rule == rule)
    newest = uow.one(select(privacy_rule).where(same).order_by(privacy_rule.c.version.desc()).limit(1))
    if newest is not None and newest["value"] == value:
        return False
    version = (uow.value(select(func.max(privacy_rule.c.version)).where(same)) or 0) + 1
    uow.execute(
        insert(privacy_rule).values(
            shop_id=shop_id,
            rule=rule,
            version=version,
            value=value,
            decided_at=clock.now(),
            decided_by=f"{caller.kind}:{caller.id}",
        )
    )
    before = {rule: newest["value"]} if newest is not None else None
    audit.record(uow, caller, "privacy.decided", rule, before=before, after={rule: value}, shop_id=shop_id)
    return True


def decisions(uow: UnitOfWork, shop_id: str, prefix: str, *, limit: int = 100) -> list[Decision]:
    """Every decision about these rules, the newest first."""
    rows = uow.rows(
        select(privacy_rule)
        .where(privacy_rule.c.shop_id == shop_id, privacy_rule.c.rule.startswith(prefix, autoescape=True))
        .order_by(privacy_rule.c.decided_at.desc(), privacy_rule.c.rule, privacy_rule.c.version.desc())
        .limit(limit)
    )
    names = ("rule", "version", "value", "decided_at", "decided_by")
    return [Decision(**{name: row[name] for name in names}) for row in rows]
