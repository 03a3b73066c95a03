"""The room over HTTP: alarms, root causes, and who is told."""

from regulars.predict.anomalies.api import receivers  # noqa: F401 (its routes join)
from regulars.predict.anomalies.api.alarms import api

__all__ = ["api"]
