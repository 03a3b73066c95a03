"""The tables that are made from others: visits, profiles and what follows from them. None is the source of anything.

Columns are written as in `schema`.
"""

from __future__ import annotations

from regulars.warehouse.specs import TableSpec

SESSIONS = TableSpec(
    "sessions",
    "one visit of a customer or visitor, cut from their events (collect/sessions makes it anew where events came, moved or went)",
    {
        "shop_id": "!string",
        "session_key": "!int64",  # the event_key of its first event
        "session_id": "string",  # the session its sender named; null: cut by a rest
        "customer_id": "!string",
        "is_known": "!boolean",
        "started_at": "!timestamp(6)",
        "ended_at": "!timestamp(6)",
        "duration_s": "!int64",
        "dwell_ms": "int64",  # how long pages were in sight, where the tracker tells it
        "events": "!int64",
        "pages": "!int64",  # pages and screens
        "product_views": "!int64",
        "carts": "!int64",  # Product Added
        "orders": "!int64",  # distinct order_id of Order Completed
        "value_minor": "!int64",  # of these orders, as events told it, in `currency`
        "currency": "string",  # of the first of these orders; where there are several, the value is the first order's
        "landing_url": "string",
        "landing_path": "string",
        "exit_path": "string",
        "referring_domain": "string",
        "channel": "string",  # of the first event that tells; null: nothing tells
        "utm_source": "string",
        "utm_medium": "string",
        "utm_campaign": "string",
        "utm_term": "string",
        "utm_content": "string",
        "click_id": "string",
        "device": "string",
        "os": "string",
        "browser": "string",
        "region": "string",
        "is_bounce": "!boolean",  # at most one page, and nothing done on it
        "is_seen": "!boolean",  # false: told by servers only, or by pages that were merely left
        "peak_pages": "!int64",  # most pages of the customer within one minute of the clock
        "peak_events": "!int64",  # most events, likewise
        "is_bot": "!boolean",
        "bot_reason": "string",  # agent | pages | events; null: not a bot
        "is_history": "!boolean",
    },
    ("shop_id", "session_key"),
    derived=True,
)

SESSION_WORK = TableSpec(
    "session_work",
    "stretches of customers' time in which events came, moved or went, and whose sessions are yet to be made anew",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "session_id": "string",
        "first_at": "!timestamp(6)",
        "last_at": "!timestamp(6)",
    },
    ("shop_id", "customer_id", "session_id", "first_at"),
    derived=True,
    repeats=True,
)

SEGMENT_MEMBERS = TableSpec(
    "segment_members",
    "one customer who is in a segment now, as it was last evaluated",
    {
        "shop_id": "!string",
        "segment_id": "!string",
        "customer_id": "!string",
        "entered_at": "!timestamp(6)",  # since when without a break
    },
    ("shop_id", "segment_id", "customer_id"),
    derived=True,
)

SEGMENT_CHANGES = TableSpec(
    "segment_changes",
    "one customer who came into a segment or left it, as an evaluation found (understand/segments)",
    {
        "shop_id": "!string",
        "segment_id": "!string",
        "run": "!int64",  # of segment_runs
        "customer_id": "!string",
        "entered": "!boolean",  # false: left
        "at": "!timestamp(6)",
    },
    ("shop_id", "segment_id", "run", "customer_id"),
    derived=True,
)

SEGMENT_RUNS = TableSpec(
    "segment_runs",
    "one evaluation of a segment that changed its members, or its first under a definition (understand/segments)",
    {
        "shop_id": "!string",
        "segment_id": "!string",
        "run": "!int64",  # 1, 2 ... in a shop
        "definition": "!string",  # hash of what was evaluated
        "is_baseline": "!boolean",  # the first one under this definition: nobody is told to have come or gone
        "at": "!timestamp(6)",
        "entered": "!int64",
        "left": "!int64",
        "customers": "!int64",
    },
    ("shop_id", "segment_id", "run"),
    derived=True,
)

SESSION_RANGES = TableSpec(
    "session_ranges",
    "whole stretches of customers' time whose sessions are being made anew; empty otherwise",
    {"shop_id": "!string", "customer_id": "!string", "first_at": "!timestamp(6)", "last_at": "!timestamp(6)"},
    ("shop_id", "customer_id", "first_at"),
    derived=True,
)

CUSTOMER_PROFILES = TableSpec(
    "customer_profiles",
    "one customer's history in numbers as of a cut-off (understand/profiles rebuilds it after each load)",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "as_of": "!timestamp(6)",
        "first_order_at": "timestamp(6)",  # null: known, but never ordered
        "last_order_at": "timestamp(6)",
        "orders": "!int64",
        "purchase_days": "!int64",  # distinct local days with an order
        "gmv_minor": "!int64",
        "refunds_minor": "!int64",
        "net_minor": "!int64",  # GMV - cancelled - refunds
        "units": "!decimal(18, 3)",
        "gap_days_mean": "float64",  # null: fewer than two purchase days
        "gap_days_median": "float64",
        "gap_days_spread": "float64",  # median absolute deviation of the gaps, days
        "second_order_days": "float64",  # from the first purchase day to the second one
        "repeat_year_minor": "int64",  # net spend of the last 365 days, that of the first purchase day left out
        "returned_since_minor": "int64",  # refunded since the last order; null: nothing
        "days_since_last": "float64",
        "region": "string",
        "channel": "string",
        "recency_score": "int32",  # 1 (worst) to 5 (best); null without an order
        "frequency_score": "int32",
        "monetary_score": "int32",
        "rfm_segment": "string",
        "stage": "!string",  # new | active | dormant | churned | prospect
    },
    ("shop_id", "customer_id"),
    derived=True,
)

NEXT_ORDERS = TableSpec(
    "next_orders",
    "when each customer's next order is due by its own rhythm (predict/next_purchase rebuilds it after each load)",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "as_of": "!timestamp(6)",
        "rhythm_days": "!float64",
        "rhythm_source": "!string",  # own | blended | shop
        "expected_at": "!timestamp(6)",
        "late_after_at": "!timestamp(6)",
        "overdue_days": "!float64",  # positive: past `late_after_at`
        "lateness": "!float64",  # days since the last order / rhythm
        "status": "!string",  # on_time | due | overdue | lost
        "yearly_value_minor": "!int64",
        "value_at_stake_minor": "!int64",
        "currency": "!string",
        "reason": "!string",
        "action": "!string",
    },
    ("shop_id", "customer_id"),
    derived=True,
)

CUSTOMER_VALUES = TableSpec(
    "customer_values",
    "what a buyer is expected to bring in the twelve months after a cut-off (predict/lifetime_value works it out after each load)",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "as_of": "!timestamp(6)",
        "currency": "!string",
        "purchase_days": "!int64",
        "no_order_probability": "!float64",  # of no order within the shop's horizon
        "expected_orders": "!float64",  # purchase days of twelve months
        "next_order_from_at": "timestamp(6)",  # an order has come by then with a chance of 25 %; null: not within ten years
        "next_order_at": "timestamp(6)",  # 50 %
        "next_order_to_at": "timestamp(6)",  # 75 %
        "order_value_minor": "!int64",  # of a coming purchase day, net
        "value_minor": "!int64",  # of twelve months, discounted; margin where costs are known (shop_values tells)
        "value_low_minor": "!int64",  # 10 %
        "value_high_minor": "!int64",  # 90 %
        "retained_gain_minor": "!int64",  # value if it orders within the horizon less value if not
        "value_tier": "!string",  # top | high | middle | low
    },
    ("shop_id", "customer_id"),
    derived=True,
)

SHOP_VALUES = TableSpec(
    "shop_values",
    "how a shop's customer_values were worked out and how good they were, or why there are none",
    {"shop_id": "!string", "as_of": "!timestamp(6)", "currency": "!string", "told": "!string"},  # told: JSON
    ("shop_id",),
    derived=True,
)

NEXT_PRODUCTS = TableSpec(
    "next_products",
    "what a customer probably buys again, and when (predict/next_purchase rebuilds it with next_orders)",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "level": "!string",  # category | product
        "thing": "!string",  # the category, or the product's id
        "name": "string",
        "as_of": "!timestamp(6)",
        "rank": "!int64",  # 1: the most probable of the customer's on its level
        "times": "!int64",  # days it was bought on
        "last_at": "!timestamp(6)",
        "rhythm_days": "!float64",
        "probability": "!float64",  # of buying it again within the window
        "from_at": "!timestamp(6)",  # if it is bought again, half of the time between `from_at` and `to_at`
        "likely_at": "!timestamp(6)",
        "to_at": "!timestamp(6)",
    },
    ("shop_id", "customer_id", "level", "thing"),
    derived=True,
)

SHOP_RHYTHMS = TableSpec(
    "shop_rhythms",
    "what a shop's own history says about how customers come back (predict/next_purchase rebuilds it with next_orders)",
    {
        "shop_id": "!string",
        "as_of": "!timestamp(6)",
        "customers": "!int64",
        "repeat_customers": "!int64",
        "typical_gap_days": "!float64",
        "relative_spread": "!float64",
        "second_order_median_days": "!float64",
        "second_order_late_days": "!float64",
        "second_order_share": "float64",
        "daily_value_minor": "!float64",
        "top_value_minor": "!int64",
    },
    ("shop_id",),
    derived=True,
)

CUSTOMER_TRAITS = TableSpec(
    "customer_traits",
    "one customer's computed and given traits, a column each; null: the data for it is not there (understand/traits makes it anew after each load)",
    {
        "shop_id": "!string",
        "customer_id": "!string",
        "computed_at": "!timestamp(6)",
        "lifetime_value": "float64",  # money in major units of the shop's currency
        "average_order_value": "float64",
        "order_count": "float64",
        "recency_days": "float64",
        "recency_score": "float64",
        "frequency_score": "float64",
        "monetary_score": "float64",
        "purchase_cycle_days": "float64",
        "tenure_days": "float64",
        "preferred_category": "string",
        "preferred_category_share": "float64",
        "preferred_category_lift": "float64",
        "preferred_brand": "string",
        "preferred_brand_share": "float64",
        "preferred_brand_lift": "float64",
        "preferred_seller": "string",
        "preferred_seller_share": "float64",
        "preferred_seller_lift": "float64",
        "brand_loyalty": "float64",
        "price_position": "float64",
        "price_band": "string",  # low | middle | high
        "upper_third_share": "float64",
        "bought_rating": "float64",
        "paid_against_usual": "float64",
        "price_response": "float64",
        "discount_order_share": "float64",
        "coupon_order_share": "float64",
        "discount_rate": "float64",
        "preferred_channel": "string",
        "preferred_channel_share": "float64",
        "preferred_hour": "float64",
        "preferred_hour_share": "float64",
        "weekend_share": "float64",
        "preferred_device": "string",
        "home_region": "string",
        "return_rate": "float64",
        "mean_rating": "float64",
        "complaints": "float64",
        "review_mood": "float64",  # 0 to 1
        "late_delivery_share": "float64",
        "sessions_30_days": "float64",
        "engagement_trend": "float64",  # -1 to 1
        "given_age": "float64",
        "given_gender": "string",
        "given_city": "string",
        "given_occupation": "string",
        "given_tier": "string",
    },
    ("shop_id", "customer_id"),
    derived=True,
)

CUSTOMER_TAGS = TableSpec(
    "customer_tags",
    "one tag of one customer, by hand or by the tag's rule (understand/traits makes it anew with the traits)",
    {"shop_id": "!string", "customer_id": "!string", "tag": "!string", "by_rule": "!boolean"},
    ("shop_id", "customer_id", "tag"),
    derived=True,
)

CHURN_SCORES = TableSpec(
    "churn_scores",
    "how likely a customer is to leave, as a run found it; of runs before the newest only the warned are kept (predict/churn)",
    {
        "shop_id": "!string",
        "as_of": "!timestamp(6)",
        "customer_id": "!string",
        "probability": "!float64",  # of no order within the horizon
        "margin_minor": "!int64",  # expected over 12 months
        "loss_minor": "!int64",  # probability x margin
        "currency": "!string",
        "level": "!string",  # green | yellow | orange | red
        "since_on": "!string",  # the local day the level began, YYYY-MM-DD
        "place": "int64",  # 1, 2 ... among the warned, the worst first; null: green, or answered by support
        "cause": "string",  # the first reason that is a cause; null: none was found
        "reasons": "!string",  # JSON: group, weight, fact, numbers
    },
    ("shop_id", "as_of", "customer_id"),
    derived=True,
)

CHURN_RUNS = TableSpec(
    "churn_runs",
    "one run of the churn warning over a shop: its customers and their money by level (predict/churn)",
    {
        "shop_id": "!string",
        "as_of": "!timestamp(6)",
        "computed_at": "!timestamp(6)",
        "horizon_days": "!int64",
        "method": "!string",  # blend | logistic | purchase_model
        "version": "int64",  # of the registry; null: learned for this run only
        "currency": "!string",
        "average_order_minor": "int64",
        "upper_loss_minor": "int64",  # the expected loss that a quarter of the customers exceed
        "margin_share": "!float64",
        "margin_source": "!string",  # set | costs | assumed
        "customers": "!int64",
        "expected_leavers": "!float64",  # the sum of the probabilities
        "green": "!int64",
        "yellow": "!int64",
        "orange": "!int64",
        "red": "!int64",
        "green_loss_minor": "!int64",
        "yellow_loss_minor": "!int64",
        "orange_loss_minor": "!int64",
        "red_loss_minor": "!int64",
    },
    ("shop_id", "as_of"),
    derived=True,
)
