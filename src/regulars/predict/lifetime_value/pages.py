"""Customer values on screen: what they will bring, by tier, by how they began, and customer by customer."""

from __future__ import annotations

from typing import cast, get_args
from urllib.parse import unquote, urlencode

from regulars.collect import identity
from regulars.console import panel, parts, screen, shell
from regulars.console.charts import ChartCard, Line, Plot, cartesian, ranked
from regulars.console.history import as_of_words
from regulars.console.lists import pager
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotEnoughData, NotFound
from regulars.predict.lifetime_value.domain import TIERS, GroupBy, GroupsAnswer, ValueRow, ValuesAnswer
from regulars.predict.lifetime_value.reading import groups, listing, value_of
from regulars.values.money import Money

_TONES: dict[str, Tone] = {"top": "accent", "high": "good", "middle": "info", "low": ""}
_PAGE = 30
_GROUPS_SHOWN = {"cohort": 24}
_GROUPS_RANKED = 12


@screen("/values", permission="read_customers", nav="Customer value", icon="diamond", order=20, group="Predict")
def values_page(s: Screen) -> None:
    """Who will bring how much, and what keeping them is worth."""
    shell_tools = shell.head(
        s,
        s.t("Customer value"),
        s.t("What each customer is expected to bring in the next twelve months, learned from how customers came back before."),
    )

    def ask() -> ValuesAnswer | NotEnoughData:
        try:
            return listing(
                s.warehouse,
                s.shop,
                tier=_tier(s),
                cursor=s.query.get("after") or None,
                limit=_PAGE,
                language=s.language,
            )
        except NotEnoughData as problem:
            return problem

    def show(answer: ValuesAnswer | NotEnoughData) -> None:
        if isinstance(answer, NotEnoughData):
            with parts.card():
                parts.empty("hourglass_empty", s.t("No values can be told yet"), " ".join(s.error(answer)))
            return
        if s.may("export"):
            with shell_tools:
                asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language, **({"tier": _tier(s)} if _tier(s) else {})}
                parts.button(s.t("Export CSV"), icon="download", href="/v1/values?" + urlencode(asked))
        _answer(s, answer)

    s.load(ask, show, skeleton="page")


def _tier(s: Screen) -> str | None:
    return s.choice("tier", tuple(TIERS)) or None


def _answer(s: Screen, answer: ValuesAnswer) -> None:
    s.currency = answer.currency
    for caution in answer.cautions:
        parts.notice(caution.text, tone="info" if caution.code == "not_judged" else "warn")
    _tiles(s, answer)
    with parts.box("rg-grid"):
        _tiers(s, answer)
        _how(s, answer)
    _begun(s)
    with parts.card(s.t("Customers by expected value"), as_of_words(s, answer.as_of), flush=True) as card:
        if answer.rows:
            _sheet(s, answer)
        else:
            parts.empty("diamond", s.t("Nobody in this tier"), s.t("Choose another tier."))
    with card.foot():
        pager(s, shown=len(answer.rows), total=answer.total, next_cursor=answer.next)


def _tiles(s: Screen, answer: ValuesAnswer) -> None:
    kind = s.t("margin") if answer.basis == "margin" else s.t("net revenue, as no costs are known")
    with parts.box("rg-tiles"):
        parts.tile(
            s.t("Expected in 12 months"), s.short_money(answer.value), exact=s.money(answer.value), notes=(("", kind, "", ""),)
        )
        parts.tile(
            s.t("Orders to expect"),
            s.short(round(answer.expected_orders)),
            exact=s.count(round(answer.expected_orders)),
            notes=(("", s.plural(answer.customers, "from {n} customer", "from {n} customers"), "", ""),),
        )
        if answer.retained_gain is not None:
            words = s.t("more in 12 months if it orders within {n} days", n=answer.horizon_days)
            parts.tile(s.t("A retained customer"), s.money(answer.retained_gain), notes=(("", words, "", ""),))
        if answer.tracking_factor is not None:
            hint = s.t("Actual by forecast money of the last {n} days that are over.", n=answer.horizon_days)
            parts.tile(
                s.t("Actual by forecast"),
                s.count(answer.tracking_factor, 2),
                notes=(("", s.t("in the last closed period"), "", hint),),
            )


def _tiers(s: Screen, answer: ValuesAnswer) -> None:
    heads = [
        Column(s.t("Value tier")),
        Column(s.t("Starts at"), align="end", hint=s.t("The least value of the tier")),
        Column(s.t("Customers"), align="end"),
        Column(s.t("Share of the money"), align="end"),
    ]
    rows = [
        Row(
            [
                Cell(row.name, tone=_TONES[row.tier], badge=True),
                Cell(s.money(row.value_from)),
                Cell(s.count(row.customers)),
                Cell(s.share(row.share), hint=s.money(row.value), bar=row.share),
            ],
            href=s.url(None, tier=None if row.tier == _tier(s) else row.tier, after=None, page=None),
            key=row.tier,
        )
        for row in answer.tiers
    ]
    with parts.card(s.t("Value tiers"), s.t("Choose a line to see its customers."), classes="w-7", flush=True):
        sheet(heads, rows, caption=s.t("Value tiers"))


def _how(s: Screen, answer: ValuesAnswer) -> None:
    method = s.t("Purchase model and learned models, averaged") if answer.method == "average" else s.t("Purchase model")
    facts = [(s.t("Method"), method), (s.t("Judged by periods of"), s.days(answer.horizon_days))]
    if answer.margin_rate is not None:
        facts.append((s.t("Margin of the last 12 months"), s.share(answer.margin_rate)))
    if answer.gini is not None:
        facts.append((s.t("Ranks customers (1 is perfect, 0 chance)"), s.count(answer.gini, 2)))
    if answer.coverage is not None:
        facts.append((s.t("Inside their interval at past cut-offs"), s.share(answer.coverage, 0)))
    with parts.card(s.t("How far to trust this"), s.t("Held against what came after past cut-offs."), classes="w-5"):
        parts.facts(facts)


def _sheet(s: Screen, answer: ValuesAnswer) -> None:
    heads = [
        Column(s.t("Customer")),
        Column(s.t("Expected in 12 months"), align="end"),
        Column(s.t("Likely range"), align="end", hint=s.t("Eight of ten customers end inside it")),
        Column(s.t("Next order"), align="end", hint=s.t("The day by which it has come with a chance of one half")),
        Column(s.t("No order in {n} days", n=answer.horizon_days), align="end", width="drop"),
        Column(s.t("Worth keeping"), align="end", hint=s.t("Value if it orders in this time less value if not")),
        Column(s.t("Value tier")),
    ]
    top = max((row.value.minor for row in answer.rows), default=0) or 1
    rows = [
        Row(
            [
                Cell(
                    row.customer_id,
                    href=s.customer_url(row.customer_id),
                    sub=s.plural(row.orders, "{n} order day", "{n} order days"),
                ),
                Cell(s.money(row.value), bar=row.value.minor / top),
                Cell(f"{s.short_money(row.value_low)} – {s.short_money(row.value_high)}"),
                Cell(s.day(row.next_order_at), sub=_between(s, row)),
                Cell(s.share(row.no_order_probability)),
                Cell(s.money(row.retained_gain)),
                Cell(row.tier_name, tone=_TONES[row.tier], badge=True),
            ],
            href=s.customer_url(row.customer_id),
            key=row.customer_id,
        )
        for row in answer.rows
    ]
    sheet(heads, rows, caption=s.t("Customers by expected value"), kind="cards")


def _between(s: Screen, row: ValueRow) -> str:
    if row.next_order_from_at is None or row.next_order_to_at is None:
        return ""
    return f"{s.day(row.next_order_from_at)} – {s.day(row.next_order_to_at)}"


def _begun(s: Screen) -> None:
    by = s.choice("by", get_args(GroupBy), "cohort")
    with parts.box("rg-filters"):
        parts.segmented(
            s.t("Lifetime value by"),
            [
                ("cohort", s.t("First month")),
                ("channel", s.t("First channel")),
                ("first_touch", s.t("First visit")),
                ("category", s.t("First category")),
                ("product", s.t("First product")),
            ],
            by,
            lambda value: s.go(by=value),
        )
    chosen = cast(GroupBy, by)
    with parts.box():
        s.load(
            lambda: groups(s.warehouse, s.shop, chosen, limit=_GROUPS_SHOWN.get(chosen, _GROUPS_RANKED)),
            lambda answer: _groups(s, answer),
            skeleton="card",
        )


def _groups(s: Screen, answer: GroupsAnswer) -> None:
    title = s.t("Lifetime value by how customers began")
    if not answer.rows:
        with parts.card(title):
            parts.empty(
                "category", s.t("The orders do not tell this"), s.t("Load orders with channels or categories, or add the tracker.")
            )
        return
    rows = answer.rows
    plot = Plot(
        title,
        [row.key for row in rows],
        s.t("Began with"),
        [
            Line(
                s.t("Brought so far"),
                [_major(row.so_far) for row in rows],
                [s.money(row.so_far) for row in rows],
                "bar",
                stack="value",
            ),
            Line(
                s.t("Expected in 12 months"),
                [_major(row.expected) for row in rows],
                [s.money(row.expected) for row in rows],
                "bar",
                stack="value",
                notes=[s.plural(row.customers, "{n} customer", "{n} customers") for row in rows],
            ),
        ],
        axis="money",
    )
    heads = [
        s.t("Began with"),
        s.t("Customers"),
        s.t("Brought so far"),
        s.t("Expected in 12 months"),
        s.t("Lifetime value"),
        s.t("Expected of all"),
    ]
    table = [
        [
            row.key,
            s.count(row.customers),
            s.money(row.so_far),
            s.money(row.expected),
            s.money(row.lifetime),
            s.money(row.expected_total),
        ]
        for row in rows
    ]
    options = cartesian(s, plot) if answer.by == "cohort" else ranked(s, plot, plot.places)
    note = s.t("Per customer: what it brought so far and what is expected of it.")
    ChartCard(s, title, options, (heads, table), note=note, height="" if answer.by == "cohort" else "tall")


def _major(amount: Money) -> float:
    return float(amount.major)


@panel("customer", permission="read_customers", order=15)
def customer_value_panel(s: Screen) -> None:
    """What the customer is expected to bring."""
    customer_id = unquote(s.path["customer_id"])

    def ask() -> ValueRow | None:
        with s.records.reading() as uow:
            now_called = identity.customer_of(uow, s.shop.shop_id, customer_id)
        try:
            return value_of(s.warehouse, s.shop, now_called, language=s.language)
        except NotFound:
            return None

    s.load(ask, lambda row: _one(s, row) if row else None, skeleton="none")


def _one(s: Screen, row: ValueRow) -> None:
    with parts.card(s.t("Customer value")) as card:
        parts.facts(
            (
                (s.t("Expected in 12 months"), s.money(row.value)),
                (s.t("Likely range"), f"{s.money(row.value_low)} – {s.money(row.value_high)}"),
                (s.t("Orders to expect"), s.count(row.expected_orders, 1)),
                (s.t("Next order"), s.day(row.next_order_at) if row.next_order_at else s.t("not within ten years")),
                *(((s.t("Half of the time between"), between),) if (between := _between(s, row)) else ()),
                (s.t("Worth keeping"), s.money(row.retained_gain)),
            )
        )
    with card.tools:
        parts.badge(row.tier_name, _TONES[row.tier]).style("margin: 5px 8px 0 0")
