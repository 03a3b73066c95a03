"""Privacy: the register of processing, retention times, customers' requests; and the copy and erasure of one customer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlencode

from regulars.console import forms, panel, parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.guard.privacy.erasure import Certificate, certificates, erase
from regulars.guard.privacy.register import Processing, register
from regulars.guard.privacy.requests import CustomerRequest, customer_requests
from regulars.guard.privacy.retention import Retention, RetentionRun, change_retention, retention, retention_runs

_TAB_WORDS = (
    ("/privacy", "Consents", "read_reports"),
    ("/privacy/policy", "Policy", "manage_shop"),
    ("/privacy/wordings", "Wordings", "read_reports"),
    ("/privacy/register", "Processing register", "read_audit"),
    ("/privacy/retention", "Retention times", "read_audit"),
    ("/privacy/requests", "Requests", "read_audit"),
)


def tabs(s: Screen) -> None:
    """The parts of the privacy page that this operator may see."""
    with parts.box("rg-tabs", "nav") as row:
        row.props["aria-label"] = s.t("Privacy")
        for path, words, permission in _TAB_WORDS:
            if s.may(permission):  # type: ignore[arg-type]
                link = parts.link(s.t(words), s.url(path))
                if s.spec.path == path:
                    link.props("aria-current=page")


# --- register


@screen("/privacy/register", permission="read_audit", title="Privacy", parent="/privacy")
def register_page(s: Screen) -> None:
    """What is kept about people, for what, where and how long."""
    tools = shell.head(s, s.t("Privacy"))
    tabs(s)
    if s.may("export"):
        with tools:
            asked = urlencode({"format": "csv", "shop": s.shop.shop_id, "lang": s.language})
            parts.button(s.t("Export CSV"), icon="download", href="/v1/privacy/register?" + asked)

    def ask() -> list[Processing]:
        with s.records.reading() as uow:
            return register(uow, s.shop.shop_id, language=s.language)

    s.load(ask, lambda lines: _register(s, lines), skeleton="table")


def _register(s: Screen, lines: list[Processing]) -> None:
    columns = [
        Column(s.t("Data"), width="long"),
        Column(s.t("Purpose")),
        Column(s.t("Where")),
        Column(s.t("Names a person?")),
        Column(s.t("Kept for"), align="end"),
        Column(s.t("Recipients"), width="drop"),
    ]
    rows = [
        Row(
            [
                Cell(one.data),
                Cell(one.purpose),
                Cell({"records": s.t("Records"), "files": s.t("Files")}.get(one.store, s.t("Warehouse"))),
                Cell(
                    (s.t("Yes, encrypted") if one.encrypted else s.t("Yes, not encrypted"))
                    if one.identified
                    else s.t("Pseudonym only"),
                    badge=True,
                    tone="" if not one.identified else "good" if one.encrypted else "warn",
                ),
                Cell(_kept(s, one)),
                Cell(one.recipients),
            ]
        )
        for one in lines
    ]
    note = s.t("Made from the tables as they are. Nothing is given to others and nothing leaves this installation by itself.")
    with parts.card(s.t("Processing register"), note, flush=True):
        sheet(columns, rows, caption=s.t("Processing register"), kind="cards")


def _kept(s: Screen, one: Processing) -> str:
    if one.days is None:
        return one.kept or s.t("Until erased")
    return s.t("{when}, {days} at most", when=one.kept, days=s.days(one.days)) if one.kept else s.days(one.days)


# --- retention


@screen("/privacy/retention", permission="read_audit", title="Privacy", parent="/privacy")
def retention_page(s: Screen) -> None:
    """How long each class is kept, and what the daily job deleted."""
    shell.head(s, s.t("Privacy"))
    tabs(s)

    def ask() -> tuple[list[Retention], list[RetentionRun]]:
        with s.records.reading() as uow:
            return retention(uow, s.shop.shop_id), retention_runs(uow, s.shop.shop_id, limit=14)

    s.load(ask, lambda found: _retention(s, *found))


def _retention(s: Screen, classes: list[Retention], runs: list[RetentionRun]) -> None:
    values: forms.Values = {one.name: "" if one.days is None else str(one.days) for one in classes}
    note = s.t("Days after which data is deleted in both stores and in the archives. Empty: kept until the customer is erased.")
    with parts.card(s.t("Retention times"), note) as card, parts.box("rg-form"):
        for one in classes:
            label = one.title_zh if s.language == "zh" else one.title
            forms.text_field(values, one.name, label, kind="number", placeholder=s.t("Until erased"))
    if s.may("manage_shop"):

        def save() -> list[Retention]:
            with s.records.unit() as uow:
                return change_retention(uow, s.caller, s.shop.shop_id, {name: _days(text) for name, text in values.items()})

        with card.foot():
            parts.button(
                s.t("Save"),
                s.act(save, s.t("Saved; the next daily run deletes what is past."), permission="manage_shop"),
                kind="primary",
            )
    titles = {one.name: one.title_zh if s.language == "zh" else one.title for one in classes}
    with parts.card(s.t("Daily runs"), flush=True):
        if not runs:
            parts.empty("auto_delete", s.t("No run yet"), s.t("The server looks once a day for what is past its time."))
            return
        columns = [Column(s.t("When"), align="nowrap"), Column(s.t("Deleted"), width="long"), Column(s.t("State"))]
        sheet(columns, [_run(s, run, titles) for run in runs], caption=s.t("Daily runs"), kind="cards")


def _run(s: Screen, run: RetentionRun, titles: dict[str, str]) -> Row:
    gone = [
        f"{titles.get(name, name)}: {s.count(sum(count for store, count in stores.items() if store != 'archive'))}"
        for name, stores in run.deleted.items()
    ]
    state = Cell(s.t("Failed"), badge=True, tone="bad") if run.error else Cell(s.t("Done"), badge=True, tone="good")
    return Row([Cell(s.instant(run.began_at)), Cell("; ".join(gone) or s.t("Nothing was past its time")), state], key=run.run_id)


def _days(text: Any) -> int | None:
    try:
        return int(text) if str(text).strip() else None
    except ValueError:
        raise InvalidInput(f"'{text}' is not a number of days", mend="give a whole number", code="bad_days") from None


# --- requests


@screen("/privacy/requests", permission="read_audit", title="Privacy", parent="/privacy")
def requests_page(s: Screen) -> None:
    """What customers asked for, and the certificates."""
    shell.head(s, s.t("Privacy"))
    tabs(s)

    def ask() -> tuple[list[CustomerRequest], list[Certificate]]:
        with s.records.reading() as uow:
            return customer_requests(uow, s.shop.shop_id), certificates(uow, s.shop.shop_id)

    s.load(ask, lambda found: _requests(s, *found), skeleton="table")


def _requests(s: Screen, asked: list[CustomerRequest], proofs: list[Certificate]) -> None:
    with parts.card(s.t("Requests"), s.t("Copies and erasures; the list does not say who they were."), flush=True):
        if not asked:
            parts.empty("inbox", s.t("No request yet"), s.t("A copy or an erasure is asked for on the customer's page."))
        else:
            columns = [
                Column(s.t("When"), align="nowrap"),
                Column(s.t("Request")),
                Column(s.t("Customer"), width="drop"),
                Column(s.t("Done")),
            ]
            rows = [
                Row(
                    [
                        Cell(s.instant(one.asked_at)),
                        Cell(s.word("request", one.kind)),
                        Cell(one.subject, tone="faint"),
                        Cell(s.instant(one.done_at)) if one.done_at else Cell(s.t("Under way"), badge=True, tone="warn"),
                    ],
                    key=one.request_id,
                )
                for one in asked
            ]
            sheet(columns, rows, caption=s.t("Requests"), kind="cards")
    if proofs:
        under_way = Cell(s.t("Under way"), badge=True, tone="warn")
        with parts.card(s.t("Certificates of erasure"), flush=True):
            columns = [
                Column(s.t("Certificate")),
                Column(s.t("Asked for"), align="nowrap"),
                Column(s.t("Erased"), align="nowrap"),
                Column(s.t("Remains in files overwritten"), align="nowrap"),
                Column(s.t("Rows"), align="end"),
            ]
            lines = [
                Row(
                    [
                        Cell(one.erasure_id.replace("_", " "), tone="faint"),
                        Cell(s.instant(one.asked_at)),
                        Cell(s.instant(one.erased_at)),
                        Cell(s.instant(one.overwritten_at)) if one.overwritten_at else under_way,
                        Cell(s.count(sum(one.rows.values()))),
                    ],
                    key=one.erasure_id,
                )
                for one in proofs
            ]
            sheet(columns, lines, caption=s.t("Certificates of erasure"), kind="cards")


# --- one customer


@panel("customer", permission="see_personal_data", order=90)
def rights_panel(s: Screen) -> None:
    """A customer's copy and erasure, on their page."""
    customer_id = unquote(s.path["customer_id"])
    place = "/v1/customers/" + quote(customer_id, safe="") + "/export"
    shop = "?" + urlencode({"shop": s.shop.shop_id})
    with parts.card(s.t("Rights of the customer")), parts.box("rg-stack"):
        parts.text(
            s.t("A copy holds everything both stores keep about this customer. Each one is noted in the audit trail."),
            "rg-small rg-faint rg-pretty",
            "p",
        )
        with parts.box("rg-row"):
            parts.button(s.t("Copy as ZIP"), icon="download", href=f"{place}.zip{shop}")
            parts.button(s.t("Copy as JSON"), icon="data_object", href=place + shop, kind="quiet")
        if s.may("erase_customers"):
            with parts.box("rg-row"):
                parts.button(s.t("Erase this customer"), lambda: _erase(s, customer_id), icon="person_remove", kind="danger")


def _erase(s: Screen, customer_id: str) -> None:
    def done(certificate: Certificate) -> None:
        s.notify(s.t("Erased. The certificate is under Privacy, Requests."))
        parts.run_js("location.assign", s.url("/privacy/requests"))

    forms.sure(
        s,
        s.t("Erase this customer for ever?"),
        s.t(
            "Name, contacts and texts are destroyed, and the number is replaced everywhere by a random one. Totals stay. This cannot be taken back."
        ),
        s.t("Erase"),
        lambda: erase(s.records, s.warehouse, s.home, s.caller, s.shop.shop_id, customer_id),
        done=done,
    )
