"""A topic of Kafka with one partition as the journal's log: acknowledged by all replicas in sync, each message once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from regulars.errors import InvalidInput
from regulars.stream.brokers.kafka_link import KafkaLink
from regulars.stream.journal.brokered import Ends

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer

    from regulars.stream.brokers.addresses import Address

log = logging.getLogger(__name__)
T = TypeVar("T")

_SECONDS = 10.0
_AT_ONCE = 64
_MESSAGE_BYTES = 900_000  # brokers take 1 MiB unless told otherwise


class KafkaLog:
    """One topic, written by this installation only. A number is an offset; the number behind a message is the next one's."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._link = KafkaLink(address)
        self._writer: Producer | None = None
        self._reader: Consumer | None = None
        self._reads_on = -1
        self._may_delete = True

    @property
    def shown(self) -> str:
        """Its address without what is secret."""
        return self._address.shown

    @property
    def most_bytes(self) -> int:
        """What brokers take without being told."""
        return _MESSAGE_BYTES

    def connect(self) -> Ends:
        """The topic as it is; made where it is missing."""
        partitions = self._link.partitions(make_with={"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"})
        if len(partitions) != 1:
            raise InvalidInput(
                f"the topic {self._address.name} has {len(partitions)} partitions; a journal needs one, as its order is one",
                mend="name a topic with one partition, or one that does not exist yet: it is made as the journal needs it",
                code="bad_stream",
            )
        first, last = self._link.ends(0)
        return Ends(f"kafka {self._address.name} {self._link.topic_id()}", first, last)

    def write(self, messages: Sequence[bytes]) -> int:
        """Produce, and wait until all replicas in sync have each message."""
        if self._writer is None:
            self._writer = self._link.producer()
        kept: list[tuple[Any, int | None]] = []
        try:
            for message in messages:
                self._writer.produce(
                    self._address.name, message, partition=0, on_delivery=lambda fault, told: kept.append((fault, told.offset()))
                )
            left = self._writer.flush(_SECONDS + 2)
        except Exception as fault:
            self._drop_writer()
            raise self._link.explained(fault) from None
        faults = [fault for fault, _ in kept if fault is not None]
        if left or faults or len(kept) != len(messages):
            self._drop_writer()
            raise self._link.explained(faults[0] if faults else None)
        return max(offset or 0 for _, offset in kept) + 1

    def read(self, after: int, until: int) -> Iterator[tuple[int, bytes]]:
        """From an offset on, in order."""
        from confluent_kafka import TopicPartition

        if self._reader is None:
            self._reader = self._link.consumer(f"regulars-journal-{self._address.name}")
            self._reads_on = -1
        at = max(after, self._link.ends(0)[0])
        if at != self._reads_on:
            self._reader.assign([TopicPartition(self._address.name, 0, at)])
        self._reads_on = -1  # until this ends well
        while at < until:
            found = self._reader.consume(min(_AT_ONCE, until - at), timeout=2.0)
            if not found:
                first, last = self._link.ends(0)
                if last > at >= first:
                    self._drop_reader()
                    raise self._link.away("gave no messages though there are some")
                at = max(at, first) if last > at else until
                continue
            for message in found:
                if message.error() is not None:
                    self._drop_reader()
                    raise self._link.explained(message.error())
                at = (message.offset() or 0) + 1
                yield at, message.value() or b""
        self._reads_on = at

    def drop_before(self, number: int) -> None:
        """Delete the records up to an offset; brokers that cannot keep them by the topic's own rules."""
        if self._may_delete and not self._link.delete_before(0, number):
            self._may_delete = False
            log.warning("the broker cannot delete single records; its retention decides", extra={"topic": self._address.name})

    def troubles(self) -> Iterator[tuple[str, str]]:
        """What of the topic's settings could lose acknowledged events, or keep loaded ones."""
        settings = self._link.settings()
        if settings.get("cleanup.policy", "delete") != "delete":
            yield "the topic is compacted: messages without a key are refused or dropped", "set cleanup.policy to delete"
        for name in ("retention.ms", "retention.bytes"):
            if int(settings.get(name, "-1")) >= 0:
                yield f"the topic deletes messages by {name}, loaded or not", f"set {name} to -1"
        if not self._may_delete:
            yield "the broker cannot delete loaded messages (DeleteRecords)", "run a broker of version 0.11 or newer"

    def close(self) -> None:
        """Let go of producer and consumer."""
        self._drop_reader()
        self._drop_writer()
        self._link.close()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            _quietly(self._writer.purge)
            self._writer = None

    def _drop_reader(self) -> None:
        if self._reader is not None:
            _quietly(self._reader.close)
            self._reader = None


def _quietly(call: Callable[[], T]) -> None:
    try:
        call()
    except Exception:
        log.debug("a Kafka client did not close well")
