"""Quarantine of events: what was put aside and why, one message to repair and replay or discard, and replaying many."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nicegui import ui

from regulars.collect.track import quarantine, repair, sources
from regulars.collect.track.pages import shown
from regulars.collect.track.pages.tabs import events_head
from regulars.collect.track.quarantine import QuarantinedEvent, ReasonCount
from regulars.collect.track.repair import BulkReplay, MessageCheck
from regulars.console import forms, parts, screen
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen

_AT_ONCE = 50
_TONES: dict[str, Tone] = {"open": "warn", "replayed": "good", "discarded": ""}


@dataclass
class _Found:
    """What the page shows."""

    rows: Sequence[QuarantinedEvent]
    more: bool
    counts: Sequence[ReasonCount]
    names: Mapping[str, str]


@screen("/events/quarantine", permission="read_customers", title="Quarantine of events", parent="/events")
def quarantine_page(s: Screen) -> None:
    """What could not be taken."""
    events_head(s, s.t("Messages that could not be taken, each with its reason. Repaired and replayed, each becomes one event."))
    s.load(lambda: _ask(s), lambda found: _draw(s, found), skeleton="table")


def _state(s: Screen) -> str:
    return s.choice("state", quarantine.STATES, "open")


def _ask(s: Screen) -> _Found:
    with s.records.reading() as uow:
        rows = quarantine.listing(
            uow,
            s.house.keyring,
            s.shop.shop_id,
            state=_state(s),
            reason=s.query.get("reason") or None,
            source_id=s.query.get("source") or None,
            before=s.query.get("after") or None,
            limit=_AT_ONCE + 1,
            language=s.language,
        )
        counts = quarantine.counts(uow, s.shop.shop_id, state=_state(s), language=s.language)
        names = {source.source_id: source.name for source in sources.list_all(uow, s.caller, s.shop.shop_id)}
    return _Found(rows[:_AT_ONCE], len(rows) > _AT_ONCE, counts, names)


def _draw(s: Screen, found: _Found) -> None:
    with parts.box("rg-filters"):
        parts.segmented(
            s.t("State"),
            [(state, s.word("quarantine", state)) for state in quarantine.STATES],
            _state(s),
            lambda state: s.go(state=None if state == "open" else state, reason=None, after=None),
        )
        reasons = dict.fromkeys((count.reason, count.says) for count in found.counts)
        _pick(s, "reason", s.t("All reasons"), [(code, _counted(s, found.counts, code, says)) for code, says in reasons])
        held = dict.fromkeys(count.source_id for count in found.counts)
        _pick(s, "source", s.t("All sources"), [(source, found.names.get(source, source)) for source in held])
        if _state(s) == "open" and found.rows and s.may("load_data"):
            parts.button(s.t("Replay all that pass now"), lambda: _replay_many(s, found), icon="replay")
    with parts.card(flush=True) as card:
        if not found.rows:
            _nothing(s)
            return
        columns = [
            Column(s.t("Received"), align="nowrap"),
            Column(s.t("Reason"), width="long"),
            Column(s.t("Event")),
            Column(s.t("Source")),
            Column(s.t("State")),
        ]
        sheet(
            columns,
            [_row(s, one, found.names) for one in found.rows],
            caption=s.t("Quarantine"),
            kind="cards",
            on_open=lambda _, key: _open(s, key, found.names),
        )
    with card.foot():
        parts.text(s.plural(len(found.rows), "{n} message shown", "{n} messages shown"))
        with parts.box("rg-pager"):
            if s.query.get("after"):
                parts.button(s.t("First page"), lambda: s.go(after=None), icon="first_page", kind="quiet")
            if found.more:
                last = quarantine.cursor(found.rows[-1])
                parts.button(s.t("Next page"), lambda: s.go(after=last), icon="chevron_right", kind="quiet")


def _pick(s: Screen, name: str, label: str, options: Sequence[tuple[str, str]]) -> None:
    if options:
        chosen = s.query.get(name, "")
        parts.select(label, [("", label), *options], chosen, lambda value: s.go(**{name: value or None, "after": None}))


def _counted(s: Screen, counts: Sequence[ReasonCount], code: str, says: str) -> str:
    return f"{says} ({s.count(sum(count.messages for count in counts if count.reason == code))})"


def _nothing(s: Screen) -> None:
    if s.query.get("reason") or s.query.get("source"):
        parts.empty("search_off", s.t("Nothing passes"), s.t("No message passes these filters."))
    elif _state(s) == "open":
        parts.empty(
            "verified",
            s.t("Nothing is put aside"),
            s.t("Every message that arrived was taken. One that cannot be taken stands here with its reason."),
        )
    else:
        parts.empty("inventory_2", s.t("None"), s.t("No message was settled so."))


def _row(s: Screen, one: QuarantinedEvent, names: Mapping[str, str]) -> Row:
    return Row(
        [
            Cell(shown.at_clock(s, one.received_at), hint=s.instant(one.received_at)),
            Cell(_sentence(one.says), sub=_detail(s, one.reason, one.detail)),
            Cell(one.event or "–", sub=one.message_id or ""),
            Cell(names.get(one.source_id, one.source_id)),
            Cell(s.word("quarantine", one.state), badge=True, tone=_TONES[one.state]),
        ],
        key=one.quarantine_id,
        opens=one.quarantine_id,
    )


def _detail(s: Screen, reason: str, detail: str) -> str:
    return shown.problem_words(s, [one for one in detail.split(";") if one]) if reason == "schema" and detail else detail


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- one message


async def _open(s: Screen, quarantine_id: str, names: Mapping[str, str]) -> None:
    """One message: its text to be repaired by who may see it, and the ways to settle it."""

    def ask() -> QuarantinedEvent:
        with s.records.unit() as uow:
            return quarantine.look(uow, s.caller, s.shop.shop_id, quarantine_id, language=s.language)

    try:
        one = await s.ask(ask)
    except Exception as error:
        s.notify_error(error)
        return
    dialog = forms.Dialog(s, _sentence(one.says), wide=True)
    values: forms.Values = {"text": _pretty(one.message), "touched": False}
    with dialog:
        parts.text(
            " · ".join(
                word
                for word in (
                    _detail(s, one.reason, one.detail),
                    names.get(one.source_id, one.source_id),
                    s.instant(one.received_at),
                )
                if word
            ),
            "rg-small rg-faint rg-wrap",
            "p",
        )
        if one.mend and one.state == "open":
            parts.text(_sentence(one.mend) + ("。" if s.language == "zh" else "."), "rg-pretty", "p")
        if one.state != "open":
            parts.notice(s.word("quarantine", one.state), s.instant(one.settled_at), tone=_TONES[one.state])
        elif one.message is None:
            parts.notice(
                s.t("The message is masked."),
                s.t("It may hold personal data, and your role does not include seeing them. You can still replay it as it came."),
                tone="info",
            )
        else:
            _area(s, values, editable=s.may("load_data"))
        verdict = parts.box()
    _buttons(s, dialog, one, values, verdict)
    dialog.open()


def _area(s: Screen, values: forms.Values, *, editable: bool) -> None:
    """The message as text that can be corrected."""
    with parts.box("rg-field", "label"):
        parts.text(s.t("Message"))
        field = ui.element("textarea").classes("rg-area")
        field.props("spellcheck=false data-message" + ("" if editable else " readonly"))
        field.props["value"] = values["text"]

        def typed(event: object) -> None:
            values.update(text=str(getattr(event, "args", "") or ""), touched=True)

        field.on("input", typed, js_handler="(event) => emit(event.target.value)")


def _buttons(s: Screen, dialog: forms.Dialog, one: QuarantinedEvent, values: forms.Values, verdict: ui.element) -> None:
    if one.state != "open" or not s.may("load_data"):
        with dialog.foot:
            parts.button(s.t("Close"), dialog.close, kind="primary")
        return

    def message() -> dict[str, object] | None:
        """What was typed; None where nothing was."""
        return repair.read(values["text"]) if values["touched"] else None

    def check() -> MessageCheck:
        return repair.check_one(s.records, s.caller, s.shop, one.quarantine_id, message(), language=s.language)

    def replay() -> QuarantinedEvent:
        told = message()
        with s.records.unit() as uow:
            return repair.replay_one(
                s.records,
                uow,
                s.caller,
                s.shop,
                one.quarantine_id,
                told,
                repair.sender(s.house.journal, s.shop),
                language=s.language,
            )

    async def replayed() -> None:
        """Look first, so that the reason stands below the text; send only what passes."""
        try:
            found = await s.ask(check)
        except Exception as error:
            _say(s, verdict, error)
            return
        if not found.ok:
            _say(s, verdict, found, one.reason)
            return
        await s.act(replay, done, permission="load_data")()

    async def looked() -> None:
        try:
            _say(s, verdict, await s.ask(check), one.reason)
        except Exception as error:
            _say(s, verdict, error)

    def done(_: object) -> None:
        s.notify(s.t("Sent again. It is an event in a second or two."))
        dialog.done()

    def discard() -> QuarantinedEvent:
        with s.records.unit() as uow:
            return quarantine.discard(uow, s.caller, s.shop.shop_id, one.quarantine_id)

    def sure() -> None:
        dialog.close()
        forms.sure(
            s,
            s.t("Discard this message?"),
            s.t("Its content is destroyed and cannot be brought back. That it was there stays visible."),
            s.t("Discard"),
            discard,
            done=lambda _: s.redraw(),
        )

    with dialog.foot:
        parts.button(s.t("Discard"), sure, icon="delete_outline", kind="danger").style("margin-right: auto")
        parts.button(s.t("Cancel"), dialog.close)
        parts.button(s.t("Check"), looked, icon="rule")
        parts.button(s.t("Replay"), replayed, icon="replay", kind="primary")


def _say(s: Screen, place: ui.element, found: MessageCheck | Exception, before: str = "") -> None:
    """What a look at the message found, below it; how to mend it where the reason is not the one from `before`."""
    place.clear()
    with place:
        if isinstance(found, Exception):
            parts.notice(*s.error_words(found), tone="warn")
        elif not found.ok:
            detail = _detail(s, found.reason or "", found.detail)
            parts.notice(
                s.t("It would not be taken: {reason}", reason=found.says + (f" ({detail})" if detail else "")),
                "" if found.reason == before else _sentence(found.mend),
                tone="warn",
            )
        elif found.schema_problems:
            parts.notice(s.t("It would be taken, with a warning."), shown.problem_words(s, found.schema_problems), tone="info")
        else:
            parts.notice(s.t("It would be taken as {event}.", event=found.event or "–"), tone="good")


def _pretty(message: str | None) -> str:
    """JSON on several lines; text that is none stays as it came."""
    if message is None:
        return ""
    try:
        return json.dumps(json.loads(message), ensure_ascii=False, indent=2)
    except ValueError:
        return message


# --- many


def _replay_many(s: Screen, found: _Found) -> None:
    reason, source = s.query.get("reason") or None, s.query.get("source") or None
    words = s.t("Each message is looked at first, as it came. Those that would be taken now are sent again; the others stay here.")
    scope = [_sentence(next(one.says for one in found.counts if one.reason == reason))] if reason and found.counts else []
    scope += [found.names.get(source, source)] if source else []

    def replay() -> BulkReplay:
        s.caller.demand("load_data")
        return repair.replay_many(
            s.records, s.caller, s.shop, repair.sender(s.house.journal, s.shop), reason=reason, source_id=source
        )

    def done(result: BulkReplay) -> None:
        s.notify(
            s.t("{n} sent again, {m} stay.", n=s.count(result.replayed), m=s.count(result.still_refused)),
            "good" if result.replayed or not result.still_refused else "info",
        )
        s.redraw()

    title = s.t("Replay all that pass now?")
    forms.sure(s, title, f"{words} {' · '.join(scope)}".strip(), s.t("Replay"), replay, done=done)
