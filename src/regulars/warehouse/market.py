"""The tables of what lies outside the shop: what advertising cost, and what competitors ask and sell."""

from __future__ import annotations

from regulars.warehouse.specs import TableSpec

AD_COSTS = TableSpec(
    "ad_costs",
    "what one campaign (or source, or promotion) cost on one local day; a later load of the same day replaces it",
    {
        "shop_id": "!string",
        "spent_on": "!date",  # the shop's local day
        "channel": "!string",  # as visits have it: paid | email | social | sms ...
        "source": "!string",  # the platform, as utm_source names it: google | meta | baidu ...; empty: not told
        "campaign": "!string",  # empty: not told
        "coupon_code": "!string",  # the coupon or promotion it was spent for; empty: none
        "impressions": "int64",
        "clicks": "int64",
        "cost_minor": "!int64",
        "currency": "!string",
        "load_id": "!string",
    },
    ("shop_id", "spent_on", "channel", "source", "campaign", "coupon_code"),
)

MARKET_PRICES = TableSpec(
    "market_prices",
    "what one competitor asked for one of our products, or how much of a category it sold, as seen on one day",
    {
        "shop_id": "!string",
        "observed_on": "!date",
        "competitor": "!string",  # in the words of the file
        "subject": "!string",  # what makes the row unique beside competitor and day: p:<product_id> or c:<category>
        "product_id": "string",  # ours; null: the row is about a whole category
        "product_name": "string",
        "category": "string",
        "price_minor": "int64",
        "currency": "!string",
        "available": "boolean",  # null: not told
        "share": "decimal(18, 6)",  # of the market, a fraction of 1
        "sales_minor": "int64",
        "units": "decimal(18, 3)",
        "load_id": "!string",
    },
    ("shop_id", "observed_on", "competitor", "subject"),
)
