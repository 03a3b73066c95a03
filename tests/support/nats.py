"""A NATS server with JetStream on loopback, in a folder of its own; it can be killed and started again on what it kept."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.server import free_port


@dataclass
class NatsServer:
    """A server process."""

    program: str
    folder: Path
    port: int
    jetstream: str = ""
    users: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def url(self, stream: str) -> str:
        """The address of a stream."""
        return f"nats://{self.host}/{stream}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        config = self.folder / "nats.conf"
        config.write_text(
            f'listen: "{self.host}"\njetstream {{ store_dir: "{self.folder}/store"\n max_memory_store: 64MB\n max_file_store: 4GB\n {self.jetstream} }}\n{self.users}\n'
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.program, "-c", str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def nats_server(jetstream: str = "", *, users: str = "", program: str | None = None) -> Iterator[NatsServer]:
    """A server for one test; in CI a missing program fails the test."""
    found = program or shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no nats-server: install Debian's `nats-server`")
        pytest.skip("no nats-server: install Debian's `nats-server`")
    folder = Path(tempfile.mkdtemp(prefix="regulars-nats-"))
    server = NatsServer(found, folder, free_port(), jetstream, users)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
