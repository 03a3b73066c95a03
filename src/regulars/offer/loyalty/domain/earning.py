"""Earn rules: which events give points, how many, how often, and what an order is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args

from regulars.errors import InvalidInput
from regulars.offer.loyalty.domain.program import MOST_POINTS, WHOLE_BPS
from regulars.values.amounts import read_amount, to_minor

RuleKind = Literal["purchase", "review", "check_in", "profile", "referral", "survey", "community", "birthday", "event"]
RULE_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)
#: By kind: which event gives points where a rule names none.
EVENT_OF: dict[RuleKind, str] = {
    "purchase": "Order Completed",
    "review": "Product Reviewed",
    "check_in": "Checked In",
    "profile": "Profile Completed",
    "referral": "Referral Completed",
    "survey": "Survey Answered",
    "community": "Community Act Done",
    "birthday": "",
    "event": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnRule:
    """What one rule gives, and to whom how often.

    Attributes
    ----------
    points : for each event; of `purchase` rules none, as orders earn by the currency's rate times `multiplier_bps`.
    per_day, per_month, in_all : how many times a customer can earn by it, in the shop's local days and months; None: no cap.
    streak_days, streak_points : of check-ins: so many local days in a row give so many points more, again and again.
    """

    kind: RuleKind
    name: str
    name_zh: str = ""
    event: str = ""
    points: int = 0
    multiplier_bps: int = WHOLE_BPS
    min_amount_minor: int = 0
    per_day: int | None = None
    per_month: int | None = None
    in_all: int | None = None
    streak_days: int = 0
    streak_points: int = 0
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def hears(self) -> str:
        """The event it listens to; empty for birthdays."""
        return self.event or EVENT_OF[self.kind]

    def holds(self, at: datetime) -> bool:
        """Whether it gives points for what happens then: [begins, ends)."""
        return (self.begins_at is None or self.begins_at <= at) and (self.ends_at is None or at < self.ends_at)

    def called(self, language: str) -> str:
        """Its name for a reader."""
        return (self.name_zh if language == "zh" else self.name) or self.name


def checked_rule(rule: EarnRule) -> EarnRule:
    """The rule, if it can be meant.

    Raises
    ------
    InvalidInput : it cannot.
    """
    if rule.kind not in RULE_KINDS:
        raise _bad(f"there is no kind '{rule.kind}' of rules", f"one of {', '.join(RULE_KINDS)}")
    if not 0 < len(rule.name.strip()) <= 80 or len(rule.name_zh) > 80 or len(rule.event) > 100:
        raise _bad("a rule has a name of 1 to 80 characters", "give it a name")
    if rule.kind == "purchase":
        if rule.points or not 1 <= rule.multiplier_bps <= 1_000_000:
            raise _bad("a rule of purchases has a multiplier and no points", "10000 is once, 20000 twice the currency's rate")
    elif not 1 <= rule.points <= MOST_POINTS:
        raise _bad("the rule gives no points", f"give 1 to {MOST_POINTS:,}")
    if rule.kind == "event" and not rule.event.strip():
        raise _bad("the rule names no event", "name the event that gives points")
    if any(cap is not None and not 1 <= cap <= 1_000_000 for cap in (rule.per_day, rule.per_month, rule.in_all)):
        raise _bad("a cap nobody can mean", "a whole number from 1 on, or none")
    if not 0 <= rule.streak_days <= 366 or not 0 <= rule.streak_points <= MOST_POINTS or rule.min_amount_minor < 0:
        raise _bad("a number nobody can mean", "streaks have 0 to 366 days, amounts are not negative")
    if bool(rule.streak_days) != bool(rule.streak_points):
        raise _bad("a streak needs days and points", "give both, or neither")
    if rule.begins_at is not None and rule.ends_at is not None and rule.ends_at <= rule.begins_at:
        raise _bad("the rule ends before it begins", "swap the two")
    return rule


def best_multiplier(rules: Iterable[EarnRule], at: datetime, amount_minor: int) -> tuple[int, int] | None:
    """Which purchase rule gives most for an order (its place, its multiplier); None: none holds. The first of equals."""
    found = [
        (rule.multiplier_bps, -place)
        for place, rule in enumerate(rules)
        if rule.kind == "purchase" and rule.holds(at) and amount_minor >= rule.min_amount_minor
    ]
    if not found:
        return None
    multiplier, place = max(found)
    return -place, multiplier


def may_earn(rule: EarnRule, earned_on: Sequence[date], day: date) -> bool:
    """Whether a customer who earned by a rule on these local days may earn once more."""
    today = sum(one == day for one in earned_on)
    month = sum((one.year, one.month) == (day.year, day.month) for one in earned_on)
    per_day = 1 if rule.kind == "check_in" and rule.per_day is None else rule.per_day
    caps = ((per_day, today), (rule.per_month, month), (rule.in_all, len(earned_on)))
    return all(cap is None or used < cap for cap, used in caps)


def streak_points(rule: EarnRule, earned_on: Sequence[date], day: date) -> int:
    """What a check-in gives: the rule's points, and the streak's where it completes one."""
    if not rule.streak_days:
        return rule.points
    there, length = set(earned_on), 1
    while day - timedelta(days=length) in there:
        length += 1
    return rule.points + (rule.streak_points if length % rule.streak_days == 0 else 0)


def net_goods(properties: Mapping[str, Any], currency: str) -> int | None:
    """What an order's goods came to in minor units of its currency: without shipping and tax where these are told apart, and without
    what points paid (`points_discount`); None where no amount can be read.
    """
    revenue = read_amount(properties.get("revenue"))
    if revenue is None:
        total = read_amount(properties.get("total"))
        if total is not None:
            revenue = total - sum((read_amount(properties.get(name)) or Decimal(0) for name in ("shipping", "tax")), Decimal(0))
    if revenue is None:
        revenue = _lines(properties.get("products"))
        if revenue is not None:
            revenue -= read_amount(properties.get("discount")) or Decimal(0)
    if revenue is None:
        return None
    return max(0, to_minor(revenue - (read_amount(properties.get("points_discount")) or Decimal(0)), currency))


def _lines(products: Any) -> Decimal | None:
    if not isinstance(products, list):
        return None
    found = [(read_amount(one.get("price")), read_amount(one.get("quantity", 1))) for one in products if isinstance(one, Mapping)]
    known = [price * quantity for price, quantity in found if price is not None and quantity is not None]
    return sum(known, Decimal(0)) if known else None


def birthday_in(year: int, month: int, day: int) -> date:
    """The day a birthday is kept in a year; 29 February on the 28th where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 2, 28)


def _bad(message: str, mend: str) -> InvalidInput:
    return InvalidInput(message, mend=mend, code="bad_earn_rule")
