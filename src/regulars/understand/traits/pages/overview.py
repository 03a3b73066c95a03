"""All traits, and how each is spread among the customers."""

from __future__ import annotations

from urllib.parse import urlencode

from regulars.console import parts, screen, shell
from regulars.console.charts import Line, Plot, plot_card, table_menu
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.traits import service
from regulars.understand.traits.catalogue import FAMILIES
from regulars.understand.traits.domain import Bin, Distribution, TraitOverview, Traits
from regulars.understand.traits.words import value_words


@screen("/traits", permission="read_reports", nav="Traits", icon="person_search", order=65, group="Understand")
def traits_page(s: Screen) -> None:
    """What are the customers like?"""
    tools = shell.head(
        s,
        s.t("Traits"),
        s.t("What customers are like, computed from what they did. Every trait says how, and why where it is missing."),
    )
    with tools:
        if s.may("read_customers"):
            parts.button(s.t("Tags"), icon="sell", href=s.url("/tags"))
        if s.may("export") and s.may("read_customers"):
            asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language}
            parts.button(s.t("Export CSV"), icon="download", href="/v1/customer_traits?" + urlencode(asked))
    s.load(lambda: service.overview(s.warehouse, s.shop, language=s.language), lambda found: _all(s, found), skeleton="page")


def _all(s: Screen, found: Traits) -> None:
    s.currency = found.currency
    if not found.customers:
        parts.empty(
            "person_search",
            s.t("No traits yet"),
            s.t("They are computed after orders, customers or events were loaded."),
            action=s.t("Load data"),
            href=s.url("/data/load"),
        )
        return
    chosen = s.choice("trait", tuple(one.name for one in found.traits), "lifetime_value")
    s.load(
        lambda: service.distribution(s.warehouse, s.shop, chosen, language=s.language),
        lambda told: _spread(s, told),
        skeleton="card",
    )
    for family, names in FAMILIES.items():
        mine = [one for one in found.traits if one.family == family]
        title = names["zh" if s.language == "zh" else "en"]
        with parts.card(title, flush=True) as card:
            columns = [
                Column(s.t("Trait"), width="long"),
                Column(s.t("Median"), align="end", hint=s.t("Below it: what the middle half of customers have")),
                Column(s.t("Who has it"), align="end"),
            ]
            sheet(columns, [_trait_row(s, one, found.currency) for one in mine], caption=title)
        table_menu(s, card, title)


def _trait_row(s: Screen, one: TraitOverview, currency: str) -> Row:
    def words(number: float | None) -> str:
        return "–" if one.unit == "text" else value_words(s, one.unit, number, None, currency)

    middle = "" if one.low is None else f"{words(one.low)} – {words(one.high)}"
    return Row(
        [
            Cell(one.label, sub=one.reason or one.formula, href=s.url(trait=one.name)),
            Cell(words(one.median), sub=middle),
            Cell(s.share(one.share), bar=one.share, hint=s.count(one.customers)),
        ],
        key=one.name,
    )


def _spread(s: Screen, told: Distribution) -> None:
    one = told.trait
    if not told.bins:
        with parts.card(one.label, one.formula):
            parts.notice(s.t("Nobody has this trait."), one.reason or "", tone="info")
        return
    places = [_bin_words(s, one, bin_, last=bin_ is told.bins[-1]) for bin_ in told.bins]
    counts = [bin_.customers for bin_ in told.bins]
    words = [f"{s.count(bin_.customers)} ({s.share(bin_.share)})" for bin_ in told.bins]
    if told.others:
        places, counts, words = [*places, s.t("Others")], [*counts, told.others], [*words, s.count(told.others)]
    plot_card(
        s,
        Plot(
            title=one.label,
            places=places,
            place_name=one.label,
            lines=[Line(s.t("Customers"), counts, words, kind="bar")],
        ),
        note=one.formula,
    )


def _bin_words(s: Screen, one: TraitOverview, bin_: Bin, *, last: bool) -> str:
    if one.unit == "text":
        return value_words(s, one.unit, None, bin_.key, s.currency)
    assert bin_.start is not None
    assert bin_.end is not None
    start, end = (value_words(s, one.unit, number, None, s.currency) for number in (bin_.start, bin_.end))
    return (
        start if one.unit in ("hour", "score") and bin_.end - bin_.start <= 1 else f"{start} – {end}" if not last else f"{start} +"
    )
