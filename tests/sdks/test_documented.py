"""The how-to names every SDK that is tested, with the options that are tested, in both languages."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import ROOT
from tests.sdks.installed import HERE
from tests.sdks.test_killed import PROGRAMS

pytestmark = pytest.mark.sdks

PAGES = ("docs/how-to/send-events-from-your-sdk.md", "docs/zh/how-to/send-events-from-your-sdk.md")


def _packages() -> list[str]:
    for_python = [line.partition("==")[0] for line in (HERE / "requirements.txt").read_text().split()]
    return [*for_python, *json.loads((HERE / "package.json").read_text())["dependencies"]]


@pytest.mark.parametrize("page", PAGES)
def test_every_sdk_has_its_line(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    commented = re.findall(r"^(?:#|//) ([@\w/-]+)(?:[:：].*)?$", text, re.M)
    assert sorted(commented) == sorted(_packages())


@pytest.mark.parametrize("page", PAGES)
def test_the_tries_that_are_advised_are_those_that_outlived_a_kill(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    for options in PROGRAMS.values():
        for name, value in options.items():
            if name != "fetchRetryDelay":
                assert re.search(rf"`{name}(?:=|: ){value}`", text), (name, value)


def test_the_pinned_packages_come_from_the_registry_alone() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())

    places = {package["resolved"] for package in lock["packages"].values() if "resolved" in package}
    assert all(place.startswith("https://registry.npmjs.org/") for place in places)
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)
