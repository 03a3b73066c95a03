"""The rows of the builder: one condition each, as a line of fields that reads like a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.view import Screen
from regulars.understand.segments.domain.reading import node
from regulars.understand.segments.domain.traits import LINE_KEYS, ORDER_KEYS, SCORES, SHARES_OF, TRAITS, Known
from regulars.understand.segments.drafting import KINDS, Row, new_group, new_row, new_step
from regulars.understand.segments.words import known_name, sentence

_TEXT_OPS = ("eq", "ne", "in", "not_in", "contains", "is_set", "not_set")
_NUMBER_OPS = ("gte", "lte", "gt", "lt", "eq", "between")
_ALL_OPS = ("eq", "ne", "gte", "lte", "in", "not_in", "contains", "is_set", "not_set")
_BARE = ("is_set", "not_set")
_OFTEN = ("product_id", "category", "brand", "coupon", "$channel", "$device", "$utm_source")
_MOST_STEPS = 10


@dataclass
class Offered:
    """What fields offer while typing."""

    events: Sequence[str] = ()
    segments: Sequence[tuple[str, str]] = ()
    attributes: Sequence[tuple[str, str]] = ()  # properties of customers: key and name
    tags: Sequence[str] = ()
    redraw: Callable[[], None] = lambda: None
    changed: Callable[[], None] = lambda: None


def group(s: Screen, it: Row, offered: Offered, *, depth: int = 0, remove: Callable[[], None] | None = None) -> None:
    """A group of conditions: all of them, or any."""
    with parts.box("rg-group" + (" inner" if depth else "")):
        with parts.box("rg-row rg-between"):
            with parts.box("rg-row"):
                parts.text(s.t("of these") if depth else s.t("Customers for whom"), "rg-small rg-muted")

                def join(value: str) -> None:
                    it["joined"] = value
                    offered.redraw()

                choices = [
                    ("all", s.t("all hold")),
                    ("any", s.t("any holds")),
                    ("none", s.t("none holds")),
                    ("not_all", s.t("not all hold")),
                ]
                parts.segmented(s.t("How conditions are joined"), choices, it["joined"], join)
            if remove is not None:
                parts.button("", remove, icon="close", kind="quiet", title=s.t("Remove the group"))
        for i, one in enumerate(it["rows"]):
            if i:
                parts.text(s.t("and") if it["joined"] in ("all", "not_all") else s.t("or"), "rg-join")
            if one["kind"] == "group":
                group(s, one, offered, depth=depth + 1, remove=_remover(it, one, offered))
            else:
                _row(s, one, offered, _remover(it, one, offered), it)
        with parts.box("rg-row"):
            parts.button(s.t("Condition"), lambda: _add(it, new_row("did"), offered), icon="add", kind="quiet")
            if depth < 2:
                inner = {**new_group("any" if it["joined"] == "all" else "all"), "rows": [new_row("did")]}
                parts.button(s.t("Group"), lambda: _add(it, inner, offered), icon="library_add", kind="quiet")


def _add(it: Row, one: Row, offered: Offered) -> None:
    it["rows"].append(one)
    offered.redraw()


def _remover(it: Row, one: Row, offered: Offered) -> Callable[[], None]:
    def remove() -> None:
        it["rows"][:] = [other for other in it["rows"] if other is not one]
        offered.redraw()

    return remove


def _row(s: Screen, it: Row, offered: Offered, remove: Callable[[], None], parent: Row) -> None:
    with parts.box("rg-cond"):
        with parts.box("rg-cond-fields"):
            if it["kind"] == "text":
                parts.text(sentence(node(it["tree"], "where_tree", s.shop.timezone), s.language), "rg-cond-text")
                parts.text(s.t("Written as text; change it below."), "rg-small rg-faint")
            else:
                _kind(s, it, offered, parent)
                _FIELDS[it["kind"]](s, it, offered)
        parts.button("", remove, icon="close", kind="quiet", title=s.t("Remove the condition"))


def _kind(s: Screen, it: Row, offered: Offered, parent: Row) -> None:
    def become(kind: str) -> None:
        place = next(i for i, one in enumerate(parent["rows"]) if one is it)
        fresh = new_row(kind)
        if "event" in fresh and it.get("event"):
            fresh["event"] = it["event"]
        parent["rows"][place] = fresh
        offered.redraw()

    choices = [(kind, s.word("condition", kind)) for kind in KINDS]
    parts.select(s.t("What is asked"), choices, it["kind"], become).classes("rg-cond-kind")


def _did(s: Screen, it: Row, offered: Offered) -> None:
    _event(s, it, offered)
    _choice(
        s,
        it,
        "measure",
        s.t("Measured by"),
        [(one, s.word("measure of events", one)) for one in ("count", "sum", "avg", "max")],
        offered,
        redraw=True,
    )
    if it["measure"] != "count":
        _text(s, it, "of", s.t("Property"), offered, offer=("total", "revenue", "price", "quantity"))
    _bound(s, it, offered, s.t("times") if it["measure"] == "count" else "")
    _within(s, it, offered)
    _where(s, it, offered, _OFTEN)


def _did_not(s: Screen, it: Row, offered: Offered) -> None:
    _event(s, it, offered)
    _within(s, it, offered)
    _where(s, it, offered, _OFTEN)


def _stopped(s: Screen, it: Row, offered: Offered) -> None:
    _event(s, it, offered)
    _words(s.t("but not in the last"))
    _number(s, it, "since", s.t("Days without it"), offered)
    _words(s.t("days, and before that within"))
    _number(s, it, "before", s.t("Days before, in which it was done"), offered, hint=s.t("all"))
    _words(s.t("days, at least"))
    _number(s, it, "times", s.t("Number"), offered)
    _words(s.t("times"))
    _where(s, it, offered, _OFTEN)


def _regularly(s: Screen, it: Row, offered: Offered) -> None:
    _event(s, it, offered)
    _words(s.t("in at least"))
    _number(s, it, "weeks", s.t("Weeks with it"), offered)
    _words(s.t("of the last"))
    _number(s, it, "of_weeks", s.t("Weeks looked at"), offered)
    _words(s.t("weeks"))
    _where(s, it, offered, _OFTEN)


def _sequence(s: Screen, it: Row, offered: Offered) -> None:
    for i, step in enumerate(it["steps"]):
        if i:
            _words(s.t("then"))
        _event(s, step, offered)
        _where(s, step, offered, _OFTEN)
        if len(it["steps"]) > 2:
            parts.button(
                "", partial(_without, it["steps"], step, offered), icon="close", kind="quiet", title=s.t("Remove the step")
            )
    if len(it["steps"]) < _MOST_STEPS:
        parts.button(s.t("Step"), partial(_with, it["steps"], new_step(""), offered), icon="add", kind="quiet")
    _words(s.t("within"))
    _number(s, it, "days", s.t("Days between"), offered, hint=s.t("any length"))
    _words(s.t("days"))
    _within(s, it, offered)


def _with(listed: list[Row], one: Row, offered: Offered) -> None:
    listed.append(one)
    offered.redraw()


def _without(listed: list[Row], one: Row, offered: Offered) -> None:
    listed[:] = [other for other in listed if other is not one]
    offered.redraw()


def _ordered(s: Screen, it: Row, offered: Offered) -> None:
    measures = [
        (one, s.word("measure of orders", one))
        for one in ("count", "amount", "units", "share", "top_share", "price_index", "first")
    ]
    _choice(s, it, "measure", s.t("Measured by"), measures, offered, redraw=True)
    if it["measure"] == "top_share":
        _choice(s, it, "of", s.t("Property"), [(one, s.word("order property", one)) for one in SHARES_OF], offered)
    if it["measure"] != "first":
        _bound(s, it, offered, "")
    _within(s, it, offered)
    _where(s, it, offered, (*LINE_KEYS, *ORDER_KEYS), fixed=True)


def _trait(s: Screen, it: Row, offered: Offered) -> None:
    _known(s, it, offered, TRAITS)


def _prediction(s: Screen, it: Row, offered: Offered) -> None:
    _known(s, it, offered, SCORES)


def _attribute(s: Screen, it: Row, offered: Offered) -> None:
    _choice(s, it, "key", s.t("Property"), _kept(offered.attributes, it["key"]), offered, redraw=True)
    _compared(s, it, "op", "value", _ALL_OPS, offered)


def _tag(s: Screen, it: Row, offered: Offered) -> None:
    _choice(s, it, "is", s.t("Has or lacks"), [("yes", s.t("has")), ("no", s.t("lacks"))], offered)
    known = [("", s.t("choose one")), *((one, one) for one in offered.tags)]
    _choice(s, it, "tag", s.t("Tag"), _kept(known, it["tag"]), offered)


def _kept(known: Sequence[tuple[str, str]], now: str) -> Sequence[tuple[str, str]]:
    """The choices, with what is chosen already though it is gone."""
    return known if now in dict(known) else [*known, (now, now)]


def _segment(s: Screen, it: Row, offered: Offered) -> None:
    _choice(s, it, "is", s.t("In or not in"), [("yes", s.t("is in")), ("no", s.t("is not in"))], offered)
    _choice(s, it, "segment", s.t("Segments"), [("", s.t("choose one")), *offered.segments], offered)


_FIELDS: dict[str, Callable[[Screen, Row, Offered], None]] = {
    "did": _did, "did_not": _did_not, "first": _did_not, "stopped": _stopped, "regularly": _regularly, "sequence": _sequence,
    "ordered": _ordered, "trait": _trait, "prediction": _prediction, "attribute": _attribute, "tag": _tag, "segment": _segment,
}  # fmt: skip


def _known(s: Screen, it: Row, offered: Offered, known: dict[str, Known]) -> None:
    if it["key"] not in known:
        it["key"] = next(iter(known))

    def become(key: str) -> None:
        it["key"] = key
        words = known[key].kind == "text"
        it["op"] = "eq" if words else "gte"
        it["value"] = known[key].values[0] if known[key].values else "" if words else "1"
        offered.redraw()

    parts.select(s.t("Trait"), [(key, known_name(one, s.language)) for key, one in known.items()], it["key"], become)
    one = known[it["key"]]
    _compared(s, it, "op", "value", _TEXT_OPS if one.kind == "text" else _NUMBER_OPS, offered, offer=one.values)
    unit = {"money": s.shop.currency, "days": s.t("days"), "share": s.t("of 1")}.get(one.kind, "")
    if unit:
        _words(unit)


def _compared(s: Screen, it: Row, op: str, value: str, ops: Sequence[str], offered: Offered, offer: Sequence[str] = ()) -> None:
    known = ops if it[op] in ops else (*ops, it[op])
    _choice(s, it, op, s.t("Comparison"), [(one, s.word("comparison", one)) for one in known], offered, redraw=True)
    if it[op] not in _BARE:
        if offer and it[op] in ("eq", "ne"):
            if it[value] not in offer:
                it[value] = offer[0]
            _choice(s, it, value, s.t("Value"), [(one, s.word("trait value", one)) for one in offer], offered)
        else:
            _text(s, it, value, s.t("Value"), offered, offer=offer)


def _event(s: Screen, it: Row, offered: Offered) -> None:
    _text(s, it, "event", s.t("Event"), offered, offer=offered.events, hint=s.t("anything"))
    if it.get("label"):
        _text(s, it, "label", s.t("Called"), offered)


def _bound(s: Screen, it: Row, offered: Offered, unit: str) -> None:
    _choice(
        s,
        it,
        "bound",
        s.t("Bound"),
        [(one, s.word("bound", one)) for one in ("at_least", "at_most", "exactly", "between")],
        offered,
        redraw=True,
    )
    _number(s, it, "number", s.t("Number"), offered)
    if it["bound"] == "between":
        _number(s, it, "number2", s.t("Number at most"), offered)
    if unit:
        _words(unit)


def _within(s: Screen, it: Row, offered: Offered) -> None:
    now = it.get("when") or ("range" if it["from"] or it["to"] else "ago" if it["until"] else "last")

    def become(when: str) -> None:
        it.update({"when": when, "from": "", "to": "", "until": ""})
        offered.redraw()

    choices = [("last", s.t("in the last … days")), ("ago", s.t("from … to … days ago")), ("range", s.t("between two dates"))]
    parts.select(s.t("When"), choices, now, become)
    if now == "range":
        _input(it, "from", s.t("From"), offered, hint="", classes="rg-text-in").props("type=date")
        _input(it, "to", s.t("To"), offered, hint="", classes="rg-text-in").props("type=date")
        return
    _number(s, it, "within", s.t("Days back"), offered, hint=s.t("all"))
    if now == "ago":
        _words(s.t("until"))
        _number(s, it, "until", s.t("Days back, at least"), offered)
    _words(s.t("days"))


def _where(s: Screen, it: Row, offered: Offered, offer: Sequence[str], *, fixed: bool = False) -> None:
    for one in it["where"]:
        _words(s.t("where"))
        if fixed:
            choices = [(key, s.word("order property", key)) for key in offer]
            _choice(s, one, "key", s.t("Property"), choices, offered)
        else:
            _text(s, one, "key", s.t("Property"), offered, offer=offer)
        _compared(s, one, "op", "value", _ALL_OPS, offered)
        parts.button(
            "", partial(_without, it["where"], one, offered), icon="close", kind="quiet", title=s.t("Remove the condition")
        )
    fresh = {"key": offer[0] if fixed else "", "op": "eq", "value": "", "on": "event"}
    parts.button(s.t("where …"), partial(_with, it["where"], fresh, offered), kind="quiet")


def _words(text: str) -> None:
    parts.text(text, "rg-small rg-muted")


def _choice(
    s: Screen, it: Row, name: str, label: str, choices: Sequence[tuple[str, str]], offered: Offered, *, redraw: bool = False
) -> None:
    def chosen(value: str) -> None:
        it[name] = value
        offered.redraw() if redraw else offered.changed()

    parts.select(label, choices, str(it[name]), chosen)


def _number(s: Screen, it: Row, name: str, label: str, offered: Offered, *, hint: str = "") -> None:
    _input(it, name, label, offered, hint=hint, classes="rg-num-in").props("inputmode=decimal")


def _text(s: Screen, it: Row, name: str, label: str, offered: Offered, *, offer: Sequence[str] = (), hint: str = "") -> None:
    made = _input(it, name, label, offered, hint=hint, classes="rg-text-in")
    if offer:
        with ui.element("datalist") as listed:
            for one in offer:
                ui.element("option").props["value"] = one
        listed.props["id"] = f"offer-{made.id}"
        made.props["list"] = f"offer-{made.id}"


def _input(it: Row, name: str, label: str, offered: Offered, *, hint: str, classes: str) -> ui.element:
    made = ui.element("input").classes(f"rg-input {classes}")
    made.props("type=text maxlength=200 autocomplete=off")
    made.props["aria-label"] = label
    made.props["placeholder"] = hint or label
    made.props["value"] = str(it.get(name, ""))

    def typed(event: Any) -> None:
        it[name] = str(event.args or "")
        offered.changed()

    made.on("input", typed, js_handler="(event) => regulars.later(event.target, () => emit(event.target.value))")
    return made
