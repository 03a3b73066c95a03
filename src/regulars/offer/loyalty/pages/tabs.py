"""The way from one page of the programme to the next, and words that several of them use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from regulars.console import parts, shell
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.offer.loyalty.currencies import PointsCurrency
from regulars.values.zones import zone

_TAB_WORDS = (
    ("/points", "Overview", "read_reports"),
    ("/points/rules", "Earn rules", "read_reports"),
    ("/points/tiers", "Tiers", "read_reports"),
    ("/points/rewards", "Rewards", "read_reports"),
    ("/points/corrections", "Corrections", "move_points"),
)


def begin(s: Screen) -> object:
    """Heading and tabs; returns the place for the page's tools."""
    tools = shell.head(s, s.t("Points and tiers"), s.t("What customers have for coming back, and what that costs."))
    with parts.box("rg-tabs", "nav") as row:
        row.props["aria-label"] = s.t("Points and tiers")
        for path, words, permission in _TAB_WORDS:
            if s.may(permission):  # type: ignore[arg-type]
                link = parts.link(s.t(words), s.url(path))
                if s.spec.path == path:
                    link.props("aria-current=page")
    return tools


def whole(s: Screen, text: object, label: str, *, none: bool = False) -> int | None:
    """A whole number as typed.

    Raises
    ------
    InvalidInput : it is none.
    """
    said = str(text if text is not None else "").replace(",", "").replace("，", "").strip()
    if not said and none:
        return None
    try:
        return int(said)
    except ValueError:
        raise InvalidInput(f"'{label}' is not a whole number", mend="type digits only", code="bad_number") from None


def day_of(s: Screen, text: object, label: str) -> datetime | None:
    """The beginning of a local day as typed; nothing where nothing was.

    Raises
    ------
    InvalidInput : it is no day.
    """
    said = str(text or "").strip()
    if not said:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(said).date(), time(), zone(s.shop.timezone))
    except ValueError:
        raise InvalidInput(f"'{label}' is not a day", mend="write it as 2026-06-18", code="bad_day") from None


def named(s: Screen, currencies: Sequence[PointsCurrency], currency_id: str) -> str:
    """What a points currency is called."""
    return next((one.called(s.language) for one in currencies if one.currency_id == currency_id), currency_id)
