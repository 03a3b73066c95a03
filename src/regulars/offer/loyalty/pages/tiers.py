"""Tiers: what each asks for and gives, how many have it, and how customers rise and fall."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from regulars.console import forms, parts, screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.offer.loyalty import rehearsing, tier_program, tiering
from regulars.offer.loyalty.pages.tabs import begin, whole
from regulars.offer.loyalty.tier_program import BENEFITS, Benefit, Tier, TierProgram
from regulars.offer.loyalty.tiering import TierCount
from regulars.values.money import Money

_METRIC_WORDS = {"net_spend_minor": "Net spend", "points": "Qualifying points", "orders": "Orders"}
_WINDOW_WORDS = {"rolling_days": "The last {n} days", "calendar_year": "The calendar year", "lifetime": "Everything so far"}
_VALIDITY_WORDS = {"months": "{n} months", "calendar": "To the end of next year", "none": "Without end"}
_DOWNGRADE_WORDS = {"one_down": "One tier down", "to_qualified": "The tier they still reach"}


@screen("/points/tiers", permission="read_reports", title="Tiers", parent="/points")
def tiers_page(s: Screen) -> None:
    """Which tiers are there?"""
    tools = begin(s)

    def ask() -> tuple[TierProgram | None, list[TierCount]]:
        with s.records.reading() as uow:
            return tier_program.program(uow, s.shop.shop_id), tiering.counts(uow, s.shop.shop_id)

    def show(found: tuple[TierProgram | None, list[TierCount]]) -> None:
        told, counts = found
        if s.may("manage_offers"):
            with tools:  # type: ignore[attr-defined]
                if told is None:
                    parts.button(
                        s.t("Make three tiers"), s.act(lambda: _first(s), lambda _: s.redraw()), icon="add", kind="primary"
                    )
                else:
                    parts.button(
                        s.t("Try on past orders"),
                        s.act(lambda: _rehearse(s, told), lambda made: _tried(s, told, made)),
                        icon="science",
                    )
                    parts.button(s.t("Rules of the tiers"), lambda: _rules(s, told), icon="tune")
                    parts.button(s.t("New tier"), lambda: _edit(s, told, None), icon="add", kind="primary")
        _draw(s, told, counts)

    s.load(ask, show, skeleton="table")


def _rehearse(s: Screen, told: TierProgram) -> rehearsing.TierRehearsal:
    return rehearsing.rehearse_tiers(s.warehouse, s.shop, told)


def _tried(s: Screen, told: TierProgram, made: rehearsing.TierRehearsal) -> None:
    """Which tiers customers would have at the end of the data."""
    dialog = forms.Dialog(s, s.t("The tiers on past orders"))
    with dialog:
        parts.text(s.t("As of {day}, from {n} orders.", day=s.day(made.as_of), n=s.count(made.orders)), "rg-muted", "p")
        columns = [Column(s.t("Tier")), Column(s.t("Customers"), align="end"), Column(s.t("Share"), align="end")]
        rows = [
            Row(
                [
                    Cell(told.tier(one.tier_id).called(s.language)),
                    Cell(s.count(one.customers)),
                    Cell(s.share(one.customers / made.customers), bar=one.customers / made.customers),
                ]
            )
            for one in made.members
        ]
        sheet(columns, rows, caption=s.t("The tiers on past orders"))
        parts.facts(
            (
                (s.t("Rose"), s.count(made.upgrades)),
                (s.t("Kept for another period"), s.count(made.renewals)),
                (s.t("Fell"), s.count(made.downgrades)),
                (s.t("Rises taken back by refunds"), s.count(made.taken_back)),
            )
        )
    with dialog.foot:
        parts.button(s.t("Close"), dialog.close, kind="primary")
    dialog.open()


def _draw(s: Screen, told: TierProgram | None, counts: list[TierCount]) -> None:
    if told is None:
        words = s.t(
            "Tiers reward those who come back: each has a threshold and gives benefits. Three to begin with are made in one click."
        )
        parts.empty("military_tech", s.t("No tiers yet"), words)
        return
    may = s.may("manage_offers")
    have = {one.tier_id: one.customers for one in counts}
    columns = [
        Column(s.t("Tier")),
        Column(s.t("From"), align="end"),
        Column(s.t("Gives"), width="long"),
        Column(s.t("Customers"), align="end"),
        *([Column("", align="end"), Column("", align="end")] if may else []),
    ]
    rows = [
        Row(
            [
                Cell(one.called(s.language), sub=one.tier_id),
                Cell(amount_words(s, told, one.threshold)),
                Cell(", ".join(benefit_words(s, each) for each in one.benefits) or "–"),
                Cell(s.count(have.get(one.tier_id, 0))),
                *([Cell(s.t("Edit"), action="change"), Cell(s.t("Delete"), action="delete")] if may else []),
            ],
            key=one.tier_id,
        )
        for one in told.tiers
    ]

    def opened(index: int, action: str) -> Any:
        one = told.tiers[index]
        return _delete(s, told, one) if action == "delete" else _edit(s, told, one)

    with parts.card(flush=True) as card:
        sheet(columns, rows, caption=s.t("Tiers"), kind="cards", on_open=opened)
    with card.foot():
        parts.text(_rule_words(s, told), "rg-small rg-faint rg-pretty")


def amount_words(s: Screen, told: TierProgram, value: int) -> str:
    """A value of the metric in words."""
    return s.money(Money(value, s.shop.currency)) if told.metric == "net_spend_minor" else s.count(value)


def benefit_words(s: Screen, one: Benefit) -> str:
    """What a benefit is."""
    own = (one.words_zh if s.language == "zh" else one.words) or one.words
    match one.kind:
        case "points_multiplier":
            return s.t("{n} × points", n=s.count(one.value / 10_000))
        case "discount":
            return s.t("{share} off", share=s.share(one.value / 10_000))
        case "early_access":
            return s.t("{n} hours early access", n=s.count(one.value))
    return own or s.word("benefit", one.kind)


def _rule_words(s: Screen, told: TierProgram) -> str:
    said = [
        s.t(_METRIC_WORDS[told.metric]),
        s.t(_WINDOW_WORDS[told.window], n=s.count(told.window_days)),
        s.t("valid: {words}", words=s.t(_VALIDITY_WORDS[told.validity], n=s.count(told.validity_months))),
        s.t("then: {words}", words=s.t(_DOWNGRADE_WORDS[told.downgrade])),
    ]
    if told.grace_days:
        said.append(s.t("{days} of grace", days=s.days(told.grace_days)))
    return " · ".join(said)


def _save(s: Screen, told: TierProgram) -> TierProgram:
    with s.records.unit() as uow:
        return tier_program.save_program(uow, s.caller, s.shop, told)


def _first(s: Screen) -> TierProgram:
    s.caller.demand("manage_offers")
    tiers = (
        Tier(tier_id="member", name="Member", name_zh="会员", threshold=0),
        Tier(
            tier_id="silver", name="Silver", name_zh="银卡", threshold=100_000,
            benefits=(Benefit(kind="points_multiplier", value=11_000),),
        ),
        Tier(
            tier_id="gold", name="Gold", name_zh="金卡", threshold=500_000,
            benefits=(Benefit(kind="points_multiplier", value=12_500), Benefit(kind="priority_service")),
        ),
    )  # fmt: skip
    return _save(s, TierProgram(tiers=tiers, grace_days=30))


def _edit(s: Screen, told: TierProgram, one: Tier | None) -> None:
    values: dict[str, Any] = {"id": "", "name": "", "name_zh": "", "threshold": ""}
    kept = {each.kind: each for each in one.benefits} if one else {}
    if one is not None:
        values |= {"id": one.tier_id, "name": one.name, "name_zh": one.name_zh, "threshold": one.threshold}
    for kind in BENEFITS:
        held = kept.get(kind)
        values[f"has {kind}"] = held is not None
        values[f"value {kind}"] = "" if held is None or not held.value else held.value // (1 if kind == "early_access" else 100)
        values[f"words {kind}"] = "" if held is None else held.words or held.words_zh
    dialog = forms.Dialog(s, s.t("Tier"), wide=True)
    with dialog:
        with parts.box("rg-form"):
            if one is None:
                forms.text_field(
                    values, "id", s.t("Short name"), most=32, placeholder="platinum", hint=s.t("Small letters and digits.")
                )
            forms.text_field(values, "name", s.t("Name in English"), most=80)
            forms.text_field(values, "name_zh", s.t("Name in Chinese"), most=80)
            hint = s.t("In the smallest unit of {currency}: 100 is one unit.", currency=s.shop.currency)
            forms.text_field(
                values, "threshold", s.t("From this value on"), most=15, hint=hint if told.metric == "net_spend_minor" else ""
            )
        parts.text(s.t("What it gives"), tag="h3")
        with parts.box("rg-form"):
            for kind in BENEFITS:
                forms.tick(values, f"has {kind}", s.word("benefit", kind))
                if kind in ("points_multiplier", "discount"):
                    forms.text_field(values, f"value {kind}", s.t("{what}, per cent", what=s.word("benefit", kind)), most=5)
                elif kind == "early_access":
                    forms.text_field(values, f"value {kind}", s.t("Hours earlier"), most=5)
                elif kind in ("gift", "other"):
                    forms.text_field(values, f"words {kind}", s.t("{what}, in words", what=s.word("benefit", kind)), most=200)

    def save() -> TierProgram:
        threshold = whole(s, values["threshold"], s.t("From this value on"))
        tier_id = one.tier_id if one else str(values["id"]).strip()
        made = Tier(
            tier_id=tier_id,
            name=str(values["name"]).strip() or tier_id,
            name_zh=str(values["name_zh"]).strip(),
            threshold=threshold or 0,
            benefits=tuple(_benefit(s, values, kind) for kind in BENEFITS if values[f"has {kind}"]),
        )
        others = [each for each in told.tiers if one is None or each.tier_id != one.tier_id]
        return _save(s, replace(told, tiers=tuple(sorted([*others, made], key=lambda each: each.threshold))))

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_offers"))
    dialog.open()


def _benefit(s: Screen, values: dict[str, Any], kind: Any) -> Benefit:
    words = str(values[f"words {kind}"]).strip()
    if kind not in ("points_multiplier", "discount", "early_access"):
        return Benefit(kind=kind, words=words, words_zh=words)
    number = whole(s, values[f"value {kind}"], s.word("benefit", kind)) or 0
    return Benefit(kind=kind, value=number * (1 if kind == "early_access" else 100))


def _delete(s: Screen, told: TierProgram, one: Tier) -> None:
    def act() -> TierProgram:
        left = tuple(each for each in told.tiers if each.tier_id != one.tier_id)
        if not left:
            raise InvalidInput("the last tier cannot be deleted", mend="change it instead", code="last_tier")
        return _save(s, replace(told, tiers=left))

    words = s.t("Customers who have it count as the lowest tier until their next order.")
    forms.sure(s, s.t("Delete this tier?"), words, s.t("Delete"), act, done=lambda _: s.redraw())


def _rules(s: Screen, told: TierProgram) -> None:
    values: dict[str, Any] = {
        "metric": told.metric, "window": told.window, "window_days": told.window_days, "validity": told.validity,
        "validity_months": told.validity_months, "downgrade": told.downgrade, "grace_days": told.grace_days,
        "refund_revert": told.refund_revert,
    }  # fmt: skip
    dialog = forms.Dialog(s, s.t("Rules of the tiers"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.choice_field(values, "metric", s.t("What counts"), [(code, s.t(words)) for code, words in _METRIC_WORDS.items()])
        windows = [(code, s.t(words, n="n")) for code, words in _WINDOW_WORDS.items()]
        forms.choice_field(values, "window", s.t("Of which time"), windows)
        forms.text_field(values, "window_days", s.t("Days of the window"), most=4)
        validities = [(code, s.t(words, n="n")) for code, words in _VALIDITY_WORDS.items()]
        forms.choice_field(values, "validity", s.t("A tier is valid"), validities)
        forms.text_field(values, "validity_months", s.t("Months it is valid"), most=3)
        falls = [(code, s.t(words)) for code, words in _DOWNGRADE_WORDS.items()]
        forms.choice_field(values, "downgrade", s.t("Who does not reach it again gets"), falls)
        forms.text_field(values, "grace_days", s.t("Days of grace"), most=3)
        forms.tick(values, "refund_revert", s.t("A refund takes back the rise it caused"))

    def save() -> TierProgram:
        numbers: dict[str, Any] = {
            name: whole(s, values[name], name) or 0 for name in ("window_days", "validity_months", "grace_days")
        }
        chosen: dict[str, Any] = {name: values[name] for name in ("metric", "window", "validity", "downgrade")}
        return _save(s, replace(told, refund_revert=bool(values["refund_revert"]), **numbers, **chosen))

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_offers"))
    dialog.open()
