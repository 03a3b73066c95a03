"""What platforms know of a customer's wish to be written to comes into the ledger of consents, with its own time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from regulars.guard.consent import tellings
from regulars.guard.consent.tables import consent
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]


def identify(message_id: str, **traits: Any) -> dict[str, Any]:
    return {
        "type": "identify",
        "messageId": message_id,
        "userId": "17850",
        "timestamp": "2026-11-02T08:00:00Z",
        "traits": traits,
        "context": {"library": {"name": "regulars-shopify"}, "channel": "server"},
    }


def ledger(desk: Desk) -> list[tuple[Any, ...]]:
    with desk.house.records.reading() as uow:
        rows = uow.rows(select(consent).order_by(consent.c.happened_at, consent.c.channel))
    return [(row["purpose"], row["channel"], row["state"], row["source"], row["happened_at"]) for row in rows]


def test_subscriptions_are_consents_to_marketing_at_the_time_they_were_given(desk: Desk) -> None:
    first = identify("m1", email_marketing="subscribed", email_marketing_at="2026-10-01T09:00:00Z", sms_marketing="not_subscribed")
    later = identify("m2", email_marketing="unsubscribed", email_marketing_at="2026-11-01T09:00:00Z")

    desk.take(later)
    desk.take(first)
    desk.take(first, later)

    assert ledger(desk) == [
        ("marketing", "email", "given", "api", datetime(2026, 10, 1, 9, tzinfo=UTC)),
        ("marketing", "email", "withdrawn", "api", datetime(2026, 11, 1, 9, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("value", ["not_subscribed", "redacted", "invalid", None, "", [], 7])
def test_what_tells_no_wish_is_no_consent(value: Any) -> None:
    assert tellings(identify("m1", email_marketing=value)) == []


def test_a_wording_version_beside_purposes_is_the_version_of_each() -> None:
    told = tellings(
        {
            "event": "Consent Changed",
            "properties": {
                "wording_version": 3,
                "purposes": {"analytics": True, "marketing": False},
                "consents": [{"purpose": "surveys", "granted": True, "wording_version": 2}],
            },
        }
    )

    assert {one.purpose: one.wording_version for one in told} == {"analytics": 3, "marketing": 3, "surveys": 2}
