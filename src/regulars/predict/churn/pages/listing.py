"""Churn warnings: who is about to leave, why, what that costs, what to do; and how the whole book moves."""

from __future__ import annotations

from urllib.parse import urlencode

from regulars.console import parts, screen, shell
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.history import no_orders
from regulars.console.lists import pager
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict.churn import reading, service
from regulars.predict.churn.answers import Levels, Trend, Warned, Warnings
from regulars.predict.churn.levels import LEVELS, WARNING
from regulars.predict.churn.pages.dialogs import INSTANT, TONES, contest, run_words, set_levels, why_words
from regulars.predict.churn.reasons import REASON_GROUPS, VIEWS
from regulars.predict.churn.words import LEVEL_NAMES, REASON_NAMES, word
from regulars.understand import metrics

_COLORS = {"red": 3, "orange": 1, "yellow": 5, "green": 0}


@screen("/churn", permission="read_customers", nav="Churn warnings", icon="notifications_active", order=10, group="Predict")
def churn_page(s: Screen) -> None:
    """Who is about to leave, and why."""
    note = s.t("Customers who are likely not to order again, by what that would cost, each with the reasons and what to do.")
    place = shell.head(s, s.t("Churn warnings"), note)

    def ask() -> tuple[Warnings, Trend, Levels, bool]:
        span = metrics.data_span(s.warehouse, s.shop)
        with s.records.reading() as uow:
            found = reading.warned(
                uow, s.warehouse, s.shop, _filters(s), cursor=s.query.get("after") or None, limit=30, language=s.language
            )
            trend = reading.trend(uow, s.warehouse, s.shop, language=s.language)
            return found, trend, reading.levels(uow, s.warehouse, s.shop), span.empty

    def show(answers: tuple[Warnings, Trend, Levels, bool]) -> None:
        found, trend, levels, empty = answers
        if empty:
            no_orders(s)
            return
        with place:
            _tools(s, levels)
        _answer(s, found, trend)

    s.load(ask, show, skeleton="page")


def _filters(s: Screen) -> reading.Filters:
    level = s.choice("level", LEVELS)
    return reading.Filters(
        levels=(level,) if level else (),
        cause=s.choice("reason", REASON_GROUPS) or None,
        view=s.choice("view", tuple(VIEWS)) or None,
        within_capacity=s.choice("show", ("today", "answered")) == "today",
        answered=s.choice("show", ("today", "answered")) == "answered",
    )


def _tools(s: Screen, levels: Levels) -> None:
    parts.button(s.t("Why they leave"), icon="query_stats", href=s.url("/churn/views"))
    parts.button(s.t("How good it is"), icon="verified_user", href=s.url("/churn/quality"))
    if s.may("manage_segments"):
        parts.button(s.t("Levels"), lambda: set_levels(s, levels), icon="tune")
        parts.button(s.t("Judge now"), s.act(lambda: _run(s), s.t("Asked for. The list follows in a moment.")), icon="refresh")
    if s.may("export"):
        asked = {"shop": s.shop.shop_id, "lang": s.language}
        for name in ("level", "reason", "view"):
            if value := s.query.get(name):
                asked[name] = value
        if s.query.get("show") == "today":
            asked["within_capacity"] = "true"
        parts.button(s.t("Export CSV"), icon="download", href="/v1/churn/warnings?" + urlencode({**asked, "format": "csv"}))
        parts.button(s.t("Parquet"), icon="download", href="/v1/churn/warnings.parquet?" + urlencode(asked))


def _run(s: Screen) -> str:
    with s.records.unit() as uow:
        return service.ask(uow, s.shop.shop_id)


def _answer(s: Screen, found: Warnings, trend: Trend) -> None:
    if found.run is None:
        with parts.card():
            parts.empty("hourglass_empty", s.t("Nobody has been judged yet"), found.reason or "")
        return
    s.currency = found.run.currency
    with parts.box("rg-tiles"):
        for one in found.levels:
            begins = s.t("from {amount}", amount=s.short_money(one.from_loss)) if one.from_loss is not None else s.t("below that")
            tile = parts.tile(
                one.name,
                s.short(one.customers),
                exact=s.count(one.customers),
                href=s.url(None, level=one.level, after=None, page=None),
                notes=(
                    (
                        "",
                        s.t("{amount} expected loss", amount=s.short_money(one.expected_loss)),
                        TONES[one.level],
                        s.money(one.expected_loss),
                    ),
                    ("", begins, "", ""),
                ),
            )
            if one.level == s.query.get("level"):
                tile.props("aria-current=true").classes("rg-tile-on")
    if len(trend.points) > 1:
        _trend(s, trend)
    _chosen(s, found)
    with parts.card(flush=True) as card:
        if found.items:
            _sheet(s, list(found.items))
        else:
            parts.empty(
                "task_alt",
                s.t("Nobody is warned of here"),
                s.t("No customer passes these filters as of {day}.", day=s.day(found.run.as_of - INSTANT)),
            )
    with card.foot():
        parts.text(run_words(s, found.run))
        pager(s, shown=len(found.items), total=found.total, next_cursor=found.next)


def _trend(s: Screen, trend: Trend) -> None:
    money = s.choice("trend", ("customers", "money"), "customers") == "money"
    by_level = {level: [next(one for one in point.levels if one.level == level) for point in trend.points] for level in WARNING}
    lines = [
        Line(
            word(LEVEL_NAMES, level, s.language),
            [float(one.expected_loss.major) if money else one.customers for one in ones],
            [s.money(one.expected_loss) if money else s.count(one.customers) for one in ones],
            "bar",
            stack="book",
            color=_COLORS[level],
        )
        for level, ones in by_level.items()
    ]
    plot = Plot(
        s.t("Expected loss by level, run by run") if money else s.t("Warned customers by level, run by run"),
        [s.day(point.as_of - INSTANT) for point in trend.points],
        s.t("Day"),
        lines,
        "money" if money else "count",
    )
    card = plot_card(s, plot, note=s.t("Judged at the end of each day's data."))
    with card.card.tools:
        choices = [("customers", s.t("Customers")), ("money", s.t("Money"))]
        parts.segmented(s.t("Shown"), choices, "money" if money else "customers", lambda value: s.go(trend=value))


def _chosen(s: Screen, found: Warnings) -> None:
    with parts.box("rg-filters"):
        levels = [("", s.t("All warning levels")), *((level, word(LEVEL_NAMES, level, s.language)) for level in LEVELS[::-1])]
        parts.select(s.t("Level"), levels, s.query.get("level", ""), lambda value: s.go(level=value or None, after=None, page=None))
        causes = [
            ("", s.t("All reasons")),
            *((one.group, f"{one.name} ({s.short(one.customers)})") for one in found.causes),
        ]
        chosen = s.query.get("reason", "")
        if chosen and chosen not in {group for group, _ in causes}:
            causes.append((chosen, word(REASON_NAMES, chosen, s.language)))
        parts.select(s.t("First cause"), causes, chosen, lambda value: s.go(reason=value or None, after=None, page=None))
        scopes = [
            ("", s.t("Not answered yet")),
            ("today", s.t("Today's {n}", n=s.count(found.capacity))),
            ("answered", s.t("Answered ones as well")),
        ]
        parts.select(s.t("Show"), scopes, s.query.get("show", ""), lambda value: s.go(show=value or None, after=None, page=None))
        parts.text(s.plural(found.total, "{n} customer", "{n} customers"), "rg-small rg-faint rg-num")


def _sheet(s: Screen, rows: list[Warned]) -> None:
    columns = [
        Column(s.t("Customer")),
        Column(s.t("Level")),
        Column(s.t("Expected loss"), align="end", hint=s.t("Chance of leaving times the margin expected over 12 months")),
        Column(s.t("Chance"), align="end", width="drop"),
        Column(s.t("Why"), width="long"),
        Column(s.t("What to do"), width="long"),
        Column(""),
    ]
    top = max((row.expected_loss.minor for row in rows), default=0) or 1
    lines = []
    for row in rows:
        first, others = why_words(list(row.reasons))
        note = s.t("answered") if row.answered else s.t("beyond today's capacity") if row.beyond_capacity else ""
        since = s.t("since {day}", day=s.day(row.since_on))
        lines.append(
            Row(
                [
                    Cell(row.customer_id, href=s.customer_url(row.customer_id), sub=note),
                    Cell(row.level_name, tone=TONES[row.level], badge=True, hint=since),
                    Cell(s.money(row.expected_loss), bar=row.expected_loss.minor / top),
                    Cell(s.share(row.probability, 0)),
                    Cell(first, sub=others),
                    Cell(row.action),
                    Cell(s.t("Wrong?"), action="contest") if row.level in WARNING and not row.answered else Cell(""),
                ],
                key=row.customer_id,
            )
        )
    sheet(columns, lines, caption=s.t("Churn warnings"), kind="cards", on_open=lambda index, _: contest(s, rows[index]))
