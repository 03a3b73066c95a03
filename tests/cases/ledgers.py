"""Cases of points and tiers, step by step through the verbs of loyalty on records of either kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.access.keys import Keyring
from regulars.errors import RegularsError
from regulars.offer.loyalty import service
from regulars.offer.loyalty.domain.program import read_expiry
from regulars.offer.loyalty.domain.tiers import Standing
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.moving import settle_due
from regulars.offer.loyalty.tiering import bring, write
from regulars.records import Records
from regulars.values.answers import to_json
from tests.cases.folder import Case

_VERBS = {"return_spend": "return", "refund_order": "refund"}
_WHO = "c1"


def _shop(records: Records, keyring: Keyring, tz: str) -> tuple[Shop, Caller]:
    caller = Caller.system("shell", keyring)
    with records.unit() as uow:
        return shops.create(uow, caller, shop_id="case", name="Case", timezone=tz, currency="CNY"), caller


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def ledger(case: Case, records: Records, keyring: Keyring) -> dict[str, list[Any]]:
    """The answer to every step; before each the job may have run or not, which must change nothing."""
    told = case.given["program"]
    shop, caller = _shop(records, keyring, told["tz"])
    with records.unit() as uow:
        service.save_currency(
            uow, caller, shop, service.POINTS,
            service.CurrencyGiven(
                points=told["earn"]["points"], per_minor=told["earn"]["per_minor"], pending_days=told["pending_days"],
                expiry=told["expiry"], return_policy=told["return_policy"],
                expired_return_grace_days=told["expired_return_grace_days"], hold_ttl_s=told["hold_ttl_s"],
            ),
        )  # fmt: skip
    answers = []
    for place, step in enumerate(case.given["steps"]):
        if place % 2 and step["op"] == "query":
            with records.unit() as uow:
                settle_due(uow, datetime.fromisoformat(step["at"]))
        answers.append(_step(records, shop, step))
    assert service.rebuild(records, only_compare=True).differences == []
    return {"steps": answers}


def _step(records: Records, shop: Shop, step: Mapping[str, Any]) -> Any:
    at = datetime.fromisoformat(step["at"])
    if step["op"] == "query":
        with records.reading() as uow:
            had = service.balance(uow, shop, _WHO, at=at)
        assert had.totals.earned == sum(
            (had.pending, had.active, had.held, had.totals.spent, had.totals.expired, had.totals.clawed, had.totals.repaid,
             had.totals.adjusted_out)
        )  # fmt: skip
        names = ("lot", "remaining", "held", "state", "activates_at", "expires_at")
        return to_json({
            **{name: getattr(had, name) for name in ("pending", "active", "held", "debt", "balance", "totals")},
            "lots": [{name: getattr(lot, name) for name in names} for lot in had.lots],
        })  # fmt: skip
    wish = Wish(
        verb=_VERBS.get(step["op"], step["op"]), key=step["key"], at=at, points=step.get("points"), order_id=step.get("order"),
        amount_minor=step.get("amount_minor"), multiplier_bps=step.get("multiplier_bps", 10_000),
        event_at=_instant(step.get("event_at")), pending_days=step.get("pending_days"),
        expiry=read_expiry(step["expiry"]) if "expiry" in step else None, refers_to=step.get("spend") or step.get("hold"),
        ttl_s=step.get("ttl_s"), cum_refunded_minor=step.get("cum_refunded_minor"),
    )  # fmt: skip
    try:
        return service.together(records).move(service.Asked(shop.shop_id, _WHO, wish))
    except RegularsError as refused:
        return {"error": refused.code.upper()}


def tiers(case: Case, records: Records, keyring: Keyring) -> dict[str, list[Any]]:
    """The answer to every query, and every transition; each step is written down and read again."""
    told = case.given["program"]
    shop, caller = _shop(records, keyring, told["tz"])
    window, validity = told["window"], told["validity"]
    given = service.TierProgram(
        tiers=tuple(service.Tier(tier_id=one["id"], name=one["id"], name_zh="", threshold=one["threshold"]) for one in told["tiers"]),
        metric=told.get("metric", "net_spend_minor"), window=window["type"], window_days=window.get("n", 365),
        validity=validity["type"], validity_months=validity.get("n", 12), downgrade=told["downgrade"],
        grace_days=told["grace_days"], refund_revert=told["refund_revert"],
    )  # fmt: skip
    with records.unit() as uow:
        service.save_program(uow, caller, shop, given)
    rules = given.rules(told["tz"])
    answers: list[Any] = []
    for step in case.given["steps"]:
        at = datetime.fromisoformat(step["at"])
        with records.unit() as uow:
            member = bring(uow, shop, rules, [_WHO])[_WHO]
            answers.append(_tier_step(member.standing, step, at))
            write(uow, shop.shop_id, [member])
            if step["op"] == "query":
                had = service.membership(uow, shop, _WHO, at=at)
                assert (had.tier_id, had.valid_until, had.metric) == (
                    member.standing.tier_id, member.standing.valid_until, member.standing.metric(at),
                )  # fmt: skip
    with records.reading() as uow:
        changes = list(reversed(service.steps(uow, shop.shop_id, _WHO)))
    said = [{"at": to_json(one.at), "from": one.before, "to": one.after, "reason": one.reason} for one in changes]
    return {"steps": answers, "transitions": said}


def _tier_step(standing: Standing, step: Mapping[str, Any], at: datetime) -> Any:
    match step["op"]:
        case "order":
            standing.order(step["id"], at, step["amount_minor"])
        case "refund":
            standing.refund(step["order"], at, step["amount_minor"])
        case "manual":
            standing.give(step["tier"], at, _instant(step.get("until")))
        case _:
            standing.settle(at)
            return to_json(
                {
                    "tier": standing.tier_id, "valid_until": standing.valid_until, "metric_minor": standing.metric(at),
                    "in_grace": standing.in_grace,
                }
            )  # fmt: skip
    return {}
