"""The composition root: settings in, a working house out. The only place that builds things."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars import rooms
from regulars.access import shops
from regulars.access.keys import Keyring
from regulars.collect import imports, platforms
from regulars.errors import InvalidInput, RegularsError, StorageFull, Unavailable
from regulars.events import ShopChanged
from regulars.guard import privacy
from regulars.predict import forecast
from regulars.records import Records
from regulars.serve import recommend, search
from regulars.settings import Settings
from regulars.stream import Relay
from regulars.stream.intake import Intake, Refusals
from regulars.understand import reports
from regulars.warehouse import Warehouse, must_serve
from regulars.work import CheckContext, Finding, Worker
from regulars.work.mail import MailServer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from regulars.access.domain import Caller, Shop
    from regulars.collect.track import Loader
    from regulars.collect.track.places import Places
    from regulars.stream.journal import Journal

log = logging.getLogger(__name__)


@dataclass
class House:
    """Both stores, the keys, the stream and the worker, wired together."""

    settings: Settings
    home: Path
    keyring: Keyring
    records: Records
    warehouse: Warehouse
    relay: Relay
    worker: Worker
    migrated: list[str]
    refusals: Refusals = field(default_factory=Refusals)
    _loader: Loader | None = None
    _streams: platforms.StreamReaders | None = None

    @classmethod
    def open(cls, settings: Settings) -> House:
        """Open the stores, bring them to this release, and finish or undo what was cut off.

        Raises
        ------
        Unavailable : the data folder cannot be written, another process has the warehouse, a store is damaged or away.
        """
        must_serve(settings.warehouse_url)
        _make_home(settings.home)
        keyring = Keyring.open(settings.home)
        records = Records.open(settings.records_url)
        try:
            migrated = records.migrate()
            if privacy.finish_rotation(records, settings.home):
                keyring = Keyring.open(settings.home)
            warehouse = Warehouse.open(settings.warehouse_url, memory_limit=settings.memory_limit, threads=settings.threads or None)
        except BaseException:
            records.close()
            raise
        relay = Relay(records, warehouse, rooms.subscriptions())
        worker = Worker(records, warehouse, settings.home, rooms.job_handlers(), tick=relay.run, unhurried=rooms.unhurried())
        house = cls(settings, settings.home, keyring, records, warehouse, relay, worker, migrated)
        reports.connect_forecaster(forecast.expected_of_goal)
        for recover in rooms.recoveries():
            recover(records, warehouse, settings.home)
        platforms.connect(house.home, house.sink)
        imports.connect_history(house.home, house.history)
        if settings.smtp_url:
            reports.connect_post(
                house.home, reports.Post(MailServer.from_url(settings.smtp_url), keyring, console_address(settings))
            )
        if settings.journal_url or any((house.home / "journal").glob("*.seg")):
            _ = house.loader  # what was sent and not loaded yet belongs to what is here
        return house

    @classmethod
    def asking(cls, settings: Settings, url: str) -> House:
        """Records of this house and another warehouse, for questions only; a server may have the shop's own open meanwhile."""
        reports.connect_forecaster(forecast.expected_of_goal)
        warehouse = Warehouse.open(url, memory_limit=settings.memory_limit, threads=settings.threads or None, create=False)
        records = Records.open(settings.records_url)
        worker = Worker(records, warehouse, settings.home, {}, tick=lambda: 0)
        return cls(
            settings, settings.home, Keyring.open(settings.home), records, warehouse, Relay(records, warehouse, []), worker, []
        )

    def sink(self, records: Records, shop_id: str, source_id: str) -> platforms.Sink:
        """Where the messages of platforms and databases go: the same journal as those of SDKs."""
        from regulars.collect.platforms.sink import StreamSink

        return StreamSink(self.loader.journal, self.keyring, records, shop_id, source_id)

    def history(self, shop: Shop, caller: Caller) -> Callable[[Sequence[dict[str, Any]]], object]:
        """Where the messages of events files go: the journal, under the shop's source for imported history."""
        from regulars.collect import track

        with self.records.unit() as uow:
            source = track.source_of_imports(uow, caller, shop.shop_id)
        journal = self.loader.journal
        return lambda messages: track.accept(journal, shop.shop_id, source.source_id, messages)

    @property
    def loader(self) -> Loader:
        """The loader of events with its journal; opened when first asked for, as most commands need neither."""
        if self._loader is None:
            from regulars.collect.track import Loader

            self._loader = Loader(self.records, self.warehouse, self.home, self.keyring, self._open_journal())
        return self._loader

    @property
    def journal(self) -> Journal:
        """Where events are made durable before they are answered."""
        journal: Journal = self.loader.journal
        return journal

    def _open_journal(self) -> Journal:
        """The journal that the settings name; what waits in files of an earlier setting is loaded first."""
        from regulars.collect.track import Loader, loading
        from regulars.stream.journal import FileJournal, open_journal

        folder, url = self.home / "journal", self.settings.journal_url
        if url and any(folder.glob("*.seg")):
            files = FileJournal(folder, self.keyring, behind=loading.begun(self.records))
            drain = Loader(self.records, self.warehouse, self.home, self.keyring, files)
            try:
                drain.run_once()
            finally:
                drain.stop()
                files.close()
        return open_journal(url, folder, self.keyring, behind=loading.begun(self.records))

    @property
    def intake(self) -> Intake:
        """How far events are loaded, and what the ingest door turned away."""
        return Intake(self.loader, self.refusals)

    def read_streams(self) -> None:
        """Read the shop's own streams until this house is closed."""
        self._streams = platforms.StreamReaders(self.records, self.home, self.keyring)
        self._streams.start()

    def work_off(self, *, unhurried: bool = False) -> int:
        """Relay what was told and do the jobs that are due, in this thread; those that may take long only when asked."""
        return self.worker.run_until_idle(unhurried=unhurried)

    def http(self) -> FastAPI:
        """The ASGI application: API, console and health."""
        from regulars import web
        from regulars.console import mount

        places = self.places()
        loader = self.loader
        stores = web.Stores(
            records=self.records,
            warehouse=self.warehouse,
            home=self.home,
            keyring=self.keyring,
            journal=loader.journal,
            intake=self.intake,
        )
        options = web.WebOptions(
            public_url=self.settings.public_url,
            proxies=tuple(part.strip() for part in self.settings.proxy.split(",") if part.strip()),
            upload_bytes=self.settings.upload_limit_mb * 1024 * 1024,
        )
        rooms.import_pages()
        app = web.build(stores, options, list(rooms.apis()))
        mount(app, self)
        web.check_every_route_has_permission(app)
        app.state.described = rooms.described()
        for gate in rooms.gates():
            app.add_middleware(
                gate,
                records=self.records,
                journal=loader.journal,
                backlog_bytes=loader.backlog_bytes,
                refusals=self.refusals,
                **(
                    {"region_of": lambda scope, headers: places.region_of(web.network_of(scope, headers, options))}
                    if places
                    else {}
                ),
            )
        return app

    def places(self) -> Places | None:
        """Where senders are, where a database of networks is configured.

        Raises
        ------
        InvalidInput : it is missing or damaged.
        """
        if not self.settings.geo_database:
            return None
        from regulars.collect.track.places import Places

        return Places(self.home / Path(self.settings.geo_database).expanduser())

    def close(self) -> None:
        """Let go of everything, in order."""
        if self._streams is not None:
            self._streams.stop()
        platforms.connect(self.home, None)
        imports.connect_history(self.home, None)
        reports.connect_post(self.home, None)
        reports.stop_runs(self.warehouse)
        self.worker.stop()
        if self._loader is not None:
            self._loader.stop()
            self._loader.journal.close()
        search.close(self.warehouse)
        recommend.close(self.warehouse)
        self.warehouse.close()
        self.records.close()


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One check of the doctor, and what it found."""

    name: str
    promise: str
    ok: bool
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class DoctorAnswer:
    """Every check; `ok` when none found anything."""

    ok: bool
    wrong: int
    checks: list[CheckAnswer]


def examine(house: House) -> DoctorAnswer:
    """Run every check of every room; a check that breaks is itself a finding."""
    context = CheckContext(house.records, house.warehouse, house.home)
    answers = []
    for check in rooms.checks():
        try:
            findings = list(check.run(context))
        except Exception as error:
            log.exception("a check broke", extra={"check": check.name})
            findings = [Finding(f"the check itself failed: {error}", mend="look into the log; the store may be damaged")]
        answers.append(CheckAnswer(check.name, check.promise, not findings, findings))
    answers.append(_places_readable(house))
    wrong = sum(not answer.ok for answer in answers)
    return DoctorAnswer(wrong == 0, wrong, answers)


def _places_readable(house: House) -> CheckAnswer:
    """Whether the database of networks, if one is configured, tells regions."""
    findings = []
    try:
        house.places()
    except RegularsError as error:
        findings.append(Finding(error.message, mend=error.mend, where="geo_database"))
    return CheckAnswer("database of networks can be read", "P19", not findings, findings)


def console_address(settings: Settings) -> str:
    """How browsers reach the console."""
    local = settings.host in ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104 (compared, not bound)
    return settings.public_url.rstrip("/") or f"http://{'localhost' if local else settings.host}:{settings.port}"


def rebuild_warehouse(settings: Settings) -> tuple[int, int]:
    """Make the warehouse anew beside the old one, then put it in its place; returns loads and rows."""
    from regulars.collect import track

    if not settings.warehouse_url.startswith("duckdb:"):
        raise InvalidInput(
            "only a DuckDB warehouse is rebuilt by this command", mend="empty the tables of the other engine, then load again"
        )
    current = Path(settings.warehouse_url.removeprefix("duckdb:///"))
    fresh, kept = current.with_suffix(".rebuilding"), current.with_suffix(".before-rebuild")
    records = Records.open(settings.records_url)
    records.migrate()
    for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
        leftover.unlink(missing_ok=True)
    try:
        warehouse = Warehouse.open(f"duckdb:///{fresh}", memory_limit=settings.memory_limit)
        loads, rows = imports.rebuild(records, warehouse, settings.home)
        rows += track.rebuild(records, warehouse, settings.home, Keyring.open(settings.home))
        Relay(records, warehouse, []).replay()
        _carry_over(current, warehouse, settings)
        warehouse.close()
    finally:
        records.close()
    if current.exists():
        current.replace(kept)
    current.with_name(current.name + ".wal").unlink(missing_ok=True)
    fresh.replace(current)
    house = House.open(settings)
    try:
        with house.records.unit() as uow:  # what is derived from the loads is made anew by whoever hears this
            for shop in shops.list_all(uow):
                uow.tell(ShopChanged(shop_id=shop.shop_id, fields=("warehouse",)))
        house.work_off()
    finally:
        house.close()
    kept.unlink(missing_ok=True)
    return loads, rows


def _carry_over(current: Path, fresh: Warehouse, settings: Settings) -> None:
    """Notes of what was served are told by no event and no file: they come from the old warehouse, where it can still be read."""
    if not current.exists():
        return
    try:
        old = Warehouse.open(f"duckdb:///{current}", memory_limit=settings.memory_limit, create=False)
        try:
            fresh.append("list_impressions", old.query(old.table("list_impressions")))
        finally:
            old.close()
    except Exception:  # a damaged warehouse is why it is made anew
        log.warning("lists that were served could not be read from the old warehouse", exc_info=True)


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = home / ".writable"
        probe.write_bytes(b"x")
        probe.unlink()
    except FileExistsError:
        raise InvalidInput(f"{home} is a file", mend="set REGULARS_HOME to a folder", code="bad_home") from None
    except OSError as error:
        if shutil.disk_usage(home if home.exists() else "/").free < 1024:
            raise StorageFull(f"the disk of {home} is full", mend="free some space and try again") from None
        raise Unavailable(
            f"the data folder {home} cannot be written ({error.strerror})",
            mend="set REGULARS_HOME to a folder you may write",
            code="bad_home",
        ) from None
