"""A shop, a caller, and a short way to load files written in a test."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regulars.access import Keyring, shops
from regulars.access.domain import Caller, Shop
from regulars.collect.imports import service
from regulars.collect.imports.domain import Kind, LoadOptions, LoadReport
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.work import CheckContext

ROOT = Path(__file__).parents[3]


@dataclass
class Desk:
    """Both stores, a shop, and the verbs of loading with their usual arguments filled in."""

    records: Records
    warehouse: Warehouse
    home: Path
    shop: Shop
    caller: Caller
    folder: Path

    @property
    def keyring(self) -> Keyring:
        assert self.caller.keyring
        return self.caller.keyring

    def file(self, name: str, content: str | bytes) -> Path:
        """A file in the test's folder."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def plan(self, *paths: Path, kind: Kind = "orders", **options: Any) -> LoadReport:
        """A dry run."""
        return service.plan(self.records, self.home, self.shop, kind, paths, LoadOptions(**options), keyring=self.keyring)

    def load(self, *paths: Path, kind: Kind = "orders", shop: Shop | None = None, **options: Any) -> LoadReport:
        """A load."""
        return service.load(
            self.records, self.warehouse, self.home, shop or self.shop, kind, paths, LoadOptions(**options), caller=self.caller
        )

    def load_text(self, text: str, name: str = "orders.csv", *, kind: Kind = "orders", **options: Any) -> LoadReport:
        """Write a file and load it."""
        return self.load(self.file(name, text), kind=kind, **options)

    def rows(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """The rows of a warehouse table, sorted by its key; all columns but `load_id` unless some are named."""
        found = self.warehouse.table(table)
        spec = self.warehouse.tables()[table]
        chosen: Sequence[str] = columns or [name for name in spec.columns if name not in ("load_id", "source")]
        return self.warehouse.rows(found.order_by(list(spec.key)).select(*chosen))

    def findings(self) -> list[str]:
        """What the doctor finds wrong."""
        context = CheckContext(self.records, self.warehouse, self.home)
        return [f"{check.name}: {finding}" for check in service.CHECKS for finding in check.run(context)]

    def another_shop(self, shop_id: str, **more: Any) -> Shop:
        """One more shop."""
        with self.records.unit() as uow:
            return shops.create(
                uow,
                self.caller,
                shop_id=shop_id,
                name=more.get("name", shop_id),
                timezone=self.shop.timezone,
                currency=more.get("currency", self.shop.currency),
            )


@pytest.fixture
def caller(home: Path) -> Caller:
    return Caller.system("shell", Keyring.open(home))


@pytest.fixture
def desk(records: Records, warehouse: Warehouse, home: Path, caller: Caller, tmp_path: Path) -> Desk:
    """A Chinese shop by default: yuan, Shanghai."""
    folder = tmp_path / "files"
    folder.mkdir()
    with records.unit() as uow:
        shop = shops.create(uow, caller, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    return Desk(records, warehouse, home, shop, caller, folder)


@pytest.fixture
def british(desk: Desk) -> Desk:
    """The same with a shop in London."""
    with desk.records.unit() as uow:
        desk.shop = shops.create(uow, desk.caller, shop_id="gifts", name="Gifts", timezone="Europe/London", currency="GBP")
    return desk


def shared(path: str) -> Path:
    """A file of the shared data sets; the test is skipped where they are not there."""
    found = Path(os.environ.get("REGULARS_SHARED_DATA") or ROOT.parent / "shared/data") / path
    if not found.exists():
        pytest.skip(f"needs the data set {path} (REGULARS_SHARED_DATA)")
    return found


def rules(report: LoadReport) -> dict[str, int]:
    """Rule -> rows."""
    return {problem.rule: problem.rows for problem in report.problems}
