"""Earn rules: what gives points, how many and how often; made, changed, switched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from regulars.console import forms, parts, screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.loyalty import currencies, rehearsing, rules
from regulars.offer.loyalty.currencies import PointsCurrency
from regulars.offer.loyalty.domain.earning import RULE_KINDS, EarnRule
from regulars.offer.loyalty.pages.tabs import begin, day_of, named, whole
from regulars.offer.loyalty.rules import KeptRule


@screen("/points/rules", permission="read_reports", title="Earn rules", parent="/points")
def rules_page(s: Screen) -> None:
    """What earns points?"""
    tools = begin(s)

    def ask() -> tuple[list[KeptRule], list[PointsCurrency]]:
        with s.records.reading() as uow:
            return rules.rules(uow, s.shop.shop_id), currencies.currencies(uow, s.shop)

    def show(found: tuple[list[KeptRule], list[PointsCurrency]]) -> None:
        if s.may("manage_offers"):
            with tools:  # type: ignore[attr-defined]
                parts.button(
                    s.t("Try on past orders"), s.act(lambda: _rehearse(s, found[1]), lambda made: _tried(s, made)), icon="science"
                )
                parts.button(s.t("New earn rule"), lambda: _edit(s, None, found[1]), icon="add", kind="primary")
        _draw(s, *found)

    s.load(ask, show, skeleton="table")


def _rehearse(s: Screen, known: list[PointsCurrency]) -> rehearsing.EarnRehearsal:
    return rehearsing.rehearse_earning(s.warehouse, s.shop, known[0])


def _tried(s: Screen, made: rehearsing.EarnRehearsal) -> None:
    """What the last twelve months would have earned."""
    dialog = forms.Dialog(s, s.t("The rate on past orders"))
    with dialog:
        parts.facts(
            (
                (s.t("Orders"), s.count(made.orders)),
                (s.t("Period"), s.span(made.first_at.date(), made.last_at.date())),
                (s.t("Customers"), s.count(made.customers)),
                (s.word("loyalty", "points"), s.count(made.points)),
                (s.t("Taken back by refunds"), s.count(made.taken_back)),
                (s.t("Worth"), s.money(made.worth)),
                (s.t("Share of net sales"), s.share(made.worth_share, 2)),
                (s.t("Gained by a tenth of the customers"), s.share(made.top_share)),
            )
        )
    with dialog.foot:
        parts.button(s.t("Close"), dialog.close, kind="primary")
    dialog.open()


def _draw(s: Screen, kept: list[KeptRule], known: list[PointsCurrency]) -> None:
    if not kept:
        parts.empty(
            "loyalty",
            s.t("No earn rule yet"),
            s.t("Begin with purchases: the rate stands with the points currency, a rule switches it on."),
        )
        return
    may = s.may("manage_offers")
    columns = [
        Column(s.t("Rule"), width="long"),
        Column(s.t("Points given"), align="end"),
        Column(s.t("How often"), width="drop"),
        Column(s.t("Since"), width="drop"),
        Column(s.t("State")),
        *([Column("", align="end"), Column("", align="end"), Column("", align="end")] if may else []),
    ]
    rows = [
        Row(
            [
                Cell(one.rule.called(s.language), sub=s.word("earn rule", one.rule.kind) + _event(one.rule)),
                Cell(_gives(s, one), sub=named(s, known, one.currency_id)),
                Cell(_caps(s, one.rule)),
                Cell(s.day(one.rule.begins_at)),
                Cell(s.t("On") if one.state == "on" else s.t("Off"), badge=True, tone="good" if one.state == "on" else ""),
                *(
                    [
                        Cell(s.t("Edit"), action="change"),
                        Cell(s.t("Switch off") if one.state == "on" else s.t("Switch on"), action="switch"),
                        Cell(s.t("Delete"), action="delete"),
                    ]
                    if may
                    else []
                ),
            ],
            key=one.rule_id,
        )
        for one in kept
    ]

    def opened(index: int, action: str) -> Any:
        one = kept[index]
        if action == "delete":
            return _delete(s, one)
        if action == "change":
            return _edit(s, one, known)
        return s.act(lambda: _switch(s, one), lambda _: s.redraw(), permission="manage_offers")()

    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Earn rules"), kind="cards", on_open=opened)


def _event(rule: EarnRule) -> str:
    return f" · {rule.event}" if rule.event else ""


def _gives(s: Screen, one: KeptRule) -> str:
    if one.rule.kind == "purchase":
        return s.t("{n} × the rate", n=s.count(one.rule.multiplier_bps / 10_000))
    if one.rule.streak_points:
        more, days = s.count(one.rule.streak_points), s.days(one.rule.streak_days)
        return s.t("{n}, and {more} for {days} in a row", n=s.count(one.rule.points), more=more, days=days)
    return s.count(one.rule.points)


def _caps(s: Screen, rule: EarnRule) -> str:
    said = [
        (rule.per_day or (1 if rule.kind == "check_in" else None), s.t("{n} a day")),
        (rule.per_month, s.t("{n} a month")),
        (rule.in_all, s.t("{n} in all")),
    ]
    if rule.kind == "birthday":
        return s.t("Once a year")
    return ", ".join(words.replace("{n}", s.count(cap)) for cap, words in said if cap) or s.t("Every time")


def _switch(s: Screen, one: KeptRule) -> KeptRule:
    with s.records.unit() as uow:
        return rules.change_rule(uow, s.caller, s.shop, one.rule_id, state="off" if one.state == "on" else "on")


def _delete(s: Screen, one: KeptRule) -> None:
    def act() -> None:
        with s.records.unit() as uow:
            rules.remove_rule(uow, s.caller, s.shop, one.rule_id)

    words = s.t("Points that were earned by it stay.")
    forms.sure(s, s.t("Delete this earn rule?"), words, s.t("Delete"), act, done=lambda _: s.redraw())


def _edit(s: Screen, one: KeptRule | None, known: list[PointsCurrency]) -> None:
    rule = one.rule if one else EarnRule(kind="purchase", name="")
    values: dict[str, Any] = {
        "kind": rule.kind, "name": rule.name, "name_zh": rule.name_zh, "event": rule.event, "points": rule.points or "",
        "multiplier": rule.multiplier_bps / 100, "per_day": rule.per_day or "", "per_month": rule.per_month or "",
        "in_all": rule.in_all or "", "streak_days": rule.streak_days or "", "streak_points": rule.streak_points or "",
        "begins": "", "ends": "", "currency": one.currency_id if one else currencies.POINTS,
    }  # fmt: skip
    values["multiplier"] = f"{values['multiplier']:g}"
    dialog = forms.Dialog(s, s.t("Change the earn rule") if one else s.t("New earn rule"), wide=True)
    with dialog:
        kinds = [(kind, s.word("earn rule", kind)) for kind in RULE_KINDS]
        with parts.box("rg-form"):
            forms.choice_field(values, "kind", s.t("What earns points"), kinds, on_change=lambda: fill())
            if one is None and len(known) > 1:
                choices = [(each.currency_id, each.called(s.language)) for each in known]
                forms.choice_field(values, "currency", s.t("Points currency"), choices)
            forms.text_field(values, "name", s.t("Name in English"), most=80)
            forms.text_field(values, "name_zh", s.t("Name in Chinese"), most=80)
        place = parts.box("rg-form")

    def fill() -> None:
        place.clear()
        with place:
            _fields(s, values)

    fill()

    def save() -> KeptRule:
        made = _read(s, values)
        with s.records.unit() as uow:
            if one is None:
                return rules.make_rule(uow, s.caller, s.shop, made, currency_id=str(values["currency"]))
            kept = replace(made, begins_at=made.begins_at or rule.begins_at, ends_at=made.ends_at or rule.ends_at)
            return rules.change_rule(uow, s.caller, s.shop, one.rule_id, given=kept)

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_offers"))
    dialog.open()


def _fields(s: Screen, values: dict[str, Any]) -> None:
    kind = values["kind"]
    if kind == "purchase":
        forms.text_field(values, "multiplier", s.t("Per cent of the rate"), most=6, hint=s.t("200 gives double points."))
    else:
        forms.text_field(values, "points", s.t("Points each time"), most=12)
    if kind == "event":
        forms.text_field(values, "event", s.t("Name of the event"), most=100, placeholder="Video Watched")
    if kind not in ("purchase", "birthday"):
        none = s.t("Empty: no limit")
        forms.text_field(values, "per_day", s.t("At most so often a day"), most=7, hint=none)
        forms.text_field(values, "per_month", s.t("At most so often a month"), most=7, hint=none)
        forms.text_field(values, "in_all", s.t("At most so often in all"), most=7, hint=none)
    if kind == "check_in":
        forms.text_field(values, "streak_days", s.t("So many days in a row"), most=3)
        forms.text_field(values, "streak_points", s.t("Give so many points more"), most=12)
    forms.text_field(values, "begins", s.t("From this day on"), most=10, placeholder="2026-06-18", hint=s.t("Empty: from now on"))
    forms.text_field(values, "ends", s.t("Until this day (not included)"), most=10, placeholder="2026-06-19")


def _read(s: Screen, values: dict[str, Any]) -> EarnRule:
    kind = values["kind"]
    caps: dict[str, Any] = {}
    if kind not in ("purchase", "birthday"):
        caps = {name: whole(s, values[name], name, none=True) for name in ("per_day", "per_month", "in_all")}
    if kind == "check_in":
        caps |= {name: whole(s, values[name], name, none=True) or 0 for name in ("streak_days", "streak_points")}
    percent = whole(s, values["multiplier"], s.t("Per cent of the rate")) if kind == "purchase" else 100
    return EarnRule(
        kind=kind,
        name=str(values["name"]).strip() or s.word("earn rule", kind),
        name_zh=str(values["name_zh"]).strip(),
        event=str(values["event"]).strip() if kind == "event" else "",
        points=0 if kind == "purchase" else whole(s, values["points"], s.t("Points each time")) or 0,
        multiplier_bps=(percent or 0) * 100,
        begins_at=day_of(s, values["begins"], s.t("From this day on")),
        ends_at=day_of(s, values["ends"], s.t("Until this day (not included)")),
        **caps,
    )
