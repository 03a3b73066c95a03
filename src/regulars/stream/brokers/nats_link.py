"""One connection to NATS with an event loop of its own, for code that runs in threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from regulars.errors import InvalidInput, RegularsError, StorageFull, Unavailable

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

    from regulars.stream.brokers.addresses import Address

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS = 10.0
_CONNECT_SECONDS = 5.0
#: JetStream's own codes: no room for the account, for the stream, on the disk; limits of messages and of bytes.
_FULL = frozenset({10023, 10028, 10047, 10054, 10077})


class NatsLink:
    """Connects when first asked; while the server is away every call says so within seconds, and goes through once it is back."""

    def __init__(self, address: Address) -> None:
        try:
            import nats  # noqa: F401
        except ImportError:
            raise Unavailable(
                "the library for NATS is not installed", mend="install it with `pip install 'regulars[nats]'`", code="no_driver"
            ) from None
        self.address = address
        self._client: Client | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="regulars-nats", daemon=True)
        self._thread.start()

    def call(self, ask: Callable[[JetStreamContext], Coroutine[Any, Any, T]], seconds: float = SECONDS) -> T:
        """Do something with JetStream.

        Raises
        ------
        Unavailable, StorageFull : the server is away, refuses, or has no room.
        """

        async def asked() -> T:
            client = await self._connected()
            async with asyncio.timeout(seconds):
                return await ask(client.jetstream(timeout=seconds))

        future = asyncio.run_coroutine_threadsafe(asked(), self._loop)
        try:
            return future.result(seconds + _CONNECT_SECONDS + 1)
        except RegularsError:
            raise
        except (TimeoutError, concurrent.futures.TimeoutError):
            future.cancel()
            raise self.away(f"gave no answer within {seconds:.0f} seconds") from None
        except Exception as fault:
            raise self._explained(fault) from None

    @property
    def most_bytes(self) -> int:
        """The largest message the server takes."""
        return self._client.max_payload if self._client is not None else 1 << 20

    def away(self, why: str) -> Unavailable:
        """The sentence for a server that does not do its part."""
        return Unavailable(
            f"NATS at {','.join(self.address.hosts)} {why}",
            mend="look after the NATS server; this goes on by itself once it answers",
            code="broker_away",
        )

    def close(self) -> None:
        """Let go of the connection."""
        if self._loop.is_closed():
            return

        async def closed() -> None:
            if self._client is not None:
                await self._client.close()

        try:
            asyncio.run_coroutine_threadsafe(closed(), self._loop).result(5)
        except Exception:
            log.debug("a connection to NATS did not close in time")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._loop.is_running():
            self._loop.close()

    async def _connected(self) -> Client:
        from nats.aio.client import Client

        if self._client is not None and self._client.is_connected:
            return self._client
        if self._client is not None and not self._client.is_closed:
            raise self.away("does not answer")
        client, told = Client(), list[Exception]()

        async def hear(fault: Exception) -> None:
            if len(told) < 50:
                told.append(fault)
            log.debug("NATS: %s", type(fault).__name__)

        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await client.connect(
                    **self.address.nats_options(),
                    name="regulars",
                    connect_timeout=3,
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.5,  # type: ignore[arg-type]
                    ping_interval=5,
                    max_outstanding_pings=2,
                    pending_size=0,
                    error_cb=hear,
                )
        except (Exception, asyncio.CancelledError) as fault:
            await client.close()
            refused = [one for one in told if "authorization" in str(one).lower()]
            if refused:
                raise self.away("refuses this user") from None
            if isinstance(fault, (TimeoutError, asyncio.CancelledError)):
                raise self.away("does not answer") from None
            raise self._explained(fault) from None
        self._client = client
        return client

    def _explained(self, fault: Exception) -> RegularsError:
        import nats.errors
        from nats.js.errors import APIError, NoStreamResponseError, ServiceUnavailableError

        words = str(fault).lower()
        if isinstance(fault, nats.errors.AuthorizationError) or "authorization" in words or "permissions violation" in words:
            return self.away("refuses this user")
        if isinstance(fault, APIError) and fault.err_code in _FULL:
            return StorageFull(
                f"NATS at {','.join(self.address.hosts)} has no room left for the stream {self.address.name}",
                mend="give the stream or the account more room; events sent now were not taken",
            )
        if isinstance(fault, NoStreamResponseError):
            return self.away(f"does not keep the stream {self.address.name}")
        if isinstance(fault, ServiceUnavailableError) or "jetstream not enabled" in words:
            return self.away("has JetStream switched off, or no leader for it now")
        if isinstance(fault, APIError):
            return self.away(f"refused: {str(fault.description)[:200]}")
        if isinstance(fault, ValueError):
            return InvalidInput("the address of the stream cannot be used", mend="look at its parts", code="bad_stream_url")
        return self.away(f"cannot be reached ({type(fault).__name__})")
