"""What is worked out once for each different value of a column: touches, agents, and what of its schema an event's form breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.track.domain.agents import Agent, agent_of
from regulars.collect.track.domain.shaping import SERVER, campaign_of, event_name_is_good
from regulars.collect.track.domain.touches import touch_of
from regulars.collect.track.plain.statement import VOUCHED
from regulars.events import ecommerce
from regulars.events.specs import PropertySpec

_SEPARATOR = "\x1f"
#: JSON types, as the engine names them, that no check of a property's type objects to. A type that is not here is looked at closely.
_FITS = {
    "string": {"VARCHAR", "UBIGINT", "BIGINT", "DOUBLE"},
    "number": {"UBIGINT", "BIGINT", "DOUBLE"},
    "money": {"UBIGINT", "BIGINT", "DOUBLE"},
    "integer": {"UBIGINT", "BIGINT"},
    "boolean": {"BOOLEAN"},
}
_TOUCH = ("url", "path", "referrer", "referring_domain", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "click_id", "channel")  # fmt: skip
_FROM_SERVER = Agent("server", None, None, False)


def places(column: pa.ChunkedArray) -> tuple[pa.Array, list[str]]:
    """The column as places in a list of its different values (null stays null), and that list."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices, encoded.dictionary.to_pylist()


def touches(told: Sequence[str]) -> dict[str, pa.Array]:
    """What each touch (url, referrer and campaign, separated) says, by column."""
    rows = []
    for text in told:
        url, referrer, campaign = text.split(_SEPARATOR, 2)
        found = touch_of(url[:4096], referrer[:4096], campaign_of(msgspec.json.decode(campaign) if campaign else None))
        rows.append((found.url, found.path, found.referrer, found.referring_domain, *found.utm, found.click_id, found.channel))
    return {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(_TOUCH)}


class Agents:
    """What is known of the senders' programs: what a message tells, else a shop's own server, else what the request's head says."""

    def __init__(self, told: pa.ChunkedArray, library: pa.ChunkedArray, heads: Sequence[str], of_request: pa.Array) -> None:
        told_places, told_agents = places(told)
        library_places, libraries = places(library)
        different = [*told_agents, *heads]
        found = [agent_of(text[:1000]) for text in different] + [_FROM_SERVER]
        of_head = pc.add(of_request, len(told_agents))
        if libraries:
            servers = pa.array([any(word in name for word in SERVER) for name in libraries], pa.bool_())
            from_server = pc.fill_null(pc.take(servers, library_places), False)
            of_head = pc.if_else(from_server, pa.scalar(len(different), pa.int32()), of_head)
        self.places = pc.coalesce(told_places, of_head)
        self.values = {
            **{name: pa.array([getattr(one, name) for one in found], pa.string()) for name in ("device", "os", "browser")},
            "is_bot": pa.array([one.is_bot for one in found], pa.bool_()),
        }


def problems(told: Sequence[str]) -> list[str | None]:
    """What breaks the schema in events of each form, separated by semicolons: "" where nothing does, None where that is not sure.

    A form is an event's name and its properties' structure as JSON, or (after a second separator) their names, whose types are known.
    """
    return [_problems_of(*text.split(_SEPARATOR, 1)) for text in told]


def _problems_of(event: str, form: str) -> str | None:
    if not event_name_is_good(event):
        return None
    spec = ecommerce.spec_of(event)
    if spec is None:
        return ""
    if form.startswith(_SEPARATOR):
        types: dict[str, Any] = {name: VOUCHED.get(name, "") for name in form[1:].split(_SEPARATOR)}
    else:
        types = msgspec.json.decode(form) if form else {}
    present = {name for name, kind in types.items() if kind != "NULL"}
    if not all(_fits(prop, types[name]) for prop in spec.properties for name in prop.names if name in present):
        return None
    needed = (prop for prop in spec.properties if prop.required)
    return ";".join(f"{prop.name}:missing" for prop in needed if present.isdisjoint(prop.names + prop.instead))


def _fits(prop: PropertySpec, kind: Any) -> bool:
    if prop.unit == "ISO 4217":
        return prop.name == "currency" and kind == "VARCHAR"  # its form is part of what makes a message plain
    if prop.type == "list":
        return isinstance(kind, list)
    return isinstance(kind, str) and kind in _FITS.get(prop.type, ())
