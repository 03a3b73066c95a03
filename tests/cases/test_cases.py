"""The worked cases give what the rules demand, through our real verbs on real stores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from regulars.access.keys import Keyring
from regulars.records import Records
from regulars.warehouse import Warehouse
from tests.cases.adapters import ADAPTERS, WALKERS, waits_for
from tests.cases.folder import FOLDER, Case, cases, differences, files

FOUND = [case for case in cases() if not waits_for(case.file, case.kind)] if FOLDER.is_dir() else []
RUN = [case for case in FOUND if case.file not in WALKERS]


def test_the_folder_of_cases_is_there() -> None:
    if FOLDER.is_dir():
        assert files(), f"{FOLDER} holds no case file; point REGULARS_CASES to the folder of worked cases"
        return
    sentence = f"there is no folder {FOLDER}; point REGULARS_CASES to the folder of worked cases"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def test_every_kind_of_case_is_run_or_listed_as_waiting() -> None:
    unknown = {(case.file, case.kind) for case in RUN if case.kind not in ADAPTERS}

    assert not unknown, f"write an adapter, or name the room these wait for in tests/cases/adapters.py: {sorted(unknown)}"


@pytest.mark.parametrize("case", [case for case in RUN if case.kind in ADAPTERS], ids=lambda case: case.id)
def test_case(case: Case, warehouse: Warehouse) -> None:
    got = ADAPTERS[case.kind](case, warehouse)

    wrong = list(differences(case.expect, got))
    assert not wrong, f"{case.file} {case.id} ({case.given.get('why', '')})\n" + "\n".join(wrong)


@pytest.mark.parametrize("case", [case for case in FOUND if case.file in WALKERS], ids=lambda case: case.id)
def test_case_in_steps(case: Case, any_records: Records, home: Path) -> None:
    got = WALKERS[case.file](case, any_records, Keyring.open(home))

    expected = {"steps": [step.get("expect", {}) for step in case.given["steps"]]}
    if "transitions" in got:
        expected["transitions"] = case.given["expect_transitions"]
    wrong = list(differences(expected, got))
    assert not wrong, f"{case.file} {case.id} ({case.given.get('title', '')})\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("expected", "got"),
    [({"a": 1}, {"a": 2}), ({"a": 1}, {}), ([1, 2], [2, 1]), ({"a": None}, {"a": 0}), ({"a": [1]}, {"a": [1, 2]}), (True, 1)],
)
def test_a_difference_is_seen(expected: Any, got: Any) -> None:
    assert list(differences(expected, got))


def test_whole_numbers_equal_their_decimals() -> None:
    assert not list(differences({"a": 1, "b": [2.0]}, {"a": 1.0, "b": [2], "c": 3}))
