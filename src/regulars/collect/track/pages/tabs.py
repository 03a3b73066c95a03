"""The tabs above every Events page."""

from __future__ import annotations

from nicegui import ui

from regulars.access.domain import Permission
from regulars.console import parts, shell
from regulars.console.view import Screen

_TAB_WORDS = (
    ("/events", "Real time"),
    ("/events/sources", "Sources"),
    ("/events/plan", "Tracking plan"),
    ("/events/quarantine", "Quarantine"),
)
_ASKS: dict[str, Permission] = {"/events/quarantine": "read_customers"}


def events_head(s: Screen, note: str) -> ui.element:
    """The heading of an Events page with the tabs below it; returns the place for its tools."""
    tools = shell.head(s, s.t("Events"), note)
    with parts.box("rg-tabs", "nav") as row:
        row.props["aria-label"] = s.t("Events")
        for path, words in _TAB_WORDS:
            if s.may(_ASKS.get(path, "read_reports")):
                link = parts.link(s.t(words), s.url(path))
                if s.spec.path == path:
                    link.props("aria-current=page")
    return tools
