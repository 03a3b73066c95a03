"""Recommendations: what a shopper would be shown and why, the rules over it, and how it does against plain methods."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from regulars.console import forms, parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.recommend import learning, ruling, service
from regulars.serve.recommend.domain.lists import MEANINGS, NEED_CONTEXT, PLACEMENTS, ExplainedList, Placement, Wanted
from regulars.serve.recommend.domain.rules import KINDS, MATCHED, Kind, RecommendRule
from regulars.serve.recommend.learning import Method, RecommendQuality
from regulars.serve.recommend.words import KINDS as KIND_WORDS
from regulars.serve.recommend.words import METHODS, PLACES, RANKINGS, WHYS, ordered_by

_SIZE = 12
_DROPPED = 15


@screen("/recommendations", permission="read_customers", nav="Recommendations", icon="recommend", order=75, group="Act")
def recommendations_page(s: Screen) -> None:
    """What one shopper would see, and what stands behind it."""
    tools = shell.head(
        s,
        s.t("Recommendations"),
        s.t(
            "What a shopper is shown in each place, why these, in this order, and what was left out. The last click counts already."
        ),
    )
    with tools:
        where = s.url("/storefront", piece=s.query.get("placement"), item=s.query.get("context"))
        parts.button(s.t("Put it on the shop"), href=where, icon="storefront")
    if s.may("manage_segments"):
        with tools:
            parts.button(s.t("New rule"), lambda: _new_rule(s), icon="add", kind="primary")
    placement = cast(Placement, s.choice("placement", PLACEMENTS, "home"))
    with parts.box("rg-filters"):
        choices = [(one, _said(s, PLACES[one])) for one in PLACEMENTS]
        parts.select(s.t("Placement"), choices, placement, lambda value: s.go(placement=value))
        parts.search(s.t("Customer"), s.query.get("customer", ""), lambda value: _asked(s, "customer", value))
        parts.search(s.t("Visitor"), s.query.get("visitor", ""), lambda value: _asked(s, "visitor", value))
        parts.search(s.t("Product on the page"), s.query.get("context", ""), lambda value: _asked(s, "context", value))
    s.part("list", lambda: _preview(s, placement))
    s.load(lambda: _rules(s), lambda found: _rules_card(s, found))
    s.load(lambda: _quality(s), lambda found: _quality_card(s, found))


def _said(s: Screen, words: tuple[str, str]) -> str:
    return words[s.language == "zh"]


def _asked(s: Screen, name: str, value: str) -> None:
    s.set_query(**{name: value.strip() or None})
    s.redraw_part("list")


def _preview(s: Screen, placement: Placement) -> None:
    context = tuple(one for one in s.query.get("context", "").split() if one)
    if placement in NEED_CONTEXT and not context:
        with parts.card():
            parts.empty("ads_click", s.t("Name a product"), s.t("This list starts from the product that the page is about."))
        return
    wanted = Wanted(
        placement=placement,
        customer=s.query.get("customer") or None,
        visitor=s.query.get("visitor") or None,
        context=context,
        size=_SIZE,
    )

    def ask() -> ExplainedList:
        with s.records.reading() as uow:
            return service.explain(uow, s.records, s.warehouse, s.home, s.house.keyring, s.shop, wanted, language=s.language)

    s.load(ask, lambda found: _listed(s, found), skeleton="page")


def _listed(s: Screen, told: ExplainedList) -> None:
    found = told.recommendation
    whom = s.t("personal") if found.personalised else s.t("for everybody")
    note = " · ".join((_said(s, MEANINGS[found.placement]), whom, ordered_by(found.model, s.language)))
    with parts.card(_said(s, PLACES[found.placement]), note, flush=True) as card:
        if found.items:
            columns = [
                Column("#", align="end"),
                Column(s.t("Product")),
                Column(s.t("Why"), width="long"),
                Column(s.t("Price"), align="end"),
                Column(s.t("Score"), align="end", hint=s.t("The best of a source is 1; rules add to it")),
            ]
            rows = [
                Row(
                    [
                        Cell(str(one.position)),
                        Cell(
                            one.name or one.product_id,
                            sub=" · ".join(part for part in (one.category, one.brand, one.product_id) if part),
                        ),
                        Cell(one.reason.text),
                        Cell(s.money(one.price) if one.price else "–"),
                        Cell(f"{one.score:.3f}"),
                    ]
                )
                for one in found.items
            ]
            sheet(columns, rows, caption=_said(s, PLACES[found.placement]), kind="cards")
        else:
            parts.empty("recommend", s.t("Nothing to show here"), s.t("Nothing is known that this list could be made of."))
    with card.foot():
        parts.text(
            s.t(
                "{viewed} looked at in this visit, {bought} bought, {candidates} candidates, {dropped} left out",
                viewed=s.count(len(told.viewed)),
                bought=s.count(told.bought),
                candidates=s.count(told.candidates),
                dropped=s.count(len(told.dropped)),
            )
        )
    if told.dropped:
        with parts.card(s.t("Left out"), s.t("Candidates that a filter or a rule took out, the best first"), flush=True):
            rows = [
                Row([Cell(one.name or one.product_id, sub=one.product_id), Cell(_said(s, WHYS[one.why]))])
                for one in told.dropped[:_DROPPED]
            ]
            sheet([Column(s.t("Product")), Column(s.t("Why"), width="long")], rows, caption=s.t("Left out"), kind="cards")


def _rules(s: Screen) -> list[RecommendRule]:
    with s.records.reading() as uow:
        return ruling.rules(uow, s.shop.shop_id)


def _rules_card(s: Screen, found: list[RecommendRule]) -> None:
    note = s.t("They count over all models; a pinned product is shown only while it may be shown at all.")
    with parts.card(s.t("Rules"), note, flush=True):
        if not found:
            parts.empty("rule", s.t("No rules"), s.t("The models alone decide. Pin, boost, bury or keep out products with a rule."))
            return
        may = s.may("manage_segments")
        columns = [
            Column(s.t("Rule")),
            Column(s.t("Products"), width="long"),
            Column(s.t("Where")),
            Column(s.t("From")),
            Column(s.t("To")),
            *([Column("", align="end")] if may else []),
        ]
        rows = [Row(_rule_cells(s, one, may)) for one in found]
        sheet(columns, rows, caption=s.t("Rules"), kind="cards", on_open=lambda index, _: _take_away(s, found[index]))


def _rule_cells(s: Screen, one: RecommendRule, may: bool) -> list[Cell]:
    kind = _said(s, KIND_WORDS[one.kind])
    more = f"#{one.slot}" if one.kind == "pin" else f"{one.strength:g}" if one.kind in ("boost", "bury") else ""
    where = s.t("Everywhere") if one.placement is None else _said(s, PLACES[one.placement])
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


def _new_rule(s: Screen) -> None:
    values: dict[str, Any] = {"kind": "pin", "by": "product_id", "value": "", "placement": "", "slot": "1", "strength": "1", "from": "", "to": "", "segment": "", "note": ""}  # fmt: skip
    dialog = forms.Dialog(s, s.t("New rule"), wide=True)
    named = {"product_id": s.t("Product number"), "category": s.t("Category"), "brand": s.t("Brand"), "seller_id": s.t("Seller")}
    with dialog, parts.box("rg-form"):
        forms.choice_field(values, "kind", s.t("Rule"), [(kind, _said(s, KIND_WORDS[kind])) for kind in KINDS])
        forms.choice_field(
            values, "placement", s.t("Where"), [("", s.t("Everywhere")), *((one, _said(s, PLACES[one])) for one in PLACEMENTS)]
        )
        forms.choice_field(values, "by", s.t("Products by"), [(name, named[name]) for name in MATCHED])
        forms.text_field(values, "value", s.t("Value"))
        forms.text_field(values, "slot", s.t("Place of a pin"), kind="number")
        forms.text_field(values, "strength", s.t("Strength"), hint=s.t("What a boost adds; the best score is 1"))
        forms.text_field(values, "from", s.t("From"), kind="date")
        forms.text_field(values, "to", s.t("To"), kind="date")
        forms.text_field(values, "segment", s.t("Only for the segment"), hint=s.t("Its id; empty: everybody"))
        forms.text_field(values, "note", s.t("Note"))

    def keep() -> RecommendRule:
        with s.records.unit() as uow:
            return ruling.add_rule(
                uow,
                s.caller,
                s.shop.shop_id,
                kind=cast(Kind, values["kind"]),
                match={values["by"]: str(values["value"]).strip()},
                placement=cast(Placement, values["placement"]) if values["placement"] else None,
                slot=int(values["slot"]) if str(values["slot"]).isdecimal() else None,
                strength=_number(values["strength"]),
                from_at=_instant(values["from"]),
                to_at=_instant(values["to"]),
                segment_id=values["segment"].strip() or None,
                note=values["note"].strip(),
            )

    dialog.buttons(s.t("Keep"), s.act(keep, dialog.done, permission="manage_segments"))
    dialog.open()


def _number(told: str) -> float:
    try:
        return float(told)
    except ValueError:
        return 0.0  # refused with words


def _instant(told: str) -> datetime | None:
    return datetime.fromisoformat(told).replace(tzinfo=UTC) if told else None


def _quality(s: Screen) -> RecommendQuality:
    with s.records.reading() as uow:
        return learning.quality(uow, s.shop)


def _quality_card(s: Screen, found: RecommendQuality) -> None:
    with parts.card(s.t("Against plain methods"), _said(s, RANKINGS[found.ranking]), flush=True) as card:
        if not found.sessions and not found.baskets:
            parts.empty(
                "science",
                s.t("Not judged yet"),
                s.t("Every night all methods are held against the shop's newest visits and orders."),
            )
            return
        with parts.box("rg-grid"):
            lists = s.t("Next product of {n} visits", n=s.count(found.lists))
            buyers = s.t("Next basket among {n} buyers", n=s.count(found.buyers))
            for title, methods, figures in (
                (lists, found.sessions, (("hr", "HR@20"), ("mrr", "MRR@20"), ("coverage", s.t("Coverage")))),
                (buyers, found.baskets, (("recall", "Recall@10"), ("ndcg", "NDCG@10"), ("any", s.t("Any hit")))),
            ):
                if methods:
                    with parts.box("w-6"):
                        _methods(s, title, methods, figures)
    if found.judged_at is not None:
        with card.foot():
            parts.text(s.t("Judged on {day}, each method with what was known before", day=s.day(found.judged_at)))


def _methods(s: Screen, title: str, methods: list[Method], figures: tuple[tuple[str, str], ...]) -> None:
    columns = [Column(title), *(Column(label, align="end") for _, label in figures)]
    rows = [
        Row([Cell(_said(s, METHODS[one.method])), *(Cell(f"{one.figures[name]:.3f}") for name, _ in figures)]) for one in methods
    ]
    sheet(columns, rows, caption=title)
