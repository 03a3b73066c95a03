"""The tables of the warehouse: what happened, in pseudonyms only.

Instants are UTC without zone mark, money is integer minor units of the row's `currency`, `shop_id` comes first everywhere.
No names, addresses, e-mails, phone numbers or free text: those live in records, encrypted (rules: promises, P20 and P27).
Types are written as Ibis type names, so that every engine can create the same tables.
"""

from __future__ import annotations

from regulars.warehouse.derived import (
    CHURN_RUNS,
    CHURN_SCORES,
    CUSTOMER_PROFILES,
    CUSTOMER_TAGS,
    CUSTOMER_TRAITS,
    CUSTOMER_VALUES,
    NEXT_ORDERS,
    NEXT_PRODUCTS,
    SEGMENT_CHANGES,
    SEGMENT_MEMBERS,
    SEGMENT_RUNS,
    SESSION_RANGES,
    SESSION_WORK,
    SESSIONS,
    SHOP_RHYTHMS,
    SHOP_VALUES,
)
from regulars.warehouse.market import AD_COSTS, MARKET_PRICES
from regulars.warehouse.shown import LIST_IMPRESSIONS
from regulars.warehouse.specs import TableSpec

ORDERS = TableSpec(
    "orders",
    "one order, by its order_id; Order Updated replaces totals, not the time",
    {
        "shop_id": "!string",
        "order_id": "!string",
        "customer_id": "string",  # null: the buyer is unknown
        "named_as": "string",  # the customer_id as the source named it, where a merge has changed it
        "ordered_at": "!timestamp(6)",
        "status": "!string",  # placed | cancelled | unpaid; only placed and cancelled orders count in GMV
        "currency": "!string",
        "total_minor": "!int64",  # what the customer owes: items - discount + shipping + tax
        "items_minor": "!int64",
        "shipping_minor": "!int64",
        "tax_minor": "!int64",
        "discount_minor": "!int64",  # positive
        "units": "!decimal(18, 3)",  # products only, not postage or fees
        "line_count": "!int32",
        "cancelled_at": "timestamp(6)",
        "shipped_at": "timestamp(6)",  # the first parcel left
        "delivered_at": "timestamp(6)",  # the last parcel arrived
        "promised_at": "timestamp(6)",  # when it was to arrive; where a day was told, its last second
        "channel": "string",
        "region": "string",
        "seller_id": "string",
        "coupon_code": "string",
        "source": "!string",
        "load_id": "!string",
    },
    ("shop_id", "order_id"),
)

ORDER_LINES = TableSpec(
    "order_lines",
    "one line of an order; customer, time and status repeat the order's",
    {
        "shop_id": "!string",
        "order_id": "!string",
        "line_key": "!int64",  # hash of what identifies the line inside its order
        "customer_id": "string",
        "named_as": "string",
        "ordered_at": "!timestamp(6)",
        "status": "!string",
        "kind": "!string",  # product | shipping | discount | gift_card | other
        "product_id": "string",
        "product_name": "string",
        "category": "string",
        "brand": "string",
        "seller_id": "string",
        "variant": "string",
        "quantity": "!decimal(18, 3)",
        "unit_price": "!decimal(18, 4)",  # major units, as printed in the source
        "amount_minor": "!int64",  # quantity x unit price, rounded half to even
        "currency": "!string",
        "load_id": "!string",
    },
    ("shop_id", "order_id", "line_key"),
)

REFUNDS = TableSpec(
    "refunds",
    "money given back for one line (or one whole order), booked on the day of the refund",
    {
        "shop_id": "!string",
        "refund_id": "!string",
        "line_key": "!int64",
        "order_id": "string",  # null: the source does not say which order is refunded
        "customer_id": "string",
        "named_as": "string",
        "refunded_at": "!timestamp(6)",
        "kind": "!string",  # return | refund | cancellation
        "product_id": "string",
        "product_name": "string",
        "category": "string",
        "quantity": "decimal(18, 3)",
        "amount_minor": "!int64",  # positive
        "reason": "string",  # a code of `regulars.events.reasons`; null: none was given
        "currency": "!string",
        "load_id": "!string",
    },
    ("shop_id", "refund_id", "line_key"),
)

CUSTOMERS = TableSpec(
    "customers",
    "one customer's non-identifying properties as loaded",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "named_as": "string",
        "registered_at": "timestamp(6)",
        "region": "string",
        "city": "string",
        "gender": "string",
        "birth_year": "int32",
        "tier": "string",
        "channel": "string",
        "tags": "string",
        "load_id": "!string",
    },
    ("shop_id", "customer_id"),
)

PRODUCTS = TableSpec(
    "products",
    "one product as last loaded",
    {
        "shop_id": "!string",
        "product_id": "!string",
        "name": "string",
        "category": "string",
        "brand": "string",
        "seller_id": "string",
        "price_minor": "int64",
        "cost_minor": "int64",
        "currency": "string",
        "stock": "int64",
        "status": "string",
        "observed_at": "timestamp(6)",
        "load_id": "!string",
    },
    ("shop_id", "product_id"),
    followed=True,
)

PRODUCT_DETAILS = TableSpec(
    "product_details",
    "what else messages told of a product: what shoppers read and choose by, beside the row of `products`",
    {
        "shop_id": "!string",
        "product_id": "!string",
        "parent_id": "string",  # what variants that are products of their own belong to
        "description": "string",
        "keywords": "string",
        "categories": "string",  # JSON: further categories, each from the general to the special with " > "
        "attributes": "string",  # JSON: name -> value or values
        "variants": "string",  # JSON: one object each with variant_id, name, sku, price_minor, stock, attributes
        "url": "string",
        "image_url": "string",
        "images": "string",  # JSON: further pictures
        "markets": "string",  # JSON: where it is sold; null: everywhere
        "language": "string",
        "list_price_minor": "int64",  # before a reduction
        "published_at": "timestamp(6)",
        "told_at": "!timestamp(6)",
    },
    ("shop_id", "product_id"),
    followed=True,
)

PRODUCT_SNAPSHOTS = TableSpec(
    "product_snapshots",
    "a product's price, stock and counters as observed at one time",
    {
        "shop_id": "!string",
        "product_id": "!string",
        "observed_at": "!timestamp(6)",
        "price_minor": "int64",
        "currency": "string",
        "stock": "int64",
        "sold_total": "int64",
        "review_total": "int64",
        "load_id": "!string",
    },
    ("shop_id", "product_id", "observed_at"),
)

REVIEWS = TableSpec(
    "reviews",
    "one review without its words (those are in records, encrypted)",
    {
        "shop_id": "!string",
        "review_id": "!string",
        "customer_id": "string",
        "named_as": "string",
        "order_id": "string",
        "product_id": "string",
        "category": "string",
        "rating": "decimal(6, 2)",
        "recommended": "boolean",
        "helpful_count": "int64",
        "text_length": "int32",
        "sentiment": "float64",  # how content the words sound, 0 to 1, scored as they were loaded; null: no words, or no language known
        "topics": "string",  # of a complaint: codes of `regulars.events.reasons`, joined by commas
        "reviewed_at": "timestamp(6)",
        "load_id": "!string",
    },
    ("shop_id", "review_id"),
)

LOADS = TableSpec(
    "loads",
    "marks that a load's rows are in the warehouse, written in the same transaction as they",
    {"shop_id": "!string", "load_id": "!string", "kind": "!string", "committed_at": "!timestamp(6)", "rows": "!int64"},
    ("shop_id", "load_id"),
)

EVENT_LOG = TableSpec(
    "event_log",
    "every event told by a room, appended by the relay, once by message_id",
    {
        "shop_id": "!string",
        "message_id": "!string",
        "event": "!string",
        "customer_id": "string",
        "named_as": "string",
        "timestamp": "!timestamp(6)",
        "received_at": "!timestamp(6)",
        "source": "!string",
        "schema_version": "!int32",
        "properties": "!string",  # JSON
    },
    ("shop_id", "message_id"),
)

EVENTS = TableSpec(
    "events",
    "one behaviour event as a client told it, once by source and message_id; the hot properties are columns",
    {
        "shop_id": "!string",
        "source_id": "!string",
        "message_id": "!string",
        "event_key": "!int64",  # hash of shop, source and message_id: what de-duplication compares first
        "type": "!string",  # track | page | screen | identify | group | alias
        "event": "!string",  # Product Viewed ...; pages are Page Viewed, screens Screen Viewed
        "customer_id": "string",  # whom it belongs to, merges included; a visitor is v_ and 20 digits; null: nobody (a group)
        "is_known": "!boolean",  # false: a visitor nobody has named yet
        "user_id": "string",  # as told, in the form of a customer_id
        "anonymous_id": "string",  # as told, in the form of a visitor
        "timestamp": "!timestamp(6)",  # when it happened, the device's clock corrected
        "original_at": "timestamp(6)",  # what the device's clock said
        "sent_at": "timestamp(6)",  # what the device's clock said at sending
        "received_at": "!timestamp(6)",
        "session_id": "string",  # null: not yet cut
        "product_id": "string",
        "product_name": "string",
        "category": "string",
        "brand": "string",
        "variant": "string",
        "price": "decimal(18, 4)",  # major units of `currency`, as told
        "quantity": "decimal(18, 3)",
        "value_minor": "int64",  # of an order or checkout: total, else revenue + shipping + tax
        "currency": "string",
        "order_id": "string",
        "coupon": "string",
        "list_id": "string",
        "position": "int32",
        "query": "string",  # what was searched for
        "url": "string",  # without its query, save the words of a search
        "path": "string",
        "title": "string",
        "referrer": "string",  # without its query
        "referring_domain": "string",
        "utm_source": "string",
        "utm_medium": "string",
        "utm_campaign": "string",
        "utm_term": "string",
        "utm_content": "string",
        "click_id": "string",  # kind of the paid click id that was present: gclid, fbclid, msclkid ...
        "channel": "string",  # direct | search | social | email | paid ... as the touch tells
        "device": "string",  # desktop | mobile | tablet | server | other
        "os": "string",
        "browser": "string",
        "locale": "string",
        "region": "string",
        "duration_ms": "int64",
        "library": "string",
        "context": "string",  # JSON: what was told of the circumstances beside the columns; null: nothing
        "is_bot": "!boolean",
        "is_history": "!boolean",  # imported history, which triggers nothing
        "schema_problems": "string",  # what breaks the event's schema, separated by semicolons; null: nothing
        "properties": "!string",  # JSON: all properties (traits, of an identify) as told, without anything that names a person
        "part_id": "!string",  # the archived part of the journal it came in
    },
    ("shop_id", "source_id", "message_id"),
)

EVENT_PARTS = TableSpec(
    "event_parts",
    "marks that the events of an archived part of the journal are in the warehouse, written in the same transaction as they",
    {
        "shop_id": "!string",
        "part_id": "!string",
        "events": "!int64",
        "duplicates": "!int64",
        "committed_at": "!timestamp(6)",
        "last_part": "string",  # the last of the parts that were merged into this one; null: it is one part
    },
    ("shop_id", "part_id"),
)

ORDER_FACTS = TableSpec(
    "order_facts",
    "what one message told about an order, or what files had said of it before (Order Imported); orders are folded from these",
    {
        "shop_id": "!string",
        "order_id": "!string",
        "source_id": "!string",
        "message_id": "!string",
        "customer_id": "string",
        "named_as": "string",  # the customer_id as the message named it, where a merge has changed it
        "event": "!string",  # Order Completed | Updated | Refunded | Cancelled | Shipped | Delivered | Imported
        "told_at": "!timestamp(6)",
        "told": "!string",  # JSON: the amounts as told, currency, products
    },
    ("shop_id", "source_id", "message_id"),
)

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        ORDERS,
        ORDER_LINES,
        REFUNDS,
        CUSTOMERS,
        PRODUCTS,
        PRODUCT_DETAILS,
        PRODUCT_SNAPSHOTS,
        REVIEWS,
        AD_COSTS,
        MARKET_PRICES,
        LOADS,
        EVENT_LOG,
        EVENTS,
        EVENT_PARTS,
        LIST_IMPRESSIONS,
        ORDER_FACTS,
        SESSIONS,
        SESSION_WORK,
        SESSION_RANGES,
        CUSTOMER_PROFILES,
        NEXT_ORDERS,
        NEXT_PRODUCTS,
        CUSTOMER_VALUES,
        SHOP_VALUES,
        SHOP_RHYTHMS,
        CHURN_SCORES,
        CHURN_RUNS,
        SEGMENT_MEMBERS,
        CUSTOMER_TRAITS,
        CUSTOMER_TAGS,
        SEGMENT_CHANGES,
        SEGMENT_RUNS,
    )
}
