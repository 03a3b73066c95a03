"""A question beside another: the time before, the year before, another segment; drawn in one chart where it is one of lines or bars."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from regulars.console import parts
from regulars.console.charts import Line
from regulars.console.view import Screen
from regulars.understand.questions import Desk
from regulars.understand.reports import service
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.kept import Annotation
from regulars.understand.reports.pages.drawing import Place, draw, plots
from regulars.understand.reports.pages.picture import Drawn, TimePlot, show
from regulars.understand.reports.pages.under_way import ask_here
from regulars.values.zones import local_day

Question = Mapping[str, Any]
_EVERYBODY = "everybody"
_OF = "of:"
_COLORS = 8
_USUAL_DAYS = 30
#: What is there already is drawn when the next side takes longer than this.
_PATIENCE_SECONDS = 0.7


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what is asked, and what it is called."""

    question: Question
    name: str
    earlier: bool = False


def choose(
    s: Screen, kind: str, question: dict[str, Any], segments: Sequence[tuple[str, str]], *, over_events: bool, timed: bool
) -> None:
    """What a question can be compared with; a trend keeps the time compared with in the question itself."""

    def time(value: str) -> None:
        if kind == "trend":
            question.pop("compare", None)
            question.update({"compare": value} if value else {})
            s.set_query(against=None)
        else:
            s.set_query(against=value or None)
        s.redraw_part("answer")

    def whom(value: str) -> None:
        s.set_query(beside=value or None)
        s.redraw_part("answer")

    if timed:
        times = [("", s.t("No time beside it")), ("previous", s.t("The time before"))]
        if kind == "trend":
            times.append(("last_year", s.t("The year before")))
            now = str(question.get("compare") or s.choice("against", ("previous",)))
        else:
            now = s.choice("against", ("previous",))
        parts.select(s.t("Compare with another time"), times, now, time)
    if over_events and segments:
        people = [("", s.t("No segment beside it")), (_EVERYBODY, s.t("Everybody"))]
        people += [(_OF + one, name) for one, name in segments]
        parts.select(s.t("Compare with a segment"), people, s.query.get("beside", ""), whom)


def answers(
    s: Screen, desk: Desk, kind: str, question: dict[str, Any], segments: Sequence[tuple[str, str]], title: str,
    notes: Sequence[Annotation],
) -> None:  # fmt: skip
    """Ask, and ask again for each side that stands beside it; every answer is drawn as soon as it is there."""
    names = dict(segments)
    mine = s.t("Everybody") if not question.get("segment") else names.get(str(question["segment"]), s.t("A segment that is gone"))
    sides = [Side(question, mine)]
    if s.choice("against", ("previous",)):
        if kind == "trend":
            question = {**question, "compare": question.get("compare") or "previous"}
            sides = [Side(question, mine)]
        else:
            question = _ranged(desk, question)
            sides = [Side(question, mine)]
            before = service.previous_range(desk, question)
            words = f"{s.t('The time before')}: {before['from'][:10]} – {before['to'][:10]}"
            sides.append(Side({**question, "range": before}, words, earlier=True))
    if (whom := s.query.get("beside", "")) == _EVERYBODY and question.get("segment"):
        sides.append(Side({name: value for name, value in question.items() if name != "segment"}, s.t("Everybody")))
    elif whom.startswith(_OF) and (segment := whom.removeprefix(_OF)) in names and segment != question.get("segment"):
        sides.append(Side({**question, "segment": segment}, names[segment]))
    place = parts.box("rg-stack").style("gap: 16px")
    _ask(s, kind, sides, [], place, title, notes)


def _ranged(desk: Desk, question: dict[str, Any]) -> dict[str, Any]:
    """The question with a range that has a beginning: without one the usual days, from the last one backwards."""
    told = question.get("range") or {}
    if told.get("from"):
        return question
    last_on = local_day(desk.as_of() - timedelta(microseconds=1), desk.shop.timezone)
    usual = {"from": (last_on - timedelta(days=_USUAL_DAYS - 1)).isoformat(), "to": last_on.isoformat()}
    return {**question, "range": usual}


def _ask(
    s: Screen, kind: str, sides: Sequence[Side], found: Sequence[Answered], place: Any, title: str, notes: Sequence[Annotation]
) -> None:
    async def meanwhile() -> None:
        await asyncio.sleep(_PATIENCE_SECONDS)
        if waiting and not place.is_deleted:
            with place:
                _drawn(s, sides[: len(found)], found, title, notes)

    def there(answered: Answered) -> None:
        waiting.clear()
        every = [*found, answered]
        place.clear()
        if len(every) == len(sides):
            with place:
                _drawn(s, sides, every, title, notes)
            return
        with below:
            _ask(s, kind, sides, every, place, title, notes)

    waiting, below = {True}, parts.box()
    with below:
        ask_here(s, kind, sides[len(found)].question, there, title=sides[len(found)].name if found else title, height=420)
    if found:
        s.follow(meanwhile())


def _drawn(s: Screen, sides: Sequence[Side], found: Sequence[Answered], title: str, notes: Sequence[Annotation]) -> None:
    until = s.t("Figures up to {day}", day=s.instant(found[0].as_of))
    places = [Place(s, one, title, until, height="tall", notes=notes) for one in found]
    if len(places) == 1:
        draw(places[0])
        return
    kept = [plots(one) for one in places]
    together = min(map(len, kept)) > 0 and len({len(one) for one in kept}) == 1
    if together:
        for several in zip(*kept, strict=True):
            show(places[0], merged(s, sides, several))
    if not together or found[0].kind == "retention":
        for side, one in zip(sides, places, strict=True):
            draw(replace(one, title=f"{title} · {side.name}"))


def merged(s: Screen, sides: Sequence[Side], several: Sequence[Drawn]) -> Drawn:
    """One plot of several: another time under the same places, another segment in the next colours."""
    base = several[0]
    keys = list(base.keys if base.keys is not None else base.plot.places)
    places = list(base.plot.places)
    timed = isinstance(base.plot, TimePlot)
    for side, one in zip(sides, several, strict=True):
        if not (timed and side.earlier):
            for key, words in zip(one.keys or one.plot.places, one.plot.places, strict=True):
                if key not in keys:
                    keys.append(key)
                    places.append(words)
    used = len({_color(line, at) for at, line in enumerate(base.plot.lines)})
    named = any(not side.earlier for side in sides[1:])
    lines, cells, owners = [], [], []
    other = 0
    for number, (side, one) in enumerate(zip(sides, several, strict=True)):
        other += 0 if side.earlier or not number else used
        moved = timed and side.earlier
        own = list(one.keys if one.keys is not None else one.plot.places)
        order = [(i if i < len(own) else None) if moved else own.index(key) if key in own else None for i, key in enumerate(keys)]
        faint = side.earlier or other + used > _COLORS
        for at, line in enumerate(one.plot.lines):
            name = line.name
            if side.earlier:
                name = s.t("{name}, the time before", name=line.name)
            elif named:
                name = side.name if len(one.plot.lines) == 1 else f"{line.name} · {side.name}"
            notes = [line.notes[i] if i is not None and line.notes else "" for i in order]
            if moved:
                notes = [one.plot.places[i] if i is not None else "" for i in order]
            kind = line.kind if line.kind != "area" and not (moved and not line.stack) else "line"
            lines.append(
                replace(
                    line,
                    name=name,
                    kind=kind,
                    values=[None if i is None else line.values[i] for i in order],
                    words=["–" if i is None else line.words[i] for i in order],
                    notes=notes,
                    stack=f"{line.stack} {number}" if line.stack else "",
                    color=(_color(line, at) + (0 if faint else other)) % _COLORS,
                    faint=line.faint or faint,
                )
            )
            mine = one.cells[at] if at < len(one.cells) else []
            cells.append([mine[i] if i is not None and i < len(mine) else None for i in order])
            owners.append(one.owners[at])
    some = cells if any(one.cells for one in several) else []
    return Drawn(
        replace(base.plot, places=places, lines=lines), base.note, some, keys if base.keys is not None else None, False, owners
    )


def _color(line: Line, at: int) -> int:
    return line.color if line.color is not None else at
