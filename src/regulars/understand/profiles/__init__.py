"""Profiles: who are the shop's customers, in numbers, and what has each of them done?

Hears: Orders Loaded, Customers Loaded, Load Undone, Shop Changed. Tells: Profiles Refreshed.
Owns: the warehouse table customer_profiles (derived; rebuilt after each load).
"""

from regulars.understand.profiles.cursor import decode as decode_cursor
from regulars.understand.profiles.cursor import encode as encode_cursor
from regulars.understand.profiles.domain import (
    Choice,
    CustomerAnswer,
    CustomerPage,
    CustomerRow,
    Favourite,
    FilterChoices,
    Filters,
    Rhythm,
    Sort,
    Timeline,
    TimelineEntry,
    TimelineLine,
)
from regulars.understand.profiles.next_order import ACTIONS, STATUSES, Action, NextOrder, Reason, Said, Status
from regulars.understand.profiles.one import customer, next_order, said, timeline
from regulars.understand.profiles.queries import Text, bought_lines, favourite_products, refunds_since_order
from regulars.understand.profiles.service import aware, every_customer, filter_choices, refresh, search
from regulars.understand.profiles.words import action_name, status_explanation, status_name

__all__ = [
    "ACTIONS",
    "STATUSES",
    "Action",
    "Choice",
    "CustomerAnswer",
    "CustomerPage",
    "CustomerRow",
    "Favourite",
    "FilterChoices",
    "Filters",
    "NextOrder",
    "Reason",
    "Rhythm",
    "Said",
    "Sort",
    "Status",
    "Text",
    "Timeline",
    "TimelineEntry",
    "TimelineLine",
    "action_name",
    "aware",
    "bought_lines",
    "customer",
    "decode_cursor",
    "encode_cursor",
    "every_customer",
    "favourite_products",
    "filter_choices",
    "next_order",
    "refresh",
    "refunds_since_order",
    "said",
    "search",
    "status_explanation",
    "status_name",
    "timeline",
]
