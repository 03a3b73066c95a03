"""The address of a stream: `nats://[user:password@]host:4222/stream` or `kafka://[user:password@]host:9092/topic`, with few options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from regulars.errors import InvalidInput

Kind = Literal["nats", "kafka"]
_PORTS: dict[str, int] = {"nats": 4222, "kafka": 9092}
_NAMES = {"nats": re.compile(r"[A-Za-z0-9_-]{1,128}"), "kafka": re.compile(r"[A-Za-z0-9._-]{1,249}")}
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_OPTIONS: dict[str, frozenset[str]] = {
    "nats": frozenset({"tls", "subject", "replicas"}),
    "kafka": frozenset({"tls", "mechanism", "replicas"}),
}
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


@dataclass(frozen=True, slots=True)
class Address:
    """A stream of a broker. `shown` has neither user nor password nor token."""

    kind: Kind
    hosts: tuple[str, ...]
    name: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The address without what is secret."""
        return f"{self.kind}://{','.join(self.hosts)}/{self.name}"

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.options.get("tls") == "true"

    @property
    def replicas(self) -> int:
        """How many copies a stream that is made here gets; 0: what the broker does by itself."""
        return int(self.options.get("replicas", "0"))

    def nats_options(self) -> dict[str, Any]:
        """What nats-py connects with; a user without a password is a token."""
        scheme = "tls" if self.tls else "nats"
        found: dict[str, Any] = {"servers": [f"{scheme}://{host}" for host in self.hosts]}
        if self.password:
            found |= {"user": self.user, "password": self.password}
        elif self.user:
            found["token"] = self.user
        return found

    def kafka_options(self) -> dict[str, Any]:
        """What librdkafka connects with."""
        found: dict[str, Any] = {"bootstrap.servers": ",".join(self.hosts)}
        protocol = "ssl" if self.tls else "plaintext"
        if self.user:
            protocol = "sasl_" + protocol
            found |= {
                "sasl.mechanism": self.options.get("mechanism", "PLAIN"),
                "sasl.username": self.user,
                "sasl.password": self.password,
            }
        return found | {"security.protocol": protocol}


def is_broker_url(url: str) -> bool:
    """Whether an address is meant to be a broker's."""
    return url.strip().partition("://")[0].lower() in _PORTS


def parse(url: str) -> Address:
    """The stream an address names.

    Raises
    ------
    InvalidInput : it is none; the sentence never repeats the address, as it may hold a password.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise _bad("this is not the address of a stream") from None
    if parts.scheme not in _PORTS:
        raise _bad("the address of a stream begins with nats:// or kafka://")
    kind: Kind = "nats" if parts.scheme == "nats" else "kafka"
    secret, _, places = parts.netloc.rpartition("@")
    user, _, password = secret.partition(":")
    hosts = tuple(_with_port(host, _PORTS[kind]) for host in places.split(",") if host)
    if not hosts or not all(_HOST.fullmatch(host) for host in hosts):
        raise _bad("the address of the stream names no host")
    name = unquote(parts.path.strip("/"))
    if not _NAMES[kind].fullmatch(name):
        raise _bad(
            "the address names no stream behind the host" if kind == "nats" else "the address names no topic behind the host"
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(options) - _OPTIONS[kind])
    if unknown or parts.fragment:
        raise InvalidInput(
            f"the option '{(unknown or ['#'])[0][:40]}' of the stream's address is not known",
            mend=f"known are {', '.join(sorted(_OPTIONS[kind]))}",
            code="bad_stream_url",
        )
    if options.get("tls", "true") not in ("true", "false") or options.get("mechanism", "PLAIN") not in _MECHANISMS:
        raise _bad("an option of the stream's address has a value that it cannot have")
    if not options.get("replicas", "1").isdecimal() or not 1 <= int(options.get("replicas", "1")) <= 9:
        raise _bad("a stream has 1 to 9 replicas")
    return Address(kind, hosts, name, unquote(user), unquote(password), options)


def _with_port(host: str, port: int) -> str:
    return host if re.search(r":\d+$", host) and not host.endswith("]") else f"{host}:{port}"


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, mend="write nats://host:4222/stream or kafka://host:9092/topic", code="bad_stream_url")
