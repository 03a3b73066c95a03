"""Customers: the list that can be searched, filtered, sorted and exported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from regulars.console import parts, periods, screen
from regulars.console.history import as_of_words, report_page
from regulars.console.lists import listing, pager
from regulars.console.sheet import Cell, Column, Row
from regulars.console.view import Screen
from regulars.guard import privacy
from regulars.understand import lifecycle, metrics, rfm
from regulars.understand.profiles.domain import SORTS, CustomerPage, CustomerRow, FilterChoices, Filters, Sort
from regulars.understand.profiles.next_order import STATUSES
from regulars.understand.profiles.pages.tones import STAGE_TONES
from regulars.understand.profiles.service import filter_choices, search
from regulars.understand.profiles.words import status_name
from regulars.values.periods import Period

_FILTERS = ("q", "segment", "value_type", "stage", "region", "channel", "status", "tag", "orders")


@screen("/customers", permission="read_customers", nav="Customers", icon="people", order=60, group="Understand")
def customers_page(s: Screen) -> None:
    """Who are they?"""
    report_page(
        s,
        s.t("Customers"),
        s.t("Everybody who has ordered, and those known who have not yet. Search by customer number, e-mail or phone."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _list(s, periods.narrowed(s, period)),
        usual="all",
        tools=lambda period: _export(s, periods.narrowed(s, period)),
    )


def _export(s: Screen, period: Period | None) -> None:
    if s.may("export"):
        wanted = {name: s.query[name] for name in (*_FILTERS, "sort", "order") if s.query.get(name)}
        asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language, **_api_filters(wanted), **periods.given(period)}
        parts.button(s.t("Export CSV"), icon="download", href="/v1/customers?" + urlencode(asked))


def _api_filters(wanted: dict[str, str]) -> dict[str, str]:
    """The list's filters under the names the API gives them."""
    named = {name: value for name, value in wanted.items() if name not in ("orders", "order")}
    if "order" in wanted:
        named["descending"] = "false" if wanted["order"] == "asc" else "true"
    bounds = {"1": {"min_orders": "1", "max_orders": "1"}, "repeat": {"min_orders": "2"}, "none": {"max_orders": "0"}}
    return named | bounds.get(wanted.get("orders", ""), {})


def filters_of(s: Screen, period: Period | None) -> Filters:
    """The filters of the address; with a period only those who ordered in it."""
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
        from_on=period.start_on if period else None,
        to_on=period.last_on if period else None,
    )


def _list(s: Screen, period: Period | None) -> None:
    with parts.box("rg-filters"):
        parts.search(s.t("Customer number, e-mail or phone"), s.query.get("q", ""), lambda text: _search_again(s, text))
        s.load(
            lambda: filter_choices(s.warehouse, s.shop, language=s.language), lambda choices: _choose(s, choices), skeleton="none"
        )
    s.part("results", lambda: _results(s, period))


def _search_again(s: Screen, text: str) -> None:
    """Search as typed: only the list is drawn anew, so that the field keeps the cursor."""
    s.set_query(q=text.strip() or None, after=None, page=None)
    s.redraw_part("results")


def _results(s: Screen, period: Period | None) -> None:
    sort: Sort = s.choice("sort", SORTS, "net")  # type: ignore[assignment]
    ascending = s.choice("order", ("asc", "desc"), "asc" if sort == "customer_id" else "desc") == "asc"
    size = s.number("size", 50, least=10, most=200)
    s.load(lambda: _ask(s, sort, not ascending, size, period), lambda page: _page(s, page), skeleton="table")


def _ask(s: Screen, sort: Sort, descending: bool, size: int, period: Period | None) -> CustomerPage:
    filters = filters_of(s, period)
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
