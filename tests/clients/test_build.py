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
MODULES = sorted((SOURCES / "src").glob("*.js"))


def test_the_tracker_is_smaller_than_six_kilobytes() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) < 6_000


def test_the_built_file_is_not_older_than_its_sources() -> None:
    """Holds without Node: the built file names the hash of what it was built from."""
    told = "".join(f"{file.name}\n{file.read_text(encoding='utf-8')}" for file in MODULES)
    stamp = hashlib.sha256(told.encode()).hexdigest()[:16]

    assert f"sources {stamp} */" in BUILT.read_text(encoding="utf-8").splitlines()[0], "run `make tracker`"


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_built_file_is_what_the_build_makes(tmp_path: Path) -> None:
    copy = tmp_path / "js"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    installed = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stderr

    subprocess.run(["node", "build.mjs", str(tmp_path / "t.js")], cwd=copy, check=True)

    assert (tmp_path / "t.js").read_bytes() == BUILT.read_bytes(), "run `make tracker`"


def test_the_sources_need_nothing_else_and_evaluate_no_text() -> None:
    for file in MODULES:
        text = file.read_text(encoding="utf-8")
        assert text.startswith("// ") and len(text.splitlines()) <= 400, file.name
        assert all(name.startswith("./") for name in re.findall(r"from '([^']+)'", text)), file.name
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|setTimeout\(['\"]", text), file.name


def test_versions_agree() -> None:
    product = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))["version"] == product
    assert f"VERSION = '{product}'" in (SOURCES / "src" / "version.js").read_text(encoding="utf-8")
