"""How a browser's question comes in and how its answer goes out: the key, the site, how often, who may keep the answer."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Response

from regulars.access.secrets import token_hash
from regulars.serve.storefront import service
from regulars.web.rates import Window, neighbourhood

if TYPE_CHECKING:
    from regulars.serve.storefront.service import Front
    from regulars.web import RequestDoor

#: All browsers of a source together, and one network among them: this many questions a minute.
PER_KEY, PER_NETWORK = 12_000, 1_200
#: What no person has a part in may be kept for so long.
KEPT_SECONDS, PAGE_SECONDS, SCRIPT_SECONDS = 60, 300, 3_600
#: Pages without scripts of ours: pictures and their own look, nothing else.
PAGE_POLICY = "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'self'"

_KEY, _NETWORK = Window(PER_KEY), Window(PER_NETWORK)

Key = Annotated[str, Query(max_length=200, description="Write key of a source of kind browser")]
Visitor = Annotated[str | None, Query(max_length=200, description="The device, as its tracker names it (anonymousId)")]
Token = Annotated[str | None, Query(max_length=2_000, description="A customer token that the shop's server signed")]


def let_in(door: RequestDoor, key: str, visitor: str | None = None, token: str | None = None) -> Front:
    """The shop as this browser sees it, if it may ask.

    Raises
    ------
    NotAllowed : by the key, the site or the token; or it asks too often.
    """
    origin = door.request.headers.get("origin", "")
    _count(_NETWORK, f"{token_hash(key)}:{neighbourhood(door.network)}", "this network")
    front = service.enter(
        door.records,
        door.warehouse,
        door.home,
        door.keyring,
        key=key,
        origin=origin,
        language=door.language,
        visitor=visitor,
        token=token,
    )
    _count(_KEY, front.source.source_id, "this source's browsers")
    return front


def tell_how_to_keep(door: RequestDoor, front: Front, *, seconds: int, shared: bool = True) -> None:
    """Headers of an answer: which site may read it, who may keep it; what is one person's is nobody's to keep."""
    origin = door.request.headers.get("origin", "")
    kept = "private, no-store" if front.of_somebody or not seconds else f"{'public' if shared else 'private'}, max-age={seconds}"
    door.answer_headers += [
        ("cache-control", kept),
        ("vary", "Origin, Accept-Language"),
        ("access-control-allow-origin", origin[:300] or "*"),
        ("cross-origin-resource-policy", "cross-origin"),
    ]


def html(door: RequestDoor, front: Front, text: str, *, seconds: int, policy: str = PAGE_POLICY) -> Response:
    """A page that the shop's own sites may frame."""
    tell_how_to_keep(door, front, seconds=seconds)
    sites = " ".join(front.source.origins) or "*"
    headers = {
        "content-security-policy": f"{policy}; frame-ancestors 'self' {sites}",
        "referrer-policy": "strict-origin-when-cross-origin",
    }
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


def base_of(door: RequestDoor) -> str:
    """How this installation is reached."""
    return (door.options.public_url or str(door.request.base_url)).rstrip("/")


@cache
def widgets(packed: bool) -> bytes:
    """The components: one file, built from `clients/js/widgets`."""
    plain = (files("regulars.serve.storefront") / "static" / "widgets.js").read_bytes()
    return gzip.compress(plain, 9, mtime=0) if packed else plain


def _count(window: Window, subject: str, who: str) -> None:
    if not window.hit(subject):
        window.refuse(f"{who} asked more than {window.most} times in a minute", mend="keep what was answered for a minute")
