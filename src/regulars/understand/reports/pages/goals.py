"""Goals: what somebody has set out to reach, plan against what happened, and what may be expected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, unquote

from nicegui import ui

from regulars.console import parts, screen, shell
from regulars.console.charts import Axis, ChartCard, Line, Plot, cartesian
from regulars.console.forms import Dialog, choice_field, long_field, sure, text_field
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.understand.metrics import METRICS
from regulars.understand.questions import Desk
from regulars.understand.reports import service
from regulars.understand.reports.domain.aiming import Goal, GoalProgress
from regulars.values.clock import today
from regulars.values.money import Money
from regulars.values.periods import add_months

_TONES: dict[str, Tone] = {"green": "good", "yellow": "warn", "red": "bad", "unknown": ""}
LIGHT_WORDS = {"green": "On track", "yellow": "In doubt", "red": "Out of reach", "unknown": "Not known yet"}
_AXES: dict[str, Axis] = {"money": "money", "count": "count", "ratio": "share", "days": "days"}


@screen("/goals", permission="read_reports", nav="Goals", icon="flag", order=18, group="Understand")
def goals_page(s: Screen) -> None:
    """All goals and how they stand."""
    tools = shell.head(
        s, s.t("Goals"), s.t("A target with dated phases, what has happened, and what may be expected if things go on.")
    )
    with s.records.reading() as uow:
        found = service.goals.listing(uow, s.shop.shop_id)
    if s.may("manage_reports"):
        with tools:
            parts.button(s.t("Set a goal"), lambda: _dialog(s), icon="add", kind="primary")
    if not found:
        with parts.card():
            parts.empty("flag", s.t("No goal yet"), s.t("Choose a metric, a target and a day, and see every day how it stands."))
        return
    desk = Desk(s.warehouse, s.shop)
    with parts.box("rg-grid"):
        for one in found:
            with parts.box("w-6"):
                s.load(lambda one=one: service.goals.progress(desk, one), lambda told: _chart(s, told, link=True))  # type: ignore[misc]


@screen("/goals/{goal_id}", permission="read_reports", title="Goal", parent="/goals")
def goal_page(s: Screen) -> None:
    """One goal."""
    with s.records.reading() as uow:
        one = service.goals.get(uow, s.shop.shop_id, unquote(s.path["goal_id"]))
    tools = shell.head(s, one.name, s.span(one.starts_on, one.ends_on), back=(s.t("Goals"), s.url("/goals")))
    if s.may("manage_reports"):

        def act() -> None:
            with s.records.unit() as uow:
                service.goals.give_up(uow, s.caller, s.shop.shop_id, one.goal_id)

        with tools:
            parts.button(
                s.t("Give up"),
                lambda: sure(
                    s,
                    s.t("Give the goal up?"),
                    s.t("It is forgotten; its figures stay."),
                    s.t("Give up"),
                    act,
                    done=lambda _: ui.navigate.to(s.url("/goals")),
                ),
                icon="delete",
            )
    desk = Desk(s.warehouse, s.shop)
    s.load(lambda: service.goals.progress(desk, one), lambda told: _whole(s, told), skeleton="page")


def _words(s: Screen, told: GoalProgress, value: float | None) -> str:
    if value is None:
        return "–"
    if told.unit == "money":
        return s.money(Money.of(str(round(value, 2)), told.currency))
    return s.share(value) if told.unit == "ratio" else s.days(value) if told.unit == "days" else s.count(value)


def _whole(s: Screen, told: GoalProgress) -> None:
    goal = told.goal
    with parts.box("rg-tiles"):
        gap = None if told.value is None or told.planned is None else told.value - told.planned
        parts.tile(
            s.t("So far"),
            _words(s, told, told.value),
            notes=[
                (
                    "",
                    s.t("planned for now: {value}", value=_words(s, told, told.planned)),
                    "" if gap is None else _gap_tone(told, gap),
                    "",
                )
            ],
        )
        parts.tile(s.t("Target"), _words(s, told, goal.target), notes=[("", s.t("by {day}", day=s.day(goal.ends_on)), "", "")])
        between = (
            s.t(
                "between {low} and {high}, four times of five",
                low=_words(s, told, told.low_at_end),
                high=_words(s, told, told.high_at_end),
            )
            if told.low_at_end is not None
            else s.t("needs at least 14 whole days, or 8 whole weeks, of history")
            if told.expected_at_end is None
            else ""
        )
        parts.tile(s.t("Expected at the end"), _words(s, told, told.expected_at_end), notes=[("", between, "", "")])
        parts.tile(
            s.t("Reached") if told.reached_on else s.t("To be reached"),
            _arrival(s, told),
            notes=[("", _arrival_note(s, told), "", "")],
        )
    _chart(s, told)
    columns = [
        Column(s.t("Phase until")),
        Column(s.t("Target"), align="end"),
        Column(s.t("Reached or expected"), align="end"),
        Column(s.t("State")),
    ]
    rows = [
        Row(
            [
                Cell(s.day(one.ends_on)),
                Cell(_words(s, told, one.target)),
                Cell(_words(s, told, one.value)),
                Cell(_light(s, one.light, one.over), badge=True, tone=_TONES[one.light]),
            ]
        )
        for one in told.phases
    ]
    with parts.card(s.t("Phases"), flush=True):
        sheet(columns, rows, caption=s.t("Phases"), kind="cards")


def _gap_tone(told: GoalProgress, gap: float) -> Tone:
    start = 0.0 if told.goal.mode == "total" else told.goal.start_value
    upward = start is None or told.goal.target >= start
    return "good" if (gap >= 0) == upward else "bad"


def _light(s: Screen, light: str, over: bool) -> str:
    if over:
        return s.t("Reached") if light == "green" else s.t("Missed")
    return s.t(LIGHT_WORDS[light])


def _arrival(s: Screen, told: GoalProgress) -> str:
    if told.reached_on is not None:
        return s.day(told.reached_on)
    return s.t("Not in sight") if told.arrives_on is None else s.day(told.arrives_on)


def _arrival_note(s: Screen, told: GoalProgress) -> str:
    if told.reached_on is not None or told.arrives_on is None:
        return ""
    if told.latest_on is None:
        return s.t("at the earliest on {day}", day=s.day(told.earliest_on))
    return s.t("between {low} and {high}, four times of five", low=s.day(told.earliest_on), high=s.day(told.latest_on))


def _chart(s: Screen, told: GoalProgress, *, link: bool = False) -> None:
    s.currency = told.currency
    points = told.points
    lines = [
        Line(s.t("So far"), [p.actual for p in points], [_words(s, told, p.actual) for p in points], "area", color=0),
        Line(s.t("Plan"), [p.plan for p in points], [_words(s, told, p.plan) for p in points], "line", color=7),
    ]
    if any(p.expected is not None for p in points):
        notes = [
            s.t("between {low} and {high}, four times of five", low=_words(s, told, p.low), high=_words(s, told, p.high))
            if p.low is not None
            else ""
            for p in points
        ]
        lines.append(
            Line(
                s.t("Forecast"),
                [p.expected for p in points],
                [_words(s, told, p.expected) for p in points],
                "line",
                color=1,
                notes=notes,
            )
        )
        lines.append(
            Line(s.t("At least"), [p.low for p in points], [_words(s, told, p.low) for p in points], "line", color=1, faint=True)
        )
        lines.append(
            Line(s.t("At most"), [p.high for p in points], [_words(s, told, p.high) for p in points], "line", color=1, faint=True)
        )
    plot = Plot(
        told.goal.name if link else s.t("Plan against what happened"),
        [s.day(p.day) for p in points],
        s.t("Day"),
        lines,
        _AXES.get(told.unit, "count"),
    )
    state = s.t("Reached on {day}", day=s.day(told.reached_on)) if told.reached_on else s.t(LIGHT_WORDS[told.light])
    note = f"{_words(s, told, told.value)} / {_words(s, told, told.goal.target)}" if link else ""
    made = ChartCard(s, plot.title, cartesian(s, plot), plot.table(), note=note, height="" if link else "tall", filled=bool(points))
    with made.card.tools:
        badge = parts.badge(state, "good" if told.reached_on else _TONES[told.light])
        badge.move(target_index=0)
        if link:
            parts.button(
                "", href=s.url("/goals/" + quote(told.goal.goal_id)), icon="open_in_full", kind="quiet", title=s.t("Open the goal")
            )


def _dialog(s: Screen) -> None:
    now = today(s.zone)
    end = add_months(now.replace(day=1), 3) - timedelta(days=1)
    values: dict[str, Any] = {
        "name": "",
        "metric": "net_revenue",
        "mode": "total",
        "starts_on": now.replace(day=1).isoformat(),
        "ends_on": end.isoformat(),
        "target": "",
        "phases": "",
        "start_value": "",
    }
    dialog = Dialog(s, s.t("Set a goal"), wide=True)
    with dialog, parts.box("rg-form"):
        text_field(values, "name", s.t("Name"))
        choice_field(values, "metric", s.t("Metric"), [(name, METRICS[name].title[s.language]) for name in METRICS])
        choice_field(
            values,
            "mode",
            s.t("Counted as"),
            [("total", s.t("What the days add up to")), ("level", s.t("The value of the latest whole week"))],
        )
        text_field(values, "target", s.t("Target"), hint=s.t("In whole currency units; a share as 0.25."))
        text_field(values, "starts_on", s.t("From"), kind="date")
        text_field(values, "ends_on", s.t("To"), kind="date")
        text_field(values, "start_value", s.t("Value at the beginning"), hint=s.t("Only for a value that is to rise or fall."))
        long_field(
            values, "phases", s.t("Phases in between"), hint=s.t("One per line: a day and what is to be reached by then."),
            placeholder=f"{add_months(now, 1).isoformat()} 100000", lines=3,
        )  # fmt: skip

    def keep() -> Goal:
        additive = METRICS[values["metric"]].additive
        if values["mode"] == "total" and not additive:
            raise InvalidInput(
                "days of this metric do not add up", mend="count it as the value of the latest whole week", code="not_additive"
            )
        phases = [*_phases(values["phases"]), {"ends_on": values["ends_on"], "target": _number(values["target"])}]
        with s.records.unit() as uow:
            return service.goals.aim(
                uow,
                s.caller,
                Desk(s.warehouse, s.shop),
                name=values["name"],
                kind="metric",
                question={"metric": values["metric"]} | ({"interval": "week"} if values["mode"] == "level" else {}),
                mode=values["mode"],
                starts_on=date.fromisoformat(values["starts_on"]),
                phases=phases,
                start_value=_number(values["start_value"]) if values["start_value"] else None,
            )

    def done(goal: Goal) -> None:
        dialog.close()
        ui.navigate.to(s.url("/goals/" + quote(goal.goal_id)))

    dialog.buttons(s.t("Set"), s.act(keep, done, permission="manage_reports"))
    dialog.open()


def _phases(text: str) -> Sequence[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        if line.strip():
            day, _, value = line.strip().partition(" ")
            found.append({"ends_on": day, "target": _number(value)})
    return found


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "").strip())
    except ValueError:
        raise InvalidInput(f"'{text[:40]}' is no number", mend="write it as 100000", code="bad_number") from None
