"""What an offer says in a few words, and the words of states and effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.console.parts import Tone
from regulars.console.view import Screen
from regulars.offer.promotions.shelf import Promotion
from regulars.values.money import Money

TONES: dict[str, Tone] = {"running": "good", "scheduled": "info", "waiting": "warn", "paused": "warn", "draft": "", "ended": ""}


def what_of(one: Promotion) -> str:
    """Which kind of offer it is, as the builder names it."""
    layer = str(one.definition["layer"])
    return "shipping_coupon" if layer == "shipping" and one.kind == "coupon" else layer


def says(s: Screen, definition: Mapping[str, Any]) -> str:
    """What an offer takes off, in a short sentence."""
    effect, currency = definition["effect"], definition.get("currency") or s.shop.currency

    def money(name: str) -> str:
        return s.money(Money(int(effect.get(name) or 0), currency))

    off = s.share((effect.get("bps") or 0) / 10_000, 0 if (effect.get("bps") or 0) % 100 == 0 else 2)
    n = s.count(effect.get("n") or 0)
    match effect["kind"]:
        case "percent":
            said = s.t("{share} off", share=off)
        case "amount_per_unit":
            said = s.t("{amount} off each unit", amount=money("minor"))
        case "fixed_price":
            said = s.t("{amount} a unit", amount=money("minor"))
        case "nth_unit":
            said = s.t("{share} off every {n}. unit", share=off, n=n)
        case "tiers":
            steps = effect.get("tiers") or ()
            return s.t("{n} steps from {amount} on", n=s.count(len(steps)), amount=_first(s, steps, currency))
        case "every":
            return s.t("{amount} off for each {least}", amount=money("minor"), least=money("min_amount"))
        case "cheapest_free":
            return s.t("The cheapest of {n} units is free", n=n)
        case "n_for_price":
            return s.t("{n} units for {amount}", n=n, amount=money("minor"))
        case "free":
            said = s.t("Free shipping")
        case _:
            said = s.t("{amount} off", amount=money("minor"))
    if effect.get("min_amount"):
        return s.t("{what} from {amount} on", what=said, amount=money("min_amount"))
    if effect.get("min_qty"):
        return s.t("{what} from {n} units on", what=said, n=s.count(effect["min_qty"]))
    return said


def _first(s: Screen, steps: Any, currency: str) -> str:
    return s.money(Money(min((int(step.get("min_amount") or 0) for step in steps), default=0), currency))


def span(s: Screen, one: Promotion) -> str:
    """From when to when it is valid."""
    if one.starts_at is None and one.ends_at is None:
        return s.t("Always")
    if one.ends_at is None:
        return s.t("From {day} on", day=s.instant(one.starts_at))
    if one.starts_at is None:
        return s.t("Until {day}", day=s.instant(one.ends_at))
    return f"{s.instant(one.starts_at)} – {s.instant(one.ends_at)}"
