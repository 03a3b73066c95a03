"""A stream of the shop's own, read from where it was left: what comes is confirmed to the broker only when it is kept here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from regulars.stream.brokers.addresses import Address


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a stream.

    `id` names it for ever, also when it comes again; `behind` is the place behind it in its partition; `moment_us` is when it was put there.
    """

    id: str
    data: bytes
    partition: str
    behind: int
    moment_us: int


class Feed(Protocol):
    """A stream that is being read. Every call may take seconds and raises Unavailable when the broker does not do its part."""

    def peek(self, most: int) -> Sequence[Told]:
        """The first messages that are still there; nothing changes at the broker."""

    def begin(self, cursor: Mapping[str, int]) -> None:
        """Go on behind these places; partitions without one are read from their first message that is still there."""

    def fetch(self, most: int, seconds: float) -> Sequence[Told]:
        """The next messages; none where nothing comes within the time."""

    def confirm(self, cursor: Mapping[str, int]) -> None:
        """Tell the broker that everything fetched up to these places is kept."""

    def lag(self) -> int:
        """How many messages wait behind what was fetched."""

    def close(self) -> None:
        """Let go of it."""


def open_feed(address: Address, name: str) -> Feed:
    """The feed of a stream; `name` is the consumer's at the broker, so that its operators see who reads and how far.

    Raises
    ------
    Unavailable : the library for it is not installed.
    """
    if address.kind == "nats":
        from regulars.stream.brokers.nats_feed import NatsFeed

        return NatsFeed(address, name)
    from regulars.stream.brokers.kafka_feed import KafkaFeed

    return KafkaFeed(address, name)
