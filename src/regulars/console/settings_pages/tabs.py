"""The tabs above every settings page, and words that several of them use."""

from __future__ import annotations

from regulars.console import parts
from regulars.console.view import Screen

_TAB_WORDS = (
    ("/settings/shop", "Shop", "manage_shop"),
    ("/settings/rates", "Exchange rates", "manage_shop"),
    ("/settings/operators", "Operators", "manage_operators"),
    ("/settings/keys", "API keys", "manage_keys"),
    ("/settings/audit", "Audit trail", "read_audit"),
)
WEEKDAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def tabs(s: Screen) -> None:
    """The way from one settings page to the next, as far as the one who looks may go."""
    with parts.box("rg-tabs", "nav") as row:
        row.props["aria-label"] = s.t("Settings")
        for path, words, permission in _TAB_WORDS:
            if s.may(permission):  # type: ignore[arg-type]
                link = parts.link(s.t(words), s.url(path))
                if s.spec.path == path:
                    link.props("aria-current=page")


def shop_name(s: Screen, shop_id: str) -> str:
    """A shop's name; its id where the one who looks may not see it."""
    return next((shop.name for shop in s.shops if shop.shop_id == shop_id), shop_id)
