"""Recommendations: what a shopper would be shown and why, and how the methods did on the shop's own past."""

from __future__ import annotations

from typing import cast

from regulars.console import parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.recommend import learning, service
from regulars.serve.recommend.domain.lists import MEANINGS, NEED_CONTEXT, PLACEMENTS, ExplainedList, Placement, Wanted
from regulars.serve.recommend.learning import Method, RecommendQuality
from regulars.serve.recommend.pages import rules
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
        parts.button(s.t("How they do"), href=s.url("/recommendations/performance"), icon="query_stats")
        where = s.url("/storefront", piece=s.query.get("placement"), item=s.query.get("context"))
        parts.button(s.t("Put it on the shop"), href=where, icon="storefront")
        if s.may("manage_segments"):
            parts.button(s.t("New rule"), lambda: rules.new_rule(s, _wanted(s, placement)), icon="add", kind="primary")
    placement = cast(Placement, s.choice("placement", PLACEMENTS, "home"))
    with parts.box("rg-filters"):
        choices = [(one, _said(s, PLACES[one])) for one in PLACEMENTS]
        parts.select(s.t("Placement"), choices, placement, lambda value: s.go(placement=value))
        parts.search(s.t("Customer"), s.query.get("customer", ""), lambda value: _asked(s, "customer", value))
        parts.search(s.t("Visitor"), s.query.get("visitor", ""), lambda value: _asked(s, "visitor", value))
        parts.search(s.t("Product on the page"), s.query.get("context", ""), lambda value: _asked(s, "context", value))
    s.part("list", lambda: _preview(s, placement))
    s.load(lambda: rules.standing(s), lambda found: rules.card(s, found))
    s.load(lambda: _quality(s), lambda found: _quality_card(s, found))


def _said(s: Screen, words: tuple[str, str]) -> str:
    return words[s.language == "zh"]


def _asked(s: Screen, name: str, value: str) -> None:
    s.set_query(**{name: value.strip() or None})
    s.redraw_part("list")


def _wanted(s: Screen, placement: Placement) -> Wanted:
    """The list that the filters of the page ask for."""
    return Wanted(
        placement=placement,
        customer=s.query.get("customer") or None,
        visitor=s.query.get("visitor") or None,
        context=tuple(one for one in s.query.get("context", "").split() if one),
        size=_SIZE,
    )


def _preview(s: Screen, placement: Placement) -> None:
    wanted = _wanted(s, placement)
    if placement in NEED_CONTEXT and not wanted.context:
        with parts.card():
            parts.empty("ads_click", s.t("Name a product"), s.t("This list starts from the product that the page is about."))
        return

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
            parts.text(
                s.t(
                    "Judged on {day}, each method with what was known before; ± is half of the 95 % interval. Lists with a click: {n}; from 2,000 on they are learned from too.",
                    day=s.day(found.judged_at),
                    n=s.count(found.clicked_lists),
                )
            )


def _methods(s: Screen, title: str, methods: list[Method], figures: tuple[tuple[str, str], ...]) -> None:
    columns = [Column(title), *(Column(label, align="end") for _, label in figures)]
    rows = [Row([Cell(_said(s, METHODS[one.method])), *(_figure(one, name) for name, _ in figures)]) for one in methods]
    sheet(columns, rows, caption=title)


def _figure(one: Method, name: str) -> Cell:
    """A figure with the half of its interval."""
    low, high = one.intervals.get(name, (0.0, 0.0))
    return Cell(f"{one.figures[name]:.3f}", sub=f"± {(high - low) / 2:.3f}" if high > low else "")
