"""Rewards: what points buy, how many are left, and what was taken."""

from __future__ import annotations

from typing import Any, Literal

from regulars.console import forms, parts, screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.loyalty import currencies, rewards
from regulars.offer.loyalty.pages.tabs import begin, whole
from regulars.offer.loyalty.rewards import KINDS, Claim, PointsReward, RewardGiven


@screen("/points/rewards", permission="read_reports", title="Rewards", parent="/points")
def rewards_page(s: Screen) -> None:
    """What do points buy?"""
    tools = begin(s)
    if s.may("manage_offers"):
        with tools:  # type: ignore[attr-defined]
            parts.button(s.t("New reward"), lambda: _edit(s, None), icon="add", kind="primary")

    def ask() -> tuple[list[PointsReward], list[Claim]]:
        with s.records.reading() as uow:
            taken = rewards.claims(uow, s.shop.shop_id, limit=50) if s.may("read_customers") else []
            return rewards.rewards(uow, s.shop.shop_id), taken

    s.load(ask, lambda found: _draw(s, *found), skeleton="table")


def _draw(s: Screen, found: list[PointsReward], taken: list[Claim]) -> None:
    if not found:
        words = s.t("Goods, coupons or services that customers take for points. Stock and limits hold under any rush.")
        parts.empty("redeem", s.t("No reward yet"), words)
        return
    may = s.may("manage_offers")
    columns = [
        Column(s.t("Reward"), width="long"),
        Column(s.word("loyalty", "points"), align="end"),
        Column(s.t("Taken"), align="end"),
        Column(s.t("Remaining"), align="end"),
        Column(s.t("State")),
        *([Column("", align="end")] if may else []),
    ]
    rows = [
        Row(
            [
                Cell(one.called(s.language), sub=s.word("reward", one.kind) + (f" · {one.detail}" if one.detail else "")),
                Cell(s.count(one.points)),
                Cell(s.count(one.taken)),
                Cell("∞" if one.left is None else s.count(one.left), tone="warn" if one.left == 0 else ""),
                Cell(s.t("On") if one.state == "on" else s.t("Off"), badge=True, tone="good" if one.state == "on" else ""),
                *([Cell(s.t("Edit"), action="change")] if may else []),
            ],
            key=one.reward_id,
        )
        for one in found
    ]
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Rewards"), kind="cards", on_open=lambda index, _: _edit(s, found[index]))
    if taken:
        _taken(s, {one.reward_id: one.called(s.language) for one in found}, taken)


def _taken(s: Screen, names: dict[str, str], taken: list[Claim]) -> None:
    may = s.may("move_points")
    columns = [
        Column(s.t("When"), align="nowrap"),
        Column(s.t("Reward")),
        Column(s.t("Customer")),
        Column(s.word("loyalty", "points"), align="end"),
        Column(s.t("State")),
        *([Column("", align="end"), Column("", align="end")] if may else []),
    ]
    tones: dict[str, Literal["good", "warn", ""]] = {"delivered": "good", "claimed": "warn"}
    rows = [
        Row(
            [
                Cell(s.instant(one.claimed_at)),
                Cell(names.get(one.reward_id, one.reward_id)),
                Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                Cell(s.count(one.points)),
                Cell(s.word("claim", one.state), badge=True, tone=tones.get(one.state, "")),
                *(
                    [
                        Cell(s.t("Mark as delivered"), action="delivered") if one.state == "claimed" else Cell(""),
                        Cell(s.t("Call off"), action="returned") if one.state != "returned" else Cell(""),
                    ]
                    if may
                    else []
                ),
            ],
            key=one.claim_id,
        )
        for one in taken
    ]

    def opened(index: int, action: str) -> Any:
        one = taken[index]
        if action == "returned":
            words = s.t("Its points come back to the customer, and it is in stock again.")
            return forms.sure(
                s,
                s.t("Call this reward off?"),
                words,
                s.t("Call off"),
                lambda: _finish(s, one, "returned"),
                done=lambda _: s.redraw(),
            )
        return s.act(lambda: _finish(s, one, "delivered"), lambda _: s.redraw(), permission="move_points")()

    with parts.card(s.t("Taken lately"), flush=True):
        sheet(columns, rows, caption=s.t("Taken lately"), kind="cards", on_open=opened)


def _finish(s: Screen, one: Claim, state: Literal["delivered", "returned"]) -> Claim:
    with s.records.unit() as uow:
        return rewards.finish_claim(uow, s.caller, s.shop, one.claim_id, state)


def _edit(s: Screen, one: PointsReward | None) -> None:
    values: dict[str, Any] = {
        "id": "", "name": "", "name_zh": "", "kind": "goods", "detail": "", "points": "", "stock": "", "per_customer": "", "on": True,
    }  # fmt: skip
    if one is not None:
        values |= {
            "id": one.reward_id, "name": one.name, "name_zh": one.name_zh, "kind": one.kind, "detail": one.detail,
            "points": one.points, "stock": "" if one.stock is None else one.stock, "per_customer": one.per_customer or "",
            "on": one.state == "on",
        }  # fmt: skip
    dialog = forms.Dialog(s, s.t("Change the reward") if one else s.t("New reward"), wide=True)
    with dialog, parts.box("rg-form"):
        if one is None:
            forms.text_field(
                values, "id", s.t("Short name"), most=64, placeholder="tea-cup", hint=s.t("Letters, digits and hyphens.")
            )
        forms.text_field(values, "name", s.t("Name in English"), most=120)
        forms.text_field(values, "name_zh", s.t("Name in Chinese"), most=120)
        forms.choice_field(values, "kind", s.t("Kind"), [(kind, s.word("reward", kind)) for kind in KINDS])
        forms.text_field(values, "detail", s.t("What is given"), most=500, hint=s.t("A product number, a coupon, or words."))
        forms.text_field(values, "points", s.t("Price in points"), most=12)
        forms.text_field(values, "stock", s.t("How many there are in all"), most=12, hint=s.t("Empty: no limit"))
        forms.text_field(values, "per_customer", s.t("At most for one customer"), most=7, hint=s.t("Empty: no limit"))
        forms.tick(values, "on", s.t("Offered"))

    def save() -> PointsReward:
        given = RewardGiven(
            name=str(values["name"]).strip(),
            name_zh=str(values["name_zh"]).strip(),
            kind=values["kind"],
            detail=str(values["detail"]).strip(),
            points=whole(s, values["points"], s.t("Price in points")) or 0,
            currency_id=one.currency_id if one else currencies.POINTS,
            stock=whole(s, values["stock"], s.t("How many there are in all"), none=True),
            per_customer=whole(s, values["per_customer"], s.t("At most for one customer"), none=True),
            begins_at=one.begins_at if one else None,
            ends_at=one.ends_at if one else None,
            state="on" if values["on"] else "off",
        )
        with s.records.unit() as uow:
            return rewards.save_reward(uow, s.caller, s.shop, str(values["id"]).strip(), given)

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_offers"))
    dialog.open()
