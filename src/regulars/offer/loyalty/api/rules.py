"""Earn rules over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import AwareDatetime, Field

from regulars.offer.loyalty import currencies, rehearsing, rules
from regulars.offer.loyalty.api.routes import AT, USUAL, Minor, Strict, Whole, api
from regulars.offer.loyalty.domain.earning import EarnRule
from regulars.offer.loyalty.rehearsing import EarnRehearsal
from regulars.offer.loyalty.rules import KeptRule
from regulars.values.money import Money
from regulars.web import Door

EarnRuleId = Annotated[str, Path(max_length=40, description="The rule")]
_Cap = Annotated[int, Field(ge=1, le=1_000_000)]


class EarnRuleBody(Strict):
    """What gives points. Rules of purchases have a multiplier of the currency's rate, all others a number of points for each event."""

    kind: Literal["purchase", "review", "check_in", "profile", "referral", "survey", "community", "birthday", "event"]
    name: str = Field(min_length=1, max_length=80)
    name_zh: str = Field(default="", max_length=80)
    event: str = Field(default="", max_length=100, description="Which event gives points, where it is not the kind's own")
    points: Whole | None = None
    multiplier_bps: int = Field(default=10_000, ge=1, le=1_000_000)
    min_amount_minor: Minor = 0
    per_day: _Cap | None = None
    per_month: _Cap | None = None
    in_all: _Cap | None = None
    streak_days: int = Field(default=0, ge=0, le=366)
    streak_points: int = Field(default=0, ge=0, le=10**12)
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None

    def rule(self) -> EarnRule:
        """As the room takes it."""
        told: dict[str, Any] = self.model_dump() | {"points": self.points or 0}
        return EarnRule(**told)


class NewEarnRule(EarnRuleBody):
    """A new rule."""

    currency: str = Field(default=USUAL, max_length=32)
    state: Literal["on", "off"] = "on"

    def rule(self) -> EarnRule:
        """As the room takes it."""
        told: dict[str, Any] = self.model_dump(exclude={"currency", "state"}) | {"points": self.points or 0}
        return EarnRule(**told)


class EarnRuleSwitch(Strict):
    """Whether a rule gives points."""

    state: Literal["on", "off"]


class EarnDryRun(Strict):
    """What to try on past orders."""

    currency: str = Field(default=USUAL, max_length=32)
    multiplier_bps: int = Field(default=10_000, ge=1, le=1_000_000)
    days: int = Field(default=365, ge=1, le=rehearsing.LONGEST_DAYS, description="Of how many days before the end of the data")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnRules:
    """The shop's earn rules, the oldest first."""

    rules: list[KeptRule]


_RULE = KeptRule(
    rule_id="earn_01k3w0d2h5q8v9x1y2z3a4b5c6",
    currency_id="points",
    state="on",
    rule=EarnRule(
        kind="check_in", name="Daily check-in", name_zh="每日签到", points=5, streak_days=7, streak_points=30, begins_at=AT
    ),
    made_at=AT,
    made_by="operator:operator_01m7zsbyk3",
    changed_at=AT,
)
_SENT = EarnRuleBody(kind="check_in", name="Daily check-in", name_zh="每日签到", points=5, streak_days=7, streak_points=30)


@api.get(
    "/v1/points/rules",
    permission="read_reports",
    answer=EarnRules,
    summary="What earns points?",
    example=EarnRules(rules=[_RULE]),
)
def get_earn_rules(door: Door) -> EarnRules:
    """Purchases, reviews, check-ins, birthdays, profiles, referrals, surveys, community acts, or any event of the shop's own."""
    with door.reading() as uow:
        return EarnRules(rules=rules.rules(uow, door.shop.shop_id))


@api.post(
    "/v1/points/rules",
    permission="manage_offers",
    answer=KeptRule,
    summary="Make an earn rule",
    example=_RULE,
    sends=NewEarnRule(**_SENT.model_dump()),
    status=201,
)
def post_earn_rule(door: Door, body: NewEarnRule) -> KeptRule:
    """It holds for events from now on, or from `begins_at`. Of several purchase rules the one that gives most counts for an order."""
    with door.unit() as uow:
        return rules.make_rule(uow, door.caller, door.shop, body.rule(), currency_id=body.currency, state=body.state)


@api.put(
    "/v1/points/rules/{rule_id}",
    permission="manage_offers",
    answer=KeptRule,
    summary="Change an earn rule",
    example=_RULE,
    sends=_SENT,
)
def put_earn_rule(door: Door, rule_id: EarnRuleId, body: EarnRuleBody) -> KeptRule:
    """What it says is replaced whole; what was earned by it stays."""
    with door.unit() as uow:
        return rules.change_rule(uow, door.caller, door.shop, rule_id, given=body.rule())


@api.patch(
    "/v1/points/rules/{rule_id}",
    permission="manage_offers",
    answer=KeptRule,
    summary="Switch an earn rule on or off",
    example=_RULE,
    sends=EarnRuleSwitch(state="off"),
)
def patch_earn_rule(door: Door, rule_id: EarnRuleId, body: EarnRuleSwitch) -> KeptRule:
    """From the next event on."""
    with door.unit() as uow:
        return rules.change_rule(uow, door.caller, door.shop, rule_id, state=body.state)


@api.delete("/v1/points/rules/{rule_id}", permission="manage_offers", answer=None, status=204, summary="Remove an earn rule")
def delete_earn_rule(door: Door, rule_id: EarnRuleId) -> Response:
    """What was earned by it stays; it stays in the audit trail."""
    with door.unit() as uow:
        rules.remove_rule(uow, door.caller, door.shop, rule_id)
    return Response(status_code=204)


@api.post(
    "/v1/points/rules/dry_run",
    permission="read_reports",
    answer=EarnRehearsal,
    summary="What would past orders have earned?",
    example=EarnRehearsal(
        first_at=AT,
        last_at=AT,
        orders=4_210,
        customers=1_204,
        points=402_113,
        taken_back=8_020,
        worth=Money(402_113, "CNY"),
        worth_share=0.0098,
        points_per_order=95.51,
        top_share=0.41,
    ),
    sends=EarnDryRun(multiplier_bps=20_000, days=90),
    replayable=False,
)
def post_earn_dry_run(door: Door, body: EarnDryRun) -> EarnRehearsal:
    """By the currency's rate times the multiplier: points, their worth, the share of net sales that is, and who would have gained."""
    with door.reading() as uow:
        currency = currencies.currency(uow, door.shop, body.currency)
    return rehearsing.rehearse_earning(door.warehouse, door.shop, currency, multiplier_bps=body.multiplier_bps, days=body.days)
