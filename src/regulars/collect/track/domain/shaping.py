"""A message in Segment form becomes a row of the events table, or is put aside with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b, md5
from typing import Any

import msgspec

from regulars.collect.track.domain.agents import agent_of
from regulars.collect.track.domain.amounts import price_of, quantity_of, value_of
from regulars.collect.track.domain.clocks import happened_at, instant, out_of_range
from regulars.collect.track.domain.ids import Ids, told_id
from regulars.collect.track.domain.touches import touch_of
from regulars.guard.privacy import personal_text, scrub_text

Message = dict[str, Any]
#: Properties (True: traits) without what names a person, and what was taken out, by its place.
Scrub = Callable[[Message, bool], tuple[Message, dict[str, str]]]

EVENT_BYTES = 32 * 1024
TYPES = frozenset({"track", "page", "screen", "identify", "group", "alias"})
_NAMES = {
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "identify": "Customer Identified",
    "group": "Group Joined",
    "alias": "Ids Joined",
}
SERVER = ("python", "node", "go", "ruby", "php", "java", "net", "csharp", "rust")
_NO_CAMPAIGN = (None, None, None, None, None)
_encode = msgspec.json.Encoder(decimal_format="string").encode
_sorted = msgspec.json.Encoder(order="deterministic").encode

#: Properties that are columns as text, by the names clients use.
TEXTS = {
    "product_id": "product_id", "productId": "product_id", "sku": "sku", "category": "category", "brand": "brand", "variant": "variant",
    "order_id": "order_id", "orderId": "order_id", "coupon": "coupon", "list_id": "list_id", "query": "query", "currency": "currency",
}  # fmt: skip
TEXT_LENGTH = 500


@dataclass(slots=True)
class Refused:
    """A message that is put aside: why, and the message as it came."""

    reason: str
    detail: str
    message: bytes
    message_id: str | None = None
    event: str | None = None


@dataclass(slots=True)
class Shaped:
    """A message that is taken: its row by column name, and what other rooms ask of it."""

    row: dict[str, Any]
    message: Message
    previous_id: str | None = None
    traits: Message | None = None
    taken: dict[str, str] | None = None  # what was taken out of it, by its place: personal, so it is kept sealed
    at: int = 0  # its place among the messages of a part


@dataclass(slots=True)
class Shaper:
    """Shapes the messages of one source in one request.

    `scrub` takes what names a person out of properties or (True) of traits; `problems` says what of the event's schema is broken.
    """

    shop_id: str
    source_id: str
    currency: str
    ids: Ids
    received_at: datetime
    user_agent: str = ""
    region: str | None = None
    enforce: bool = False
    scrub: Scrub = lambda properties, _traits: (properties, {})
    problems: Callable[[str, Message], list[str]] = lambda _name, _properties: []
    _received: datetime = field(init=False)

    def __post_init__(self) -> None:
        """UTC without zone mark, as the warehouse keeps it."""
        self._received = self.received_at.astimezone(UTC).replace(tzinfo=None)

    def shape(self, told: Message | bytes, envelope: Message) -> Shaped | Refused:
        """One message; whatever is wrong with it is a reason, never an error."""
        if isinstance(told, bytes):
            reason = "not_an_object" if told.lstrip()[:1] != b"{" else "bad_text"
            return Refused(reason, "", told)
        raw = _encode(told)
        name = told.get("event") if isinstance(told.get("event"), str) else None
        message_id = _message_id(told)
        if len(raw) > EVENT_BYTES:
            return Refused("too_large", f"{len(raw):,} bytes", raw, message_id, name)
        if b"\\u0000" in raw or b"\\ud8" in raw:
            return Refused("bad_text", "", raw, message_id, name)
        found = self._checked(told, envelope)
        if isinstance(found, tuple):
            return Refused(found[0], found[1], raw, message_id, name)
        found.row["message_id"] = (
            message_id or "m_" + blake2b(_sorted({k: v for k, v in told.items() if k != "sentAt"}), digest_size=16).hexdigest()
        )
        found.row["event_key"] = event_key(self.shop_id, self.source_id, found.row["message_id"])
        if self.enforce and found.row["schema_problems"]:
            return Refused("schema", found.row["schema_problems"], raw, message_id, name)
        return found

    def _checked(self, told: Message, envelope: Message) -> Shaped | tuple[str, str]:
        kind = told.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            return "unknown_type", str(kind)[:80]
        name = told.get("event") if kind == "track" else _NAMES[kind]
        if kind == "track":
            if not isinstance(name, str) or not name.strip():
                return "no_event_name", ""
            name = name.strip()
            if not event_name_is_good(name):
                return "bad_event_name", name[:80]
        parts = []
        for part in ("properties", "traits", "context"):
            value = told.get(part)
            if value is not None and not isinstance(value, dict):
                return "bad_properties", part
            parts.append(value or {})
        properties, traits, context = parts
        user, anonymous = told_id(told.get("userId")), told_id(told.get("anonymousId"))
        previous = told_id(told.get("previousId"))
        illegal = self.ids.illegal(user) or self.ids.illegal(anonymous) or (kind == "alias" and self.ids.illegal(previous))
        if illegal:
            if kind == "alias" or (self.ids.illegal(user) and not anonymous) or (self.ids.illegal(anonymous) and not user):
                return "illegal_id", str(illegal)[:80]
            user, anonymous = ("" if self.ids.illegal(user) else user), ("" if self.ids.illegal(anonymous) else anonymous)
        if not user and not anonymous and kind != "group":
            return "no_identity", ""
        clock = self._clock(told, envelope)
        if isinstance(clock, str):
            return clock, ""
        row = self._row(kind, str(name), told, properties, context, clock)
        user_id, anonymous_id = self.ids.known(user), self.ids.visitor(anonymous)
        row["user_id"], row["anonymous_id"] = user_id, anonymous_id
        row["customer_id"] = user_id or anonymous_id
        row["is_known"] = user_id is not None
        inner = context.get("traits")
        told_traits = {**inner, **traits} if kind == "identify" and isinstance(inner, dict) else traits
        beside: Message = inner if kind != "identify" and isinstance(inner, dict) else {}
        match kind:
            case "track":
                told_of = properties
            case "page" | "screen":
                told_of = {**{part: told[part] for part in ("name", "category") if isinstance(told.get(part), str)}, **properties}
                row["title"] = row["title"] or _title(told_of)
            case "group":
                told_of = {"group_id": told_id(told.get("groupId")), **told_traits}
            case _:
                told_of = told_traits
        if kind in ("track", "page", "screen"):
            beside = {**beside, **traits}
        taken = self._properties(row, told_of, kind == "track") | self._context(row, context, beside)
        of_a_person = told_traits if kind == "identify" else None if kind in ("group", "alias") else traits or None
        return Shaped(row, told, previous or None, of_a_person, taken=taken or None)

    def _clock(self, told: Message, envelope: Message) -> tuple[datetime, datetime | None, datetime | None] | str:
        found: list[datetime | None] = []
        for value in (
            told.get("timestamp"),
            told.get("originalTimestamp"),
            told.get("sentAt") or envelope.get("sentAt") or envelope.get("sent_at"),
        ):
            moment = instant(value)
            if moment is None and value not in (None, "") and len(found) < 2:
                return "bad_time"
            found.append(moment)
        timestamp, original, sent = found
        when = happened_at(self.received_at, timestamp, original, sent)
        wrong = out_of_range(when, self.received_at)
        return wrong or (when, original or timestamp, sent)

    def _row(
        self,
        kind: str,
        name: str,
        told: Message,
        properties: Message,
        context: Message,
        clock: tuple[datetime, datetime | None, datetime | None],
    ) -> Message:
        when, original, sent = clock
        told_agent = context.get("userAgent") or properties.get("$raw_user_agent")
        library = context.get("library")
        library_name = library.get("name") if isinstance(library, dict) else None
        from_server = isinstance(library_name, str) and not told_agent and any(word in library_name for word in SERVER)
        agent = agent_of(str(told_agent)[:1000] if told_agent else "" if from_server else self.user_agent)
        page = context.get("page") if isinstance(context.get("page"), dict) else {}
        assert isinstance(page, dict)
        url = page.get("url") or properties.get("url") if kind in ("page", "screen") else page.get("url")
        url = (
            url
            if isinstance(url, str)
            else properties.get("$current_url")
            if isinstance(properties.get("$current_url"), str)
            else ""
        )
        referrer = page.get("referrer") or context.get("referrer")
        touch = touch_of(
            str(url)[:4096], referrer[:4096] if isinstance(referrer, str) else "", campaign_of(context.get("campaign"))
        )
        session = context.get("sessionId") or told.get("sessionId")
        return {
            "shop_id": self.shop_id,
            "source_id": self.source_id,
            "type": kind,
            "event": name,
            "timestamp": _naive(when),
            "original_at": _naive(original),
            "sent_at": _naive(sent),
            "received_at": self._received,
            "session_id": str(session)[:100] if isinstance(session, str | int) and session else None,
            "url": touch.url,
            "path": touch.path,
            "title": scrub_text(page["title"][:TEXT_LENGTH]) if isinstance(page.get("title"), str) and page["title"] else None,
            "referrer": touch.referrer,
            "referring_domain": touch.referring_domain,
            "utm_source": touch.utm[0],
            "utm_medium": touch.utm[1],
            "utm_campaign": touch.utm[2],
            "utm_term": touch.utm[3],
            "utm_content": touch.utm[4],
            "click_id": touch.click_id,
            "channel": touch.channel,
            "device": "server" if from_server else agent.device,
            "os": agent.os,
            "browser": agent.browser,
            "locale": _text(context.get("locale")),
            "region": self.region,
            "library": _text(library_name),
            "is_bot": agent.is_bot,
            "is_history": context.get("history") is True,
        }

    def _properties(self, row: Message, properties: Message, is_track: bool) -> dict[str, str]:
        """Fill the columns; returns what was taken out of the properties."""
        for key, value in properties.items():
            column = TEXTS.get(key)
            if column is not None and value is not None and not isinstance(value, dict | list):
                text = str(value).strip()[:TEXT_LENGTH]
                if text:
                    row.setdefault(column, text)
        sku = row.pop("sku", None)
        if sku and "product_id" not in row:
            row["product_id"] = sku
        if is_track and row.get("product_id") and isinstance(properties.get("name"), str):
            row["product_name"] = properties["name"][:TEXT_LENGTH]
        problems: list[str] = self.problems(row["event"], properties) if is_track else []
        if "price" in properties:
            row["price"] = price_of(properties["price"])
        if "quantity" in properties:
            row["quantity"] = quantity_of(properties["quantity"])
        if "total" in properties or "revenue" in properties or "value" in properties:
            row["value_minor"] = value_of(properties, str(row.get("currency") or self.currency).upper())
        position, duration = properties.get("position"), properties.get("duration_ms")
        if isinstance(position, int) and not isinstance(position, bool) and 0 <= position < 2**31:
            row["position"] = position
        if isinstance(duration, int | float) and not isinstance(duration, bool) and 0 <= duration < 1e12:
            row["duration_ms"] = int(duration)
        row["schema_problems"] = ";".join(problems) or None
        clean, taken = self.scrub(properties, row["type"] == "identify")
        row["properties"] = _encode(clean).decode()
        for column in ("query", "product_name", "coupon", "category"):
            if row.get(column):
                row[column] = scrub_text(row[column])
        return taken

    def _context(self, row: Message, context: Message, traits: Message) -> dict[str, str]:
        """Fill the column with what has no column of its own, and `traits` told beside; returns what was taken out, by its place."""
        row["context"] = None
        if not context and not traits:
            return {}
        more = {key: value for key, value in context.items() if key not in CONTEXT_KNOWN and value not in (None, {}, "")}
        clean, taken = self.scrub(more, False)
        if traits:
            clean_traits, of_traits = self.scrub(traits, True)
            taken = {**taken, **{f"traits.{place}": text for place, text in of_traits.items()}}
            clean = {**clean, "traits": clean_traits} if clean_traits else clean
        for part in PARTS_KNOWN:  # their fields are columns, each scrubbed where it is made
            if isinstance(told := context.get(part), dict):
                taken = {**taken, **{f"{part}.{place}": text for place, text in self.scrub(told, False)[1].items()}}
        if isinstance(told := context.get("referrer"), str) and (text := personal_text(told)):
            taken = {**taken, "referrer": text}
        row["context"] = _encode(clean).decode() if clean else None
        return {f"context.{place}": text for place, text in taken.items()}


PARTS_KNOWN = ("page", "campaign")
CONTEXT_KNOWN = frozenset(
    {
        "page",
        "campaign",
        "userAgent",
        "userAgentData",
        "library",
        "locale",
        "traits",
        "ip",
        "sessionId",
        "history",
        "referrer",
        "address",
        "location",
    }
)


def event_name_is_good(name: str) -> bool:
    """Whether an event may be called so: up to 200 printable characters, no blanks around them."""
    return 0 < len(name) <= 200 and name.isprintable() and name == name.strip()


def event_key(shop_id: str, source_id: str, message_id: str) -> int:
    """The 63-bit hash (the latter half of MD5, which engines know too) that de-duplication compares first; equal keys are compared by their ids in full."""
    told = f"{shop_id}\0{source_id}\0{message_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(md5(told, usedforsecurity=False).digest()[8:], "little") // 2


def _message_id(told: Message) -> str | None:
    value = told.get("messageId", told.get("message_id"))
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        return None
    return value if len(value) <= 200 else "m_" + blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def campaign_of(told: Any) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    """Source, medium, name, term and content of a context's campaign."""
    if not isinstance(told, dict) or not told:
        return _NO_CAMPAIGN
    return (
        _text(told.get("source")),
        _text(told.get("medium")),
        _text(told.get("name")),
        _text(told.get("term")),
        _text(told.get("content")),
    )


def _text(told: Any) -> str | None:
    return told[:TEXT_LENGTH] if isinstance(told, str) and told else None


def _title(told: Message) -> str | None:
    """What a page or screen calls itself where its context tells no title."""
    found = _text(told.get("title")) or _text(told.get("name"))
    return scrub_text(found) if found else None


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=None)
