"""Streams of the shop's own: adding one, with a try before anything is kept, and how far each is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from regulars.collect.platforms import connectors, wishes
from regulars.collect.platforms.connectors import Connector, ConnectorRun
from regulars.collect.platforms.pages.webhook import said_messages
from regulars.collect.platforms.wishes import DryRun, Wish
from regulars.console import forms, parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import Unavailable

_SHOWN = 4
_TONES: dict[str, Tone] = {"running": "good", "done": "info", "stopped": "warn", "failed": "bad"}


@screen("/data/connections/stream", permission="connect_data", title="Add a stream", parent="/data/connections")
def add_stream_page(s: Screen) -> None:
    """Make a connector to a stream."""
    note = s.t("Messages in Segment form as JSON are read without a pause, each once. Nothing is deleted from the stream.")
    shell.head(s, s.t("Add a stream"), note, back=(s.t("Connections"), s.url("/data/connections")))
    values: forms.Values = {"name": "", "url": "", "batch_rows": "2000"}
    with parts.card(s.t("Stream")), parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"))
        hint = s.t("Kept encrypted and never shown again.")
        place = "nats://host:4222/stream, kafka://host:9092/topic"
        forms.text_field(values, "url", s.t("Address of the stream"), kind="password", most=2000, placeholder=place, hint=hint)
        forms.text_field(values, "batch_rows", s.t("Messages read at once"), kind="number")
    shown = parts.box("rg-stack")

    def show(found: DryRun) -> None:
        shown.clear()
        with shown, parts.card(s.t("What would come"), found.place), parts.box("rg-stack").style("gap: 12px"):
            for problem in found.problems:
                parts.notice(problem, tone="warn")
            said = s.plural(found.rows, "{n} message was looked at.", "{n} messages were looked at.")
            parts.text(said, "rg-small rg-muted", "p")
            for message in list(found.messages)[:_SHOWN]:
                said_messages(message)

    def tried() -> DryRun:
        return wishes.dry_run(s.records, s.home, s.caller, s.shop, _wish(values))

    def add() -> Connector:
        with s.records.unit() as uow:
            return connectors.add(uow, s.records, s.home, s.caller, s.shop, _wish(values))

    def leave(_: Connector) -> None:
        parts.run_js("location.assign", s.url("/data/connections"))

    with parts.box("rg-row"):
        parts.button(s.t("Try it"), s.act(tried, show, permission="connect_data"), icon="play_arrow")
        parts.button(s.t("Connect"), s.act(add, leave, permission="connect_data"), kind="primary")


def streams_sheet(
    s: Screen,
    found: Sequence[Connector],
    runs: dict[str, ConnectorRun],
    *,
    pause: Callable[[Screen, Connector], None],
    remove: Callable[[Screen, Connector], None],
) -> None:
    """Every connected stream: whether it is being read, how much came lately, and how much waits."""
    columns = [
        Column(s.t("Name"), width="clip"),
        Column(s.t("Status")),
        Column(s.t("Waiting in the stream"), align="end"),
        Column(s.t("Messages"), align="end"),
        Column(s.t("To repair"), align="end"),
        Column(s.t("Since"), align="end", width="drop"),
        Column("", align="end"),
        Column("", align="end"),
    ]
    may = s.may("connect_data")
    rows = []
    for one in found:
        run = runs.get(one.connector_id)
        state = "paused" if one.paused else run.state if run else "waiting"
        rows.append(
            Row(
                [
                    Cell(one.name, sub=one.place, hint=one.cursor or ""),
                    Cell(
                        s.word("stream state", state), tone=_TONES.get(state, ""), badge=True, hint=(run.error or "") if run else ""
                    ),
                    Cell(s.count(one.lag) if one.lag is not None else "", tone="warn" if one.lag else ""),
                    Cell(s.count(run.messages) if run else ""),
                    Cell(s.count(run.quarantined) if run and run.quarantined else "", tone="warn"),
                    Cell(s.instant(run.started_at) if run else ""),
                    Cell((s.t("Go on") if one.paused else s.t("Pause")) if may else "", action="pause" if may else ""),
                    Cell(s.t("Remove") if may else "", action="remove" if may else ""),
                ],
                key=one.connector_id,
            )
        )

    def act(index: int, action: str) -> object:
        one = found[index]
        if action == "pause":
            return s.act(lambda: pause(s, one), lambda _: s.redraw(), permission="connect_data")()
        remove(s, one)
        return None

    sheet(columns, rows, caption=s.t("Streams"), kind="cards", on_open=act)
    for one in found:
        run = runs.get(one.connector_id)
        if run and run.state == "failed" and run.error:
            parts.notice(f"{one.name}: {_told(s, run)}", tone="bad")


def _told(s: Screen, run: ConnectorRun) -> str:
    """Why a run failed: in the reader's language where the code is known, else as it was written down."""
    if s.language == "en" or not run.error_code:
        return run.error or ""
    said, mend = s.error(Unavailable("", code=run.error_code))
    return f"{said}{mend}" if said else run.error or ""


def _wish(values: forms.Values) -> Wish:
    size = str(values["batch_rows"])
    return Wish(
        name=str(values["name"]) or "stream",
        takes="stream",
        url=str(values["url"]),
        batch_rows=int(size) if size.isdecimal() else 0,
    )
