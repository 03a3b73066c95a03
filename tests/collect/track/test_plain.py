"""The lane of plain messages says of each what the one-by-one reading says, and leaves to that what it is not sure of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.access.keys import Keyring
from regulars.collect.track.domain.dialects import messages_in
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.domain.shaping import Refused, Shaped, Shaper
from regulars.collect.track.plain import PLACES, Lane, Visible
from regulars.events.ecommerce import SPECS, problems_of
from regulars.guard import privacy

NOW = datetime(2026, 11, 21, 20, 13, 5)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1"
KEYRING = Keyring(bytes(32))
IDS = Ids(partial(privacy.known_id, KEYRING, "tea"), partial(privacy.visitor_id, KEYRING, "tea"))

#: What a property, a field or a part of a context may hold beside what it should.
odd = st.sampled_from(
    [None, "", " a ", "a@b.cn", "13812345678", "null", 0, 5, -3, 1.5, 1e15, 0.00001, True, [], {}, [1, "x"], {"a": {"b": None}}, 'q"uo\\te', "茶\u0000", "x" * 600]
)  # fmt: skip
word = st.sampled_from(["p1", "茶 叶", "Tea", "A-1", "c/d", "1,299.00", "19.90", "2026-01-01", "EUR", "x"])
number = st.sampled_from([0, 1, 3, 19.9, 0.5, 1234567, 2.25, 99999999999, 3000000000])
NUMBERS = {"price", "quantity", "position", "duration_ms", "total", "value", "rating", "lcp_ms", "step"}
NAMES = sorted(
    {name for spec in SPECS.values() for prop in spec.properties for name in prop.names}
    | {"own", "email", "$current_url", "$raw_user_agent"}
)
MOMENTS = ["2026-11-21T20:13:01.828Z", "2026-11-21T20:13:01Z", "2026-11-21T20:12:59.123456Z"]
ODD_MOMENTS = [
    "2026-11-21T20:13:01+08:00",
    "2026-11-23T20:13:01.8Z",
    "1980-01-01T00:00:00Z",
    "2026-13-40T00:00:00Z",
    "2026-11-21",
    1763756000,
    None,
    "",
]
USERS = st.sampled_from(["u1", "17850", 17850, "C-00017"])
ODD_USERS = st.sampled_from(["v_123", "abc", "a@b.cn", "13812345678", "null", "$group_1", "undefined", " u2 ", "x_1", 1.5, None])
DEVICES = st.sampled_from(["d-1", "0813e268-0000-4000-8000-000000000000", "v_1", "a|b"])
ODD_DEVICES = st.sampled_from(["anonymous", "a b", "设备", 7, "$device_1", None, ""])
EVENTS = st.sampled_from([*SPECS, "product_viewed", "Own Event", "加入购物车"])


@st.composite
def properties(draw: st.DrawFn) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=6)):
        told[name] = draw(number if name in NUMBERS else word)
    if draw(st.integers(0, 3)) == 0:
        told[draw(st.sampled_from(NAMES))] = draw(odd)
    return told


@st.composite
def context(draw: st.DrawFn) -> dict[str, Any]:
    page = {
        "url": draw(
            st.sampled_from(["https://s.cn/a?utm_source=x&gclid=1", "https://s.cn/茶/", "/p", "https://s.cn/?email=a@b.cn"])
        ),
        "referrer": draw(st.sampled_from(["https://www.baidu.com/s?wd=a", "$direct", ""])),
        "title": draw(word),
    }
    parts = {
        "page": page,
        "userAgent": draw(st.sampled_from([PHONE, "curl/8", "Googlebot/2.1"])),
        "library": {"name": draw(st.sampled_from(["analytics.js", "analytics-python", "x"]))},
        "campaign": {"source": draw(word), "name": draw(word)},
        "locale": "zh-CN",
        "sessionId": draw(st.sampled_from(["s1", 1763756000123])),
        "history": draw(st.booleans()),
        "timezone": "Asia/Shanghai",
        "ip": "1.2.3.4",
        "screen": {"width": 390, "density": 2.5},
    }
    told = {name: parts[name] for name in draw(st.lists(st.sampled_from(sorted(parts)), max_size=6))}
    match draw(st.integers(0, 9)):
        case 0:
            told[draw(st.sampled_from(sorted(parts)))] = draw(odd)
        case 1 if "page" in told:
            told["page"] = {**page, draw(st.sampled_from(["url", "referrer", "title"])): draw(odd)}
        case 2:
            told |= draw(
                st.sampled_from(
                    [
                        {"gpc": True},
                        {"consent": {"categoryPreferences": {"analytics": False}}},
                        {"traits": {"email": "a@b.cn"}},
                        {"traits": {"name": "Mei", "plan": "gold"}},
                        {"traits": {}},
                        {"referrer": "https://m.cn/?email=a@b.cn"},
                    ]
                )
            )
    return told


@st.composite
def message(draw: st.DrawFn) -> dict[str, Any]:
    """A message as clients send them, in every fourth one something odd."""
    told: dict[str, Any] = {
        "type": draw(st.sampled_from(["track", "track", "page", "screen"])), "event": draw(EVENTS), "messageId": draw(st.uuids()).hex,
        "timestamp": draw(st.sampled_from(MOMENTS)), "properties": draw(properties()),
    }  # fmt: skip
    more = {
        "userId": USERS, "anonymousId": DEVICES, "name": word, "category": word, "originalTimestamp": st.sampled_from(MOMENTS),
        "sentAt": st.sampled_from(MOMENTS), "sessionId": word, "context": context(), "traits": st.none(),
    }  # fmt: skip
    told |= {name: draw(more[name]) for name in ("anonymousId", *draw(st.lists(st.sampled_from(sorted(more)), max_size=5)))}
    if draw(st.integers(0, 4)) == 0:
        del told["timestamp"]
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from([*more, *told]))
        told[name] = draw(
            {
                "userId": ODD_USERS, "anonymousId": ODD_DEVICES, "timestamp": st.sampled_from(ODD_MOMENTS),
                "originalTimestamp": st.sampled_from(ODD_MOMENTS), "sentAt": st.sampled_from(ODD_MOMENTS),
                "type": st.sampled_from(["identify", "group", "alias", "x", None]), "event": st.sampled_from([" Blank ", "坐\u0007", "", "y" * 201]),
                "messageId": st.sampled_from(["a b", 7, "", None, "m" * 201]), "traits": st.sampled_from([{}, {"plan": "a"}]),
            }.get(name, odd)
        )  # fmt: skip
    return told


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    made = Lane(tmp_path_factory.mktemp("lane"))
    yield made
    made.close()


def one_by_one(request: Visible) -> dict[int, Shaped | Refused]:
    shaper = Shaper(
        "tea", request.source_id, "CNY", IDS, request.received_at.replace(tzinfo=UTC), request.user_agent, request.region,
        scrub=lambda properties, traits: privacy.scrub(properties, traits=traits), problems=problems_of,
    )  # fmt: skip
    found = enumerate(messages_in("segment", request.call, request.body))
    return {request.place * PLACES + number: shaper.shape(told, envelope) for number, (told, envelope) in found}


def decoded(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in ("properties", "context") and value is not None else value for name, value in row.items()
    }


def compared(lane: Lane, *requests: Visible) -> tuple[int, int]:
    """How many messages were shaped in columns, and how many there were; each is as the other way shapes it."""
    found = lane.shape("tea", "part", IDS, requests)
    expected = {at: one for request in requests for at, one in one_by_one(request).items()}
    left = {at for at in expected if (places := found.left.get(at // PLACES, [])) is None or at % PLACES in places}
    shaped = {row.pop("at"): row for row in found.table.to_pylist()}
    assert (set(shaped) | left, set(shaped) & left) == (set(expected), set()), (found.left, set(expected))
    for at, row in shaped.items():
        other = expected[at]
        assert isinstance(other, Shaped), other
        expected_row = decoded({name: other.row.get(name) for name in row} | {"part_id": "part"})
        differing = {name: (told, expected_row[name]) for name, told in decoded(row).items() if told != expected_row[name]}
        assert not differing, differing
        assert other.traits is None and other.previous_id is None
    return len(shaped), len(expected)


def request(place: int, body: Any, call: str = "batch", agent: str = PHONE) -> Visible:
    return Visible(place, "src_1", call, body if isinstance(body, bytes) else json.dumps(body).encode(), NOW, agent, "CN-31")


@given(st.lists(message(), min_size=1, max_size=30), st.sampled_from([*MOMENTS, *ODD_MOMENTS]))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_batch_holds_both_ways_say_the_same(lane: Lane, messages: list[dict[str, Any]], sent: Any) -> None:
    compared(lane, request(0, {"batch": messages, "sentAt": sent}))


@given(message(), st.sampled_from(["t", "track", "p", "page", "s", "screen", "i"]))
@settings(max_examples=80)
def test_calls_alone_and_with_their_type_in_the_path(lane: Lane, told: dict[str, Any], call: str) -> None:
    compared(lane, request(3, told, call), request(4, {**told, "batch": [told]}, call))


def test_what_clients_send_every_day_is_plain(lane: Lane) -> None:
    common = {"anonymousId": "0813e268-0000-4000-8000-000000000000", "timestamp": "2026-11-21T20:13:01.828Z", "userId": "17850"}
    library = {
        "library": {"name": "analytics.js", "version": "1"},
        "userAgent": PHONE,
        "locale": "zh-CN",
        "timezone": "Asia/Shanghai",
    }
    at = {"page": {"url": "https://s.cn/茶?utm_source=x&gclid=1", "referrer": "https://www.baidu.com/s?wd=a", "title": "茶"}}
    product = {
        "product_id": "p1",
        "name": "茶",
        "price": 19.9,
        "quantity": 2,
        "currency": "CNY",
        "category": "Tea",
        "url": "https://s.cn/p1",
    }
    batch = [
        {"type": "track", "event": "Product Viewed", "messageId": "1", "properties": product, "context": library | at, **common},
        {"type": "page", "name": "Home", "messageId": "2", "properties": {"path": "/"}, "context": library | at, **common},
        {"type": "track", "event": "Products Searched", "messageId": "3", "properties": {"query": "乌龙"}, **common},
        {"type": "track", "event": "Product Added", "messageId": "4", "properties": {"price": 1}, **common},  # breaks its schema
        {"type": "screen", "name": "Start", "messageId": "5", **common},
    ]
    assert compared(lane, request(0, {"batch": batch, "sentAt": "2026-11-21T20:13:02Z"})) == (5, 5)


def test_bodies_that_are_no_batch_are_left_to_the_other_way(lane: Lane) -> None:
    good = {"type": "track", "event": "A", "userId": "u1", "messageId": "1"}
    bodies = [
        b"\xff\xfe",
        b"{",
        b"[]",
        b"5",
        json.dumps([good]).encode(),
        b'{"batch": 5}',
        b'{"batch": [{"event": "\\ud800"}]}',
        b"",
    ]
    requests = [request(place, body) for place, body in enumerate(bodies)]
    assert lane.shape("tea", "part", IDS, requests).left == dict.fromkeys(range(len(bodies)))
    assert compared(lane, *requests[4:6], request(9, {"batch": [good, None, 5, "x", [good]]}))[0] == 1
