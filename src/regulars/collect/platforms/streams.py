"""Reading a shop's own stream (Kafka, NATS JetStream) for as long as the server runs, each message once.

A batch is three steps: the stream of events takes it durably, then our cursor moves on in one transaction, then the broker is told.
What is killed between any two of them is read again under the same message ids.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update

from regulars.collect.platforms import connectors
from regulars.collect.platforms.connectors import ConnectorRun, run_of
from regulars.collect.platforms.runs import claim, finish, hold
from regulars.collect.platforms.sink import Sink, sink_of
from regulars.collect.platforms.tables import connector, connector_run
from regulars.collect.platforms.taking import consumer_of, shaped
from regulars.errors import Conflict, NotFound, RegularsError
from regulars.stream.brokers import Feed, open_feed, parse
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 2.0
_IDLE_SECONDS = 1.0
_HELD_EVERY_SECONDS = 15.0
_RUN_SECONDS = 3600.0
_AFTER_A_FAILURE = timedelta(seconds=20)


class StreamReaders:
    """Reads every connected stream that is not paused, each in a thread of its own, until `stop`."""

    def __init__(self, records: Records, home: Path, keyring: Keyring) -> None:
        self._records = records
        self._home = home
        self._keyring = keyring
        self._stop = threading.Event()
        self._reading: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._loop, name="regulars-streams", daemon=True)

    def start(self) -> None:
        """Begin, and look for new ones every two seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Let everybody finish the batch that is being taken, then end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)
        for thread in list(self._reading.values()):
            thread.join(30)

    def _loop(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_SECONDS):
            try:
                self._reading = {name: thread for name, thread in self._reading.items() if thread.is_alive()}
                for connector_id in self._due():
                    if connector_id not in self._reading:
                        thread = threading.Thread(target=self._read, args=(connector_id,), name="regulars-stream", daemon=True)
                        self._reading[connector_id] = thread
                        thread.start()
            except Exception:
                log.exception("streams could not be looked for")

    def _due(self) -> list[str]:
        c = connector.c
        free = or_(c.running_until.is_(None), c.running_until < clock.now())
        wanted = select(c.connector_id).where(c.takes == "stream", c.paused.is_(False), c.next_run_at <= clock.now(), free)
        with self._records.reading() as view:
            return [row["connector_id"] for row in view.rows(wanted)]

    def _read(self, connector_id: str) -> None:
        try:
            read_stream(self._records, self._home, self._keyring, connector_id, stop=self._stop)
        except (Conflict, NotFound):
            return
        except RegularsError as error:
            log.warning("a stream could not be read: %s", error, extra={"connector_id": connector_id})
        except Exception:
            log.exception("a stream could not be read", extra={"connector_id": connector_id})


def read_stream(
    records: Records,
    home: Path,
    keyring: Keyring,
    connector_id: str,
    *,
    stop: threading.Event | None = None,
    sink: Sink | None = None,
) -> ConnectorRun:
    """Read a stream from where it was left.

    Parameters
    ----------
    stop : read on until it is set, the connector is paused, or an hour is over; without one, until nothing more is there.
    sink : where messages go; by default the stream of events, with the connector as their source.

    Raises
    ------
    NotFound : no such connector. Conflict : another run has it. InvalidInput, Unavailable : what is wrong with the stream.
    """
    run_id, row = claim(records, connector_id)
    feed: Feed | None = None
    try:
        out = sink or sink_of(records, home, row["shop_id"], connector_id)
        feed = open_feed(parse(connectors.address_of(row, keyring)), consumer_of(connector_id))
        feed.begin((row["cursor"] or {}).get("places", {}))
        _read(records, out, feed, run_id, row, stop)
    except RegularsError as error:
        finish(records, run_id, connector_id, "failed", error, again_in=_AFTER_A_FAILURE)
        raise
    except BaseException:
        finish(records, run_id, connector_id, "stopped", None, again_in=_AFTER_A_FAILURE)
        raise
    finally:
        if feed is not None:
            feed.close()
    finish(records, run_id, connector_id, "done", None, again_in=timedelta(0))
    with records.reading() as view:
        ended = view.one(select(connector_run).where(connector_run.c.run_id == run_id))
    assert ended is not None
    return run_of(ended)


def _read(records: Records, sink: Sink, feed: Feed, run_id: str, row: Mapping[str, Any], stop: threading.Event | None) -> None:
    places: dict[str, int] = dict((row["cursor"] or {}).get("places", {}))
    begun = held_at = time.monotonic()
    while (stop is None or not stop.is_set()) and time.monotonic() - begun < _RUN_SECONDS:
        told = feed.fetch(row["batch_rows"], _IDLE_SECONDS)
        if not told:
            if stop is None:
                return
            if time.monotonic() - held_at > _HELD_EVERY_SECONDS:
                held_at = time.monotonic()
                _keep(records, run_id, row["connector_id"], places, feed.lag(), 0, 0, 0)
            if _paused(records, row["connector_id"]):
                return
            continue
        messages, refused = shaped(told)
        if messages:
            sink.accept(messages)
        for raw, reason, detail in refused:
            sink.refuse(raw, reason, detail)
        for one in told:
            places[one.partition] = max(one.behind, places.get(one.partition, 0))
        paused = _keep(records, run_id, row["connector_id"], places, feed.lag(), len(told), len(messages), len(refused))
        held_at = time.monotonic()
        feed.confirm(places)
        if paused and stop is not None:
            return


def _keep(
    records: Records, run_id: str, connector_id: str, places: Mapping[str, int], lag: int, rows: int, messages: int, refused: int
) -> bool:
    """Move the cursor on, in one transaction with the run's counts; whether somebody paused it meanwhile."""
    value = (
        f"{next(iter(places.values()))}" if list(places) == ["0"] else " ".join(f"{one}:{at}" for one, at in sorted(places.items()))
    )
    cursor = {"kind": "stream", "value": value[:300], "places": dict(places), "lag": lag}
    with records.unit() as uow:
        hold(uow, run_id, connector_id)
        c, r = connector, connector_run
        uow.execute(update(c).where(c.c.connector_id == connector_id).values(cursor=cursor))
        uow.execute(
            update(r)
            .where(r.c.run_id == run_id)
            .values(
                rows=r.c.rows + rows,
                messages=r.c.messages + messages,
                quarantined=r.c.quarantined + refused,
                cursor_after={"kind": "stream", "value": value[:300]},
            )
        )
        return bool(uow.value(select(c.c.paused).where(c.c.connector_id == connector_id)))


def _paused(records: Records, connector_id: str) -> bool:
    with records.reading() as view:
        return view.value(select(connector.c.paused).where(connector.c.connector_id == connector_id)) is not False
