"""The ingest door in the API's description: bodies, keys, every status, and examples, written from the table the door itself reads."""

from __future__ import annotations

import json
import re
from typing import Any

from regulars.collect.track import answers
from regulars.collect.track.domain.addresses import PLACES, WRITE_KEY, Address, Method, Place

TAG = "Event intake"
_KEY = "c3f1a0b2d4e6f8a0"
_AT = "2026-11-01T09:30:00Z"
_PROPERTIES = {"product_id": "p-17", "price": 49.9, "currency": "CNY"}

_CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "track": ("Something happened", {"event": "Product Viewed", "properties": _PROPERTIES}),
    "identify": ("Who somebody is", {"traits": {"plan": "gold"}}),
    "page": ("A page was seen", {"name": "Home", "properties": {"url": "https://shop.example/"}}),
    "screen": ("A screen of an app was seen", {"name": "Basket"}),
    "group": ("Somebody belongs to a group", {"groupId": "club"}),
    "alias": ("Two ids are one customer", {"previousId": "17849"}),
}
_POSTHOG = {"event": "Product Viewed", "distinct_id": "17850", "uuid": "0193", "timestamp": _AT, "properties": _PROPERTIES}
_OPEN: dict[str, tuple[str, str]] = {
    "tracker": ("The page tracker", "The script of a script tag, kept by browsers for an hour. Needs no key."),
    "settings": ("Settings for Segment's browser SDK", "Without them it sends nothing; they name this address as the one to send to."),
    "source_config": ("Settings for RudderStack's browser SDK", "Without them it sends nothing. The key is a Basic user or `?writeKey=`."),
    "config": ("Settings for PostHog's browser SDK", "What is recorded: events, and nothing else."),
    "config_js": ("Settings for PostHog's browser SDK, as a script", "What is recorded: events, and nothing else."),
    "flags": ("Feature flags for PostHog's SDKs", "There are none; the answer is what an SDK needs to go on."),
    "nothing": ("Taken and thrown away", "What SDKs send or ask beside events (metrics, recordings, surveys); nothing is kept. Needs no key."),
}  # fmt: skip

_TEXT = {"type": "string"}
_OBJECT = {"type": "object", "additionalProperties": True}
SCHEMAS: dict[str, Any] = {
    "IntakeMessage": {
        "title": "IntakeMessage",
        "type": "object",
        "description": "A message in Segment's form, at most 32 KB. Other fields are taken and ignored.",
        "properties": {
            "type": {**_TEXT, "description": "track, identify, page, screen, group or alias; the path of one call says it too"},
            "event": {**_TEXT, "description": "of track: the name"},
            "name": {**_TEXT, "description": "of page and screen: the name"},
            "userId": {"type": ["string", "integer", "null"], "description": "the known customer; this or anonymousId is needed"},
            "anonymousId": {"type": ["string", "integer", "null"], "description": "the visitor's device"},
            "previousId": {"type": ["string", "integer", "null"], "description": "of alias: the id that is the same customer"},
            "groupId": {"type": ["string", "integer", "null"], "description": "of group"},
            "messageId": {**_TEXT, "description": "unique in its source; sent twice it counts once"},
            "properties": {**_OBJECT, "description": "what the event says"},
            "traits": {**_OBJECT, "description": "what is known about the customer"},
            "context": {**_OBJECT, "description": "page, campaign, userAgent, consent ..."},
            "timestamp": {**_TEXT, "description": "when it happened, ISO 8601"},
            "originalTimestamp": {**_TEXT, "description": "the same by the device's clock, corrected by sentAt"},
            "sentAt": {**_TEXT, "description": "when it was sent, by the device's clock"},
            "integrations": _OBJECT,
            "writeKey": {**_TEXT, "description": "the source's key, where no header holds it"},
        },
        "additionalProperties": True,
    },
    "IntakeBatch": {
        "title": "IntakeBatch",
        "type": "object",
        "description": "Messages together, at most 4 MB. A bad one is put aside with its reason and costs the others nothing.",
        "properties": {
            "batch": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/IntakeMessage"}},
            "sentAt": {**_TEXT, "description": "for messages without one of their own"},
            "writeKey": {**_TEXT, "description": "the source's key, where no header holds it"},
        },
        "required": ["batch"],
        "additionalProperties": True,
    },
    "IntakePosthog": {
        "title": "IntakePosthog",
        "type": "object",
        "description": "One event in PostHog's form, or several as `batch` (a bare list is taken too).",
        "properties": {
            "api_key": {**_TEXT, "description": "the source's key; `token` is the same"},
            "token": {**_TEXT, "description": "the source's key"},
            "batch": {"type": "array", "minItems": 1, "items": _OBJECT, "description": "events"},
            "event": {**_TEXT, "description": "the name"},
            "distinct_id": {"type": ["string", "integer"], "description": "the customer or device"},
            "uuid": {**_TEXT, "description": "unique in its source; sent twice it counts once"},
            "timestamp": {**_TEXT, "description": "when it happened, ISO 8601"},
            "properties": {**_OBJECT, "description": "what the event says"},
        },
        "additionalProperties": True,
    },
    "IntakeAnswer": {
        "title": "IntakeAnswer",
        "type": "object",
        "description": "Everything of the request is on disk.",
        "properties": {
            "success": {"type": "boolean"},
            "status": {"type": "integer", "description": "1, as PostHog's SDKs expect"},
            "code": {**_TEXT, "description": "ok"},
            "message": _TEXT,
            "count": {"type": "integer", "description": "messages that were taken into the journal"},
        },
        "required": ["success", "status", "code", "message", "count"],
    },
    "IntakeRefusal": {
        "title": "IntakeRefusal",
        "type": "object",
        "description": "The request as a whole was not taken, and nothing of it is stored.",
        "properties": {
            "success": {"type": "boolean"},
            "status": {"type": "integer"},
            "code": {**_TEXT, "description": "for programs"},
            "message": {**_TEXT, "description": "what happened"},
            "mend": {**_TEXT, "description": "what to do"},
        },
        "required": ["success", "status", "code", "message", "mend"],
    },
}  # fmt: skip
SECURITY: dict[str, Any] = {
    "write_key": {"type": "http", "scheme": "basic", "description": "a source's write key as the user, without a password"},
    "write_key_bearer": {"type": "http", "scheme": "bearer", "description": "a source's write key"},
    "write_key_query": {"type": "apiKey", "in": "query", "name": "writeKey", "description": "a source's write key; `write_key`, `api_key`, `token` and `_k` are taken too"},
}  # fmt: skip
_KEYED: list[dict[str, list[str]]] = [
    {"write_key": []},
    {"write_key_bearer": []},
    {"write_key_query": []},
    {},
]  # {}: the key stands in the body

_REFUSALS = {
    400: "Wrong as a whole: `empty_body`, `bad_json`, `no_batch`, `bad_batch`, `empty_batch`, `no_identity`, `bad_gzip`, `bad_base64`, `cut_off`",
    401: "`no_key`: it carries no write key; `bad_key`: the key is not valid here",
    403: "`foreign_origin`: the source takes no events from that site",
    405: "`method`: events are sent with POST",
    408: "`too_slow`: the body did not arrive within 30 seconds",
    413: "`too_large`: more than 4 MB, packed or unpacked; `too_many`: more than 100,000 messages",
    415: "`bad_encoding`: neither plain nor gzip nor deflate",
    429: "`too_busy`, `behind`: send it again after `Retry-After` seconds",
    503: "`disk_full`, `journal_read_only`, `disk_error`, `stopping`, `unexpected`, for PostHog `too_busy` and `behind` too: send it again after `Retry-After` seconds",
}  # fmt: skip
_OF_KIND: dict[str, tuple[int, ...]] = {
    "events": tuple(_REFUSALS),
    "webhook": tuple(_REFUSALS),
    "pixel": (400, 401, 403, 405, 429, 503),
    "flags": (400, 401, 408, 413, 415, 503),
    "nothing": (400, 408, 413),
    "tracker": (),
}
_SETTINGS = (401, 503)


def described() -> dict[str, Any]:
    """What the door adds to the API's description: `paths`, `schemas` and `security` schemes."""
    paths = {
        place.path: {**{method.lower(): _operation(place, method) for method in place.methods}, "options": _preflight(place)}
        for place in PLACES
    }
    return {"paths": paths, "schemas": SCHEMAS, "security": SECURITY}


def _operation(place: Place, method: Method) -> dict[str, Any]:
    asks = place.asks
    summary, more = _told(place, method)
    keyless = asks.kind in ("nothing", "tracker")
    in_path = WRITE_KEY in place.path
    operation: dict[str, Any] = {
        "tags": [TAG],
        "summary": summary,
        "description": more,
        "operationId": f"{method.lower()}_intake_{asks.dialect}" + "".join("_" + word for word in re.findall("[a-z]+", place.path.lower())),
        "x-public": "needs no key" if keyless else "carries the source's write key, which can only write events",
        "security": [] if keyless or in_path else _KEYED,
        "responses": {"200": _answer(asks), **{str(status): _refusal(status, asks) for status in _statuses(asks, method)}},
    }  # fmt: skip
    if parameters := _parameters(asks, method, in_path):
        operation["parameters"] = parameters
    if method == "POST" and (body := _body(asks)):
        operation["requestBody"] = body
    return operation


def _preflight(place: Place) -> dict[str, Any]:
    """What browsers ask before they send from a page of another site."""

    def header(said: str, example: str) -> dict[str, Any]:
        return {"description": said, "schema": _TEXT, "example": example}

    operation: dict[str, Any] = {
        "tags": [TAG],
        "summary": "May a page of another site send this?",
        "description": "The preflight of CORS: any site may, with whatever headers its SDK uses. A source's own list of sites is asked when events come.",
        "operationId": "_".join(["options_intake", place.asks.dialect, *re.findall("[a-z]+", place.path.lower())]),
        "x-public": "asked by browsers, without a key",
        "security": [],
        "responses": {
            "200": {
                "description": "It may",
                "headers": {
                    "Access-Control-Allow-Origin": header("the site that asked, else `*`", "https://shop.example"),
                    "Access-Control-Allow-Credentials": header("where a site asked; no cookie is ever looked at", "true"),
                    "Access-Control-Allow-Methods": header("always the same", "GET, POST, OPTIONS"),
                    "Access-Control-Allow-Headers": header("those that were asked for", "authorization, content-type"),
                    "Access-Control-Expose-Headers": header("what the page may read of answers", "Retry-After"),
                    "Access-Control-Max-Age": header("seconds for which the browser need not ask again", "86400"),
                },
            }
        },
    }
    if WRITE_KEY in place.path:
        operation["parameters"] = _parameters(place.asks, "POST", in_path=True)
    return operation


def _told(place: Place, method: Method) -> tuple[str, str]:
    asks = place.asks
    match asks.kind:
        case "events" if asks.dialect == "posthog":
            more = "PostHog's form, plain, gzip, or base64 as `data=`."
            return ("Events from PostHog's SDKs", more) if method == "POST" else ("An event in the address", more)
        case "events" if asks.call in ("batch", "import"):
            more = "Many messages. 200 means: on disk; they can be queried within two seconds, each once."
            return "Messages together", more + (" They may be long past; times are kept as told." if asks.call == "import" else "")
        case "events":
            return _CALLS[_call(asks)][
                0
            ], f"One {_call(asks)} message. 200 means: on disk; it can be queried within two seconds, once."
        case "pixel":
            return "An event by a picture's address", "Answers a picture of one pixel; every other name in the query is a property."
        case "webhook":
            return (
                "Any JSON as an event",
                "A message in Segment's form is taken as that; other JSON becomes a `Webhook Received` event.",
            )
    return _OPEN[asks.kind]


def _call(asks: Address) -> str:
    return {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "merge": "alias"}.get(
        asks.call, asks.call
    )


def _statuses(asks: Address, method: Method) -> tuple[int, ...]:
    found = _OF_KIND.get(asks.kind, _SETTINGS)
    if asks.dialect == "posthog":
        found = tuple(status for status in found if status != 429)
    return found if method == "GET" else tuple(status for status in found if status != 405)


def _refusal(status: int, asks: Address) -> dict[str, Any]:
    example = {"success": False, "status": status, "code": re.findall("`([a-z_]+)`", _REFUSALS[status])[0]}
    example |= {"message": "the request was not taken", "mend": "see `code`"}
    form: dict[str, Any] = {
        "description": _REFUSALS[status],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IntakeRefusal"}, "example": example}},
    }
    if status in (429, 503):
        form["headers"] = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
    return form


def _answer(asks: Address) -> dict[str, Any]:
    match asks.kind:
        case "pixel":
            return {"description": "Taken", "content": {"image/gif": {"schema": _TEXT, "example": "GIF89a"}}}
        case "tracker":
            return {"description": "The script", "content": {"text/javascript": {"schema": _TEXT, "example": "(()=>{})()"}}}
        case "config_js":
            script = answers.configuration("config_js", _KEY, "source_01", ("https", "events.shop.example")).body.decode()
            return {"description": "The script", "content": {"application/javascript": {"schema": _TEXT, "example": script}}}
        case "events" | "webhook" | "nothing":
            body = answers.taken(0 if asks.kind == "nothing" else 1).body
            schema: dict[str, Any] = {"$ref": "#/components/schemas/IntakeAnswer"}
        case "flags":
            body, schema = answers.FLAGS.body, _OBJECT
        case _:
            body, schema = answers.configuration(asks.kind, _KEY, "source_01", ("https", "events.shop.example")).body, _OBJECT
    return {"description": "Taken", "content": {"application/json": {"schema": schema, "example": json.loads(body)}}}


def _parameters(asks: Address, method: Method, in_path: bool) -> list[dict[str, Any]]:
    def one(name: str, where: str, said: str, *, needed: bool = False, example: str = "") -> dict[str, Any]:
        more = {"example": example} if example else {}
        return {"name": name, "in": where, "required": needed, "schema": _TEXT, "description": said, **more}

    found = [one("write_key", "path", "The source's write key", needed=True, example=_KEY)] if in_path else []
    if asks.kind == "pixel":
        found += [
            one("writeKey", "query", "The source's write key", needed=True, example=_KEY),
            one("event", "query", "Of track: the name", example="Mail Opened"),
            one("userId", "query", "The known customer", example="17850"),
            one("anonymousId", "query", "The visitor; without both a new one"),
            one("properties", "query", "Properties as JSON; without it all other names in the query"),
        ]
    elif asks.kind == "events" and method == "GET":
        data = "eyJldmVudCI6IkEiLCJkaXN0aW5jdF9pZCI6IjE3ODUwIn0="
        found.append(one("data", "query", "The event as JSON in base64", needed=True, example=data))
    return found


def _body(asks: Address) -> dict[str, Any] | None:
    schema: dict[str, Any]
    example: dict[str, Any]
    match asks.kind:
        case "events" if asks.dialect == "posthog":
            name, example = "IntakePosthog", dict(_POSTHOG)
        case "events" if asks.call in ("batch", "import"):
            name = "IntakeBatch"
            example = {"batch": [{"type": "track", "userId": "17850", "messageId": "m-1", "timestamp": _AT, **_CALLS["track"][1]}]}
            example["sentAt"] = _AT
        case "events":
            name = "IntakeMessage"
            example = {"userId": "17850", "messageId": "m-1", "timestamp": _AT, **_CALLS[_call(asks)][1]}
        case "webhook":
            return {
                "required": True,
                "content": {"application/json": {"schema": _OBJECT, "example": {"ticket": 4711, "state": "solved"}}},
            }
        case "flags":
            return {"content": {"application/json": {"schema": _OBJECT, "example": {"api_key": _KEY, "distinct_id": "17850"}}}}
        case _:
            return None
    schema = {"$ref": f"#/components/schemas/{name}"}
    content: dict[str, Any] = {"application/json": {"schema": schema, "example": example}}
    return {"required": True, "description": "JSON whatever the content type says; gzip is taken", "content": content}
