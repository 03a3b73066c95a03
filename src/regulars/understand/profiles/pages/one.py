"""One customer's own page: numbers, next order, why this segment, favourites, and who it is when asked for."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import unquote

from nicegui import ui

from regulars.collect import identity
from regulars.console import parts, screen, shell
from regulars.console.history import as_of_words
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotFound
from regulars.guard import privacy
from regulars.understand.profiles.domain import CustomerAnswer, Favourite
from regulars.understand.profiles.next_order import NextOrder
from regulars.understand.profiles.one import customer
from regulars.understand.profiles.pages.history import history
from regulars.understand.profiles.pages.tones import STAGE_TONES, STATUS_TONES


@screen("/customers/{customer_id:path}", permission="read_customers", title="Customer", parent="/customers")
def customer_page(s: Screen) -> None:
    """Everything known about one customer, in pseudonyms; who it is only when asked for."""
    customer_id = unquote(s.path["customer_id"])
    tools = shell.head(s, customer_id, back=(s.t("Customers"), s.url("/customers")))

    def ask() -> CustomerAnswer | None:
        try:
            return customer(s.warehouse, s.shop, _now(s, customer_id), language=s.language)
        except NotFound:
            return None

    s.load(ask, lambda answer: _customer(s, answer, tools) if answer else _unprofiled(s), skeleton="page")


def _unprofiled(s: Screen) -> None:
    """Somebody without orders or a profile: other rooms may know what they did."""
    parts.notice(
        s.t("No order or profile of this customer was loaded yet."),
        s.t("What their devices and your shop told of them stands below."),
        tone="info",
    )
    with parts.box("rg-stack"):
        s.panels("customer")


def _now(s: Screen, customer_id: str) -> str:
    """The customer an id belongs to by now: ids that were merged go on resolving."""
    with s.records.reading() as uow:
        return identity.customer_of(uow, s.shop.shop_id, customer_id)


def _customer(s: Screen, answer: CustomerAnswer, tools: ui.element) -> None:
    numbers = answer.numbers
    s.currency = numbers.net.currency
    if numbers.customer_id != unquote(s.path["customer_id"]):
        with parts.notice(s.t("This id was merged into {customer}.", customer=numbers.customer_id), tone="info"):
            parts.button(s.t("Open the customer"), icon="arrow_forward", href=s.customer_url(numbers.customer_id))
    with tools:
        parts.badge(numbers.stage_name, STAGE_TONES.get(numbers.stage, "")).props["title"] = answer.stage_explanation
        if numbers.segment_name:
            parts.badge(numbers.segment_name, plain=True)
    with parts.box("rg-tiles"):
        parts.tile(s.t("Net revenue"), s.short_money(numbers.net), exact=s.money(numbers.net), notes=_deductions(s, answer))
        parts.tile(
            s.t("Orders"), s.count(numbers.orders), notes=(("", s.t("on {n} days", n=s.count(numbers.purchase_days)), "", ""),)
        )
        parts.tile(
            s.t("AOV"),
            s.money(numbers.aov),
            notes=(("", s.t("{n} units an order", n=s.count(answer.average_basket_units, 1)), "", ""),)
            if answer.average_basket_units
            else (),
        )
        last = s.t("{days} ago", days=s.days(round(numbers.days_since_last))) if numbers.days_since_last is not None else ""
        parts.tile(s.t("Last order"), s.day(numbers.last_order_at), notes=(("", last, "", ""),) if last else ())
    with parts.box("rg-grid"):
        with parts.card(s.t("Timeline"), as_of_words(s, answer.as_of), classes="w-7"):
            history(s, answer.numbers.customer_id)
        with parts.box("w-5 rg-stack"):
            if answer.next_order is not None:
                _next(s, answer.next_order)
            _why(s, answer)
            _known(s, answer)
            _favourites(s, s.t("Favourite products"), answer.favourite_products)
            _favourites(s, s.t("Favourite categories"), answer.favourite_categories)
    with parts.box("rg-columns"):
        s.panels("customer")


def _deductions(s: Screen, answer: CustomerAnswer) -> list[tuple[str, str, Tone, str]]:
    gone = answer.numbers.refunds + answer.cancelled
    if not gone.minor:
        return []
    return [("", s.t("after {amount} refunded or cancelled", amount=s.money(gone)), "", "")]


def _next(s: Screen, following: NextOrder) -> None:
    with parts.card(s.t("Next order")) as card, parts.box("rg-stack"):
        parts.text(following.reason.text, "rg-pretty", "p")
        with parts.box("rg-notice info"):
            parts.icon("tips_and_updates")
            parts.text(following.action.text, tag="p")
        parts.facts(
            (
                (s.t("Expected"), s.day(following.expected_at)),
                (s.t("Late after"), s.day(following.late_after_at)),
                (s.t("Rhythm"), f"{s.days(following.rhythm_days)} · {s.word('rhythm', following.rhythm_source)}"),
                (s.t("Worth a year"), s.money(following.yearly_value)),
                (s.t("At stake a year"), s.money(following.value_at_stake)),
            )
        )
    with card.tools:
        parts.badge(following.status_name, STATUS_TONES.get(following.status, "")).style("margin: 5px 8px 0 0")


def _why(s: Screen, answer: CustomerAnswer) -> None:
    if answer.rfm is None:
        return
    with parts.card(s.t("Why {segment}", segment=answer.rfm.name), answer.rfm.explanation), parts.box("rg-stack"):
        for score in answer.rfm.scores:
            with parts.box():
                with parts.box("rg-row rg-between rg-small"):
                    parts.text(score.name, "rg-strong")
                    parts.text(s.t("{score} of 5", score=score.score), "rg-num")
                with parts.box("rg-meter").style("margin: 4px 0") as meter:
                    parts.box().style(f"width: {score.score * 20}%")
                meter.props("aria-hidden=true")
                parts.text(score.text, "rg-small rg-muted", "p")
        parts.text(answer.rfm.handling, "rg-small rg-pretty", "p")
        parts.text(s.t("Also: {type}", type=answer.rfm.value_type_name), "rg-small rg-faint", "p")


def _known(s: Screen, answer: CustomerAnswer) -> None:
    numbers = answer.numbers
    rows = [
        (s.t("Customer number"), numbers.customer_id),
        (s.t("First order"), s.day(numbers.first_order_at)),
        (s.t("Registered"), s.day(answer.registered_at)),
        (s.t("Rhythm"), answer.rhythm.text),
        (s.t("Region"), numbers.region or ""),
        (s.t("City"), answer.city or ""),
        (s.t("Channel"), numbers.channel or ""),
        (s.t("Gender"), s.word("gender", answer.gender) if answer.gender else ""),
        (s.t("Year of birth"), str(answer.birth_year) if answer.birth_year else ""),
        (s.t("Tier"), answer.tier or ""),
        (s.t("Tags"), ", ".join(answer.tags)),
    ]
    with parts.card(s.t("About")), parts.box("rg-stack"):
        parts.facts((name, value) for name, value in rows if value and value != "–")
        place = parts.box("rg-stack")
        with place:
            _person_masked(s, numbers.customer_id, place)


def _person_masked(s: Screen, customer_id: str, place: ui.element) -> None:
    if not s.may("see_personal_data"):
        parts.text(s.t("Name and contacts are masked. Your role does not include seeing them."), "rg-small rg-faint rg-pretty", "p")
        return

    def look() -> privacy.Person | None:
        with s.records.unit() as uow:
            return privacy.reveal(uow, s.caller, s.shop.shop_id, [customer_id]).get(customer_id)

    def show(person: privacy.Person | None) -> None:
        place.clear()
        with place:
            if person is None:
                parts.text(s.t("No name or contact was loaded for this customer."), "rg-small rg-faint", "p")
                return
            known = asdict(person)
            named = [
                (s.word("person", name), str(known[name]))
                for name in ("name", "email", "phone", "account", "address")
                if known[name]
            ]
            parts.facts([*named, *((name, str(value)) for name, value in person.other.items())])

    parts.text(s.t("Name and contacts are masked; each look is noted in the audit trail."), "rg-small rg-faint rg-pretty", "p")
    with parts.box():
        parts.button(s.t("Show name and contacts"), s.act(look, show, permission="see_personal_data"), icon="visibility")


def _favourites(s: Screen, title: str, items: list[Favourite]) -> None:
    if not items or (len(items) == 1 and not items[0].name):
        return
    top = max(item.amount.minor for item in items) or 1
    with parts.card(title, flush=True):
        columns = [Column(s.t("Name"), width="clip"), Column(s.t("Orders"), align="end"), Column(s.t("Amount"), align="end")]
        rows = [
            Row(
                [
                    Cell(item.name, bar=item.amount.minor / top, hint=item.name),
                    Cell(s.count(item.orders)),
                    Cell(s.money(item.amount), hint=s.share(item.share)),
                ]
            )
            for item in items
        ]
        sheet(columns, rows, caption=title)
