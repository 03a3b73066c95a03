"""API keys: which programs may ask, for what, and until when."""

from __future__ import annotations

from regulars.access import api_keys
from regulars.access.api_keys import ApiKey
from regulars.access.domain import EVERY_SHOP, KEY_PERMISSIONS, PERMISSIONS
from regulars.console import forms, parts, shell
from regulars.console.parts import Tone
from regulars.console.registry import screen
from regulars.console.settings_pages.tabs import shop_name, tabs
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.values import clock


@screen("/settings/keys", permission="manage_keys", title="API keys", parent="/settings/shop")
def keys_page(s: Screen) -> None:
    """Which programs may ask, and for what."""
    tools = shell.head(s, s.t("Settings"))
    tabs(s)
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
                        Cell(key.name, sub=s.t("Every shop") if key.shop_id == EVERY_SHOP else shop_name(s, key.shop_id)),
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
