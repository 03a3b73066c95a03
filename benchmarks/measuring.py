"""Timing in processes of their own, so that memory and caches of one case do not flatter the next."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    from tests.support.server import RunningServer

ROOT = Path(__file__).parents[1]
#: The most memory this process had, in MB. What `getrusage` tells counts the process that started it, too.
PEAK_MB = "int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024"
_WATCHED = f"""
import atexit, runpy, sys
atexit.register(lambda: print({PEAK_MB}))
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)
"""


@dataclass(frozen=True)
class Run:
    """One child process: what it answered, and its peak memory."""

    answer: dict[str, Any]
    peak_mb: float
    seconds: float


def child(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Run:
    """Run `python -m module arguments` and read the JSON object on its last line of output."""
    started = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _WATCHED, module, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    if status := process.wait():
        raise RuntimeError(f"{module} {' '.join(arguments)} ended with {status}")
    return Run(json.loads(lines[-2]), float(lines[-1]), perf_counter() - started)


def peak_mb() -> float:
    """The most memory this process had, in MB."""
    return float(eval(PEAK_MB))


def best_of(times: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds: the one the machine disturbed least."""
    found = []
    for _ in range(times):
        started = perf_counter()
        work()
        found.append(perf_counter() - started)
    return min(found)


def median_of(times: int, work: Callable[[], object]) -> float:
    """The median of several runs, in seconds."""
    found = []
    for _ in range(times):
        started = perf_counter()
        work()
        found.append(perf_counter() - started)
    return statistics.median(found)


def machine() -> str:
    """The machine in a few words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def sign_in(client: httpx.Client, server: RunningServer) -> None:
    """Let the client be the owner of a server that has none yet."""
    token = server.owner_link.rsplit("/", 1)[1]
    words = {"email": "owner@example.com", "password": "a phrase nobody guesses 42"}
    client.post(f"/v1/links/{token}", json={**words, "name": "Owner", "language": "en"}).raise_for_status()
    signed_in = client.post("/v1/session", json=words).raise_for_status()
    client.headers["cookie"] = signed_in.headers["set-cookie"].partition(";")[0]  # Secure, which httpx keeps to https
