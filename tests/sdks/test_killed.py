"""A server that is killed in the middle costs no event: every SDK sends again by itself, and what was sent twice is kept once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sdks.browsers import Visit, chromium, ready, site, visit
from tests.sdks.installed import Installed
from tests.sdks.programs import Program, start
from tests.sdks.shop import Landed, Shop, open_shop

pytestmark = [pytest.mark.sdks, pytest.mark.browser]

#: Tries enough for as long as a server needs to come back: some give up after seconds by default (see the how-to).
PROGRAMS: dict[str, dict[str, Any]] = {
    "segment_python": {},
    "rudder_python": {},
    "posthog_python": {"max_retries": 10},
    "segment_node": {"maxRetries": 20},
    "rudder_node": {"retryCount": 12},
    "posthog_node": {"fetchRetryCount": 40, "fetchRetryDelay": 1000},
}
PAGES = ("segment", "rudder", "posthog")
_FIRST, _SECOND, _THIRD = 20, 40, 140


@pytest.fixture(scope="module")
def landed(sdks: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """Events before, while the server is dead, and while it dies; then everything is waited for."""
    shop = open_shop(tmp_path_factory.mktemp("killed"), [*PROGRAMS, *PAGES])
    shop.start()
    with site(sdks.node_modules) as origin, chromium() as browser:
        programs = {
            name: start(sdks, name, host=shop.url, key=shop.keys[name], options=options) for name, options in PROGRAMS.items()
        }
        visits = {name: visit(browser, origin, name, host=shop.url, key=shop.keys[name]) for name in PAGES}
        for made in visits.values():
            ready(made)
        _all(programs, visits, 0, _FIRST)
        for program in programs.values():
            program.do("flush")

        shop.kill()
        _all(programs, visits, _FIRST, _SECOND)
        time.sleep(0.5)
        shop.start()
        for program in programs.values():
            program.do("flush")

        _all(programs, visits, _SECOND, _THIRD)
        for program in programs.values():
            program.tell("flush")
        _kill_while_events_come(shop)
        shop.start()
        for program in programs.values():
            assert program.hear() == "done flush"
            program.end()
        for name, made in visits.items():
            made.settle_events(_THIRD + (name == "posthog"))  # posthog tells of the page by itself
            made.leave()
    yield shop.landed()
    shop.stop()


def _all(programs: dict[str, Program], visits: dict[str, Visit], begin: int, end: int) -> None:
    for program in programs.values():
        program.tell("send", begin, end)
    for made in visits.values():
        for number in range(begin, end):
            made.tell("track", "Numbered", {"number": number})
    for program in programs.values():
        assert program.hear() == "done send"


def _kill_while_events_come(shop: Shop) -> None:
    """kill -9 as soon as the journal grows."""
    before = _journal_bytes(shop)
    ends = time.monotonic() + 5
    while _journal_bytes(shop) == before and time.monotonic() < ends:
        time.sleep(0.005)
    shop.kill()


def _journal_bytes(shop: Shop) -> int:
    return sum(path.stat().st_size for path in (shop.home / "journal").glob("*"))


@pytest.mark.parametrize("name", [*PROGRAMS, *PAGES])
def test_every_event_is_there_once(landed: Landed, name: str) -> None:
    found = Counter(row["properties"]["number"] for row in landed.of(name, "track", "Numbered"))

    assert {number: count for number, count in found.items() if count != 1} == {}
    assert sorted(found) == list(range(_THIRD))


def test_nothing_was_put_aside(landed: Landed) -> None:
    assert landed.refused == []
