"""Deliveries are taken only when they are signed with a live secret: unsigned, altered and old ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.platforms.domain.signatures import Platform, checked_secret, is_ping, new_secret, verify
from regulars.errors import InvalidInput, NotAllowed
from tests.collect.platforms import payloads
from tests.collect.platforms.payloads import SHOPIFY_SECRET, STANDARD_SECRET, WOO_SECRET, as_bytes

BODY = as_bytes({"id": 1, "name": "茶"})
SECRETS = {"shopify": SHOPIFY_SECRET, "woocommerce": WOO_SECRET, "webhook": STANDARD_SECRET}
NAMES = {"shopify": "x-shopify-hmac-sha256", "woocommerce": "x-wc-webhook-signature", "webhook": "webhook-signature"}
EACH = pytest.mark.parametrize("platform", ["shopify", "woocommerce", "webhook"])


def signed(platform: Platform, body: bytes = BODY, secret: str = "") -> dict[str, str]:
    secret = secret or SECRETS[platform]
    match platform:
        case "shopify":
            return payloads.shopify("orders/create", body, secret=secret)
        case "woocommerce":
            return payloads.woocommerce("order.created", body, secret=secret)
        case _:
            return payloads.standard(body, secret=secret)


def refusal(platform: Platform, headers: dict[str, str], body: bytes = BODY, *secrets: str) -> NotAllowed:
    with pytest.raises(NotAllowed) as found:
        verify(platform, secrets or (SECRETS[platform],), headers, body)
    return found.value


@EACH
def test_a_signed_delivery_passes(platform: Platform) -> None:
    verify(platform, [SECRETS[platform]], signed(platform), BODY)


@EACH
def test_an_unsigned_delivery_is_refused(platform: Platform) -> None:
    headers = {name: value for name, value in signed(platform).items() if name != NAMES[platform]}

    error = refusal(platform, headers)

    assert (error.http_status, error.code) == (401, "unsigned")
    assert error.mend


@EACH
def test_an_altered_body_is_refused(platform: Platform) -> None:
    error = refusal(platform, signed(platform), BODY.replace(b"1", b"2"))

    assert (error.http_status, error.code) == (401, "bad_signature")


@EACH
@pytest.mark.parametrize("signature", ["", "x", "é", "v1", "v1,", "v1,%%%", "AAAA", "v2,AAAA", "\x00", "v1,AAAA v1,BBBB x"])
def test_a_signature_of_any_other_form_is_refused(platform: Platform, signature: str) -> None:
    headers = {**signed(platform), NAMES[platform]: signature}

    assert refusal(platform, headers).http_status == 401


@EACH
def test_another_secret_is_refused_and_two_live_ones_are_taken(platform: Platform) -> None:
    other = new_secret(platform)

    assert refusal(platform, signed(platform, secret=other)).code == "bad_signature"
    verify(platform, [SECRETS[platform], other], signed(platform, secret=other), BODY)
    verify(platform, [SECRETS[platform], other], signed(platform), BODY)


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(days=-400), timedelta(minutes=6)])
def test_a_delivery_whose_signed_time_is_off_is_refused(off: timedelta) -> None:
    headers = payloads.standard(BODY, at=datetime.now(UTC) + off)

    assert refusal("webhook", headers).code == "too_old"


def test_a_time_that_was_changed_after_signing_is_refused() -> None:
    headers = payloads.standard(BODY, at=datetime.now(UTC) - timedelta(hours=1))
    headers["webhook-timestamp"] = str(int(datetime.now(UTC).timestamp()))

    assert refusal("webhook", headers).code == "bad_signature"


def test_the_same_delivery_is_too_old_after_five_minutes() -> None:
    headers = payloads.standard(BODY)
    verify("webhook", [STANDARD_SECRET], headers, BODY)

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=2)):
        assert refusal("webhook", headers).code == "too_old"


def test_a_body_that_is_no_text_is_refused_not_a_fault() -> None:
    assert refusal("webhook", payloads.standard(BODY), b"\xff\xfe\x00").code == "bad_signature"


@given(body=st.binary(max_size=200), flip=st.integers(0, 10_000))
def test_whatever_is_flipped_is_seen(body: bytes, flip: int) -> None:
    headers = payloads.shopify("orders/create", body)
    altered = bytearray(body or b"x")
    altered[flip % len(altered)] ^= 1

    verify("shopify", [SHOPIFY_SECRET], headers, body)
    assert refusal("shopify", headers, bytes(altered)).code == "bad_signature"


def test_only_the_greeting_of_woocommerce_needs_no_signature() -> None:
    assert is_ping("woocommerce", {}, b"webhook_id=12")
    assert not is_ping("woocommerce", {}, b"webhook_id=12&x=1")
    assert not is_ping("woocommerce", {"x-wc-webhook-topic": "order.created"}, b"webhook_id=12")
    assert not is_ping("shopify", {}, b"webhook_id=12")


@EACH
def test_made_secrets_are_taken_and_short_ones_are_not(platform: Platform) -> None:
    assert checked_secret(platform, new_secret(platform))
    with pytest.raises(InvalidInput):
        checked_secret(platform, "short")
