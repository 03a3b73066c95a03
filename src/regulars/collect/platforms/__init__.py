"""Platforms: what do the shop's own systems say: its Shopify, its WooCommerce, any signed webhook, any SQL database, its Kafka or NATS?

Question: which orders, customers and products does a platform, database or stream tell of, each once, without a program in between?
Hears: nothing.
Tells: nothing of its own; what platforms say goes as messages into the stream of events, through the sink that `connect` names.
Owns: platform_source, platform_delivery, platform_name, platform_waiting, platform_request, connector, connector_run, connector_seen.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "Connector": "connectors",
    "Receipt": "receiving",
    "Sink": "sink",
    "StreamReaders": "streams",
    "WebhookSource": "sources",
    "connect": "sink",
    "receive": "receiving",
    "run_connector": "pulling",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
