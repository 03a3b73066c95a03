"""Which fields the form of each kind has: what a marketer chooses, in words, and where it stands in the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Form = Literal["events", "event", "choice", "number", "window", "property", "range", "to", "interval", "metrics", "text"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a question."""

    name: str
    form: Form
    label: str
    choices: Sequence[tuple[str, str]] = ()
    default: object = None
    least: int = 1
    most: int = 1000
    optional: bool = False


#: What fields, choices and hints are called.
LABEL_WORDS = (
    "Events to count",
    "Steps, in order",
    "Time to go through all steps",
    "Order of the steps",
    "Time range",
    "Cut by",
    "Break down by",
    "First event",
    "Event of coming back",
    "How many periods",
    "Who begins",
    "Up to",
    "Event",
    "Which events make a path",
    "A new path after minutes of silence",
    "Steps of a path at most",
    "Begin at",
    "End at",
    "From step",
    "To step",
    "Bars",
    "Metrics",
    "Groups",
    "A cart is left after hours",
    "Model",
    "Credit goes to",
    "Days before the order that count",
    "Of",
    "Together in",
    "Measured by",
    "How many groups",
    "Length of an interval",
    "New customers begin with",
    "Days to the first order",
    "Only this category",
    "Only this product number",
    "Hours within which an answer is in time",
    "How many bands",
    "Which products",
    "Low below so many days",
    "Slow above so many days",
)
CHOICE_WORDS = (
    "In this order, others between",
    "One right after the other",
    "In any order",
    "What is counted",
    "Customers, each once",
    "Events per customer",
    "Everybody, in every period they were active",
    "New ones: their first such event",
    "Over time",
    "By channel",
    "By landing page",
    "By device",
    "By campaign",
    "By region",
    "Category",
    "Product",
    "Brand",
    "Seller",
    "Channel",
    "Region",
    "By product",
    "By category",
    "By seller",
    "Refunds",
    "Reviews",
    "Tickets",
    "All products together",
    "All of them",
    "Sold out",
    "Runs low",
    "Enough",
    "Slow",
    "First touch",
    "Last touch",
    "Last touch that was not direct",
    "All alike",
    "First and last most",
    "Late ones most",
    "The same order",
    "The same customer",
    "Orders",
    "Units",
    "Views",
    "Carts",
    "The first event of all",
    "Registering",
    "Campaign",
    "Advertising platform",
    "Promotion",
)
_MODELS = (
    ("first", "First touch"), ("last", "Last touch"), ("last_non_direct", "Last touch that was not direct"),
    ("linear", "All alike"), ("position", "First and last most"), ("time_decay", "Late ones most"),
)  # fmt: skip
_RANGE = Field("range", "range", "Time range")
_INTERVAL = Field("interval", "interval", "Cut by", default="day")
_BY = Field("breakdown", "property", "Break down by", optional=True)
_STEPS = (
    Field("steps", "events", "Steps, in order", least=2, most=30),
    Field("window", "window", "Time to go through all steps", default="7d"),
    Field(
        "order", "choice", "Order of the steps",
        (("ordered", "In this order, others between"), ("strict", "One right after the other"), ("any", "In any order")), "ordered",
    ),
    _RANGE,
)  # fmt: skip
_COHORTS = Field(
    "cohort_type", "choice", "Who begins",
    (("recurring", "Everybody, in every period they were active"), ("first_time", "New ones: their first such event")), "first_time",
)  # fmt: skip

SHAPES: Mapping[str, Sequence[Field]] = {
    "trend": (
        Field("series", "events", "Events to count", most=8),
        Field(
            "measure", "choice", "What is counted",
            (("events", "Events"), ("customers", "Customers, each once"), ("per_customer", "Events per customer")), "events",
        ),
        _RANGE,
        _INTERVAL,
        _BY,
    ),
    "funnel": (*_STEPS, _BY),
    "funnel_trend": (*_STEPS, _INTERVAL),
    "funnel_time": (
        *_STEPS,
        Field("from_step", "number", "From step", default=1, most=29),
        Field("to_step", "number", "To step", default=2, least=2, most=30),
        Field("bins", "number", "Bars", default=20, most=100),
    ),
    "retention": (
        Field("cohort_event", "event", "First event"),
        Field("return_event", "event", "Event of coming back"),
        _COHORTS,
        Field("interval", "interval", "Cut by", default="week"),
        Field("intervals", "number", "How many periods", default=12, most=60),
        Field("to", "to", "Up to", optional=True),
        _BY,
    ),
    "retention_rolling": (
        Field("cohort_event", "event", "First event"),
        Field("return_event", "event", "Event of coming back"),
        Field("rolling", "window", "Length of an interval", default="1d"),
        Field("intervals", "number", "How many periods", default=8, most=60),
        _RANGE,
    ),
    "lifecycle": (Field("event", "event", "Event"), _RANGE, _INTERVAL),
    "stickiness": (Field("event", "event", "Event"), _RANGE, _INTERVAL),
    "active": (Field("event", "event", "Event"), _RANGE),
    "week_hours": (Field("event", "event", "Event"), _RANGE),
    "paths": (
        Field("include", "events", "Which events make a path", least=0, most=20),
        Field("node", "property", "Break down by", optional=True),
        Field("session_gap_minutes", "number", "A new path after minutes of silence", default=30, most=1440),
        Field("max_steps", "number", "Steps of a path at most", default=5, least=2, most=20),
        Field("start", "text", "Begin at", optional=True),
        Field("end", "text", "End at", optional=True),
        _RANGE,
    ),
    "sessions": (Field("include", "events", "Which events make a path", least=0, most=20), _RANGE, _INTERVAL, _BY),
    "cart_abandonment": (Field("abandon_after_hours", "number", "A cart is left after hours", default=24, most=720), _RANGE, _INTERVAL),
    "new_customer_journey": (
        Field("window", "window", "Days to the first order", default="30d"),
        _RANGE,
        Field("interval", "interval", "Cut by", default="week"),
    ),
    "affinity": (
        Field("of", "choice", "Of", (("product", "Product"), ("category", "Category"), ("brand", "Brand")), "product"),
        Field("basket", "choice", "Together in", (("order", "The same order"), ("customer", "The same customer")), "order"),
        _RANGE,
    ),
    "hot_products": (
        Field("of", "choice", "Of", (("product", "Product"), ("category", "Category"), ("brand", "Brand")), "product"),
        Field(
            "measure", "choice", "Measured by", (("orders", "Orders"), ("units", "Units"), ("views", "Views"), ("carts", "Carts")), "orders"
        ),
        _RANGE,
    ),
    "attribution": (
        Field(
            "model", "choice", "Model", _MODELS, "last_non_direct",
        ),
        Field("lookback_days", "number", "Days before the order that count", default=30, most=365),
        _RANGE,
    ),
    "campaigns": (
        Field(
            "by", "choice", "Groups",
            (("campaign", "Campaign"), ("source", "Advertising platform"), ("channel", "Channel"), ("promotion", "Promotion")), "campaign",
        ),
        Field("model", "choice", "Credit goes to", _MODELS, "last"),
        Field("lookback_days", "number", "Days before the order that count", default=30, most=365),
        _RANGE,
    ),
    "market_prices": (
        Field("by", "choice", "Groups", (("product", "Product"), ("category", "Category")), "product"),
        Field("category", "text", "Only this category", optional=True),
        _RANGE,
    ),
    "price_changes": (
        Field("category", "text", "Only this category", optional=True),
        Field("product", "text", "Only this product number", optional=True),
        _RANGE,
    ),
    "market_share": (
        Field("category", "text", "Only this category", optional=True),
        _RANGE,
        Field("interval", "interval", "Cut by", default="month"),
    ),
    "metric": (Field("metrics", "metrics", "Metrics"), _RANGE, Field("interval", "interval", "Cut by", default="month")),
    "sales_by": (
        Field(
            "by", "choice", "Groups",
            (
                ("category", "Category"), ("product", "Product"), ("brand", "Brand"), ("seller", "Seller"), ("channel", "Channel"),
                ("region", "Region"),
            ),
            "category",
        ),
        _RANGE,
        Field("limit", "number", "How many groups", default=10, most=100),
    ),
    "visits": (
        Field(
            "by", "choice", "Groups",
            (
                ("", "Over time"), ("channel", "By channel"), ("landing", "By landing page"), ("device", "By device"),
                ("campaign", "By campaign"), ("region", "By region"),
            ),
            "",
        ),
        _RANGE,
    ),
    "reviews": (
        Field("by", "choice", "Groups", (("", "Over time"), ("product", "By product"), ("category", "By category")), ""),
        _RANGE,
    ),
    "reasons": (
        Field("of", "choice", "Of", (("refunds", "Refunds"), ("reviews", "Reviews"), ("tickets", "Tickets")), "refunds"),
        _RANGE,
    ),
    "response_time": (
        Field("by", "choice", "Groups", (("", "Over time"), ("channel", "By channel")), ""),
        Field("within_hours", "number", "Hours within which an answer is in time", default=24, most=1440),
        _RANGE,
    ),
    "price_bands": (
        Field("bands", "number", "How many bands", default=5, least=2, most=10),
        Field("by", "choice", "Groups", (("", "All products together"), ("category", "By category")), ""),
        _RANGE,
    ),
    "inventory": (
        Field(
            "state", "choice", "Which products",
            (("", "All of them"), ("out", "Sold out"), ("low", "Runs low"), ("enough", "Enough"), ("slow", "Slow")), "",
        ),
        Field("low_days", "number", "Low below so many days", default=14, most=365),
        Field("slow_days", "number", "Slow above so many days", default=180, least=2, most=3650),
    ),
    "delivery": (
        Field(
            "by", "choice", "Groups",
            (("", "Over time"), ("region", "By region"), ("channel", "By channel"), ("seller", "By seller")), "",
        ),
        _RANGE,
    ),
}  # fmt: skip
#: Kinds that read orders, products, visits or reviews.
OF_OTHERS = (
    "metric", "sales_by", "price_bands", "inventory", "visits", "reviews", "reasons", "response_time", "delivery",
    "campaigns", "market_prices", "price_changes", "market_share",
)  # fmt: skip
#: Kinds that read events: these take conditions, a segment, known customers only.
OVER_EVENTS = tuple(kind for kind in SHAPES if kind not in OF_OTHERS)
