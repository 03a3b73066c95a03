"""Customers: the searchable list, and one customer's own page with numbers, next order, favourites and timeline."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import unquote, urlencode

from nicegui import ui

from regulars.collect import identity
from regulars.console import parts, screen, shell
from regulars.console.history import as_of_words, report_page
from regulars.console.lists import listing, pager
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotFound
from regulars.guard import privacy
from regulars.understand import lifecycle, metrics, rfm
from regulars.understand.profiles.domain import (
    SORTS,
    CustomerAnswer,
    CustomerPage,
    CustomerRow,
    Favourite,
    FilterChoices,
    Filters,
    Sort,
    Timeline,
    TimelineEntry,
)
from regulars.understand.profiles.next_order import STATUSES, NextOrder
from regulars.understand.profiles.one import customer, timeline
from regulars.understand.profiles.service import filter_choices, search
from regulars.understand.profiles.words import status_name

STAGE_TONES: dict[str, Tone] = {"new": "info", "active": "good", "dormant": "warn", "churned": "bad", "prospect": ""}
STATUS_TONES: dict[str, Tone] = {"on_time": "good", "due": "info", "overdue": "warn", "lost": "bad"}
_FILTERS = ("q", "segment", "value_type", "stage", "region", "channel", "status", "tag", "orders")


@screen("/customers", permission="read_customers", nav="Customers", icon="people", order=60, group="Understand")
def customers_page(s: Screen) -> None:
    """Who are they?"""
    report_page(
        s,
        s.t("Customers"),
        s.t("Everybody who has ordered, and those known who have not yet. Search by customer number, e-mail or phone."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda _: _list(s),
        pick_period=False,
        tools=lambda: _export(s),
    )


def _export(s: Screen) -> None:
    if s.may("export"):
        wanted = {name: s.query[name] for name in (*_FILTERS, "sort", "order") if s.query.get(name)}
        asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language, **_api_filters(wanted)}
        parts.button(s.t("Export CSV"), icon="download", href="/v1/customers?" + urlencode(asked))


def _api_filters(wanted: dict[str, str]) -> dict[str, str]:
    """The list's filters under the names the API gives them."""
    named = {name: value for name, value in wanted.items() if name not in ("orders", "order")}
    if "order" in wanted:
        named["descending"] = "false" if wanted["order"] == "asc" else "true"
    bounds = {"1": {"min_orders": "1", "max_orders": "1"}, "repeat": {"min_orders": "2"}, "none": {"max_orders": "0"}}
    return named | bounds.get(wanted.get("orders", ""), {})


def filters_of(s: Screen) -> Filters:
    """The filters of the address."""
    orders = s.choice("orders", ("1", "repeat", "none"))
    bounds = {"1": (1, 1), "repeat": (2, None), "none": (0, 0)}.get(orders, (None, None))
    return Filters(
        text=s.query.get("q") or None,
        segment=s.choice("segment", tuple(rfm.SEGMENTS)) or None,
        value_type=s.choice("value_type", tuple(rfm.VALUE_TYPES.values())) or None,
        stage=s.choice("stage", (*lifecycle.STAGES, lifecycle.PROSPECT)) or None,
        region=s.query.get("region") or None,
        channel=s.query.get("channel") or None,
        status=s.choice("status", tuple(STATUSES)) or None,
        tag=s.query.get("tag") or None,
        min_orders=bounds[0],
        max_orders=bounds[1],
    )


def _list(s: Screen) -> None:
    with parts.box("rg-filters"):
        parts.search(s.t("Customer number, e-mail or phone"), s.query.get("q", ""), lambda text: _search_again(s, text))
        s.load(
            lambda: filter_choices(s.warehouse, s.shop, language=s.language), lambda choices: _choose(s, choices), skeleton="none"
        )
    s.part("results", lambda: _results(s))


def _search_again(s: Screen, text: str) -> None:
    """Search as typed: only the list is drawn anew, so that the field keeps the cursor."""
    s.set_query(q=text.strip() or None, after=None, page=None)
    s.redraw_part("results")


def _results(s: Screen) -> None:
    sort: Sort = s.choice("sort", SORTS, "net")  # type: ignore[assignment]
    ascending = s.choice("order", ("asc", "desc"), "asc" if sort == "customer_id" else "desc") == "asc"
    size = s.number("size", 50, least=10, most=200)
    s.load(lambda: _ask(s, sort, not ascending, size), lambda page: _page(s, page), skeleton="table")


def _ask(s: Screen, sort: Sort, descending: bool, size: int) -> CustomerPage:
    filters = filters_of(s)
    if filters.text:
        with s.records.reading() as uow:
            known = privacy.find_by_contact(uow, s.house.keyring, s.shop.shop_id, filters.text)
        if known:
            filters = replace(filters, text=None, customer_ids=tuple(known))
    return search(
        s.warehouse,
        s.shop,
        filters=filters,
        sort=sort,
        descending=descending,
        cursor=s.query.get("after") or None,
        limit=size,
        language=s.language,
    )


def _choose(s: Screen, choices: FilterChoices) -> None:
    def pick(name: str, label: str, options: list[tuple[str, str]]) -> None:
        if options:
            parts.select(
                label,
                [("", label), *options],
                s.query.get(name, ""),
                lambda value: s.go(**{name: value or None, "after": None, "page": None}),
            )

    def counted(found: list[Any]) -> list[tuple[str, str]]:
        return [(choice.value, f"{choice.name} ({s.short(choice.customers)})") for choice in found]

    pick("segment", s.t("All segments"), counted(choices.segments))
    pick("stage", s.t("All stages"), counted(choices.stages))
    pick("status", s.t("Next order: any"), [(status, status_name(status, s.language)) for status in STATUSES])
    pick(
        "orders",
        s.t("Any number of orders"),
        [("1", s.t("One order")), ("repeat", s.t("Two orders or more")), ("none", s.t("No order yet"))],
    )
    pick("region", s.t("All regions"), counted(choices.regions))
    pick("channel", s.t("All channels"), counted(choices.channels))
    pick("tag", s.t("All tags"), counted(choices.tags))
    if any(s.query.get(name) for name in _FILTERS):
        parts.button(s.t("Clear filters"), lambda: s.go(**dict.fromkeys((*_FILTERS, "after", "page"))), icon="close", kind="quiet")


def _page(s: Screen, page: CustomerPage) -> None:
    s.currency = page.currency
    with parts.card(flush=True) as card:
        if not page.rows:
            parts.empty(
                "search_off",
                s.t("Nobody fits"),
                s.t("No customer passes these filters. Clear one of them, or search for another number."),
            )
            return
        columns = [
            Column(s.t("Customer"), "customer_id", sortable=True),
            Column(s.t("Stage")),
            Column(s.t("Segment")),
            Column(s.t("Orders"), "orders", align="end", sortable=True),
            Column(s.t("Net revenue"), "net", align="end", sortable=True),
            Column(s.t("AOV"), "aov", align="end", sortable=True),
            Column(s.t("First order"), "first_order", align="end", width="drop", sortable=True),
            Column(s.t("Last order"), "last_order", align="end", sortable=True),
            Column(s.t("Rhythm"), align="end", width="drop", hint=s.t("Median days between two orders")),
            Column(s.t("Region"), width="drop"),
        ]
        listing(
            s, columns, [_row(s, row) for row in page.rows], caption=s.t("Customers"), sort=page.sort, descending=page.descending
        )
    with card.foot():
        parts.text(as_of_words(s, page.as_of))
        pager(s, shown=len(page.rows), total=page.total, next_cursor=page.next)


def _row(s: Screen, row: CustomerRow) -> Row:
    href = s.customer_url(row.customer_id)
    return Row(
        [
            Cell(row.customer_id, href=href),
            Cell(row.stage_name, tone=STAGE_TONES.get(row.stage, ""), badge=True),
            Cell(row.segment_name or "–"),
            Cell(s.count(row.orders)),
            Cell(s.money(row.net)),
            Cell(s.money(row.aov)),
            Cell(s.day(row.first_order_at)),
            Cell(
                s.day(row.last_order_at),
                hint="" if row.days_since_last is None else s.t("{days} ago", days=s.days(round(row.days_since_last))),
            ),
            Cell(s.days(None if row.gap_days_median is None else round(row.gap_days_median))),
            Cell(row.region or "–"),
        ],
        href=href,
        key=row.customer_id,
    )


# --- one customer


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
            _timeline(s, answer.numbers.customer_id, answer.timeline)
        with parts.box("w-5 rg-stack"):
            if answer.next_order is not None:
                _next(s, answer.next_order)
            _why(s, answer)
            _known(s, answer)
            _favourites(s, s.t("Favourite products"), answer.favourite_products)
            _favourites(s, s.t("Favourite categories"), answer.favourite_categories)
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


_KIND_ICONS = {"order": "shopping_bag", "refund": "undo", "review": "star_outline", "registered": "person_add"}


def _timeline(s: Screen, customer_id: str, first: Timeline) -> None:
    if not first.entries:
        parts.empty("history", s.t("Nothing yet"), s.t("No order, refund or review of this customer was loaded."))
        return
    listed = parts.box("rg-time")
    place = parts.box()

    def add(page: Timeline) -> None:
        with listed:
            for entry in page.entries:
                _entry(s, entry)
        place.clear()
        if page.next:
            with place:
                parts.button(
                    s.t("Older"),
                    s.act(lambda: timeline(s.warehouse, s.shop, customer_id, cursor=page.next), add),
                    icon="expand_more",
                    kind="quiet",
                )

    add(first)


def _entry(s: Screen, entry: TimelineEntry) -> None:
    bad = entry.kind == "refund" or entry.status == "cancelled"
    with parts.box(f"rg-time-item {'bad' if bad else 'good' if entry.kind == 'order' else ''}"):
        parts.icon(_KIND_ICONS.get(entry.kind, "circle"))
        with parts.box():
            with parts.box("rg-row").style("gap: 8px"):
                parts.text(s.word("timeline", entry.kind), "rg-strong")
                if entry.kind != "registered":
                    parts.text(entry.id, "rg-faint rg-small rg-wrap")
                if entry.status and entry.status not in ("placed", "return"):
                    parts.badge(s.word("status", entry.status), "warn")
            parts.text(s.instant(entry.at), "rg-small rg-faint", "div")
            if entry.rating is not None:
                parts.text(
                    s.t("{rating} stars for {product}", rating=s.count(entry.rating), product=entry.product_name or "–"),
                    "rg-small",
                    "div",
                )
            if entry.lines:
                _lines(s, entry)
        parts.text(
            ("−" if entry.kind == "refund" and entry.amount else "") + (s.money(entry.amount) if entry.amount else ""),
            "rg-num rg-strong",
        )


def _lines(s: Screen, entry: TimelineEntry) -> None:
    names = [line.name or line.product_id or s.t("Not given") for line in entry.lines[:3]]
    more = entry.line_count - len(names)
    words = ", ".join(names) + (" " + s.t("and {n} more", n=s.count(more)) if more > 0 else "")
    with ui.element("details").classes("rg-lines"):
        parts.text(words, "rg-small rg-muted", "summary")
        columns = [Column(s.t("Product"), width="clip"), Column(s.t("Quantity"), align="end"), Column(s.t("Amount"), align="end")]
        rows = [
            Row([Cell(line.name or line.product_id or "–"), Cell(s.count(line.quantity)), Cell(s.money(line.amount))])
            for line in entry.lines
        ]
        sheet(columns, rows, caption=s.t("Lines of {id}", id=entry.id))
