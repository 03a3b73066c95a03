"""How the places of recommendations do: clicks, orders and revenue, against random and popular products, and what each place tries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from regulars.console import charts, forms, parts, periods, screen, shell
from regulars.console.charts import Line, Plot
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.recommend import performing, placing
from regulars.serve.recommend.domain.lift import LiftState
from regulars.serve.recommend.domain.lists import PLACEMENTS, Placement
from regulars.serve.recommend.domain.spread import Spread
from regulars.serve.recommend.domain.trials import ADVISED_BPS, NO_BASELINE, ORDERS, Order, PlacementSetting
from regulars.serve.recommend.pages.rules import said
from regulars.serve.recommend.performing import By, PlacementFigures, PlacementPropensities, RecommendPerformance
from regulars.serve.recommend.words import AGAINST, ARMS, LIFT_STATES, PLACES, SHOWN_BY, ordered_by
from regulars.serve.recommend.words import ORDERS as ORDER_WORDS
from regulars.values import clock
from regulars.values.periods import Period

_TONES: dict[LiftState, Tone] = {"better": "good", "worse": "bad", "no_difference": "", "too_few": "info"}
_BYS: tuple[By, ...] = ("placement", "position", "model", "arm", "shown_by")
_ROWS = 40


@screen("/recommendations/performance", permission="read_reports", title="How recommendations do", parent="/recommendations")
def performance_page(s: Screen) -> None:
    """What came of the lists that were asked for."""
    today = clock.today(s.shop.timezone)
    first = today - timedelta(days=performing.KEPT_DAYS - 1)
    period = periods.chosen(s, first, today, "30d")
    placement = cast("Placement | None", s.choice("placement", PLACEMENTS) or None)
    tools = shell.head(
        s,
        s.t("How recommendations do"),
        s.t("What was shown, seen and clicked, and what was bought after a click; against random and popular products."),
        back=(s.t("Recommendations"), s.url("/recommendations")),
    )
    with tools:
        choices = [("", s.t("All placements")), *((one, said(s, PLACES[one])) for one in PLACEMENTS)]
        parts.select(s.t("Placement"), choices, placement or "", lambda value: s.go(placement=value or None))
        periods.picker(s, period, first, today, "30d")
    by = cast(By, s.choice("by", _BYS, "placement"))

    def ask() -> tuple[RecommendPerformance, RecommendPerformance, list[PlacementSetting]]:
        def asked(one: By) -> RecommendPerformance:
            return performing.performance(s.warehouse, s.shop, period=period, by=[one], placement=placement)

        with s.records.reading() as uow:
            return asked(by), asked("day"), placing.placements(uow, s.shop.shop_id)

    s.load(ask, lambda found: _shown(s, by, period, *found), skeleton="page")
    s.load(
        lambda: performing.spreads(s.warehouse, s.shop, period=period),
        lambda found: _spread(s, [one for one in found if placement in (None, one.placement)]),
        skeleton="none",
    )
    s.load(
        lambda: performing.propensities(s.warehouse, s.shop),
        lambda found: _places(s, [one for one in found if placement in (None, one.placement)]),
        skeleton="none",
    )


def _shown(
    s: Screen,
    by: By,
    period: Period,
    found: RecommendPerformance,
    daily: RecommendPerformance,
    settings: list[PlacementSetting],
) -> None:
    total = found.total
    if not total.served:
        with parts.card():
            parts.empty(
                "query_stats",
                s.t("No list was asked for in this time"),
                s.t("Lists are noted by themselves when the shop asks for them over the API or with the storefront's components."),
                action=s.t("Try a list"),
                href=s.url("/recommendations"),
            )
        _settings(s, settings)
        return
    seen = total.measured_by == "seen"
    with parts.box("rg-tiles five"):
        parts.tile(s.t("Lists served"), s.short(total.lists), exact=s.count(total.lists))
        note = "" if seen else s.t("no page tells what was seen")
        parts.tile(
            s.t("Products seen"),
            s.short(total.seen) if seen else "–",
            exact=s.count(total.seen),
            notes=[("", note, "", "")] if note else [],
        )
        of = s.t("of what was seen") if seen else s.t("of what was served")
        parts.tile(s.t("Click-through"), s.share(total.click_through, 2), notes=[("", of, "", "")])
        parts.tile(s.t("Orders after a click"), s.short(total.orders), notes=[("", s.t("within 7 days"), "", "")])
        parts.tile(
            s.t("Revenue after a click"),
            s.short_money(total.revenue),
            exact=s.money(total.revenue),
            notes=[("", s.t("without refunds"), "", "")],
        )
    _lifts(s, found, settings)
    _figures(s, by, found)
    _course(s, period, daily)
    _settings(s, settings)


def _lifts(s: Screen, found: RecommendPerformance, settings: list[PlacementSetting]) -> None:
    note = s.t(
        "Click-through of what the model chose against what stood beside it by lot; each visitor counts once in the interval."
    )
    with parts.card(s.t("Lift of the model"), note, flush=True):
        if not found.lifts:
            drawn = any(one.draws or one.variant for one in settings)
            parts.empty(
                "balance",
                s.t("Nothing to compare with yet"),
                s.t("Lists with random or popular products have not been served in this time.")
                if drawn
                else s.t(
                    "Let 2 % of a placement's lists hold one random product, and 2 % be in popular order: choose it below, under “Set a placement”."
                ),
            )
            return
        columns = [
            Column(s.t("Placement"), width="long"),
            Column(s.t("Click-through"), align="end"),
            Column(s.t("Beside it"), align="end"),
            Column(s.t("Better by"), align="end"),
            Column(s.t("95 % interval"), align="end"),
            Column(s.t("Verdict")),
        ]
        rows = [
            Row(
                [
                    Cell(said(s, PLACES[one.placement]), sub=said(s, AGAINST[one.against])),
                    Cell(s.share(one.click_through, 2), sub=s.count(one.shown), hint=s.t("Products shown")),
                    Cell(s.share(one.base_click_through, 2), sub=s.count(one.base_shown), hint=s.t("Products shown")),
                    Cell("–" if one.lift is None else s.change(one.lift)),
                    Cell("–" if one.low is None else f"{s.change(one.low)} … {s.change(one.high)}"),
                    Cell(
                        said(s, LIFT_STATES[one.state]),
                        badge=True,
                        tone=_TONES[one.state],
                        hint=s.t("At least 200 products seen, 10 clicks and 30 visitors on either side are needed")
                        if one.state == "too_few"
                        else "",
                    ),
                ]
            )
            for one in found.lifts
        ]
        sheet(columns, rows, caption=s.t("Lift of the model"), kind="cards")


def _figures(s: Screen, by: By, found: RecommendPerformance) -> None:
    names = {
        "placement": s.t("Placement"),
        "position": s.t("Place in the list"),
        "model": s.t("Put in order by"),
        "arm": s.t("Arm"),
        "shown_by": s.t("Shown by"),
    }
    with parts.card(s.t("What came of it"), flush=True) as card:
        columns = [
            Column(names[by], width="long"),
            Column(s.t("Lists"), align="end"),
            Column(s.t("Products seen"), align="end"),
            Column(s.t("Clicks"), align="end"),
            Column(s.t("Click-through"), align="end"),
            Column(s.t("Orders"), align="end"),
            Column(s.t("Revenue"), align="end"),
        ]
        rows = [
            Row(
                [
                    Cell(_name(s, one)),
                    Cell(s.count(one.lists)),
                    Cell(s.count(one.seen) if one.measured_by == "seen" else "–"),
                    Cell(s.count(one.clicks)),
                    Cell(s.share(one.click_through, 2)),
                    Cell(s.count(one.orders)),
                    Cell(s.money(one.revenue)),
                ]
            )
            for one in found.rows[:_ROWS]
        ]
        sheet(columns, rows, caption=s.t("What came of it"), kind="cards")
    with card.tools:
        parts.select(s.t("By"), [(one, names[one]) for one in _BYS], by, lambda value: s.go(by=value))
    charts.table_menu(s, card, s.t("What came of it"))
    with card.foot():
        parts.text(
            s.t(
                "An order counts when the same person orders a product within 7 days after clicking it in a list; refunds are taken off. Order lines in other currencies than the shop's are left out."
            )
        )


def _name(s: Screen, one: PlacementFigures) -> str:
    if one.placement is not None:
        return said(s, PLACES[one.placement])
    if one.position is not None:
        return f"#{one.position}"
    if one.model is not None:
        return ordered_by(one.model, s.language)
    if one.shown_by is not None:
        return said(s, SHOWN_BY[one.shown_by])
    return said(s, ARMS.get(one.arm or "", (one.arm or "", one.arm or "")))


def _course(s: Screen, period: Period, daily: RecommendPerformance) -> None:
    told = {one.on: one for one in daily.rows}
    days = [period.start_on + timedelta(days=day) for day in range(period.days)]
    values = [told[day].click_through if day in told else None for day in days]
    line = Line(s.t("Click-through"), values, [s.share(value, 2) for value in values])
    charts.plot_card(s, Plot(s.t("Click-through by day"), [s.day(day) for day in days], s.t("Day"), [line], axis="share"))


def _spread(s: Screen, found: list[Spread]) -> None:
    if not found:
        return
    note = s.t("The first ten places of each list, the period cut into four parts from old to new.")
    with parts.card(s.t("Spread over the catalogue"), note, flush=True) as card:
        columns = [
            Column(s.t("Placement"), width="long"),
            Column(s.t("Impressions"), align="end"),
            Column(s.t("Coverage"), align="end", hint=s.t("The share of the catalogue that was shown at all")),
            Column(s.t("Gini"), align="end", hint=s.t("0: all products are shown alike; 1: one has all impressions")),
            Column(s.t("Novelty"), align="end", hint=s.t("In bits; the more, the less often others buy what is shown")),
            Column(
                s.t("Top 1 %"), align="end", hint=s.t("The best-selling 1 % of the catalogue has this share of the impressions")
            ),
        ]
        rows = [
            Row(
                [
                    Cell(said(s, PLACES[one.placement]), sub=s.span(one.start_on, one.last_on)),
                    Cell(s.count(one.impressions)),
                    Cell(s.share(one.coverage)),
                    Cell("–" if one.gini is None else f"{one.gini:.3f}"),
                    Cell("–" if one.novelty is None else f"{one.novelty:.2f}"),
                    Cell(s.share(one.head_share)),
                ]
            )
            for one in found
            if one.impressions
        ]
        sheet(columns, rows, caption=s.t("Spread over the catalogue"), kind="cards")
    charts.table_menu(s, card, s.t("Spread over the catalogue"))


def _places(s: Screen, found: list[PlacementPropensities]) -> None:
    if not found:
        return
    note = s.t(
        "Learned from lists of 60 days in which a random product stood; a click counts one over it in learning, at most ten."
    )
    with parts.card(s.t("How much each place is looked at"), note, flush=True):
        columns = [
            Column(s.t("Placement"), width="long"),
            Column(s.t("Place in the list"), align="end"),
            Column(s.t("Times shown"), align="end"),
            Column(s.t("Clicks"), align="end"),
            Column(s.t("Share of the first"), align="end"),
            Column(s.t("95 % interval"), align="end"),
            Column(s.t("A click counts"), align="end"),
        ]
        rows = [
            Row(
                [
                    Cell(said(s, PLACES[one.placement])),
                    Cell(f"#{place.position}"),
                    Cell(s.count(place.shown)),
                    Cell(s.count(place.clicks)),
                    Cell(s.t("too few yet"), tone="faint")
                    if place.propensity is None
                    else Cell(s.share(place.propensity), bar=place.propensity),
                    Cell("–" if place.low is None or place.position == 1 else f"{s.share(place.low)} … {s.share(place.high)}"),
                    Cell("–" if place.weight is None else f"{place.weight:.2f}"),
                ]
            )
            for one in found
            for place in one.positions
        ]
        sheet(columns, rows, caption=s.t("How much each place is looked at"), kind="cards")


def _settings(s: Screen, found: list[PlacementSetting]) -> None:
    note = s.t(
        "Nothing of this is on until it is set. A share of lists tells how good the model is; caps let other products have their turn."
    )
    on = [one for one in found if one.draws or one.variant or one.most_per_visitor or one.most_share_bps]
    by_name = {one.placement: one for one in found}
    may = s.may("manage_segments")
    with parts.card(s.t("What each place tries and caps"), note, flush=True) as card:
        if not on:
            parts.empty(
                "tune",
                s.t("Nothing is tried and nothing capped"),
                s.t(
                    "Choose a placement above to let some of its lists be compared with random or popular products, or to cap products."
                ),
            )
        else:
            columns = [
                Column(s.t("Placement"), width="long"),
                Column(s.t("Random product"), align="end"),
                Column(s.t("Popular order"), align="end"),
                Column(s.t("A/B test")),
                Column(s.t("Per visitor and day"), align="end"),
                Column(s.t("Share of one product"), align="end"),
                *([Column("", align="end")] if may else []),
            ]
            rows = [
                Row(
                    [
                        Cell(said(s, PLACES[one.placement])),
                        Cell(_part(s, one.random_bps)),
                        Cell(_part(s, one.popular_bps)),
                        Cell("–" if one.variant is None else f"{said(s, ORDER_WORDS[one.variant])} {_part(s, one.variant_bps)}"),
                        Cell("–" if one.most_per_visitor is None else s.count(one.most_per_visitor)),
                        Cell("–" if one.most_share_bps is None else _part(s, one.most_share_bps)),
                        *([Cell(s.t("Set"), action="set")] if may else []),
                    ]
                )
                for one in on
            ]
            sheet(
                columns,
                rows,
                caption=s.t("What each place tries and caps"),
                kind="cards",
                on_open=lambda index, _: _set(s, on[index]),
            )
    if may:
        choices = [("", s.t("Set a placement")), *((one, said(s, PLACES[one])) for one in PLACEMENTS)]
        with card.tools:
            parts.select(
                s.t("Set a placement"), choices, "", lambda value: _set(s, by_name[cast(Placement, value)]) if value else None
            )


def _part(s: Screen, bps: int) -> str:
    return s.share(bps / 10_000) if bps else "–"


def _set(s: Screen, one: PlacementSetting) -> None:
    values: dict[str, Any] = {
        "random": f"{one.random_bps / 100:g}",
        "popular": f"{one.popular_bps / 100:g}",
        "variant": one.variant or "",
        "variant_share": f"{one.variant_bps / 100:g}",
        "per_visitor": str(one.most_per_visitor or ""),
        "share": f"{one.most_share_bps / 100:g}" if one.most_share_bps else "",
    }
    dialog = forms.Dialog(s, s.t("{place}: what it tries and caps", place=said(s, PLACES[one.placement])), wide=True)
    with dialog, parts.box("rg-form"):
        if one.placement not in NO_BASELINE:
            advised = s.t("Percent of lists; {n} is advised, 0 switches it off", n=f"{ADVISED_BPS / 100:g}")
            forms.text_field(values, "random", s.t("One random product in"), kind="number", hint=advised)
            forms.text_field(values, "popular", s.t("Popular order in"), kind="number", hint=advised)
            forms.choice_field(
                values,
                "variant",
                s.t("A/B test: another order"),
                [("", s.t("No test")), *((order, said(s, ORDER_WORDS[order])) for order in ORDERS if order != "model")],
            )
            forms.text_field(values, "variant_share", s.t("Percent of visitors who get it"), kind="number")
        often = s.t("Seen so often by one visitor in a day, a product goes behind the others; empty: no cap")
        forms.text_field(values, "per_visitor", s.t("Most views by one visitor"), kind="number", hint=often)
        much = s.t("With so much of the placement's impressions of 7 days, a product goes behind the others; empty: no cap")
        forms.text_field(values, "share", s.t("Most percent for one product"), kind="number", hint=much)

    def keep() -> PlacementSetting:
        setting = PlacementSetting(
            placement=one.placement,
            random_bps=_bps(values["random"]),
            popular_bps=_bps(values["popular"]),
            variant=cast(Order, values["variant"]) if values["variant"] else None,
            variant_bps=_bps(values["variant_share"]),
            most_per_visitor=_whole(values["per_visitor"]),
            most_share_bps=_bps(values["share"]) or None,
        )
        with s.records.unit() as uow:
            return placing.set_placement(uow, s.caller, s.shop.shop_id, setting)

    done: Callable[..., Any] = dialog.done
    dialog.buttons(s.t("Keep"), s.act(keep, done, permission="manage_segments"))
    dialog.open()


def _bps(told: object) -> int:
    """Percent as basis points; what is no number is refused with words."""
    text = str(told).strip().replace("%", "")
    try:
        return round(float(text) * 100) if text else 0
    except (ValueError, OverflowError):
        return -1


def _whole(told: object) -> int | None:
    text = str(told).strip()
    return None if not text or text == "0" else int(text) if text.isdecimal() else -1
