"""The fields of the builder: events with conditions, properties, times, choices; each writes into the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.view import Screen
from regulars.understand.metrics import METRICS
from regulars.understand.questions import Desk
from regulars.understand.reports.arriving import ArrivingEvent, properties
from regulars.understand.reports.pages.shapes import Field
from regulars.understand.reports.pages.words import INTERVAL_WORDS, OP_WORDS, RANGE_WORDS, WINDOW_WORDS
from regulars.values.zones import local_day

Question = dict[str, Any]
_ANY = "\u0000"


@dataclass(frozen=True)
class Builder:
    """The question being built, what can be chosen, and how to draw the form anew."""

    s: Screen
    desk: Desk
    question: Question
    events: Sequence[ArrivingEvent]
    again: Callable[[], None]
    segments: Sequence[tuple[str, str]] = ()  # id and name

    def put(self, name: str, value: Any) -> None:
        """Set a field, or leave it out."""
        if value is None or value == "" or value == []:
            self.question.pop(name, None)
        else:
            self.question[name] = value

    def then(self, act: Callable[..., Any], *values: Any) -> None:
        """Change something, and draw the form anew."""
        act(*values)
        self.again()


def draw_field(b: Builder, field: Field) -> None:
    """One field of the form."""
    s = b.s
    match field.form:
        case "events":
            _events(b, field)
        case "event":
            with _labelled(s.t(field.label)):
                told = b.question.get(field.name) or {"event": None}
                _one_event(b, told, partial(b.then, b.put, field.name))
        case "choice":
            chosen = str(b.question.get(field.name, field.default or ""))
            _select(b, s.t(field.label), [(v, s.t(w)) for v, w in field.choices], chosen, lambda v: b.put(field.name, v))
        case "interval":
            chosen = str(b.question.get(field.name, field.default))
            b.question.setdefault(field.name, chosen)
            parts_ = [
                (v, s.t(w)) for v, w in INTERVAL_WORDS.items() if v != "hour" or field.name != "interval" or "event" in b.question
            ]
            _select(b, s.t(field.label), parts_, chosen, lambda v: b.put(field.name, v))
        case "window":
            chosen = _short(b.question.get(field.name, field.default))
            b.question.setdefault(field.name, chosen)
            choices = [(v, s.t(w)) for v, w in WINDOW_WORDS.items()]
            if chosen not in WINDOW_WORDS:
                choices.append((chosen, chosen))
            _select(b, s.t(field.label), choices, chosen, lambda v: b.put(field.name, v))
        case "number":
            _number(b, field)
        case "text":
            with _labelled(s.t(field.label)):
                written(str(b.question.get(field.name) or ""), lambda v: b.put(field.name, v))
        case "property":
            _property(b, field)
        case "metrics":
            _metrics(b, field)
        case "range":
            _range(b)
        case "to":
            with _labelled(s.t(field.label)):
                written(str(b.question.get("to") or ""), lambda v: b.put("to", v), kind="date")


def conditions(b: Builder, held: dict[str, Any], event: str | None) -> None:
    """Conditions on events that must all hold; they stand in `held["where"]`, beside those on the customer."""
    s = b.s
    told = held.setdefault("where", [])
    seen = properties(b.desk, event) if b.events else []
    for one in [one for one in told if one.get("on", "event") == "event"]:
        with parts.box("rg-row").style("gap: 6px; flex-wrap: wrap; width: 100%"):
            written(
                one.get("key", ""),
                partial(b.then, one.__setitem__, "key"),
                offered=[p.key for p in seen],
                label=s.t("Property"),
                width="130px",
                late=True,
            )
            made = parts.select(
                s.t("Condition"),
                [(v, s.t(w)) for v, w in OP_WORDS.items()],
                one.get("op", "eq"),
                partial(b.then, one.__setitem__, "op"),
            )
            made.style("min-height: 32px; max-width: 120px")
            if one.get("op", "eq") not in ("is_set", "not_set"):
                values = next((p.values for p in seen if p.key == one.get("key")), ())
                shown = one.get("value", "")
                written(
                    "" if shown is None else str(shown),
                    partial(one.__setitem__, "value"),
                    offered=values,
                    label=s.t("Value"),
                    width="120px",
                )
            parts.button("", partial(b.then, told.remove, one), icon="close", kind="quiet", title=s.t("Remove the condition"))
    parts.button(s.t("Condition"), lambda: b.then(told.append, {"key": "", "op": "eq", "value": ""}), icon="add", kind="quiet")


def cleaned(question: Question) -> Question:
    """The question without conditions that were begun and not finished."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            made = {name: clean(inner) for name, inner in value.items()}
            if "where" in made:
                made["where"] = [_told(one) for one in made["where"] if one.get("key")]
                if not made["where"]:
                    del made["where"]
            return made
        return [clean(one) for one in value] if isinstance(value, list) else value

    found: Question = clean({name: value for name, value in question.items() if value != []})
    return found


def _told(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "value" or one.get("op") not in ("is_set", "not_set")}


def _events(b: Builder, field: Field) -> None:
    s = b.s
    told: list[Any] = b.question.setdefault(field.name, [])
    while len(told) < field.least:
        told.append({"event": b.events[min(len(told), len(b.events) - 1)].event} if b.events else {"event": None})
    with _labelled(s.t(field.label)):
        for i, one in enumerate(told):
            made = {"event": one} if isinstance(one, str) else one
            told[i] = made
            with parts.box().style("border-left: 2px solid var(--line-strong); padding-left: 10px; width: 100%"):
                with parts.box("rg-row").style("gap: 4px; flex-wrap: nowrap"):
                    if field.name == "steps":
                        parts.text(f"{i + 1}.", "rg-num rg-faint")
                    _event_select(b, made, partial(b.then, made.__setitem__, "event"))
                    if i:
                        parts.button(
                            "",
                            partial(b.then, _up, told, i),
                            icon="arrow_upward",
                            kind="quiet",
                            title=s.t("Move up"),
                        )
                    if len(told) > field.least:
                        parts.button("", partial(b.then, told.pop, i), icon="close", kind="quiet", title=s.t("Remove"))
                conditions(b, made, made.get("event"))
        if len(told) < field.most:
            parts.button(s.t("Event"), lambda: b.then(told.append, {"event": b.events[0].event if b.events else None}), icon="add")


def _up(told: list[Any], i: int) -> None:
    told.insert(i - 1, told.pop(i))


def _one_event(b: Builder, told: Any, done: Callable[[Any], Any]) -> None:
    made = {"event": told} if isinstance(told, str) else told
    with parts.box().style("width: 100%"):
        _event_select(b, made, lambda name: done({**made, "event": name}))
        if made.get("event") is not None:
            held = made
            conditions(b, held, made["event"])


def _event_select(b: Builder, made: dict[str, Any], chosen: Callable[[str | None], Any]) -> None:
    s = b.s
    choices = [(_ANY, s.t("Any event")), *((one.event, f"{one.event} · {s.short(one.events)}") for one in b.events)]
    now = _ANY if made.get("event") is None else str(made["event"])
    if now not in dict(choices):
        choices.append((now, now))
    field = parts.select(s.t("Event"), choices, now, lambda v: chosen(None if v == _ANY else v))
    field.style("flex: 1; min-width: 0; max-width: none; min-height: 34px; width: 100%")


def _property(b: Builder, field: Field) -> None:
    s = b.s
    told = b.question.get(field.name)
    key = str(told.get("key") or told.get("prop") or "") if isinstance(told, dict) else str(told or "")
    if field.name == "node" and key == "event":
        key = ""
    told_events: list[Any] = b.question.get("steps") or b.question.get("series") or []
    first = next((one.get("event") for one in told_events if isinstance(one, dict)), None)
    offered = [one.key for one in properties(b.desk, first)] if b.events else []

    def put(value: str) -> None:
        value = value.strip()
        if field.name == "node":
            b.put("node", {"prop": value} if value else "event")
        else:
            b.put(field.name, {"key": value, "on": "event"} if value else None)

    with _labelled(s.t(field.label)):
        common = ["$channel", "$device", "$region", "$utm_campaign"]
        written(key, put, offered=[*offered, *common], placeholder=s.t("Nothing"))


def _metrics(b: Builder, field: Field) -> None:
    s = b.s
    chosen: list[str] = b.question.setdefault("metrics", [b.question.pop("metric", "net_revenue")])
    with _labelled(s.t(field.label)):
        for i, name in enumerate(chosen):
            with parts.box("rg-row").style("gap: 4px; flex-wrap: nowrap; width: 100%"):
                field_ = parts.select(
                    s.t("Metric"),
                    [(m, METRICS[m].title[s.language]) for m in METRICS],
                    name,
                    partial(chosen.__setitem__, i),
                )
                field_.style("flex: 1; min-width: 0; max-width: none; min-height: 34px")
                if len(chosen) > 1:
                    parts.button("", partial(b.then, chosen.pop, i), icon="close", kind="quiet", title=s.t("Remove"))
        if len(chosen) < 8:
            parts.button(s.t("Metric"), partial(b.then, chosen.append, "orders"), icon="add")


def _range(b: Builder) -> None:
    s = b.s
    told = b.question.get("range") or {}
    last = b.desk.as_of() - timedelta(microseconds=1)
    last_on = local_day(last, s.zone)
    with _labelled(s.t("Time range")):
        chosen = "" if told else "usual"

        def preset(value: str) -> None:
            if value == "usual":
                b.put("range", None)
            elif value:
                b.put("range", {"from": (last_on - timedelta(days=int(value) - 1)).isoformat(), "to": last_on.isoformat()})
            b.again()

        made = parts.select(s.t("Time range"), [(v, s.t(w)) for v, w in RANGE_WORDS.items()], chosen, preset)
        made.style("width: 100%; max-width: none; min-height: 34px")
        with parts.box("rg-row").style("gap: 6px; flex-wrap: nowrap; width: 100%"):
            written(str(told.get("from", ""))[:10], lambda v: _end(b, "from", v), kind="date", label=s.t("From"))
            written(str(told.get("to", ""))[:10], lambda v: _end(b, "to", v), kind="date", label=s.t("To"))


def _end(b: Builder, name: str, value: str) -> None:
    told = dict(b.question.get("range") or {})
    if value:
        told[name] = value
    else:
        told.pop(name, None)
    b.put("range", told or None)


def _number(b: Builder, field: Field) -> None:
    b.question.setdefault(field.name, field.default)

    def put(value: str) -> None:
        if value.strip().isdecimal():
            b.question[field.name] = max(field.least, min(field.most, int(value)))

    with _labelled(b.s.t(field.label)):
        written(str(b.question[field.name]), put, kind="number")


def _select(b: Builder, label: str, choices: Sequence[tuple[str, str]], chosen: str, put: Callable[[str], Any]) -> None:
    with _labelled(label):
        made = parts.select(label, choices, chosen, put)
        made.style("width: 100%; max-width: none; min-height: 34px")


def _labelled(label: str) -> ui.element:
    with parts.box("rg-field") as made:
        parts.text(label)
    return made


def written(
    value: str,
    put: Callable[[str], Any],
    *,
    kind: str = "text",
    offered: Sequence[str] = (),
    label: str = "",
    placeholder: str = "",
    width: str = "100%",
    late: bool = False,
) -> None:
    """A field of one line that writes while typing; `late` when it is left."""
    field = ui.element("input").classes("rg-input")
    field.props(f"type={kind} maxlength=200 autocomplete=off")
    field.props["value"] = value
    if label:
        field.props["aria-label"] = label
        field.props["placeholder"] = label
    if placeholder:
        field.props["placeholder"] = placeholder
    field.style(f"width: {width}; min-width: 0; min-height: 32px")
    field.on(
        "change" if late or kind == "date" else "input",
        lambda event: put(str(event.args or "")),
        js_handler="(event) => emit(event.target.value)",
    )
    if offered:
        with ui.element("datalist") as listed:
            for one in offered:
                ui.element("option").props["value"] = one
        listed.props["id"] = f"offered-{field.id}"
        field.props["list"] = f"offered-{field.id}"


def _short(told: Any) -> str:
    if isinstance(told, dict):
        return f"{told.get('value', 7)}{str(told.get('unit', 'day'))[0]}"
    return str(told)
