"""The forms in which clients send events, brought into the one of the Segment specification: one message, one dict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from regulars.collect.track.domain.pieces import pieces_of

Message = dict[str, Any]

#: Calls by the last part of their path; the short ones are the browser's.
CALLS = {
    "t": "track", "track": "track",
    "i": "identify", "identify": "identify",
    "p": "page", "page": "page",
    "s": "screen", "screen": "screen",
    "g": "group", "group": "group",
    "a": "alias", "alias": "alias",
    "merge": "alias",
}  # fmt: skip

_PERSON_EVENTS = frozenset({"$identify", "$set", "$set_once"})
_ALIAS_EVENTS = frozenset({"$create_alias", "$merge_dangerously"})
_RENAMED = {"$pageleave": "Page Left"}
#: PostHog's clients that run on a customer's device.
_DEVICES = frozenset(
    {"web", "js", "posthog-js", "posthog-js-lite", "posthog-ios", "posthog-android", "posthog-react-native", "posthog-flutter"}
)
#: Properties of PostHog's that say who and where, not what.
_ENVELOPE = frozenset(
    {
        "token", "distinct_id", "$device_id", "$user_id", "$session_id", "$window_id", "$insert_id", "$anon_distinct_id", "$lib", "$lib_version",
        "$geoip_disable", "$is_server", "$current_url", "$referrer", "$referring_domain", "$raw_user_agent", "$process_person_profile",
        "$is_identified", "$host", "$pathname", "$ip", "$set", "$set_once", "$groups", "$sent_at", "$time",
    }
)  # fmt: skip


class NotJson(ValueError):
    """The body is no JSON, or JSON of no form we know."""


def messages_in(dialect: str, call: str, body: bytes) -> Iterator[tuple[Message | bytes, Message]]:
    """Each message of a request with its envelope: a dict in Segment form, or the bytes of what is no readable object."""
    for raw, envelope in _parts(body, call):
        if isinstance(raw, dict):
            yield (posthog(raw, envelope) if dialect == "posthog" else _typed(raw, call)), envelope
        else:
            yield raw, envelope


def _parts(body: bytes, call: str) -> Iterator[tuple[Message | bytes, Message]]:
    try:
        whole = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        yield from _piece_by_piece(body)
        return
    batch, envelope = unfold(whole, call)
    for message in batch:
        yield (message if isinstance(message, dict) else msgspec.json.encode(message)), envelope


def unfold(whole: Any, call: str) -> tuple[list[Any], Message]:
    """The messages of a decoded body, and what surrounds them."""
    if isinstance(whole, list):
        return whole, {}
    if not isinstance(whole, dict):
        return [whole], {}
    batch = whole.get("batch", whole.get("data") if call == "import" else None)
    if isinstance(batch, list):
        return batch, {name: value for name, value in whole.items() if name not in ("batch", "data")}
    return [whole], {}


def _piece_by_piece(body: bytes) -> Iterator[tuple[Message | bytes, Message]]:
    """Where one message spoils the whole: each by itself."""
    pieces = pieces_of(body)
    if pieces is None:
        yield body, {}
        return
    outer = _decoded(pieces.envelope)
    envelope = {name: value for name, value in outer.items() if name != "batch"} if isinstance(outer, dict) else {}
    for piece in pieces.messages:
        found = _decoded(piece)
        yield (found if isinstance(found, dict) else piece), envelope


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


def _typed(message: Message, call: str) -> Message:
    if call in CALLS:
        kind = CALLS[call]
        if message.get("type") != kind:
            message["type"] = kind
    if call == "merge" and isinstance(message.get("mergeProperties"), list):
        _rudder_merge(message)
    return message


def _rudder_merge(message: Message) -> None:
    """RudderStack's merge names two ids by type; both become the sides of an alias."""
    values = [one.get("value") for one in message["mergeProperties"] if isinstance(one, dict)]
    if len(values) >= 2:
        message.setdefault("userId", values[0])
        message.setdefault("previousId", values[1])


def posthog(told: Message, envelope: Message) -> Message:
    """One PostHog event as a Segment message.

    The `timestamp` of a device (browser, phone) is its clock, corrected by `sent_at` like an `originalTimestamp`; that of a server or
    of history is what it says.
    """
    properties = told.get("properties") if isinstance(told.get("properties"), dict) else {}
    assert isinstance(properties, dict)
    name = told.get("event")
    distinct = _text(told.get("distinct_id", properties.get("distinct_id", told.get("$distinct_id"))))
    device, anonymous = _text(properties.get("$device_id")), _text(properties.get("$anon_distinct_id"))
    known = _is_known(properties, distinct, device)
    message: Message = {
        "messageId": told.get("uuid") or properties.get("$insert_id"),
        "context": _posthog_context(properties),
        "sentAt": envelope.get("sent_at", told.get("sent_at")),
    }
    clock = "originalTimestamp" if properties.get("$lib") in _DEVICES and not envelope.get("historical_migration") else "timestamp"
    message[clock] = told.get("timestamp", properties.get("$time"))
    traits = {}
    for part in (properties.get("$set_once"), told.get("$set_once"), properties.get("$set"), told.get("$set")):
        if isinstance(part, dict):
            traits.update({key: value for key, value in part.items() if not key.startswith("$") and value is not None})
    if known:
        message["userId"] = distinct
        message["anonymousId"] = anonymous if anonymous and anonymous != distinct else None
        if message["anonymousId"] is None and device and device != distinct:
            message["anonymousId"] = device
    else:
        message["anonymousId"] = distinct
    if name in _PERSON_EVENTS:
        return message | {
            "type": "identify",
            "userId": distinct,
            "traits": traits,
            "anonymousId": message.get("anonymousId") if known else anonymous,
        }
    if name in _ALIAS_EVENTS:
        now, before = distinct, properties.get("alias")
        if name == "$create_alias" and properties.get("$lib") == "posthog-python":
            now, before = _text(before), distinct  # its alias(previous_id, distinct_id) is the only one that tells the old id first
        return message | {"type": "alias", "userId": now, "previousId": before, "anonymousId": None}
    if name == "$groupidentify":
        group = properties.get("$group_set")
        kept = (
            message
            if not distinct.startswith("$") and "$user_id" in properties
            else message | {"userId": None, "anonymousId": None}
        )
        return kept | {"type": "group", "groupId": properties.get("$group_key"), "traits": group if isinstance(group, dict) else {}}
    if known and traits:
        message["traits"] = traits  # any event may tell who its customer is
    own = {key: value for key, value in properties.items() if key not in _ENVELOPE}
    if name in ("$pageview", "$screen"):
        kind = "page" if name == "$pageview" else "screen"
        return message | {"type": kind, "name": properties.get("$screen_name", properties.get("title")), "properties": own}
    return message | {"type": "track", "event": _RENAMED.get(str(name), name), "properties": own}


def _is_known(properties: Message, distinct: str, device: str) -> bool:
    if properties.get("$process_person_profile") is False and not properties.get("$user_id"):
        return False
    if properties.get("$user_id") or properties.get("$is_identified") is True:
        return True
    return properties.get("$lib") not in _DEVICES and device in ("", None)


def _posthog_context(properties: Message) -> Message:
    context: Message = {
        "library": {
            "name": f"posthog-{properties.get('$lib', 'js')}".replace("posthog-posthog", "posthog"),
            "version": properties.get("$lib_version"),
        }
    }
    if properties.get("$current_url"):
        context["page"] = {
            "url": properties["$current_url"],
            "referrer": properties.get("$referrer"),
            "title": properties.get("title"),
        }
    if properties.get("$session_id"):
        context["sessionId"] = properties["$session_id"]
    if isinstance(properties.get("$browser_language"), str):
        context["locale"] = properties["$browser_language"]
    if properties.get("$raw_user_agent"):
        context["userAgent"] = properties["$raw_user_agent"]
    return context


def _text(told: Any) -> str:
    return told if isinstance(told, str) else "" if told is None else str(told)
