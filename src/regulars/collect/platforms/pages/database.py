"""Adding a database: its address, one query, what its columns are, and a try before anything is kept."""

from __future__ import annotations

from regulars.collect.imports.domain.fields import FIELDS
from regulars.collect.imports.pages.listing import field_name
from regulars.collect.platforms import connectors, wishes
from regulars.collect.platforms.connectors import Connector
from regulars.collect.platforms.domain.facts import TAKES
from regulars.collect.platforms.pages.webhook import said_messages
from regulars.collect.platforms.wishes import DryRun, Wish
from regulars.console import forms, parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput

_SHOWN = 4


@screen("/data/connections/database", permission="connect_data", title="Add a database", parent="/data/connections")
def add_database_page(s: Screen) -> None:
    """Make a connector to a database."""
    note = s.t("It is only read, and only what is new. Give it a user who may do no more.")
    shell.head(s, s.t("Add a database"), note, back=(s.t("Connections"), s.url("/data/connections")))
    values: forms.Values = {
        "name": "",
        "takes": "orders",
        "url": "",
        "query": "",
        "cursor_column": "",
        "maps": "",
        "statuses": "",
        "timezone": "",
        "currency": "",
        "every_minutes": "15",
        "batch_rows": "2000",
    }
    with parts.card(s.t("Database")), parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"))
        hint = s.t("Kept encrypted and never shown again.")
        place = "postgresql://reader:...@db.example.com:5432/shop"
        forms.text_field(values, "url", s.t("Address of the database"), kind="password", most=2000, placeholder=place, hint=hint)
        choices = [(takes, s.word("takes", takes)) for takes in TAKES]
        forms.choice_field(values, "takes", s.t("What the rows are"), choices)
        forms.long_field(values, "query", s.t("Query"), hint=s.t("One SELECT; for orders, one row for each line."), lines=5)
        cursor_hint = s.t("A number that only grows, or the time of the last change.")
        forms.text_field(values, "cursor_column", s.t("Column that tells what is new"), placeholder="updated_at", hint=cursor_hint)
        forms.text_field(values, "every_minutes", s.t("Minutes between runs"), kind="number")
    with parts.card(s.t("Columns"), s.t("Only what is not recognised by itself.")), parts.box("rg-form"):
        maps_hint = s.t("One field=column for each line.")
        forms.long_field(values, "maps", s.t("Which column is which field"), placeholder="order_id=number", hint=maps_hint, lines=3)
        status_hint = s.t("placed, cancelled, unpaid, refunded or draft")
        forms.long_field(
            values, "statuses", s.t("Meaning of status words"), placeholder="shipped=placed", hint=status_hint, lines=3
        )
        forms.text_field(values, "timezone", s.t("Time zone"), placeholder=s.shop.timezone)
        forms.text_field(values, "currency", s.t("Currency"), placeholder=s.shop.currency, most=3)
        forms.text_field(values, "batch_rows", s.t("Rows read at once"), kind="number")
    shown = parts.box("rg-stack")

    def show(found: DryRun) -> None:
        shown.clear()
        with shown:
            _say(s, found, str(values["takes"]))

    def tried() -> DryRun:
        return wishes.dry_run(s.records, s.home, s.caller, s.shop, _wish(values))

    with parts.box("rg-row"):
        parts.button(s.t("Try it"), s.act(tried, show, permission="connect_data"), icon="play_arrow")
        add = s.act(lambda: _add(s, values), lambda _: _leave(s), permission="connect_data")
        parts.button(s.t("Connect"), add, kind="primary")


def _say(s: Screen, found: DryRun, takes: str) -> None:
    with parts.card(s.t("What would come"), found.place), parts.box("rg-stack").style("gap: 12px"):
        for problem in found.problems:
            parts.notice(problem, tone="warn")
        rows = [Row([Cell(column), Cell(_meaning(s, takes, field))]) for field, column in found.mapping.items()]
        columns = [Column(s.t("Column")), Column(s.t("Stands for"))]
        sheet(columns, rows, caption=s.t("Columns"))
        said = s.plural(found.rows, "{n} row was looked at.", "{n} rows were looked at.")
        parts.text(said, "rg-small rg-muted", "p")
        for message in list(found.messages)[:_SHOWN]:
            said_messages(message)


def _meaning(s: Screen, takes: str, field: str) -> str:
    return field_name(s, takes, field) if takes in FIELDS else s.word("field", field)


def _wish(values: forms.Values) -> Wish:
    return Wish(
        name=str(values["name"] or values["takes"]),
        takes=str(values["takes"]),
        url=str(values["url"]),
        query=str(values["query"]),
        cursor_column=str(values["cursor_column"]).strip(),
        mapping=_pairs(str(values["maps"])),
        statuses=_pairs(str(values["statuses"])),
        timezone=str(values["timezone"]).strip() or None,
        currency=str(values["currency"]).strip() or None,
        every_minutes=_number(values, "every_minutes"),
        batch_rows=_number(values, "batch_rows"),
    )


def _add(s: Screen, values: forms.Values) -> Connector:
    with s.records.unit() as uow:
        return connectors.add(uow, s.records, s.home, s.caller, s.shop, _wish(values))


def _leave(s: Screen) -> None:
    parts.run_js("location.assign", s.url("/data/connections"))


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for line in text.replace(",", "\n").splitlines():
        if not line.strip():
            continue
        name, mark, value = line.partition("=")
        if not mark or not name.strip():
            raise InvalidInput(
                f"'{line.strip()[:60]}' is not name=value", mend="write one name=value for each line", code="bad_option"
            )
        found[name.strip()] = value.strip()
    return found


def _number(values: forms.Values, name: str) -> int:
    try:
        return int(str(values[name]))
    except ValueError:
        raise InvalidInput(f"'{values[name]}' is not a whole number", mend="write digits only", code="bad_number") from None
