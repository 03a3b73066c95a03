"""Settings: the shop, the operators, the API keys, and the audit trail."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import get_currency_name, list_currencies
from nicegui import ui

from regulars.access import api_keys, audit, operators, second_factor, shops
from regulars.access.api_keys import ApiKey
from regulars.access.audit import AuditEntry, AuditVerdict
from regulars.access.domain import EVERY_SHOP, KEY_PERMISSIONS, PERMISSIONS, Role, Shop
from regulars.access.links import NewLink
from regulars.access.operators import Invitation, Operator
from regulars.console import forms, parts, shell
from regulars.console.numbers import locale_of
from regulars.console.parts import Tone
from regulars.console.registry import screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.values import clock

_TAB_WORDS = (
    ("/settings/shop", "Shop", "manage_shop"),
    ("/settings/operators", "Operators", "manage_operators"),
    ("/settings/keys", "API keys", "manage_keys"),
    ("/settings/audit", "Audit trail", "read_audit"),
)
_WEEKDAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ROLE_WORDS = {
    Role.OWNER: "Everything, including people, keys and settings.",
    Role.ANALYST: "Reads reports and customers, loads and exports data.",
    Role.MARKETER: "As analyst, and keeps segments.",
    Role.SUPPORT: "Reads reports and customers, and sees names and contacts.",
    Role.VIEWER: "Reads reports only.",
}


def _tabs(s: Screen) -> None:
    with parts.box("rg-tabs", "nav") as row:
        row.props["aria-label"] = s.t("Settings")
        for path, words, permission in _TAB_WORDS:
            if s.may(permission):  # type: ignore[arg-type]
                link = parts.link(s.t(words), s.url(path))
                if s.spec.path == path:
                    link.props("aria-current=page")


# --- shop


@screen("/settings/shop", permission="manage_shop", title="Settings", nav="Settings", icon="settings", order=100, group="Settings")
def shop_page(s: Screen) -> None:
    """How this shop counts: zone, currency, week, cuts."""
    shell.head(s, s.t("Settings"))
    _tabs(s)

    def ask() -> Shop:
        with s.records.reading() as uow:
            return shops.get(uow, s.shop.shop_id)

    s.load(ask, lambda shop: _shop_form(s, shop))


def _shop_form(s: Screen, shop: Shop) -> None:
    values: forms.Values = {
        "name": shop.name,
        "timezone": shop.timezone,
        "currency": shop.currency,
        "week_start": str(shop.week_start),
        "language": shop.language,
        "new_within_days": shop.new_within_days,
        "dormant_after_days": shop.dormant_after_days,
        "churned_after_days": shop.churned_after_days,
    }
    locale = locale_of(s.language)
    currencies = [
        (code, f"{code} · {get_currency_name(code, locale=locale)}")
        for code in sorted(list_currencies(locale=locale))
        if len(code) == 3
    ]
    weekdays = [s.t(day) for day in _WEEKDAY_WORDS]
    with parts.card(s.t("Shop")), parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"))
        forms.text_field(
            values,
            "timezone",
            s.t("Time zone"),
            choices=sorted(available_timezones()),
            hint=s.t("Cuts days, weeks and months. Changing it recounts every report."),
        )
        forms.choice_field(values, "currency", s.t("Currency"), currencies, hint=s.t("Reports count orders in this currency."))
        forms.choice_field(values, "week_start", s.t("Week begins on"), [(str(i), day) for i, day in enumerate(weekdays)])
        forms.choice_field(
            values,
            "language",
            s.t("Language of the shop"),
            [("zh", "中文"), ("en", "English")],
            hint=s.t("For exports and messages; each operator chooses their own for the console."),
        )
    with (
        parts.card(
            s.t("Lifecycle cuts"), s.t("Left empty, dormant and churned are read from the shop's own purchase rhythm.")
        ) as card,
        parts.box("rg-form"),
    ):
        forms.text_field(values, "new_within_days", s.t("New: first order at most this many days ago"), kind="number")
        forms.text_field(
            values,
            "dormant_after_days",
            s.t("Dormant after days without an order"),
            kind="number",
            placeholder=s.t("By the shop's rhythm"),
        )
        forms.text_field(
            values,
            "churned_after_days",
            s.t("Churned after days without an order"),
            kind="number",
            placeholder=s.t("By the shop's rhythm"),
        )
    card.props["id"] = "lifecycle"

    def save() -> Shop:
        changes: dict[str, Any] = {name: values[name] for name in ("name", "timezone", "currency", "language")}
        changes["week_start"] = int(values["week_start"])
        changes["new_within_days"] = _days(values["new_within_days"]) or shop.new_within_days
        changes["dormant_after_days"] = _days(values["dormant_after_days"])
        changes["churned_after_days"] = _days(values["churned_after_days"])
        with s.records.unit() as uow:
            return shops.change(uow, s.caller, shop.shop_id, **changes)

    with parts.box("rg-row"):
        parts.button(s.t("Save"), s.act(save, s.t("Saved. Reports follow in a moment."), permission="manage_shop"), kind="primary")


def _days(value: Any) -> int | None:
    text = str(value or "").strip()
    return int(float(text)) if text else None


# --- operators


@screen("/settings/operators", permission="manage_operators", title="Operators", parent="/settings/shop")
def operators_page(s: Screen) -> None:
    """Who may sign in, and as what."""
    tools = shell.head(s, s.t("Settings"))
    _tabs(s)
    with tools:
        parts.button(s.t("Invite"), lambda: _invite(s), icon="person_add", kind="primary")

    def ask() -> tuple[list[Operator], list[Invitation]]:
        with s.records.reading() as uow:
            return operators.list_all(uow, s.caller), operators.invitations(uow, s.caller)

    s.load(ask, lambda found: _operators(s, *found))


def _operators(s: Screen, people: list[Operator], invited: list[Invitation]) -> None:
    columns = [
        Column(s.t("Name")),
        Column(s.t("E-mail")),
        Column(s.t("Role")),
        Column(s.t("Shops"), width="drop"),
        Column(s.t("Second step")),
        Column(s.t("Last sign-in"), align="end"),
        Column("", align="end"),
    ]
    names = {shop.shop_id: shop.name for shop in s.shops}
    rows = []
    for person in people:
        state = s.t("disabled") if person.disabled_at else ""
        seen = (
            ", ".join(names.get(shop_id, shop_id) for shop_id in person.shop_ids)
            if person.shop_ids is not None
            else s.t("Every shop")
        )
        rows.append(
            Row(
                [
                    Cell(person.name, sub=state, tone="faint" if person.disabled_at else ""),
                    Cell(person.email),
                    Cell(s.word("role", str(person.role)), hint=s.t(_ROLE_WORDS[person.role])),
                    Cell(seen),
                    Cell(
                        s.t("On") if person.second_factor else s.t("Off"), badge=True, tone="good" if person.second_factor else ""
                    ),
                    Cell(s.instant(person.signed_in_at)),
                    Cell(s.t("Change"), action="change"),
                ],
                key=person.operator_id,
            )
        )
    with parts.card(s.t("Operators"), flush=True):
        sheet(columns, rows, caption=s.t("Operators"), kind="cards", on_open=lambda index, _: _change_operator(s, people[index]))
    if invited:
        columns = [Column(s.t("E-mail")), Column(s.t("Role")), Column(s.t("Open until"), align="end"), Column("", align="end")]
        rows = [
            Row(
                [
                    Cell(one.email),
                    Cell(s.word("role", str(one.role))),
                    Cell(s.instant(one.expires_at)),
                    Cell(s.t("Withdraw"), action="withdraw"),
                ],
                key=one.link_id,
            )
            for one in invited
        ]
        with parts.card(s.t("Open invitations"), flush=True):
            sheet(
                columns, rows, caption=s.t("Open invitations"), kind="cards", on_open=lambda index, _: _withdraw(s, invited[index])
            )


def _roles(s: Screen) -> list[tuple[str, str]]:
    return [(role.value, s.word("role", role.value)) for role in Role]


def _shop_choices(s: Screen, values: forms.Values) -> None:
    if len(s.shops) > 1:
        forms.choice_field(
            values, "shop", s.t("Shops"), [("", s.t("Every shop")), *((shop.shop_id, shop.name) for shop in s.shops)]
        )


def _invite(s: Screen) -> None:
    values: forms.Values = {"email": "", "role": Role.ANALYST.value, "shop": ""}
    dialog = forms.Dialog(s, s.t("Invite an operator"))
    with dialog:
        forms.text_field(values, "email", s.t("E-mail"), kind="email")
        forms.choice_field(values, "role", s.t("Role"), _roles(s))
        for role in Role:
            parts.text(f"{s.word('role', role.value)}: {s.t(_ROLE_WORDS[role])}", "rg-small rg-faint", "p")
        _shop_choices(s, values)

    def make() -> str:
        with s.records.unit() as uow:
            return operators.invite(
                uow, s.caller, email=values["email"], role=values["role"], shop_ids=[values["shop"]] if values["shop"] else None
            ).token

    def told(token: str) -> None:
        dialog.close()
        _tell_link(s, s.t("Invitation"), token)
        s.redraw()

    dialog.buttons(s.t("Make the invitation"), s.act(make, told, permission="manage_operators"))
    dialog.open()


def _tell_link(s: Screen, title: str, token: str) -> None:
    address = f"{s.base_url}/welcome/{token}"
    forms.secret_shown(s, title, s.t("Send this address to the person yourself. It opens once, and is shown only now."), address)


def _change_operator(s: Screen, person: Operator) -> None:
    values: forms.Values = {"role": person.role.value, "shop": person.shop_ids[0] if person.shop_ids else ""}
    dialog = forms.Dialog(s, person.name, wide=True)

    def told(link: NewLink) -> None:
        dialog.close()
        _tell_link(s, s.t("New password"), link.token)

    with dialog:
        forms.choice_field(values, "role", s.t("Role"), _roles(s))
        _shop_choices(s, values)
        parts.text(s.t("With another role the person is signed out everywhere and signs in again."), "rg-small rg-faint", "p")
        with parts.box("rg-row"):
            parts.button(
                s.t("Link for a new password"),
                s.act(
                    lambda: _unit(s, operators.new_password_link, person.operator_id),
                    told,
                ),
                icon="key",
            )
            if person.second_factor:
                parts.button(
                    s.t("Remove the second step"),
                    s.act(lambda: _unit(s, second_factor.remove, person.operator_id), dialog.done),
                    icon="phonelink_erase",
                )
            if person.disabled_at is None:
                parts.button(
                    s.t("Disable"),
                    s.act(lambda: _unit(s, operators.disable, person.operator_id), dialog.done),
                    icon="block",
                    kind="danger",
                )
            else:
                parts.button(
                    s.t("Enable"),
                    s.act(lambda: _unit(s, operators.enable, person.operator_id), dialog.done),
                    icon="check",
                )

    def save() -> Operator:
        with s.records.unit() as uow:
            return operators.change_role(
                uow, s.caller, person.operator_id, role=values["role"], shop_ids=[values["shop"]] if values["shop"] else None
            )

    dialog.buttons(s.t("Save"), s.act(save, dialog.done, permission="manage_operators"))
    dialog.open()


def _unit(s: Screen, verb: Any, subject: str) -> Any:
    """One verb about one operator in its own transaction."""
    with s.records.unit() as uow:
        return verb(uow, s.caller, subject)


def _withdraw(s: Screen, invitation: Invitation) -> None:
    def action() -> None:
        with s.records.unit() as uow:
            operators.withdraw_invitation(uow, s.caller, invitation.link_id)

    forms.sure(
        s,
        s.t("Withdraw the invitation?"),
        s.t("The link sent to {email} will not open any more.", email=invitation.email),
        s.t("Withdraw"),
        action,
        done=lambda _: s.redraw(),
    )


# --- API keys


@screen("/settings/keys", permission="manage_keys", title="API keys", parent="/settings/shop")
def keys_page(s: Screen) -> None:
    """Which programs may ask, and for what."""
    tools = shell.head(s, s.t("Settings"))
    _tabs(s)
    with tools:
        parts.button(s.t("Make a key"), lambda: _make_key(s), icon="add", kind="primary")

    def ask() -> list[ApiKey]:
        with s.records.reading() as uow:
            return api_keys.list_all(uow, s.caller)

    s.load(ask, lambda found: _keys(s, found))


def _keys(s: Screen, found: list[ApiKey]) -> None:
    with parts.card(
        s.t("API keys"), s.t("A key lets a program ask over HTTP. Its secret is shown once, when it is made."), flush=True
    ):
        if not found:
            parts.empty("vpn_key", s.t("No key yet"), s.t("Make one for each program that loads orders or fetches reports."))
            return
        columns = [
            Column(s.t("Name")),
            Column(s.t("Key")),
            Column(s.t("May"), width="long"),
            Column(s.t("Last used"), align="end"),
            Column(s.t("Expires"), align="end"),
            Column(s.t("State")),
            Column("", align="end"),
        ]
        rows = []
        for key in found:
            live = _is_live(key)
            state, tone = _key_state(s, key)
            rows.append(
                Row(
                    [
                        Cell(key.name, sub=s.t("Every shop") if key.shop_id == EVERY_SHOP else _shop_name(s, key.shop_id)),
                        Cell(f"rg_{key.kind}_{key.key_id}_…", tone="faint"),
                        Cell(", ".join(s.word("permission", scope) for scope in key.scopes)),
                        Cell(s.instant(key.last_used_at)),
                        Cell(s.day(key.expires_at)),
                        Cell(state, badge=True, tone=tone),
                        Cell(s.t("Revoke") if live else "", action="revoke" if live else ""),
                    ],
                    key=key.key_id,
                )
            )
        sheet(columns, rows, caption=s.t("API keys"), kind="cards", on_open=lambda index, _: _revoke(s, found[index]))


def _shop_name(s: Screen, shop_id: str) -> str:
    return next((shop.name for shop in s.shops if shop.shop_id == shop_id), shop_id)


def _is_live(key: ApiKey) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > clock.now())


def _key_state(s: Screen, key: ApiKey) -> tuple[str, Tone]:
    if key.revoked_at is not None:
        return s.t("Revoked"), "bad"
    if not _is_live(key):
        return s.t("Expired"), "warn"
    return (s.t("Being replaced"), "info") if key.replaced_by else (s.t("Live"), "good")


def _make_key(s: Screen) -> None:
    offered = [permission for permission in PERMISSIONS if permission in KEY_PERMISSIONS["server"] & s.caller.scopes]
    values: forms.Values = {"name": "", "shop": s.shop.shop_id, "days": "180", "read_reports": True}
    dialog = forms.Dialog(s, s.t("Make an API key"), wide=True)
    with dialog:
        with parts.box("rg-form"):
            forms.text_field(values, "name", s.t("Name"), hint=s.t("The program that will use it"))
            forms.choice_field(
                values,
                "shop",
                s.t("Shop"),
                [
                    *((shop.shop_id, shop.name) for shop in s.shops),
                    *([(EVERY_SHOP, s.t("Every shop"))] if s.caller.shop_ids is None else []),
                ],
            )
            forms.choice_field(values, "days", s.t("Expires in"), [(str(days), s.days(days)) for days in (7, 30, 90, 180, 366)])
        parts.text(s.t("What it may do"), "rg-small rg-strong", "p")
        with parts.box("rg-form").style("gap: 6px 16px"):
            for permission in offered:
                forms.tick(values, permission, s.word("permission", permission))

    def make() -> str:
        scopes = [permission for permission in offered if values.get(permission)]
        with s.records.unit() as uow:
            return api_keys.create(
                uow, s.caller, name=values["name"], scopes=scopes, shop_id=values["shop"], expires_in_days=int(values["days"])
            ).secret

    def told(secret: str) -> None:
        dialog.close()
        forms.secret_shown(
            s, s.t("The new key"), s.t("Copy it now: only a fingerprint of it is kept, so it cannot be shown again."), secret
        )
        s.redraw()

    dialog.buttons(s.t("Make the key"), s.act(make, told, permission="manage_keys"))
    dialog.open()


def _revoke(s: Screen, key: ApiKey) -> None:
    def action() -> None:
        with s.records.unit() as uow:
            api_keys.revoke(uow, s.caller, key.key_id)

    forms.sure(
        s,
        s.t("Revoke this key?"),
        s.t("Programs that use “{name}” are refused from now on. This cannot be taken back.", name=key.name),
        s.t("Revoke"),
        action,
        done=lambda _: s.redraw(),
    )


# --- audit trail

_PAGE = 50


@screen("/settings/audit", permission="read_audit", title="Audit trail", parent="/settings/shop")
def audit_page(s: Screen) -> None:
    """Who did what to what, before and after."""
    tools = shell.head(s, s.t("Settings"))
    _tabs(s)
    verdict = parts.box()
    with tools:
        parts.button(
            s.t("Verify the trail"),
            s.act(lambda: _verify(s), lambda found: _verdict(s, verdict, found), permission="read_audit"),
            icon="verified_user",
        )
    areas = ("", "shop.", "operator.", "session.", "second_factor.", "api_key.", "person.", "load.", "customer.")
    area = s.choice("area", areas)
    with parts.box("rg-filters"):
        parts.select(
            s.t("Kind of act"),
            [(value, s.word("audit area", value.rstrip(".")) if value else s.t("Every kind of act")) for value in areas],
            area,
            lambda value: s.go(area=value or None, before=None),
        )
    before = s.number("before", 0)

    def ask() -> list[AuditEntry]:
        seen = None if s.caller.shop_ids is None else [*s.caller.shop_ids, EVERY_SHOP]
        with s.records.reading() as uow:
            return audit.entries(uow, shop_ids=seen, before_sequence=before or None, action=area, limit=_PAGE + 1)

    s.load(ask, lambda found: _entries(s, found, before), skeleton="table")


def _verify(s: Screen) -> AuditVerdict:
    with s.records.reading() as uow:
        return audit.verify(uow, s.house.keyring)


def _verdict(s: Screen, place: ui.element, found: AuditVerdict) -> None:
    place.clear()
    with place:
        if found.ok:
            parts.notice(
                s.plural(
                    found.entries,
                    "The trail is whole: {n} entry, none changed, moved or missing.",
                    "The trail is whole: {n} entries, none changed, moved or missing.",
                ),
                tone="good",
            )
        else:
            parts.notice(
                s.t("The trail was tampered with at entry {n}.", n=s.count(found.damaged_sequence)),
                s.t("Compare with a backup, and find out who has access to the database."),
                tone="bad",
            )


def _entries(s: Screen, found: list[AuditEntry], before: int) -> None:
    shown = found[:_PAGE]
    columns = [
        Column(s.t("No."), align="end", width="drop"),
        Column(s.t("When"), align="nowrap"),
        Column(s.t("Who")),
        Column(s.t("What")),
        Column(s.t("To what"), width="drop"),
        Column(s.t("Change"), width="long"),
    ]
    rows = [
        Row(
            [
                Cell(s.count(entry.sequence), tone="faint"),
                Cell(s.instant(entry.at)),
                Cell(
                    s.word("caller", entry.caller_kind),
                    sub=entry.caller_id if entry.caller_kind != "operator" or entry.caller_id != s.caller.id else s.t("you"),
                ),
                Cell(s.word("audit", entry.action)),
                Cell(entry.subject, tone="faint"),
                Cell(_change_words(s, entry)),
            ],
            key=str(entry.sequence),
        )
        for entry in shown
    ]
    with parts.card(flush=True) as card:
        if rows:
            sheet(columns, rows, caption=s.t("Audit trail"), kind="cards")
        else:
            parts.empty("history", s.t("Nothing noted yet"), s.t("Every change by a person or a program is noted here."))
    if not before and len(found) <= _PAGE:
        return
    with card.foot(), parts.box("rg-pager"):
        if before:
            parts.button(s.t("First page"), lambda: s.go(before=None), icon="first_page", kind="quiet")
        if len(found) > _PAGE:
            parts.button(s.t("Next page"), lambda: s.go(before=shown[-1].sequence), icon="chevron_right", kind="quiet")


def _change_words(s: Screen, entry: AuditEntry) -> str:
    """What changed, name by name; a value that was not there is left out."""
    before = entry.before if isinstance(entry.before, dict) else {}
    after = entry.after if isinstance(entry.after, dict) else {}
    lines = []
    for name in dict.fromkeys((*before, *after)):
        label = s.word("setting", name)
        if name in before and name in after:
            lines.append(f"{label}: {_plain(before[name])} → {_plain(after[name])}")
        else:
            lines.append(f"{label}: {_plain(after.get(name, before.get(name)))}")
    return "; ".join(lines)


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
