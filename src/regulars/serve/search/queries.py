"""What the warehouse knows of searches: what was asked, what came of it, and what sells and pleases."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from regulars.warehouse import json_text, unbound
from regulars.warehouse.instants import microseconds

SEARCHED = "Products Searched"
#: What shows that a search led somewhere.
CLICKS = ("Product Clicked", "Product Viewed", "Product Added", "Product Added to Wishlist")
CARTED, ORDERED = "Product Added", "Order Completed"
#: What shows that the shopper went on in the shop.
_ONWARD = (*CLICKS, SEARCHED, "Product List Viewed", "Cart Viewed", "Checkout Started", ORDERED)
#: Searches that the search itself has told begin so; of those that name nobody, the shopper is who clicks what they showed.
OURS = "search_"
_VISIT_ENDS = 30 * 60 * 1_000_000
_REWORDED_WITHIN = 5 * 60 * 1_000_000


def _told(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """Searches and what shoppers did besides, each by whom: `person`, `event`, `key`, `results`, `sid`, `at`, `nobody` ..."""
    events = unbound("events")
    ours = (events.event == SEARCHED) & events.message_id.startswith(OURS)
    until = end.replace(tzinfo=None) + timedelta(microseconds=_VISIT_ENDS)
    mine = events.filter(
        events.shop_id == shop_id,
        events.event.isin(_ONWARD),
        events.timestamp >= ibis.literal(begin.replace(tzinfo=None)),
        events.timestamp < ibis.literal(until),
        (~events.is_bot & events.customer_id.notnull()) | ours,
        # Who counts from where a period ends on sees what followed, and no later search.
        (events.event != SEARCHED) | (events.timestamp < ibis.literal(end.replace(tzinfo=None))),
    )
    text = mine.properties
    rows = mine.select(
        "event",
        "event_key",
        "product_id",
        key=ibis.ifelse(mine.event == SEARCHED, mine.query.strip().lower(), ibis.null("string")),
        at=microseconds(mine.timestamp),
        customer_id=ibis.ifelse(mine.is_bot, ibis.null("string"), mine.customer_id),
        ours=(mine.event == SEARCHED) & mine.message_id.startswith(OURS),
        sid=json_text(text, "search_id").coalesce(ibis.ifelse(mine.list_id.startswith(OURS), mine.list_id, ibis.null("string"))),
        listed=ibis.ifelse(mine.event == SEARCHED, json_text(text, "products"), ibis.null("string")),
        sort=ibis.ifelse(mine.event == SEARCHED, json_text(text, "sort"), ibis.null("string")),
        results=json_text(text, "results").try_cast("int64"),
        page=json_text(text, "page").try_cast("int64"),
    )
    rows = rows.filter((rows.event != SEARCHED) | (rows.key.notnull() & (rows.key != "")))
    # Told by the search and by the page that asked it: the page knows who it was.
    once = ibis.window(
        group_by=[rows.event, rows.sid.coalesce(rows.event_key.cast("string"))], order_by=[rows.ours, rows.at, rows.event_key]
    )
    twins = ibis.window(group_by=[rows.event, rows.sid.coalesce(rows.event_key.cast("string"))])
    rows = rows.mutate(
        nth=ibis.row_number().over(once),
        listed=rows.listed.max().over(twins),
        sort=rows.sort.max().over(twins),
    )
    rows = rows.filter((rows.event != SEARCHED) | (rows.nth == 0)).drop("nth")
    clickers = rows.filter(rows.event.isin(CLICKS), rows.sid.notnull(), rows.customer_id.notnull())
    clickers = clickers.group_by(who_clicked=clickers.sid).aggregate(clicker=clickers.customer_id.min())
    rows = rows.left_join(clickers, rows.sid == clickers.who_clicked).drop("who_clicked")
    rows = rows.mutate(
        nobody=rows.customer_id.isnull() & rows.clicker.isnull(),
        person=rows.customer_id.coalesce(rows.clicker, rows.event_key.cast("string")),
    )
    return rows.filter(~(rows.nobody & (rows.page.coalesce(1) > 1))).drop("clicker", "customer_id")


def _turns(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """The same in visits (which end with half an hour without any of it) and turns: a search with all that follows it up to the next.

    Another page, order or filter of the same words, and the same search told twice, belong to the turn that is going on.
    """
    rows = _told(shop_id, begin, end)
    searches = rows.filter(rows.event == SEARCHED)
    before = ibis.window(group_by="person", order_by=[searches.at, searches.event_key])
    searches = searches.mutate(key_before=searches.key.lag().over(before), at_before=searches.at.lag().over(before))
    again = (searches.key == searches.key_before) & (searches.at - searches.at_before <= _VISIT_ENDS)
    searches = searches.mutate(fresh=ibis.ifelse(again.fill_null(False), 0, 1).cast("int64")).drop("key_before", "at_before")
    others = rows.filter(rows.event != SEARCHED)
    rows = searches.union(others.mutate(fresh=ibis.literal(0).cast("int64")).select(searches.columns))
    ahead = ibis.window(group_by="person", order_by=[rows.at, rows.event_key])
    pause = rows.at - rows.at.lag().over(ahead) > _VISIT_ENDS
    rows = rows.mutate(begins=ibis.ifelse(pause.fill_null(False), 1, 0).cast("int64"))
    so_far = ibis.cumulative_window(group_by="person", order_by=[rows.at, rows.event_key])
    rows = rows.mutate(turn=rows.fresh.sum().over(so_far), visit=rows.begins.sum().over(so_far))
    in_turn = ibis.window(group_by=[rows.person, rows.turn])
    searched_in = ibis.ifelse(rows.fresh == 1, rows.visit, ibis.null("int64")).max().over(in_turn)
    rows = rows.filter(rows.turn > 0).mutate(same_visit=rows.visit == searched_in)
    return rows.filter((rows.fresh == 1) | rows.same_visit)


def _clicked_by_id(rows: ir.Table) -> ir.Table:
    """Clicks that name their search, wherever and whenever they came: `person`, `turn` of the search, `product_id`, `event`."""
    named = rows.filter(rows.event == SEARCHED, rows.sid.notnull())
    named = named.group_by(named_id=named.sid).aggregate(whose=named.person.min(), of_turn=named.turn.min())
    clicks = rows.filter(rows.event.isin(CLICKS), rows.sid.notnull())
    found = clicks.inner_join(named, clicks.sid == named.named_id)
    return found.select(person=found.whose, turn=found.of_turn, product_id=found.product_id, event=found.event)


def asked(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """Every search with what came of it: `person`, `turn`, `key`, `results`, `clicked`, `carted`, `ordered`, `left`, `nobody`."""
    rows = _turns(shop_id, begin, end)
    each = rows.group_by("person", "turn").aggregate(
        key=ibis.ifelse(rows.fresh == 1, rows.key, ibis.null("string")).max(),
        results=ibis.ifelse(rows.event == SEARCHED, rows.results, ibis.null("int64")).max(),
        clicks=rows.event.isin(CLICKS).cast("int64").sum(),
        carts=(rows.event == CARTED).cast("int64").sum(),
        orders=(rows.event == ORDERED).cast("int64").sum(),
        more=(rows.fresh == 0).cast("int64").sum(),
        visit=ibis.ifelse(rows.fresh == 1, rows.visit, ibis.null("int64")).max(),
        nobody=rows.nobody.any(),
    )
    ahead = ibis.window(group_by="person", order_by="turn")
    each = each.mutate(goes_on=(each.visit.lead().over(ahead) == each.visit).fill_null(False))
    named = _clicked_by_id(rows)
    named = named.group_by(named_person=named.person, named_turn=named.turn).aggregate(
        named_clicks=named.count(), named_carts=(named.event == CARTED).cast("int64").sum()
    )
    found = each.left_join(named, [each.person == named.named_person, each.turn == named.named_turn])
    clicked = (found.clicks > 0) | (found.named_clicks.coalesce(0) > 0)
    return found.select(
        "person",
        "turn",
        "key",
        "results",
        "nobody",
        clicked=clicked,
        carted=(found.carts > 0) | (found.named_carts.coalesce(0) > 0),
        ordered=found.orders > 0,
        left=~(clicked | (found.more > 0) | found.goes_on | found.nobody),
    )


def by_query(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """For each query how often it was asked, by how many, without result, and how often something came of it or nothing."""
    rows = asked(shop_id, begin, end)
    each = rows.group_by("key", "person").aggregate(
        asked=rows.count(),
        known=ibis.ifelse(rows.nobody.any(), 0, 1),
        empty=(rows.results == 0).fill_null(False).cast("int64").sum(),
        clicked=rows.clicked.cast("int64").sum(),
        carted=rows.carted.cast("int64").sum(),
        ordered=rows.ordered.cast("int64").sum(),
        left=rows.left.cast("int64").sum(),
    )
    return each.group_by("key").aggregate(
        searches=each.asked.sum(),
        customers=each.known.sum(),
        without_result=each.empty.sum(),
        clicks=each.clicked.sum(),
        carts=each.carted.sum(),
        orders=each.ordered.sum(),
        exits=each.left.sum(),
    )


def popular(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """By how many known shoppers each query was asked that found something; cheap enough to be asked while somebody types."""
    events = unbound("events")
    mine = events.filter(
        events.shop_id == shop_id,
        events.event == SEARCHED,
        events.timestamp >= ibis.literal(begin.replace(tzinfo=None)),
        events.timestamp < ibis.literal(end.replace(tzinfo=None)),
        ~events.is_bot,
        events.customer_id.notnull(),
        events.query.notnull(),
    )
    rows = mine.select(
        "customer_id", key=mine.query.strip().lower(), results=json_text(mine.properties, "results").try_cast("int64")
    )
    counts = rows.group_by("key").aggregate(customers=rows.customer_id.nunique(), found=rows.results.coalesce(1).max())
    return counts.filter(counts.key != "", counts.found > 0, counts.customers > 1)  # what only one asked may be personal


def clicked(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """After how many searches of each query each product was clicked."""
    rows = _turns(shop_id, begin, end)
    keys = rows.filter(rows.fresh == 1).select("person", "turn", "key")
    soon = rows.filter(rows.event.isin(CLICKS)).select("person", "turn", "product_id")
    hits = soon.union(_clicked_by_id(rows).select("person", "turn", "product_id")).distinct()
    hits = hits.filter(hits.product_id.notnull()).inner_join(keys, ["person", "turn"])
    return hits.group_by("key", "product_id").aggregate(clicks=hits.count())


def shown(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """Lists that the search itself told of, in the order of relevance, with what was clicked of each: `at`, `key`, `listed` (JSON: the
    products with their positions), `clicked` (products, with a separator between).
    """
    rows = _turns(shop_id, begin, end)
    by_visit = rows.filter(rows.event.isin(CLICKS), rows.product_id.notnull()).select("person", "turn", "product_id")
    by_id = _clicked_by_id(rows)
    clicks = by_visit.union(by_id.filter(by_id.product_id.notnull()).select("person", "turn", "product_id")).distinct()
    clicks = clicks.group_by("person", "turn").aggregate(clicked=clicks.product_id.group_concat(sep="\x1f"))
    searches = rows.filter(rows.event == SEARCHED)
    lists = searches.select("person", "turn", "at", "key", "event_key", "listed", "sort")
    lists = lists.filter(lists.listed.notnull(), lists.sort.coalesce("relevance") == "relevance")
    found = lists.inner_join(clicks, ["person", "turn"])
    return found.select("at", "key", "listed", "clicked", "event_key").order_by("at", "event_key")


def reworded(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """How many customers asked one thing, clicked nothing, and soon asked another and clicked: `key`, `other`, `customers`."""
    rows = _turns(shop_id, begin, end)
    rows = rows.filter(~rows.nobody, (rows.fresh == 1) | rows.event.isin(CLICKS))
    ahead = ibis.window(group_by="person", order_by=[rows.at, rows.event_key])
    rows = rows.mutate(
        other=rows.key.lead().over(ahead),
        next_event=rows.event.lead().over(ahead),
        next_at=rows.at.lead().over(ahead),
        third_event=rows.event.lead(2).over(ahead),
        third_at=rows.at.lead(2).over(ahead),
    )
    found = rows.filter(
        rows.event == SEARCHED,
        rows.next_event == SEARCHED,
        rows.third_event.isin(CLICKS),
        rows.key != rows.other,
        rows.next_at - rows.at <= _REWORDED_WITHIN,
        rows.third_at - rows.next_at <= _VISIT_ENDS,
    )
    pairs = found.select("person", "key", "other").distinct()
    return pairs.group_by("key", "other").aggregate(customers=pairs.count())


def bought(shop_id: str, customer_id: str) -> ir.Table:
    """How often a customer bought of each brand and category."""
    lines = unbound("order_lines")
    mine = lines.filter(
        lines.shop_id == shop_id, lines.customer_id == customer_id, lines.kind == "product", lines.status == "placed"
    )
    return mine.group_by("brand", "category").aggregate(times=mine.count())


def sold(shop_id: str, days: int) -> ir.Table:
    """Units sold of each product in so many days before the last order."""
    lines = unbound("order_lines")
    mine = lines.filter(lines.shop_id == shop_id, lines.kind == "product", lines.status == "placed", lines.product_id.notnull())
    mine = mine.select("product_id", "quantity", at=microseconds(mine.ordered_at))
    mine = mine.mutate(last=mine.at.max().over(ibis.window()))
    late = mine.filter(mine.last - mine.at < days * 86_400 * 1_000_000)
    return late.group_by("product_id").aggregate(units=late.quantity.sum())


def rated(shop_id: str) -> ir.Table:
    """Mean rating and number of reviews of each product."""
    reviews = unbound("reviews")
    mine = reviews.filter(reviews.shop_id == shop_id, reviews.product_id.notnull(), reviews.rating.notnull())
    return mine.group_by("product_id").aggregate(rating=mine.rating.cast("float64").mean(), reviews=mine.count())
