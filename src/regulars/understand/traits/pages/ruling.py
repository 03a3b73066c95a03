"""The dialog that makes or changes a tag: its name, its rule built as a segment is, and who gets it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.console import forms, parts
from regulars.console.view import Screen
from regulars.understand import segments
from regulars.understand.questions import ATTRIBUTE_WORDS, Desk
from regulars.understand.segments import drafting
from regulars.understand.segments.pages.rows import Offered, group
from regulars.understand.segments.service import event_names
from regulars.understand.traits import tagging
from regulars.understand.traits.catalogue import TRAITS
from regulars.understand.traits.domain import Tag


def property_names(s: Screen) -> dict[str, str]:
    """What a condition may ask of a customer, in words."""
    language = "zh" if s.language == "zh" else "en"
    return {key: s.t(words) for key, words in ATTRIBUTE_WORDS.items()} | {one.name: one.label[language] for one in TRAITS.values()}


def tree_of(one: Tag) -> dict[str, Any] | None:
    """A tag's whole rule as one tree; null without a rule."""
    rows: list[dict[str, Any]] = [
        {"attribute": told["key"], **{name: told[name] for name in ("op", "value") if name in told}} for told in one.where
    ]
    if one.segment is not None:
        rows.append({"segment": one.segment})
    if one.where_tree is not None:
        if not rows:
            return one.where_tree
        rows.append(one.where_tree)
    return {"all": rows} if rows else None


def offered(s: Screen) -> Offered:
    """What the builder of rules offers while typing."""
    with s.records.reading() as uow:
        known = [(one.segment_id, one.called(s.language)) for one in segments.listing(uow, s.shop.shop_id)]
        tags = [one.name for one in tagging.tags(uow, s.warehouse, s.shop.shop_id)]
    return Offered(event_names(Desk(s.warehouse, s.shop)), known, list(property_names(s).items()), tags)


def tag_dialog(s: Screen, one: Tag | None, offers: Offered) -> None:
    """Make a tag, or change one."""
    values: forms.Values = {"name": one.name if one else "", "description": one.description if one else "", "ids": ""}
    tree = tree_of(one) if one else None
    rule = drafting.new_group() if tree is None else drafting.group_of(tree)
    dialog = forms.Dialog(s, s.t("Change the tag") if one else s.t("New tag"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=60)
        forms.text_field(values, "description", s.t("What it means"))
        with parts.box("rg-field wide"):
            parts.text(s.t("Everybody for whom this holds gets it"))
            place = parts.box("rg-stack").style("gap: 8px")
        forms.long_field(values, "ids", s.t("Customers who get it by hand"), hint=s.t("One number a line"), lines=3)

    def draw() -> None:
        place.clear()
        with place:
            group(s, rule, offers)
            if not rule["rows"]:
                parts.text(s.t("No rule: by hand only"), "rg-small rg-muted", "p")

    offers.redraw = draw
    draw()
    dialog.buttons(
        s.t("Save") if one else s.t("Make the tag"),
        s.act(lambda: _keep(s, one, values, rule), dialog.done, permission="manage_segments"),
    )
    dialog.open()


def _keep(s: Screen, one: Tag | None, values: forms.Values, rule: Mapping[str, Any]) -> None:
    desk = Desk(s.warehouse, s.shop)
    told = {"where_tree": drafting.tree_of(dict(rule))} if rule["rows"] else None
    with s.records.unit() as uow:
        if one is None:
            kept = tagging.make_tag(uow, s.caller, desk, name=values["name"], description=values["description"], rule=told)
        else:
            kept = tagging.change_tag(
                uow, s.caller, desk, one.tag_id, name=values["name"], description=values["description"], rule=told,
                drop_rule=told is None,
            )  # fmt: skip
        listed = [each for each in str(values["ids"] or "").replace(",", "\n").split() if each]
        if listed:
            tagging.tag_customers(uow, s.warehouse, s.caller, s.shop.shop_id, kept.tag_id, add=listed)
