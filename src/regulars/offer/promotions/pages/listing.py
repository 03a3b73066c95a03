"""The list of promotions with what each did, and from which cost on a second operator approves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulars.console import parts, screen, shell
from regulars.console.forms import Dialog, Values, text_field
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.offer.promotions import service
from regulars.offer.promotions.pages.wording import TONES, says, span, what_of
from regulars.offer.promotions.performing import Performance
from regulars.offer.promotions.shelf import Promotion
from regulars.values.money import Money

_STATES = ("all", "running", "scheduled", "waiting", "paused", "draft", "ended")


@screen("/promotions", permission="read_reports", nav="Promotions", icon="sell", order=60, group="Act")
def promotions_page(s: Screen) -> None:
    """Every promotion and kind of coupon."""
    note = s.t("What your shop gives: promotions that apply by themselves, and coupons that customers hold.")
    with shell.head(s, s.t("Promotions"), note):
        if s.may("manage_shop"):
            parts.button(s.t("Approval"), lambda: _approval(s), icon="verified")
        if s.may("manage_offers"):
            parts.button(s.t("New promotion"), icon="add", kind="primary", href=s.url("/promotions/new"))

    def ask() -> tuple[list[Promotion], dict[str, Performance]]:
        with s.records.reading() as uow:
            return service.listing(uow, s.shop.shop_id), service.performance(uow, s.shop.shop_id)

    s.load(ask, lambda both: _draw(s, *both), skeleton="table")


def _draw(s: Screen, found: Sequence[Promotion], figures: Mapping[str, Performance]) -> None:
    if not found:
        with parts.card():
            parts.empty(
                "sell",
                s.t("No promotion yet"),
                s.t("Begin with one such as 50 off from 300. You see what it does to a sample cart before anybody is offered it."),
                action=s.t("New promotion") if s.may("manage_offers") else "",
                href=s.url("/promotions/new") if s.may("manage_offers") else "",
            )
        return
    state = s.choice("state", _STATES, "all")
    words = {"all": s.t("All"), **{one: s.word("promotion state", one) for one in _STATES[1:]}}
    there = {"all", state, *(one.state for one in found)}
    with parts.box("rg-filters"):
        chosen = [(one, words[one]) for one in _STATES if one in there]
        parts.segmented(s.t("State"), chosen, state, lambda value: s.go(state=None if value == "all" else value))
    shown = [one for one in found if state in ("all", one.state)]
    columns = [
        Column(s.t("Name"), width="long"),
        Column(s.t("State")),
        Column(s.t("Kind"), width="drop"),
        Column(s.t("Valid"), width="drop"),
        Column(s.t("Orders"), align="end"),
        Column(s.t("Cost"), align="end", hint=s.t("What it took off orders that were neither cancelled nor wholly returned")),
        Column(s.t("Revenue"), align="end", width="drop", hint=s.t("What customers paid for those orders")),
    ]
    with parts.card(flush=True):
        sheet(columns, [_row(s, one, figures.get(one.promotion_id)) for one in shown], caption=s.t("Promotions"))


def _row(s: Screen, one: Promotion, did: Performance | None) -> Row:
    currency = s.shop.currency
    here = s.url(f"/promotions/{one.promotion_id}")
    return Row(
        [
            Cell(one.name, href=here, sub=says(s, one.definition) + (f" · {one.code}" if one.code else "")),
            Cell(s.word("promotion state", one.state), badge=True, tone=TONES[one.state]),
            Cell(s.word("offer", what_of(one))),
            Cell(span(s, one)),
            Cell(s.count(did.orders if did else 0)),
            Cell(s.money(Money(did.cost if did else 0, currency))),
            Cell(s.money(Money(did.revenue if did else 0, currency))),
        ],
        href=here,
        key=one.promotion_id,
    )


def _approval(s: Screen) -> None:
    with s.records.reading() as uow:
        above = service.approval_above(uow, s.shop.shop_id)
    values: Values = {"above": "" if above is None else f"{Money(above, s.shop.currency).major.normalize():f}"}
    dialog = Dialog(s, s.t("Approval by a second operator"))
    with dialog, parts.box("rg-form"):
        hint = s.t("What may cost more, or has no bound, waits after its launch until somebody else approves it. Empty: never.")
        text_field(values, "above", s.t("Above a cost of, in {currency}", currency=s.shop.currency), hint=hint)

    def keep() -> None:
        text = str(values["above"]).strip().replace(",", "")
        try:
            limit = Money.of(text, s.shop.currency).minor if text else None
        except ArithmeticError:
            raise InvalidInput(f"'{text[:40]}' is not a number", mend="write it in digits", code="bad_form_number") from None
        with s.records.unit() as uow:
            service.set_approval(uow, s.caller, s.shop.shop_id, limit)

    dialog.buttons(s.t("Keep"), s.act(keep, dialog.done, permission="manage_shop"))
    dialog.open()
