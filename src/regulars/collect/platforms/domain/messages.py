"""Canonical messages in Segment form, as the stream of events takes them: same content, same messageId, in any order and at any repetition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

Message = dict[str, Any]

#: Who speaks where a message is about no customer: the catalogue. Its agent says that it is a machine, so no report counts it.
CATALOGUE = "regulars-catalogue"
_MACHINE = {"userAgent": "regulars catalogue bot"}


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a message is about: the id the shop's systems use for a known customer, else the id of something nobody has named."""

    user: str | None = None
    visitor: str | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """That a platform's own number of a thing is a thing of ours: its order 4509 is order #1001."""

    kind: Literal["order", "product"]
    platform_id: str
    our_id: str
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """A message about a thing that the platform names by its own number only.

    `keep`: wait until the thing is known; else the message is dropped where it is not.
    """

    kind: Literal["order", "product"]
    platform_id: str
    message: Message
    keep: bool


@dataclass(frozen=True, slots=True)
class Request:
    """What a platform asks to be done for a person or the shop: tell their data, or forget it."""

    kind: Literal["data_request", "customer_redact", "customer_deleted", "shop_redact"]
    platform_id: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """What one delivery says; `ignored` names why where it says nothing that counts."""

    messages: tuple[Message, ...] = ()
    names: tuple[Name, ...] = ()
    later: tuple[Later, ...] = ()
    requests: tuple[Request, ...] = ()
    ignored: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the shop takes for granted where a platform does not say: the source's kind, its zone and its currency."""

    library: str
    zone: str = "UTC"
    currency: str | None = None
    domain: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def plain(value: Any) -> Any:
    """Values as JSON has them: amounts as exact decimal texts, instants as UTC."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return moment(value)
        case dict():
            return {name: plain(inner) for name, inner in value.items() if inner is not None}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value


def moment(at: datetime) -> str:
    """An instant as `2026-11-01T02:00:00Z`, with milliseconds or microseconds where it has them."""
    text = at.astimezone(UTC).isoformat()
    return text.replace("+00:00", "Z")


def digest(values: Any) -> str:
    """Twelve characters that differ where the values do."""
    text = json.dumps(plain(values), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def short_id(*parts: str) -> str:
    """The parts as one message id; a long one ends in its hash, so that it fits everywhere."""
    text = ":".join(parts)
    return text if len(text) <= 160 else f"{text[:120]}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def track(event: str, message_id: str, at: datetime, who: Who, properties: Mapping[str, Any], library: str) -> Message:
    """A track message."""
    return {
        "type": "track",
        "event": event,
        "messageId": message_id,
        **_ids(who),
        "timestamp": moment(at),
        "properties": plain(dict(properties)),
        "context": _context(library),
    }


def identify(message_id: str, at: datetime, who: Who, traits: Mapping[str, Any], library: str) -> Message:
    """An identify message: who a customer is."""
    return {
        "type": "identify",
        "messageId": message_id,
        **_ids(who),
        "timestamp": moment(at),
        "traits": plain(dict(traits)),
        "context": _context(library),
    }


def product_updated(message_id: str, at: datetime, properties: Mapping[str, Any], library: str) -> Message:
    """A message about the catalogue and no customer."""
    made = track("Product Updated", message_id, at, Who(visitor=CATALOGUE), properties, library)
    made["context"].update(_MACHINE)
    return made


def completed(later: Later, our_id: str, customer: str | None) -> Message:
    """The message of a thing that is known now."""
    made: Message = json.loads(json.dumps(later.message))
    made["properties"][f"{later.kind}_id"] = our_id
    if later.kind == "product":
        made["messageId"] = short_id(made["messageId"], our_id)
    elif customer:
        made.pop("anonymousId", None)
        made["userId"] = customer
    return made


def _ids(who: Who) -> dict[str, str]:
    found = {}
    if who.user:
        found["userId"] = who.user
    if who.visitor:
        found["anonymousId"] = who.visitor
    return found


def _context(library: str) -> dict[str, Any]:
    return {"library": {"name": f"regulars-{library}"}, "channel": "server"}
