"""How a column writes dates and times: formats, day/month order, zone marks; decided on all its values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from regulars.collect.imports.parsing.date_forms import EXCEL_SERIAL, OFFSET, UNIX, UNIX_SECONDS, Form, form_of, steps_sql
from regulars.collect.imports.parsing.evidence import Shape, Shapes, column_type, count_where, many, matches, present, shapes
from regulars.collect.imports.parsing.local_time import local_to_utc_sql
from regulars.collect.imports.parsing.missing import text_sql
from regulars.errors import InvalidInput
from regulars.values import clock
from regulars.warehouse.workbench import Workbench, literal, quote

DateOrder = Literal["ymd", "dmy", "mdy"]
EARLIEST = datetime(1995, 1, 1)  # noqa: DTZ001 - wall time; no web shop is older

_ORDERS = {"dmy": ("%d", "%m"), "mdy": ("%m", "%d")}
_WORDS = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}
_CODES = {
    "%Y": "YYYY",
    "%y": "YY",
    "%m": "MM",
    "%d": "DD",
    "%H": "hh",
    "%I": "hh",
    "%M": "mm",
    "%S": "ss",
    "%p": "AM/PM",
    "%b": "Mon",
    "%B": "Month",
}
_ZERO_DATE = r"0000[-/]00[-/]00.*"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateConvention:
    """How to read the dates of one column.

    Attributes
    ----------
    formats : strptime formats found, with their rows; also `iso`, `excel_serial`, `unix_seconds`, `unix_milliseconds`, `typed`.
    order : day/month order of dates that need one; None where none does.
    ambiguous : both day/month and month/day read every value; `order` was assumed and can be overruled.
    has_offset : every value names its offset from UTC (or is a Unix time), so `sql` gives UTC; `some_offset` if at least one does.
    has_time : at least one value has a time of day.
    first, last : the earliest and latest plausible date read (naive, as `sql` gives them); None if none was read.
    rows, unreadable, outside : values present; those that are no dates; those out of range.
    """

    formats: dict[str, int] = field(default_factory=dict)
    order: DateOrder | None = None
    ambiguous: bool = False
    has_offset: bool = False
    some_offset: bool = False
    has_time: bool = False
    first: datetime | None = None
    last: datetime | None = None
    rows: int = 0
    unreadable: int = 0
    outside: int = 0
    explanation: str = ""
    steps: tuple[str, ...] = ()
    floating: bool = False  # the column holds floating-point numbers, whose `.0` goes
    latest: datetime = datetime(2100, 1, 1)  # noqa: DTZ001 - set by detection: the day after tomorrow

    def sql(self, column_sql: str) -> str:
        """Naive TIMESTAMP: the wall time as written, UTC where an offset is written; NULL where missing or unreadable."""
        if "typed" in self.formats:
            return f"CAST({column_sql} AS TIMESTAMP)"
        if set(self.formats) <= {"iso"} and not self.steps and not self.some_offset:
            return f"TRY_CAST({column_sql} AS TIMESTAMP)"
        text = f"CAST({column_sql} AS VARCHAR)" if self._bare_text else text_sql(column_sql)
        if self.floating:
            text = _whole(text)
        local = f"regexp_replace({text}, {literal(OFFSET)}, '\\1')" if self.some_offset else text
        cleaned = steps_sql(set(self.steps), local)
        strptime = [f for f in self.formats if "%" in f]
        branches = []
        if "iso" in self.formats:
            branches.append(
                f"TRY_CAST({cleaned} AS TIMESTAMP)"
                if not strptime
                else f"CASE WHEN {_iso(cleaned)} THEN TRY_CAST({cleaned} AS TIMESTAMP) END"
            )
        if strptime:
            # Two-digit years first: a four-digit year never fits %y, while %Y would take "10" for the year 10.
            ordered = sorted(strptime, key=lambda f: ("%y" not in f, -self.formats[f], f))
            branches.append(f"try_strptime({cleaned}, [{', '.join(literal(f) for f in ordered)}])")
        branches += [
            _number_branch(kind, cleaned) for kind in ("unix_seconds", "unix_milliseconds", "excel_serial") if kind in self.formats
        ]
        read = branches[0] if len(branches) == 1 else f"coalesce({', '.join(branches)})" if branches else "CAST(NULL AS TIMESTAMP)"
        return f"({read} - {_offset_interval(text)})" if self._written_offset else read

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no date."""
        if not self.unreadable:
            return "false"
        text = text_sql(column_sql)
        nothing = f"{text} IS NULL OR {matches(text, _ZERO_DATE)}"
        return f"CASE WHEN {self.sql(column_sql)} IS NOT NULL THEN false ELSE NOT ({nothing}) END"

    def out_of_range(self, column_sql: str) -> str:
        """True where a date is read but lies before 1995 or after tomorrow (the placeholders 1900 and 2099, a wrong clock)."""
        if not self.outside:
            return "false"
        value = self.sql(column_sql)
        return f"coalesce({value} < {_timestamp(EARLIEST)} OR {value} >= {_timestamp(self.latest)}, false)"

    def offset_written(self, column_sql: str) -> str:
        """True where the value names its own offset (or is a Unix time, or the file's type is an instant)."""
        if self.has_offset:
            return "true"
        if not self.some_offset and not self._unix:
            return "false"
        text = text_sql(column_sql)
        unix = f" OR {matches(text, UNIX)}" if self._unix else ""
        return f"coalesce({matches(text, OFFSET)}{unix}, false)"

    def utc_sql(self, column_sql: str, zone: str) -> str:
        """UTC TIMESTAMP: wall times read in `zone`, written offsets respected."""
        value = self.sql(column_sql)
        if self.has_offset or self.first is None or self.last is None:
            return value
        local = local_to_utc_sql(value, zone, self.first, self.last)
        if not self.some_offset and not self._unix:
            return local
        return f"CASE WHEN {self.offset_written(column_sql)} THEN {value} ELSE {local} END"

    @property
    def _unix(self) -> bool:
        return "unix_seconds" in self.formats or "unix_milliseconds" in self.formats

    @property
    def _written_offset(self) -> bool:
        return self.some_offset and "typed" not in self.formats

    @property
    def _bare_text(self) -> bool:
        return not self.steps and not self.some_offset


def detect_dates(
    bench: Workbench, table: str, column: str, *, order: DateOrder | None = None, now: datetime | None = None
) -> DateConvention:
    """How the dates of a column are written, from all its values.

    Which number is the day is decided by values above 12. Without one: dots mean day first; a reading that lies in the future is
    dropped; what is left is read day first (month first where times are written with AM and PM) and marked `ambiguous`.

    Parameters
    ----------
    table, column : plain names (they are quoted here).
    order : day/month order where a person has decided it (`--date-order`).
    now : for the upper bound of plausible dates; the clock's now by default.
    """
    if order not in (None, "ymd", "dmy", "mdy"):
        raise InvalidInput(f"'{order}' is no order of day and month", mend="say dmy, mdy or ymd", code="bad_date_order")
    name = quote(column)
    latest = ((now or clock.now()).astimezone(UTC) + timedelta(days=2)).replace(
        tzinfo=None, hour=0, minute=0, second=0, microsecond=0
    )
    kind = column_type(bench, table, column)
    if kind.startswith(("TIMESTAMP", "DATE")):
        aware = kind == "TIMESTAMP WITH TIME ZONE"
        typed = DateConvention(formats={"typed": 0}, has_offset=aware, some_offset=aware, has_time=kind != "DATE", latest=latest)
        return _counted(bench, table, name, typed, None, "dates, as the file's own type says" + (", in UTC" if aware else ""))
    floating = kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")
    text = _whole(name) if floating else name
    seen = shapes(bench, table, text)
    forms = [(shape, form) for shape in seen.found if (form := form_of(shape.example)) is not None]
    if not forms:
        return _counted(bench, table, name, DateConvention(latest=latest), seen, "no dates were recognised")
    base = replace(_gather(forms, latest), floating=floating)
    if seen.padded:
        base = replace(base, steps=tuple(sorted({*base.steps, "blanks"})))
    chosen, ambiguous, why = _order(bench, table, name, base, forms, order)
    formats: Counter[str] = Counter()
    for shape, form in forms:
        formats[_format(form, chosen)] += shape.rows
    convention = replace(base, formats=dict(formats), order=chosen, ambiguous=ambiguous)
    if set(formats) == {"iso"} and not set(base.steps) - {"tee", "fraction"} and not base.some_offset:
        convention = replace(convention, steps=())
    return _counted(bench, table, name, convention, seen, why or _how(convention))


def _format(form: Form, order: DateOrder | None) -> str:
    """The strptime format of a form once the order is known, or the name of its kind."""
    if form.kind == "format":
        return form.template
    if form.kind != "by_order":
        return form.kind
    if order == "ymd":  # 99-12-31: the first number is the year, the last one the day
        return form.template.replace("%y", "%d").format(a="%y", b="%m")
    a, b = _ORDERS[order or "dmy"]
    return form.template.format(a=a, b=b)


def _gather(forms: list[tuple[Shape, Form]], latest: datetime) -> DateConvention:
    instants = sum(shape.rows for shape, form in forms if form.offset or form.kind.startswith("unix"))
    read = sum(shape.rows for shape, _ in forms)
    steps = {step for _, form in forms for step in form.steps}
    return DateConvention(
        has_offset=instants == read,
        some_offset=any(form.offset for _, form in forms),
        has_time=any(form.has_time for _, form in forms),
        steps=tuple(sorted(steps)),
        latest=latest,
    )


def _order(
    bench: Workbench, table: str, name: str, base: DateConvention, forms: list[tuple[Shape, Form]], told: DateOrder | None
) -> tuple[DateOrder | None, bool, str]:
    """Day/month order, whether it was assumed, and the sentence that says why."""
    open_forms = [form for _, form in forms if form.kind == "by_order"]
    if not open_forms:
        return None, False, ""
    if told:
        return told, False, f"{_WORDS[told]}, as told"
    text = steps_sql(set(base.steps), text_sql(name)) if base.steps else name
    blanks = any(form.template.startswith("{a} ") for form in open_forms)
    day = text if blanks else f"split_part({text}, ' ', 1)"  # there are far fewer days than times
    numbers = r"^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ][0-9]{2,4}(?: .*)?$"
    first, second = (f"TRY_CAST(regexp_extract(value, {literal(numbers)}, {i}) AS INTEGER)" for i in (1, 2))
    over_first, over_second, over_31 = bench.rows(
        f"SELECT coalesce(sum(n) FILTER ({first} > 12), 0), coalesce(sum(n) FILTER ({second} > 12), 0),"
        f" coalesce(sum(n) FILTER ({first} > 31), 0)"
        f" FROM (SELECT {day} AS value, count(*) AS n FROM {quote(table)} GROUP BY 1)"
    )[0]
    if over_31 and all("%y" in form.template for form in open_forms):
        return "ymd", False, f"year/month/day, because {many(over_31)} begin with a number above 31"
    if over_first or over_second:
        chosen: DateOrder = "dmy" if over_first >= over_second else "mdy"
        place, count, against = ("first", over_first, over_second) if chosen == "dmy" else ("second", over_second, over_first)
        doubt = f"; {many(against)} contradict it and cannot be read" if against else ""
        return chosen, False, f"{_WORDS[chosen]}, because a number above 12 stands in {place} place in {many(count)}{doubt}"
    if all(form.template.startswith("{a}.") for form in open_forms):
        return "dmy", False, "day.month.year, as dates with dots are written"
    day_first, month_first = (
        _future(bench, table, name, base, open_forms, "dmy"),
        _future(bench, table, name, base, open_forms, "mdy"),
    )
    if day_first and not month_first:
        return "mdy", False, f"month/day/year, because day/month/year would put {many(day_first)} into the future"
    if month_first and not day_first:
        return "dmy", False, f"day/month/year, because month/day/year would put {many(month_first)} into the future"
    assumed: DateOrder = "mdy" if any("%p" in form.template for form in open_forms) else "dmy"
    other = "dmy" if assumed == "mdy" else "mdy"
    return (
        assumed,
        True,
        f"ambiguous: read as {_WORDS[assumed]}, as no value has a number above 12; say --date-order {other} if it is the other way",
    )


def _whole(text: str) -> str:
    return f"regexp_replace(CAST({text} AS VARCHAR), '\\.0+$', '')"


def _future(bench: Workbench, table: str, name: str, base: DateConvention, forms: list[Form], order: DateOrder) -> int:
    trial = replace(base, formats={_format(form, order): 1 for form in forms})
    return int(
        bench.rows(f"SELECT count(*) FILTER (WHERE {trial.sql(name)} >= {_timestamp(base.latest)}) FROM {quote(table)}")[0][0]
    )


def _counted(
    bench: Workbench, table: str, name: str, convention: DateConvention, seen: Shapes | None, explanation: str
) -> DateConvention:
    """The convention with its range and counts, and the sentence that tells them."""
    plausible = f"value >= {_timestamp(EARLIEST)} AND value < {_timestamp(convention.latest)}"
    first, last, read, within = bench.rows(
        f"SELECT min(value) FILTER ({plausible}), max(value) FILTER ({plausible}), count(value), count(*) FILTER ({plausible})"
        f" FROM (SELECT {convention.sql(name)} AS value FROM {quote(table)})"
    )[0]
    rows = int(read) if seen is None else present(bench, table, seen, text_sql(name))
    if rows > int(read):  # 0000-00-00, which some databases write for no date, is no mistake
        rows -= count_where(bench, table, f"coalesce({matches(text_sql(name), _ZERO_DATE)}, false)")
    unreadable, outside = rows - int(read), int(read) - int(within)
    parts = [explanation]
    if outside:
        parts.append(f"{many(outside)} before {EARLIEST:%Y} or after tomorrow")
    if unreadable:
        parts.append(f"{many(unreadable)} cannot be read")
    return replace(
        convention, first=first, last=last, rows=rows, unreadable=unreadable, outside=outside, explanation="; ".join(parts)
    )


def _how(convention: DateConvention) -> str:
    words = {
        "iso": "year-month-day",
        "excel_serial": "day numbers of a spreadsheet",
        "unix_seconds": "Unix time in seconds",
        "unix_milliseconds": "Unix time in milliseconds",
    }
    kinds = [
        f"{words.get(form) or _in_words(form)} in {many(rows)}"
        for form, rows in sorted(convention.formats.items(), key=lambda item: -item[1])
    ]
    offset = (
        ", each with its offset from UTC"
        if convention.has_offset
        else (", some with their offset from UTC" if convention.some_offset else "")
    )
    return "written as " + ", ".join(kinds) + offset


def _in_words(template: str) -> str:
    """A strptime format as a person would write it."""
    for code, word in _CODES.items():
        template = template.replace(code, word)
    return template


def _number_branch(kind: str, text: str) -> str:
    match kind:
        case "unix_seconds":
            microseconds = f"CAST(round(CAST({text} AS DECIMAL(20,6)) * 1000000) AS BIGINT)"
            return f"CASE WHEN {matches(text, UNIX_SECONDS)} THEN make_timestamp({microseconds}) END"
        case "unix_milliseconds":
            return f"CASE WHEN {matches(text, '[0-9]{13}')} THEN make_timestamp(CAST({text} AS BIGINT) * 1000) END"
        case _:
            seconds = f"CAST(round(CAST({text} AS DOUBLE) * 86400) AS BIGINT)"
            return f"CASE WHEN {matches(text, EXCEL_SERIAL)} THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}) END"


def _iso(text: str) -> str:
    return f"regexp_matches({text}, '^[0-9]{{4}}[-/]')"


def _offset_interval(text: str) -> str:
    """What a written offset adds to UTC."""
    sign, hours, minutes = (f"regexp_extract({text}, {literal(OFFSET)}, {group})" for group in (3, 4, 5))
    total = f"coalesce(TRY_CAST({hours} AS INTEGER), 0) * 60 + coalesce(TRY_CAST({minutes} AS INTEGER), 0)"
    return f"to_minutes(CASE WHEN {sign} = '-' THEN -1 ELSE 1 END * ({total}))"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'"
