"""Dates: every written form gives the same instant, day and month are told apart by evidence, zones are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.collect.imports.parsing import detect_dates, local_to_utc_sql
from regulars.errors import InvalidInput
from tests.collect.imports.parsing.conftest import Column

SETTINGS = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            ["2010-12-01 08:26:00", "2010-12-02", "2010-12-03T10:00:00.5"],
            ["2010-12-01 08:26", "2010-12-02", "2010-12-03 10:00:00.500"],
        ),
        (["2016/11/9", "2016/1/10 8:05"], ["2016-11-09", "2016-01-10 08:05"]),
        (["20110930", "19971231"], ["2011-09-30", "1997-12-31"]),
        (["20110930082600", "201109300826"], ["2011-09-30 08:26", "2011-09-30 08:26"]),
        (["12/1/2010 8:26", "12/13/2010 14:05"], ["2010-12-01 08:26", "2010-12-13 14:05"]),
        (["13/2/2010", "01/02/2010"], ["2010-02-13", "2010-02-01"]),
        (["1.12.2010", "2.1.2010 10:00:05"], ["2010-12-01", "2010-01-02 10:00:05"]),
        (["2012年3月5日 08:12", "2012年12月15日 8时5分", "2012年12月15日"], ["2012-03-05 08:12", "2012-12-15 08:05", "2012-12-15"]),
        (["2012年3月5日 下午3:05", "2012/3/5 上午 8:05:06"], ["2012-03-05 15:05", "2012-03-05 08:05:06"]),
        (["2012年3月5日 星期一 08:12:33", "２０１２－０３－０５ ０８：１２"], ["2012-03-05 08:12:33", "2012-03-05 08:12"]),
        (["12/31/2010 8:26 PM", "1/2/2010 12:00 am"], ["2010-12-31 20:26", "2010-01-02 00:00"]),
        (["Dec 1, 2010", "January 5, 2011 8:05 PM"], ["2010-12-01", "2011-01-05 20:05"]),
        (["1-Dec-10", "01-May-2011", "05 March 2012 08:12"], ["2010-12-01", "2011-05-01", "2012-03-05 08:12"]),
        (["May 3rd, 2012", "Mar 1st, 2012"], ["2012-05-03", "2012-03-01"]),
        (["01/02/20", "13/02/20"], ["2020-02-01", "2020-02-13"]),
        (["99-12-31", "98-01-02"], ["1999-12-31", "1998-01-02"]),
        (["40513", "40513.3513888889"], ["2010-12-01", "2010-12-01 08:26"]),
        ([" 2020-05-05 ", "\t2020-05-06"], ["2020-05-05", "2020-05-06"]),
        (["13.02.2020 10:00", "2020-02-14", "20200215"], ["2020-02-13 10:00", "2020-02-14", "2020-02-15"]),
    ],
)
def test_written_forms(column: Column, written: list[str], meant: list[str]) -> None:
    convention = detect_dates(column.put(written), "t", "x", now=NOW)

    assert column.values(convention) == [at(m) for m in meant]
    assert not any(column.bad(convention))
    assert not convention.ambiguous
    assert (convention.unreadable, convention.outside, convention.has_offset) == (0, 0, False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["2020-01-01T08:00:00Z", "2020-01-01T08:00:00.123+08:00"], ["2020-01-01 08:00", "2020-01-01 00:00"]),
        (["2019-06-03 10:05:00 UTC", "2019-06-03 10:05:00 -0500"], ["2019-06-03 10:05", "2019-06-03 15:05"]),
        (["Fri, 05 Mar 2012 08:12:00 +0800", "Sat, 06 Mar 2012 08:12:00 GMT"], ["2012-03-05 00:12", "2012-03-06 08:12"]),
        (["1512008039", "1291191960000"], ["2017-11-30 02:13:59", "2010-12-01 08:26"]),
        (["2020-01-01T08:00+05:30"], ["2020-01-01 02:30"]),
    ],
)
def test_written_offsets_give_utc(column: Column, written: list[str], meant: list[str]) -> None:
    convention = detect_dates(column.put(written), "t", "x", now=NOW)

    assert column.values(convention) == [at(m) for m in meant]
    assert convention.has_offset
    assert column.run(convention.utc_sql("x", "Asia/Shanghai")) == [at(m) for m in meant]


def test_some_values_with_and_some_without_an_offset(column: Column) -> None:
    convention = detect_dates(column.put(["2020-01-01 08:00:00 +0800", "2020-01-01 08:00:00"]), "t", "x", now=NOW)

    assert (convention.has_offset, convention.some_offset) == (False, True)
    assert column.run(convention.offset_written("x")) == [True, False]
    assert column.run(convention.utc_sql("x", "Europe/Berlin")) == [at("2020-01-01 00:00"), at("2020-01-01 07:00")]


def test_placeholders_and_wrong_clocks_are_out_of_range_and_nonsense_is_bad(column: Column) -> None:
    written = ["2020-05-05", "1900-01-01", "2099-12-31", "2026-01-02", "hello", "2020-02-30", "", None, "0000-00-00"]

    convention = detect_dates(column.put(written), "t", "x", now=NOW)

    assert column.run(convention.out_of_range("x")) == [False, True, True] + [False] * 6
    assert column.bad(convention) == [False] * 4 + [True, True] + [False] * 3
    assert (convention.rows, convention.unreadable, convention.outside) == (6, 2, 2)
    assert (convention.first, convention.last) == (at("2020-05-05"), at("2026-01-02"))


def test_day_and_month_by_evidence(column: Column) -> None:
    dmy = detect_dates(column.put(["13/02/2020", "03/04/2020"]), "t", "x", now=NOW)
    assert (dmy.order, dmy.ambiguous) == ("dmy", False)
    assert dmy.explanation == "day/month/year, because a number above 12 stands in first place in 1 row"

    contradiction = detect_dates(column.put(["13/02/2020", "14/02/2020", "03/14/2020"]), "t", "x", now=NOW)
    assert (contradiction.order, contradiction.unreadable) == ("dmy", 1)

    future = detect_dates(column.put(["05/02/2025", "03/12/2025", "01/06/2026"]), "t", "x", now=NOW)
    assert (future.order, future.ambiguous) == ("dmy", True)
    future = detect_dates(column.put(["12/01/2025", "01/02/2026"]), "t", "x", now=datetime(2026, 1, 20, tzinfo=UTC))
    assert (future.order, future.ambiguous) == ("mdy", False)


def test_without_evidence_the_order_is_assumed_marked_and_can_be_told(column: Column) -> None:
    column.put(["01/02/2020", "03/04/2020"])

    assumed = detect_dates(column.bench, "t", "x", now=NOW)
    assert (assumed.order, assumed.ambiguous, column.values(assumed)[0]) == ("dmy", True, at("2020-02-01"))
    assert "--date-order mdy" in assumed.explanation

    told = detect_dates(column.bench, "t", "x", order="mdy", now=NOW)
    assert (told.ambiguous, column.values(told)[0]) == (False, at("2020-01-02"))

    with pytest.raises(InvalidInput):
        detect_dates(column.bench, "t", "x", order="myd")  # type: ignore[arg-type]


def test_typed_columns(column: Column) -> None:
    stamps = detect_dates(column.put([datetime(2010, 12, 1, 8, 26), None], pa.timestamp("us")), "t", "x", now=NOW)
    assert (column.values(stamps), stamps.has_offset) == ([at("2010-12-01 08:26"), None], False)

    aware = detect_dates(
        column.put([datetime(2010, 12, 1, 8, 26, tzinfo=UTC)], pa.timestamp("us", "Asia/Shanghai")), "t", "x", now=NOW
    )
    assert (column.values(aware), aware.has_offset) == ([at("2010-12-01 08:26")], True)

    numbers = detect_dates(column.put([20110930.0, None], pa.float64()), "t", "x", now=NOW)
    assert column.values(numbers) == [at("2011-09-30"), None]

    seconds = detect_dates(column.put([1512008039], pa.int64()), "t", "x", now=NOW)
    assert column.values(seconds) == [at("2017-11-30 02:13:59")]


def test_a_column_without_dates(column: Column) -> None:
    convention = detect_dates(column.put(["red", "blue", None]), "t", "x", now=NOW)

    assert column.values(convention) == [None, None, None]
    assert column.bad(convention) == [True, True, False]
    assert detect_dates(column.put([]), "t", "x").rows == 0


@SETTINGS
@given(
    moments=st.lists(st.datetimes(datetime(1995, 1, 1), datetime(2025, 12, 31)), min_size=3, max_size=30),
    form=st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S",
            "%d/%m/%Y %H:%M:%S",
            "%m/%d/%Y %I:%M:%S %p",
            "%d.%m.%Y %H:%M:%S",
            "%d %b %Y %H:%M:%S",
            "%Y年%m月%d日 %H:%M:%S",
            "%Y%m%d%H%M%S",
        ]
    ),
)
def test_any_format_reads_back_the_same(column: Column, moments: list[datetime], form: str) -> None:
    moments = [m.replace(microsecond=0) for m in [*moments, datetime(2001, 1, 31)]]

    convention = detect_dates(column.put([m.strftime(form) for m in moments]), "t", "x", now=NOW)

    assert column.values(convention) == moments


@SETTINGS
@given(
    zone=st.sampled_from(
        ["Asia/Shanghai", "Europe/London", "America/Sao_Paulo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
    ),
    walls=st.lists(st.datetimes(datetime(2005, 1, 1), datetime(2025, 12, 31)), min_size=1, max_size=20),
)
def test_wall_times_become_the_same_utc_as_python_says(column: Column, zone: str, walls: list[datetime]) -> None:
    """`fold=0`, Python's default, is the first of two meanings and the offset before a gap: the rule written at the function."""
    walls = [w.replace(microsecond=0) for w in walls]
    column.put(walls, pa.timestamp("us"))

    converted = column.run(local_to_utc_sql("x", zone, min(walls), max(walls)))

    assert converted == [w.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for w in walls]


def test_around_every_change_of_the_clocks(column: Column) -> None:
    here = ZoneInfo("Europe/London")
    changes = [datetime(2011, 3, 27, 1), datetime(2011, 10, 30, 1), datetime(2012, 3, 25, 1)]
    walls = [c + timedelta(minutes=m) for c in changes for m in (-61, -60, -1, 0, 1, 30, 59, 60, 61, 119, 120, 121)]
    column.put(walls, pa.timestamp("us"))

    converted = column.run(local_to_utc_sql("x", "Europe/London", min(walls), max(walls)))

    assert converted == [w.replace(tzinfo=here).astimezone(UTC).replace(tzinfo=None) for w in walls]
