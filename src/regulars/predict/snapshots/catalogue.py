"""Every feature of a snapshot: its group, unit and meaning. The reference page is generated from this list."""

from __future__ import annotations

from regulars.errors import NotFound
from regulars.predict.snapshots.domain import Feature, Group

#: Group -> what it is about; the order of the reference page.
GROUPS: dict[Group, str] = {
    "rhythm": "how often, how regularly and how lately the customer buys (a symptom)",
    "value": "what its orders are worth",
    "assortment": "how wide it buys, and whether what it liked is still bought",
    "price": "prices, discounts and coupons",
    "returns": "what was cancelled, sent back and refunded",
    "reviews": "how it rated",
    "delivery": "whether parcels came as promised",
    "service": "tickets",
    "visits": "how it moves about the shop",
    "messages": "what it was sent and what it opened",
    "benefits": "coupons and points",
    "own": "features of the caller",
}

_LISTED: dict[tuple[Group, str], tuple[tuple[str, str, str], ...]] = {
    ("rhythm", "orders"): (
        ("recency_days", "days", "since the last order"),
        ("age_days", "days", "since the first order"),
        ("purchase_days", "count", "days with an order"),
        ("orders", "count", "orders"),
        ("gap_mean", "days", "between purchase days, mean"),
        ("gap_median", "days", "between purchase days, median"),
        ("gap_sd", "days", "between purchase days, standard deviation"),
        ("gap_longest", "days", "longest gap between purchase days"),
        ("gap_shortest", "days", "shortest gap"),
        ("gap_last", "days", "the last gap"),
        ("gap_last_three", "days", "mean of the last three gaps"),
        ("second_last_days", "days", "since the second last purchase day"),
        ("third_last_days", "days", "since the third last"),
        ("fifth_last_days", "days", "since the fifth last"),
        ("days_in_30", "count", "purchase days in the last 30 days"),
        ("days_in_60", "count", "in the last 60"),
        ("days_in_90", "count", "in the last 90"),
        ("days_in_180", "count", "in the last 180"),
        ("days_30_before", "count", "31 to 60 days ago"),
        ("days_90_before", "count", "91 to 180 days ago"),
        ("recency_to_gap", "ratio", "days since the last order by the mean gap (at least a day)"),
        ("recency_to_median_gap", "ratio", "the same by the median gap"),
        ("recency_deviations", "ratio", "(days since the last order - mean gap) / (standard deviation + 1)"),
        ("recency_share", "share", "days since the last order by days since the first"),
        ("repeat_rate", "ratio", "repeat purchase days a day"),
        ("trend_30", "ratio", "purchase days of the last 30 days by those of the 30 before + 1"),
        ("trend_90", "ratio", "the same of 90 days"),
    ),
    ("value", "orders"): (
        ("spent", "money", "ordered for, ever"),
        ("spent_a_day_mean", "money", "a purchase day, mean"),
        ("spent_a_day_most", "money", "the dearest purchase day"),
        ("spent_a_day_sd", "money", "a purchase day, standard deviation"),
        ("spent_last", "money", "the last purchase day"),
        ("spent_in_30", "money", "in the last 30 days"),
        ("spent_in_60", "money", "in the last 60"),
        ("spent_in_90", "money", "in the last 90"),
        ("spent_in_180", "money", "in the last 180"),
        ("spent_last_to_mean", "ratio", "the last purchase day by the mean"),
        ("spent_rate", "money", "a day since the first order (of at least 30 days)"),
        ("units_an_order", "count", "units of an order, mean"),
        ("lines_an_order", "count", "lines of an order, mean"),
        ("lines_most", "count", "most lines of an order"),
    ),
    ("price", "orders"): (
        ("discount_share", "share", "discount by the price of the items"),
        ("discount_last", "share", "the same of the last order"),
        ("discounted_orders_share", "share", "orders with a discount"),
        ("coupon_orders_share", "share", "orders with a coupon"),
        ("shipping_share", "share", "shipping by the totals of the orders"),
    ),
    ("price", "order_lines"): (
        ("unit_price_mean", "money", "a unit, mean"),
        ("unit_price_late_to_mean", "ratio", "a unit in the last 90 days by the mean"),
    ),
    ("price", "product_snapshots"): (
        ("price_now_to_paid", "ratio", "today's price by the price paid, mean over what was bought in the last 180 days"),
    ),
    ("returns", "orders"): (
        ("cancelled_share", "share", "orders that were cancelled by then"),
        ("cancelled_in_90", "count", "cancelled orders of the last 90 days"),
    ),
    ("returns", "refunds"): (
        ("refunds", "count", "lines refunded, ever"),
        ("refunded", "money", "given back, ever"),
        ("refunded_in_90", "money", "given back in the last 90 days"),
        ("refund_recency_days", "days", "since the last refund"),
    ),
    ("assortment", "order_lines"): (
        ("products", "count", "different products"),
        ("products_again_share", "share", "of them, bought more than once"),
        ("products_in_90", "count", "different products in the last 90 days"),
        ("products_new_share", "share", "of all, first bought in the last 90 days"),
        ("categories", "count", "different categories"),
        ("categories_in_90", "count", "in the last 90 days"),
        ("favourite_recency_days", "days", "since the favourite category was last bought"),
        ("favourite_share", "share", "of lines in the favourite category"),
    ),
    ("assortment", "product_snapshots"): (("sold_out_share", "share", "of what was bought in the last 180 days, sold out today"),),
    ("reviews", "reviews"): (
        ("reviews", "count", "reviews written"),
        ("rating_mean", "rating", "mean rating given"),
        ("rating_last", "rating", "the last rating given"),
        ("low_ratings_in_180", "count", "ratings of 2 or less in the last 180 days"),
        ("review_recency_days", "days", "since the last review"),
    ),
    ("delivery", "deliveries"): (
        ("delivery_days_mean", "days", "from order to arrival, mean"),
        ("delivery_days_last", "days", "of the parcel that arrived last"),
        ("delivery_beyond_last", "days", "beyond the promise, of the last arrival with one; negative: before it"),
        ("late_delivery_share", "share", "of arrivals with a promise that is over, those after it"),
        ("late_deliveries_in_90", "count", "late arrivals in the last 90 days"),
    ),
    ("visits", "sessions"): (
        ("visits_in_7", "count", "visits in the last 7 days"),
        ("visits_in_30", "count", "in the last 30"),
        ("visits_in_90", "count", "in the last 90"),
        ("visits_30_before", "count", "31 to 60 days ago"),
        ("visits_trend_30", "ratio", "visits of the last 30 days by those of the 30 before + 1"),
        ("visit_recency_days", "days", "since the last visit"),
        ("views_in_30", "count", "products viewed in the last 30 days"),
        ("carts_in_30", "count", "products put into the cart in the last 30 days"),
        ("idle_carts_in_30", "count", "of these, in visits without an order"),
        ("carts_share_30", "share", "carts by views in the last 30 days"),
        ("bounces_share", "share", "visits that were left at once"),
        ("dwell_mean_s", "seconds", "a visit of the last 90 days, mean"),
    ),
    ("messages", "told"): (
        ("messages_in_90", "count", "messages received in the last 90 days"),
        ("messages_opened_in_90", "count", "opened"),
        ("messages_clicked_in_90", "count", "clicked"),
        ("message_opened_recency_days", "days", "since one was last opened"),
        ("unsubscribed_ever", "count", "times unsubscribed"),
    ),
    ("service", "told"): (
        ("tickets_in_90", "count", "tickets opened in the last 90 days"),
        ("tickets_in_180", "count", "in the last 180"),
        ("ticket_recency_days", "days", "since the last ticket was opened"),
    ),
    ("benefits", "told"): (
        ("coupons_applied_in_180", "count", "coupons applied in the last 180 days"),
        ("coupons_refused_in_180", "count", "coupons that were refused"),
        ("points_earned_in_180", "count", "times points were earned in the last 180 days"),
        ("points_used_in_180", "count", "times points were used"),
    ),
}

FEATURES: tuple[Feature, ...] = tuple(
    Feature(name, group, unit, source, meaning) for (group, source), listed in _LISTED.items() for name, unit, meaning in listed
)
_BY_NAME = {feature.name: feature for feature in FEATURES}


def feature_of(name: str) -> Feature:
    """The feature of a name.

    Raises
    ------
    NotFound : there is none.
    """
    found = _BY_NAME.get(name)
    if found is None:
        raise NotFound(f"there is no feature '{name}'", mend="see the reference of features", code="no_feature")
    return found
