"""Act on: customers who should have ordered by now, each with the reason and what to do; and whom to remind of what."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote, urlencode

from regulars.collect import identity
from regulars.console import panel, parts, periods, screen, shell
from regulars.console.history import as_of_words, report_page
from regulars.console.lists import pager
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotEnoughData
from regulars.predict.next_purchase.domain import (
    LEVELS,
    ActOnAnswer,
    ActOnRow,
    Level,
    NextProductRow,
    NextProductsAnswer,
    ShopRhythm,
)
from regulars.predict.next_purchase.replenishment import next_products, next_products_of
from regulars.predict.next_purchase.service import act_on
from regulars.understand import metrics, profiles
from regulars.values.money import Money
from regulars.values.periods import Period

_TONES: dict[str, Tone] = {"on_time": "good", "due": "info", "overdue": "warn", "lost": "bad"}
_TEASER_ROWS = 5
_PAGE = 30


@screen("/act-on", permission="read_customers", nav="Act on", icon="bolt", order=70, group="Act")
def act_on_page(s: Screen) -> None:
    """Whom to write to or call today, and why."""
    report_page(
        s,
        s.t("Act on"),
        s.t("Customers whose next order is late by their own rhythm, ranked by what is at stake in a year."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _view(s, periods.narrowed(s, period)),
        usual="all",
        tools=lambda period: _export(s, periods.narrowed(s, period)),
    )


def _status(s: Screen) -> str:
    return s.choice("status", tuple(profiles.STATUSES), "overdue")


def _export(s: Screen, period: Period | None) -> None:
    if s.may("export"):
        asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language, "status": _status(s), **periods.given(period)}
        if action := s.choice("action", tuple(profiles.ACTIONS)):
            asked["action"] = action
        parts.button(s.t("Export CSV"), icon="download", href="/v1/act_on?" + urlencode(asked))


def _view(s: Screen, period: Period | None) -> None:
    action = s.choice("action", tuple(profiles.ACTIONS)) or None
    s.load(
        lambda: act_on(
            s.warehouse,
            s.shop,
            status=_status(s),
            action=action,
            period=period,
            cursor=s.query.get("after") or None,
            limit=30,
            language=s.language,
        ),
        lambda answer: _answer(s, answer),
        skeleton="page",
    )


def _answer(s: Screen, answer: ActOnAnswer) -> None:
    s.currency = answer.currency
    with parts.box("rg-tiles"):
        for row in answer.statuses:
            money = row.value_at_stake if row.status == "overdue" else row.yearly_value
            words = (
                s.t("{amount} at stake a year", amount=s.short_money(money))
                if row.status == "overdue"
                else s.t("{amount} a year", amount=s.short_money(money))
            )
            tile = parts.tile(
                row.name,
                s.short(row.customers),
                exact=s.count(row.customers),
                href=s.url(None, status=row.status, action=None, after=None, page=None),
                notes=(("", words, "", s.money(money)),),
            )
            tile.props["title"] = row.explanation
            if row.status == _status(s):
                tile.props("aria-current=true").classes("rg-tile-on")
    with parts.box("rg-filters"):
        options = [
            ("", s.t("All suggested actions")),
            *((row.action, f"{row.name} ({s.short(row.customers)})") for row in answer.actions),
        ]
        parts.select(
            s.t("Suggested action"),
            options,
            s.query.get("action", ""),
            lambda value: s.go(action=value or None, after=None, page=None),
        )
        parts.text(s.plural(answer.total, "{n} customer", "{n} customers"), "rg-small rg-faint rg-num")
    with parts.card(flush=True) as card:
        if answer.rows:
            _sheet(s, answer.rows)
        else:
            parts.empty(
                "task_alt", s.t("Nobody to act on here"), s.t("No customer is in this state as of {day}.", day=s.day(answer.as_of))
            )
    with card.foot():
        parts.text(as_of_words(s, answer.as_of))
        pager(s, shown=len(answer.rows), total=answer.total, next_cursor=answer.next)
    if answer.shop_rhythm is not None:
        _how(s, answer.shop_rhythm, answer.currency)


def _sheet(s: Screen, rows: list[ActOnRow]) -> None:
    columns = [
        Column(s.t("Customer")),
        Column(s.t("At stake a year"), align="end", hint=s.t("Yearly value times how likely it is to be lost")),
        Column(s.t("Why"), width="long"),
        Column(s.t("What to do"), width="long"),
        Column(s.t("Status")),
        Column(s.t("Expected"), align="end", width="drop"),
    ]
    top = max((row.next_order.value_at_stake.minor for row in rows), default=0) or 1
    lines = []
    for row in rows:
        following = row.next_order
        href = s.customer_url(row.customer_id)
        known = " · ".join(part for part in (row.segment_name, row.region) if part)
        lines.append(
            Row(
                [
                    Cell(row.customer_id, href=href, sub=known),
                    Cell(s.money(following.value_at_stake), bar=following.value_at_stake.minor / top),
                    Cell(following.reason.text),
                    Cell(following.action.text),
                    Cell(following.status_name, tone=_TONES.get(following.status, ""), badge=True),
                    Cell(s.day(following.expected_at)),
                ],
                href=href,
                key=row.customer_id,
            )
        )
    sheet(columns, lines, caption=s.t("Customers to act on"), kind="cards")


def _how(s: Screen, rhythm: ShopRhythm, currency: str) -> None:
    with (
        parts.card(s.t("How this is worked out"), s.t("Plain arithmetic on each customer's own history; no hidden score.")),
        parts.box("rg-grid"),
    ):
        with parts.box("w-6 rg-stack"):
            for line in (
                s.t(
                    "A customer's rhythm is the median of the days between its order days; with few orders it leans on the shop's."
                ),
                s.t("The next order is expected one rhythm after the last one, and late when the usual spread has passed too."),
                s.t("At stake is the customer's yearly value, weighed by how far past its rhythm it is."),
            ):
                parts.text(line, "rg-small rg-muted rg-pretty", "p")
        with parts.box("w-6"):
            parts.facts(
                (
                    (
                        s.t("Buyers, of them with a second order"),
                        f"{s.count(rhythm.customers)} · {s.count(rhythm.repeat_customers)}",
                    ),
                    (s.t("Usual days between two orders"), s.days(rhythm.typical_gap_days)),
                    (s.t("Usual days to the second order"), s.days(rhythm.second_order_median_days)),
                    (s.t("Come back for a second order"), s.share(rhythm.second_order_share)),
                    (s.t("Yearly value worth a personal call"), s.money(Money(rhythm.top_value_minor, currency))),
                )
            )


@panel("overview", permission="read_customers", order=10)
def act_on_panel(s: Screen) -> None:
    """The first few to act on, on the overview."""
    s.load(lambda: act_on(s.warehouse, s.shop, limit=_TEASER_ROWS, language=s.language), lambda answer: _teaser(s, answer))


def _teaser(s: Screen, answer: ActOnAnswer) -> None:
    title = s.t("Act on today")
    note = s.t(
        "{n} overdue, {amount} at stake a year",
        n=s.plural(answer.total, "{n} customer", "{n} customers"),
        amount=s.short_money(answer.value_at_stake),
    )
    with parts.card(title, note, flush=True) as card:
        if not answer.rows:
            parts.empty("task_alt", s.t("Nobody to act on here"), s.t("No customer is late by its own rhythm."))
            return
        _sheet_short(s, answer.rows)
    with card.tools:
        parts.button(s.t("Open the list"), icon="arrow_forward", kind="quiet", href=s.url("/act-on"))


def _sheet_short(s: Screen, rows: list[ActOnRow]) -> None:
    columns = [
        Column(s.t("Customer")),
        Column(s.t("At stake a year"), align="end"),
        Column(s.t("Why"), width="long"),
        Column(s.t("What to do"), width="long"),
    ]
    lines = [
        Row(
            [
                Cell(row.customer_id, href=s.customer_url(row.customer_id)),
                Cell(s.money(row.next_order.value_at_stake)),
                Cell(row.next_order.reason.text),
                Cell(row.next_order.action.text),
            ],
            href=s.customer_url(row.customer_id),
        )
        for row in rows
    ]
    sheet(columns, lines, caption=s.t("Act on today"), kind="cards")


@screen("/next-products", permission="read_customers", nav="Bought again", icon="autorenew", order=22, group="Predict")
def next_products_page(s: Screen) -> None:
    """Whom to remind of what, and when."""
    place = shell.head(
        s,
        s.t("Bought again"),
        s.t("What each customer probably buys again within 30 days, by its own gaps and those of the category or product."),
    )
    level = s.choice("level", LEVELS, "category")
    thing = s.query.get("thing") or None

    def ask() -> NextProductsAnswer | NotEnoughData:
        try:
            return next_products(
                s.warehouse, s.shop, level=cast(Level, level), thing=thing, cursor=s.query.get("after") or None, limit=_PAGE
            )
        except NotEnoughData as problem:
            return problem

    def show(answer: NextProductsAnswer | NotEnoughData) -> None:
        choices = (("category", s.t("Categories")), ("product", s.t("Products")))
        with parts.box("rg-filters"):
            parts.segmented(s.t("Level"), choices, level, lambda value: s.go(level=value, thing=None, after=None, page=None))
        if isinstance(answer, NotEnoughData):
            with parts.card():
                parts.empty(
                    "hourglass_empty",
                    s.t("Nothing can be told yet"),
                    " ".join(s.error(answer)),
                    action=s.t("By product instead") if level == "category" else s.t("Load files"),
                    href=s.url(None, level="product") if level == "category" else s.url("/data/load"),
                )
            return
        if s.may("export"):
            asked = {
                "format": "csv",
                "shop": s.shop.shop_id,
                "lang": s.language,
                "level": level,
                **({"thing": thing} if thing else {}),
            }
            with place:
                parts.button(s.t("Export CSV"), icon="download", href="/v1/next_products?" + urlencode(asked))
        _reminders(s, answer, thing)

    s.load(ask, show, skeleton="page")


def _reminders(s: Screen, answer: NextProductsAnswer, thing: str | None) -> None:
    with parts.box("rg-grid"):
        with parts.card(s.t("Asked for in 30 days"), s.t("Choose a line to see its customers."), classes="w-4", flush=True):
            heads = [
                Column(s.t("Name"), width="clip"),
                Column(s.t("Customers"), align="end", hint=s.t("Who have it on their list")),
                Column(s.t("Expected"), align="end"),
            ]
            top = max((row.expected for row in answer.things), default=0) or 1
            rows = [
                Row(
                    [
                        Cell(row.name, hint=row.name, bar=row.expected / top),
                        Cell(s.count(row.customers)),
                        Cell(s.count(row.expected, 0)),
                    ],
                    href=s.url(None, thing=None if row.thing == thing else row.thing, after=None, page=None),
                    key=row.thing,
                )
                for row in answer.things
            ]
            sheet(heads, rows, caption=s.t("Asked for in 30 days"))
        with parts.card(s.t("Whom to remind"), as_of_words(s, answer.as_of), classes="w-8", flush=True) as card:
            if answer.rows:
                _reminder_sheet(s, answer.rows)
            else:
                parts.empty("task_alt", s.t("Nobody to remind here"), s.t("Choose another category or product."))
        with card.foot():
            pager(s, shown=len(answer.rows), total=answer.total, next_cursor=answer.next)


def _reminder_sheet(s: Screen, rows: list[NextProductRow], *, named: bool = True) -> None:
    heads = [
        *([Column(s.t("Customer"))] if named else []),
        Column(s.t("What"), width="clip"),
        Column(s.t("Within 30 days"), align="end"),
        Column(s.t("Likely on"), align="end", hint=s.t("If it is bought again: half of the time by then")),
    ]
    lines = [
        Row(
            [
                *([Cell(row.customer_id, href=s.customer_url(row.customer_id))] if named else []),
                Cell(
                    row.name, sub=s.t("bought on {n} days, every {days}", n=s.count(row.times), days=s.days(round(row.rhythm_days)))
                ),
                Cell(s.share(row.probability), bar=row.probability),
                Cell(s.day(row.likely_at), sub=f"{s.day(row.from_at)} – {s.day(row.to_at)}"),
            ],
            href=s.customer_url(row.customer_id) if named else "",
            key=f"{row.customer_id} {row.thing}",
        )
        for row in rows
    ]
    sheet(heads, lines, caption=s.t("Whom to remind"), kind="cards" if named else "")


@panel("customer", permission="read_customers", order=16)
def next_products_panel(s: Screen) -> None:
    """What this customer probably buys again."""
    customer_id = unquote(s.path["customer_id"])

    def ask() -> list[NextProductRow]:
        with s.records.reading() as uow:
            now_called = identity.customer_of(uow, s.shop.shop_id, customer_id)
        found = next_products_of(s.warehouse, s.shop, now_called)
        return [row for row in found if row.level == "category"] or found

    def show(rows: list[NextProductRow]) -> None:
        if rows:
            with parts.card(s.t("Probably bought again"), flush=True):
                _reminder_sheet(s, rows, named=False)

    s.load(ask, show, skeleton="none")
