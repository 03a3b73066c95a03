"""Tiers: which level a customer has reached, how long it holds, and what refunds, grace and a hand-given level do to it.

A `Standing` is moved on by orders, refunds, levels given by hand and time; every change is a `Transition`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, get_args

from regulars.errors import InvalidInput, NotFound
from regulars.offer.loyalty.domain.account import BEGINNING
from regulars.offer.loyalty.domain.program import Rate, beginning_of_day
from regulars.values.periods import add_months
from regulars.values.zones import zone

Metric = Literal["net_spend_minor", "points", "orders"]
Window = Literal["rolling_days", "calendar_year", "lifetime"]
Validity = Literal["months", "calendar", "none"]
Downgrade = Literal["one_down", "to_qualified"]
Reason = Literal["upgrade", "renewal", "grace_started", "downgrade", "refund_revert", "manual", "manual_end"]
METRICS: tuple[Metric, ...] = get_args(Metric)
WINDOWS: tuple[Window, ...] = get_args(Window)
VALIDITIES: tuple[Validity, ...] = get_args(Validity)
DOWNGRADES: tuple[Downgrade, ...] = get_args(Downgrade)
MOST_TIERS = 20


@dataclass(frozen=True, slots=True)
class Level:
    """One tier, and what the metric has to reach for it (reaching it exactly is enough, T1)."""

    tier_id: str
    threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """How customers rise and fall, level by level from the lowest."""

    tz: str
    levels: tuple[Level, ...]
    metric: Metric = "net_spend_minor"
    rate: Rate = Rate()  # noqa: RUF009 (frozen; what an order's amount is worth where the metric is points)
    window: Window = "rolling_days"
    window_days: int = 365
    validity: Validity = "months"
    validity_months: int = 12
    downgrade: Downgrade = "one_down"
    grace_days: int = 0
    refund_revert: bool = True

    def qualified(self, value: int) -> int:
        """The highest level that a value of the metric reaches; the lowest is everybody's."""
        return max((place for place, level in enumerate(self.levels) if level.threshold <= value), default=0)

    def place_of(self, tier_id: str) -> int:
        """Where a tier stands.

        Raises
        ------
        NotFound : there is none of that id.
        """
        for place, level in enumerate(self.levels):
            if level.tier_id == tier_id:
                return place
        raise NotFound(f"there is no tier '{tier_id}'", mend="list them with `GET /v1/tiers`", code="no_such_tier")


def checked_rules(rules: TierRules) -> TierRules:
    """The rules, if they can be meant.

    Raises
    ------
    InvalidInput : they cannot.
    """
    ids = [level.tier_id for level in rules.levels]
    thresholds = [level.threshold for level in rules.levels]
    if not 1 <= len(ids) <= MOST_TIERS or len(set(ids)) < len(ids):
        raise _bad(f"1 to {MOST_TIERS} tiers with different ids make a programme", "give each its own id")
    if any(low >= high for low, high in pairwise(thresholds)) or thresholds[0] < 0:
        raise _bad("thresholds do not rise from tier to tier", "write the lowest tier first, each with a higher threshold")
    if not 1 <= rules.window_days <= 3_650 or not 1 <= rules.validity_months <= 120 or not 0 <= rules.grace_days <= 365:
        raise _bad("a length of time nobody can mean", "window 1 to 3650 days, validity 1 to 120 months, grace 0 to 365 days")
    return rules


@dataclass(slots=True)
class Bought:
    """One order; a refund reduces it at its own time (T9)."""

    order_id: str
    at: datetime
    amount_minor: int
    refunded_minor: int = 0
    refunds: list[str] = field(default_factory=list)  # the ids of those that count already
    touched: bool = False

    def worth(self, rules: TierRules) -> int:
        """What it adds to the metric."""
        net = self.amount_minor - self.refunded_minor
        match rules.metric:
            case "net_spend_minor":
                return net
            case "points":
                return rules.rate.of(net)
            case "orders":
                return int(net > 0 or not self.refunded_minor)


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a customer's tier, or of how long it holds."""

    at: datetime
    before: str
    after: str
    reason: Reason
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a refund may take back: when it was, and what held before."""

    at: datetime
    place: int
    valid_until: datetime | None
    grace_until: datetime | None


@dataclass(slots=True)
class Standing:
    """A customer's tier and how it came to be."""

    rules: TierRules
    bought: dict[str, Bought] = field(default_factory=dict)
    place: int = 0
    valid_until: datetime | None = None
    grace_until: datetime | None = None
    manual: bool = False
    upgrades: list[Upgrade] = field(default_factory=list)  # those since the last renewal, downgrade or level given by hand
    clock: datetime = BEGINNING
    transitions: list[Transition] = field(default_factory=list)  # not stored yet

    @property
    def tier_id(self) -> str:
        """The tier."""
        return self.rules.levels[self.place].tier_id

    @property
    def in_grace(self) -> bool:
        """Whether its validity is over and it is kept a while (T7)."""
        return self.grace_until is not None

    @property
    def due_at(self) -> datetime | None:
        """When time alone changes something next."""
        return self.grace_until or self.valid_until

    def metric(self, at: datetime, *, finished: bool = False) -> int:
        """T2: what counts at an instant; `finished`: at a period end, the finished calendar year."""
        return sum(one.worth(self.rules) for one in self._counted(at, finished))

    def _counted(self, at: datetime, finished: bool) -> Iterable[Bought]:
        rules, every = self.rules, self.bought.values()
        match rules.window:
            case "lifetime":
                return [one for one in every if one.at <= at]
            case "rolling_days":
                after = at - timedelta(days=rules.window_days)
                return [one for one in every if after < one.at <= at]
        day = at.astimezone(zone(rules.tz)).date().replace(month=1, day=1)
        if finished:
            begin, end = beginning_of_day(day.replace(year=day.year - 1), rules.tz), beginning_of_day(day, rules.tz)
            return [one for one in every if begin <= one.at < end]
        begin = beginning_of_day(day, rules.tz)
        return [one for one in every if begin <= one.at <= at]

    def counting_at_end(self) -> int:
        """What of the orders known now will count when this period ends."""
        assert self.valid_until is not None
        end = self.grace_until or self.valid_until
        return self.metric(end, finished=self.grace_until is None)

    # -- what happens -------------------------------------------------------------------------------------------

    def order(self, order_id: str, at: datetime, amount_minor: int) -> None:
        """An order counts from its own time; the first telling of an order does."""
        now = self._until(at)
        if order_id in self.bought:
            return
        self.bought[order_id] = Bought(order_id, at, amount_minor, touched=True)
        self._rise(now)

    def refund(self, order_id: str, at: datetime, amount_minor: int, refund_id: str | None = None) -> None:
        """T8, T9: part of an order is given back; never more than there was, and each refund once."""
        now = self._until(at)
        one = self.bought.get(order_id)
        if one is None or refund_id in one.refunds:
            return
        one.refunds += [refund_id] if refund_id else []
        one.refunded_minor = min(one.amount_minor, one.refunded_minor + amount_minor)
        one.touched = True
        if self.rules.refund_revert:
            self._undo(now)

    def give(self, tier_id: str, at: datetime, until: datetime | None) -> None:
        """T10: a tier by hand until an instant."""
        now = self._until(at)
        if until is not None and until <= now:
            raise InvalidInput("the tier would end before it begins", mend="give a later instant", code="bad_until")
        self._become(now, self.rules.place_of(tier_id), "manual", until)
        self.manual = True

    def settle(self, at: datetime) -> None:
        """Do all period ends up to and with an instant."""
        while (due := self.due_at) is not None and due <= at:
            self._end(due)
        self.clock = max(self.clock, at)

    def reconsider(self, at: datetime) -> None:
        """More orders became known than were told one by one: rise to what they reach."""
        self._rise(self._until(at))

    def _until(self, at: datetime) -> datetime:
        """Time moves on to just before an event: at equal instants events come before period ends (T6)."""
        while (due := self.due_at) is not None and due < at:
            self._end(due)
        self.clock = max(self.clock, at)
        return self.clock

    def _rise(self, at: datetime) -> None:
        value = self.metric(at)
        reached = self.rules.qualified(value)
        if reached > self.place:
            before = Upgrade(at, self.place, self.valid_until, self.grace_until)
            kept = [] if self.manual else self.upgrades
            self._become(at, reached, "upgrade", self._fresh(at, years=2))
            self.upgrades = [*kept, before]
        elif self.grace_until is not None and self.valid_until is not None and reached >= self.place:
            self._become(at, self.place, "renewal", self._fresh(self.valid_until))

    def _end(self, due: datetime) -> None:
        at = self.clock = max(self.clock, due)
        if self.manual:
            reached = self.rules.qualified(self.metric(due))
            self._become(at, reached, "manual_end", self._fresh(at, years=2))
        elif self.grace_until is not None:
            self._fall(at, due)
        elif self.rules.qualified(self.metric(due, finished=True)) >= self.place:
            self._become(at, self.place, "renewal", self._fresh(due))
        elif self.rules.grace_days:
            ends_on = due.astimezone(zone(self.rules.tz)).date() + timedelta(days=self.rules.grace_days)
            self.grace_until = beginning_of_day(ends_on, self.rules.tz)
            self._tell(at, self.place, "grace_started")
        else:
            self._fall(at, due)

    def _fall(self, at: datetime, due: datetime) -> None:
        reached = self.rules.qualified(self.metric(due, finished=True))
        below = self.place - 1 if self.rules.downgrade == "one_down" else min(reached, self.place - 1)
        self._become(at, max(0, below), "downgrade", self._fresh(at))

    def _undo(self, at: datetime) -> None:
        """T8: upgrades that the orders known now would not have made are taken back, the newest first."""
        place, valid_until, grace_until, upgrades = self.place, self.valid_until, self.grace_until, list(self.upgrades)
        while upgrades:
            last = upgrades[-1]
            reached = self.rules.qualified(self.metric(last.at))
            if reached >= place:
                break
            if reached > last.place:
                place = reached
                break
            place, valid_until, grace_until = last.place, last.valid_until, last.grace_until
            upgrades.pop()
            if reached == place:
                break
        if place != self.place:
            before = self.place
            self.place, self.valid_until, self.grace_until, self.upgrades = place, valid_until, grace_until, upgrades
            self._tell(at, before, "refund_revert")

    def _become(self, at: datetime, place: int, reason: Reason, valid_until: datetime | None) -> None:
        before = self.place
        self.place = place
        self.valid_until = valid_until if place or reason == "manual" else None
        self.grace_until = None
        self.manual = False
        self.upgrades = []
        self._tell(at, before, reason)

    def _tell(self, at: datetime, before: int, reason: Reason) -> None:
        self.transitions.append(Transition(at, self.rules.levels[before].tier_id, self.tier_id, reason, self.valid_until))

    def _fresh(self, begin: datetime, *, years: int = 1) -> datetime | None:
        """T5: how long a level that begins then holds; `years` to the end of which a calendar period goes."""
        rules = self.rules
        local = begin.astimezone(zone(rules.tz))
        match rules.validity:
            case "none":
                return None
            case "calendar":
                return beginning_of_day(local.date().replace(year=local.year + years, month=1, day=1), rules.tz)
        day = add_months(local.date(), rules.validity_months)
        if begin > beginning_of_day(local.date(), rules.tz):
            day += timedelta(days=1)
        return beginning_of_day(day, rules.tz)


def _bad(message: str, mend: str) -> InvalidInput:
    return InvalidInput(message, mend=mend, code="bad_tiers")
