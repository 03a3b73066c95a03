"""Whether a message may be collected: what it says itself, what the browser refuses, what is known, what the shop decided."""

from __future__ import annotations

import time
from typing import Any

import pytest

from regulars.guard.consent import CollectionPolicy, collectable, tellings

OPT_OUT, OPT_IN = CollectionPolicy(), CollectionPolicy(default="opt_in")
PLAIN: dict[str, Any] = {"type": "track", "event": "Product Viewed", "context": {"page": {"path": "/"}}}


def said(consent: Any = None, **context: Any) -> dict[str, Any]:
    return {**PLAIN, "context": {**PLAIN["context"], **({"consent": consent} if consent is not None else {}), **context}}


@pytest.mark.parametrize(
    ("policy", "known", "message", "allowed", "because"),
    [
        (OPT_OUT, None, PLAIN, True, "allowed"),
        (OPT_IN, None, PLAIN, False, "not_asked"),
        (OPT_IN, "given", PLAIN, True, "given"),
        (OPT_OUT, "withdrawn", PLAIN, False, "withdrawn"),
        (OPT_OUT, "pending", PLAIN, False, "pending"),
        (OPT_IN, None, said({"analytics": True}), True, "given"),
        (OPT_IN, None, said({"categoryPreferences": {"Analytics": True, "Advertising": False}}), True, "given"),
        (OPT_OUT, "given", said({"analytics": False}), False, "refused"),
        (OPT_OUT, None, said({"categoryPreferences": {"C0002": False}}), False, "refused"),
        (OPT_OUT, None, said({"marketing": False}), True, "allowed"),
        (OPT_OUT, None, said(gpc=True), False, "signal"),
        (OPT_OUT, None, said(doNotTrack="1"), False, "signal"),
        (OPT_OUT, None, said(privacy={"globalPrivacyControl": 1}), False, "signal"),
        (OPT_OUT, "given", said(gpc=True), True, "given"),
        (CollectionPolicy(heed_signals=False), None, said(gpc=True), True, "allowed"),
        (OPT_OUT, None, said(gpc=False, dnt="unspecified"), True, "allowed"),
        (OPT_IN, "withdrawn", {**PLAIN, "event": "Order Completed"}, True, "contract"),
        (OPT_IN, "withdrawn", {**said({"analytics": False}), "event": "Consent Changed"}, True, "consent_message"),
        (OPT_OUT, None, {"type": "track", "event": "X"}, True, "allowed"),
        (OPT_OUT, None, {"type": "track", "event": "X", "context": "nonsense"}, True, "allowed"),
        (OPT_OUT, None, said("nonsense"), True, "allowed"),
        (OPT_OUT, None, said({"analytics": "perhaps"}), True, "allowed"),
    ],
)
def test_collecting(policy: CollectionPolicy, known: Any, message: dict[str, Any], allowed: bool, because: str) -> None:
    answer = collectable(policy, known, message)

    assert (answer.allowed, answer.because) == (allowed, because)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (PLAIN, []),
        (said({"analytics": True, "marketing": "denied", "unknown": True, "ads": None}), [("analytics", None, "given"), ("marketing", None, "withdrawn")]),
        (said({"categoryPreferences": {"Functional": True, "c0005": False}}), [("personalisation", None, "given"), ("sharing", None, "withdrawn")]),
        (
            {"event": "Consent Changed", "properties": {"purpose": "marketing", "channel": "sms", "granted": False, "wording_version": 2}},
            [("marketing", "sms", "withdrawn")],
        ),
        (
            {"event": "Consent Changed", "properties": {"consents": [{"purpose": "surveys", "state": "given"}, {"purpose": "x"}]}},
            [("surveys", None, "given")],
        ),
        ({"event": "Consent Changed", "properties": {"purpose": "marketing", "channel": "fax", "state": "given"}}, []),
        ({"event": "Segment Consent Preference", "properties": {}, "context": {"consent": {"categoryPreferences": {"Targeting": True}}}}, [("advertising", None, "given")]),
        ({"event": "Consent Changed", "properties": {"no_personalisation": True}}, [("no_personalisation", None, "given")]),
        ({"event": "Consent Changed", "properties": "nonsense", "context": []}, []),
    ],
)  # fmt: skip
def test_what_messages_tell(message: dict[str, Any], expected: list[tuple[str, str | None, str]]) -> None:
    assert [(one.purpose, one.channel, one.state) for one in tellings(message)] == expected


def test_deciding_is_quick() -> None:
    began = time.perf_counter()
    for _ in range(100_000):
        collectable(OPT_OUT, None, PLAIN)

    assert (time.perf_counter() - began) / 100_000 < 5e-6
