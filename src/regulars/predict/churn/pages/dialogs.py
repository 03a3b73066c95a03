"""What several screens of the warning share: tones, reasons as lines, the dialogs of support and of the levels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from regulars.console import forms, parts
from regulars.console.parts import Tone
from regulars.console.view import Screen
from regulars.predict.churn import service
from regulars.predict.churn.answers import ChurnReason, ChurnRun, Levels, Warned
from regulars.predict.churn.feedback import LONGEST_TEXT, Feedback
from regulars.predict.churn.words import WRONG_NAMES, word
from regulars.values.money import Money

#: Cut-offs are exclusive: the last day that counts is the one before.
INSTANT = timedelta(microseconds=1)
TONES: dict[str, Tone] = {"red": "bad", "orange": "warn", "yellow": "info", "green": "good", "gone": ""}


def why_words(reasons: list[ChurnReason]) -> tuple[str, str]:
    """The first reason's fact, and the others below it."""
    told = [f"{one.name}: {one.text}" for one in reasons]
    return (told[0], " · ".join(told[1:])) if told else ("", "")


def run_words(s: Screen, run: ChurnRun) -> str:
    """When and how everybody was judged."""
    words = s.t(
        "Judged {day}: chance of no order within {n} days, by {method}.",
        day=s.day(run.as_of - INSTANT),
        n=s.count(run.horizon_days),
        method=run.method_name,
    )
    if run.margin_source == "assumed":
        words += " " + s.t("A margin of {share} is assumed; set your own.", share=s.share(run.margin_share, 0))
    return words


def contest(s: Screen, one: Warned) -> None:
    """This warning was wrong because ..."""
    values: forms.Values = {"because": "still_buys", "text": ""}
    dialog = forms.Dialog(s, s.t("This warning was wrong, because"))
    with dialog, parts.box("rg-form"):
        parts.text(f"{one.customer_id} · {one.level_name} · {s.share(one.probability, 0)}", "rg-muted rg-num", "p")
        choices = [(code, word(WRONG_NAMES, code, s.language)) for code in WRONG_NAMES]
        forms.choice_field(values, "because", s.t("Reason"), choices)
        forms.long_field(
            values,
            "text",
            s.t("In your words"),
            hint=s.t("Kept encrypted; goes when the customer is erased."),
            most=LONGEST_TEXT,
            lines=3,
        )

    def say() -> Feedback:
        with s.records.unit() as uow:
            return service.contest(
                uow,
                s.warehouse,
                s.caller,
                s.shop,
                one.customer_id,
                str(values["because"]),
                text=str(values["text"] or ""),
                language=s.language,
            )

    def said(_: Feedback) -> None:
        s.notify(s.t("Noted. The list follows with the next run, in a moment."))
        dialog.done()

    dialog.buttons(s.t("Save"), s.act(say, said, permission="read_customers"))
    dialog.open()


def set_levels(s: Screen, levels: Levels) -> None:
    """Where levels begin, and how many customers a day can be dealt with."""
    values: forms.Values = {
        "yellow": str(levels.yellow.major),
        "orange": str(levels.orange.major),
        "red": str(levels.red.major),
        "capacity": str(levels.capacity),
        "margin": "" if levels.margin_share is None else f"{levels.margin_share * 100:g}",
        "horizon": "" if levels.horizon_days is None else str(levels.horizon_days),
    }
    dialog = forms.Dialog(s, s.t("Levels and capacity"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "red", s.t("Red from an expected loss of ({currency})", currency=levels.currency))
        forms.text_field(values, "orange", s.t("Orange from ({currency})", currency=levels.currency))
        forms.text_field(
            values, "yellow", s.t("Yellow from ({currency})", currency=levels.currency),
            hint=s.t("Red and orange also need a chance of leaving of 50 % or more. All three empty: the usual amounts."),
        )  # fmt: skip
        forms.text_field(values, "capacity", s.t("Customers you can deal with a day"), kind="number")
        forms.text_field(
            values, "margin", s.t("Margin by what customers pay, %"), hint=s.t("Empty: from the catalogue's costs, else 30 %.")
        )
        forms.text_field(
            values, "horizon", s.t("Days without an order that count as leaving"), hint=s.t("Empty: from the shop's own rhythm.")
        )

    def save() -> Levels:
        with s.records.unit() as uow:
            return service.set_levels(uow, s.warehouse, s.caller, s.shop, _changes(values, levels.currency))

    def saved(_: Levels) -> None:
        s.notify(s.t("Saved. The list follows with the next run, in a moment."))
        dialog.done()

    dialog.buttons(s.t("Save"), s.act(save, saved, permission="manage_segments"))
    dialog.open()


def _changes(values: forms.Values, currency: str) -> dict[str, Any]:
    """The form as settings; what cannot be read is refused with the field's own words."""

    def amount(name: str) -> int | None:
        told = str(values[name] or "").strip()
        return None if not told else Money.of(told, currency).minor

    def number(name: str) -> float | None:
        told = str(values[name] or "").strip().rstrip("%").strip()
        return None if not told else float(told)

    capacity, margin, horizon = number("capacity"), number("margin"), number("horizon")
    return {
        "yellow_minor": amount("yellow"),
        "orange_minor": amount("orange"),
        "red_minor": amount("red"),
        "capacity": None if capacity is None else int(capacity),
        "margin_share": None if margin is None else margin / 100,
        "horizon_days": None if horizon is None else int(horizon),
    }
