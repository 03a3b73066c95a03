"""Properties as expressions: which column or place in the JSON a key means, as text and as a number."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from regulars.warehouse import unbound
from regulars.warehouse.derived import CUSTOMER_TRAITS
from regulars.warehouse.json_text import json_text

#: Properties that are columns: what clients tell under these names.
TEXTS = {
    "product_id": "product_id", "category": "category", "brand": "brand", "variant": "variant", "order_id": "order_id",
    "coupon": "coupon", "list_id": "list_id", "query": "query", "currency": "currency",
}  # fmt: skip
NUMBERS = {"price": "price", "quantity": "quantity", "position": "position"}
#: Properties of pages: as a column where we could clean them, else as they were told.
PAGES = ("url", "path", "title", "referrer")
#: What we worked out of an event's circumstances, asked for with a `$`.
CIRCUMSTANCES = {
    f"${name}": name
    for name in (
        "channel", "device", "os", "browser", "locale", "region", "utm_source", "utm_medium", "utm_campaign", "utm_term",
        "utm_content", "click_id", "referring_domain", "path", "url", "title", "library", "source_id", "session_id",
        "product_id", "product_name", "category", "brand",
    )
}  # fmt: skip
#: Circumstances that are numbers.
MEASURES = {"$price": "price", "$quantity": "quantity", "$value": "value_minor", "$duration": "duration_ms"}
#: Columns of `customers` that a key on the customer means.
CUSTOMER_TEXTS = ("region", "city", "gender", "tier", "channel", "tags")
CUSTOMER_NUMBERS = ("birth_year",)
#: What people call those of them that are chosen from lists (keys of the console's texts).
ATTRIBUTE_WORDS = {
    "region": "Region",
    "city": "City",
    "channel": "Channel",
    "tier": "Tier",
    "gender": "Gender",
    "birth_year": "Year of birth",
}
#: Computed traits, and what a key that asks for a tag begins with.
TRAITS = tuple(name for name in CUSTOMER_TRAITS.columns if name not in ("shop_id", "customer_id", "computed_at"))
TAG = "tag:"


@dataclass(frozen=True)
class Operand:
    """A property in one expression: as text, and as a number where it is one."""

    text: ir.StringValue
    number: ir.FloatingValue


def of_event(rows: ir.Table, key: str) -> Operand:
    """The property of each event of `rows`; null where it is missing."""
    numeric = NUMBERS.get(key) or MEASURES.get(key)
    if numeric is not None:
        number = rows[numeric].cast("float64")
        if key == "$value":
            number = number / 100
        return Operand(number.cast("string"), number)
    column = TEXTS.get(key) or CIRCUMSTANCES.get(key)
    if column is not None:
        return _text(rows[column])
    if key in PAGES:
        return _text(ibis.coalesce(rows[key], json_text(rows.properties, key)))
    return _text(json_text(rows.properties, key))


def of_customer(events: ir.Table, customers: ir.Table, shop_id: str, key: str) -> ir.Table:
    """The current value of a customer property: columns `customer_id` and `value` (text).

    What was loaded with the customers counts first, then what the newest identify call told under that name, then the computed
    trait of that name. `tag:` and a name is `true` for those who have the tag.
    """
    if key.startswith(TAG):
        tags = unbound("customer_tags")
        tags = tags.filter(tags.shop_id == shop_id, tags.tag == key.removeprefix(TAG)).select("customer_id").distinct()
        return tags.select(customer_id=tags.customer_id.nullif(""), value=ibis.literal("true").nullif(""))
    given = _given(events, customers, shop_id, key)
    if key not in TRAITS:
        return given
    traits = unbound("customer_traits")
    computed = traits.filter(traits.shop_id == shop_id, traits[key].notnull())
    computed = computed.select(customer_id=computed.customer_id.nullif(""), value=computed[key].cast("string"))
    return given.union(computed.anti_join(given, "customer_id"))


def _given(events: ir.Table, customers: ir.Table, shop_id: str, key: str) -> ir.Table:
    told = events.filter(events.shop_id == shop_id, events.type == "identify", events.customer_id.notnull())
    told = told.select("customer_id", "timestamp", "event_key", value=json_text(told.properties, key))
    told = told.filter(told.value.notnull())
    newest = ibis.row_number().over(ibis.window(group_by=told.customer_id, order_by=[told.timestamp.desc(), told.event_key.desc()]))
    told = told.mutate(place=newest)
    told = told.filter(told.place == 0).select("customer_id", "value")
    if key not in (*CUSTOMER_TEXTS, *CUSTOMER_NUMBERS):
        return told
    loaded = customers.filter(customers.shop_id == shop_id, customers[key].notnull())
    # Both sides must say that they may be null, as the customer of an event may.
    loaded = loaded.select(customer_id=loaded.customer_id.nullif(""), value=loaded[key].cast("string"))
    return loaded.union(told.anti_join(loaded, "customer_id"))


def _text(text: ir.StringValue) -> Operand:
    return Operand(text, text.try_cast("float64"))
