"""Sending a saved report by itself: when, to whom, and what became of it."""

from __future__ import annotations

from typing import Any

from regulars.access import operators
from regulars.access.domain import Caller
from regulars.console import parts
from regulars.console.forms import Dialog, choice_field, tick
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports import service
from regulars.understand.reports.domain.kept import SavedReport
from regulars.understand.reports.domain.scheduling import Delivery, ReportSchedule, SendingTime

CADENCE_WORDS = {"daily": "Every day", "weekly": "Every week", "monthly": "Every month"}
WEEKDAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TONES: dict[str, Tone] = {"sent": "good", "planned": "info", "sending": "info", "failed": "bad", "unknown": "warn"}
_STATE_WORDS = {"sent": "Sent", "planned": "Planned", "sending": "Being sent", "failed": "Failed", "unknown": "Outcome unknown"}


def when_words(s: Screen, one: SendingTime) -> str:
    """A time in words."""
    more = (
        s.t(WEEKDAY_WORDS[one.weekday])
        if one.cadence == "weekly"
        else s.t("on day {day}", day=one.day)
        if one.cadence == "monthly"
        else ""
    )
    return " ".join(part for part in (s.t(CADENCE_WORDS[one.cadence]), more, f"{one.hour:02d}:00") if part)


def schedule_dialog(s: Screen, kept: SavedReport) -> None:
    """The schedules of one saved report, and a new one."""
    system = Caller.system("console", s.house.keyring)
    with s.records.reading() as uow:
        plans = service.schedules.listing(uow, s.shop.shop_id, kept.report_id)
        sent = {plan.schedule_id: service.schedules.deliveries(uow, s.shop.shop_id, plan.schedule_id, 5) for plan in plans}
        people = [
            one
            for one in operators.list_all(uow, system)
            if one.disabled_at is None and (one.shop_ids is None or s.shop.shop_id in one.shop_ids)
        ]
    names = {one.operator_id: one.name for one in people}
    values: dict[str, Any] = {"cadence": "weekly", "hour": "8", "weekday": "0", "day": "1", s.caller.id: True}
    dialog = Dialog(s, s.t("Send by e-mail"), wide=True)
    with dialog:
        for plan in plans:
            _plan(s, dialog, plan, names, sent[plan.schedule_id])
        parts.text(
            s.t("Send it to colleagues with the figures as a CSV file, at an hour of the shop's clock."), "rg-muted rg-pretty", "p"
        )
        with parts.box("rg-form"):
            choice_field(values, "cadence", s.t("How often"), [(one, s.t(words)) for one, words in CADENCE_WORDS.items()])
            choice_field(values, "weekday", s.t("On (weekly)"), [(str(i), s.t(words)) for i, words in enumerate(WEEKDAY_WORDS)])
            choice_field(values, "day", s.t("Day (monthly)"), [(str(i), str(i)) for i in range(1, 32)])
            choice_field(values, "hour", s.t("At"), [(str(i), f"{i:02d}:00") for i in range(24)])
        with parts.box("rg-stack").style("gap: 6px"):
            for one in people:
                tick(values, one.operator_id, one.name)

    def plan_it() -> ReportSchedule:
        rhythm = SendingTime(values["cadence"], int(values["hour"]), int(values["weekday"]), int(values["day"]))
        with s.records.unit() as uow:
            return service.schedules.plan(
                uow,
                s.caller,
                s.shop,
                s.home,
                report_id=kept.report_id,
                rhythm=rhythm,
                operator_ids=[name for name in names if values.get(name)],
            )

    def planned(made: ReportSchedule) -> None:
        dialog.close()
        s.notify(s.t("Sent next on {when}", when=s.instant(made.next_at)))

    dialog.buttons(s.t("Schedule"), s.act(plan_it, planned, permission="export"))
    dialog.open()


def _plan(s: Screen, dialog: Dialog, plan: ReportSchedule, names: dict[str, str], sent: list[Delivery]) -> None:
    def end() -> None:
        with s.records.unit() as uow:
            service.schedules.end(uow, s.caller, s.shop.shop_id, plan.schedule_id)

    with parts.box("rg-stack").style("gap: 4px; border-bottom: 1px solid var(--line); padding-bottom: 10px"):
        with parts.box("rg-row rg-between"):
            parts.text(when_words(s, plan.rhythm), "rg-strong")
            parts.button(s.t("End"), s.act(end, lambda _: dialog.close(), permission="export"), icon="close", kind="quiet")
        parts.text(", ".join(names.get(one, one) for one in plan.operator_ids), "rg-small rg-muted", "p")
        if sent:
            rows = [
                Row(
                    [
                        Cell(s.instant(one.due_at)),
                        Cell(names.get(one.operator_id, one.operator_id)),
                        Cell(s.t(_STATE_WORDS[one.state]), badge=True, tone=_TONES[one.state], hint=one.error or ""),
                    ]
                )
                for one in sent
            ]
            sheet([Column(s.t("Due")), Column(s.t("To")), Column(s.t("State"))], rows, caption=s.t("Sent"))
