"""The programme in numbers: what is owed, earned, spent and lapses; and the currencies it runs on."""

from __future__ import annotations

from typing import Any

from regulars.console import forms, parts, screen
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.loyalty import currencies, overview, tiering
from regulars.offer.loyalty.currencies import CurrencyGiven, PointsCurrency
from regulars.offer.loyalty.overview import PointsOverview
from regulars.offer.loyalty.pages.tabs import begin, whole
from regulars.offer.loyalty.tier_program import TierProgram, program
from regulars.offer.loyalty.tiering import TierCount

_EXPIRY_WORDS = {
    "never": "Never",
    "days": "{n} days after they are earned",
    "months": "{n} months after they are earned",
    "year_end": "At the end of the year, {n} years later",
}
_POLICY_WORDS = {
    "unlimited": "Become a debt",
    "within_balance": "Are written off",
    "only_pending": "Only pending points are taken back",
}


@screen("/points", permission="read_reports", nav="Points and tiers", icon="loyalty", order=90, group="Act")
def points_page(s: Screen) -> None:
    """How does the programme do?"""
    begin(s)
    wanted = s.query.get("currency", currencies.POINTS)

    def ask() -> tuple[list[PointsCurrency], PointsOverview, TierProgram | None, list[TierCount]]:
        with s.records.reading() as uow:
            known = currencies.currencies(uow, s.shop)
            chosen = wanted if any(one.currency_id == wanted for one in known) else currencies.POINTS
            found = overview.overview(uow, s.shop, chosen)
            return known, found, program(uow, s.shop.shop_id), tiering.counts(uow, s.shop.shop_id)

    s.load(ask, lambda found: _draw(s, *found), skeleton="page")


def _draw(
    s: Screen, known: list[PointsCurrency], found: PointsOverview, tiers: TierProgram | None, counts: list[TierCount]
) -> None:
    if len(known) > 1:
        with parts.box("rg-filters"):
            names = [(one.currency_id, one.called(s.language)) for one in known]
            parts.select(s.t("Points currency"), names, found.currency_id, lambda value: s.go(currency=value))
    if found.customers:
        _tiles(s, found)
        _charts(s, found)
    else:
        parts.empty(
            "loyalty",
            s.t("Nobody has points yet"),
            s.t("Make an earn rule for purchases: from then on every order earns points by itself."),
            action=s.t("Earn rules"),
            href=s.url("/points/rules"),
        )
    if tiers is not None and any(one.customers for one in counts):
        _tiers(s, tiers, counts)
    _currencies(s, known)


def _tiles(s: Screen, found: PointsOverview) -> None:
    with parts.box("rg-tiles"):
        note = s.t("expected redemption {share}", share=s.share(found.expected_redemption))
        liability = s.short_money(found.liability)
        parts.tile(s.t("Points owed"), liability, exact=s.money(found.liability), notes=[("", note, "", "")])
        parts.tile(
            s.t("Outstanding"),
            s.short(found.outstanding),
            exact=s.count(found.outstanding),
            notes=[("", s.plural(found.customers_with_points, "of {n} customer", "of {n} customers"), "", "")],
        )
        parts.tile(s.t("Burn rate"), s.share(found.burn_rate), notes=[("", s.t("{n} spent", n=s.count(found.spent)), "", "")])
        parts.tile(s.t("Breakage"), s.share(found.breakage_rate), notes=[("", s.t("{n} lapsed", n=s.count(found.expired)), "", "")])


def _charts(s: Screen, found: PointsOverview) -> None:
    months = [s.bucket(one.month, "month") for one in found.months]

    def line(label: str, values: list[int], color: int | None = None) -> Line:
        return Line(label, values, [s.count(value) for value in values], kind="bar", color=color)

    with parts.box("rg-grid"):
        plot_card(
            s,
            Plot(
                title=s.t("Points by month"),
                places=months,
                place_name=s.t("Month"),
                lines=[
                    line(s.t("Earned"), [one.earned for one in found.months]),
                    line(s.t("Used"), [one.spent for one in found.months], 2),
                    line(s.t("Lapsed"), [one.expired for one in found.months], 3),
                ],
                unfinished=(len(months) - 1,),
            ),
            classes="w-8",
        )
        plot_card(
            s,
            Plot(
                title=s.t("Lapsing soon"),
                places=[s.bucket(one.month, "month") for one in found.lapsing],
                place_name=s.t("Month"),
                lines=[line(s.word("loyalty", "points"), [one.points for one in found.lapsing], 3)],
            ),
            note=s.t("Points that lapse if nobody spends them before."),
            classes="w-4",
        )


def _tiers(s: Screen, tiers: TierProgram, counts: list[TierCount]) -> None:
    total = sum(one.customers for one in counts) or 1
    columns = [Column(s.t("Tier")), Column(s.t("Customers"), align="end"), Column(s.t("Share"), align="end")]
    rows = [
        Row(
            [
                Cell(tiers.tier(one.tier_id).called(s.language)),
                Cell(s.count(one.customers)),
                Cell(s.share(one.customers / total), bar=one.customers / total),
            ]
        )
        for one in counts
    ]
    with parts.card(s.t("Customers by tier"), flush=True):
        sheet(columns, rows, caption=s.t("Customers by tier"))


def _currencies(s: Screen, known: list[PointsCurrency]) -> None:
    may = s.may("manage_offers")
    columns = [
        Column(s.t("Name")),
        Column(s.t("Earn rate")),
        Column(s.t("Spendable")),
        Column(s.t("Lapse")),
        Column(s.t("Worth"), align="end"),
        *([Column("", align="end")] if may else []),
    ]
    rows = [
        Row(
            [
                Cell(one.called(s.language), sub=one.currency_id),
                Cell(s.t("{points} for each {amount}", points=s.count(one.points), amount=_unit(s, one.per_minor))),
                Cell(_pending(s, one)),
                Cell(s.t(_EXPIRY_WORDS[one.expiry.type], n=s.count(one.expiry.n))),
                Cell(f"{s.count(one.worth_points)} = {s.money(one.worth)}" if one.worth.minor else "–"),
                *([Cell(s.t("Edit"), action="change")] if may else []),
            ],
            key=one.currency_id,
        )
        for one in known
    ]
    with parts.card(s.t("Points currencies"), s.t("What was earned before a change keeps its own dates."), flush=True) as card:
        sheet(
            columns,
            rows,
            caption=s.t("Points currencies"),
            kind="cards",
            on_open=lambda index, _: _change(s, known[index]),
        )
    if may:
        with card.foot():
            parts.button(s.t("New points currency"), lambda: _change(s, None), icon="add")


def _unit(s: Screen, minor: int) -> str:
    from regulars.values.money import Money

    return s.money(Money(minor, s.shop.currency))


def _pending(s: Screen, one: PointsCurrency) -> str:
    if one.pending_days == "on_event":
        return s.t("When told")
    return s.t("After {days}", days=s.days(one.pending_days)) if one.pending_days else s.t("At once")


def _change(s: Screen, one: PointsCurrency | None) -> None:
    values: dict[str, Any] = {
        "id": "", "name": "", "name_zh": "", "points": 1, "per_minor": 100, "pending": 0, "expiry": "months", "n": 12,
        "policy": "unlimited", "worth_minor": 0, "worth_points": 100, "approve_above": 1000,
    }  # fmt: skip
    if one is not None:
        values |= {
            "id": one.currency_id, "name": one.name, "name_zh": one.name_zh, "points": one.points, "per_minor": one.per_minor,
            "pending": one.pending_days, "expiry": one.expiry.type, "n": one.expiry.n, "policy": one.return_policy,
            "worth_minor": one.worth.minor, "worth_points": one.worth_points, "approve_above": one.approve_above,
        }  # fmt: skip
    dialog = forms.Dialog(s, s.t("Points currency"), wide=True)
    with dialog, parts.box("rg-form"):
        if one is None:
            forms.text_field(values, "id", s.t("Short name"), most=32, placeholder="growth", hint=s.t("Small letters and digits."))
        forms.text_field(values, "name", s.t("Name in English"), most=80)
        forms.text_field(values, "name_zh", s.t("Name in Chinese"), most=80)
        forms.text_field(values, "points", s.word("loyalty", "points"), most=9)
        cents = s.t("In the smallest unit of {currency}: 100 is one unit.", currency=s.shop.currency)
        forms.text_field(values, "per_minor", s.t("For each amount of"), most=12, hint=cents)
        forms.text_field(values, "pending", s.t("Days until they can be spent"), most=8, hint=s.t("Such as the return period."))
        choices = [("months", s.t("Months")), ("days", s.t("Days")), ("year_end", s.t("Ends of years")), ("never", s.t("Never"))]
        forms.choice_field(values, "expiry", s.t("They lapse after"), choices)
        forms.text_field(values, "n", s.t("How many of them"), most=5)
        policies = [(code, s.t(words)) for code, words in _POLICY_WORDS.items()]
        forms.choice_field(values, "policy", s.t("Points a refund cannot find any more"), policies)
        forms.text_field(values, "worth_points", s.t("So many points"), most=12)
        forms.text_field(values, "worth_minor", s.t("Are worth"), most=12, hint=cents)
        forms.text_field(values, "approve_above", s.t("Corrections above so many points need a second operator"), most=12)

    def save() -> PointsCurrency:
        n = whole(s, values["n"], s.t("How many of them"), none=True) or 0
        pending = str(values["pending"]).strip()
        given = CurrencyGiven(
            name=str(values["name"]),
            name_zh=str(values["name_zh"]),
            points=whole(s, values["points"], s.word("loyalty", "points")),
            per_minor=whole(s, values["per_minor"], s.t("For each amount of")),
            pending_days=pending if pending == "on_event" else whole(s, pending, s.t("Days until they can be spent")),
            expiry={"type": values["expiry"], "n": n},
            return_policy=str(values["policy"]),
            worth_minor=whole(s, values["worth_minor"], s.t("Are worth")),
            worth_points=whole(s, values["worth_points"], s.t("So many points")),
            approve_above=whole(s, values["approve_above"], s.t("Corrections above so many points need a second operator")),
        )
        with s.records.unit() as uow:
            return currencies.save_currency(uow, s.caller, s.shop, str(values["id"]).strip(), given)

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_offers"))
    dialog.open()
