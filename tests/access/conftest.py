"""Fixtures of this floor: the keyring of the data folder, and the shell as a caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.access import Caller, Keyring


@pytest.fixture
def keyring(home: Path) -> Keyring:
    return Keyring.open(home)


@pytest.fixture
def shell(keyring: Keyring) -> Caller:
    return Caller.system("shell", keyring)
