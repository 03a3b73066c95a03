"""HTTP furniture: who asks (Door), what may be asked (Api), and the middleware every request passes.

Question: is this request allowed, well-formed and done exactly once?
Owns: idempotency_key.
"""

from regulars.web.application import build
from regulars.web.door import Door, RequestDoor
from regulars.web.options import Stores, WebOptions
from regulars.web.origins import network_of
from regulars.web.paging import Page
from regulars.web.routes import Api, check_every_route_has_permission, guards_itself

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
