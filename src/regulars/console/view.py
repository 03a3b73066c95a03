"""What a page is given: who looks at which shop, in which language and theme, with which filters; how to load and act.

A page function builds elements and returns; what takes time is asked for with `s.load(ask, show)`: `ask` runs beside the event
loop, a skeleton stands in the place meanwhile, `show` draws the answer, and an error is said in that very place with its mend.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

from nicegui import background_tasks, ui

from regulars.access.domain import Caller, Permission, Shop
from regulars.console import parts
from regulars.console.registry import PANELS, ScreenSpec
from regulars.console.words import Words
from regulars.errors import NotAllowed, RegularsError

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records
    from regulars.stream.intake import Intake
    from regulars.stream.journal import Journal
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Filters that go along from screen to screen.
CARRIED = ("shop", "period", "from", "to")
#: How long the answer to the browser waits for quick loads, so that most pages arrive complete.
PATIENCE_SECONDS = 0.45
#: A second click within this time after an act is part of the first one.
DOUBLE_CLICK_SECONDS = 0.6
#: After this long a load is given up and says so.
LIMIT_SECONDS = 180.0


class Stores(Protocol):
    """The stores of the composed application, as far as screens need them."""

    @property
    def records(self) -> Records:
        """Operational records."""

    @property
    def warehouse(self) -> Warehouse:
        """The analytical store."""

    @property
    def home(self) -> Path:
        """The data folder."""

    @property
    def keyring(self) -> Keyring:
        """The master key's keeper."""

    @property
    def journal(self) -> Journal:
        """Where events are made durable."""

    @property
    def intake(self) -> Intake:
        """How far events are loaded, and what was turned away."""


class Screen(Words):
    """One open page of one operator."""

    def __init__(
        self,
        spec: ScreenSpec,
        *,
        house: Stores,
        caller: Caller,
        shop: Shop,
        shops: tuple[Shop, ...],
        language: str,
        dark: bool,
        theme: str,
        address: str,
        base_url: str,
        query: Mapping[str, str],
        path: Mapping[str, str],
    ) -> None:
        super().__init__(language=language, zone=shop.timezone)
        self.spec = spec
        self.house = house
        self.caller = caller
        self.shop = shop
        self.shops = shops
        self.dark = dark
        self.theme = theme
        self.address = address
        self.base_url = base_url
        self.query = dict(query)
        self.path = dict(path)
        self.currency = shop.currency  # a page whose answer is in the data's own currency sets it
        self.body: ui.element | None = None
        self._generation = 0
        self._parts: dict[str, tuple[ui.element, Callable[[], None]]] = {}
        self._pending: set[asyncio.Task[None]] = set()

    @property
    def records(self) -> Records:
        """Operational records."""
        return self.house.records

    @property
    def warehouse(self) -> Warehouse:
        """The analytical store."""
        return self.house.warehouse

    @property
    def home(self) -> Path:
        """The data folder."""
        return self.house.home

    # --- permissions
    def may(self, permission: Permission) -> bool:
        """Whether the one who looks holds a permission."""
        return self.caller.may(permission)

    # --- address: filters live in it, so that a view can be shared
    def choice(self, name: str, values: tuple[str, ...], default: str = "") -> str:
        """A filter of the address that must be one of `values`; anything else counts as the default."""
        given = self.query.get(name, "")
        return given if given in values else default

    def number(self, name: str, default: int = 0, *, least: int = 0, most: int = 1_000_000_000) -> int:
        """A whole number of the address, kept in bounds."""
        try:
            return max(least, min(most, int(self.query.get(name, default))))
        except ValueError:
            return default

    def date(self, name: str) -> date | None:
        """A date of the address, or None."""
        try:
            return date.fromisoformat(self.query.get(name, ""))
        except ValueError:
            return None

    def url(self, path: str | None = None, /, **changes: Any) -> str:
        """An address inside the console: this page with changed filters, or another page that carries shop and period along."""
        wanted = {name: value for name, value in self.query.items() if path is None or name in CARRIED}
        for name, value in changes.items():
            name = name.rstrip("_")
            if value is None or value == "":
                wanted.pop(name, None)
            else:
                wanted[name] = str(value)
        text = urlencode(wanted)
        return (path if path is not None else self.address) + (f"?{text}" if text else "")

    def customer_url(self, customer_id: str) -> str:
        """The page of one customer, or of a visitor whom nobody has named yet."""
        place = "/visitors/" if customer_id.startswith("v_") else "/customers/"
        return self.url(place + quote(customer_id, safe=""))

    def go(self, **changes: Any) -> None:
        """Change filters: the address follows, the page is drawn anew in place."""
        self.set_query(**changes)
        self.redraw()

    def set_query(self, **changes: Any) -> None:
        """Change filters in the address without drawing the page anew."""
        address = self.url(None, **changes)
        for name, value in changes.items():
            name = name.rstrip("_")
            if value is None or value == "":
                self.query.pop(name, None)
            else:
                self.query[name] = str(value)
        parts.run_js("regulars.address", address)

    def part(self, name: str, build: Callable[[], None]) -> None:
        """A part of the page that can be drawn anew by itself with `redraw_part`."""
        self._parts[name] = (parts.box("rg-load"), build)
        with self._parts[name][0]:
            build()

    def redraw_part(self, name: str) -> None:
        """Draw one part again; what is still loading for it is dropped."""
        place, build = self._parts[name]
        place.clear()
        with place:
            build()

    def redraw(self) -> None:
        """Draw the page's content again."""
        self._generation += 1
        if self.body is not None:
            self.body.clear()
            with self.body:
                self.draw()

    def draw(self) -> None:
        """Let the page function build; an error there is said in place."""
        try:
            self.spec.build(self)
        except Exception as error:  # whatever goes wrong, the operator reads a sentence
            self.say_error(error)

    def panels(self, place: str) -> None:
        """The parts that other rooms add to this place, for those who may see them."""
        for spec in PANELS:
            if spec.place == place and self.may(spec.permission):
                spec.build(self)

    # --- asking and acting
    def load(self, ask: Callable[[], T], show: Callable[[T], None], *, skeleton: str = "card") -> None:
        """Ask beside the event loop, draw when the answer is there; skeleton meanwhile, error in place."""
        generation = self._generation
        box = parts.box("rg-load")
        with box:
            parts.skeleton(skeleton)

        async def work() -> None:
            try:
                answer = await asyncio.wait_for(asyncio.to_thread(ask), LIMIT_SECONDS)
            except Exception as error:
                if generation == self._generation and not box.is_deleted:
                    box.clear()
                    with box:
                        self.say_error(error)
                return
            if generation != self._generation or box.is_deleted:
                return
            box.clear()
            with box:
                try:
                    show(answer)
                except Exception as error:
                    box.clear()
                    self.say_error(error)

        task = background_tasks.create(work(), name=f"load for {self.address}")
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    def follow(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on beside the page; what is quick is part of the first picture."""
        task = background_tasks.create(work, name=f"work for {self.address}")
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def settle(self) -> None:
        """Wait a moment for loads under way, so that quick answers are part of the first picture."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while self._pending and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)

    async def ask(self, verb: Callable[[], T]) -> T:
        """Run a verb beside the event loop; its error is the caller's to say."""
        return await asyncio.to_thread(verb)

    def act(
        self, verb: Callable[[], T], done: Callable[[T], Any] | str | None = None, *, permission: Permission | None = None
    ) -> Callable[[], Awaitable[None]]:
        """An event handler that runs a changing verb, then says `done` (a sentence) or calls it; an error becomes a notice.

        The second click of a double click is not a second wish: while the verb runs, and for a moment after, others are ignored.
        """
        busy = False

        async def handle() -> None:
            nonlocal busy
            if busy:
                return
            busy = True
            try:
                await perform()
            finally:
                asyncio.get_running_loop().call_later(DOUBLE_CLICK_SECONDS, rest)

        def rest() -> None:
            nonlocal busy
            busy = False

        async def perform() -> None:
            try:
                if permission is not None:
                    self.caller.demand(permission)
                answer = await asyncio.to_thread(verb)
            except Exception as error:
                self.notify_error(error)
                return
            if isinstance(done, str):
                self.notify(done)
            elif done is not None:
                result = done(answer)
                if asyncio.iscoroutine(result):
                    await result

        return handle

    def notify(self, text: str, tone: str = "good") -> None:
        """A short notice at the edge of the screen."""
        ui.notify(
            text, type="positive" if tone == "good" else "negative" if tone == "bad" else "info", position="bottom", timeout=4000
        )

    def notify_error(self, error: Exception) -> None:
        """An error of an action as a notice."""
        said, mend = self.error_words(error)
        ui.notify(
            f"{said} {mend}".strip(),
            type="negative",
            position="bottom",
            timeout=9000,
            close_button=self.t("Close"),
            multi_line=True,
        )

    def say_error(self, error: Exception) -> None:
        """An error where the content would have stood."""
        said, mend = self.error_words(error)
        tone = "warn" if isinstance(error, RegularsError) and error.http_status < 500 else "bad"
        with parts.notice(said, mend, tone=tone) as box:
            box.props("role=alert")
            if not isinstance(error, NotAllowed):
                parts.button(self.t("Try again"), self.redraw, icon="refresh")

    def error_words(self, error: Exception) -> tuple[str, str]:
        """What to tell about an error; the unforeseen is logged under a reference that the operator can quote."""
        if isinstance(error, RegularsError):
            return self.error(error)
        if isinstance(error, asyncio.TimeoutError | TimeoutError):
            return self.t("This took too long and was stopped."), self.t("Choose a shorter period and try again.")
        reference = secrets.token_hex(4)
        log.error("page failed", exc_info=error, extra={"reference": reference, "address": self.address})
        return (
            self.t("Something went wrong on our side."),
            self.t("Try again; if it stays, look for {reference} in the server's log.", reference=reference),
        )
