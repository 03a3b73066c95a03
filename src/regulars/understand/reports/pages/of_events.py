"""Pictures of what customers do: funnels, coming back, paths, carts and journeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from regulars.console import parts
from regulars.console.charts import ChartCard, Line, Plot, sankey, table_menu
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.understand.reports.pages.drilling import drill
from regulars.understand.reports.pages.picture import Place, bucket_name, plotted, table, time_plot, value_name
from regulars.understand.reports.pages.words import MODEL_WORDS, STAGE_WORDS, STATE_WORDS
from regulars.values.money import Money


def funnel(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    steps = answer.steps
    names = [f"{one.step}. {value_name(s, one.name)}" for one in steps]
    groups = answer.groups[:6] or (None,)
    lines, cells = [], []
    for group in groups:
        own = steps if group is None else group.steps
        notes = []
        for one in own:
            told = (
                []
                if one.step == 1
                else [s.t("{share} of the step before", share=s.share(one.share_of_previous)), s.t("{n} lost", n=s.count(one.lost))]
            )
            if one.median_seconds_from_previous is not None:
                told.append(s.t("half within {time}", time=s.duration(one.median_seconds_from_previous)))
            notes.append(" · ".join(told))
        words = [f"{s.count(one.customers)} ({s.share(one.share_of_first)})" for one in own]
        lines.append(
            Line(
                s.t("Customers") if group is None else value_name(s, group.value),
                [one.customers for one in own],
                words,
                "bar",
                notes=notes,
            )
        )
        cells.append([{"step": one.step} | ({} if group is None else {"group": group.value}) for one in own])
    plotted(place, Plot(place.title, names, s.t("Step"), lines), cells, valued=len(lines) < 3)


def funnel_trend(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    rows = answer.rows
    notes = [s.t("{converted} of {entered}", converted=s.count(r.converted), entered=s.count(r.entered)) for r in rows]
    rate = Line(
        s.t("Conversion"),
        [r.rate_percent / 100 for r in rows],
        [s.share(r.rate_percent / 100, 2) for r in rows],
        "area",
        notes=notes,
    )
    cells = [[{"bucket": r.bucket, "converted": True} for r in rows]]
    plotted(place, time_plot(place, [r.bucket for r in rows], [r.complete for r in rows], [rate], answer.interval, "share"), cells)


def funnel_time(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    starts = [start for start, _ in answer.bins]
    names = [s.duration(start) for start in starts]
    line = Line(s.t("Customers"), [count for _, count in answer.bins], [s.count(count) for _, count in answer.bins], "bar")
    cells = [[{"from_seconds": start, "to_seconds": start + answer.bin_seconds} for start in starts]]
    note = place.note
    if answer.median_seconds is not None:
        note = s.t(
            "Half of them within {half}, on average {mean}.",
            half=s.duration(answer.median_seconds),
            mean=s.duration(answer.average_seconds or 0),
        )
    own = replace(place, note=note)
    plotted(own, Plot(place.title, names, s.t("Time from"), [line]), cells)


def retention(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    if place.kept is not None:
        points = answer.curve[1:]
        line = Line(s.t("Came back"), [one.share for one in points], [s.share(one.share) for one in points])
        note = s.t("Over all cohorts for which the period is over.")
        plotted(
            replace(place, note=note), Plot(place.title, [str(one.interval) for one in points], s.t("Interval"), [line], "share")
        )
        return
    triangles = [(None, answer.rows)] if not answer.groups else [(one.value, one.rows) for one in answer.groups[:6]]
    for value, rows in triangles:
        title = place.title if value is None else f"{place.title} · {value_name(s, value)}"
        with parts.card(
            title,
            place.note or s.t("Hatched cells are not over yet and will still grow. Click a figure to see who."),
            classes=place.classes,
            flush=True,
        ) as card:
            width = max((len(row.values) for row in rows), default=0)
            columns = [
                Column(s.t("Began in")),
                Column(s.t("Customers"), align="end"),
                *(Column(str(k), align="mid") for k in range(1, width)),
            ]
            top = max((share or 0 for row in rows for share in row.shares[1:]), default=0) or 1
            made = []
            for row in rows:
                cells = [Cell(bucket_name(s, row.bucket, answer.interval)), Cell(s.count(row.values[0]))]
                for k in range(1, len(row.values)):
                    share = row.shares[k]
                    cells.append(
                        Cell(
                            s.share(share) if row.values[0] else "",
                            hint=s.plural(row.values[k], "{n} customer", "{n} customers"),
                            heat=min(1.0, (share or 0) / top) * 0.95 if row.values[0] else None,
                            partial=not row.complete[k] and bool(row.values[0]),
                            action=str(k) if row.values[k] else "",
                        )
                    )
                made.append(Row(cells))
            sheet(
                columns,
                made,
                caption=title,
                kind="heat sticky",
                on_open=partial(from_triangle, place, [row.bucket for row in rows], value),
            )
        place.tools(card)
        table_menu(s, card, title)


def from_triangle(place: Place, buckets: Sequence[str], value: str | None, i: int, k: str) -> None:
    bucket = buckets[i]
    cell: dict[str, Any] = {"bucket": bucket, "interval": int(k)}
    if value is not None:
        cell["group"] = value
    drill(place.s, place.answered, cell, f"{bucket_name(place.s, bucket, place.answered.answer.interval)} · {k}")


def rolling(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    names = [str(k) for k in range(1, len(answer.values))]
    notes = [s.plural(n, "{n} customer", "{n} customers") for n in answer.values[1:]]
    line = Line(s.t("Came back"), list(answer.shares[1:]), [s.share(one) for one in answer.shares[1:]], "area", notes=notes)
    plotted(
        place, Plot(place.title, names, s.t("Interval"), [line], "share"), [[{"interval": k} for k in range(1, len(answer.values))]]
    )


def lifecycle(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    lines, cells = [], []
    for state, color, sign in (("new", 0, 1), ("returning", 4, 1), ("resurrecting", 1, 1), ("dormant", 7, -1)):
        counts = getattr(answer, state)
        lines.append(Line(s.t(STATE_WORDS[state]), [sign * n for n in counts], [s.count(n) for n in counts], "bar", "all", color))
        cells.append([{"bucket": one, "state": state} for one in answer.buckets])
    plotted(place, time_plot(place, answer.buckets, answer.complete, lines, answer.interval), cells)


def stickiness(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    words = [f"{s.count(n)} ({s.share(share)})" for n, share in zip(answer.values, answer.shares, strict=True)]
    line = Line(s.t("Customers"), list(answer.values), words, "bar")
    names = [str(k) for k in range(1, len(answer.values) + 1)]
    plotted(place, Plot(place.title, names, s.t("Active in so many"), [line]), [[{"buckets": k} for k in range(1, len(names) + 1)]])


def active(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    lines, cells = [], []
    for name, words in (("dau", s.t("On the day")), ("wau", s.t("In 7 days")), ("mau", s.t("In 30 days"))):
        counts = getattr(answer, name)
        lines.append(Line(words, list(counts), [s.count(n) for n in counts]))
        cells.append([{"bucket": one, "measure": name} for one in answer.buckets])
    plotted(place, time_plot(place, answer.buckets, answer.complete, lines, "day"), cells)


def paths(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    shown = [one for one in answer.edges if one.step <= 6][:80]
    names = {(edge.step, edge.from_node) for edge in shown} | {(edge.step + 1, edge.to_node) for edge in shown}
    totals = {(node.step, node.node): node for node in answer.nodes}
    order = {node: i for i, node in enumerate(dict.fromkeys(node for _, node in sorted(names)))}
    nodes = [
        {
            "name": f"{step} {node}",
            "label_text": f"{value_name(s, node)[:28]} {s.short(totals[step, node].paths) if (step, node) in totals else ''}",
            "text": s.count(totals[step, node].paths) if (step, node) in totals else "",
            "head": f"{step}. {value_name(s, node)}",
            "color": order[node] % 8,
            "cell": {"step": step, "node": node},
            "said": value_name(s, node),
        }
        for step, node in sorted(names)
    ]
    links = [
        {
            "source": f"{edge.step} {edge.from_node}",
            "target": f"{edge.step + 1} {edge.to_node}",
            "value": edge.paths,
            "text": s.count(edge.paths),
            "note": s.t("after {time} on average", time=s.duration(edge.avg_seconds)),
            "label": s.t("Paths"),
            "head": f"{value_name(s, edge.from_node)} → {value_name(s, edge.to_node)}",
            "cell": {"step": edge.step, "from_node": edge.from_node, "to_node": edge.to_node},
            "said": f"{value_name(s, edge.from_node)} → {value_name(s, edge.to_node)}",
        }
        for edge in shown
    ]
    options = sankey(s, nodes, links)
    last = max((edge.step + 1 for edge in shown), default=0)
    for node in options["series"][0]["data"]:
        side = "left" if node["cell"]["step"] == last and last > 1 else "right"
        node["label"] = {"position": side, "width": 130 if last < 6 else 96, "overflow": "truncate", "fontSize": 11.5}
    heads = [s.t("Step"), s.t("From"), s.t("To"), s.t("Paths"), s.t("Customers")]
    table = [[str(e.step), e.from_node, e.to_node, s.count(e.paths), s.count(e.customers)] for e in answer.edges]
    made = ChartCard(
        s,
        place.title,
        options,
        (heads, table),
        note=place.note,
        height="tall wide",
        classes=place.classes,
        filled=bool(links),
        on_point=place.opened,
    )
    place.tools(made.card)


def sessions(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    sessions = [one.figures.sessions for one in answer.buckets]
    line = Line(s.t("Sessions"), sessions, [s.count(n) for n in sessions], "bar")
    cells = [[{"start": one.start} for one in answer.buckets]]
    plotted(
        place,
        time_plot(place, [one.start for one in answer.buckets], [one.complete for one in answer.buckets], [line], answer.interval),
        cells,
    )


def carts(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    if not answer.buckets:
        table(place)
        return
    lines, cells = [], []
    states = (("converted", s.t("Ordered"), 0), ("abandoned", s.t("Left"), 3), ("open", s.t("Still open"), 7))
    for name, words, color in states:
        counts = [getattr(one.figures, name) for one in answer.buckets]
        lines.append(Line(words, counts, [s.count(n) for n in counts], "bar", "all", color))
        cells.append([{"status": name, "start": one.start} for one in answer.buckets])
    note = (
        s.t("{share} of the carts that have ended were left.", share=s.share(answer.total.rate))
        if answer.total.rate is not None
        else place.note
    )
    own = replace(place, note=note)
    unit = place.answered.question.get("interval", "day")
    plotted(
        own, time_plot(own, [one.start for one in answer.buckets], [one.complete for one in answer.buckets], lines, unit), cells
    )


def journey(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    names = [s.t(STAGE_WORDS[one.stage]) if one.stage in STAGE_WORDS else value_name(s, one.stage) for one in answer.stages]
    counts = [one.customers for one in answer.stages]
    words = [f"{s.count(one.customers)} ({s.share(one.of_entered)})" for one in answer.stages]
    cells = [{"stage": one.stage} for one in answer.stages]
    plotted(place, Plot(place.title, names, s.t("Stage"), [Line(s.t("Customers"), counts, words, "bar")]), [cells], valued=True)


def attribution(place: Place) -> None:
    """Each channel's credit under the model asked for; hovering tells what touched the orders."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    rows = answer.rows[:15]
    money = [Money(row.credit[answer.model].revenue_minor, answer.currency) for row in rows]
    notes = [s.plural(row.touched_conversions, "touched {n} order", "touched {n} orders") for row in rows]
    words = [f"{s.money(one)} ({s.share(row.share)})" for one, row in zip(money, rows, strict=True)]
    line = Line(s.t(MODEL_WORDS.get(answer.model, answer.model)), [float(one.major) for one in money], words, "bar", notes=notes)
    cells = [[{"value": row.value} for row in rows]]
    plot = Plot(place.title, [value_name(s, row.value) for row in rows], s.t("Channel"), [line], "money")
    plotted(place, plot, cells, keys=[row.value for row in rows])
