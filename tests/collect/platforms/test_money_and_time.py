"""Laws of reading: amounts keep every digit, times keep their instant, and nothing else passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.platforms.domain.messages import moment, plain, short_id
from regulars.collect.platforms.domain.payload import Reader, amount_of, id_of, instant_of
from regulars.errors import InvalidInput
from regulars.web.bodies import strict_json

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=4)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(amount=AMOUNTS)
def test_an_amount_as_text_keeps_every_digit(amount: Decimal) -> None:
    text = format(amount, "f")

    assert plain(amount_of(text, "x")) == text
    assert amount_of(plain(amount_of(text, "x")), "x") == amount


@given(amount=AMOUNTS)
def test_an_amount_as_a_number_of_json_keeps_every_digit(amount: Decimal) -> None:
    text = format(amount, "f")
    read = strict_json(b'{"a": ' + text.encode() + b"}", exact=True)

    assert Reader(read).amount("a") == amount


@given(minor=st.integers(0, 10**14), digits=st.sampled_from([0, 2, 3]))
def test_minor_units_survive_the_way_through_a_message(minor: int, digits: int) -> None:
    amount = Decimal(minor).scaleb(-digits)

    assert int(Decimal(plain(amount_of(format(amount, "f"), "x"))).scaleb(digits)) == minor


@given(at=st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1)), offset=OFFSETS)
def test_a_time_with_an_offset_is_the_same_instant_in_utc(at: datetime, offset: timezone) -> None:
    told = at.replace(tzinfo=offset)

    found = instant_of(told.isoformat(), "x")

    assert found == told
    assert found is not None
    assert found.tzinfo is UTC
    assert datetime.fromisoformat(moment(found)) == told
    assert moment(found).endswith("Z")


@given(at=st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1)).map(lambda value: value.replace(microsecond=0)))
def test_seconds_and_milliseconds_since_1970_are_one_instant(at: datetime) -> None:
    seconds = int(at.replace(tzinfo=UTC).timestamp())

    assert instant_of(seconds, "x") == at.replace(tzinfo=UTC)
    if seconds >= 10**8:
        assert instant_of(seconds * 1000, "x") == at.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    ["1,5", "1e3", "0x10", "١٢", "--1", "1.", ".5", "", " ", "NaN", "Infinity", True, [], {}, float("nan"), float("inf"), 1e300],
)
def test_what_is_no_amount_is_refused_or_nothing(value: Any) -> None:
    if value == "":
        assert amount_of(value, "x") is None
        return
    with pytest.raises(InvalidInput):
        amount_of(value, "x")


@pytest.mark.parametrize(
    "value", ["2026-13-01", "2026-11-01T10:00:00", "yesterday", True, [], {}, 10**30, -(10**30), Decimal("1e400")]
)
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        instant_of(value, "x")


@given(
    value=st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.lists(st.integers()),
        st.dictionaries(st.text(), st.none()),
    )
)
def test_reading_anything_gives_a_value_or_a_sentence(value: Any) -> None:
    for read in (amount_of, instant_of, id_of):
        said = "place"
        try:
            read(value, "place")
        except InvalidInput as error:
            said = error.message
        assert "place" in said


@given(parts=st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_message_ids_fit_and_differ(parts: list[str]) -> None:
    assert len(short_id(*parts)) <= 160
    assert short_id(*parts) == short_id(*parts)
    assert short_id("x" * 200, *parts) != short_id("x" * 200, *parts, "y")
