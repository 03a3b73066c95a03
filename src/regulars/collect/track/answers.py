"""What the ingest door answers: always JSON with `code` and `message`, readable from any site, and the settings SDKs ask for."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Send

_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes
    kind: bytes = b"application/json; charset=utf-8"
    retry_after_s: int | None = None
    cache: bytes = b"no-store"
    encoding: bytes = b""
    code: str = ""  # of a refusal


def taken(count: int) -> Answer:
    """Everything of the request is on disk. Exactly 200: some SDKs send again on 202."""
    return Answer(200, b'{"success":true,"status":1,"code":"ok","message":"taken","count":%d}' % count)


def refused(status: int, code: str, message: str, mend: str, *, retry_after_s: int | None = None) -> Answer:
    """The request is wrong as a whole, or cannot be taken now."""
    body = {"success": False, "status": status, "code": code, "message": message, "mend": mend}
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), retry_after_s=retry_after_s, code=code)


def busy(dialect: str, code: str, message: str, mend: str, *, retry_after_s: int = 1) -> Answer:
    """The request cannot be taken just now: 429, but 503 for PostHog, whose browser client throws away what is answered with 429."""
    return refused(503 if dialect == "posthog" else 429, code, message, mend, retry_after_s=retry_after_s)


def _json(content: Any, *, cache: bytes = b"no-store") -> Answer:
    return Answer(200, json.dumps(content, separators=(",", ":")).encode(), cache=cache)


PIXEL = Answer(200, _GIF, b"image/gif")
#: No flags: what a PostHog client needs to go on.
FLAGS = _json(
    {
        "featureFlags": {},
        "featureFlagPayloads": {},
        "flags": {},
        "errorsWhileComputingFlags": False,
        "sessionRecording": False,
        "supportedCompression": ["gzip", "gzip-js"],
        "toolbarParams": {},
        "isAuthenticated": False,
        "siteApps": [],
        "surveys": False,
        "code": "ok",
        "message": "no flags",
    }
)


def configuration(kind: str, key: str, source_id: str, host: tuple[str, str]) -> Answer:
    """The settings without which a browser SDK sends nothing."""
    scheme, name = host
    match kind:
        case "settings":
            everything = {"__default": {"enabled": True}}
            return _json(
                {
                    "integrations": {
                        "Segment.io": {
                            "apiKey": key,
                            "apiHost": f"{name}/v1",
                            "protocol": scheme,
                            "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                        }
                    },
                    "plan": {"track": everything, "identify": everything, "group": everything},
                    "middlewareSettings": {},
                    "enabledMiddleware": {},
                    "metrics": {"sampleRate": 0},
                    "legacyVideoPluginsEnabled": False,
                    "remotePlugins": [],
                }
            )
        case "source_config":
            return _json(
                {
                    "source": {
                        "id": source_id,
                        "name": source_id,
                        "writeKey": key,
                        "enabled": True,
                        "workspaceId": "regulars",
                        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
                        "destinations": [],
                        "connections": [],
                        "sourceDefinition": {"name": "Javascript"},
                        "dataplanes": {},
                    },
                    "updatedAt": "2025-01-01T00:00:00.000Z",
                }
            )
    config = {
        "token": key,
        "supportedCompression": ["gzip", "gzip-js"],
        "hasFeatureFlags": False,
        "captureDeadClicks": False,
        "capturePerformance": False,
        "autocapture_opt_out": True,
        "autocaptureExceptions": False,
        "sessionRecording": False,
        "heatmaps": False,
        "surveys": False,
        "defaultIdentifiedOnly": True,
        "analytics": {"endpoint": "/e/"},
        "elementsChainAsString": True,
        "siteApps": [],
    }
    if kind == "config":
        return _json(config)
    script = f"(function(){{window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};window._POSTHOG_REMOTE_CONFIG[{json.dumps(key)}]={{config:{json.dumps(config)},siteApps:[]}}}})();"
    return Answer(200, script.encode(), b"application/javascript; charset=utf-8")


@cache
def tracker(packed: bool) -> Answer:
    """The page tracker, `/t.js`: one small file, kept by browsers for an hour."""
    plain = (files("regulars.collect.track") / "static" / "t.js").read_bytes()
    body = gzip.compress(plain, 9, mtime=0) if packed else plain
    return Answer(200, body, b"text/javascript; charset=utf-8", cache=b"public, max-age=3600", encoding=b"gzip" if packed else b"")


async def give(send: Send, answer: Answer, origin: str) -> None:
    """Send an answer, readable by the page that asked."""
    headers = [
        (b"content-type", answer.kind),
        (b"content-length", str(len(answer.body)).encode()),
        (b"cache-control", answer.cache),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        *_cors(origin),
    ]
    if answer.encoding:
        headers += [(b"content-encoding", answer.encoding), (b"vary", b"Accept-Encoding")]
    if answer.retry_after_s is not None:
        headers.append((b"retry-after", str(answer.retry_after_s).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def preflight(send: Send, origin: str, asked: str) -> None:
    """Any site may send events with whatever headers its SDK uses; no cookie of ours is ever looked at here."""
    headers = [
        *_cors(origin),
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", (asked[:1000] or "authorization, content-type").encode("latin-1", "ignore")),
        (b"access-control-max-age", b"86400"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _cors(origin: str) -> list[tuple[bytes, bytes]]:
    if not origin:
        return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"Retry-After")]
    return [
        (b"access-control-allow-origin", origin[:300].encode("latin-1", "ignore")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"Retry-After"),
        (b"vary", b"Origin"),
    ]
