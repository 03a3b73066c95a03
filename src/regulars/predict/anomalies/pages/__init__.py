"""Screens of alarms and of root causes."""

from regulars.predict.anomalies.pages import alarms, why

__all__ = ["alarms", "why"]
