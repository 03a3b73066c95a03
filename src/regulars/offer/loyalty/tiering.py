"""Members of the tiers: who has reached which, how they keep it, and what orders, refunds, time and people change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access import audit, shops
from regulars.events import TierChanged
from regulars.guard import privacy
from regulars.offer.loyalty.domain.account import BEGINNING
from regulars.offer.loyalty.domain.tiers import Bought, Standing, TierRules, Upgrade
from regulars.offer.loyalty.tables import tier_change, tier_member, tier_order
from regulars.offer.loyalty.tier_program import Benefit, program, the_program
from regulars.values import clock
from regulars.values.answers import to_json
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Where a customer stands, what that gives, and what is missing to rise or to keep it.

    `metric` is what counts now; `to_next` how much more reaches the next tier (null at the top); `to_keep` how much more before
    `valid_until` would renew this one as things stand (0: nothing more; null where it holds without end).
    """

    customer_id: str
    tier_id: str
    name: str
    name_zh: str
    since_at: datetime | None
    valid_until: datetime | None
    in_grace: bool
    grace_until: datetime | None
    manual: bool
    metric: int
    next_tier_id: str | None
    to_next: int | None
    progress: float
    to_keep: int | None
    benefits: tuple[Benefit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierStep:
    """One change of a customer's tier."""

    at: datetime
    before: str
    after: str
    reason: str
    valid_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCount:
    """How many customers have a tier."""

    tier_id: str
    customers: int


@dataclass(slots=True)
class Member:
    """A customer's standing, and what of it is stored."""

    customer_id: str
    standing: Standing
    stored: bool
    since_at: datetime


def bring(uow: UnitOfWork, shop: Shop, rules: TierRules, customer_ids: Iterable[str]) -> dict[str, Member]:
    """Customers as they stand; those nobody has heard of are at the lowest level."""
    wanted = sorted(set(customer_ids))
    found: dict[str, Member] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        here = (tier_member.c.shop_id == shop.shop_id, tier_member.c.customer_id.in_(some))
        asked = select(tier_member).where(*here).order_by(tier_member.c.customer_id)
        for row in uow.rows(asked.with_for_update() if uow.writes else asked):
            found[row["customer_id"]] = Member(row["customer_id"], _standing(rules, row), True, row["since_at"])
        for customer_id in some:
            found.setdefault(customer_id, Member(customer_id, Standing(rules), False, clock.now()))
        orders = select(tier_order).where(tier_order.c.shop_id == shop.shop_id, tier_order.c.customer_id.in_(some))
        for row in uow.rows(orders):
            found[row["customer_id"]].standing.bought[row["order_id"]] = Bought(
                row["order_id"], row["at"], row["amount_minor"], row["refunded_minor"], row["refunds"]
            )
    return found


def _standing(rules: TierRules, row: RowMapping) -> Standing:
    ids = [level.tier_id for level in rules.levels]
    made = Standing(rules, place=ids.index(row["tier_id"]) if row["tier_id"] in ids else 0)
    made.valid_until, made.grace_until, made.manual = row["valid_until"], row["grace_until"], row["manual"]
    made.clock = row["clock_at"]
    for at, tier_id, valid_until, grace_until in row["upgrades"]:
        place = ids.index(tier_id) if tier_id in ids else 0
        made.upgrades.append(Upgrade(_instant(at) or BEGINNING, place, _instant(valid_until), _instant(grace_until)))
    return made


def write(uow: UnitOfWork, shop_id: str, members: Iterable[Member]) -> None:
    """Write standings down, with their orders and changes, and tell what changed."""
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    events, changes, rows, orders = [], [], [], []
    for member in members:
        standing = member.standing
        for one in standing.transitions:
            if one.before != one.after:
                member.since_at = one.at
            changes.append(
                {
                    "change_id": new_id("tier"), "shop_id": shop_id, "customer_id": member.customer_id, "at": one.at,
                    "before": one.before, "after": one.after, "reason": one.reason, "valid_until": one.valid_until,
                }
            )  # fmt: skip
            events.append(
                TierChanged(
                    shop_id=shop_id, customer_id=member.customer_id, timestamp=one.at, tier=one.after, previous=one.before,
                    reason=one.reason, valid_until=one.valid_until,
                )
            )  # fmt: skip
        standing.transitions = []
        orders += [
            {
                "shop_id": shop_id, "customer_id": member.customer_id, "order_id": one.order_id, "at": one.at,
                "amount_minor": one.amount_minor, "refunded_minor": one.refunded_minor, "refunds": one.refunds,
            }
            for one in standing.bought.values() if one.touched
        ]  # fmt: skip
        levels = standing.rules.levels
        upgrades = [
            [to_json(one.at), levels[one.place].tier_id, to_json(one.valid_until), to_json(one.grace_until)]
            for one in standing.upgrades
        ]
        rows.append(
            {
                "shop_id": shop_id, "customer_id": member.customer_id, "tier_id": standing.tier_id, "since_at": member.since_at,
                "valid_until": standing.valid_until, "grace_until": standing.grace_until, "manual": standing.manual,
                "upgrades": upgrades, "clock_at": standing.clock, "due_at": standing.due_at,
            }
        )  # fmt: skip
    if changes:
        uow.execute(insert(tier_change), changes)
    if orders:
        told = make(tier_order)
        uow.execute(
            told.on_conflict_do_update(
                index_elements=["shop_id", "customer_id", "order_id"],
                set_={name: told.excluded[name] for name in ("refunded_minor", "refunds")},
            ),
            orders,
        )
    if rows:
        told = make(tier_member)
        names = ("tier_id", "since_at", "valid_until", "grace_until", "manual", "upgrades", "clock_at", "due_at")
        uow.execute(
            told.on_conflict_do_update(
                index_elements=["shop_id", "customer_id"], set_={name: told.excluded[name] for name in names}
            ),
            rows,
        )
    uow.tell_all(events)


@dataclass(frozen=True, slots=True)
class Heard:
    """An order, or what of it was given back (each `refund_id` counts once), in the order in which they are to count."""

    customer_id: str
    order_id: str
    at: datetime
    amount_minor: int
    refund_id: str | None = None


def hear(uow: UnitOfWork, shop: Shop, happened: Sequence[Heard]) -> None:
    """Let orders and refunds count for tiers; nothing where the shop has none."""
    rules = _rules(uow, shop)
    if rules is None or not happened:
        return
    members = bring(uow, shop, rules, [one.customer_id for one in happened])
    for one in happened:
        standing = members[one.customer_id].standing
        if one.refund_id is not None:
            standing.refund(one.order_id, one.at, one.amount_minor, one.refund_id)
        else:
            standing.order(one.order_id, one.at, one.amount_minor)
    write(uow, shop.shop_id, members.values())


def give(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    customer_id: str,
    tier_id: str,
    until: datetime | None,
    *,
    at: datetime | None = None,
) -> Membership:
    """T10: a tier by hand until an instant; it is audited.

    Raises
    ------
    NotFound : no such tier, or no tiers at all.
    InvalidInput : it would end before it begins.
    """
    caller.demand("move_points")
    caller.demand_shop(shop.shop_id)
    rules = the_program(uow, shop.shop_id).rules(shop.timezone)
    member = bring(uow, shop, rules, [customer_id])[customer_id]
    before = member.standing.tier_id
    member.standing.give(tier_id, at or clock.now(), until)
    write(uow, shop.shop_id, [member])
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    audit.record(
        uow,
        caller,
        "tier.given",
        privacy.audit_name(caller.keyring, shop.shop_id, customer_id),
        before={"tier": before},
        after={"tier": tier_id, "until": until},
        shop_id=shop.shop_id,
    )
    return membership(uow, shop, customer_id, at=at)


def reconsider(uow: UnitOfWork, shop_id: str, customer_ids: Sequence[str], *, at: datetime | None = None) -> None:
    """Judge customers by the orders known now, as after a merge; nothing to do in a shop without tiers."""
    told = program(uow, shop_id)
    if told is None:
        return
    shop = shops.get(uow, shop_id)
    rules = told.rules(shop.timezone)
    members = {name: one for name, one in bring(uow, shop, rules, customer_ids).items() if one.stored or one.standing.bought}
    for member in members.values():
        member.standing.reconsider(at or clock.now())
    write(uow, shop_id, members.values())


def settle_due(uow: UnitOfWork, at: datetime) -> int:
    """Write down the period ends that are over, some hundred members at a time; returns how many were looked at."""
    asked = select(tier_member.c.shop_id, tier_member.c.customer_id).where(tier_member.c.due_at <= at)
    due: dict[str, list[str]] = defaultdict(list)
    for row in uow.rows(asked.order_by(tier_member.c.due_at, tier_member.c.customer_id).limit(_AT_ONCE)):
        due[row["shop_id"]].append(row["customer_id"])
    for shop_id, customers in sorted(due.items()):
        shop = shops.get(uow, shop_id)
        rules = the_program(uow, shop_id).rules(shop.timezone)
        members = bring(uow, shop, rules, customers)
        for member in members.values():
            member.standing.settle(at)
        write(uow, shop_id, members.values())
    return sum(map(len, due.values()))


def membership(uow: UnitOfWork, shop: Shop, customer_id: str, *, at: datetime | None = None) -> Membership:
    """Where a customer stands at an instant; what time has done until then counts (nothing is written).

    Raises
    ------
    NotFound : the shop has no tiers.
    """
    told = the_program(uow, shop.shop_id)
    rules = told.rules(shop.timezone)
    member = bring(uow, shop, rules, [customer_id])[customer_id]
    standing = member.standing
    instant = at or clock.now()
    standing.settle(instant)
    for change in standing.transitions:
        if change.before != change.after:
            member.since_at = change.at
    tier = told.tiers[standing.place]
    metric = standing.metric(instant)
    following = told.tiers[standing.place + 1] if standing.place + 1 < len(told.tiers) else None
    span = following.threshold - tier.threshold if following else 0
    keeps = None
    if standing.valid_until is not None and not standing.manual and standing.place:
        keeps = max(0, tier.threshold - standing.counting_at_end())
    return Membership(
        customer_id=customer_id,
        tier_id=tier.tier_id,
        name=tier.name,
        name_zh=tier.name_zh,
        since_at=member.since_at if member.stored or standing.transitions else None,
        valid_until=standing.valid_until,
        in_grace=standing.in_grace,
        grace_until=standing.grace_until,
        manual=standing.manual,
        metric=metric,
        next_tier_id=following.tier_id if following else None,
        to_next=max(0, following.threshold - metric) if following else None,
        progress=min(1.0, max(0.0, (metric - tier.threshold) / span)) if span else 1.0,
        to_keep=keeps,
        benefits=tier.benefits,
    )


def steps(uow: UnitOfWork, shop_id: str, customer_id: str, *, limit: int = 100) -> list[TierStep]:
    """A customer's changes of tier, the newest first."""
    asked = select(tier_change).where(tier_change.c.shop_id == shop_id, tier_change.c.customer_id == customer_id)
    rows = uow.rows(asked.order_by(tier_change.c.at.desc(), tier_change.c.change_id.desc()).limit(limit))
    return [TierStep(**{name: row[name] for name in TierStep.__slots__}) for row in rows]


def counts(uow: UnitOfWork, shop_id: str) -> list[TierCount]:
    """How many customers have each tier, as written down last."""
    told = program(uow, shop_id)
    if told is None:
        return []
    asked = select(tier_member.c.tier_id, func.count().label("n")).where(tier_member.c.shop_id == shop_id)
    found: Mapping[str, int] = {row["tier_id"]: row["n"] for row in uow.rows(asked.group_by(tier_member.c.tier_id))}
    return [TierCount(tier_id=one.tier_id, customers=found.get(one.tier_id, 0)) for one in told.tiers]


def multiplier_bps(uow: UnitOfWork, shop: Shop, customer_ids: Sequence[str], at: datetime) -> dict[str, int]:
    """By how much customers' tiers multiply what they earn; those without such a benefit are left out."""
    told = program(uow, shop.shop_id)
    if told is None:
        return {}
    rates = {
        one.tier_id: next((benefit.value for benefit in one.benefits if benefit.kind == "points_multiplier"), 0)
        for one in told.tiers
    }
    if not any(rates.values()):
        return {}
    found = {}
    for customer_id, member in bring(uow, shop, told.rules(shop.timezone), customer_ids).items():
        member.standing.settle(max(at, member.standing.clock))
        if rate := rates[member.standing.tier_id]:
            found[customer_id] = rate
    return found


def _rules(uow: UnitOfWork, shop: Shop) -> TierRules | None:
    told = program(uow, shop.shop_id)
    return None if told is None else told.rules(shop.timezone)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
