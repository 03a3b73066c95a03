"""A command while the server runs: the server owns the stores, so it does the command and sends back what it prints.

A DuckDB file has one writing process. `regulars serve` therefore listens on a socket that only this user can open (its place is
written to `home/server.json`); a command that finds it hands over its words and prints the answer. Nothing else differs.
"""

from __future__ import annotations

import contextlib
import contextvars
import hashlib
import io
import json
import logging
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from regulars.app import House

log = logging.getLogger(__name__)

#: Verbs that are never the server's: they start processes of their own, or replace files under the server.
_APART = frozenset({"serve", "demo", "migrate", "warehouse"})
#: Of those, what is done by the server all the same.
_FORWARDED_TOO = frozenset({("warehouse", "compact"), ("warehouse", "copy")})
#: An option of reports that names another warehouse than the server's.
_ELSEWHERE = "--on"
_POINTER = "server.json"
_ENVIRONMENT = ("LANG", "LC_ALL", "LC_MESSAGES", "REGULARS_LANGUAGE", "COLUMNS", "NO_COLOR", "TERM")


@dataclass(frozen=True, slots=True)
class Visit:
    """A command that came through the socket: the house to use, and what its shell looks like."""

    house: House
    folder: Path
    environment: Mapping[str, str]
    is_terminal: bool


#: The visit this thread works for; None in a command's own process.
visit: contextvars.ContextVar[Visit | None] = contextvars.ContextVar("visit", default=None)
_out: contextvars.ContextVar[io.TextIOBase | None] = contextvars.ContextVar("out", default=None)
_err: contextvars.ContextVar[io.TextIOBase | None] = contextvars.ContextVar("err", default=None)


# -- the command's side -----------------------------------------------------------------------------------------------


def forward(arguments: list[str]) -> int | None:
    """Let the running server do the command; its exit code, or None when no server runs (or the verb is not for it)."""
    if not arguments or arguments[0].startswith("-") or "--help" in arguments:
        return None
    if arguments[0] in _APART and tuple(arguments[:2]) not in _FORWARDED_TOO:
        return None
    if arguments[0] in ("show", "report") and any(each.split("=")[0] == _ELSEWHERE for each in arguments):
        return None
    home = Path(os.environ.get("REGULARS_HOME") or Path.home() / ".regulars").expanduser().absolute()
    try:
        place = json.loads((home / _POINTER).read_text(encoding="utf-8"))["socket"]
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(place)
    except (OSError, ValueError, KeyError):
        return None
    with connection, connection.makefile("rwb") as stream:
        words = {
            "arguments": arguments,
            "folder": str(Path.cwd()),
            "environment": {
                **{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                "COLUMNS": os.environ.get("COLUMNS") or str(_columns()),
            },
            "is_terminal": sys.stdout.isatty(),
        }
        stream.write(json.dumps(words).encode() + b"\n")
        stream.flush()
        for line in stream:
            part = json.loads(line)
            if "exit" in part:
                return int(part["exit"])
            target = sys.stdout if "out" in part else sys.stderr
            target.write(part.get("out") or part.get("err") or "")
            target.flush()
    sys.stderr.write("regulars: the server ended before the command did; run it again\n")
    return 1


def _columns() -> int:
    with contextlib.suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stdout.fileno()).columns
    return 120


# -- the server's side ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def listening(house: House) -> Iterator[None]:
    """Take commands while the block runs."""
    name = hashlib.sha256(str(house.home).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"regulars-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        log.warning("commands cannot reach this server: its socket folder belongs to somebody else")
        yield
        return
    place = folder / "control"
    place.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(place))
    server.listen(8)
    pointer = house.home / _POINTER
    pointer.write_text(json.dumps({"socket": str(place), "pid": os.getpid()}), encoding="utf-8")
    originals = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Spread(sys.stdout, _out), _Spread(sys.stderr, _err)
    threading.Thread(target=_accept, args=(server, house), name="regulars-commands", daemon=True).start()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = originals
        pointer.unlink(missing_ok=True)
        place.unlink(missing_ok=True)
        server.close()


def _accept(server: socket.socket, house: House) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:  # closed: the server stops
            return
        threading.Thread(target=_serve, args=(connection, house), name="regulars-command", daemon=True).start()


def _serve(connection: socket.socket, house: House) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError), connection, connection.makefile("rwb") as stream:
        words = json.loads(stream.readline())
        lock = threading.Lock()
        visit.set(Visit(house, Path(words["folder"]), words["environment"], bool(words["is_terminal"])))
        _out.set(_Sender(stream, "out", lock))
        _err.set(_Sender(stream, "err", lock))
        code = _do(words["arguments"])
        with lock:
            stream.write(json.dumps({"exit": code}).encode() + b"\n")
            stream.flush()


def _do(arguments: list[str]) -> int:
    from regulars.cli.main import perform

    try:
        return perform(arguments)
    except Exception:
        log.exception("a command failed")
        sys.stderr.write("regulars: an unexpected fault; the server's log has the details\n")
        return 1


class _Sender(io.TextIOBase):
    """Writes lines of JSON to the waiting command."""

    encoding = "utf-8"

    def __init__(self, stream: Any, kind: str, lock: threading.Lock) -> None:
        self._stream, self._kind, self._lock = stream, kind, lock

    def write(self, text: str) -> int:
        with self._lock:
            self._stream.write(json.dumps({self._kind: text}).encode() + b"\n")
            self._stream.flush()
        return len(text)

    def isatty(self) -> bool:
        here = visit.get()
        return here is not None and here.is_terminal

    def writable(self) -> bool:
        return True


class _Spread(io.TextIOBase):
    """Standard output of a process in which several commands may run: each thread's goes to its own command."""

    encoding = "utf-8"

    def __init__(self, original: TextIO, target: contextvars.ContextVar[io.TextIOBase | None]) -> None:
        self._original, self._target = original, target

    def _now(self) -> TextIO | io.TextIOBase:
        return self._target.get() or self._original

    def write(self, text: str) -> int:
        return self._now().write(text)

    def flush(self) -> None:
        self._now().flush()

    def isatty(self) -> bool:
        return self._now().isatty()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._original.fileno() if self._target.get() is None else super().fileno()
