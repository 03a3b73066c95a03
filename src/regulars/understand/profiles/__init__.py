"""Profiles: who are the shop's customers, in numbers, and what has each of them done?

Hears: Orders Loaded, Customers Loaded, Load Undone, Shop Changed. Tells: Profiles Refreshed.
Owns: the warehouse table customer_profiles (derived; rebuilt after each load).
"""

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
from regulars.understand.profiles.next_order import NextOrder, Said
from regulars.understand.profiles.one import customer, next_order, timeline
from regulars.understand.profiles.service import filter_choices, refresh, search

__all__ = [
    "Choice",
    "CustomerAnswer",
    "CustomerPage",
    "CustomerRow",
    "Favourite",
    "FilterChoices",
    "Filters",
    "NextOrder",
    "Rhythm",
    "Said",
    "Sort",
    "Timeline",
    "TimelineEntry",
    "TimelineLine",
    "customer",
    "filter_choices",
    "next_order",
    "refresh",
    "search",
    "timeline",
]
