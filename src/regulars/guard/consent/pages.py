"""Privacy: who permits what, the shop's policy and wordings; and what one customer permits, on their page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from regulars.console import forms, panel, parts, screen, shell
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.guard.consent import policies, service
from regulars.guard.consent.domain import MEANINGS, PURPOSES, SWITCH, Policy, Purpose, Told
from regulars.guard.consent.overview import ConsentOverview, overview
from regulars.guard.consent.policies import ConsentPolicy, Wording
from regulars.guard.consent.service import GivenConsent, Permissions, PurposeAnswer
from regulars.guard.privacy import Decision
from regulars.guard.privacy.pages import tabs


@screen("/privacy", permission="read_reports", title="Privacy", nav="Privacy", icon="shield", order=95, group="Manage")
def consents_page(s: Screen) -> None:
    """How many people permit what."""
    shell.head(s, s.t("Privacy"))
    tabs(s)

    def ask() -> ConsentOverview:
        with s.records.reading() as uow:
            return overview(uow, s.shop)

    s.load(ask, lambda answer: _overview(s, answer))


def _overview(s: Screen, answer: ConsentOverview) -> None:
    with parts.card(s.t("Who permits what"), s.t("Customers and visitors by what they said last."), flush=True):
        if not answer.counts:
            parts.empty(
                "shield",
                s.t("Nobody has said anything yet"),
                s.t("Consents come from forms, the tracker, imports and the API."),
                action=s.t("Policy"),
                href=s.url("/privacy/policy"),
            )
            return
        columns = [
            Column(s.t("Purpose")),
            Column(s.t("Channel")),
            Column(s.t("Permitted"), align="end"),
            Column(s.t("To be confirmed"), align="end", width="drop"),
            Column(s.t("Refused"), align="end"),
            Column(s.t("Share"), align="end"),
        ]
        rows = []
        for one in answer.counts:
            total = one.given + one.pending + one.withdrawn
            share = one.given / total if total else None
            rows.append(
                Row(
                    [
                        Cell(s.word("purpose", one.purpose)),
                        Cell(s.word("channel", one.channel) if one.channel else s.t("Every channel")),
                        Cell(s.count(one.given)),
                        Cell(s.count(one.pending)),
                        Cell(s.count(one.withdrawn)),
                        Cell(s.share(share), bar=share),
                    ]
                )
            )
        sheet(columns, rows, caption=s.t("Who permits what"), kind="cards")
    days = sorted({one.day for one in answer.changes})
    if days:
        given = [sum(one.given for one in answer.changes if one.day == day) for day in days]
        gone = [sum(one.withdrawn for one in answer.changes if one.day == day) for day in days]
        plot_card(
            s,
            Plot(
                title=s.t("Changes by day"),
                places=[s.day(day) for day in days],
                place_name=s.t("Day"),
                lines=[
                    Line(s.t("Permitted"), given, [s.count(value) for value in given], kind="bar"),
                    Line(s.t("Refused"), gone, [s.count(value) for value in gone], kind="bar", color=3),
                ],
            ),
        )


# --- policy


@screen("/privacy/policy", permission="manage_shop", title="Privacy", parent="/privacy")
def policy_page(s: Screen) -> None:
    """What holds where nobody has said anything."""
    shell.head(s, s.t("Privacy"))
    tabs(s)

    def ask() -> tuple[ConsentPolicy, list[Decision]]:
        with s.records.reading() as uow:
            return policies.policy(uow, s.shop.shop_id), policies.policy_history(uow, s.shop.shop_id)

    s.load(ask, lambda found: _policy(s, *found))


def _policy(s: Screen, holds: ConsentPolicy, history: list[Decision]) -> None:
    values: forms.Values = {"signals": holds.heed_signals, "names": ", ".join(holds.allowed_names)}
    values |= {one.purpose: one.default for one in holds.purposes}
    values |= {f"double {one.purpose}": one.double_opt_in for one in holds.purposes}
    choices = [("opt_in", s.t("Only with a yes")), ("opt_out", s.t("Until somebody says no"))]
    note = s.t("What the law of your customers asks for decides, purpose by purpose.")
    with parts.card(s.t("Where nobody has said anything"), note), parts.box("rg-form"):
        for one in holds.purposes:
            forms.choice_field(values, one.purpose, s.word("purpose", one.purpose), choices, hint=_meaning(s, one.purpose))
    with parts.card(s.t("Confirmation and refusals")) as card, parts.box("rg-stack"):
        for one in holds.purposes:
            if one.purpose == "marketing":
                forms.tick(values, f"double {one.purpose}", s.t("A yes to marketing has to be confirmed (double opt-in)"))
        forms.tick(values, "signals", s.t("A browser's refusal (Global Privacy Control, Do Not Track) counts as a no"))
        forms.text_field(
            values,
            "names",
            s.t("Sensitive properties to be kept all the same"),
            most=2000,
            hint=s.t("Names separated by commas. All others, such as religion or health, are refused."),
        )

    def save() -> ConsentPolicy:
        purposes = [
            Policy(purpose=purpose, default=values[purpose], double_opt_in=bool(values[f"double {purpose}"]))
            for purpose in PURPOSES
        ]
        with s.records.unit() as uow:
            return policies.change_policy(
                uow,
                s.caller,
                s.shop.shop_id,
                purposes=[one for one in purposes if one not in holds.purposes],
                heed_signals=bool(values["signals"]),
                allowed_names=str(values["names"]).replace("，", ",").split(","),
            )

    def done(_: Any) -> None:
        s.notify(s.t("Saved"))
        s.redraw()

    with card.foot():
        parts.button(s.t("Save"), s.act(save, done, permission="manage_shop"), kind="primary")
    if history:
        columns = [
            Column(s.t("When"), align="nowrap"),
            Column(s.t("Rule")),
            Column(s.t("Since then")),
            Column(s.t("Who"), width="drop"),
        ]
        rows = [
            Row(
                [
                    Cell(s.instant(one.decided_at)),
                    Cell(_rule(s, one)),
                    Cell(_value(s, one)),
                    Cell(one.decided_by.replace("_", " "), tone="faint"),
                ]
            )
            for one in history
        ]
        with parts.card(s.t("Decisions"), flush=True):
            sheet(columns, rows, caption=s.t("Decisions"), kind="cards")


def _meaning(s: Screen, purpose: Purpose) -> str:
    return MEANINGS[purpose][1 if s.language == "zh" else 0]


def _rule(s: Screen, one: Decision) -> str:
    if one.rule.startswith(policies.RULE):
        return s.word("purpose", one.rule.removeprefix(policies.RULE))
    return s.t("Browsers' refusals") if one.rule == policies.SIGNALS else s.t("Sensitive properties")


def _value(s: Screen, one: Decision) -> str:
    if isinstance(one.value, dict):
        said = s.t("Only with a yes") if one.value.get("default") == "opt_in" else s.t("Until somebody says no")
        return said + (" · " + s.t("confirmed twice") if one.value.get("double_opt_in") else "")
    if isinstance(one.value, list):
        return ", ".join(one.value) or "–"
    return s.t("Heeded") if one.value else s.t("Not heeded")


# --- wordings


@screen("/privacy/wordings", permission="read_reports", title="Privacy", parent="/privacy")
def wordings_page(s: Screen) -> None:
    """What people were asked, version by version."""
    tools = shell.head(s, s.t("Privacy"))
    tabs(s)
    if s.may("manage_shop"):
        with tools:
            parts.button(s.t("New wording"), lambda: _new_wording(s), icon="add", kind="primary")

    def ask() -> list[Wording]:
        with s.records.reading() as uow:
            return policies.wordings(uow, s.shop.shop_id)

    s.load(ask, lambda found: _wordings(s, found))


def _wordings(s: Screen, found: list[Wording]) -> None:
    with parts.card(s.t("Wordings"), s.t("A consent names the version that was seen; earlier versions stay as proof."), flush=True):
        if not found:
            parts.empty("description", s.t("No wording yet"), s.t("Write down what people are asked, in both languages."))
            return
        columns = [
            Column(s.t("Purpose")),
            Column(s.t("Version"), align="end"),
            Column(s.t("Text"), width="long"),
            Column(s.t("Valid from"), align="nowrap"),
        ]
        rows = [
            Row(
                [
                    Cell(s.word("purpose", one.purpose)),
                    Cell(s.count(one.version)),
                    Cell(one.text_zh if s.language == "zh" else one.text_en),
                    Cell(s.instant(one.valid_from)),
                ]
            )
            for one in found
        ]
        sheet(columns, rows, caption=s.t("Wordings"), kind="cards")


def _new_wording(s: Screen) -> None:
    values: forms.Values = {"purpose": "marketing", "en": "", "zh": ""}
    dialog = forms.Dialog(s, s.t("New wording"), wide=True)
    with dialog:
        forms.choice_field(values, "purpose", s.t("Purpose"), [(purpose, s.word("purpose", purpose)) for purpose in PURPOSES])
        forms.text_field(values, "en", s.t("Text in English"), most=policies.LONGEST_WORDING)
        forms.text_field(values, "zh", s.t("Text in Chinese"), most=policies.LONGEST_WORDING)

    def save() -> Wording:
        with s.records.unit() as uow:
            return policies.add_wording(
                uow, s.caller, s.shop.shop_id, purpose=values["purpose"], text_en=values["en"], text_zh=values["zh"]
            )

    def done(_: Wording) -> None:
        dialog.close()
        s.redraw()

    dialog.buttons(s.t("Save"), s.act(save, done, permission="manage_shop"))
    dialog.open()


# --- one customer


@panel("customer", permission="read_customers", order=80)
def consents_panel(s: Screen) -> None:
    """What a customer permits, on their page."""
    s.part("consents", lambda: s.load(lambda: _ask(s), lambda found: _permissions(s, found), skeleton="panel"))


def _ask(s: Screen) -> Permissions:
    with s.records.reading() as uow:
        return service.permissions(uow, s.shop.shop_id, unquote(s.path["customer_id"]))


def _permissions(s: Screen, found: Permissions) -> None:
    may_change = s.may("manage_consents")
    columns = [Column(s.t("Purpose")), Column(s.t("Now")), *([Column("", align="end")] if may_change else [])]
    with parts.card(s.t("Consents"), flush=True) as card:
        rows = [
            Row(
                [
                    Cell(s.word("purpose", one.purpose), hint=_meaning(s, one.purpose), sub=_channels(s, one)),
                    Cell(
                        s.t("Permitted") if one.answer.allowed else s.t("Not permitted"),
                        badge=True,
                        tone="good" if one.answer.allowed else "bad",
                        hint=_because(s, one),
                    ),
                    *([Cell(s.t("Withdraw") if one.answer.allowed else s.t("Give"), action="turn")] if may_change else []),
                ],
                key=one.purpose,
            )
            for one in found.purposes
        ]
        sheet(columns, rows, caption=s.t("Consents"), on_open=lambda index, _: _turn(s, found.purposes[index]))
    with card.foot(), parts.box("rg-row rg-between"):
        if found.no_personalisation:
            parts.badge(s.t("No personalisation for this customer"), "warn")
        else:
            parts.text(s.t("Personalised as the consents allow."), "rg-small rg-faint")
        if may_change:
            parts.button(
                s.t("Personalise again") if found.no_personalisation else s.t("Switch personalisation off"),
                _teller(s, SWITCH, not found.no_personalisation),
                kind="quiet",
                title=s.t("Popular instead of personal, at the same prices."),
            )


def _channels(s: Screen, one: PurposeAnswer) -> str:
    apart = [each for each in one.told if each.channel is not None]
    return ", ".join(f"{s.word('channel', each.channel or '')}: {s.word('consent', each.state)}" for each in apart)


def _because(s: Screen, one: PurposeAnswer) -> str:
    said = s.word("because", one.answer.because)
    return said + (f" · {s.instant(one.answer.since)}" if one.answer.since else "")


def _turn(s: Screen, one: PurposeAnswer) -> Any:
    return _teller(s, one.purpose, not one.answer.allowed)()


def _teller(s: Screen, purpose: Told, yes: bool) -> Callable[[], Awaitable[None]]:
    """What a button does that records a yes or a no."""

    def write() -> int:
        given = GivenConsent(
            customer_id=unquote(s.path["customer_id"]), purpose=purpose, state="given" if yes else "withdrawn", source="support"
        )
        with s.records.unit() as uow:
            return service.record(uow, s.caller, s.shop.shop_id, [given])

    def done(_: int) -> None:
        s.notify(s.t("Recorded"))
        s.redraw_part("consents")

    return s.act(write, done, permission="manage_consents")
