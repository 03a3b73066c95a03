"""Finds or starts the PostgreSQL server that tests run on."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text


@dataclass(frozen=True)
class PostgresServer:
    """A server and how to reach it."""

    url: str

    def fresh_database(self, *, like: str = "") -> str:
        """The URL of a new database: empty, or a copy of the one named."""
        name = f"t_{uuid4().hex[:16]}"
        admin = create_engine(make_url(self.url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{like}"' if like else "")))
        admin.dispose()
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    @classmethod
    @contextmanager
    def started_or_found(cls, *, durable: bool = False) -> Iterator[PostgresServer]:
        """The server of REGULARS_TEST_POSTGRES_URL, or a private one on a free loopback port; `durable` ones force their writes."""
        if url := os.environ.get("REGULARS_TEST_POSTGRES_URL"):
            yield cls(url)
            return
        binaries = _binaries()
        if binaries is None:
            if os.environ.get("CI"):
                pytest.fail("no PostgreSQL server binaries: install Debian's `postgresql`, or set REGULARS_TEST_POSTGRES_URL")
            pytest.skip("no PostgreSQL server binaries: install Debian's `postgresql`, or set REGULARS_TEST_POSTGRES_URL")
        folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
        run_as: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
            run_as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        data = folder / "data"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "cwd": "/"}
        subprocess.run(
            [*run_as, binaries / "initdb", "-D", data, "-U", "regulars", "--auth=trust", "-E", "UTF8", "--no-locale"], **quiet
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
            + ("" if durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off")  # no test pulls its plug
        )
        subprocess.run([*run_as, binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"], **quiet)
        try:
            yield cls(f"postgresql://regulars@127.0.0.1:{port}/postgres")
        finally:
            subprocess.run([*run_as, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **{**quiet, "check": False})
            shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if candidates:
        return candidates[0].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None
