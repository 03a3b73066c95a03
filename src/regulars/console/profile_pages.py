"""One's own account: language, password, second step with recovery codes, and where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.access import operators, second_factor, sessions
from regulars.access.operators import Operator
from regulars.access.second_factor import Enrolment
from regulars.access.sessions import SessionView
from regulars.console import forms, parts, shell
from regulars.console.qr import qr_code
from regulars.console.registry import screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen


@dataclass(frozen=True, slots=True)
class Account:
    """What the profile page shows."""

    me: Operator
    codes_left: int
    sessions: list[SessionView]


@screen("/profile", permission=None, title="Profile and security", parent="/profile")
def profile_page(s: Screen) -> None:
    """Myself."""
    shell.head(s, s.t("Profile and security"))

    def ask() -> Account:
        with s.records.reading() as uow:
            return Account(
                operators.get(uow, s.caller, s.caller.id),
                second_factor.recovery_codes_left(uow, s.caller.id),
                sessions.live(uow, s.caller.id),
            )

    s.load(ask, lambda account: _account(s, account))


def _account(s: Screen, account: Account) -> None:
    with parts.box("rg-grid"):
        with parts.card(account.me.name, classes="w-6"):
            parts.facts(
                (
                    (s.t("E-mail"), account.me.email),
                    (s.t("Role"), s.word("role", str(account.me.role))),
                    (s.t("Joined"), s.day(account.me.created_at)),
                    (s.t("Last sign-in"), s.instant(account.me.signed_in_at)),
                )
            )
        with (
            parts.card(
                s.t("Second step"), s.t("A code from an authenticator app, asked for after the password."), classes="w-6"
            ) as card,
            parts.box("rg-stack"),
        ):
            if account.me.second_factor:
                parts.text(
                    s.plural(account.codes_left, "{n} recovery code is left.", "{n} recovery codes are left."), "rg-muted", "p"
                )
                with parts.box():
                    parts.button(s.t("Turn off"), lambda: _turn_off(s), icon="phonelink_erase")
            else:
                parts.text(
                    s.t("Anybody who learns your password can sign in. With a second step they cannot."), "rg-muted rg-pretty", "p"
                )
                with parts.box():
                    parts.button(
                        s.t("Set up"),
                        s.act(lambda: _begin(s), lambda enrolment: _enrol(s, enrolment)),
                        icon="phonelink_lock",
                        kind="primary",
                    )
        with card.tools:
            parts.badge(
                s.t("On") if account.me.second_factor else s.t("Off"), "good" if account.me.second_factor else "warn"
            ).style("margin: 5px 8px 0 0")
        with parts.card(s.t("Password"), classes="w-6"):
            _password(s)
        with parts.card(s.t("Where you are signed in"), classes="w-6", flush=True):
            _sessions(s, account.sessions)


def _begin(s: Screen) -> Enrolment:
    with s.records.unit() as uow:
        return second_factor.begin(uow, s.caller)


def _enrol(s: Screen, enrolment: Enrolment) -> None:
    values: forms.Values = {"code": ""}
    dialog = forms.Dialog(s, s.t("Set up the second step"))
    with dialog:
        parts.text(s.t("1. Scan this with an authenticator app, or type the key into it."), "rg-pretty", "p")
        with parts.box().style("display: grid; place-items: center"):
            qr_code(enrolment.uri, s.t("QR code for the authenticator app"))
        with parts.box("rg-secret"):
            parts.text(enrolment.secret).style("flex: 1; user-select: all")
        parts.text(s.t("2. Type the six digits that the app shows now."), "rg-pretty", "p")
        forms.text_field(values, "code", s.t("Code"), autocomplete="one-time-code", most=10)

    def confirm() -> list[str]:
        with s.records.unit() as uow:
            return second_factor.confirm(uow, s.caller, values["code"])

    def told(codes: list[str]) -> None:
        dialog.close()
        forms.secret_shown(
            s,
            s.t("Recovery codes"),
            s.t(
                "Keep these ten codes where the phone is not. Each signs you in once if the phone is lost. They are shown only now."
            ),
            "\n".join(codes),
        )
        s.redraw()

    dialog.buttons(s.t("Turn on"), s.act(confirm, told))
    dialog.open()


def _turn_off(s: Screen) -> None:
    values: forms.Values = {"code": ""}
    dialog = forms.Dialog(s, s.t("Turn off the second step"))
    with dialog:
        forms.text_field(
            values,
            "code",
            s.t("Code"),
            hint=s.t("The code the app shows now, or a recovery code."),
            autocomplete="one-time-code",
            most=40,
        )
    dialog.buttons(
        s.t("Turn off"),
        s.act(lambda: second_factor.remove_own(s.records, s.caller, values["code"]), dialog.done),
    )
    dialog.open()


def _password(s: Screen) -> None:
    values: forms.Values = {"old": "", "new": ""}
    with parts.box("rg-stack"):
        forms.text_field(values, "old", s.t("Present password"), kind="password", autocomplete="current-password", most=1000)
        forms.text_field(
            values,
            "new",
            s.t("New password"),
            kind="password",
            autocomplete="new-password",
            most=1000,
            hint=s.t("At least 12 characters. A sentence of your own is good."),
        )

        def change() -> None:
            operators.change_password(s.records, s.caller, old=values["old"], new=values["new"])

        def done(_: None) -> None:
            s.notify(s.t("The password was changed; other sessions have ended."))
            s.redraw()

        with parts.box():
            parts.button(s.t("Change the password"), s.act(change, done))


def _sessions(s: Screen, live: list[SessionView]) -> None:
    columns = [Column(s.t("Browser"), width="clip"), Column(s.t("Last used"), align="end"), Column("", align="end")]
    rows = []
    for view in live:
        here = view.session_id == s.caller.session_id
        rows.append(
            Row(
                [
                    Cell(_browser(view.browser) or s.t("Unknown"), sub=s.t("this one") if here else "", hint=view.browser),
                    Cell(s.instant(view.seen_at)),
                    Cell("" if here else s.t("Sign out"), action="" if here else "end"),
                ]
            )
        )

    def end(index: int, _: str) -> None:
        def action() -> None:
            with s.records.unit() as uow:
                if live[index].session_id in {view.session_id for view in sessions.live(uow, s.caller.id)}:
                    sessions.end(uow, live[index].session_id)

        forms.sure(
            s, s.t("Sign out there?"), s.t("That browser has to sign in again."), s.t("Sign out"), action, done=lambda _: s.redraw()
        )

    sheet(columns, rows, caption=s.t("Where you are signed in"), on_open=end)


def _browser(agent: str) -> str:
    """A browser's own name and system, as far as its long identification tells."""
    names = [
        name
        for mark, name in (
            ("Edg/", "Edge"),
            ("MicroMessenger", "WeChat"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        )
        if mark in agent
    ]
    systems = [
        name
        for mark, name in (
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        )
        if mark in agent
    ]
    return " · ".join([*names[:1], *systems[:1]]) or agent[:40]
