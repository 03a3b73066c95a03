"""The SDKs of other makers, installed once from PyPI and npm into a folder that git ignores, each language in its own environment.

They are no dependencies of the project: a shop's program has its own environment too, and their pins would hold back ours.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDER = HERE / ".installed"
_LISTS = ("requirements.txt", "package.json", "package-lock.json")


@dataclass(frozen=True)
class Installed:
    """Where the SDKs are."""

    python: Path
    node: str
    node_modules: Path


def installed() -> Installed:
    """Install what is not there yet; a run with several processes does it once.

    Where Node or npm is missing the tests are skipped, which fails a run in CI.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("needs Node and npm (Debian packages nodejs and npm)")
    FOLDER.mkdir(exist_ok=True)
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _LISTS) + sys.version.encode()).hexdigest()
    mark = FOLDER / "done"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.is_file() or mark.read_text() != wanted:
            _install_python(FOLDER / "python")
            for name in _LISTS[1:]:
                shutil.copy(HERE / name, FOLDER / name)
            _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=FOLDER)
            mark.write_text(wanted)
    return Installed(FOLDER / "python" / "bin" / "python", node, FOLDER / "node_modules")


def _install_python(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lists = str(HERE / "requirements.txt")
    uv = shutil.which("uv")
    if uv is not None:
        _run(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder))
        _run(uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "-r", lists)
        return
    _run(sys.executable, "-m", "venv", str(folder))
    _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", lists)


def _run(*words: str, cwd: Path | None = None) -> None:
    """Run an installer; a fault of the network is tried once more."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for left in (1, 0):
        done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=400, check=False)
        if done.returncode == 0:
            return
        if left == 0:
            raise AssertionError(f"{' '.join(words[:3])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
