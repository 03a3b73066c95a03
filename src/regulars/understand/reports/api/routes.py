"""The routes of this room, to which each file adds its own."""

from __future__ import annotations

from regulars.web import Api

api = Api(tags=["Reports"])
