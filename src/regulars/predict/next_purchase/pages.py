"""Act on: customers who should have ordered by now, by the value at stake, each with the reason and what to do."""

from __future__ import annotations

from urllib.parse import urlencode

from regulars.console import panel, parts, periods, screen
from regulars.console.history import as_of_words, report_page
from regulars.console.lists import pager
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict.next_purchase.domain import ActOnAnswer, ActOnRow, ShopRhythm
from regulars.predict.next_purchase.service import act_on
from regulars.understand import metrics, profiles
from regulars.values.money import Money
from regulars.values.periods import Period

_TONES: dict[str, Tone] = {"on_time": "good", "due": "info", "overdue": "warn", "lost": "bad"}
_TEASER_ROWS = 5


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
