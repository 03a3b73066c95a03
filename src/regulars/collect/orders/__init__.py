"""Orders that arrive as events: which orders, lines and refunds do the messages of a shop make?

Question: what was ordered, changed, given back and called off, whatever order the messages came in?
Hears: nothing; the loader of events calls `project`, a load of files calls `make_room` and `fold_again`.
Tells: Orders Received.
Owns: currency_rate (records), order_facts (warehouse); writes orders, order_lines, refunds (warehouse) of orders that messages told of.
"""

from __future__ import annotations

from regulars.collect.orders.domain import Rates
from regulars.collect.orders.rates import rates_of, retake, tell_rate, told_rates, waiting_orders
from regulars.collect.orders.service import (
    OrderProblem,
    Projected,
    changes_wait,
    fold_again,
    known_orders,
    make_room,
    note_changes,
    project,
    project_events,
    rebuild,
)

__all__ = [
    "OrderProblem",
    "Projected",
    "Rates",
    "changes_wait",
    "fold_again",
    "known_orders",
    "make_room",
    "note_changes",
    "project",
    "project_events",
    "rates_of",
    "rebuild",
    "retake",
    "tell_rate",
    "told_rates",
    "waiting_orders",
]
