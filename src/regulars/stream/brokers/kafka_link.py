"""Talking to Kafka: the few calls that journal and feeds need, with faults in our own words."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from regulars.errors import RegularsError, StorageFull, Unavailable

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer
    from confluent_kafka.admin import AdminClient

    from regulars.stream.brokers.addresses import Address

log = logging.getLogger(__name__)
_quiet = logging.getLogger("regulars.kafka")
_quiet.setLevel(logging.CRITICAL)

_SECONDS = 10.0
_ASIDE_SECONDS = 2.0  # for questions without whose answer things go on


class KafkaLink:
    """One topic of one cluster."""

    def __init__(self, address: Address) -> None:
        try:
            import confluent_kafka  # noqa: F401
        except ImportError:
            raise Unavailable(
                "the library for Kafka is not installed", mend="install it with `pip install 'regulars[kafka]'`", code="no_driver"
            ) from None
        self.address = address
        self._admin: AdminClient | None = None
        self._looker: Consumer | None = None
        self._topic_id: str | None = None

    def producer(self) -> Producer:
        """Acknowledged by all replicas in sync, each message once and in order."""
        from confluent_kafka import Producer

        asked = {"acks": "all", "enable.idempotence": True, "message.timeout.ms": int(_SECONDS * 1000), "linger.ms": 0}
        return Producer(self.address.kafka_options() | asked, logger=_quiet)

    def consumer(self, group: str) -> Consumer:
        """Reads where it is told to; commits only when told to."""
        from confluent_kafka import Consumer

        asked = {
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 100,
            "allow.auto.create.topics": False,
            "queued.max.messages.kbytes": 65_536,
        }
        return Consumer(self.address.kafka_options() | asked, logger=_quiet)

    def partitions(self, *, make_with: Mapping[str, str] | None = None) -> list[int]:
        """The topic's partitions; with `make_with`, a missing topic is made with one partition and these settings.

        Raises
        ------
        Unavailable : no broker answers, or there is no such topic.
        """
        from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]

        name = self.address.name
        for round_ in range(2):
            try:
                found = self._look.list_topics(name, timeout=_SECONDS / 2).topics.get(name)
            except Exception as fault:
                raise self.explained(fault) from None
            if found is not None and found.error is None and found.partitions:
                return sorted(found.partitions)
            if make_with is None or round_:
                break
            wish = NewTopic(name, num_partitions=1, replication_factor=self.address.replicas or -1, config=dict(make_with))
            try:
                self.admin.create_topics([wish], operation_timeout=_SECONDS / 2)[name].result(_SECONDS)
            except Exception as fault:
                log.debug("the topic was not made: %s", fault)
        raise self.away(f"has no topic {name}")

    def ends(self, partition: int) -> tuple[int, int]:
        """The first offset there is, and the one behind the last."""
        from confluent_kafka import TopicPartition

        try:
            found = self._look.get_watermark_offsets(TopicPartition(self.address.name, partition), timeout=_SECONDS / 2)
        except Exception as fault:
            raise self.explained(fault) from None
        if found is None:
            raise self.away("does not answer")
        return max(found[0], 0), max(found[1], 0)

    def topic_id(self) -> str:
        """What tells the topic from another of its name; "" where the broker does not say."""
        from confluent_kafka import TopicCollection

        name = self.address.name
        if self._topic_id is not None:
            return self._topic_id
        self._topic_id = ""
        try:
            asked = self.admin.describe_topics(TopicCollection([name]), request_timeout=_ASIDE_SECONDS)
            self._topic_id = str(asked[name].result(_SECONDS).topic_id)
        except Exception:
            log.debug("the broker does not tell the topic's id")
        return self._topic_id

    def settings(self) -> dict[str, str]:
        """The topic's settings."""
        from confluent_kafka.admin import ConfigResource, ResourceType  # type: ignore[attr-defined]

        resource = ConfigResource(ResourceType.TOPIC, self.address.name)
        try:
            asked = self.admin.describe_configs([resource], request_timeout=_ASIDE_SECONDS)
            return {name: str(entry.value) for name, entry in next(iter(asked.values())).result(_SECONDS).items()}
        except StopIteration:
            return {}
        except Exception as fault:
            if _says(fault, "_UNSUPPORTED_FEATURE", "UNSUPPORTED_VERSION", "_TIMED_OUT"):
                return {}
            raise self.explained(fault) from None

    def delete_before(self, partition: int, offset: int) -> bool:
        """Delete the records before an offset; False where the broker cannot."""
        from confluent_kafka import TopicPartition

        try:
            asked = self.admin.delete_records([TopicPartition(self.address.name, partition, offset)])
            next(iter(asked.values())).result(_SECONDS)
        except Exception as fault:
            if _says(fault, "_UNSUPPORTED_FEATURE", "UNSUPPORTED_VERSION"):
                return False
            raise self.explained(fault) from None
        return True

    @property
    def _look(self) -> Consumer:
        """A client that asks about topics without making them."""
        if self._looker is None:
            self._looker = self.consumer(f"regulars-look-{self.address.name}")
        return self._looker

    @property
    def admin(self) -> AdminClient:
        """The client for questions about topics."""
        from confluent_kafka.admin import AdminClient

        if self._admin is None:
            self._admin = AdminClient(self.address.kafka_options(), logger=_quiet)
        return self._admin

    def away(self, why: str) -> Unavailable:
        """The sentence for a broker that does not do its part."""
        return Unavailable(
            f"Kafka at {','.join(self.address.hosts)} {why}",
            mend="look after the broker; this goes on by itself once it answers",
            code="broker_away",
        )

    def explained(self, fault: Any) -> RegularsError:
        """A fault of the library in our words; it never holds a secret."""
        if fault is None or _says(fault, "_MSG_TIMED_OUT", "_TIMED_OUT", "REQUEST_TIMED_OUT", "_TRANSPORT", "_ALL_BROKERS_DOWN"):
            return self.away("does not answer")
        if _says(
            fault, "_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"
        ):
            return self.away("refuses this user")
        if _says(fault, "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"):
            return self.away("has fewer replicas in sync than it must have")
        if _says(fault, "KAFKA_STORAGE_ERROR"):
            return StorageFull(f"Kafka at {','.join(self.address.hosts)} cannot write to its disk", mend="look after its disk")
        error = _error_of(fault)
        return self.away(f"failed ({error.name() if error is not None else type(fault).__name__})")

    def close(self) -> None:
        """Let go of what looks at the topic."""
        if self._looker is not None:
            self._looker.close()
            self._looker = None


def _error_of(fault: Any) -> Any:
    from confluent_kafka import KafkaError, KafkaException

    if isinstance(fault, KafkaException) and fault.args:
        fault = fault.args[0]
    return fault if isinstance(fault, KafkaError) else None


def _says(fault: Any, *names: str) -> bool:
    error = _error_of(fault)
    return error is not None and error.name() in names
