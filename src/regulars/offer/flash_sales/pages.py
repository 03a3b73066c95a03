"""Flash sales on screen: what runs and how much is free, one sale with its reservations, and making one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from regulars.console import entries, forms, parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.flash_sales import service
from regulars.offer.flash_sales.domain import FlashSale, Phase, Reservation, State
from regulars.values.money import Money

PHASE_TONES: dict[Phase, Tone] = {"planned": "info", "running": "good", "ended": ""}
_TONES: dict[State, Tone] = {"reserved": "info", "sold": "good", "refund_required": "bad"}
_SHOWN = 200


@screen("/flash-sales", permission="read_reports", nav="Flash sales", icon="flash_on", order=82, group="Act")
def flash_sales_page(s: Screen) -> None:
    """Every flash sale with its live state."""
    note = s.t("A product at a price for a time, out of a stock of its own that is never oversold.")
    with shell.head(s, s.t("Flash sales"), note):
        if s.may("manage_offers"):
            parts.button(s.t("New flash sale"), lambda: _new(s), icon="add", kind="primary")

    def ask() -> list[FlashSale]:
        with s.records.reading() as uow:
            return service.listing(uow, s.shop.shop_id)

    s.load(ask, lambda found: _listed(s, found), skeleton="table")


def _listed(s: Screen, found: list[FlashSale]) -> None:
    if not found:
        words = s.t("Make one: the shop reserves its stock over the API, and what is not paid in time is free again.")
        with parts.card():
            parts.empty("flash_on", s.t("No flash sale yet"), words)
        return
    columns = [
        Column(s.t("Flash sale"), width="long"),
        Column(s.t("State")),
        Column(s.t("Begins"), width="drop"),
        Column(s.t("Ends")),
        Column(s.t("Price"), align="end"),
        Column(s.t("Free"), align="end", hint=s.t("Stock less sold and reserved units, now")),
        Column(s.t("Reserved"), align="end", width="drop"),
        Column(s.t("Sold"), align="end"),
        Column(s.t("Refunds due"), align="end", width="drop", hint=s.t("Payments that came too late and are to be given back")),
    ]
    rows = [
        Row(
            [
                Cell(one.name, sub=one.product_id),
                Cell(s.word("offer phase", one.phase), tone=PHASE_TONES[one.phase], badge=True),
                Cell(s.instant(one.starts_at)),
                Cell(s.instant(one.ends_at)),
                Cell(s.money(Money(one.price_minor, one.currency))),
                Cell(s.count(one.available), bar=one.available / one.stock),
                Cell(s.count(one.reserved)),
                Cell(s.count(one.sold)),
                Cell(s.count(one.refunds_due), tone="bad" if one.refunds_due else ""),
            ],
            href=s.url(f"/flash-sales/{one.sale_id}"),
            key=one.sale_id,
        )
        for one in found
    ]
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Flash sales"), kind="cards")


@screen("/flash-sales/{sale_id}", permission="read_customers", title="Flash sale", parent="/flash-sales")
def flash_sale_page(s: Screen) -> None:
    """One flash sale: its counts, and who holds or bought what."""
    sale_id = s.path["sale_id"]
    with s.records.reading() as uow:
        one = service.get(uow, s.shop.shop_id, sale_id)
    note = " · ".join((one.product_id, s.word("offer phase", one.phase), f"{s.instant(one.starts_at)} – {s.instant(one.ends_at)}"))
    with shell.head(s, one.name, note, back=(s.t("Flash sales"), s.url("/flash-sales"))):
        parts.button(s.t("Refresh"), s.redraw, icon="refresh")
        if s.may("export"):
            asked = urlencode({"format": "csv", "shop": s.shop.shop_id})
            parts.button(s.t("Export CSV"), icon="download", href=f"/v1/flash_sales/{sale_id}/reservations?{asked}")
        if s.may("manage_offers") and one.phase != "ended":
            parts.button(s.t("Change the stock"), lambda: _stock(s, one), icon="edit")
            parts.button(s.t("End it now"), lambda: _end(s, one), icon="stop_circle")

    def ask() -> list[Reservation]:
        with s.records.reading() as uow:
            return service.reservations(uow, s.shop.shop_id, sale_id, limit=_SHOWN)

    with parts.box("rg-tiles"):
        parts.tile(s.t("Free now"), s.count(one.available), notes=[(s.count(one.stock), s.t("in stock"), "", "")])
        minutes = s.t("held {n} s unpaid", n=s.count(one.ttl_s))
        parts.tile(s.t("Reserved"), s.count(one.reserved), notes=[("", minutes, "", "")])
        usual = s.t("instead of {price}", price=s.money(Money(one.list_price_minor, one.currency))) if one.list_price_minor else ""
        price = s.money(Money(one.price_minor, one.currency))
        parts.tile(s.t("Sold"), s.count(one.sold), notes=[(price, usual, "", "")])
        limit = s.t("at most {n} a customer", n=s.count(one.per_customer)) if one.per_customer else s.t("no limit a customer")
        parts.tile(s.t("Refunds due"), s.count(one.refunds_due), notes=[("", limit, "", "")])
    s.load(ask, lambda found: _held(s, found), skeleton="table")


def _held(s: Screen, found: list[Reservation]) -> None:
    with parts.card(s.t("Reservations"), s.t("As they stand now; the export has all of them."), flush=True) as card:
        if not found:
            parts.empty("shopping_cart", s.t("Nobody has reserved yet"), s.t("The shop reserves with POST {path}.", path=_PATH))
            return
        columns = [
            Column(s.t("Reservation")),
            Column(s.t("Customer")),
            Column(s.t("Units"), align="end"),
            Column(s.t("State")),
            Column(s.t("Why")),
            Column(s.t("Reserved at")),
            Column(s.t("Held until"), width="drop"),
            Column(s.t("Paid at"), width="drop"),
        ]
        rows = [
            Row(
                [
                    Cell(one.reservation_id, mono=True),
                    Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                    Cell(s.count(one.quantity)),
                    Cell(s.word("reservation", one.status), tone=_TONES.get(one.status, ""), badge=True),
                    Cell(_why(s, one)),
                    Cell(s.instant(one.reserved_at)),
                    Cell(s.instant(one.expires_at)),
                    Cell(s.instant(one.paid_at) if one.paid_at else "–"),
                ]
            )
            for one in found
        ]
        sheet(columns, rows, caption=s.t("Reservations"), kind="cards")
    if len(found) == _SHOWN:
        with card.foot():
            parts.text(s.t("The first {n}", n=s.count(_SHOWN)))


_PATH = "/v1/flash_sales/{sale_id}/reservations"


def _why(s: Screen, one: Reservation) -> str:
    if one.reason:
        return s.word("offer refusal", one.reason)
    return s.t("paid late") if one.late else "–"


def _new(s: Screen) -> None:
    values: dict[str, Any] = {"name": "", "product": "", "price": "", "usual": "", "stock": "", "limit": "", "minutes": "15", "from": "", "to": ""}  # fmt: skip
    dialog = forms.Dialog(s, s.t("New flash sale"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=120)
        forms.text_field(values, "product", s.t("Product number"))
        forms.text_field(values, "price", s.t("Price ({currency})", currency=s.shop.currency))
        forms.text_field(values, "usual", s.t("Usual price ({currency})", currency=s.shop.currency), hint=s.t("May be left out"))
        forms.text_field(values, "stock", s.t("Units in stock"), kind="number", hint=s.t("Set them aside from the normal stock"))
        forms.text_field(values, "limit", s.t("Units one customer may have"), kind="number", hint=s.t("Empty: no limit"))
        forms.text_field(values, "from", s.t("Begins"), kind="datetime-local", hint=s.t("On the shop's clock"))
        forms.text_field(values, "to", s.t("Ends"), kind="datetime-local", hint=s.t("On the shop's clock"))
        forms.text_field(values, "minutes", s.t("Minutes a reservation is held unpaid"), kind="number")

    def keep() -> FlashSale:
        with s.records.unit() as uow:
            return service.arrange(
                uow,
                s.caller,
                s.shop,
                name=str(values["name"]),
                product_id=str(values["product"]),
                price_minor=entries.minor(s, values["price"]),
                list_price_minor=entries.minor(s, values["usual"]) if str(values["usual"]).strip() else None,
                stock=entries.whole(values["stock"]),
                per_customer=entries.whole_or_none(values["limit"]),
                ttl_s=entries.whole(values["minutes"]) * 60,
                starts_at=entries.instant(s, values["from"]),
                ends_at=entries.instant(s, values["to"]),
            )

    dialog.buttons(s.t("Make it"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _stock(s: Screen, one: FlashSale) -> None:
    values: dict[str, Any] = {"stock": str(one.stock)}
    dialog = forms.Dialog(s, s.t("Change the stock"))
    with dialog, parts.box("rg-form"):
        hint = s.t("Not below {n}, which are sold or reserved", n=s.count(one.sold + one.reserved))
        forms.text_field(values, "stock", s.t("Units in stock"), kind="number", hint=hint)

    def keep() -> FlashSale:
        with s.records.unit() as uow:
            return service.change(uow, s.caller, s.shop.shop_id, one.sale_id, stock=entries.whole(values["stock"]))

    dialog.buttons(s.t("Keep"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _end(s: Screen, one: FlashSale) -> None:
    def end() -> FlashSale:
        with s.records.unit() as uow:
            return service.change(uow, s.caller, s.shop.shop_id, one.sale_id, ends_at=one.made_at)

    forms.sure(
        s,
        s.t("End the flash sale now?"),
        s.t("Nobody can reserve any more. What is reserved can still be paid in time."),
        s.t("End it now"),
        end,
        done=lambda _: s.redraw(),
    )
