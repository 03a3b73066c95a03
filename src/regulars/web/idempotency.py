"""Idempotency-Key: the same key gives one effect and the same answer, also across a crash and among concurrent senders."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access.domain import EVERY_SHOP
from regulars.access.keys import join
from regulars.errors import InvalidInput
from regulars.values import clock
from regulars.web.tables import idempotency_key

if TYPE_CHECKING:
    from regulars.records import UnitOfWork
    from regulars.web.door import RequestDoor

HEADER = "idempotency-key"
KEPT = timedelta(days=7)
LARGEST_ANSWER = 1024 * 1024
_WELL_FORMED = re.compile(r"[\x21-\x7e]{1,128}")

PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Send the same key again to get the same answer without a second effect; kept for 7 days",
    "schema": {"type": "string", "maxLength": 128},
    "example": "3f1c1a52-8f0e-4d39-9f1c-0c6a4d1e8b77",
}


def asked(request: Request) -> str | None:
    """The request's key, if it has one."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _WELL_FORMED.fullmatch(key):
        raise InvalidInput(
            "the Idempotency-Key is not 1 to 128 printable ASCII characters", mend="send a UUID", code="bad_idempotency_key"
        )
    return key


def once(door: RequestDoor, key: str, act: Callable[[], Response]) -> Response:
    """Act, or give the stored answer of the request that acted under this key.

    The key is taken first, inside the request's transaction: a concurrent sender waits there until this one has committed its
    effect together with its answer, or has been undone and left the key free.
    """
    request = door.request
    caller = door.visitor
    who = f"{caller.kind}:{caller.id}" if caller else f"network:{door.network}"
    key_hash = _digest(who, key, request.method, request.url.path)
    request_hash = _digest(request.url.query, door.request.scope["regulars.body"].fingerprint())
    with door.unit() as uow:
        if not _take(uow, key_hash, request_hash):
            return _stored(uow, key_hash, request_hash)
        forget_old(uow)
        response = act()
        body = bytes(getattr(response, "body", b""))
        if not hasattr(response, "body") or len(body) > LARGEST_ANSWER:
            raise InvalidInput(
                "this answer is too large to be kept for an Idempotency-Key", mend="send the request without the key"
            )
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in response.raw_headers]
        uow.execute(
            update(idempotency_key)
            .where(idempotency_key.c.key_hash == key_hash)
            .values(status=response.status_code, headers=json.dumps(headers), body=base64.b64encode(body).decode())
        )
    return response


def forget_old(uow: UnitOfWork) -> int:
    """Drop keys older than 7 days; returns how many."""
    return uow.execute(delete(idempotency_key).where(idempotency_key.c.created_at < clock.now() - KEPT)).rowcount


def _take(uow: UnitOfWork, key_hash: str, request_hash: str) -> bool:
    values = {"key_hash": key_hash, "request_hash": request_hash, "created_at": clock.now(), "shop_id": EVERY_SHOP}
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    taken = make(idempotency_key).values(values).on_conflict_do_nothing().returning(idempotency_key.c.key_hash)
    return uow.execute(taken).first() is not None  # PostgreSQL's driver tells no row count for this


def _stored(uow: UnitOfWork, key_hash: str, request_hash: str) -> Response:
    row = uow.one(select(idempotency_key).where(idempotency_key.c.key_hash == key_hash))
    if row is None or row["status"] is None or row["request_hash"] != request_hash:
        raise InvalidInput(
            "this Idempotency-Key was used for another request",
            mend="use a new key for each request, and the same key only to repeat it unchanged",
            code="idempotency_key_reused",
            status=422,
        )
    response = Response(base64.b64decode(row["body"]), row["status"])
    response.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(row["headers"])]
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _digest(*parts: str) -> str:
    return hashlib.sha256(join(*parts)).hexdigest()
