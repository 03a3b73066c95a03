"""The installed SDKs, once for a run."""

from __future__ import annotations

import pytest

from tests.sdks.installed import Installed, installed


@pytest.fixture(scope="session")
def sdks() -> Installed:
    """The SDKs of other makers for Python, Node and browsers."""
    return installed()
