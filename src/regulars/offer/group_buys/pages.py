"""Group buys on screen: the offers, one offer with its groups, one group with its members, and money to be given back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from regulars.console import entries, forms, parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.group_buys import service
from regulars.offer.group_buys.domain import SeatStatus, Status
from regulars.offer.group_buys.reading import GroupBuy, GroupRefund, GroupState, Phase
from regulars.values.money import Money

_PHASES: dict[Phase, Tone] = {"planned": "info", "running": "good", "ended": ""}
_STATES: dict[Status, Tone] = {"pending": "", "open": "info", "success": "good", "failed": "warn", "cancelled": ""}
_SEATS: dict[SeatStatus, Tone] = {"held": "info", "paid": "good", "refund_required": "bad"}
_SHOWN = 200


@screen("/group-buys", permission="read_reports", nav="Group buys", icon="group_add", order=84, group="Act")
def group_buys_page(s: Screen) -> None:
    """Every group buy with its groups, and the money that is to be given back."""
    note = s.t("A product at the price of a group, once as many have paid as the group needs. Nobody is invented to fill one up.")
    with shell.head(s, s.t("Group buys"), note):
        if s.may("manage_offers"):
            parts.button(s.t("New group buy"), lambda: _new(s), icon="add", kind="primary")

    def ask() -> tuple[list[GroupBuy], list[GroupRefund]]:
        with s.records.reading() as uow:
            due = service.refunds(uow, s.shop.shop_id) if s.may("read_customers") else []
            return service.listing(uow, s.shop.shop_id), due

    s.load(ask, lambda both: _listed(s, *both), skeleton="table")


def _listed(s: Screen, found: list[GroupBuy], due: list[GroupRefund]) -> None:
    if not found:
        words = s.t("Make one: customers open groups over the API, others join them, and who paid for nothing is listed here.")
        with parts.card():
            parts.empty("group_add", s.t("No group buy yet"), words)
        return
    columns = [
        Column(s.t("Group buy"), width="long"),
        Column(s.t("State")),
        Column(s.t("Ends")),
        Column(s.t("Price"), align="end"),
        Column(s.t("Members a group needs"), align="end", hint=s.t("Who must have paid")),
        Column(s.t("Open groups"), align="end"),
        Column(s.t("Complete"), align="end"),
        Column(s.t("Failed"), align="end", width="drop"),
        Column(s.t("Refunds due"), align="end", width="drop"),
    ]
    rows = [
        Row(
            [
                Cell(one.name, sub=one.product_id),
                Cell(s.word("offer phase", one.phase), tone=_PHASES[one.phase], badge=True),
                Cell(s.instant(one.ends_at)),
                Cell(s.money(Money(one.price_minor, one.currency))),
                Cell(s.count(one.size)),
                Cell(s.count(one.open_groups)),
                Cell(s.count(one.successes)),
                Cell(s.count(one.failures)),
                Cell(s.count(one.refunds_due), tone="bad" if one.refunds_due else ""),
            ],
            href=s.url(f"/group-buys/{one.offer_id}"),
            key=one.offer_id,
        )
        for one in found
    ]
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Group buys"), kind="cards")
    if due:
        _refunds(s, due)


def _refunds(s: Screen, due: list[GroupRefund]) -> None:
    note = s.t(
        "Of groups that failed, members who left, and payments that came too late. The shop's payment system tells when it is done."
    )
    may = s.may("load_data")
    with parts.card(s.t("Money to give back"), note, flush=True):
        columns = [
            Column(s.t("Customer")),
            Column(s.t("Group of buyers")),
            Column(s.t("Why")),
            Column(s.t("Since")),
            Column(s.t("Amount"), align="end"),
            *([Column("", align="end")] if may else []),
        ]
        rows = [
            Row(
                [
                    Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                    Cell(one.group_id, href=s.url(f"/group-buys/groups/{one.group_id}")),
                    Cell(s.word("group refund", one.reason)),
                    Cell(s.instant(one.due_at)),
                    Cell(s.money(Money(one.amount_minor, one.currency))),
                    *([Cell(s.t("Given back"), action="done")] if may else []),
                ]
            )
            for one in due
        ]
        sheet(columns, rows, caption=s.t("Money to give back"), kind="cards", on_open=lambda index, _: _given_back(s, due[index]))


def _given_back(s: Screen, one: GroupRefund) -> None:
    def done() -> GroupRefund:
        with s.records.unit() as uow:
            return service.refunded(uow, s.shop.shop_id, one.refund_id)

    forms.sure(
        s,
        s.t("Has the money been given back?"),
        s.t("{money} to {customer}. It leaves the list; nothing is paid from here.", money=s.money(Money(one.amount_minor, one.currency)), customer=one.customer_id),
        s.t("It has been given back"),
        done,
        done=lambda _: s.redraw(),
    )  # fmt: skip


@screen("/group-buys/{offer_id}", permission="read_customers", title="Group buy", parent="/group-buys")
def group_buy_page(s: Screen) -> None:
    """One group buy: its groups as they stand now."""
    offer_id = s.path["offer_id"]
    with s.records.reading() as uow:
        one = service.get(uow, s.shop.shop_id, offer_id)
    note = " · ".join((one.product_id, s.word("offer phase", one.phase), f"{s.instant(one.starts_at)} – {s.instant(one.ends_at)}"))
    with shell.head(s, one.name, note, back=(s.t("Group buys"), s.url("/group-buys"))):
        parts.button(s.t("Refresh"), s.redraw, icon="refresh")
        if s.may("export"):
            asked = urlencode({"format": "csv", "shop": s.shop.shop_id})
            parts.button(s.t("Export CSV"), icon="download", href=f"/v1/group_buys/{offer_id}/groups?{asked}")
        if s.may("manage_offers") and one.phase != "ended":
            parts.button(s.t("End it now"), lambda: _end(s, one), icon="stop_circle")
    with parts.box("rg-tiles"):
        parts.tile(
            s.t("Open groups"), s.count(one.open_groups), notes=[("", s.t("of {n} members each", n=s.count(one.size)), "", "")]
        )
        price = s.money(Money(one.price_minor, one.currency))
        parts.tile(s.t("Complete"), s.count(one.successes), notes=[(price, s.t("for each member"), "", "")])
        hours = s.t("{n} h after the leader has paid", n=s.count(one.window_s / 3600))
        parts.tile(s.t("Failed"), s.count(one.failures), notes=[("", hours, "", "")])
        seats = s.t("seats are held {n} s unpaid", n=s.count(one.pay_ttl_s))
        parts.tile(s.t("Refunds due"), s.count(one.refunds_due), notes=[("", seats, "", "")])

    def ask() -> list[GroupState]:
        with s.records.reading() as uow:
            return service.groups(uow, s.shop.shop_id, offer_id, limit=_SHOWN)

    s.load(ask, lambda found: _groups(s, found), skeleton="table")


def _groups(s: Screen, found: list[GroupState]) -> None:
    with parts.card(s.t("Groups"), s.t("As they stand now, the newest first"), flush=True) as card:
        if not found:
            words = s.t("The shop opens groups with POST {path}.", path="/v1/group_buys/{offer_id}/groups")
            parts.empty("group_add", s.t("No group yet"), words)
            return
        columns = [
            Column(s.t("Group of buyers")),
            Column(s.t("State")),
            Column(s.t("Leader")),
            Column(s.t("Paid"), align="end"),
            Column(s.t("Held"), align="end", width="drop"),
            Column(s.t("Opened"), width="drop"),
            Column(s.t("Deadline")),
        ]
        rows = [
            Row(
                [
                    Cell(one.group_id, mono=True),
                    Cell(s.word("group", one.status), tone=_STATES[one.status], badge=True),
                    Cell(one.leader),
                    Cell(f"{s.count(one.paid)} / {s.count(one.size)}", bar=one.paid / one.size),
                    Cell(s.count(one.held)),
                    Cell(s.instant(one.opened_at)),
                    Cell(s.instant(one.deadline_at) if one.deadline_at else "–"),
                ],
                href=s.url(f"/group-buys/groups/{one.group_id}"),
                key=one.group_id,
            )
            for one in found
        ]
        sheet(columns, rows, caption=s.t("Groups"), kind="cards")
    if len(found) == _SHOWN:
        with card.foot():
            parts.text(s.t("The first {n}", n=s.count(_SHOWN)))


@screen("/group-buys/groups/{group_id}", permission="read_customers", title="Group", parent="/group-buys")
def group_page(s: Screen) -> None:
    """One group: who has a seat, who paid, and whose money is to be given back."""
    group_id = s.path["group_id"]
    with s.records.reading() as uow:
        one = service.group(uow, s.shop.shop_id, group_id)
        owed = service.refunds(uow, s.shop.shop_id, due=False, group_id=group_id)
    state = s.word("group", one.status)
    until = s.t("until {at}", at=s.instant(one.deadline_at)) if one.deadline_at and one.status == "open" else ""
    note = " · ".join(part for part in (one.product_id, state, until) if part)
    with shell.head(s, s.t("Group {id}", id=one.group_id), note, back=(s.t("Group buy"), s.url(f"/group-buys/{one.offer_id}"))):
        parts.button(s.t("Refresh"), s.redraw, icon="refresh")
    title = s.t("Members")
    told = s.t(
        "{paid} of {size} have paid, {held} hold a seat", paid=s.count(one.paid), size=s.count(one.size), held=s.count(one.held)
    )
    with parts.card(title, told, flush=True):
        columns = [
            Column(s.t("Customer")),
            Column(s.t("State")),
            Column(s.t("Joined")),
            Column(s.t("Held until")),
            Column(s.t("Paid at")),
        ]
        rows = [
            Row(
                [
                    Cell(seat.customer_id, href=s.customer_url(seat.customer_id), sub=s.t("Leader") if seat.leader else ""),
                    Cell(s.word("seat", seat.status), tone=_SEATS.get(seat.status, ""), badge=True),
                    Cell(s.instant(seat.held_at)),
                    Cell(s.instant(seat.expires_at)),
                    Cell(s.instant(seat.paid_at) if seat.paid_at else "–"),
                ]
            )
            for seat in one.members
        ]
        sheet(columns, rows, caption=title, kind="cards")
    if owed:
        with parts.card(s.t("Payments given back"), flush=True):
            columns = [
                Column(s.t("Customer")),
                Column(s.t("Why")),
                Column(s.t("Amount"), align="end"),
                Column(s.t("Since")),
                Column(s.t("Done")),
            ]
            rows = [
                Row(
                    [
                        Cell(back.customer_id, href=s.customer_url(back.customer_id)),
                        Cell(s.word("group refund", back.reason)),
                        Cell(s.money(Money(back.amount_minor, back.currency))),
                        Cell(s.instant(back.due_at)),
                        Cell(s.instant(back.done_at) if back.done_at else s.t("still due"), tone="" if back.done_at else "bad"),
                    ]
                )
                for back in owed
            ]
            sheet(columns, rows, caption=s.t("Payments given back"), kind="cards")


def _new(s: Screen) -> None:
    values: dict[str, Any] = {"name": "", "product": "", "price": "", "usual": "", "size": "3", "hours": "24", "minutes": "10", "from": "", "to": ""}  # fmt: skip
    dialog = forms.Dialog(s, s.t("New group buy"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=120)
        forms.text_field(values, "product", s.t("Product number"))
        forms.text_field(values, "price", s.t("Price for each member ({currency})", currency=s.shop.currency))
        forms.text_field(values, "usual", s.t("Usual price ({currency})", currency=s.shop.currency), hint=s.t("May be left out"))
        forms.text_field(values, "size", s.t("Members a group needs"), kind="number")
        forms.text_field(values, "hours", s.t("Hours a group has"), kind="number", hint=s.t("From its leader's payment on"))
        forms.text_field(values, "minutes", s.t("Minutes a seat is held unpaid"), kind="number")
        forms.text_field(values, "from", s.t("Begins"), kind="datetime-local", hint=s.t("On the shop's clock"))
        forms.text_field(values, "to", s.t("Ends"), kind="datetime-local", hint=s.t("Open groups go on to their own deadline"))

    def keep() -> GroupBuy:
        with s.records.unit() as uow:
            return service.arrange(
                uow,
                s.caller,
                s.shop,
                name=str(values["name"]),
                product_id=str(values["product"]),
                price_minor=entries.minor(s, values["price"]),
                list_price_minor=entries.minor(s, values["usual"]) if str(values["usual"]).strip() else None,
                size=entries.whole(values["size"]),
                window_s=entries.whole(values["hours"]) * 3600,
                pay_ttl_s=entries.whole(values["minutes"]) * 60,
                starts_at=entries.instant(s, values["from"]),
                ends_at=entries.instant(s, values["to"]),
            )

    dialog.buttons(s.t("Make it"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _end(s: Screen, one: GroupBuy) -> None:
    def end() -> GroupBuy:
        with s.records.unit() as uow:
            return service.end(uow, s.caller, s.shop.shop_id, one.offer_id)

    forms.sure(
        s,
        s.t("Let no more groups open?"),
        s.t("Groups that are open go on to their own deadline."),
        s.t("End it now"),
        end,
        done=lambda _: s.redraw(),
    )
