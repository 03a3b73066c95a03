"""Visits: how many, what brings them, where they land, on what, how quick pages are; and how one customer came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import unquote

from regulars.collect.sessions import reading
from regulars.collect.sessions.queries.asking import By
from regulars.collect.sessions.reading import LeftOut, PageSpeed, SessionRow, Speed, Touches, VisitGroup, VisitReport
from regulars.collect.sessions.words import came_by, group_words
from regulars.console import panel, parts, periods, screen, shell
from regulars.console.charts import Line, Plot, plot_card, table_menu
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.values.clock import now
from regulars.values.periods import Period, Unit
from regulars.values.zones import local_day

_SOURCES: tuple[By, ...] = ("channel", "source", "campaign")
_DEVICES: tuple[By, ...] = ("device", "browser", "os", "region")
_LISTED = 12


@screen("/visits", permission="read_reports", nav="Visits", icon="travel_explore", order=35, group="Understand")
def visits_page(s: Screen) -> None:
    """What brings people, and what do they do when they are here?"""
    known = reading.reach(s.warehouse, s.shop)
    today = local_day(now(), s.zone)
    tools = shell.head(s, s.t("Visits"), s.t("What brings people to the shop, and what comes of it. Bots are left out."))
    if known is None:
        _nothing(s)
        return
    first_on, last_on = known[0], max(min(known[1], today), known[0])
    period = periods.chosen(s, first_on, last_on)
    with tools:
        periods.picker(s, period, first_on, last_on)
    s.load(lambda: _ask(s, period), lambda found: _view(s, period, *found), skeleton="page")


Found = tuple[VisitReport, VisitReport, VisitReport, VisitReport, VisitReport, list[LeftOut], list[PageSpeed], list[PageSpeed]]


def _ask(s: Screen, period: Period) -> Found:
    unit: Unit = "day" if period.days <= 62 else "week" if period.days <= 400 else "month"

    def by(what: By) -> VisitReport:
        return reading.report(s.warehouse, s.shop, period, by=what)

    return (
        reading.report(s.warehouse, s.shop, period, by=None, interval=unit),
        reading.report(s.warehouse, s.shop, period.previous(), by=None),
        by(_chosen(s, "by", _SOURCES)),
        by("landing"),
        by(_chosen(s, "on", _DEVICES)),
        reading.left_out(s.warehouse, s.shop, period),
        reading.page_speed(s.warehouse, s.shop, period),
        reading.page_speed(s.warehouse, s.shop, period, by_path=True),
    )


def _chosen(s: Screen, name: str, values: tuple[By, ...]) -> By:
    return next((one for one in values if one == s.choice(name, values, values[0])), values[0])


def _view(
    s: Screen,
    period: Period,
    trend: VisitReport,
    before: VisitReport,
    sources: VisitReport,
    landing: VisitReport,
    devices: VisitReport,
    out: list[LeftOut],
    speed: list[PageSpeed],
    by_path: list[PageSpeed],
) -> None:
    _tiles(s, trend, before)
    with parts.box("rg-grid"):
        _trend(s, trend)
        _left_out(s, out)
        _groups(
            s,
            sources,
            s.t("What brought them"),
            "",
            _SOURCES,
            "by",
            {"channel": s.t("By channel"), "source": s.t("By source"), "campaign": s.t("By campaign")},
            "w-12",
        )
        _groups(s, landing, s.t("Landing pages"), s.t("The first page of a visit."), (), "", {}, "w-6", short=True)
        _groups(
            s,
            devices,
            s.t("Devices and places"),
            "",
            _DEVICES,
            "on",
            {"device": s.t("Device"), "browser": s.t("Browser"), "os": s.t("System"), "region": s.t("Region")},
            "w-6",
            short=True,
        )
        if speed:
            _speed(s, speed[0], by_path)


def _tiles(s: Screen, trend: VisitReport, before: VisitReport) -> None:
    now_ = trend.total
    known = reading.reach(s.warehouse, s.shop)
    covered = known is not None and known[0] <= before.start_on

    def against(
        name: Callable[[VisitReport], float | None], *, points: bool = False, good: int = 1
    ) -> list[tuple[str, str, Tone, str]]:
        new, old = name(trend), name(before)
        if new is None or not old or not covered:
            return []
        change = new - old if points else new / old - 1
        tone: Tone = "" if abs(change) < 0.0005 else "good" if change * good > 0 else "bad"
        said = s.points(change) if points else s.change(change)
        return [(said, s.t("against the time before"), tone, s.span(before.start_on, before.end_on))]

    with parts.box("rg-tiles five"):
        parts.tile(s.t("Visits"), s.short(now_.visits), exact=s.count(now_.visits), notes=against(lambda one: one.total.visits))
        parts.tile(
            s.t("Customers and visitors"),
            s.short(now_.customers),
            exact=s.count(now_.customers),
            notes=[("", s.t("{n} of them known", n=s.count(now_.known_customers)), "", "")],
        )
        parts.tile(
            s.t("Bounce rate"), s.share(now_.bounce_rate), notes=against(lambda one: one.total.bounce_rate, points=True, good=-1)
        )
        parts.tile(
            s.t("Conversion to order"),
            s.share(now_.conversion_rate, 2),
            notes=against(lambda one: one.total.conversion_rate, points=True),
        )
        parts.tile(
            s.t("Revenue of visits"),
            s.short_money(now_.revenue),
            exact=s.money(now_.revenue),
            notes=against(lambda one: one.total.revenue.minor),
        )


def _trend(s: Screen, trend: VisitReport) -> None:
    unit = trend.interval or "day"
    groups = trend.groups
    lines = [
        Line(
            s.t("Visits"), [one.figures.visits for one in groups], [s.count(one.figures.visits) for one in groups], "bar", color=0
        ),
        Line(
            s.t("Customers and visitors"),
            [one.figures.customers for one in groups],
            [s.count(one.figures.customers) for one in groups],
            "line",
            color=1,
        ),
    ]
    plot_card(
        s,
        Plot(
            s.t("Visits over time"),
            [s.bucket(one.start_on, unit) for one in groups],
            {"day": s.t("Day"), "week": s.t("Week"), "month": s.t("Month")}[unit],
            lines,
            unfinished=[at for at, one in enumerate(groups) if not one.complete],
        ),
        note=s.t("Hatched bars are not over yet."),
        classes="w-8",
        height="tall",
    )


def _left_out(s: Screen, found: list[LeftOut]) -> None:
    said = {
        "agent": s.t("Its browser says that it is a program."),
        "pages": s.t("More pages in a minute than a person looks at."),
        "events": s.t("More events in a minute than a person makes."),
        "unseen": s.t("Told by servers only, or by pages that were just left."),
    }
    with parts.card(s.t("Left out"), s.t("Kept, and counted in no figure here."), classes="w-4"), parts.box("rg-stack"):
        if not found:
            parts.text(s.t("Nothing: no bots in this period."), "rg-small rg-muted", "p")
        for one in found:
            with parts.box():
                with parts.box("rg-row rg-between").style("gap: 8px"):
                    parts.text(s.t("Nobody seen") if one.reason == "unseen" else s.t("Bots"), "rg-strong")
                    parts.text(s.plural(one.visits, "{n} visit", "{n} visits"), "rg-num")
                parts.text(said.get(one.reason, one.reason), "rg-small rg-muted rg-pretty", "p")
                if one.reason in ("pages", "events"):
                    peak = one.peak_pages if one.reason == "pages" else one.peak_events
                    parts.text(s.t("The quickest made {n} in one minute.", n=s.count(peak)), "rg-small rg-faint", "p")


def _groups(
    s: Screen,
    report: VisitReport,
    title: str,
    note: str,
    choices: tuple[By, ...],
    name: str,
    words: dict[str, str],
    classes: str,
    *,
    short: bool = False,
) -> None:
    shown = report.groups[:_LISTED]
    heads = {"channel": s.t("Channel"), "source": s.t("Source"), "campaign": s.t("Campaign"), "landing": s.t("Page")}
    head = heads.get(report.by or "") or words.get(report.by or "", "")
    columns = [
        Column(head, hint=s.t("Each visit counts for what its first page tells.") if report.by in _SOURCES else ""),
        Column(s.t("Visits"), align="end"),
        *([] if short else [Column(s.t("Share"), align="end"), Column(s.t("Customers and visitors"), align="end")]),
        Column(s.t("Bounce rate"), align="end"),
        Column(s.t("Conversion"), align="end"),
        *([] if short else [Column(s.t("Orders"), align="end")]),
        Column(s.t("Revenue"), align="end"),
    ]
    rows = [Row(_cells(s, report, one, short)) for one in shown]
    with parts.card(title, note, classes=classes, flush=True) as card:
        sheet(columns, rows, caption=title, kind="sticky")
        if len(report.groups) > _LISTED:
            left = sum(one.figures.visits for one in report.groups[_LISTED:])
            parts.text(
                s.t("{n} more with {visits} visits", n=s.count(len(report.groups) - _LISTED), visits=s.count(left)),
                "rg-small rg-faint",
                "p",
            ).style("padding: 8px 16px")
    if choices:
        with card.tools:
            parts.select(title, [(one, words[one]) for one in choices], report.by or "", lambda value: s.go(**{name: value}))
    table_menu(s, card, title)


def _cells(s: Screen, report: VisitReport, one: VisitGroup, short: bool) -> list[Cell]:
    figures = one.figures
    share = figures.visits / report.total.visits if report.total.visits else None
    return [
        Cell(group_words(s, report.by, one.key)),
        Cell(s.count(figures.visits)),
        *([] if short else [Cell(s.share(share)), Cell(s.count(figures.customers))]),
        Cell(s.share(figures.bounce_rate)),
        Cell(s.share(figures.conversion_rate, 2)),
        *([] if short else [Cell(s.count(figures.orders))]),
        Cell(s.money(figures.revenue) if figures.revenue.minor else "–"),
    ]


_TONES: dict[str, Tone] = {"good": "good", "fair": "warn", "poor": "bad"}


def _speed_words(s: Screen, name: str, value: float) -> str:
    return f"{value:.2f}" if name == "cls" else f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"


def _speed(s: Screen, all_: PageSpeed, by_path: Sequence[PageSpeed]) -> None:
    said = {
        "lcp_ms": (s.t("Largest content painted (LCP)"), s.t("How soon a page shows its main part")),
        "inp_ms": (s.t("Interaction to next paint (INP)"), s.t("How soon it answers a click")),
        "cls": (s.t("Layout shift (CLS)"), s.t("How much it moves while it loads")),
    }
    ratings = {"good": s.t("Good"), "fair": s.t("Fair"), "poor": s.t("Poor")}
    with parts.card(s.t("Page speed"), s.t("Three of four views were at least as quick."), classes="w-12", flush=True) as card:
        with parts.box("rg-tiles three").style("margin: 0 16px 12px; box-shadow: none"):
            for one in all_.speeds:
                limits = s.t(
                    "good up to {good}, poor above {poor}",
                    good=_speed_words(s, one.name, one.good_up_to),
                    poor=_speed_words(s, one.name, one.poor_above),
                )
                tile = parts.tile(
                    said[one.name][0],
                    _speed_words(s, one.name, one.p75),
                    notes=[(ratings[one.rating], limits, _TONES[one.rating], "")],
                )
                tile.props["title"] = said[one.name][1]
        columns = [
            Column(s.t("Page")),
            Column(s.t("Views"), align="end"),
            *(Column(head, align="end") for head in ("LCP", "INP", "CLS")),
        ]
        rows = []
        for page in by_path[:_LISTED]:
            told = {one.name: one for one in page.speeds}
            rows.append(
                Row([Cell(page.path or ""), Cell(s.count(page.views)), *(_speed_cell(s, told.get(name), ratings) for name in said)])
            )
        sheet(columns, rows, caption=s.t("Page speed"), kind="sticky")
    table_menu(s, card, s.t("Page speed"))


def _speed_cell(s: Screen, one: Speed | None, ratings: dict[str, str]) -> Cell:
    if one is None:
        return Cell("–")
    return Cell(_speed_words(s, one.name, one.p75), badge=True, tone=_TONES[one.rating], hint=ratings[one.rating])


def _nothing(s: Screen) -> None:
    parts.empty(
        "travel_explore",
        s.t("No visits yet"),
        s.t("Visits are cut from events. Put the tracker into the shop's pages, or point an SDK here."),
        action=s.t("Sources"),
        href=s.url("/events/sources"),
    )


@panel("customer", permission="read_customers", order=55)
def how_they_came(s: Screen) -> None:
    """The customer's first and last touch; nothing where they were never seen."""
    customer_id = unquote(s.path["customer_id"])
    s.load(lambda: reading.touches(s.warehouse, s.shop, customer_id), lambda found: _touches(s, found), skeleton="none")


def _touches(s: Screen, found: Touches) -> None:
    if found.first is None or found.last is None:
        return
    with parts.card(s.t("How they came"), s.plural(found.visits, "{n} visit", "{n} visits")), parts.box("rg-stack"):
        _touch(s, s.t("First touch"), found.first)
        _touch(s, s.t("Last touch"), found.last)
        if found.last_non_direct is not None:
            _touch(s, s.t("Last touch that was not direct"), found.last_non_direct)


def _touch(s: Screen, name: str, visit: SessionRow) -> None:
    told = [s.instant(visit.started_at), visit.landing_path]
    told += [s.word("device", visit.device) if visit.device not in (None, "other") else None, visit.region]
    with parts.box():
        parts.text(name, "rg-small rg-faint", "div")
        parts.text(came_by(s, visit), "rg-strong rg-wrap", "div")
        parts.text(" · ".join(word for word in told if word), "rg-small rg-muted rg-wrap", "div")
