"""Signatures of incoming webhooks, checked as each platform makes them, against one secret or two during a rotation.

Shopify: base64 of HMAC-SHA256 over the raw body in X-Shopify-Hmac-Sha256. WooCommerce: the same in X-WC-Webhook-Signature. Generic:
Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature), where the time is signed too and may be 5 minutes off at most.
Shopify's and WooCommerce's times are not signed and say nothing; their repetitions are harmless, as the same content has the same ids.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from regulars.errors import InvalidInput, NotAllowed

Platform = Literal["shopify", "woocommerce", "webhook"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)

_SIGNATURE = {"shopify": "x-shopify-hmac-sha256", "woocommerce": "x-wc-webhook-signature"}
_STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PING = re.compile(rb"webhook_id=\d{1,20}")


def verify(platform: Platform, secret_texts: Sequence[str], headers: Mapping[str, str], body: bytes) -> None:
    """Accept a delivery signed with one of the secrets.

    Parameters
    ----------
    headers : by lower-case name.

    Raises
    ------
    NotAllowed : 401, with a code that says why: `unsigned`, `bad_signature` or `too_old`.
    """
    if platform == "webhook":
        _verify_standard(secret_texts, headers, body)
        return
    told = headers.get(_SIGNATURE[platform], "").strip()
    if not told:
        raise _refused("unsigned", f"the delivery has no {_SIGNATURE[platform]}")
    try:
        signature = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    fits = [hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).digest(), signature) for secret in secret_texts]
    if not any(fits):
        raise _refused("bad_signature", "the signature does not fit the body and this source's secret")


def is_ping(platform: Platform, headers: Mapping[str, str], body: bytes) -> bool:
    """WooCommerce's unsigned greeting when a webhook is saved: it must be answered 200, and says nothing."""
    return platform == "woocommerce" and "x-wc-webhook-topic" not in headers and _PING.fullmatch(body.strip()) is not None


def new_secret(platform: Platform) -> str:
    """A secret of 256 random bits in the form the platform takes."""
    if platform == "webhook":
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)


def checked_secret(platform: Platform, secret: str) -> str:
    """A secret somebody typed.

    Raises
    ------
    InvalidInput : it is too short to be one, or not of the form `whsec_` and base64 where that is asked for.
    """
    text = secret.strip()
    if platform == "webhook":
        try:
            raw = base64.b64decode(text.removeprefix("whsec_") + "==", validate=False)
        except (binascii.Error, ValueError):
            raw = b""
        if not 24 <= len(raw) <= 64 or not re.fullmatch(r"(?:whsec_)?[A-Za-z0-9+/]+={0,2}", text):
            raise InvalidInput(
                "the secret is not one of Standard Webhooks",
                mend="give `whsec_` and 24 to 64 bytes in base64, or none to have one made",
                code="bad_secret",
            )
    elif not 16 <= len(text) <= 255 or not text.isascii():
        raise InvalidInput(
            "the secret has fewer than 16 or more than 255 characters", mend="copy it whole from the platform", code="bad_secret"
        )
    return text


def _verify_standard(secret_texts: Sequence[str], headers: Mapping[str, str], body: bytes) -> None:
    missing = [name for name in _STANDARD if not headers.get(name)]
    if missing:
        raise _refused("unsigned", f"the delivery has no {missing[0]}")
    reasons = []
    for secret in secret_texts:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as error:
            reasons.append(str(error))
        except (ValueError, UnicodeDecodeError):  # a signature of another form, a body that is no text
            reasons.append("malformed")
        else:
            return
    if any("too old" in reason or "too new" in reason for reason in reasons):
        raise NotAllowed(
            "the delivery was signed more than 5 minutes ago, or its clock is wrong",
            mend="sign each attempt anew, and set the sender's clock",
            code="too_old",
            status=401,
        )
    raise _refused("bad_signature", "the signature does not fit the body and this source's secret")


def _refused(code: str, message: str) -> NotAllowed:
    return NotAllowed(
        message,
        mend="sign the raw body with the secret shown when the source was made, or rotate the secret",
        code=code,
        status=401,
    )
