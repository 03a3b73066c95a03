"""The health of sources in words: sending, silent since when, never heard of, disabled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulars.collect.track.pages.shown import since_words
from regulars.collect.track.sources import Source
from regulars.console import parts
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row
from regulars.console.view import Screen

TONES: dict[str, Tone] = {"sending": "good", "silent": "bad", "never": "warn", "disabled": ""}


def state_words(s: Screen, source: Source) -> str:
    """The state of a source as a sentence without an end."""
    match source.state:
        case "disabled":
            return s.t("Disabled")
        case "never":
            return s.t("Nothing yet")
        case "silent":
            assert source.last_event_at is not None
            return s.t("Nothing since {time}", time=since_words(s, source.last_event_at))
    return s.t("Sending")


def badge(s: Screen, source: Source) -> None:
    """The state as a badge."""
    parts.badge(state_words(s, source), TONES[source.state])


def columns(s: Screen) -> list[Column]:
    """The heads of the short table of health."""
    return [
        Column(s.t("Source")),
        Column(s.t("State")),
        Column(s.t("Last event"), align="end"),
        Column(s.t("Last hour"), align="end"),
    ]


def rows(s: Screen, sources: Sequence[Source], lately: Mapping[str, tuple[int, int]]) -> list[Row]:
    """One line for each source."""
    made = []
    for source in sources:
        href = s.url(f"/events/sources/{source.source_id}")
        made.append(
            Row(
                [
                    Cell(source.name, href=href),
                    Cell(state_words(s, source), badge=True, tone=TONES[source.state]),
                    Cell(since_words(s, source.last_event_at) if source.last_event_at else "–"),
                    Cell(s.count(lately.get(source.source_id, (0, 0))[0])),
                ],
                href=href,
                key=source.source_id,
            )
        )
    return made
