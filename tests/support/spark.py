"""A small standalone Spark cluster on loopback: one master, two workers of one core each, in a folder of its own."""

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
from urllib.parse import quote, urlencode

import pytest

from tests.support.server import free_port

#: Small data on two cores: few partitions, and as little memory as Spark takes.
_BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # for programs that live for minutes: less compiling
SETTINGS = {
    "spark.driver.extraJavaOptions": _BRIEF,
    "spark.executor.extraJavaOptions": _BRIEF,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.executor.memory": "900m",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
}


@dataclass
class SparkCluster:
    """A running master with its workers."""

    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def url(self, tables: Path, **settings: str) -> str:
        """The address of a folder of tables."""
        return f"spark://127.0.0.1:{self.port}/{quote(str(tables))}?{urlencode({**SETTINGS, **settings})}"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[SparkCluster]:
        """Start one; skip where PySpark or Java is missing."""
        pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            pytest.skip("Java is not installed (sudo make system)")
        program = Path(pyspark.__file__).parent / "bin/spark-class"
        with tempfile.TemporaryDirectory(prefix="regulars-spark-") as folder:
            cluster = cls(Path(folder), free_port())
            try:
                cluster._start(program, "master.Master", "--host", "127.0.0.1", "--port", str(cluster.port), "--webui-port", "0")
                cluster._wait(cluster.port)
                for number in range(2):
                    cluster._start(
                        program, "worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", "1g",
                        "-d", f"{folder}/work-{number}", f"spark://127.0.0.1:{cluster.port}",
                    )  # fmt: skip
                yield cluster
            finally:
                cluster.stop()

    def _start(self, program: Path, what: str, *arguments: str) -> None:
        environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": _BRIEF}
        with (self.folder / f"log-{len(self.processes)}").open("wb") as log:
            command = [str(program), f"org.apache.spark.deploy.{what}", *arguments]
            self.processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=self.folder, start_new_session=True)
            )

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                assert self.processes[0].poll() is None, (self.folder / "log-0").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def stop(self) -> None:
        """End the processes, each with what it started."""
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
