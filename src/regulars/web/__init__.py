"""HTTP furniture: who asks (Door), what may be asked (Api), and the middleware every request passes.

Question: is this request allowed, well-formed and done exactly once?
Owns: idempotency_key.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.web.application import build
    from regulars.web.door import Door, RequestDoor
    from regulars.web.options import Stores, WebOptions
    from regulars.web.origins import network_of
    from regulars.web.paging import Page
    from regulars.web.routes import Api, check_every_route_has_permission, guards_itself

#: Read when first asked for: commands need the tables of this floor, but not FastAPI.
_PUBLIC = {
    "Api": "routes",
    "Door": "door",
    "Page": "paging",
    "RequestDoor": "door",
    "Stores": "options",
    "WebOptions": "options",
    "build": "application",
    "check_every_route_has_permission": "routes",
    "guards_itself": "routes",
    "network_of": "origins",
}

__all__ = [
    "Api",
    "Door",
    "Page",
    "RequestDoor",
    "Stores",
    "WebOptions",
    "build",
    "check_every_route_has_permission",
    "guards_itself",
    "network_of",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
