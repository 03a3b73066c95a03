"""Of whom a report is asked: everybody, the members of a segment, those for whom conditions on the customer hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from regulars.console import parts
from regulars.console.view import Screen
from regulars.understand import segments, traits
from regulars.understand.questions import ATTRIBUTE_WORDS
from regulars.understand.reports.pages.fields import Builder, written
from regulars.understand.reports.pages.words import OP_WORDS

_WIDE = "width: 100%; max-width: none; min-height: 34px"


def segments_of(s: Screen) -> list[tuple[str, str]]:
    """The shop's segments: id and name, by name."""
    with s.records.reading() as uow:
        found = segments.listing(uow, s.shop.shop_id)
    return sorted(((one.segment_id, one.called(s.language)) for one in found), key=lambda pair: pair[1])


def of_whom(b: Builder) -> None:
    """The fields that narrow a question to some customers."""
    s = b.s
    now = str(b.question.get("segment") or "")
    choices = [("", s.t("Everybody")), *b.segments]
    if now and now not in dict(b.segments):
        choices.append((now, s.t("A segment that is gone")))
    with parts.box("rg-field"):
        parts.text(s.t("Of whom"))
        made = parts.select(s.t("Of whom"), choices, now, lambda value: b.put("segment", value or None))
        made.style(_WIDE)
        _conditions(b)
    kinds = (("", s.t("Customers and visitors")), ("1", s.t("Known customers only")))
    with parts.box("rg-field"):
        parts.text(s.t("Who counts"))
        known_only = "1" if b.question.get("known_only") else ""
        made = parts.select(s.t("Who counts"), kinds, known_only, lambda v: b.put("known_only", True if v else None))
        made.style(_WIDE)


def _conditions(b: Builder) -> None:
    s = b.s
    told: list[dict[str, Any]] = b.question.setdefault("where", [])
    for one in [one for one in told if one.get("on") == "customer"]:
        with parts.box("rg-row").style("gap: 6px; flex-wrap: wrap; width: 100%"):
            keys = customer_keys(s, str(one.get("key", "")))
            made = parts.select(s.t("Property"), keys, str(one.get("key", "")), partial(b.then, one.__setitem__, "key"))
            made.style("min-height: 32px; max-width: 150px")
            ops = [(op, s.t(words)) for op, words in OP_WORDS.items()]
            made = parts.select(s.t("Condition"), ops, one.get("op", "eq"), partial(b.then, one.__setitem__, "op"))
            made.style("min-height: 32px; max-width: 110px")
            if one.get("op", "eq") not in ("is_set", "not_set"):
                written(
                    "" if one.get("value") is None else str(one["value"]), partial(_said, one), label=s.t("Value"), width="100px"
                )
            parts.button("", partial(b.then, told.remove, one), icon="close", kind="quiet", title=s.t("Remove the condition"))
    fresh = {"key": "region", "op": "eq", "value": "", "on": "customer"}
    parts.button(s.t("Customer condition"), lambda: b.then(told.append, fresh), icon="add", kind="quiet")


def _said(one: dict[str, Any], value: str) -> None:
    """A number as a number, so that it is compared as one."""
    try:
        one["value"] = float(value) if one.get("op") in ("gt", "gte", "lt", "lte") else value
    except ValueError:
        one["value"] = value


def customer_keys(s: Screen, now: str) -> Sequence[tuple[str, str]]:
    """What can be asked of a customer, in words; what is asked already is among it."""
    found = [(key, s.t(words)) for key, words in ATTRIBUTE_WORDS.items()]
    found += [(one.name, one.label["zh" if s.language == "zh" else "en"]) for one in traits.TRAITS.values()]
    return found if now in dict(found) else [*found, (now, now)]
