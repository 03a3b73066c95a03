"""What the web floor can be told, and what it is given to work with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from regulars.errors import InvalidInput

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records
    from regulars.stream.intake import Intake
    from regulars.stream.journal import Journal
    from regulars.warehouse import Warehouse

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a request may reach: both stores, the data folder, the keyring, and where events are taken the journal and its intake."""

    records: Records
    warehouse: Warehouse
    home: Path
    keyring: Keyring
    journal: Journal | None = None
    intake: Intake | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """How the installation is reached, and its limits.

    `public_url` is the address operators type, such as `https://growth.example.com`; without one, the request's own Host is taken.
    `proxies` are the addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; none by default.
    """

    public_url: str = ""
    proxies: tuple[str, ...] = ()
    body_bytes: int = MEGABYTE
    upload_bytes: int = 4096 * MEGABYTE
    requests_per_minute_key: int = 60_000  # a shop asks for lists and searches with every page
    requests_per_minute_network: int = 2400
    sign_in_path: str = "/sign-in"
    open_paths: tuple[str, ...] = (
        "/sign-in",
        "/welcome",
        "/console-static",
        "/_nicegui",
        "/healthz",
        "/openapi.json",
        "/favicon.ico",
    )

    def __post_init__(self) -> None:
        """Refuse addresses that are none at start, not at every request."""
        for proxy in self.proxies:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError:
                raise InvalidInput(
                    f"'{proxy}' is not the address of a proxy",
                    mend="give an IP address or a network such as 10.0.0.0/8",
                    code="bad_proxy",
                ) from None
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise InvalidInput(
                f"'{self.public_url}' is not an address", mend="give one such as https://growth.example.com", code="bad_public_url"
            )
