"""Identity: which ids were made one customer and why, what was refused, taking merges back and merging by hand."""

from __future__ import annotations

from datetime import datetime

from regulars.collect.identity import service
from regulars.collect.identity.asking import Place
from regulars.collect.identity.domain import Decided, Identity, Merge, RefusedMerge
from regulars.console import forms, parts, screen, shell
from regulars.console.registry import panel
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput, NotFound
from regulars.guard.privacy.naming import is_visitor
from regulars.web.paging import cursor_of, place_of

_VIEWS = ("all", "customers", "operator", "refused")
_ROWS = 50
_IDS = 8  # of a customer, on their page


@screen("/identity", permission="read_customers", nav="Identity", icon="fingerprint", order=93, group="Collect")
def identity_page(s: Screen) -> None:
    """Who is who?"""
    tools = shell.head(
        s,
        s.t("Identity"),
        s.t("Which devices and ids were made one customer, and which were kept apart. A merge can be taken back at any time."),
    )
    with tools:
        if s.may("load_data"):
            parts.button(s.t("Merge two by hand"), lambda: _merge_dialog(s), icon="merge", kind="primary")
    view = s.choice("view", _VIEWS, "all")
    words = {
        "all": s.t("All merges"),
        "customers": s.t("Between customers"),
        "operator": s.t("By hand"),
        "refused": s.t("Refused"),
    }
    with parts.box("rg-filters"):
        parts.segmented(
            s.t("Which merges"),
            words.items(),
            view,
            lambda chosen: s.go(view=None if chosen == "all" else chosen, after=None, page=None),
        )
    after = _place(s)
    if view == "refused":
        s.load(lambda: _ask_refused(s, after), lambda found: _refused(s, found), skeleton="table")
    else:
        s.load(lambda: _ask(s, view, after), lambda found: _merges(s, view, found), skeleton="table")


def _ask(s: Screen, view: str, after: Place | None) -> list[Merge]:
    with s.records.reading() as uow:
        return service.merges(
            uow,
            s.shop.shop_id,
            kind="operator" if view == "operator" else None,
            between_customers=view == "customers",
            after=after,
            limit=_ROWS + 1,
        )


def _ask_refused(s: Screen, after: Place | None) -> list[RefusedMerge]:
    with s.records.reading() as uow:
        return service.refused_merges(uow, s.shop.shop_id, after=after, limit=_ROWS + 1)


def _merges(s: Screen, view: str, found: list[Merge]) -> None:
    shown = found[:_ROWS]
    with parts.card(flush=True) as card:
        if not shown:
            parts.empty(
                "fingerprint",
                s.t("No merge yet"),
                s.t("When somebody signs in, the visits of their device become theirs. Such merges are listed here.")
                if view == "all"
                else s.t("Nothing of this kind has been merged."),
                action=s.t("Sources"),
                href=s.url("/events/sources"),
            )
            return
        columns = [
            Column(s.t("When")),
            Column(s.t("This id")),
            Column(s.t("belongs to")),
            Column(s.t("Because"), width="long"),
            Column("", align="end"),
        ]
        sheet(
            columns,
            [_row(s, one) for one in shown],
            caption=s.t("Merges"),
            kind="cards",
            on_open=lambda index, _: _undo(s, shown[index]),
        )
    _foot(s, card, found)


def _row(s: Screen, one: Merge) -> Row:
    undone = Cell(s.t("Undone"), badge=True)
    action = undone if one.undone else Cell(s.t("Undo"), action="undo") if s.may("load_data") else Cell("")
    to = one.to_id if one.undone else one.customer_id
    return Row(
        [
            Cell(s.instant(one.at or one.recorded_at)),
            Cell(one.from_id, sub=_kind_of(s, one.from_id)),
            Cell(to, href=s.customer_url(to)),
            Cell(_because(s, one), sub=s.t("message {id}", id=one.message_id) if one.message_id and not one.decided_by else ""),
            action,
        ],
        key=one.merge_id,
    )


def _because(s: Screen, one: Merge) -> str:
    if one.decided_at is not None:
        when = s.instant(one.decided_at)
        return s.t("Undone by hand on {when}", when=when) if one.undone else s.t("Merged by hand on {when}", when=when)
    if one.kind == "alias":
        return s.t("A message said that the two are one (alias)")
    return s.t("A message named both: somebody signed in on this device")


def _kind_of(s: Screen, one: str) -> str:
    return s.t("a device") if is_visitor(one) else s.t("a customer's id")


def _refused(s: Screen, found: list[RefusedMerge]) -> None:
    shown = found[:_ROWS]
    with parts.card(flush=True) as card:
        if not shown:
            parts.empty(
                "verified", s.t("Nothing was refused"), s.t("No device was claimed by two customers, and no id named nobody.")
            )
            return
        columns = [Column(s.t("When")), Column(s.t("This id")), Column(s.t("not given to")), Column(s.t("Because"), width="long")]
        rows = []
        for one in shown:
            if one.reason == "illegal_id":
                why = s.t("This id names nobody; many programs send it when they do not know who it is.")
                first = Cell(one.illegal, sub=s.t("no id"))
            else:
                why = s.t(
                    "It belongs to {customer} already, who was told first; a shared device never joins two customers.",
                    customer=one.belongs_to,
                )
                first = Cell(one.from_id, sub=_kind_of(s, one.from_id))
            message = s.t("message {id}", id=one.message_id) if one.message_id else ""
            target = Cell(one.to_id, href=s.customer_url(one.to_id)) if one.to_id else Cell("")
            rows.append(Row([Cell(s.instant(one.at or one.recorded_at)), first, target, Cell(why, sub=message)]))
        sheet(columns, rows, caption=s.t("Refused merges"), kind="cards")
    _foot(s, card, found)


def _foot(s: Screen, card: parts.Card, found: list[Merge] | list[RefusedMerge]) -> None:
    after = s.query.get("after")
    if len(found) <= _ROWS and not after:
        return
    with card.foot(), parts.box("rg-pager"):
        if after:
            parts.button(s.t("First page"), lambda: s.go(after=None), icon="first_page", kind="quiet")
        if len(found) > _ROWS:
            last = cursor_of(service.place_of_merge(found[_ROWS - 1]))
            parts.button(s.t("Next page"), lambda: s.go(after=last), icon="chevron_right", kind="quiet")


def _place(s: Screen) -> Place | None:
    """Where the page before ended; the first page where the address was edited."""
    try:
        found = place_of(s.query.get("after"), list)
        return None if found is None else (datetime.fromisoformat(found[0]), str(found[1]), str(found[2]))
    except (InvalidInput, ValueError, TypeError, IndexError):
        return None


def _undo(s: Screen, one: Merge) -> None:
    def action() -> Decided:
        with s.records.unit() as uow:
            return service.undo(uow, s.caller, s.shop.shop_id, one.merge_id)

    def done(decided: Decided) -> None:
        if decided.still_together:
            s.notify(s.t("Undone. Another merge still joins the two: undo that one as well."), tone="info")
        else:
            s.notify(s.t("Undone. Events and orders follow within seconds."))
        s.redraw()

    words = s.t(
        "{from_id} and {to_id} become two again, with the events and orders each had. It stays so even when messages say the same "
        "again, until somebody merges them by hand.",
        from_id=one.from_id,
        to_id=one.to_id,
    )
    forms.sure(s, s.t("Undo this merge?"), words, s.t("Undo the merge"), action, done=done)


def _merge_dialog(s: Screen, first: str = "") -> None:
    values: forms.Values = {"from_id": "", "to_id": first}
    dialog = forms.Dialog(s, s.t("Merge two by hand"))
    with dialog:
        parts.text(
            s.t("Both ids become one customer: the one first seen. Whatever messages say, this holds until it is undone."),
            "rg-muted rg-pretty",
            "p",
        )
        hint = s.t("A customer number, e-mail or phone, or a device (v_…)")
        forms.text_field(values, "from_id", s.t("This id"), hint=hint)
        forms.text_field(values, "to_id", s.t("and this one"), hint=hint)

    def action() -> Decided:
        with s.records.unit() as uow:
            return service.merge(uow, s.warehouse, s.caller, s.shop.shop_id, values["from_id"], values["to_id"])

    def done(decided: Decided) -> None:
        dialog.close()
        s.notify(s.t("Merged into {customer}. Events and orders follow within seconds.", customer=decided.merge.customer_id))
        s.redraw()

    dialog.buttons(s.t("Merge"), s.act(action, done, permission="load_data"))
    dialog.open()


@panel("customer", permission="read_customers", order=60)
def customer_ids_panel(s: Screen) -> None:
    """The ids that were merged into a customer, on their page."""
    from urllib.parse import unquote

    customer_id = unquote(s.path.get("customer_id", ""))

    def ask() -> Identity | None:
        with s.records.reading() as uow:
            try:
                return service.identity(uow, s.shop.shop_id, customer_id)
            except NotFound:
                return None

    s.load(ask, lambda found: _ids(s, found) if found is not None and len(found.ids) > 1 else None, skeleton="none")


def _ids(s: Screen, found: Identity) -> None:
    note = s.plural(len(found.ids) + found.more - 1, "{n} other id is theirs", "{n} other ids are theirs")
    with parts.card(s.t("Ids and devices"), note, flush=True) as card:
        rows = [
            Row([Cell(one.id), Cell(_kind_of(s, one.id)), Cell(s.instant(one.first_at) if one.first_at else "")])
            for one in found.ids[:_IDS]
        ]
        sheet(
            [Column(s.t("Id")), Column(s.t("Kind")), Column(s.t("Since"), align="end")],
            rows,
            caption=s.t("Ids and devices"),
            kind="cards",
        )
    if (more := len(found.ids) + found.more - _IDS) > 0:
        with card.foot():
            parts.text(s.t("and {n} more", n=s.count(more)))
    with card.tools:
        parts.button(s.t("All merges"), icon="arrow_forward", kind="quiet", href=s.url("/identity"))
