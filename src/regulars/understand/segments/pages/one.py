"""One segment: who is in it, how it grew, why somebody is or is not, and where its changes are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from regulars.console import charts, forms, panel, parts, screen, shell
from regulars.console.history import as_of_words
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.questions import Desk
from regulars.understand.segments import service
from regulars.understand.segments.domain.kept import Segment, SizeDay
from regulars.understand.segments.explaining import Explained, Reason
from regulars.understand.segments.hooks import Hook, NewHook
from regulars.understand.segments.pages.listing import TONES, told

_SHOWN = 30


@dataclass(frozen=True)
class _Found:
    one: Segment
    sizes: Sequence[SizeDay]
    members: Sequence[Mapping[str, Any]]
    hooks: Sequence[Hook]


@screen("/segments/{segment_id}", permission="read_reports", title="Segment", parent="/segments")
def segment_page(s: Screen) -> None:
    """One segment."""
    segment_id = s.path["segment_id"]

    def ask() -> _Found:
        with s.records.reading() as uow:
            one = service.get(uow, s.shop.shop_id, segment_id)
            sizes = service.sizes(uow, s.shop.shop_id, segment_id)
            hooks = service.hooks(uow, s.shop.shop_id, segment_id) if s.may("manage_segments") else []
        members = service.member_page(Desk(s.warehouse, s.shop), segment_id, limit=_SHOWN) if s.may("read_customers") else []
        return _Found(one, sizes, members[:_SHOWN], hooks)

    s.load(ask, lambda found: _draw(s, found), skeleton="page")


def _draw(s: Screen, found: _Found) -> None:
    one = found.one
    here = f"/segments/{one.segment_id}"
    with shell.head(s, one.called(s.language), one.description, back=(s.t("Segments"), s.url("/segments"))):
        if s.may("export"):
            asked = urlencode({"format": "csv", "shop": s.shop.shop_id})
            parts.button(s.t("Export CSV"), icon="download", href=f"/v1/segments/{one.segment_id}/members?{asked}")
        if s.may("manage_segments"):
            parts.button(s.t("Remove"), lambda: _remove(s, one), icon="delete")
            parts.button(s.t("Change"), icon="edit", kind="primary", href=s.url(here + "/edit"))
    with parts.box("rg-grid"):
        with parts.box("w-8 rg-stack"):
            if len(found.sizes) > 1:
                _course(s, found.sizes)
            if s.may("read_customers"):
                _members(s, one, found.members)
        with parts.box("w-4 rg-stack"):
            with parts.card(s.t("Who belongs")) as card:
                with parts.box("rg-row"):
                    parts.text("…" if one.customers is None else s.count(one.customers), "rg-big rg-num", "div")
                    parts.badge(s.word("segment kind", one.kind), TONES[one.kind])
                parts.text(told(s, one), "rg-small rg-pretty", "p").style("margin-top: 8px")
            with card.foot():
                parts.text(as_of_words(s, one.evaluated_at) or s.t("Not evaluated yet"))
            if one.error:
                parts.notice(one.error, tone="bad")
            if s.may("read_customers"):
                _why(s, one)
            if s.may("manage_segments"):
                _hooks(s, one, found.hooks)


def _course(s: Screen, sizes: Sequence[SizeDay]) -> None:
    words = [s.count(day.customers) for day in sizes]
    moved = [("+" + s.count(day.entered), "−" + s.count(day.left)) for day in sizes]
    plot = charts.Plot(
        s.t("Size by day"),
        [s.day(day.day) for day in sizes],
        s.t("Day"),
        [
            charts.Line(s.t("Customers"), [day.customers for day in sizes], words, "area"),
            charts.Line(s.t("Entered"), [day.entered for day in sizes], [one for one, _ in moved], "bar", color=2),
            charts.Line(s.t("Left"), [-day.left for day in sizes], [one for _, one in moved], "bar", color=3),
        ],
    )
    charts.plot_card(s, plot, note=s.t("At the end of each day, and who came and went during it."))


def _members(s: Screen, one: Segment, found: Sequence[Mapping[str, Any]]) -> None:
    with parts.card(s.t("Members"), flush=True) as card:
        if not found:
            parts.empty("person_off", s.t("Nobody is in it"), s.t("As of the last evaluation no customer meets its conditions."))
            return
        rows = [
            Row(
                [
                    Cell(row["customer_id"], href=s.customer_url(row["customer_id"])),
                    Cell(_since(s, row["entered_at"])),
                ]
            )
            for row in found
        ]
        sheet([Column(s.t("Customer")), Column(s.t("In since"), align="end")], rows, caption=s.t("Members"))
    with card.foot():
        parts.text(
            s.t("{shown} of {total}, by customer number", shown=s.count(len(found)), total=s.count(one.customers or len(found)))
        )


def _since(s: Screen, at: datetime) -> str:
    return s.day(at.replace(tzinfo=UTC) - timedelta(microseconds=1))


def _why(s: Screen, one: Segment) -> None:
    values: forms.Values = {"customer": ""}
    with parts.card(s.t("Why is somebody in it, or not?")), parts.box("rg-stack"):
        forms.text_field(values, "customer", s.t("Customer number"))
        shown = parts.box("rg-stack")

        def ask() -> Explained:
            customer_id = str(values["customer"]).strip()
            return service.explain(s.records, Desk(s.warehouse, s.shop), one.segment_id, customer_id, s.language)

        def show(found: Explained) -> None:
            shown.clear()
            with shown:
                said = s.t("Is in it.") if found.is_member else s.t("Is not in it.")
                parts.text(said, "rg-strong")
                if found.reason is None:
                    parts.text(s.t("Its members are a list."), "rg-small rg-muted")
                else:
                    _reason(s, found.reason)
                if found.known_only and not found.is_known:
                    parts.text(s.t("It holds known customers only; this is a visitor."), "rg-small rg-muted")

        with parts.box("rg-row"):
            parts.button(s.t("Explain"), s.act(ask, show), icon="help")


def _reason(s: Screen, reason: Reason) -> None:
    with parts.box("rg-why"):
        parts.icon("check_circle" if reason.holds else "cancel", s.t("holds") if reason.holds else s.t("does not hold"))
        with parts.box("rg-stack").style("gap: 4px"):
            parts.text(reason.text, "rg-small rg-pretty")
            if reason.value is not None:
                parts.text(s.t("found: {value}", value=_value(s, reason.value)), "rg-small rg-faint")
            for part in reason.parts:
                _reason(s, part)


def _value(s: Screen, value: str | float | bool | datetime) -> str:
    if isinstance(value, bool):
        return s.t("yes") if value else s.t("no")
    if isinstance(value, datetime):
        return s.day(value)
    return s.count(value) if isinstance(value, (int, float)) else value


def _hooks(s: Screen, one: Segment, found: Sequence[Hook]) -> None:
    with (
        parts.card(s.t("Webhooks"), s.t("Who entered and who left is sent there after each evaluation, signed.")),
        parts.box("rg-stack"),
    ):
        for hook in found:
            with parts.box("rg-row rg-between"):
                with parts.box("rg-stack").style("gap: 2px"):
                    parts.text(hook.url, "rg-small rg-mono rg-break")
                    state = (
                        s.t("not taken {n} times in a row: {error}", n=hook.failures, error=hook.error or "")
                        if hook.failures
                        else ""
                    )
                    parts.text(
                        state or (s.t("last sent {day}", day=s.day(hook.sent_at)) if hook.sent_at else s.t("nothing to send yet")),
                        "rg-small rg-faint",
                    )
                parts.button(
                    "",
                    s.act(_unhook(s, one, hook), lambda _: s.redraw(), permission="manage_segments"),
                    icon="close",
                    kind="quiet",
                    title=s.t("Remove"),
                )
        if not s.may("export"):
            return
        values: forms.Values = {"url": ""}
        forms.text_field(values, "url", s.t("Address"), most=2000, placeholder="https://crm.example.com/hooks/segments")

        def add() -> NewHook:
            with s.records.unit() as uow:
                return service.add_hook(uow, s.warehouse, s.caller, s.shop.shop_id, one.segment_id, str(values["url"]))

        def added(made: NewHook) -> None:
            with forms.Dialog(s, s.t("The secret, shown this once")) as dialog:
                parts.text(s.t("Deliveries are signed with it as Standard Webhooks says."), "rg-small rg-muted", "p")
                parts.code(made.secret, s.t("Copy"), wrap=True)
            with dialog.foot:
                parts.button(s.t("Done"), dialog.done, kind="primary")
            dialog.open()

        with parts.box("rg-row"):
            parts.button(s.t("Add a webhook"), s.act(add, added, permission="manage_segments"), icon="add")


def _unhook(s: Screen, one: Segment, hook: Hook) -> Any:
    def remove() -> None:
        with s.records.unit() as uow:
            service.remove_hook(uow, s.caller, s.shop.shop_id, one.segment_id, hook.hook_id)

    return remove


def _remove(s: Screen, one: Segment) -> None:
    with forms.Dialog(s, s.t("Remove this segment?")) as dialog:
        parts.text(
            s.t("Its list, its history and its webhooks go with it. Reports that ask for it will find nobody."), "rg-small", "p"
        )

    def remove() -> None:
        with s.records.unit() as uow:
            service.throw_away(uow, s.caller, s.shop.shop_id, one.segment_id)

    dialog.buttons(
        s.t("Remove"),
        s.act(remove, lambda _: parts.run_js("location.assign", s.url("/segments")), permission="manage_segments"),
        kind="danger",
    )
    dialog.open()


@panel("customer", permission="read_customers", order=58)
def segments_panel(s: Screen) -> None:
    """The segments of one customer."""
    customer_id = s.path.get("customer_id", "")

    def ask() -> list[tuple[Segment, datetime]]:
        held = service.of_customer(Desk(s.warehouse, s.shop), customer_id)
        with s.records.reading() as uow:
            return [(one, held[one.segment_id]) for one in service.listing(uow, s.shop.shop_id) if one.segment_id in held]

    def show(found: list[tuple[Segment, datetime]]) -> None:
        if not found:
            return
        with parts.card(s.t("Segments"), flush=True):
            rows = [
                Row([Cell(one.called(s.language), href=s.url(f"/segments/{one.segment_id}")), Cell(_since(s, at))])
                for one, at in found
            ]
            sheet([Column(s.t("Name")), Column(s.t("In since"), align="end")], rows, caption=s.t("Segments"))

    s.load(ask, show, skeleton="none")
