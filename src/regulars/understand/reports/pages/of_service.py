"""Pictures of what customers get after they ordered: parcels, answers, and what they complain of."""

from __future__ import annotations

from regulars.console.charts import Line, Plot
from regulars.events.reasons import called
from regulars.understand.reports.pages.picture import Place, figure, plotted, time_plot, value_name


def delivery(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    groups = answer.groups
    notes = [
        s.t(
            "{days} on average, {sent} until sent", days=figure(s, "days", g.days_mean), sent=figure(s, "days", g.to_ship_days_mean)
        )
        if g.delivered
        else ""
        for g in groups
    ]
    on_time = [g.promised - g.late for g in groups]
    good = Line(s.t("In time"), on_time, [s.count(one) for one in on_time], "bar", "all", notes=notes)
    late = Line(
        s.t("After the promise"),
        [g.late for g in groups],
        [f"{s.count(g.late)} · {figure(s, 'ratio', g.late_share)}" for g in groups],
        "bar",
        "all",
        color=3,
    )
    unknown = [g.delivered - g.promised for g in groups]
    lines = [good, late]
    if any(unknown):
        lines.append(Line(s.t("Without a promise"), unknown, [s.count(one) for one in unknown], "bar", "all", color=7))
    head = "bucket" if answer.by is None else "group"
    cell = [{head: g.key} for g in groups]
    cells = [cell, [{**one, "late": True} for one in cell], cell][: len(lines)]
    if answer.by is None:
        plotted(place, time_plot(place, [g.key for g in groups], [g.complete for g in groups], lines, answer.interval), cells)
    else:
        names = [value_name(s, g.key) for g in groups]
        plotted(place, Plot(place.title, names, s.t("Group"), lines), cells, keys=[g.key for g in groups])


def reasons(place: Place) -> None:
    """How often each reason was given, beside the time before."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    found = answer.reasons
    notes = [s.money(one.amount) if one.amount is not None else s.share(one.share) for one in found]
    now = Line(s.t("Now"), [one.count for one in found], [s.count(one.count) for one in found], "bar", notes=notes)
    before = Line(s.t("The time before"), [one.previous for one in found], [s.count(one.previous) for one in found], "bar", color=7)
    names = [called(one.code, s.language) for one in found]
    cells = [{"reason": one.code} for one in found]
    plotted(place, Plot(place.title, names, s.t("Reason"), [now, before]), [cells, []], keys=[one.code for one in found])


def response_time(place: Place) -> None:
    """Hours to the first answer: the median, and what nine in ten wait at most."""
    s, answer = place.s, place.answered.answer
    groups = answer.groups
    notes = [
        s.t(
            "{n} opened, {share} answered within {hours} hours",
            n=s.count(g.opened),
            share=figure(s, "ratio", g.in_time_share),
            hours=s.count(answer.within_hours),
        )
        if g.opened
        else ""
        for g in groups
    ]
    median = [g.hours_median for g in groups]
    p90 = [g.hours_p90 for g in groups]
    over_time = answer.by is None
    lines = [
        Line(s.t("Hours, median"), median, [_hours(place, one) for one in median], "line" if over_time else "bar", notes=notes),
        Line(s.t("Hours of nine in ten"), p90, [_hours(place, one) for one in p90], "line" if over_time else "bar", color=7),
    ]
    if over_time:
        cells = [[{"bucket": g.key} for g in groups]] * 2
        plotted(place, time_plot(place, [g.key for g in groups], [g.complete for g in groups], lines, answer.interval), cells)
    else:
        cells = [[{"group": g.key} for g in groups]] * 2
        names = [value_name(s, g.key) for g in groups]
        plotted(place, Plot(place.title, names, s.t("Group"), lines), cells, keys=[g.key for g in groups])


def _hours(place: Place, hours: float | None) -> str:
    return "–" if hours is None else place.s.count(hours, 1)
