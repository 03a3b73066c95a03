"""Signed webhooks (Standard Webhooks): addresses that may be sent to, and one POST to one of them."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import secrets
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks.webhooks import Webhook

from regulars.errors import InvalidInput, Unavailable
from regulars.values import clock

_SECONDS = 10.0
#: How many seconds to wait after so many failures in a row: about a day in all.
PAUSES = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
#: What `send` raises where a delivery was not taken.
NOT_TAKEN = (OSError, http.client.HTTPException, Unavailable, InvalidInput)


def new_secret() -> str:
    """A secret that deliveries are signed with."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def send(url: str, secret: str, delivery_id: str, body: bytes) -> None:
    """One signed POST.

    Raises
    ------
    Unavailable : it was not answered with 2xx.
    """
    parts = urlsplit(url)
    now = clock.now()
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    reachable(host, port)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    more: dict[str, Any] = {"context": ssl.create_default_context()} if parts.scheme == "https" else {}
    connection = kind(host, port, timeout=_SECONDS, **more)
    headers = {
        "content-type": "application/json",
        "user-agent": "regulars",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(delivery_id, now, body.decode()),
    }
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise Unavailable(
            f"the receiver answered {status}", mend="let it answer 2xx once it has the delivery", code="webhook_refused"
        )


def checked_url(url: str) -> str:
    """An address of http or https with a host and without a user.

    Raises
    ------
    InvalidInput : it is another.
    """
    try:
        parts = urlsplit(url.strip())
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        fine = False
    if not fine or len(url) > 2_000 or not url.strip().isascii():
        raise InvalidInput("this is no address of a webhook", mend="give one such as https://crm.example.com/hooks", code="bad_url")
    with contextlib.suppress(ValueError):  # a name is looked up when something is sent
        _refuse_own(ipaddress.ip_address(parts.hostname or ""))
    return url.strip()


def reachable(host: str, port: int) -> None:
    """Refuse addresses that only this machine's own network services have: link-local ones, where clouds keep their secrets.

    Raises
    ------
    InvalidInput : the host stands for such an address.
    """
    for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        _refuse_own(ipaddress.ip_address(str(found[4][0]).partition("%")[0]))


def _refuse_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise InvalidInput("this address is not sent to", mend="give the address of a server of yours", code="bad_url")
