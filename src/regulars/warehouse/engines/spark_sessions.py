"""Sessions with a Spark cluster: one application per process, which is left when its last store is closed."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from regulars.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 5.0
#: What every session is told, whatever the cluster's defaults: instants are UTC without zone, an overflow is an error.
_PER_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.caseSensitive": "false",
}
#: What the application is told, unless the URL says otherwise.
_PER_APPLICATION = {
    "spark.app.name": "regulars",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.scheduler.mode": "FAIR",
}


@dataclass(frozen=True)
class Address:
    """What a URL says: the master, the folder of tables, and settings of Spark's own."""

    master: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, url: str, *, memory_limit: str | None = None, threads: int | None = None) -> Address:
        """Read `spark://host:7077//mnt/tables?spark.executor.memory=4g` or `spark+local://2//mnt/tables`.

        Raises
        ------
        InvalidInput : a part is missing, or a setting is none of Spark's.
        """
        parts = urlsplit(url)
        path = unquote(parts.path)
        folder = Path(path[1:] if path.startswith("//") else path)
        settings = dict(parse_qsl(parts.query, keep_blank_values=True))
        foreign = [name for name in settings if not name.startswith("spark.")]
        if foreign:
            raise InvalidInput(
                f"'{foreign[0]}' is no setting of Spark's", mend="write settings as ?spark.executor.memory=4g", code="bad_spark_url"
            )
        if len(folder.parts) < 2:
            raise InvalidInput(
                "the address of the Spark warehouse names no folder of tables",
                mend="write it as spark://host:7077/mnt/tables, with the path that all its machines see",
                code="bad_spark_url",
            )
        if parts.scheme == "spark+local":
            cores = parts.netloc or str(threads or "*")
            if cores != "*" and not cores.isdecimal():
                raise InvalidInput(
                    f"'{cores}' is no number of cores", mend="write it as spark+local://2/mnt/tables", code="bad_spark_url"
                )
            own = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
            if memory_limit:
                own["spark.driver.memory"] = _memory(memory_limit)
            return cls(f"local[{cores}]", folder, own | settings)
        if not parts.hostname:
            raise InvalidInput(
                "the address of the Spark warehouse names no master",
                mend="write it as spark://host:7077/mnt/tables",
                code="bad_spark_url",
            )
        return cls(f"spark://{parts.hostname}:{parts.port or 7077}", folder, settings)


_lock = threading.Lock()
_users: list[Address] = []  # those who have a session of the application that runs


def open_session(address: Address) -> SparkSession:
    """A session of its own (views and settings are not shared); the application is started by the first.

    Raises
    ------
    InvalidInput : PySpark or Java is missing, or this process has an application with another master.
    Unavailable : the master does not answer.
    """
    session_of = _library()
    logging.getLogger("SQLQueryContextLogger").disabled = True  # what it says is in our errors, without the plan
    with _lock:
        if not _users or _users[0].master != address.master:
            _look_for(address)
        if _users and _users[0].master != address.master:
            raise InvalidInput(
                f"this process works with the Spark master {_users[0].master} already",
                mend="use one master per process",
                code="second_spark_master",
            )
        builder = session_of.builder.master(address.master)
        for name, value in {**_PER_APPLICATION, **address.settings}.items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate().newSession()
        except Exception as error:
            raise Unavailable(
                f"Spark at {address.master} cannot be used: {str(error).splitlines()[0]}",
                mend="look at the master's log; Spark 4 needs Java 17 or newer on every machine, and the same Spark release",
                code="spark_unreachable",
            ) from None
        _users.append(address)
    set_up(session, address)
    return session


def set_up(session: SparkSession, address: Address) -> None:
    """Tell a session what all of ours are told."""
    own = {name: value for name, value in address.settings.items() if name.startswith("spark.sql.")}
    for name, value in {**own, **_PER_SESSION}.items():
        session.conf.set(name, value)


def leave(session: SparkSession, address: Address) -> None:
    """Give the session back; the last one ends the application."""
    with _lock:
        if address in _users:
            _users.remove(address)
            if not _users:
                _end(session)


def _end(session: SparkSession) -> None:
    """End the application and its Java, which PySpark would leave running until this process ends."""
    from pyspark import SparkContext

    session.stop()
    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=30)
        SparkContext._gateway = SparkContext._jvm = None


def _library() -> type[SparkSession]:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InvalidInput(
            "the library for Spark is not installed", mend="install it with `pip install 'regulars[spark]'`", code="no_driver"
        ) from None
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin/java").exists()) and shutil.which("java") is None:
        raise InvalidInput("Spark needs Java, and there is none", mend="install Java 17 or newer, or set JAVA_HOME", code="no_java")
    return SparkSession


def _look_for(address: Address) -> None:
    """Fail in seconds where Spark itself would try for minutes."""
    if not address.master.startswith("spark://"):
        return
    host, port = address.master.removeprefix("spark://").rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE_SECONDS).close()
    except OSError as error:
        raise Unavailable(
            f"the Spark master {address.master} does not answer: {error}",
            mend="start it, or correct the address",
            code="spark_unreachable",
        ) from None


def _memory(limit: str) -> str:
    """`2GB` as Spark writes it: `2g`."""
    return limit.strip().lower().removesuffix("b").removesuffix("i")
