"""A customer's own page: the coupons they hold and used, for support."""

from __future__ import annotations

from urllib.parse import unquote

from regulars.collect import identity
from regulars.console import panel, parts
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.promotions import service
from regulars.offer.promotions.coupons import Coupon

_TONES: dict[str, Tone] = {"open": "good", "used": "info", "expired": "", "void": "warn"}
_SHOWN = 50


@panel("customer", permission="read_customers", order=20)
def customer_wallet_panel(s: Screen) -> None:
    """Which coupons this customer has."""
    customer_id = unquote(s.path["customer_id"])

    def ask() -> list[Coupon]:
        with s.records.reading() as uow:
            now = identity.customer_of(uow, s.shop.shop_id, customer_id)
            return service.wallet(uow, s.shop.shop_id, now, limit=_SHOWN)

    s.load(ask, lambda found: _draw(s, found), skeleton="none")


def _draw(s: Screen, found: list[Coupon]) -> None:
    if not found:
        return
    rows = [
        Row(
            [
                Cell(one.promotion, href=s.url(f"/promotions/{one.promotion_id}"), sub=one.code),
                Cell(s.word("coupon state", one.state), badge=True, tone=_TONES[one.state]),
                Cell(s.instant(one.issued_at)),
                Cell("" if one.ends_at is None else s.instant(one.ends_at)),
                Cell(one.order_id or ""),
            ]
        )
        for one in found
    ]
    columns = [
        Column(s.t("Coupon"), width="long"),
        Column(s.t("State")),
        Column(s.t("Given"), width="drop"),
        Column(s.t("Valid until"), width="drop"),
        Column(s.t("Order"), width="drop"),
    ]
    note = s.plural(sum(one.state == "open" for one in found), "{n} coupon to use", "{n} coupons to use")
    with parts.card(s.t("Coupons"), note, flush=True):
        sheet(columns, rows, caption=s.t("Coupons"))
