"""The searchable catalogues of an installation: opened when first asked for, following every change of the products, never seen half made."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from regulars.collect import catalog
from regulars.errors import RegularsError
from regulars.serve.search import keeping
from regulars.serve.search.domain.catalogue import Catalogue

if TYPE_CHECKING:
    from regulars.serve.search.rules import Rules
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 0.1
_READ_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Held:
    """One shop's catalogue, and what it was made from."""

    catalogue: Catalogue
    picture: catalog.Picture


class Shelf:
    """The catalogues of one warehouse. Searches read what is there; one thread at a time makes what comes next and exchanges it."""

    def __init__(self, warehouse: Warehouse, home: Path) -> None:
        self._warehouse = warehouse
        self._home = home
        self.rules: dict[str, tuple[Any, Rules]] = {}  # as last read, by shop
        self._held: dict[str, Held] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._one = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def catalogue(self, shop_id: str) -> Catalogue:
        """The shop's products as they can be searched now.

        In a server a thread of its own follows changes; elsewhere they are looked for here.
        """
        held = self._held.get(shop_id)
        if held is None or self._thread is None:
            held = self.follow(shop_id)
        return held.catalogue

    def follow(self, shop_id: str) -> Held:
        """Bring the shop's catalogue up to the products of this moment."""
        with self._one:
            lock = self._locks.setdefault(shop_id, threading.Lock())
        with lock:
            held = self._held.get(shop_id)
            if held is None and (kept := keeping.load(self._home, shop_id)) is not None:
                held = Held(kept.catalogue, kept.picture)
            made = self._made(shop_id) if held is None else self._changed(shop_id, held)
            if held is None or made.catalogue.main is not held.catalogue.main:
                self._save(shop_id, made)
            self._held[shop_id] = made
            return made

    def rebuild(self, shop_id: str) -> int:
        """Make the shop's catalogue anew from the warehouse; searches go on in the old one until it is done. Returns its products."""
        with self._one:
            lock = self._locks.setdefault(shop_id, threading.Lock())
        with lock:
            made = self._made(shop_id)
            self._held[shop_id] = made
            self._save(shop_id, made)
        return len(made.catalogue)

    def keep_up(self) -> None:
        """Follow changes in a thread from now on."""
        with self._one:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._loop, name="regulars-search", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def _loop(self) -> None:
        told = ""
        while not self._stop.wait(_LOOK_EVERY_SECONDS):
            for shop_id in list(self._held):
                try:
                    self.follow(shop_id)
                    told = ""
                except Exception as error:
                    if str(error) != told:
                        log.warning("the search index could not follow: %s", error, exc_info=not isinstance(error, RegularsError))
                    told = str(error)

    def _made(self, shop_id: str) -> Held:
        begun = time.monotonic()
        picture = catalog.begun(self._warehouse, shop_id)
        found = Catalogue.of(one for one in catalog.products(self._warehouse, shop_id) if one.shown)
        log.info(
            "search index made", extra={"shop_id": shop_id, "products": len(found), "seconds": round(time.monotonic() - begun, 2)}
        )
        return Held(found, picture)

    def _changed(self, shop_id: str, held: Held) -> Held:
        picture, changed = catalog.changed(self._warehouse, shop_id, held.picture)
        if picture is held.picture:
            return held
        found = held.catalogue
        for begin in range(0, len(changed), _READ_AT_ONCE):
            some = changed[begin : begin + _READ_AT_ONCE]
            shown = [one for one in catalog.products(self._warehouse, shop_id, some) if one.shown]
            found = found.changed(shown, set(some) - {one.product_id for one in shown})
        if found.main is not held.catalogue.main:
            found = found.compacted()  # as it is kept on disk
        return Held(found, picture)

    def _save(self, shop_id: str, made: Held) -> None:
        try:
            keeping.save(self._home, shop_id, made.catalogue, made.picture)
        except OSError as error:
            log.warning("the search index could not be kept on disk: %s", error.strerror, extra={"shop_id": shop_id})


_shelves: WeakKeyDictionary[Warehouse, Shelf] = WeakKeyDictionary()
_making = threading.Lock()


def shelf_of(warehouse: Warehouse, home: Path) -> Shelf:
    """The catalogues of an installation; always the same for one warehouse."""
    with _making:
        if (found := _shelves.get(warehouse)) is None:
            found = _shelves[warehouse] = Shelf(warehouse, home)
        return found


def close(warehouse: Warehouse) -> None:
    """Let go of the catalogues of a warehouse that is closed."""
    with _making:
        found = _shelves.pop(warehouse, None)
    if found is not None:
        found.close()
