"""A real `regulars serve` in a process of its own, on a free port."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

BIN = Path(sys.executable).parent


@dataclass
class RunningServer:
    """A server and what it said at start."""

    process: subprocess.Popen[str]
    url: str
    home: Path
    lines: list[str] = field(default_factory=list)

    @property
    def owner_link(self) -> str:
        """The one-time link that makes somebody the owner, as printed; on the address the server listens on."""
        path = next(match[1] for line in self.lines if (match := re.search(r"(/welcome/\S+)", line)))
        return self.url + path

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, environment: dict[str, str] | None = None, *, port: int = 0) -> Iterator[RunningServer]:
    """Start the server, on a free port where none is named, wait until it answers, stop it in the end."""
    port = port or free_port()
    process = subprocess.Popen(
        [str(BIN / "regulars"), "serve", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "REGULARS_HOME": str(home), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = RunningServer(process, f"http://127.0.0.1:{port}", home)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            server.lines.append(line.rstrip("\n"))

    threading.Thread(target=listen, daemon=True).start()
    deadline = time.monotonic() + 60
    try:
        with httpx.Client(timeout=2, verify=False) as client:
            while not _answers(client, server.url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError("the server did not start:\n" + "\n".join(server.lines))
                time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url + "/healthz").is_success
    except httpx.HTTPError:
        return False


def command(home: Path, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a `regulars` command as people do."""
    return subprocess.run(
        [str(BIN / "regulars"), *arguments],
        env={**os.environ, "REGULARS_HOME": str(home), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


_INITIALISED: dict[tuple[str, ...], Path] = {}


def initialised(home: Path, *words: str) -> Path:
    """A data folder as `regulars init` leaves it. The command runs once for all tests that give it the same words; they get copies."""
    if words not in _INITIALISED:
        made = Path(tempfile.mkdtemp(prefix="regulars-init-"))
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        done = command(made / "home", "init", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        _INITIALISED[words] = made / "home"
    return shutil.copytree(_INITIALISED[words], home, dirs_exist_ok=True)
