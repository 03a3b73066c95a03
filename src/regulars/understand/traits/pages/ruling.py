"""The dialog that makes or changes a tag: its name, its rule of several conditions and a segment, and who gets it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from regulars.console import forms, parts
from regulars.console.view import Screen
from regulars.understand import segments
from regulars.understand.questions import ATTRIBUTE_WORDS, Desk
from regulars.understand.traits import tagging
from regulars.understand.traits.catalogue import TRAITS
from regulars.understand.traits.domain import Tag

_OPS = ("eq", "ne", "gte", "lte", "gt", "lt", "contains", "is_set", "not_set")
_BARE = ("is_set", "not_set")
_NUMERIC = ("gte", "lte", "gt", "lt")


def property_names(s: Screen) -> dict[str, str]:
    """What a condition may ask of a customer, in words."""
    language = "zh" if s.language == "zh" else "en"
    return {key: s.t(words) for key, words in ATTRIBUTE_WORDS.items()} | {one.name: one.label[language] for one in TRAITS.values()}


def tag_dialog(s: Screen, one: Tag | None, known: Sequence[tuple[str, str]]) -> None:
    """Make a tag, or change one; `known` are the segments by id and name."""
    values: forms.Values = {
        "name": one.name if one else "",
        "description": one.description if one else "",
        "segment": (one.segment if one else None) or "",
        "ids": "",
    }
    rows: list[dict[str, Any]] = [dict(told) for told in one.where] if one else []
    dialog = forms.Dialog(s, s.t("Change the tag") if one else s.t("New tag"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=60)
        forms.text_field(values, "description", s.t("What it means"))
        with parts.box("rg-field wide"):
            parts.text(s.t("Everybody for whom all of this holds gets it"))
            place = parts.box("rg-stack").style("gap: 8px")
        choices = [("", s.t("In any segment or none")), *known]
        if values["segment"] and values["segment"] not in dict(known):
            choices.append((values["segment"], s.t("A segment that is gone")))
        hint = s.t("For groups, events and orders build a segment, and choose it here.")
        forms.choice_field(values, "segment", s.t("And who is in"), choices, hint=hint)
        forms.long_field(values, "ids", s.t("Customers who get it by hand"), hint=s.t("One number a line"), lines=3)

    def draw() -> None:
        place.clear()
        with place:
            for told in rows:
                _condition(s, told, partial(drop, told), draw)
            parts.button(s.t("Condition"), add, icon="add", kind="quiet")
            if not rows:
                parts.text(s.t("No rule: by hand only"), "rg-small rg-muted", "p")

    def add() -> None:
        rows.append({"key": "order_count", "op": "gte", "value": ""})
        draw()

    def drop(told: dict[str, Any]) -> None:
        rows[:] = [other for other in rows if other is not told]
        draw()

    draw()
    dialog.buttons(
        s.t("Save") if one else s.t("Make the tag"),
        s.act(lambda: _keep(s, one, values, rows), dialog.done, permission="manage_segments"),
    )
    dialog.open()


def _condition(s: Screen, told: dict[str, Any], drop: Any, draw: Any) -> None:
    names = property_names(s)
    key, op = str(told.get("key", "")), str(told.get("op", "eq"))
    with parts.box("rg-cond"):
        with parts.box("rg-cond-fields"):
            parts.select(
                s.t("Property"), [*names.items(), *([] if key in names else [(key, key)])], key, partial(told.__setitem__, "key")
            )

            def compare(value: str) -> None:
                told["op"] = value
                draw()

            ops = [(one, s.word("comparison", one)) for one in (*_OPS, *([] if op in _OPS else [op]))]
            parts.select(s.t("Comparison"), ops, op, compare)
            if op not in _BARE:
                value = told.get("value", "")
                shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
                field = parts.box("rg-input rg-text-in", "input")
                field.props("type=text maxlength=200 autocomplete=off")
                field.props["aria-label"] = field.props["placeholder"] = s.t("Value")
                field.props["value"] = shown
                field.on(
                    "input",
                    lambda event: told.__setitem__("value", str(event.args or "")),
                    js_handler="(event) => emit(event.target.value)",
                )
        parts.button("", drop, icon="close", kind="quiet", title=s.t("Remove the condition"))


def _rule(values: forms.Values, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    where = [_told(one) for one in rows]
    segment = values["segment"] or None
    return {"where": where, "segment": segment} if where or segment else None


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    op = str(one.get("op", "eq"))
    made = {"key": one["key"], "op": op, "on": "customer"}
    if op in _BARE:
        return made
    value = one.get("value", "")
    if op in ("in", "not_in", "between") and isinstance(value, str):
        return made | {"value": [_typed(each, op) for each in value.replace("，", ",").split(",") if each.strip()]}
    return made | {"value": _typed(value, op)}


def _typed(value: Any, op: str) -> Any:
    """A number where one is written: kept texts such as `gold` stay texts."""
    try:
        number = float(str(value).strip())
    except ValueError:
        return value.strip() if isinstance(value, str) else value
    return int(number) if number.is_integer() and op not in _NUMERIC else number


def _keep(s: Screen, one: Tag | None, values: forms.Values, rows: Sequence[Mapping[str, Any]]) -> None:
    desk, rule = Desk(s.warehouse, s.shop), _rule(values, rows)
    with s.records.unit() as uow:
        if one is None:
            kept = tagging.make_tag(uow, s.caller, desk, name=values["name"], description=values["description"], rule=rule)
        else:
            kept = tagging.change_tag(
                uow, s.caller, desk, one.tag_id, name=values["name"], description=values["description"], rule=rule,
                drop_rule=rule is None,
            )  # fmt: skip
        listed = [each for each in str(values["ids"] or "").replace(",", "\n").split() if each]
        if listed:
            tagging.tag_customers(uow, s.warehouse, s.caller, s.shop.shop_id, kept.tag_id, add=listed)


def segment_names(s: Screen) -> list[tuple[str, str]]:
    """The shop's segments: id and name."""
    with s.records.reading() as uow:
        return [(one.segment_id, one.called(s.language)) for one in segments.listing(uow, s.shop.shop_id)]
