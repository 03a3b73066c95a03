"""Screens of forecasts."""

from regulars.predict.forecast.pages import forecast

__all__ = ["forecast"]
