"""Reading a stream of NATS JetStream in its order, with a durable consumer whose messages are acknowledged one by one.

A message that was delivered to a reader that died, or lost with a connection, would come again behind later ones, and a cursor
that has passed it could never say so. So a consumer with anything open, or with a hole in what it delivers, is made anew at
our cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from regulars.stream.brokers.feeds import Told
from regulars.stream.brokers.nats_link import SECONDS, NatsLink

if TYPE_CHECKING:
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

    from regulars.stream.brokers.addresses import Address

_ONLY = "0"
_ACK_WAIT_SECONDS = 60


class NatsFeed:
    """One durable consumer of one stream."""

    def __init__(self, address: Address, name: str) -> None:
        self._address = address
        self._name = name
        self._link = NatsLink(address)
        self._sub: JetStreamContext.PullSubscription | None = None
        self._open: list[tuple[int, Msg]] = []
        self._after = 0
        self._delivered = 0

    def peek(self, most: int) -> Sequence[Told]:
        """Asked of the stream itself, so that no consumer is made."""
        return self._link.call(lambda js: self._peeked(js, most))

    def begin(self, cursor: Mapping[str, int]) -> None:
        """Take up the consumer where the server and we agree; make it anew where they do not."""
        self._after = cursor.get(_ONLY, 0)
        self._sub = self._link.call(self._begun)
        self._open.clear()

    def fetch(self, most: int, seconds: float) -> Sequence[Told]:
        """The next messages of the consumer."""
        messages = self._link.call(lambda js: self._fetched(most, seconds), seconds + SECONDS)
        found: list[Told] = []
        for message in messages:
            about = message.metadata
            number = about.sequence.stream
            if about.sequence.consumer != self._delivered + 1:
                self._sub = self._link.call(self._begun)
                return found or self.fetch(most, seconds)
            self._delivered, self._after = about.sequence.consumer, number
            moment = int(about.timestamp.timestamp() * 1_000_000)
            self._open.append((number, message))
            found.append(Told(f"nats-{self._address.name}-{number}-{moment}", message.data, _ONLY, number, moment))
        return found

    def confirm(self, cursor: Mapping[str, int]) -> None:
        """Acknowledge."""
        done = [message for number, message in self._open if number <= cursor.get(_ONLY, 0)]
        self._open = [one for one in self._open if one[0] > cursor.get(_ONLY, 0)]

        async def acknowledged(js: JetStreamContext) -> None:
            for message in done:
                await message.ack()
            await message._client.flush(5)

        if done:
            self._link.call(acknowledged)

    def lag(self) -> int:
        """What the consumer has not delivered."""
        info = self._link.call(lambda js: js.consumer_info(self._address.name, self._name))
        return int(info.num_pending or 0)

    def close(self) -> None:
        """Let go of the connection; the consumer stays at the server."""
        self._link.close()

    async def _peeked(self, js: JetStreamContext, most: int) -> list[Told]:
        from nats.js.errors import NotFoundError

        state = (await js.stream_info(self._address.name)).state
        found = []
        for number in range(max(state.first_seq, 1), min(max(state.first_seq, 1) + most, state.last_seq + 1)):
            try:
                message = await js.get_msg(self._address.name, seq=number)
            except NotFoundError:
                continue
            found.append(Told(f"nats-{self._address.name}-{number}", message.data or b"", _ONLY, number, 0))
        return found

    async def _begun(self, js: JetStreamContext) -> JetStreamContext.PullSubscription:
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
        from nats.js.errors import NotFoundError

        stream, after = self._address.name, self._after
        subject = self._address.options.get("subject")
        if self._sub is not None:
            await self._sub.unsubscribe()
        try:
            known = await js.consumer_info(stream, self._name)
            floor = known.ack_floor.stream_seq if known.ack_floor is not None else 0
            if floor != after or known.num_ack_pending or (known.config.filter_subject or None) != subject:
                await js.delete_consumer(stream, self._name)
                raise NotFoundError
            self._delivered = known.delivered.consumer_seq if known.delivered is not None else 0
        except NotFoundError:
            self._delivered = 0
            begin: dict[str, Any] = {"deliver_policy": DeliverPolicy.ALL}
            if after:
                begin = {"deliver_policy": DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": after + 1}
            config = ConsumerConfig(
                durable_name=self._name,
                description="read into regulars",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=_ACK_WAIT_SECONDS,
                max_ack_pending=20_000,
                filter_subject=subject,
                **begin,
            )
            await js.add_consumer(stream, config)
        return await js.pull_subscribe_bind(self._name, stream)

    async def _fetched(self, most: int, seconds: float) -> list[Msg]:
        import nats.errors

        assert self._sub is not None
        try:
            return await self._sub.fetch(most, timeout=seconds)
        except (nats.errors.TimeoutError, TimeoutError):
            return []
