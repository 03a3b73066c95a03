"""Visits in words: what brought one, and why one is taken for a bot's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regulars.collect.sessions.domain import EVENTS_A_MINUTE, PAGES_A_MINUTE
from regulars.collect.sessions.queries.asking import NONE, By
from regulars.collect.sessions.reading import SessionRow

if TYPE_CHECKING:
    from regulars.console.words import Words


def bot_words(s: Words, visit: SessionRow) -> str:
    """Why a visit is taken for a bot's."""
    match visit.bot_reason:
        case "agent":
            return s.t("Its browser says that it is a program.")
        case "pages":
            return s.t(
                "{n} pages in one minute: more than {most} is taken for a program.",
                n=s.count(visit.peak_pages),
                most=s.count(PAGES_A_MINUTE),
            )
        case "events":
            return s.t(
                "{n} events in one minute: more than {most} is taken for a program.",
                n=s.count(visit.peak_events),
                most=s.count(EVENTS_A_MINUTE),
            )
        case None:
            return ""


def group_words(s: Words, by: By | None, key: str | None) -> str:
    """The name of a group of a report."""
    if key in (None, NONE):
        return s.t("Unknown")
    assert key is not None
    if key == "(direct)":
        return s.word("channel", "direct")
    return s.word(by, key) if by in ("channel", "device") else key


def came_by(s: Words, visit: SessionRow) -> str:
    """What brought a visit, in a line: the channel, then where from."""
    told = [s.word("channel", visit.channel)] if visit.channel else [s.t("Unknown")]
    told += [one for one in (visit.utm_source or visit.referring_domain, visit.utm_campaign) if one]
    return " · ".join(told)
