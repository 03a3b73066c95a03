"""What Spark complains of, in the words of the house."""

from __future__ import annotations

import re

from regulars.errors import RegularsError, StorageFull, Unavailable

_LOST = r"SparkContext was shut down|stopped SparkContext|Connection refused|Answer from Java side is empty|All masters are"


def is_gone(error: BaseException) -> bool:
    """Whether files were removed while they were read."""
    return getattr(error, "code", "") == "files_gone" or "FILE_NOT_EXIST" in str(error) or "[PATH_NOT_FOUND]" in str(error)


def explain(error: Exception, doing: str) -> Exception:
    """What an error of Spark's means for the person at the keyboard; errors of the house are passed on."""
    if isinstance(error, RegularsError):
        return error
    text = _reasons(error)
    if is_gone(error):
        return Unavailable(f"files of the tables were removed while {doing}", mend="try again", code="files_gone")
    if re.search(r"SPARK_JOB_CANCELLED|OPERATION_CANCELED|Job \d+ cancelled|InterruptedException", text):
        return Unavailable(f"stopped while {doing}", mend="start it again", code="interrupted")
    if "No space left on device" in text:
        return StorageFull(
            f"the disk of Spark is full while {doing}", mend="free some space and try again; nothing was half written"
        )
    if re.search(r"OutOfMemoryError|maxResultSize|exceeded memory", text, re.I):
        return Unavailable(
            f"Spark has not enough memory while {doing}",
            mend="give it more in the address: ?spark.driver.memory=4g&spark.executor.memory=4g",
            code="spark_memory",
        )
    if re.search(_LOST, text):
        return Unavailable(
            f"the Spark application has ended while {doing}", mend="look at the cluster, then try again", code="spark_lost"
        )
    return RegularsError(f"Spark refused {text} while {doing}", mend="report it with this text", code="spark_refused")


def _reasons(error: Exception) -> str:
    """What happened and because of what, without the plan of the statement and the ways it came: these may hold any words."""
    lines = str(error).splitlines()
    causes = [line for line in lines[1:] if line.startswith(("Caused by", ": org.apache", ": java", "org.apache.spark"))]
    return " ".join([f"{type(error).__name__}:", *lines[:1], *causes])[:600]
