"""Where the routes of this room join."""

from __future__ import annotations

from regulars.web import Api

api = Api(tags=["Serve"])
