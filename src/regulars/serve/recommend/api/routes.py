"""Where the room's routes join."""

from __future__ import annotations

from regulars.web import Api

api = Api(tags=["Serve"])
