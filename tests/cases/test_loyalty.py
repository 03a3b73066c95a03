"""The worked cases of points and tiers give what the rules demand, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.access.keys import Keyring
from regulars.records import Records
from tests.cases.folder import FOLDER, Case, cases, differences
from tests.cases.ledgers import ledger, tiers

_ALL = list(cases()) if FOLDER.is_dir() else []


def _of(file: str) -> list[Case]:
    return [case for case in _ALL if case.file.endswith(file)]


@pytest.mark.parametrize("case", _of("/ledger.json"), ids=lambda case: case.id)
def test_ledger(case: Case, any_records: Records, home: Path) -> None:
    got = ledger(case, any_records, Keyring.open(home))

    wrong = list(differences([step["expect"] for step in case.given["steps"]], got))
    assert not wrong, f"{case.file} {case.id} ({case.given['title']})\n" + "\n".join(wrong)


@pytest.mark.parametrize("case", _of("/tiers.json"), ids=lambda case: case.id)
def test_tiers(case: Case, any_records: Records, home: Path) -> None:
    got, changes = tiers(case, any_records, Keyring.open(home))

    expected = [step.get("expect", {}) for step in case.given["steps"]]
    wrong = list(differences(expected, got)) + list(differences(case.given["expect_transitions"], changes, "transitions"))
    assert not wrong, f"{case.file} {case.id} ({case.given['title']})\n" + "\n".join(wrong)
