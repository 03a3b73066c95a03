"""Platforms over HTTP: deliveries in, and the sources and connectors they belong to."""

from __future__ import annotations

from regulars.collect.platforms.api import connectors, webhooks
from regulars.collect.platforms.api.routes import api

__all__ = ["api", "connectors", "webhooks"]
