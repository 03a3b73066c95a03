"""A stream of NATS JetStream as the journal's log: file storage, and no limit that would drop what was not loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from regulars.errors import InvalidInput
from regulars.stream.brokers.nats_link import SECONDS, NatsLink
from regulars.stream.journal.brokered import Ends

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.api import StreamInfo

    from regulars.stream.brokers.addresses import Address

_AT_ONCE = 16
_HEADERS = 1024
_NOT_FOUND = 10037


class NatsLog:
    """One stream, written by this installation only."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._link = NatsLink(address)
        self._subject = ""

    @property
    def shown(self) -> str:
        """Its address without what is secret."""
        return self._address.shown

    @property
    def most_bytes(self) -> int:
        """What the server takes, less its headers."""
        return self._link.most_bytes - _HEADERS

    def connect(self) -> Ends:
        """The stream as it is; made where it is missing."""
        info = self._link.call(self._stream)
        subjects = info.config.subjects or []
        plain = [one for one in subjects if "*" not in one and ">" not in one]
        if not plain or info.config.mirror is not None:
            raise InvalidInput(
                f"the stream {self._address.name} has no subject of its own to write to",
                mend="name a stream that does not exist yet: it is made as the journal needs it",
                code="bad_stream",
            )
        self._subject = plain[0]
        state = info.state
        return Ends(f"nats {self._address.name} {info.created}", max(state.first_seq - 1, 0), state.last_seq)

    def write(self, messages: Sequence[bytes]) -> int:
        """Publish, and wait for the server's acknowledgement of each."""

        async def published(js: JetStreamContext) -> int:
            name = self._address.name
            asked = [js.publish(self._subject, one, timeout=SECONDS, stream=name) for one in messages]
            return max(ack.seq for ack in await asyncio.gather(*asked))

        return self._link.call(published)

    def read(self, after: int, until: int) -> Iterator[tuple[int, bytes]]:
        """Each message asked of the stream's leader by its number; one that was deleted is not there."""
        number = after
        while number < until:
            wanted = range(number + 1, min(number + _AT_ONCE, until) + 1)
            found = self._link.call(partial(self._messages, wanted=wanted))
            if not any(one is not None for one in found):
                first = self._link.call(self._stream).state.first_seq
                number = max(wanted[-1], first - 1)
                continue
            for one, data in zip(wanted, found, strict=True):
                if data is not None:
                    yield one, data
            number = wanted[-1]

    def drop_before(self, number: int) -> None:
        """Purge up to a number."""
        self._link.call(lambda js: js.purge_stream(self._address.name, seq=number + 1))

    def troubles(self) -> Iterator[tuple[str, str]]:
        """What of the stream's settings could lose acknowledged events."""
        from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType

        config = self._link.call(self._stream).config
        if config.storage == StorageType.MEMORY:
            yield "the stream keeps its messages in memory only", "make it with file storage"
        if config.retention not in (None, RetentionPolicy.LIMITS):
            yield "the stream deletes messages when others read them", "make it with the retention policy `limits`"
        if config.max_age:
            yield "the stream deletes messages after some time, loaded or not", "set its max_age to 0"
        limited = any((limit or -1) > 0 for limit in (config.max_msgs, config.max_bytes, config.max_msgs_per_subject))
        if limited and config.discard != DiscardPolicy.NEW:
            yield "the stream drops old messages when it is full, loaded or not", "set its discard policy to `new`"

    def close(self) -> None:
        """Let go of the connection."""
        self._link.close()

    async def _stream(self, js: JetStreamContext) -> StreamInfo:
        from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
        from nats.js.errors import NotFoundError

        try:
            return await js.stream_info(self._address.name)
        except NotFoundError:
            subject = self._address.options.get("subject") or f"regulars.journal.{self._address.name}"
            return await js.add_stream(
                StreamConfig(
                    name=self._address.name,
                    description="events on their way into regulars; encrypted, and deleted once loaded",
                    subjects=[subject],
                    retention=RetentionPolicy.LIMITS,
                    storage=StorageType.FILE,
                    discard=DiscardPolicy.NEW,
                    num_replicas=self._address.replicas or 1,
                )
            )

    async def _messages(self, js: JetStreamContext, wanted: range) -> list[bytes | None]:
        return await asyncio.gather(*(self._message(js, one) for one in wanted))

    async def _message(self, js: JetStreamContext, number: int) -> bytes | None:
        from nats.js.errors import NotFoundError

        try:
            return (await js.get_msg(self._address.name, seq=number)).data or b""
        except NotFoundError as fault:
            if fault.err_code == _NOT_FOUND:
                return None
            raise
