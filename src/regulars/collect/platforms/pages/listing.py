"""Connections: webhook sources, databases and what platforms ask, with their health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from regulars.collect.platforms import connectors, service, sources
from regulars.collect.platforms.connectors import Connector, ConnectorRun
from regulars.collect.platforms.pages.stream import streams_sheet
from regulars.collect.platforms.service import PlatformRequest
from regulars.collect.platforms.sources import NewWebhookSource, WebhookSource
from regulars.console import forms, parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.guard.privacy import Certificate
from regulars.values import clock

_DONE_SHOWN = 20
_RUN_TONES: dict[str, Tone] = {"done": "good", "running": "info", "stopped": "warn", "failed": "bad"}


@dataclass(frozen=True, slots=True)
class _Found:
    sources: Sequence[WebhookSource]
    connectors: Sequence[Connector]
    runs: dict[str, ConnectorRun]
    requests: Sequence[PlatformRequest]


@screen("/data/connections", permission="load_data", nav="Connections", icon="cable", order=92, group="Collect")
def connections_page(s: Screen) -> None:
    """What is connected."""
    note = s.t(
        "The shop's platform sends by webhook what happens; its database is read every few minutes, its stream all the time."
    )
    tools = shell.head(s, s.t("Connections"), note)
    if s.may("connect_data"):
        with tools:
            parts.button(s.t("Add a database"), icon="storage", href=s.url("/data/connections/database"))
            parts.button(s.t("Add a stream"), icon="stream", href=s.url("/data/connections/stream"))
            parts.button(s.t("Add a webhook"), icon="add", kind="primary", href=s.url("/data/connections/webhook"))

    def ask() -> _Found:
        with s.records.reading() as uow:
            found = connectors.list_all(uow, s.caller, s.shop.shop_id)
            return _Found(
                sources.list_all(uow, s.caller, s.shop.shop_id),
                found,
                connectors.newest_runs(uow, [one.connector_id for one in found]),
                [
                    *service.requests(uow, s.caller, s.shop.shop_id),
                    *service.requests(uow, s.caller, s.shop.shop_id, done=True)[:_DONE_SHOWN],
                ],
            )

    s.load(ask, lambda found: _draw(s, found), skeleton="table")


def _draw(s: Screen, found: _Found) -> None:
    if found.requests:
        title = s.t("Requests about personal data")
        with parts.card(
            title,
            s.t("Each is due within 30 days. Erase or export here with one click; what was done elsewhere is marked as done."),
            flush=True,
        ):
            _requests(s, found.requests)
    with parts.card(s.t("Webhooks"), s.t("Counts are of the last 7 days."), flush=True):
        if found.sources:
            _sources(s, found.sources)
        else:
            parts.empty(
                "webhook",
                s.t("No webhook yet"),
                s.t("Shopify, WooCommerce and any program that signs its messages can send orders, customers and products here."),
                action=s.t("Add a webhook") if s.may("connect_data") else "",
                href=s.url("/data/connections/webhook"),
            )
    streams = [one for one in found.connectors if one.takes == "stream"]
    databases = [one for one in found.connectors if one.takes != "stream"]
    if streams:
        with parts.card(s.t("Streams"), s.t("Messages are counted for the present run, an hour at most."), flush=True):
            streams_sheet(s, streams, found.runs, pause=_pause, remove=_remove_connector)
    with parts.card(s.t("Databases"), flush=True):
        if databases:
            _connectors(s, databases, found.runs)
        else:
            parts.empty(
                "storage",
                s.t("No database yet"),
                s.t("Orders can be read from any SQL database with one query; only what is new is read each time."),
                action=s.t("Add a database") if s.may("connect_data") else "",
                href=s.url("/data/connections/database"),
            )


def _sources(s: Screen, found: Sequence[WebhookSource]) -> None:
    columns = [
        Column(s.t("Name"), width="clip"),
        Column(s.t("Status")),
        Column(s.t("Accepted"), align="end"),
        Column(s.t("Repeated"), align="end", width="drop"),
        Column(s.t("Not needed"), align="end", width="drop"),
        Column(s.t("To repair"), align="end"),
        Column(s.t("Refused"), align="end"),
        Column(s.t("Last accepted"), align="end"),
        Column("", align="end"),
        Column("", align="end"),
    ]
    may = s.may("connect_data")
    rows = []
    for one in found:
        words, tone = _health(s, one)
        hint = s.word("refusal", one.last_refusal) if one.last_refusal else ""
        rows.append(
            Row(
                [
                    Cell(one.name, sub=s.word("platform", one.platform), hint=one.path),
                    Cell(words, tone=tone, badge=True),
                    Cell(s.count(one.accepted)),
                    Cell(s.count(one.repeated)),
                    Cell(s.count(one.ignored + one.unknown)),
                    Cell(s.count(one.quarantined) if one.quarantined else "", tone="warn"),
                    Cell(s.count(one.refused) if one.refused else "", tone="warn", hint=hint),
                    Cell(s.instant(one.last_accepted_at) if one.last_accepted_at else ""),
                    Cell(s.t("New secret") if may else "", action="rotate" if may else ""),
                    Cell(s.t("Remove") if may else "", action="remove" if may else ""),
                ],
                key=one.source_id,
            )
        )

    def act(index: int, action: str) -> None:
        (_rotate if action == "rotate" else _remove_source)(s, found[index])

    sheet(columns, rows, caption=s.t("Webhooks"), kind="cards", on_open=act)


def _health(s: Screen, one: WebhookSource) -> tuple[str, Tone]:
    if one.disabled_at is not None:
        return s.t("Switched off"), ""
    if one.last_refused_at and (one.last_accepted_at is None or one.last_refused_at > one.last_accepted_at):
        return s.t("Refused lately"), "bad"
    if one.last_accepted_at is None:
        return s.t("Nothing yet"), "info"
    return s.t("Working"), "good"


def _rotate(s: Screen, one: WebhookSource) -> None:
    values: forms.Values = {"secret": ""}
    dialog = forms.Dialog(s, s.t("New secret"))
    with dialog:
        parts.text(s.t("The old secret is taken for 72 hours more, so that the platform can follow."), "rg-muted rg-pretty", "p")
        hint = s.t("Leave it empty to have one made.")
        forms.text_field(values, "secret", s.t("Secret of the platform"), kind="password", most=255, hint=hint)

    def rotate() -> NewWebhookSource:
        with s.records.unit() as uow:
            return sources.rotate(uow, s.caller, one.source_id, secret=values["secret"] or None)

    def done(made: NewWebhookSource) -> None:
        dialog.done()
        if not values["secret"]:
            forms.secret_shown(s, s.t("New secret"), s.t("Give it to the platform now. It is shown this once."), made.secret)

    dialog.buttons(s.t("Change the secret"), s.act(rotate, done, permission="connect_data"))
    dialog.open()


def _remove_source(s: Screen, one: WebhookSource) -> None:
    def remove() -> None:
        s.caller.demand("connect_data")
        with s.records.unit() as uow:
            sources.remove(uow, s.caller, one.source_id)

    words = s.t("What it sent stays. From now on its deliveries are refused.")
    forms.sure(s, s.t("Remove this webhook?"), words, s.t("Remove"), remove, done=lambda _: s.redraw())


def _connectors(s: Screen, found: Sequence[Connector], runs: dict[str, ConnectorRun]) -> None:
    columns = [
        Column(s.t("Name"), width="clip"),
        Column(s.t("Reads")),
        Column(s.t("Last run")),
        Column(s.t("Rows"), align="end"),
        Column(s.t("To repair"), align="end"),
        Column(s.t("When"), align="end"),
        Column(s.t("Every"), align="end", width="drop"),
        Column("", align="end"),
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
                    Cell(one.name, sub=one.place, hint=one.query),
                    Cell(s.word("takes", one.takes)),
                    Cell(
                        s.word("connector run", state),
                        tone=_RUN_TONES.get(state, ""),
                        badge=True,
                        hint=(run.error or "") if run else "",
                    ),
                    Cell(s.count(run.rows) if run else ""),
                    Cell(s.count(run.quarantined) if run and run.quarantined else "", tone="warn"),
                    Cell(s.instant(run.started_at) if run else ""),
                    Cell(s.plural(one.every_minutes, "{n} minute", "{n} minutes")),
                    Cell(s.t("Run now") if may else "", action="run" if may else ""),
                    Cell((s.t("Go on") if one.paused else s.t("Pause")) if may else "", action="pause" if may else ""),
                    Cell(s.t("Remove") if may else "", action="remove" if may else ""),
                ],
                key=one.connector_id,
            )
        )

    def act(index: int, action: str) -> object:
        one = found[index]
        match action:
            case "run":
                return s.act(lambda: _ask(s, one), s.t("Asked for. It runs in a moment."), permission="connect_data")()
            case "pause":
                return s.act(lambda: _pause(s, one), lambda _: s.redraw(), permission="connect_data")()
        _remove_connector(s, one)
        return None

    sheet(columns, rows, caption=s.t("Databases"), kind="cards", on_open=act)
    failed = [run for one in found if (run := runs.get(one.connector_id)) and run.state == "failed" and run.error]
    for run in failed:
        parts.notice(run.error or "", tone="bad")


def _ask(s: Screen, one: Connector) -> None:
    with s.records.unit() as uow:
        connectors.ask_for_run(uow, one.shop_id, one.connector_id)


def _pause(s: Screen, one: Connector) -> None:
    with s.records.unit() as uow:
        connectors.change(uow, s.records, s.home, s.caller, s.shop, one.connector_id, {"paused": not one.paused})


def _remove_connector(s: Screen, one: Connector) -> None:
    def remove() -> None:
        s.caller.demand("connect_data")
        with s.records.unit() as uow:
            connectors.remove(uow, s.caller, one.connector_id)

    words = s.t("What was read stays. Its address is destroyed.")
    forms.sure(s, s.t("Remove this connection?"), words, s.t("Remove"), remove, done=lambda _: s.redraw())


def _requests(s: Screen, found: Sequence[PlatformRequest]) -> None:
    columns = [
        Column(s.t("Asked for"), align="nowrap"),
        Column(s.t("Customer"), width="clip"),
        Column(s.t("Received"), align="end"),
        Column(s.t("Due"), align="end"),
        Column(s.t("State")),
        Column("", align="end"),
        Column("", align="end"),
    ]
    rows = []
    for one in found:
        late = one.done_at is None and one.due_at < clock.now()
        state = s.t("Done on {day}", day=s.day(one.done_at)) if one.done_at else s.t("Late") if late else s.t("Open")
        tone: Tone = "good" if one.done_at else "bad" if late else "warn"
        doing = _doing(s, one)
        settle = one.done_at is None and s.may("erase_customers")
        rows.append(
            Row(
                [
                    Cell(s.word("platform request", one.kind)),
                    Cell(one.customer_id or "", href=s.customer_url(one.customer_id) if one.customer_id else ""),
                    Cell(s.day(one.received_at)),
                    Cell(s.day(one.due_at)),
                    Cell(state, badge=True, tone=tone),
                    Cell(doing, action="do" if doing else ""),
                    Cell(s.t("Mark as done") if settle else "", action="done" if settle else ""),
                ],
                key=one.request_id,
            )
        )

    def act(index: int, action: str) -> object:
        one = found[index]
        if action == "do":
            if one.kind == "data_request":
                return _export(s, one)
            _erase(s, one)
            return None

        def settle() -> PlatformRequest:
            with s.records.unit() as uow:
                return service.settle_request(uow, s.caller, one.request_id)

        return s.act(settle, lambda _: s.redraw(), permission="erase_customers")()

    sheet(columns, rows, caption=s.t("Requests about personal data"), kind="cards", on_open=act)


def _doing(s: Screen, one: PlatformRequest) -> str:
    """What this operator can have done here with one click."""
    if one.done_at is not None or one.customer_id is None:
        return ""
    if one.kind == "data_request":
        return s.t("Export") if s.may("see_personal_data") else ""
    return s.t("Erase") if one.kind in ("customer_redact", "customer_deleted") and s.may("erase_customers") else ""


def _erase(s: Screen, one: PlatformRequest) -> None:
    def erase() -> Certificate | None:
        return service.erase_as_asked(s.records, s.warehouse, s.home, s.caller, one.request_id)[1]

    def done(certificate: Certificate | None) -> None:
        s.notify(
            s.t("Erased. The certificate is under Privacy, Requests.")
            if certificate
            else s.t("Nothing is kept about this customer.")
        )
        s.redraw()

    words = s.t(
        "Name, contacts and texts are destroyed, and the number is replaced everywhere by a random one. Totals stay. This cannot be taken back."
    )
    forms.sure(s, s.t("Erase this customer for ever?"), words, s.t("Erase"), erase, done=done)


def _export(s: Screen, one: PlatformRequest) -> object:
    """Settle the request and hand over the copy; the copy can be taken again on the customer's page."""

    def export() -> bool:
        with s.records.unit() as uow:
            return service.export_as_asked(uow, s.warehouse, s.caller, one.request_id)[1] is not None

    def done(found: bool) -> None:
        if not found:
            s.notify(s.t("Nothing is kept about this customer."))
        elif one.customer_id:
            shop = urlencode({"shop": s.shop.shop_id})
            parts.run_js("location.assign", f"/v1/customers/{quote(one.customer_id, safe='')}/export.zip?{shop}")
        s.redraw()

    return s.act(export, done, permission="see_personal_data")()
