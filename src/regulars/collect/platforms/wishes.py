"""A connector as somebody wishes it: looked at, tried on the first rows, and only then made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.collect.imports.domain.statuses import plain_status
from regulars.collect.platforms import databases
from regulars.collect.platforms.databases import checked_query, checked_url, shown
from regulars.collect.platforms.domain.cursor import encode
from regulars.collect.platforms.domain.facts import TAKES, Take
from regulars.collect.platforms.domain.messages import Message, Setting
from regulars.collect.platforms.domain.orders import order_messages
from regulars.collect.platforms.domain.rows import columns_of, order_from, row_message
from regulars.collect.platforms.sources import checked_name
from regulars.collect.platforms.taking import consumer_of, shaped
from regulars.errors import InvalidInput
from regulars.stream.brokers import Address, Told, open_feed, parse
from regulars.values import clock
from regulars.values.zones import zone

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import Records

LIBRARY = "sql"
MOST_ROWS = 20_000
_SAMPLE = 20
_MEANINGS = ("placed", "cancelled", "unpaid", "refunded", "draft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A connector as somebody describes it. `overlap` (seconds or numbers) is how far each run reads again; None: the usual."""

    name: str
    takes: str
    url: str
    query: str = ""
    cursor_column: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None
    overlap: int | None = None
    batch_rows: int = 2000
    every_minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a connector would do: the columns as fields, and what its first rows come to."""

    place: str
    columns: Sequence[str]
    mapping: Mapping[str, str]
    rows: int
    messages: Sequence[Message]
    problems: Sequence[str]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A wish that was looked at: what to connect to, what to ask, and how to read it."""

    url: Any
    query: str
    takes: Take
    setting: Setting
    options: dict[str, Any]


def dry_run(records: Records, home: Path, caller: Caller, shop: Shop, wish: Wish) -> DryRun:
    """Connect, run the query, and say what its first rows would come to; nothing is kept.

    Raises
    ------
    InvalidInput, Unavailable : whatever is wrong, with what to do about it.
    """
    caller.demand("connect_data")
    if wish.takes == "stream":
        return tried_stream(wish)
    ready = checked(records, home, shop, wish)
    problems: list[str] = []
    with databases.opened(ready.url, ready.query, wish.cursor_column) as database:
        mapping = columns_of(ready.takes, database.columns, dict(wish.mapping))
        database.check_cursor()
        rows, end = database.page(None, _SAMPLE, including=True)
        if ready.takes == "orders":
            ids = list(dict.fromkeys(row[mapping["order_id"]] for row in rows if row[mapping["order_id"]] is not None))
            rows = database.where_in(mapping["order_id"], ids)
        columns = database.columns
    messages: list[Message] = []
    for group in grouped(ready.takes, rows, mapping):
        try:
            if ready.takes == "orders":
                messages += order_messages(order_from(group, mapping, ready.setting), LIBRARY)
            else:
                state = encode(group[0][wish.cursor_column], wish.cursor_column)["value"]
                messages.append(row_message(ready.takes, group[0], mapping, ready.setting, state, clock.now()))
        except InvalidInput as error:
            problems.append(str(error))
    last = encode(end.last, wish.cursor_column)["value"] if end.last is not None else None
    return DryRun(
        place=shown(ready.url),
        columns=columns,
        mapping=mapping,
        rows=len(rows),
        messages=messages,
        problems=list(dict.fromkeys(problems))[:20],
        cursor=last,
    )


def grouped(takes: Take, rows: Sequence[dict[str, Any]], mapping: Mapping[str, str]) -> list[list[dict[str, Any]]]:
    """The rows of each order together, in the order of their first; other rows each for itself."""
    if takes != "orders":
        return [[row] for row in rows]
    groups: dict[Any, list[dict[str, Any]]] = {}
    for place, row in enumerate(rows):
        order_id = row[mapping["order_id"]]
        groups.setdefault(("row", place) if order_id is None else ("order", str(order_id)), []).append(row)
    return list(groups.values())


def setting_of(row: Mapping[str, Any], shop: Shop) -> Setting:
    """What is taken for granted of a connector's rows."""
    options = row["options"]
    statuses = {plain_status(word): meaning for word, meaning in (options.get("statuses") or {}).items()}
    return Setting(
        LIBRARY, options.get("timezone") or shop.timezone, options.get("currency") or shop.currency, extra={"statuses": statuses}
    )


def checked(records: Records, home: Path, shop: Shop, wish: Wish) -> Checked:
    """A wish without what cannot be, before anything is connected to."""
    if wish.takes not in TAKES:
        raise InvalidInput(f"'{wish.takes}' is nothing to take", mend=f"choose one of {', '.join(TAKES)}", code="bad_kind")
    checked_name(wish.name)
    url = checked_url(wish.url, home, records.engine.url)
    query = checked_query(wish.query, url.get_backend_name())
    if not 1 <= wish.batch_rows <= MOST_ROWS:
        raise InvalidInput("a batch has 1 to 20,000 rows", mend="give batch_rows in that range", code="bad_batch")
    if not 1 <= wish.every_minutes <= 7 * 24 * 60:
        raise InvalidInput(
            "a connector runs every 1 to 10,080 minutes", mend="give every_minutes in that range", code="bad_minutes"
        )
    if wish.overlap is not None and not 0 <= wish.overlap <= 1_000_000:
        raise InvalidInput("an overlap is 0 to 1,000,000", mend="give seconds, or numbers of rows", code="bad_overlap")
    if wish.timezone:
        zone(wish.timezone)
    if wish.currency is not None and not (len(wish.currency) == 3 and wish.currency.isascii() and wish.currency.isupper()):
        raise InvalidInput("the currency is none", mend="give an ISO 4217 code such as CNY", code="bad_currency")
    for word, meaning in wish.statuses.items():
        if meaning not in _MEANINGS:
            raise InvalidInput(
                f"the status '{word[:60]}' cannot mean '{meaning[:60]}'",
                mend=f"choose one of {', '.join(_MEANINGS)}",
                code="bad_status",
            )
    options = {
        "timezone": wish.timezone,
        "currency": wish.currency,
        "statuses": dict(wish.statuses),
        "overlap": wish.overlap,
    }
    takes: Take = wish.takes
    return Checked(url, query, takes, setting_of({"options": options}, shop), options)


def probed(records: Records, home: Path, shop: Shop, wish: Wish) -> tuple[dict[str, Any], str]:
    """What is stored of a wish, after its query was asked for its columns; and the address as it is shown."""
    if wish.takes == "stream":
        return probed_stream(wish)
    ready = checked(records, home, shop, wish)
    with databases.opened(ready.url, ready.query, wish.cursor_column) as database:
        mapping = columns_of(ready.takes, database.columns, dict(wish.mapping))
        database.check_cursor()
    values = {
        "name": checked_name(wish.name),
        "takes": ready.takes,
        "url": ready.url.render_as_string(hide_password=False),
        "query": ready.query,
        "cursor_column": wish.cursor_column,
        "mapping": mapping,
        "options": ready.options,
        "batch_rows": wish.batch_rows,
        "every_minutes": wish.every_minutes,
    }
    return values, shown(ready.url)


def tried_stream(wish: Wish) -> DryRun:
    """The first messages that a stream still has, as they would be taken; nothing is confirmed to the broker."""
    address, told = _looked_at(wish, _SAMPLE)
    messages, refused = shaped(told)
    return DryRun(
        place=address.shown,
        columns=[],
        mapping={},
        rows=len(told),
        messages=messages,
        problems=list(dict.fromkeys(detail for _, _, detail in refused)),
        cursor=None,
    )


def probed_stream(wish: Wish) -> tuple[dict[str, Any], str]:
    """What is stored of a wish for a stream, after it was looked at; and its address as it is shown."""
    address, _ = _looked_at(wish, 1)
    values = {
        "name": checked_name(wish.name),
        "takes": "stream",
        "url": wish.url.strip(),
        "query": "",
        "cursor_column": "",
        "mapping": {},
        "options": {},
        "batch_rows": wish.batch_rows,
        "every_minutes": 1,
    }
    return values, address.shown


def _looked_at(wish: Wish, most: int) -> tuple[Address, Sequence[Told]]:
    if not 1 <= wish.batch_rows <= MOST_ROWS:
        raise InvalidInput("a batch has 1 to 20,000 rows", mend="give batch_rows in that range", code="bad_batch")
    checked_name(wish.name)
    address = parse(wish.url)
    feed = open_feed(address, consumer_of("look"))
    try:
        return address, feed.peek(most)
    finally:
        feed.close()
