"""Brokers: NATS JetStream and Kafka by URL, as the place of our own journal and as streams of a shop that are read.

Each has a library that is installed only where it is wanted (`regulars[nats]`, `regulars[kafka]`).
"""

from __future__ import annotations

from regulars.stream.brokers.addresses import Address, is_broker_url, parse
from regulars.stream.brokers.feeds import Feed, Told, open_feed

__all__ = ["Address", "Feed", "Told", "is_broker_url", "open_feed", "parse"]
