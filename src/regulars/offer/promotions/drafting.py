"""A definition as a form holds it, in major units and percent, and back; what the form does not know of a definition stays in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from regulars.errors import InvalidInput
from regulars.offer.promotions.domain.offers import EFFECTS, Layer
from regulars.values.money import Money

Values = dict[str, Any]

#: What an operator makes: which layer, and whether it applies by itself.
WHATS: dict[str, tuple[Layer, str]] = {
    "order": ("order", "promotion"),
    "item": ("item", "promotion"),
    "shipping": ("shipping", "promotion"),
    "platform_coupon": ("platform_coupon", "coupon"),
    "seller_coupon": ("seller_coupon", "coupon"),
    "shipping_coupon": ("shipping", "coupon"),
}
#: Which fields of the form an effect asks for.
ASKS: dict[str, tuple[str, ...]] = {
    "percent": ("percent", "cap", "min_amount", "min_qty", "max_units"),
    "amount_per_unit": ("minor", "max_units"),
    "fixed_price": ("minor", "max_units"),
    "nth_unit": ("n", "percent"),
    "amount": ("minor", "min_amount", "min_qty"),
    "tiers": ("tiers",),
    "every": ("min_amount", "minor", "max_times"),
    "cheapest_free": ("n",),
    "n_for_price": ("n", "minor"),
    "free": ("min_amount",),
}
_NOT_OF_ITEMS = frozenset({"cap", "min_amount", "min_qty"})
_MONEY = frozenset({"minor", "cap", "min_amount"})
_NUMBERS = frozenset({"min_qty", "n", "max_units", "max_times"})


def asks(what: str, effect: str) -> tuple[str, ...]:
    """The fields that an effect of this kind of offer asks for."""
    layer = WHATS[what][0]
    left_out = _NOT_OF_ITEMS if layer == "item" else frozenset({"max_units"})
    if layer == "shipping":
        left_out = frozenset({"max_units", "cap", "min_qty"})
    return tuple(name for name in ASKS[effect] if name not in left_out)


def effects(what: str) -> tuple[str, ...]:
    """What an offer of this kind may do."""
    return EFFECTS[WHATS[what][0]]


def beginning() -> Values:
    """An empty form: 50 off from 300."""
    return {
        "name": "", "what": "order", "effect": "amount", "code": "", "minor": "50", "min_amount": "300", "min_qty": "", "percent": "10",
        "cap": "", "n": "2", "max_units": "", "max_times": "", "tiers": "100 = 10\n200 = 30", "skus": "", "categories": "", "sellers": "",
        "exclude": "", "seller": "", "segment": "", "newness": "", "stackable": True, "group": "", "priority": "", "total": "",
        "per_customer": "", "per_day": "", "budget": "", "on_exceed": "reject", "starts": "", "ends": "",
    }  # fmt: skip


def values_of(definition: Mapping[str, Any], *, kind: str, currency: str, zone: str, **rest: Any) -> Values:
    """The form of a definition."""
    values = beginning() | {"minor": "", "min_amount": "", "percent": "", "tiers": ""}
    layer, effect = definition["layer"], definition["effect"]
    values["what"] = "shipping_coupon" if layer == "shipping" and kind == "coupon" else layer
    values["effect"] = effect["kind"]
    for name in _MONEY:
        values[name] = _major(effect.get(name), currency)
    for name in _NUMBERS:
        values[name] = _text(effect.get(name))
    values["percent"] = _percent(effect.get("bps"))
    values["tiers"] = "\n".join(_step_text(step, currency) for step in effect.get("tiers", ()))
    scope, conditions = definition.get("scope") or {}, definition.get("conditions") or {}
    for name in ("skus", "categories", "sellers"):
        values[name] = ", ".join(scope.get(name) or ())
    values["exclude"] = ", ".join((scope.get("exclude") or {}).get("skus") or ())
    values["segment"] = next(iter(conditions.get("segments_any") or ()), "")
    newness = conditions.get("new_customer")
    values["newness"] = "" if newness is None else "new" if newness else "old"
    limits, budget = definition.get("limits") or {}, definition.get("budget") or {}
    values |= {
        "seller": definition.get("seller") or "",
        "stackable": definition.get("stackable", True),
        "group": definition.get("exclusive_group") or "",
        "priority": _text(definition.get("priority") or None),
        "total": _text(limits.get("total")),
        "per_customer": _text(limits.get("per_customer")),
        "per_day": _text(limits.get("per_customer_per_day")),
        "budget": _major(budget.get("total"), currency),
        "on_exceed": budget.get("on_exceed") or "reject",
        "name": rest.get("name", ""),
        "code": rest.get("code") or "",
        "starts": _local(rest.get("starts_at"), zone),
        "ends": _local(rest.get("ends_at"), zone),
    }
    return values


def definition_of(values: Mapping[str, Any], currency: str, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The definition that a form holds; what the form does not know is taken from `base`.

    Raises
    ------
    InvalidInput : a field that is no amount or number.
    """
    layer, _ = WHATS[values["what"]]
    effect: dict[str, Any] = {"kind": values["effect"]}
    for name in asks(values["what"], values["effect"]):
        if name == "percent":
            effect["bps"] = _bps(values[name])
        elif name == "tiers":
            effect["tiers"] = [_step(line, currency) for line in str(values[name]).splitlines() if line.strip()]
        elif name in _MONEY:
            effect[name] = _minor(values[name], currency, name)
        else:
            effect[name] = _number(values[name], name)
    made: dict[str, Any] = {
        **(base or {}),
        "layer": layer,
        "effect": {key: value for key, value in effect.items() if value is not None},
    }
    scope: dict[str, Any] = {name: _list(values[name]) for name in ("skus", "categories", "sellers")}
    scope = {name: value for name, value in scope.items() if value}
    if left_out := _list(values["exclude"]):
        scope["exclude"] = {**((made.get("scope") or {}).get("exclude") or {}), "skus": left_out}
    conditions = {**(made.get("conditions") or {})}
    for name in ("segments_any", "new_customer"):
        conditions.pop(name, None)
    if values["segment"]:
        conditions["segments_any"] = [values["segment"]]
    if values["newness"]:
        conditions["new_customer"] = values["newness"] == "new"
    limits = {
        "total": _number(values["total"], "total"),
        "per_customer": _number(values["per_customer"], "per_customer"),
        "per_customer_per_day": _number(values["per_day"], "per_day"),
    }
    budget = _minor(values["budget"], currency, "budget")
    made |= {
        "scope": scope or None,
        "conditions": conditions or None,
        "limits": {name: value for name, value in limits.items() if value is not None} or None,
        "budget": None if budget is None else {"total": budget, "on_exceed": values["on_exceed"]},
        "seller": str(values["seller"]).strip() or None if layer == "seller_coupon" else None,
        "stackable": None if values["stackable"] else False,
        "exclusive_group": str(values["group"]).strip() or None if layer == "order" else None,
        "priority": _number(values["priority"], "priority"),
        "currency": made.get("currency") or currency,
    }
    return {name: value for name, value in made.items() if value is not None}


def instant_of(text: str, zone: str) -> datetime | None:
    """A local time as a form gives it, `2026-06-18T20:00`; None where it is empty."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"'{text[:40]}' is not a time", mend="write it as 2026-06-18T20:00", code="bad_form_time") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def _local(at: datetime | None, zone: str) -> str:
    return "" if at is None else at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _major(minor: int | None, currency: str) -> str:
    return "" if not minor else f"{Money(minor, currency).major.normalize():f}"


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _percent(bps: int | None) -> str:
    return "" if bps is None else f"{(Decimal(bps) / 100).normalize():f}"


def _list(text: Any) -> list[str]:
    return [part.strip() for part in str(text).replace("，", ",").replace("\n", ",").split(",") if part.strip()]


def _decimal(text: Any, name: str) -> Decimal | None:
    plain = str(text).strip().replace(",", "")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= 10**10:
        raise InvalidInput(f"'{str(text)[:40]}' is not a number", mend="write it in digits", code="bad_form_number", field=name)
    return found


def _minor(text: Any, currency: str, name: str) -> int | None:
    found = _decimal(text, name)
    return None if found is None else Money.of(found, currency).minor


def _number(text: Any, name: str) -> int | None:
    found = _decimal(text, name)
    if found is not None and found != found.to_integral_value():
        raise InvalidInput(f"'{str(text)[:40]}' is not a number", mend="write it in digits", code="bad_form_number", field=name)
    return None if found is None else int(found)


def _bps(text: Any) -> int | None:
    found = _decimal(text, "percent")
    return None if found is None else int(found * 100)


def _step(line: str, currency: str) -> dict[str, int]:
    """A line such as `300 = 50`, or `300 = 10%`."""
    threshold, equals, gain = line.partition("=")
    if not equals:
        raise InvalidInput(f"'{line[:40]}' is not a step", mend="write each as 300 = 50, or 300 = 10%", code="bad_form_step")
    least = _minor(threshold, currency, "tiers") or 0
    if gain.strip().endswith("%"):
        return {"min_amount": least, "bps": _bps(gain.strip()[:-1]) or 0}
    return {"min_amount": least, "minor": _minor(gain, currency, "tiers") or 0}


def _step_text(step: Mapping[str, Any], currency: str) -> str:
    gain = f"{_percent(step['bps'])}%" if step.get("bps") is not None else _major(step.get("minor"), currency) or "0"
    return f"{_major(step.get('min_amount'), currency) or '0'} = {gain}"
