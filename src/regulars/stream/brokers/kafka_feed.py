"""Reading a topic of Kafka: every partition from our own cursor on, with offsets committed so that others see how far it is."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from regulars.stream.brokers.feeds import Told
from regulars.stream.brokers.kafka_link import KafkaLink

if TYPE_CHECKING:
    from confluent_kafka import Consumer

    from regulars.stream.brokers.addresses import Address

log = logging.getLogger(__name__)
_PARTITIONS_EVERY_SECONDS = 60.0


class KafkaFeed:
    """All partitions of one topic. Which are read is ours to say, so that no rebalancing moves them."""

    def __init__(self, address: Address, name: str) -> None:
        self._address = address
        self._link = KafkaLink(address)
        self._consumer: Consumer = self._link.consumer(name)
        self._places: dict[str, int] = {}
        self._looked_at = 0.0

    def peek(self, most: int) -> Sequence[Told]:
        """The first messages of the partitions; no offset is committed."""
        self.begin({})
        return self.fetch(most, 2.0)

    def begin(self, cursor: Mapping[str, int]) -> None:
        """Take all partitions there are, each from its place on; what was deleted meanwhile is passed over."""
        from confluent_kafka import TopicPartition

        places = {}
        for partition in self._link.partitions():
            first, last = self._link.ends(partition)
            place = cursor.get(str(partition), first)
            if place > last:
                log.warning("a topic begins anew", extra={"topic": self._address.name, "partition": partition})
                place = first
            places[str(partition)] = max(place, first)
        self._consumer.assign([TopicPartition(self._address.name, int(one), place) for one, place in places.items()])
        self._places, self._looked_at = places, time.monotonic()

    def fetch(self, most: int, seconds: float) -> Sequence[Told]:
        """The next messages of any partition; new partitions are found within a minute."""
        if time.monotonic() - self._looked_at > _PARTITIONS_EVERY_SECONDS:
            self._looked_at = time.monotonic()
            if {str(one) for one in self._link.partitions()} != set(self._places):
                self.begin(self._places)
        found = []
        first = self._consumer.consume(1, timeout=seconds)
        for message in first + (self._consumer.consume(most - 1, timeout=0.05) if first and most > 1 else []):
            if (fault := message.error()) is not None:
                raise self._link.explained(fault)
            partition, offset = str(message.partition()), message.offset() or 0
            moment = message.timestamp()[1]
            self._places[partition] = offset + 1
            name = f"kafka-{self._address.name}-{partition}-{offset}-{moment}"
            data = message.value()
            found.append(Told(name, data if isinstance(data, bytes) else b"", partition, offset + 1, moment * 1000))
        if not found and not seconds:
            return found
        if not found:
            self._link.ends(int(next(iter(self._places))))  # says so when the broker is away
        return found

    def confirm(self, cursor: Mapping[str, int]) -> None:
        """Commit the offsets; our own cursor decides, so that a failure is only noted."""
        from confluent_kafka import TopicPartition

        try:
            self._consumer.commit(
                offsets=[TopicPartition(self._address.name, int(one), place) for one, place in cursor.items()], asynchronous=True
            )
        except Exception:
            log.debug("offsets were not committed", exc_info=True)

    def lag(self) -> int:
        """What lies between what was fetched and the ends."""
        return sum(max(self._link.ends(int(one))[1] - place, 0) for one, place in self._places.items())

    def close(self) -> None:
        """Let go of the consumer."""
        self._consumer.close()
        self._link.close()
