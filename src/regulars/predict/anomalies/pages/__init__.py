"""Screens of alarms, of who is told of them, and of root causes."""

from regulars.predict.anomalies.pages import alarms, receivers, why

__all__ = ["alarms", "receivers", "why"]
