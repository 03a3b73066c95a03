"""The one list of rooms. A room exists when it has its line here; what it has is found by file name."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.stream import Subscription
    from regulars.work import Check, JobHandler, Schedule


@dataclass(frozen=True, slots=True)
class Room:
    """One capability: `stage.room`."""

    name: str

    def part(self, file: str) -> ModuleType | None:
        """A file of the room as a module; None when the room does without."""
        path = f"regulars.{self.name}.{file}"
        return importlib.import_module(path) if importlib.util.find_spec(path) else None

    def given(self, file: str, name: str, default: Any) -> Any:
        """A public name of one of the room's files."""
        module = self.part(file)
        return getattr(module, name, default) if module else default


ROOMS = (
    Room("guard.privacy"),
    Room("collect.orders"),
    Room("collect.catalog"),
    Room("guard.consent"),
    Room("collect.sentiment"),
    Room("collect.imports"),
    Room("collect.identity"),
    Room("collect.sessions"),
    Room("collect.track"),
    Room("collect.platforms"),
    Room("understand.questions"),
    Room("understand.funnels"),
    Room("understand.trends"),
    Room("understand.activity"),
    Room("understand.paths"),
    Room("understand.shopping"),
    Room("understand.attribution"),
    Room("understand.marketing"),
    Room("understand.competition"),
    Room("understand.metrics"),
    Room("understand.retention"),
    Room("understand.profiles"),
    Room("understand.traits"),
    Room("understand.rfm"),
    Room("understand.lifecycle"),
    Room("understand.segments"),
    Room("understand.reports"),
    Room("understand.sql"),
    Room("predict.forecast"),
    Room("predict.anomalies"),
    Room("predict.snapshots"),
    Room("predict.purchase_models"),
    Room("predict.models"),
    Room("predict.churn"),
    Room("predict.lifetime_value"),
    Room("predict.next_purchase"),
    Room("serve.search"),
    Room("serve.recommend"),
    Room("serve.storefront"),
    Room("offer.loyalty"),
    Room("offer.flash_sales"),
    Room("offer.group_buys"),
    Room("offer.referrals"),
    Room("offer.promotions"),
)

#: Tables below the rooms, that the migrations must know.
_TABLES_BELOW = (
    "regulars.records.tables",
    "regulars.work.tables",
    "regulars.registry.tables",
    "regulars.stream.tables",
    "regulars.access.tables",
    "regulars.web.tables",
)


def import_tables() -> None:
    """Let every table of the installation join the shared metadata."""
    for module in _TABLES_BELOW:
        if importlib.util.find_spec(module):
            importlib.import_module(module)
    for room in ROOMS:
        room.part("tables")


def subscriptions() -> list[Subscription]:
    """What each room hears."""
    from regulars.stream import Subscription

    return [Subscription(room.name, handlers) for room in ROOMS if (handlers := room.given("jobs", "HANDLERS", {}))]


def job_handlers() -> dict[str, JobHandler]:
    """Every kind of job and who does it."""
    return {kind: handler for room in ROOMS for kind, handler in room.given("jobs", "JOBS", {}).items()}


def unhurried() -> list[str]:
    """Kinds of jobs that may take long and no command waits for: a server does them, or `regulars run jobs`."""
    return [kind for room in ROOMS for kind in room.given("jobs", "UNHURRIED", [])]


def schedules() -> list[Schedule]:
    """Every job that comes back by itself."""
    return [plan for room in ROOMS for plan in room.given("jobs", "SCHEDULES", [])]


def jobs_at_start() -> list[str]:
    """Kinds of jobs that a starting server does for every shop, so that nobody waits for the first answer."""
    return [kind for room in ROOMS for kind in room.given("jobs", "AT_START", [])]


def recoveries() -> list[Any]:
    """What each room finishes or undoes at start: functions of (records, warehouse, home)."""
    return [recover for room in ROOMS if (recover := room.given("service", "recover", None))]


def checks() -> list[Check]:
    """Every invariant that `regulars doctor` checks."""
    from regulars.access.checks import CHECKS as ACCESS
    from regulars.stream.checks import CHECKS as STREAM

    return [*STREAM, *ACCESS, *(check for room in ROOMS for check in room.given("service", "CHECKS", []))]


def apis() -> Iterator[Any]:
    """Every room's HTTP routes."""
    for room in ROOMS:
        if api := room.given("api", "api", None):
            yield api


def gates() -> list[Any]:
    """ASGI middleware of rooms that answer in front of everything else."""
    return [gate for room in ROOMS if (gate := room.given("gate", "Gate", None))]


def described() -> list[dict[str, Any]]:
    """What those gates answer, for the API's description."""
    return [described() for room in ROOMS if (described := room.given("described", "described", None))]


def import_pages() -> None:
    """Let every room's pages join the console."""
    for room in ROOMS:
        room.part("pages")
