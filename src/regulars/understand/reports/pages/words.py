"""What reports, their parts and their figures are called on screens."""

from __future__ import annotations

KIND_WORDS = {
    "trend": "Trend",
    "funnel": "Funnel",
    "funnel_trend": "Funnel over time",
    "funnel_time": "Time to convert",
    "retention": "Retention after an event",
    "retention_rolling": "Retention by own days",
    "lifecycle": "New, returning and dormant",
    "stickiness": "Stickiness",
    "active": "Active customers",
    "paths": "Paths",
    "sessions": "Sessions",
    "week_hours": "Hours of the week",
    "cart_abandonment": "Abandoned carts",
    "new_customer_journey": "Journey of new customers",
    "affinity": "Bought together",
    "hot_products": "Rising and fading products",
    "attribution": "Attribution",
    "metric": "Order metrics",
    "sales_by": "Sales by group",
    "visits": "Visits by source",
    "reviews": "Reviews",
}
NOTE_WORDS = {
    "trend": "How often something happens, to how many, by what.",
    "funnel": "How many go on from step to step, and where they are lost.",
    "funnel_trend": "Whether a funnel gets better or worse.",
    "funnel_time": "How long customers take from one step to another.",
    "retention": "Who comes back after a first event, cohort by cohort.",
    "retention_rolling": "The same, counted from each customer's own first day.",
    "lifecycle": "How many are new, come again, return after a pause, or stay away.",
    "stickiness": "On how many days customers are active.",
    "active": "Customers per day, week and month, and how the three compare.",
    "paths": "Which ways customers take, step by step.",
    "sessions": "How many visits events make, how long and how full.",
    "week_hours": "At which hours of the week something happens.",
    "cart_abandonment": "Carts that became orders, and carts that were left.",
    "new_customer_journey": "From the first visit to the first order, and where people get lost.",
    "affinity": "What lies in one order more often than by chance.",
    "hot_products": "What sells more than before, and what less.",
    "attribution": "Which channels get the credit for orders.",
    "metric": "Revenue, orders, buyers and every other metric of the catalogue.",
    "sales_by": "By category, product, brand, seller, channel or region.",
    "visits": "Over time, or by what brought them.",
    "reviews": "How many, how good, and how many bad ones.",
}
KIND_ICONS = {
    "trend": "show_chart", "funnel": "filter_alt", "funnel_trend": "stacked_line_chart", "funnel_time": "timer", "retention": "grid_on",
    "retention_rolling": "event_repeat", "lifecycle": "autorenew", "stickiness": "push_pin", "active": "groups", "paths": "alt_route",
    "sessions": "schedule", "week_hours": "calendar_view_week", "cart_abandonment": "remove_shopping_cart", "new_customer_journey": "hail",
    "affinity": "join_inner", "hot_products": "local_fire_department", "attribution": "hub", "metric": "payments", "sales_by": "category",
    "visits": "travel_explore", "reviews": "star_half",
}  # fmt: skip
GROUP_WORDS = ("What happens", "Ways to an order", "Coming back", "Shopping", "Orders and visits")
GROUPS = {
    "What happens": ("trend", "active", "stickiness", "lifecycle", "week_hours"),
    "Ways to an order": ("funnel", "funnel_trend", "funnel_time", "paths", "sessions", "attribution"),
    "Coming back": ("retention", "retention_rolling"),
    "Shopping": ("cart_abandonment", "new_customer_journey", "affinity", "hot_products"),
    "Orders and visits": ("metric", "sales_by", "visits", "reviews"),
}
#: Heads of tables: a column of an answer, in words.
COLUMN_WORDS = {
    "bucket": "Time",
    "start": "Time",
    "value": "Value",
    "metric": "Metric",
    "complete": "Over",
    "customers": "Customers",
    "events": "Events",
    "orders": "Orders",
    "revenue": "Revenue",
    "group": "Group",
    "step": "Step",
    "name": "Name",
    "share": "Share",
    "sessions": "Sessions",
    "visits": "Visits",
    "category": "Category",
    "product": "Product",
    "brand": "Brand",
    "channel": "Channel",
    "region": "Region",
    "reviews": "Reviews",
    "rating": "Rating",
    "change": "Change",
    "now": "Now",
    "before": "Before",
    "lift": "Lift",
    "stage": "Stage",
    "lost": "Lost",
    "paths": "Paths",
    "rate": "Rate",
}
OP_WORDS = {
    "eq": "is",
    "ne": "is not",
    "gt": "more than",
    "gte": "at least",
    "lt": "less than",
    "lte": "at most",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "begins with",
    "is_set": "is known",
    "not_set": "is missing",
}
INTERVAL_WORDS = {"hour": "Hour", "day": "Day", "week": "Week", "month": "Month"}
WINDOW_WORDS = {
    "30m": "30 minutes",
    "1h": "1 hour",
    "1d": "1 day",
    "3d": "3 days",
    "7d": "7 days",
    "14d": "14 days",
    "30d": "30 days",
    "90d": "90 days",
}
RANGE_WORDS = {
    "usual": "Usual range",
    "7": "Last 7 days",
    "30": "Last 30 days",
    "90": "Last 90 days",
    "365": "Last 365 days",
    "": "From … to …",
}
STATE_WORDS = {"new": "New", "returning": "Returning", "resurrecting": "Back after a pause", "dormant": "Stayed away"}
STAGE_WORDS = {
    "entry": "New",
    "browse": "Looked around",
    "cart": "Put into the cart",
    "checkout": "Began the checkout",
    "order": "Ordered",
}
MODEL_WORDS = {
    "first": "First touch",
    "last": "Last touch",
    "last_non_direct": "Last touch that was not direct",
    "linear": "All alike",
    "position": "First and last most",
    "time_decay": "Late ones most",
}
WEEKDAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
