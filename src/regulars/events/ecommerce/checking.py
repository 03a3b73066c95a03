"""What breaks an event's schema, and the typed values it gives to the warehouse's columns; compiled once per specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from regulars.events.ecommerce.vocabulary import PRODUCT
from regulars.events.specs import EventSpec, PropertySpec
from regulars.values.amounts import LARGEST_AMOUNT, read_amount, read_number

Check = Callable[[Any], str | None]
Reader = Callable[[Any], "str | int | Decimal | None"]

_LARGEST: Final = int(LARGEST_AMOUNT)
_WIDEST_INT64: Final = 2**63

#: The classes of a JSON value that a check need not look at.
_TEXT: Final = frozenset({str, int})


def problems(spec: EventSpec, properties: Mapping[str, Any]) -> list[str]:
    """What breaks the schema, as codes `property:what`; empty for a clean event.

    `what` is one of missing, not_a_string, not_a_number, too_large, not_an_integer, not_a_boolean, not_a_time, not_a_list,
    not_products, not_a_currency. A product's property is `products.price`; each code is told once. Null is as good as missing, and
    properties the catalogue does not know are a shop's own business.
    """
    found: list[str] = []
    checks, needs = _compiled(spec)
    for name, value in properties.items():
        if name in checks and value is not None:
            known = checks[name]
            if value.__class__ is str and known.takes_text:
                continue
            code = known.check(value)
            if code is not None:
                found += [f"{known.name}{part}" for part in code.split(";")] if ";" in code else [known.name + code]
    for name, any_of in needs:
        for each in any_of:
            if properties.get(each) not in (None, ""):
                break
        else:
            found.append(f"{name}:missing")
    return found


def columns(spec: EventSpec, properties: Mapping[str, Any]) -> dict[str, str | int | Decimal]:
    """The hot columns of the table `events` that this event fills, read as their types; what cannot be read is left out.

    `value_minor` is not among them: it needs the currency (`order_value`, `values.amounts.to_minor`).
    """
    filled: dict[str, str | int | Decimal] = {}
    for column, names, read in _columns(spec):
        for name in names:
            value = properties.get(name)
            if value is not None and (value := read(value)) is not None:
                filled[column] = value
                break
    return filled


class _Known:
    """A property as the hot path needs it."""

    __slots__ = ("check", "name", "takes_text")

    def __init__(self, prop: PropertySpec) -> None:
        self.name = prop.name
        self.takes_text = prop.type == "string" and prop.unit is None
        self.check = _checked(prop)


_COMPILED: dict[str, tuple[dict[str, _Known], tuple[tuple[str, tuple[str, ...]], ...]]] = {}
_COLUMNS: dict[str, tuple[tuple[str, tuple[str, ...], Reader], ...]] = {}


def _compiled(spec: EventSpec) -> tuple[dict[str, _Known], tuple[tuple[str, tuple[str, ...]], ...]]:
    try:
        return _COMPILED[spec.name]
    except KeyError:
        checks = _checks(spec.properties)
        needs = tuple((prop.name, prop.names + prop.instead) for prop in spec.properties if prop.required)
        return _COMPILED.setdefault(spec.name, (checks, needs))


def _checks(properties: tuple[PropertySpec, ...]) -> dict[str, _Known]:
    """By every name a property arrives under; a name that is a property of its own belongs to that one."""
    checks: dict[str, _Known] = {}
    for prop in properties:
        known = _Known(prop)
        for alias in prop.aliases:
            checks.setdefault(alias, known)
    return checks | {prop.name: _Known(prop) for prop in properties}


def _columns(spec: EventSpec) -> tuple[tuple[str, tuple[str, ...], Reader], ...]:
    try:
        return _COLUMNS[spec.name]
    except KeyError:
        feeding = [prop for prop in spec.properties if prop.column and prop.column != "value_minor"]
        made = tuple((prop.column or "", prop.names, _READERS.get(prop.type, _read_text)) for prop in feeding)
        return _COLUMNS.setdefault(spec.name, made)


# -- checks: None, or `:what` ------------------------------------------------------------------------------------------


def _checked(prop: PropertySpec) -> Check:
    return _currency if prop.unit == "ISO 4217" else _CHECKS[prop.type]


def _string(value: Any) -> str | None:
    return None if value.__class__ in _TEXT or isinstance(value, float) else ":not_a_string"


def _money(value: Any) -> str | None:
    if value.__class__ is int or value.__class__ is float:
        return None if -_LARGEST < value < _LARGEST else (":too_large" if value == value else ":not_a_number")
    number = read_number(value)
    if number is None:
        return ":not_a_number"
    return None if abs(number) < LARGEST_AMOUNT else ":too_large"


def _integer(value: Any) -> str | None:
    if value.__class__ is int:
        return None if -_WIDEST_INT64 <= value < _WIDEST_INT64 else ":too_large"
    number = read_number(value)
    if number is None or number != number.to_integral_value():
        return ":not_an_integer"
    return None if abs(number) < _WIDEST_INT64 else ":too_large"


def _boolean(value: Any) -> str | None:
    return None if value is True or value is False else ":not_a_boolean"


def _time(value: Any) -> str | None:
    if not isinstance(value, str):
        return ":not_a_time"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return ":not_a_time"
    return None


def _currency(value: Any) -> str | None:
    code = isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha()
    return None if code else ":not_a_currency"


def _list(value: Any) -> str | None:
    return None if isinstance(value, list | tuple) else ":not_a_list"


def _products(value: Any) -> str | None:
    """Codes of all products together, each once, separated by semicolons."""
    if not isinstance(value, list | tuple):
        return ":not_products"
    found: dict[str, None] = {}
    for product in value:
        if not isinstance(product, Mapping):
            return ":not_products"
        for name, told in product.items():
            known = _PRODUCT_CHECKS.get(name)
            if known is not None and told is not None and not (told.__class__ is str and known.takes_text):
                code = known.check(told)
                if code is not None:
                    found[f".{known.name}{code}"] = None
        if not any(product.get(name) not in (None, "") for name in _NAMES_A_PRODUCT):
            found[".product_id:missing"] = None
    return ";".join(found) if found else None


_CHECKS: dict[str, Check] = {
    "string": _string,
    "number": _money,
    "money": _money,
    "integer": _integer,
    "boolean": _boolean,
    "datetime": _time,
    "list": _list,
    "products": _products,
}
_PRODUCT_CHECKS = _checks(PRODUCT)
_NAMES_A_PRODUCT = (*PRODUCT[0].names, "name")


# -- readers -----------------------------------------------------------------------------------------------------------


def _read_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return None if isinstance(value, bool | list | dict) else str(value)


def _read_integer(value: Any) -> int | None:
    number = read_number(value)
    return int(number) if number is not None and number == number.to_integral_value() and abs(number) < _WIDEST_INT64 else None


_READERS: dict[str, Reader] = {"money": read_amount, "number": read_amount, "integer": _read_integer, "string": _read_text}
