"""The addresses that SDKs call: one table, by which requests are told apart and from which the API's description is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from regulars.collect.track.domain.dialects import CALLS

Kind = Literal["events", "tracker", "pixel", "webhook", "settings", "source_config", "flags", "config", "config_js", "nothing"]
Method = Literal["GET", "POST"]

WRITE_KEY = "{write_key}"


@dataclass(frozen=True, slots=True)
class Address:
    """What an ingest path asks for."""

    kind: Kind
    dialect: str = "segment"
    call: str = "batch"
    key: str = ""  # where the path itself holds the write key


@dataclass(frozen=True, slots=True)
class Place:
    """One path, what it asks for, and the methods by which SDKs call it; `{write_key}` stands for a key in the path."""

    path: str
    asks: Address
    methods: tuple[Method, ...] = ("POST",)


def _places() -> tuple[Place, ...]:
    found = [
        Place(f"/v1/{call}", Address("events", "segment", "batch" if call == "b" else call))
        for call in (*CALLS, "batch", "b", "import")
    ]
    found += [
        Place("/beacon/v1/batch", Address("events", "segment", "batch")),
        Place("/pixel/v1/track", Address("pixel", "segment", "track"), ("GET",)),
        Place("/pixel/v1/page", Address("pixel", "segment", "page"), ("GET",)),
        Place("/v1/webhook", Address("webhook", "segment", "track")),
    ]
    found += [
        Place(path, Address("events", "posthog", "batch"), ("POST", "GET"))
        for path in ("/batch", "/capture", "/e", "/i/v0/e", "/track", "/engage")
    ]
    found += [Place(path, Address("flags", "posthog")) for path in ("/flags", "/decide")]
    found += [
        Place("/t.js", Address("tracker"), ("GET",)),
        Place(f"/v1/projects/{WRITE_KEY}/settings", Address("settings"), ("GET",)),
        Place("/sourceConfig", Address("source_config"), ("GET",)),
        Place(f"/array/{WRITE_KEY}/config", Address("config", "posthog"), ("GET",)),
        Place(f"/array/{WRITE_KEY}/config.js", Address("config_js", "posthog"), ("GET",)),
        Place("/v1/m", Address("nothing")),
        Place("/s", Address("nothing", "posthog")),
    ]
    found += [
        Place(path, Address("nothing", "posthog"), ("GET",))
        for path in ("/api/surveys", "/api/early_access_features", "/api/product_tours", "/api/web_experiments")
    ]
    return tuple(found)


PLACES = _places()
_PLAIN = {place.path: place.asks for place in PLACES if WRITE_KEY not in place.path}
_KEYED = [(before, after, place.asks) for place in PLACES for before, mark, after in [place.path.partition(WRITE_KEY)] if mark]


def address_of(path: str) -> Address | None:
    """What a path asks for, with or without a slash at its end; None where it is not one of ours."""
    plain = path.rstrip("/") or "/"
    found = _PLAIN.get(plain)
    if found is not None:
        return found
    for before, after, asks in _KEYED:
        if plain.startswith(before) and plain.endswith(after):
            key = plain[len(before) : len(plain) - len(after)]
            if key and "/" not in key:
                return Address(asks.kind, asks.dialect, key=key)
    return None
