"""One promotion: what it says and did, what can be done with it, and the batches of its coupons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from regulars.console import parts, screen, shell
from regulars.console.drop import drop_zone
from regulars.console.forms import Dialog, Values, choice_field, sure, text_field
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.offer.promotions import drafting, service
from regulars.offer.promotions.batches import Batch
from regulars.offer.promotions.pages.wording import TONES, says, span, what_of
from regulars.offer.promotions.performing import Performance
from regulars.offer.promotions.shelf import Act, Promotion
from regulars.understand import segments
from regulars.values.money import Money


@screen("/promotions/{promotion_id}", permission="read_reports", title="Promotion", parent="/promotions")
def promotion_page(s: Screen) -> None:
    """What a promotion says and did."""
    promotion_id = s.path["promotion_id"]

    def ask() -> tuple[Promotion, Performance | None, list[Batch], int | None]:
        with s.records.reading() as uow:
            found = service.get(uow, s.shop.shop_id, promotion_id)
            did = service.performance(uow, s.shop.shop_id).get(promotion_id)
            return found, did, service.batches(uow, s.shop.shop_id, promotion_id), service.approval_above(uow, s.shop.shop_id)

    s.load(ask, lambda found: _draw(s, *found), skeleton="page")


def _draw(s: Screen, one: Promotion, did: Performance | None, batches: list[Batch], above: int | None) -> None:
    tools = shell.head(s, one.name, says(s, one.definition), back=(s.t("Promotions"), s.url("/promotions")))
    if s.may("manage_offers"):
        with tools:
            _acts(s, one)
    currency = s.shop.currency
    if one.state == "waiting":
        limit = s.money(Money(above or 0, currency))
        parts.notice(
            s.t("It waits for another operator."),
            s.t("It may cost more than {amount}; whoever launched it cannot approve it.", amount=limit),
            tone="warn",
        )
    with parts.box("rg-tiles"):
        parts.tile(s.t("Orders"), s.count(did.orders if did else 0))
        parts.tile(s.t("Customers"), s.count(did.customers if did else 0))
        parts.tile(s.t("Cost"), s.short_money(Money(did.cost if did else 0, currency)))
        parts.tile(s.t("Revenue of those orders"), s.short_money(Money(did.revenue if did else 0, currency)))
    with parts.card(s.t("What it says")) as card, parts.box("rg-stack"):
        parts.facts(_facts(s, one))
    with card.tools:
        parts.badge(s.word("promotion state", one.state), TONES[one.state])
    if one.kind == "coupon" and one.code is None:
        _coupons(s, one, batches)


def _facts(s: Screen, one: Promotion) -> list[tuple[str, str]]:
    definition, currency = one.definition, s.shop.currency
    limits, budget = definition.get("limits") or {}, definition.get("budget") or {}
    scope, conditions = definition.get("scope") or {}, definition.get("conditions") or {}
    found = [
        (s.t("Kind"), s.word("offer", what_of(one))),
        (s.t("It gives"), says(s, definition)),
        (s.t("Code"), one.code or ""),
        (s.t("Seller"), definition.get("seller") or ""),
        (s.t("Valid"), span(s, one)),
        (s.t("Categories"), ", ".join(scope.get("categories") or ())),
        (s.t("Products"), ", ".join((scope.get("skus") or ())[:20])),
        (s.t("Not these products"), ", ".join(((scope.get("exclude") or {}).get("skus") or ())[:20])),
        (s.t("Only customers in a segment"), ", ".join(conditions.get("segments_any") or ())),
        (s.t("Uses in all"), _number(s, limits.get("total"))),
        (s.t("Uses of one customer"), _number(s, limits.get("per_customer"))),
        (s.t("Uses of one customer a day"), _number(s, limits.get("per_customer_per_day"))),
        (s.t("Budget"), s.money(Money(budget["total"], currency)) if budget else ""),
        (
            s.t("Beside other offers"),
            s.t("May be combined with others") if definition.get("stackable", True) else s.t("Only alone"),
        ),
        (s.t("Group"), definition.get("exclusive_group") or ""),
    ]
    if (most := service.most_cost(one.offer)) is not None:
        found.append((s.t("It can cost at most"), s.money(Money(most, currency))))
    return [(name, value) for name, value in found if value]


def _number(s: Screen, value: Any) -> str:
    return "" if value is None else s.count(value)


def _acts(s: Screen, one: Promotion) -> None:
    def act(what: Act) -> Callable[[], Promotion]:
        def do() -> Promotion:
            with s.records.unit() as uow:
                return service.act(uow, s.caller, s.shop.shop_id, one.promotion_id, what)

        return do

    def doing(what: Act) -> Any:
        return s.act(act(what), lambda _: s.redraw(), permission="manage_offers")

    if one.state in ("draft", "paused"):
        parts.button(s.t("Change"), icon="edit", href=s.url(f"/promotions/{one.promotion_id}/edit"))
        parts.button(s.t("Launch"), doing("launch"), icon="play_arrow", kind="primary")
    if one.state == "waiting":
        parts.button(s.t("Approve"), doing("approve"), icon="verified", kind="primary")
    if one.state in ("running", "scheduled"):
        parts.button(s.t("Pause"), doing("pause"), icon="pause")
    if one.state != "ended":
        words = s.t("It takes nothing off any more, and stays ended. What was ordered with it stays as it is.")
        parts.button(
            s.t("End"),
            lambda: sure(s, s.t("End this promotion?"), words, s.t("End"), act("end"), done=lambda _: s.redraw()),
            icon="stop",
        )


def _coupons(s: Screen, one: Promotion, batches: list[Batch]) -> None:
    with parts.card(s.t("Coupons"), s.t("Codes of their own, each used once"), flush=True):
        if s.may("manage_offers") and one.state != "ended":
            with parts.box("rg-row").style("padding: 0 16px 12px; flex-wrap: wrap"):
                parts.button(s.t("Make codes"), lambda: _make(s, one), icon="add")
                parts.button(s.t("Give to customers"), lambda: _give(s, one), icon="person_add")
                parts.button(s.t("Let customers claim"), lambda: _open(s, one), icon="redeem")
                parts.button(s.t("Import codes"), lambda: _import(s, one), icon="upload")
        if not batches:
            parts.empty(
                "confirmation_number",
                s.t("No coupons yet"),
                s.t("Make codes for leaflets and partners, give coupons to customers, or let them claim from a stock."),
            )
        else:
            columns = [
                Column(s.t("Batch"), width="long"),
                Column(s.t("Origin"), width="drop"),
                Column(s.t("Coupons made"), align="end"),
                Column(s.t("Codes in all"), align="end", width="drop"),
                Column(s.t("Made on"), align="end", width="drop"),
                *([Column("", align="end")] if s.may("export") and s.may("manage_offers") else []),
            ]
            sheet(columns, [_batch(s, each) for each in batches], caption=s.t("Coupons"), kind="cards")


def _batch(s: Screen, one: Batch) -> Row:
    cells = [
        Cell(one.name, sub=s.t("{n} claimed", n=s.count(one.claimed)) if one.stock is not None else ""),
        Cell(s.word("coupon origin", one.origin)),
        Cell(s.count(one.made), bar=one.made / one.wanted if one.wanted and one.finished_at is None else None),
        Cell(s.count(one.wanted)),
        Cell(s.instant(one.created_at)),
    ]
    if s.may("export") and s.may("manage_offers"):
        href = f"/v1/coupon_batches/{one.batch_id}/coupons?format=csv&shop={s.shop.shop_id}"
        cells.append(Cell(s.t("Download"), href=href))
    return Row(cells, key=one.batch_id)


def _whole(values: Values, name: str) -> int | None:
    text = str(values[name]).strip().replace(",", "")
    if (text and not text.isascii()) or (text and not text.isdigit()):
        raise InvalidInput(f"'{text[:40]}' is not a number", mend="write it in digits", code="bad_form_number")
    return int(text) if text else None


def _make(s: Screen, one: Promotion) -> None:
    values: Values = {"name": "", "many": "1000", "prefix": "", "ends": ""}
    dialog = Dialog(s, s.t("Make codes"))
    with dialog, parts.box("rg-form"):
        text_field(values, "name", s.t("Name of the batch"))
        text_field(values, "many", s.t("How many codes"))
        text_field(values, "prefix", s.t("They begin with"), hint=s.t("A-Z, 0-9 and -; may stay empty"), most=20)
        text_field(values, "ends", s.t("Valid until"), kind="datetime-local", hint=s.t("Empty: as long as the promotion"))

    def keep() -> Batch:
        ends = drafting.instant_of(str(values["ends"]), s.shop.timezone)
        with s.records.unit() as uow:
            return service.generate(
                uow,
                s.caller,
                s.shop,
                one.promotion_id,
                many=_whole(values, "many") or 0,
                name=str(values["name"]),
                prefix=str(values["prefix"]),
                ends_at=ends,
            )

    dialog.buttons(s.t("Make codes"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _give(s: Screen, one: Promotion) -> None:
    values: Values = {"who": "", "segment": "", "days": "30"}
    with s.records.reading() as uow:
        known = [(each.segment_id, each.called(s.language)) for each in segments.listing(uow, s.shop.shop_id)]
    dialog = Dialog(s, s.t("Give to customers"))
    with dialog, parts.box("rg-form"):
        choice_field(values, "segment", s.t("Everybody in a segment"), [("", s.t("No segment")), *known])
        text_field(values, "who", s.t("Or customers, with commas between them"), most=20_000)
        text_field(values, "days", s.t("Valid for so many days"), hint=s.t("Empty: as long as the promotion"))

    def keep() -> int:
        days = _whole(values, "days")
        if values["segment"]:
            with s.records.unit() as uow:
                service.issue_to_segment(uow, s.caller, s.shop, one.promotion_id, str(values["segment"]), valid_days=days)
            return 0
        people = [part.strip() for part in str(values["who"]).replace("，", ",").split(",") if part.strip()]
        with s.records.unit() as uow:
            given = service.issue(uow, s.caller, s.shop, one.promotion_id, people, valid_days=days)
        return len(given)

    dialog.buttons(s.t("Give"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _open(s: Screen, one: Promotion) -> None:
    values: Values = {"name": "", "stock": "1000", "each": "1", "days": "30"}
    dialog = Dialog(s, s.t("Let customers claim"))
    with dialog, parts.box("rg-form"):
        text_field(values, "name", s.t("Name of the batch"))
        text_field(values, "stock", s.t("Coupons in all"))
        text_field(values, "each", s.t("Coupons for one customer"), hint=s.t("Empty: without limit"))
        text_field(values, "days", s.t("Valid for so many days"), hint=s.t("Empty: as long as the promotion"))

    def keep() -> Batch:
        with s.records.unit() as uow:
            return service.open_for_claims(
                uow,
                s.caller,
                s.shop,
                one.promotion_id,
                stock=_whole(values, "stock") or 0,
                per_customer=_whole(values, "each"),
                name=str(values["name"]),
                valid_days=_whole(values, "days"),
            )

    dialog.buttons(s.t("Open"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _import(s: Screen, one: Promotion) -> None:
    dialog = Dialog(s, s.t("Import codes"))

    async def dropped(paths: list[Path], names: list[str]) -> None:
        def read() -> Batch:
            with s.records.unit() as uow:
                return service.import_codes(uow, s.caller, s.shop, one.promotion_id, paths[0].read_bytes(), name=names[0])

        await s.act(read, dialog.done, permission="manage_offers")()

    with dialog:
        drop_zone(s, s.t("Drop a CSV file"), s.t("A column code and, where known, customer_id and ends_at"), dropped)
    with dialog.foot:
        parts.button(s.t("Close"), dialog.close)
    dialog.open()
