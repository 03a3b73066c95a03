"""A customer's points and tier on their own page: balance, what lapses, progress, statement, and correcting by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from regulars.collect import identity
from regulars.console import forms, panel, parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.loyalty import corrections, currencies, reading, tier_program, tiering
from regulars.offer.loyalty.corrections import REASONS, Correction
from regulars.offer.loyalty.currencies import PointsCurrency
from regulars.offer.loyalty.pages.correcting import signed
from regulars.offer.loyalty.pages.tabs import whole
from regulars.offer.loyalty.pages.tiers import amount_words, benefit_words
from regulars.offer.loyalty.reading import PointsBalance, PointsLine, PointsStatement
from regulars.offer.loyalty.tier_program import TierProgram
from regulars.offer.loyalty.tiering import Membership

_Found = tuple[str, list[PointsCurrency], list[tuple[PointsBalance, PointsStatement]], TierProgram | None, Membership | None]
_LINES = 10


@panel("customer", permission="read_customers", order=30)
def customer_points_panel(s: Screen) -> None:
    """What the customer has for coming back."""
    s.part("points", lambda: s.load(lambda: _ask(s), lambda found: _draw(s, *found), skeleton="none"))


def _ask(s: Screen) -> _Found:
    with s.records.reading() as uow:
        who = identity.customer_of(uow, s.shop.shop_id, unquote(s.path["customer_id"]))
        known = currencies.currencies(uow, s.shop)
        owned = [
            (reading.balance(uow, s.shop, who, one), reading.statement(uow, s.shop, who, one, limit=_LINES))
            for one in sorted(reading.owned_currencies(uow, s.shop.shop_id, who), key=[each.currency_id for each in known].index)
        ]
        told = tier_program.program(uow, s.shop.shop_id)
        return who, known, owned, told, tiering.membership(uow, s.shop, who) if told else None


def _draw(
    s: Screen,
    who: str,
    known: list[PointsCurrency],
    owned: list[tuple[PointsBalance, PointsStatement]],
    told: TierProgram | None,
    member: Membership | None,
) -> None:
    if who.startswith("v_"):
        return
    with parts.box("rg-stack"):
        if told is not None and member is not None:
            _tier(s, told, member)
        names = {one.currency_id: one.called(s.language) for one in known}
        for balance, statement in owned:
            _points(s, who, names.get(balance.currency_id, balance.currency_id), balance, statement)
        if not owned and s.may("move_points"):
            with parts.card(s.word("loyalty", "points"), s.t("This customer has no points yet.")) as card:
                pass
            with card.foot():
                parts.button(s.t("Give or take points"), lambda: _correct(s, who, known[0].currency_id), icon="edit")


def _tier(s: Screen, told: TierProgram, member: Membership) -> None:
    tier = told.tier(member.tier_id)
    with parts.card(s.t("Tier")), parts.box("rg-stack"):
        with parts.box("rg-row").style("gap: 8px; flex-wrap: wrap"):
            parts.badge(tier.called(s.language), "accent")
            if member.in_grace:
                parts.badge(s.t("In grace until {day}", day=s.day(member.grace_until)), "warn")
            if member.manual:
                parts.badge(s.t("Given by hand"), "info")
        rows = [
            (s.t("Valid until"), s.day(member.valid_until) if member.valid_until else s.t("Without end")),
            (s.t("Counts now"), amount_words(s, told, member.metric)),
        ]
        if member.next_tier_id is not None and member.to_next is not None:
            name = told.tier(member.next_tier_id).called(s.language)
            rows.append((s.t("To {tier}", tier=name), amount_words(s, told, member.to_next)))
        if member.to_keep is not None:
            rows.append((s.t("To keep it"), amount_words(s, told, member.to_keep) if member.to_keep else s.t("Nothing more")))
        if member.benefits:
            rows.append((s.t("Gives"), ", ".join(benefit_words(s, one) for one in member.benefits)))
        parts.facts(rows)


def _points(s: Screen, who: str, name: str, balance: PointsBalance, statement: PointsStatement) -> None:
    note = s.t("worth {amount}", amount=s.money(balance.worth)) if balance.worth.minor else ""
    with parts.card(name, note, flush=True) as card:
        with parts.box("rg-card-body"):
            rows = [
                (s.t("Balance"), s.count(balance.balance)),
                (s.t("Pending"), s.count(balance.pending) if balance.pending else ""),
                (s.t("On hold"), s.count(balance.held) if balance.held else ""),
                (s.t("Owed"), s.count(balance.debt) if balance.debt else ""),
            ]
            if balance.next_expiry_at is not None:
                lapses = s.t("{n} on {day}", n=s.count(balance.next_expiry_points), day=s.instant(balance.next_expiry_at))
                rows.append((s.t("Lapses next"), lapses))
            parts.facts((label, value) for label, value in rows if value)
        _statement(s, name, statement.lines)
    with card.foot(), parts.box("rg-row rg-between"):
        older = s.t("The newest {n}; the API has them all.", n=s.count(_LINES)) if statement.next else ""
        parts.text(older, "rg-small rg-faint")
        if s.may("move_points"):
            parts.button(s.t("Give or take points"), lambda: _correct(s, who, balance.currency_id), icon="edit")


def _statement(s: Screen, name: str, lines: list[PointsLine]) -> None:
    columns = [
        Column(s.t("When"), align="nowrap"),
        Column(s.t("What")),
        Column(s.word("loyalty", "points"), align="end"),
        Column(s.t("Balance"), align="end"),
    ]
    rows = [
        Row(
            [
                Cell(s.day(one.at), hint=s.instant(one.at)),
                Cell(s.word("points act", one.kind), sub=_about(s, one)),
                Cell(signed(s, one.balance_change or one.pending_change), sub=s.t("pending") if _waits(one) else ""),
                Cell(s.count(one.balance_after)),
            ]
        )
        for one in lines
    ]
    sheet(columns, rows, caption=s.t("Statement of {name}", name=name))


def _waits(one: PointsLine) -> bool:
    return bool(one.pending_change and not one.balance_change)


def _about(s: Screen, one: PointsLine) -> str:
    """The order it belongs to, where it is one; or that it was for a reward."""
    if one.source.startswith("reward:"):
        return s.t("Reward")
    return one.about or "" if one.kind in ("earn", "spend", "refund", "hold") else ""


def _correct(s: Screen, who: str, currency_id: str) -> None:
    values: dict[str, Any] = {"points": "", "reason": "goodwill", "note": ""}
    dialog = forms.Dialog(s, s.t("Give or take points"))
    with dialog:
        forms.text_field(
            values, "points", s.word("loyalty", "points"), most=14, hint=s.t("With a minus to take some; taking stops at zero.")
        )
        forms.choice_field(values, "reason", s.t("Why"), [(code, s.word("correction", code)) for code in REASONS])
        forms.text_field(values, "note", s.t("Note"), most=500)

    def save() -> Correction:
        points = whole(s, str(values["points"]).replace("−", "-"), s.word("loyalty", "points")) or 0
        with s.records.unit() as uow:
            return corrections.correct(
                uow, s.caller, s.shop, who, points, values["reason"], note=str(values["note"]), currency_id=currency_id
            )

    def done(made: Correction) -> None:
        s.notify(s.t("It waits for a second operator.") if made.state == "waiting" else s.t("Done."))
        dialog.close()
        s.redraw_part("points")

    dialog.buttons(s.t("Save"), s.act(save, done, permission="move_points"))
    dialog.open()
