"""What a client's message says about consent, and whether the message may be collected: pure, and quick enough for every event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from regulars.guard.consent.domain import CHANNELS, PURPOSES, SWITCH, Channel, Default, Source, State, Told

#: Events that tell of a consent: our own, and the one Segment's consent tools send.
CONSENT_EVENTS = frozenset(
    {"Consent Changed", "Consent Updated", "Segment Consent Preference", "Segment Consent Preference Updated"}
)
#: What a shop must know to fulfil its contracts; kept whatever is refused.
NECESSARY_EVENTS = frozenset(
    {"Order Completed", "Order Updated", "Order Refunded", "Order Cancelled", "Order Shipped", "Order Delivered"}
)

#: How consent tools call the purposes (OneTrust's C0002 ... among them).
CATEGORIES: dict[str, Told] = {
    **{purpose: purpose for purpose in PURPOSES},
    SWITCH: "no_personalisation",
    "statistics": "analytics",
    "statistic": "analytics",
    "performance": "analytics",
    "measurement": "analytics",
    "analytical": "analytics",
    "c0002": "analytics",
    "personalization": "personalisation",
    "preferences": "personalisation",
    "functional": "personalisation",
    "functionality": "personalisation",
    "c0003": "personalisation",
    "email_marketing": "marketing",
    "promotions": "marketing",
    "newsletter": "marketing",
    "ads": "advertising",
    "targeting": "advertising",
    "ad_storage": "advertising",
    "ad_user_data": "advertising",
    "ad_personalization": "advertising",
    "analytics_storage": "analytics",
    "personalization_storage": "personalisation",
    "c0004": "advertising",
    "social": "sharing",
    "sale": "sharing",
    "c0005": "sharing",
}
_GIVEN = frozenset({"given", "granted", "true", "yes", "allow", "allowed", "opt_in", "opted_in", "subscribed", "1"})
_WITHDRAWN = frozenset(
    {"withdrawn", "denied", "false", "no", "deny", "refused", "rejected", "opt_out", "opted_out", "unsubscribed", "0"}
)
#: Traits in which shop platforms tell whether a customer may be written to, and since when (`email_marketing_at`).
CONSENT_TRAITS: dict[str, Channel] = {"email_marketing": "email", "sms_marketing": "sms"}
_SIGNALS = ("gpc", "globalPrivacyControl", "dnt", "doNotTrack")


@dataclass(frozen=True, slots=True)
class Telling:
    """One consent as a message tells it. `explicit`: the message is about consent; else it only carries what holds."""

    purpose: Told
    channel: Channel | None
    state: State
    wording_version: int | None
    explicit: bool
    told_at: datetime | None = None  # where it is another time than the message's
    source: Source | None = None  # where it is another than the messages' own


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPolicy:
    """What a shop collects where nobody has said anything, and whether the browser's own refusal (GPC, DNT) counts as one."""

    default: Default = "opt_out"
    heed_signals: bool = True


@dataclass(frozen=True, slots=True)
class Collectable:
    """Whether a message may be kept, and why; one that may not is only counted by its reason."""

    allowed: bool
    because: Literal["allowed", "given", "consent_message", "contract", "refused", "withdrawn", "pending", "signal", "not_asked"]


_ALLOWED, _GIVEN_NOW = Collectable(True, "allowed"), Collectable(True, "given")
_CONSENT, _CONTRACT = Collectable(True, "consent_message"), Collectable(True, "contract")
_REFUSED, _WITHDRAWN_BEFORE = Collectable(False, "refused"), Collectable(False, "withdrawn")
_PENDING, _SIGNAL, _NOT_ASKED = Collectable(False, "pending"), Collectable(False, "signal"), Collectable(False, "not_asked")
_NO_CONTEXT: dict[str, Any] = {}


def collectable(policy: CollectionPolicy, known: State | None, message: Mapping[str, Any]) -> Collectable:
    """Whether this message may be kept for analytics. About a third of a microsecond where it says nothing of consent.

    Parameters
    ----------
    known : what the ledger holds for whom the message is about (`states_of`); None: nothing.
    message : a canonical message in Segment's form.

    Returns
    -------
    What the message itself says comes first, then a refusal of the browser, then the ledger, then the policy. Messages about
    consent are always kept, and so are orders, which a shop needs to fulfil its contracts (GDPR 6(1)(b), PIPL 13(2)).
    """
    context = message.get("context") or _NO_CONTEXT
    event = message.get("event")
    if event in CONSENT_EVENTS:
        return _CONSENT
    if event in NECESSARY_EVENTS:
        return _CONTRACT
    if context.__class__ is dict:
        told = _analytics(context["consent"]) if "consent" in context else None
        if told == "given":
            return _GIVEN_NOW
        if told is not None:
            return _REFUSED if told == "withdrawn" else _PENDING
        if policy.heed_signals and known != "given" and _signalled(context):
            return _SIGNAL
    if known is None:
        return _ALLOWED if policy.default == "opt_out" else _NOT_ASKED
    if known == "given":
        return _GIVEN_NOW
    return _WITHDRAWN_BEFORE if known == "withdrawn" else _PENDING


def tellings(message: Mapping[str, Any]) -> list[Telling]:
    """Every consent that a message tells; of two for the same purpose and channel the last one."""
    found: dict[tuple[Told, Channel | None], Telling] = {}
    context = message.get("context")
    if isinstance(context, Mapping) and "consent" in context:
        for one in _told(context["consent"], explicit=False):
            found[one.purpose, one.channel] = one
    if message.get("event") in CONSENT_EVENTS:
        for one in _told(message.get("properties"), explicit=True):
            found[one.purpose, one.channel] = one
    if message.get("type") == "identify" and isinstance(message.get("traits"), Mapping):
        for one in _in_traits(message["traits"]):
            found.setdefault((one.purpose, one.channel), one)
    return list(found.values())


def speaks_of_consent(message: Mapping[str, Any]) -> bool:
    """Whether `tellings` may find anything; quick enough for every event."""
    if message.get("event") in CONSENT_EVENTS:
        return True
    context = message.get("context")
    if context.__class__ is dict and "consent" in context:
        return True
    traits = message.get("traits")
    return traits.__class__ is dict and any(name in traits for name in CONSENT_TRAITS)


def _in_traits(traits: Mapping[str, Any]) -> Iterator[Telling]:
    """What a platform knows of somebody's wish to be written to, with the time of that wish; "not subscribed" tells nothing."""
    for name, channel in CONSENT_TRAITS.items():
        state = state_of(traits.get(name))
        if state is not None:
            yield Telling("marketing", channel, state, None, False, _instant(traits.get(f"{name}_at")), "api")


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _told(value: Any, *, explicit: bool, version: int | None = None) -> Iterator[Telling]:
    """The forms: a list of entries, one entry with `purpose`, or purposes (or a tool's categories) with yes and no.

    A `wording_version` beside purposes is that of each one which names none of its own.
    """
    if isinstance(value, list):
        for one in value:
            yield from _told(one, explicit=explicit, version=version)
        return
    if not isinstance(value, Mapping):
        return
    version = _version(value.get("wording_version")) or version
    purpose = category(value.get("purpose"))
    if purpose is not None:
        state = state_of(next((value[name] for name in ("state", "status", "granted", "given", "value") if name in value), None))
        channel = value.get("channel")
        if state is not None and (channel in CHANNELS or channel in (None, "", "all")):
            yield Telling(
                purpose,
                channel if channel in CHANNELS else None,
                state,
                version,
                explicit,
            )
        return
    for name, inner in value.items():
        if name in ("categoryPreferences", "consents", "consent", "purposes", "context") and isinstance(inner, Mapping | list):
            yield from _told(inner, explicit=explicit, version=version)
            continue
        known, state = category(name), state_of(inner)
        if known is not None and state is not None:
            yield Telling(known, None, state, version, explicit)


def _version(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def category(name: Any) -> Told | None:
    """The purpose that a consent tool means by a word."""
    return CATEGORIES.get(name.strip().lower().replace(" ", "_").replace("-", "_")) if isinstance(name, str) else None


def state_of(value: Any) -> State | None:
    """Yes and no in the words of consent tools."""
    if isinstance(value, bool):
        return "given" if value else "withdrawn"
    if isinstance(value, int):
        return "given" if value == 1 else "withdrawn" if value == 0 else None
    if isinstance(value, str):
        word = value.strip().lower().replace("-", "_").replace(" ", "_")
        return "given" if word in _GIVEN else "withdrawn" if word in _WITHDRAWN else "pending" if word == "pending" else None
    return None


def _analytics(consent: Any) -> State | None:
    if consent.__class__ is dict and "analytics" in consent:
        return state_of(consent["analytics"])
    return next((one.state for one in _told(consent, explicit=False) if one.purpose == "analytics"), None)


def _signalled(context: Mapping[str, Any]) -> bool:
    for name in _SIGNALS:
        if name in context and state_of(context[name]) == "given":
            return True
    privacy = context.get("privacy")
    return isinstance(privacy, Mapping) and _signalled(privacy)
