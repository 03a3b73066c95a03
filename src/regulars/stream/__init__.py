"""The event stream between rooms: told in a transaction, relayed to the warehouse and to subscribers, each exactly once.

A room tells an event with its unit of work (`uow.tell`). The relay appends it to the warehouse's `event_log` and hands it to
every subscription in a transaction of the subscription's own, together with a mark that it was handled: at least once to the
door, once in effect.
"""

from __future__ import annotations

from regulars.stream.relay import Relay, all_heard
from regulars.stream.subscriptions import EventHandler, Subscription

__all__ = ["EventHandler", "Relay", "Subscription", "all_heard"]
