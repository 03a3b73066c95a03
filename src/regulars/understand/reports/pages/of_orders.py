"""Pictures of orders, visits and reviews."""

from __future__ import annotations

from dataclasses import replace

from regulars.console.charts import Axis, Line, Plot
from regulars.understand.metrics import METRICS
from regulars.understand.reports.pages.picture import Place, figure, plotted, time_plot, value_name
from regulars.values.money import Money


def metric(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    axes: dict[str, Axis] = {"money": "money", "count": "count", "ratio": "share", "days": "days"}
    units = list(dict.fromkeys(line.unit for line in answer.lines))
    for unit in units:
        lines, cells = [], []
        for line in [one for one in answer.lines if one.unit == unit]:
            numbers = [float(v.major) if isinstance(v, Money) else v for v in line.values]
            lines.append(
                Line(
                    METRICS[line.metric].title[s.language],
                    numbers,
                    [figure(s, unit, v) for v in line.values],
                    "bar" if len(answer.lines) == 1 else "line",
                )
            )
            cells.append([{"bucket": one} for one in answer.buckets])
        own = place if len(units) == 1 else replace(place, title=" · ".join(one.name for one in lines))
        plotted(own, time_plot(own, answer.buckets, answer.complete, lines, answer.interval, axes[unit]), cells)


#: All others stand in words beside a picture when they are so many times the first.
_DWARFS = 5


def sales_by(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    rest = answer.other
    if place.kept is None and rest and answer.rows and rest.item_revenue.minor > _DWARFS * answer.rows[0].item_revenue.minor:
        # beside it no bar could be told from another
        told = s.t("All others together: {amount}", amount=s.money(rest.item_revenue))
        place, rest = replace(place, note=" · ".join(one for one in (place.note, told) if one)), None
    rows = [*answer.rows, *([rest] if rest else [])]
    names = [value_name(s, row.name) for row in rows]
    now = Line(s.t("This period"), [float(r.item_revenue.major) for r in rows], [s.money(r.item_revenue) for r in rows], "bar")
    before = Line(
        s.t("The time before"),
        [float(r.previous_item_revenue.major) for r in rows],
        [s.money(r.previous_item_revenue) for r in rows],
        "bar",
        color=7,
    )
    cell = [None if row.key.startswith("(other") else {"group": row.key} for row in rows]
    lines = [now, before] if answer.previous.covered else [now]
    plotted(place, Plot(place.title, names, s.t("Group"), lines, "money"), [cell], keys=[row.key for row in rows])


def visits(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    groups = answer.groups[:30]
    if answer.by is None:
        visits = Line(s.t("Visits"), [g.figures.visits for g in groups], [s.count(g.figures.visits) for g in groups], "bar")
        people = Line(
            s.t("Customers and visitors"),
            [g.figures.customers for g in groups],
            [s.count(g.figures.customers) for g in groups],
            "line",
            color=1,
        )
        labels = [one.start_on.isoformat() for one in answer.groups]
        all_ = answer.groups
        visits = Line(s.t("Visits"), [g.figures.visits for g in all_], [s.count(g.figures.visits) for g in all_], "bar")
        people = Line(
            s.t("Customers and visitors"),
            [g.figures.customers for g in all_],
            [s.count(g.figures.customers) for g in all_],
            "line",
            color=1,
        )
        cells = [[{"bucket": one} for one in labels]] * 2
        plotted(place, time_plot(place, labels, [g.complete for g in all_], [visits, people], answer.interval or "day"), cells)
        return
    line = Line(
        s.t("Visits"),
        [g.figures.visits for g in groups],
        [s.count(g.figures.visits) for g in groups],
        "bar",
        notes=[s.t("{share} of them ordered", share=s.share(g.figures.conversion_rate, 2)) for g in groups],
    )
    names = [value_name(s, g.key or "(none)") for g in groups]
    keys = [g.key or "(none)" for g in groups]
    cells = [[{"group": key} for key in keys]] if answer.by != "source" else []
    plotted(place, Plot(place.title, names, s.t("Group"), [line]), cells, keys=keys)


def reviews(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    groups = answer.groups
    notes = [
        " · ".join(
            [
                *([s.t("rated {rating} on average", rating=s.count(g.rating, 2))] if g.rating is not None else []),
                *(
                    [s.t("{share} of {n} sound discontent", share=s.share(g.negative_share), n=s.count(g.scored))]
                    if g.scored
                    else []
                ),
            ]
        )
        for g in groups
    ]
    good = Line(
        s.t("Other ratings"),
        [g.reviews - g.bad for g in groups],
        [s.count(g.reviews - g.bad) for g in groups],
        "bar",
        "all",
        notes=notes,
    )
    bad = Line(s.t("Rated 2 or less"), [g.bad for g in groups], [s.count(g.bad) for g in groups], "bar", "all", color=3)
    if answer.by is None:
        cells = [[{"bucket": g.key} for g in groups]] * 2
        plotted(place, time_plot(place, [g.key for g in groups], [g.complete for g in groups], [good, bad], answer.interval), cells)
    else:
        cells = [[{"group": g.key} for g in groups]] * 2
        plotted(
            place,
            Plot(place.title, [value_name(s, g.key) for g in groups], s.t("Group"), [good, bad]),
            cells,
            keys=[g.key for g in groups],
        )
