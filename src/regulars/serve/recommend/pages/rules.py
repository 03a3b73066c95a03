"""The rules over recommendations: what stands, how one is taken away, and a new one with what it would change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from regulars.console import forms, parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.recommend import ruling, service
from regulars.serve.recommend.domain.lists import PLACEMENTS, Placement, Wanted
from regulars.serve.recommend.domain.rules import KINDS, MATCHED, Kind, RecommendRule
from regulars.serve.recommend.putting import Moved, RulePreview
from regulars.serve.recommend.words import KINDS as KIND_WORDS
from regulars.serve.recommend.words import PLACES, WHYS

_GONE = 20


def said(s: Screen, words: tuple[str, str]) -> str:
    """English or Chinese."""
    return words[s.language == "zh"]


def standing(s: Screen) -> list[RecommendRule]:
    """The rules of the shop."""
    with s.records.reading() as uow:
        return ruling.rules(uow, s.shop.shop_id)


def card(s: Screen, found: list[RecommendRule]) -> None:
    """The rules, each with a way to take it away."""
    note = s.t("They count over all models; a pinned product is shown only while it may be shown at all.")
    with parts.card(s.t("Rules"), note, flush=True):
        if not found:
            parts.empty("rule", s.t("No rules"), s.t("The models alone decide. Pin, boost, bury or keep out products with a rule."))
            return
        may = s.may("manage_segments")
        columns = [
            Column(s.t("Rule")),
            Column(s.t("Products"), width="long"),
            Column(s.t("Placement")),
            Column(s.t("From")),
            Column(s.t("To")),
            *([Column("", align="end")] if may else []),
        ]
        rows = [Row(_rule_cells(s, one, may)) for one in found]
        sheet(columns, rows, caption=s.t("Rules"), kind="cards", on_open=lambda index, _: _take_away(s, found[index]))


def _rule_cells(s: Screen, one: RecommendRule, may: bool) -> list[Cell]:
    kind = said(s, KIND_WORDS[one.kind])
    more = f"#{one.slot}" if one.kind == "pin" else f"{one.strength:g}" if one.kind in ("boost", "bury") else ""
    where = s.t("Everywhere") if one.placement is None else said(s, PLACES[one.placement])
    cells = [
        Cell(f"{kind} {more}".strip(), sub=one.note),
        Cell(" · ".join(one.match.values()), sub=one.segment_id or ""),
        Cell(where),
        Cell(s.day(one.from_at) if one.from_at else "–"),
        Cell(s.day(one.to_at) if one.to_at else "–"),
    ]
    return [*cells, Cell(s.t("Take away"), action="remove")] if may else cells


def _take_away(s: Screen, one: RecommendRule) -> None:
    def gone() -> RecommendRule:
        with s.records.unit() as uow:
            return ruling.remove_rule(uow, s.caller, s.shop.shop_id, one.rule_id)

    forms.sure(
        s,
        s.t("Take the rule away?"),
        s.t("It counts no more from the next list on; the audit trail keeps that it was there."),
        s.t("Take away"),
        gone,
        done=lambda _: s.redraw(),
    )


def new_rule(s: Screen, wanted: Wanted) -> None:
    """Make a rule; what it would change in the list of the page is shown before it is kept."""
    values: dict[str, Any] = {"kind": "pin", "by": "product_id", "value": "", "placement": "", "slot": "1", "strength": "1", "from": "", "to": "", "segment": "", "note": ""}  # fmt: skip
    dialog = forms.Dialog(s, s.t("New rule"), wide=True)
    named = {"product_id": s.t("Product number"), "category": s.t("Category"), "brand": s.t("Brand"), "seller_id": s.t("Seller")}
    with dialog:
        with parts.box("rg-form"):
            forms.choice_field(values, "kind", s.t("Rule"), [(kind, said(s, KIND_WORDS[kind])) for kind in KINDS])
            forms.choice_field(
                values,
                "placement",
                s.t("Placement"),
                [("", s.t("Everywhere")), *((one, said(s, PLACES[one])) for one in PLACEMENTS)],
            )
            forms.choice_field(values, "by", s.t("Products by"), [(name, named[name]) for name in MATCHED])
            fields = {
                "value": forms.text_field(values, "value", s.t("Its number or name")),
                "slot": forms.text_field(values, "slot", s.t("Place of a pin"), kind="number"),
                "strength": forms.text_field(
                    values, "strength", s.t("Strength"), hint=s.t("What a boost adds; the best score is 1")
                ),
                "from": forms.text_field(values, "from", s.t("From"), kind="date"),
                "to": forms.text_field(values, "to", s.t("To"), kind="date"),
                "segment": forms.text_field(values, "segment", s.t("Only for the segment"), hint=s.t("Its id; empty: everybody")),
                "note": forms.text_field(values, "note", s.t("Note")),
            }
        place = parts.box("rg-stack")

    def told() -> dict[str, Any]:
        return {
            "kind": cast(Kind, values["kind"]),
            "match": {values["by"]: str(values["value"]).strip()},
            "placement": cast(Placement, values["placement"]) if values["placement"] else None,
            "slot": int(values["slot"]) if str(values["slot"]).isdecimal() else None,
            "strength": _number(values["strength"]),
            "from_at": _instant(values["from"]),
            "to_at": _instant(values["to"]),
            "segment_id": values["segment"].strip() or None,
            "note": values["note"].strip(),
        }

    def keep() -> RecommendRule:
        with s.records.unit() as uow:
            return ruling.add_rule(uow, s.caller, s.shop.shop_id, **told())

    def look() -> RulePreview:
        draft = ruling.drafted(s.caller, **told())
        house = s.house
        with s.records.reading() as uow:
            return service.preview(uow, s.records, s.warehouse, s.home, house.keyring, s.shop, wanted, draft, language=s.language)

    def show(found: RulePreview) -> None:
        for name, field in fields.items():  # drawn anew with the dialog: what was typed stays
            field.props["value"] = str(values[name])
            field.update()
        place.clear()
        with place:
            _previewed(s, found)

    with dialog.foot:
        parts.button(s.t("Preview"), s.act(look, show), icon="visibility")
    dialog.buttons(s.t("Keep"), s.act(keep, dialog.done, permission="manage_segments"))
    dialog.open()


def _previewed(s: Screen, found: RulePreview) -> None:
    """The list without and with the rule, side by side, what moved, and what is kept out and why."""
    place = said(s, PLACES[found.without.recommendation.placement])
    if not found.counts:
        parts.notice(
            s.t("The rule does not count in this list."),
            s.t("It is for another placement, another time or another segment. The list of the page is “{place}”.", place=place),
        )
        return
    if not found.moved and not found.filtered:
        parts.notice(s.t("The rule changes nothing in this list ({place}).", place=place))
        return
    after = {one.product_id: one for one in found.moved}
    with parts.box("rg-grid"):
        for title, told in ((s.t("Without the rule"), found.without), (s.t("With the rule"), found.with_rule)):
            rows = [
                Row(
                    [
                        Cell(str(one.position), sub=_way(s, after.get(one.product_id)) if told is found.with_rule else ""),
                        Cell(one.name or one.product_id, sub=one.reason.text),
                    ]
                )
                for one in told.recommendation.items
            ]
            with parts.card(title, place, flush=True, classes="w-6"):
                if rows:
                    sheet(
                        [Column("#", align="end"), Column(s.t("Product"), width="long")],
                        rows,
                        caption=title,
                    )
                else:
                    parts.empty("recommend", s.t("Nothing to show here"), s.t("The rule lets nothing in."))
    gone = [one for one in found.moved if one.after is None]
    if gone or found.filtered:
        whys = {one.product_id: said(s, WHYS[one.why]) for one in found.filtered}
        names = {one.product_id: one.name or one.product_id for one in found.filtered}
        names |= {one.product_id: one.name or one.product_id for one in gone}
        rows = [Row([Cell(name), Cell(whys.get(one, s.t("Pushed out by others")))]) for one, name in list(names.items())[:_GONE]]
        with parts.card(s.t("No longer in the list"), flush=True):
            sheet([Column(s.t("Product")), Column(s.t("Why"), width="long")], rows, caption=s.t("No longer in the list"))


def _way(s: Screen, moved: Moved | None) -> str:
    """How a product's place changed."""
    if moved is None or moved.after is None:
        return ""
    if moved.before is None:
        return s.t("new")
    steps = moved.before - moved.after
    return f"{'↑' if steps > 0 else '↓'} {abs(steps)}"


def _number(told: str) -> float:
    try:
        return float(told)
    except ValueError:
        return 0.0  # refused with words


def _instant(told: str) -> datetime | None:
    return datetime.fromisoformat(told).replace(tzinfo=UTC) if told else None
