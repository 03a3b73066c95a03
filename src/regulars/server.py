"""Serving a house over HTTP, its worker and its loader beside it, until somebody stops it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from regulars import rooms
from regulars.access import shops
from regulars.app import House, console_address
from regulars.work import enqueue, enqueue_due

_SCHEDULES_EVERY_SECONDS = 60.0


def run_server(
    house: House,
    *,
    announce: Callable[[str], None],
    meanwhile: Callable[[House], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> None:
    """Serve until stopped; on the very first start, announce the link that makes somebody the owner.

    Nothing runs beside the building of the web application: it imports and compiles what the worker, the loader and the commands
    of `meanwhile` use as well.
    """
    import uvicorn

    from regulars.access import operators

    settings = house.settings
    address = console_address(settings)
    app = house.http()
    house.warehouse.make_ready()
    with house.records.unit() as uow:
        token = operators.first_owner_link(uow)
        for shop in shops.list_all(uow):
            for kind in rooms.jobs_at_start():
                enqueue(uow, kind, {}, shop_id=shop.shop_id, key=f"{kind}:{shop.shop_id}")
    if token:
        announce(f"open this once to become the owner: {address}/welcome/{token}")
    house.worker.also(_scheduled(house))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        ws_max_size=4 * 1024 * 1024,
    )
    with meanwhile(house):
        house.worker.start()
        house.loader.start()
        house.read_streams()
        announce(f"console and API: {address}")
        for message, _, where in house.journal.troubles():
            announce(f"{message} ({where}): run `regulars doctor`")
        gc.freeze()  # what starting made stays: it need not be looked through for garbage again and again
        uvicorn.Server(config).run()


def _scheduled(house: House) -> Callable[[], int]:
    """A part of the worker's tick: once a minute, ask for the scheduled jobs that are due."""
    plans = rooms.schedules()
    asked_at = [-_SCHEDULES_EVERY_SECONDS]

    def tick() -> int:
        if time.monotonic() - asked_at[0] < _SCHEDULES_EVERY_SECONDS:
            return 0
        asked_at[0] = time.monotonic()
        with house.records.unit() as uow:
            return enqueue_due(uow, plans, [shop.shop_id for shop in shops.list_all(uow)])

    return tick
