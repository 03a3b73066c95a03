"""The file that is handed out: built from the sources as they are, small, and free of what strict pages forbid."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.clients.recorder import BUILT, SOURCES

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "src" / "regulars" / "serve" / "storefront" / "static" / "widgets.js"
#: What is built, and from which modules.
FILES = {BUILT: sorted((SOURCES / "src").glob("*.js")), WIDGETS: sorted((SOURCES / "widgets").glob("*.js"))}


def test_what_pages_load_is_small() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) < 6_000
    assert len(gzip.compress(WIDGETS.read_bytes(), 9)) < 7_000


def test_the_built_files_are_not_older_than_their_sources() -> None:
    """Holds without Node: a built file names the hash of what it was built from."""
    for built, modules in FILES.items():
        told = "".join(f"{file.name}\n{file.read_text(encoding='utf-8')}" for file in modules)
        stamp = hashlib.sha256(told.encode()).hexdigest()[:16]

        assert f"sources {stamp} */" in built.read_text(encoding="utf-8").splitlines()[0], "run `make tracker`"


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_built_files_are_what_the_build_makes(tmp_path: Path) -> None:
    copy = tmp_path / "js"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    installed = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stderr

    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=copy, check=True)

    for built in FILES:
        assert (tmp_path / built.name).read_bytes() == built.read_bytes(), "run `make tracker`"


def test_the_sources_need_nothing_else_and_evaluate_no_text() -> None:
    for file in [file for modules in FILES.values() for file in modules]:
        text = file.read_text(encoding="utf-8")
        assert text.startswith("// ") and len(text.splitlines()) <= 400, file.name
        assert all(name.startswith("./") for name in re.findall(r"from '([^']+)'", text)), file.name
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|setTimeout\(['\"]", text), file.name


def test_versions_agree() -> None:
    product = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))["version"] == product
    assert f"VERSION = '{product}'" in (SOURCES / "src" / "version.js").read_text(encoding="utf-8")
