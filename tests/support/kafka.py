"""A Kafka broker for tests: the mock cluster of librdkafka, in a process of its own: real sockets, the real protocol, all in memory."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """
import ctypes, pathlib, sys
import confluent_kafka

folder = pathlib.Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
lib = ctypes.CDLL(str(next(folder.glob("librdkafka-*"))))
for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_handle_mock_cluster"):
    getattr(lib, name).restype = ctypes.c_void_p
lib.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
said = ctypes.create_string_buffer(512)
conf = ctypes.c_void_p(lib.rd_kafka_conf_new())
for name, value in ((b"test.mock.num.brokers", b"1"), (b"log_level", b"0")):
    assert lib.rd_kafka_conf_set(conf, name, value, said, 512) == 0, said.value
client = ctypes.c_void_p(lib.rd_kafka_new(0, conf, said, 512))
cluster = ctypes.c_void_p(lib.rd_kafka_handle_mock_cluster(client))
print(lib.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
for line in sys.stdin:
    word, *rest = line.split()
    if word == "topic":
        print(lib.rd_kafka_mock_topic_create(cluster, rest[0].encode(), int(rest[1]), 1), flush=True)
    elif word == "down":
        print(lib.rd_kafka_mock_broker_set_down(cluster, 1), flush=True)
    elif word == "up":
        print(lib.rd_kafka_mock_broker_set_up(cluster, 1), flush=True)
"""


@dataclass
class KafkaBroker:
    """A broker process."""

    host: str
    process: subprocess.Popen[str]

    def url(self, topic: str) -> str:
        """The address of a topic."""
        return f"kafka://{self.host}/{topic}"

    def topic(self, name: str, partitions: int) -> None:
        """Make a topic."""
        self._say(f"topic {name} {partitions}")

    def down(self) -> None:
        """Cut all connections, and refuse new ones."""
        self._say("down")

    def up(self) -> None:
        """Take connections again."""
        self._say("up")

    def freeze(self) -> None:
        """Let it answer nothing, from now on: a signal takes a moment to stop every thread."""
        self.process.send_signal(signal.SIGSTOP)
        while any(state.read_text(encoding="ascii").rpartition(")")[2].split()[0] != "T" for state in self._threads()):
            time.sleep(0.01)

    def _threads(self) -> list[Path]:
        return list(Path(f"/proc/{self.process.pid}/task").glob("*/stat"))

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == "0", line


@contextmanager
def kafka_broker() -> Iterator[KafkaBroker]:
    """A broker for one test."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    host = process.stdout.readline().strip()
    assert host, "the mock cluster did not start"
    try:
        yield KafkaBroker(host, process)
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
