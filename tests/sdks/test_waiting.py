"""A server that is busy, or whose disk is full, says how long to wait: SDKs wait, send again, and nothing is lost or doubled."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sdks.browsers import chromium, ready, site, visit
from tests.sdks.installed import Installed
from tests.sdks.programs import start
from tests.sdks.relay import BUSY_SECONDS, Relay, relay
from tests.sdks.shop import Landed, Shop, open_shop

pytestmark = [pytest.mark.sdks, pytest.mark.browser]

PROGRAMS: dict[str, dict[str, Any]] = {
    "segment_python": {},
    "rudder_python": {},
    "posthog_python": {"max_retries": 10},
    "segment_node": {"maxRetries": 20},
    "rudder_node": {"retryCount": 12},
    "posthog_node": {"fetchRetryCount": 20, "fetchRetryDelay": 500},
}
PAGES = ("segment", "rudder", "posthog")
EVERY = (*PROGRAMS, *PAGES)
_MANY, _ALL = 5, 10


@dataclass
class Waited:
    """What arrived, and when each SDK tried."""

    landed: Landed
    relays: dict[str, Relay]


@pytest.fixture(scope="module")
def waited(sdks: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waited]:
    """Each SDK is told twice that the server is busy; later the server cannot write for a while."""
    shop = open_shop(tmp_path_factory.mktemp("waiting"), EVERY)
    shop.start()
    with ExitStack() as stack:
        relays = {name: stack.enter_context(relay(shop.port)) for name in EVERY}
        origin, browser = stack.enter_context(site(sdks.node_modules)), stack.enter_context(chromium())
        programs = {
            name: start(sdks, name, host=relays[name].url, key=shop.keys[name], options=options)
            for name, options in PROGRAMS.items()
        }
        visits = {name: visit(browser, origin, name, host=relays[name].url, key=shop.keys[name]) for name in PAGES}
        for name, made in visits.items():
            ready(made)
            if name == "posthog":
                made.settle_events(1)
        for begin, end in ((0, _MANY), (_MANY, _ALL)):
            if begin:
                _let_write(shop, False)
            else:
                for one in relays.values():
                    one.busy = 2
            for program in programs.values():
                program.do("send", begin, end)
                program.tell("flush")
            for made in visits.values():
                for number in range(begin, end):
                    made.tell("track", "Numbered", {"number": number})
            if begin:
                _until_all_were_refused(relays, visits["segment"].page)
                _let_write(shop, True)
            for program in programs.values():
                assert program.hear() == "done flush"
            for name, made in visits.items():
                made.settle_events(end + (name == "posthog"))
        for program in programs.values():
            program.end()
    yield Waited(shop.landed(), relays)
    shop.stop()


def _let_write(shop: Shop, may: bool) -> None:
    """Take from the running server the right to make files longer, as a full disk does; or give it back."""
    assert shop.server is not None
    limit = resource.RLIM_INFINITY if may else 0
    resource.prlimit(shop.server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def _until_all_were_refused(relays: dict[str, Relay], page: Any) -> None:
    ends = time.monotonic() + 30
    while not all(any(one.status == 503 for one in relay.tries) for relay in relays.values()):
        assert time.monotonic() < ends, {name: [one.status for one in relay.tries] for name, relay in relays.items()}
        page.wait_for_timeout(50)


@pytest.mark.parametrize("name", EVERY)
def test_every_event_is_there_once(waited: Waited, name: str) -> None:
    found = Counter(row["properties"]["number"] for row in waited.landed.of(name, "track", "Numbered"))

    assert {number: count for number, count in found.items() if count != 1} == {}
    assert sorted(found) == list(range(_ALL))


@pytest.mark.parametrize("name", EVERY)
def test_each_was_told_to_wait_and_tried_again(waited: Waited, name: str) -> None:
    statuses = [one.status for one in waited.relays[name].tries]

    assert statuses.count(429) == (0 if name.startswith("posthog") else 2)
    assert statuses.count(503) >= 1
    assert set(statuses) <= {200, 429, 503}


@pytest.mark.parametrize("name", ["segment_python", "segment_node", "rudder_node", "posthog_python"])
def test_programs_that_read_retry_after_wait_as_long_as_they_were_asked(waited: Waited, name: str) -> None:
    relay = waited.relays[name]

    assert min(relay.gaps(503 if name == "posthog_python" else 429)[:2]) >= BUSY_SECONDS - 0.1


@pytest.mark.parametrize("name", ["segment", "rudder"])
def test_pages_of_another_site_can_read_retry_after(waited: Waited, name: str) -> None:
    """What is refused comes again no sooner than asked; later events overtake it."""
    tries = waited.relays[name].tries[: _MANY + 2]

    first = next(one.at for one in tries if one.status == 429)
    assert len([one for one in tries if one.at - first < BUSY_SECONDS - 0.1]) <= _MANY
