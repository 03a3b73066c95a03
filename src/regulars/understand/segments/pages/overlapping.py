"""How segments overlap, as pictures: circles with true areas for two or three, bars over a grid of marks for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.charts import PALETTE
from regulars.console.view import Screen
from regulars.understand.segments.domain.kept import Overlap
from regulars.understand.segments.domain.venn import SEEN_AS_TRUE, Venn, venn

#: More segments than this are no circles any more.
MOST_CIRCLES = 3
_BARS = 16
_MARGIN = 4


def codes_of(found: Overlap) -> dict[int, int]:
    """Customers by exact combination; bit i is the i-th segment."""
    places = {name: i for i, name in enumerate(found.segments)}
    return {sum(1 << places[name] for name in one.segments): one.customers for one in found.combinations}


def picture(s: Screen, found: Overlap, drawn: Venn | None, names: Mapping[str, str]) -> None:
    """The picture with its legend; `drawn` are the circles of two or three."""
    colors = PALETTE[s.dark]
    with parts.box("rg-legend"):
        for i, (one, size) in enumerate(zip(found.segments, found.sizes, strict=True)):
            with parts.box("rg-legend-one", "span"):
                parts.box("rg-legend-dot", "span").style(f"background: {colors[i]}")
                parts.text(names[one])
                parts.text(s.count(size), "rg-num rg-muted")
    if drawn is not None:
        _circles(s, found, drawn, names, colors)
    else:
        _upset(s, found, names, colors)


def circles_of(found: Overlap) -> Venn | None:
    """The circles, where there are few enough of them and anybody in them."""
    return venn(codes_of(found), len(found.segments)) if len(found.segments) <= MOST_CIRCLES and found.in_any else None


def _circles(s: Screen, found: Overlap, drawn: Venn, names: Mapping[str, str], colors: Sequence[str]) -> None:
    whole = found.in_any or 1
    box = f"{-_MARGIN} {-_MARGIN} {drawn.width + 2 * _MARGIN:.2f} {drawn.height + 2 * _MARGIN:.2f}"
    with _svg(s, box, "rg-venn"):
        for circle, color in zip(drawn.circles, colors, strict=False):
            if circle.radius:
                _shape("circle", cx=circle.x, cy=circle.y, r=circle.radius, fill=color, stroke=color).classes("rg-venn-circle")
        for region in drawn.regions:
            if region.at is not None:
                made = parts.text(s.short(region.customers), "rg-venn-count", "text")
                made.props(f"x={region.at[0]:.2f} y={region.at[1]:.2f} text-anchor=middle dominant-baseline=central")
                with made:
                    parts.text(
                        f"{_said(s, found, region.code, names)}: {s.count(region.customers)} ({s.share(region.customers / whole)})",
                        tag="title",
                    )
    lost = [region for region in drawn.regions if region.at is None]
    if drawn.off < SEEN_AS_TRUE and not lost:
        words = s.t("Areas are true to the number of customers.")
    else:
        words = s.t(
            "Circles are true to their segments; what they share is as near as circles can be, off by {share} of all at most.",
            share=s.share(drawn.off),
        )
    with parts.box("rg-small rg-muted rg-pretty", "p"):
        parts.text(words)
    for region in lost:
        parts.text(f"{_said(s, found, region.code, names)}: {s.count(region.customers)}", "rg-small rg-muted", "p")


def _said(s: Screen, found: Overlap, code: int, names: Mapping[str, str]) -> str:
    inside = [names[one] for i, one in enumerate(found.segments) if code >> i & 1]
    if len(inside) == 1:
        return s.t("Only {segment}", segment=inside[0])
    return s.t("Only in all of {segments}", segments=("、" if s.language == "zh" else ", ").join(inside))


def _upset(s: Screen, found: Overlap, names: Mapping[str, str], colors: Sequence[str]) -> None:
    """Bars of the largest combinations; under each the segments it is of."""
    shown = [one for one in found.combinations if one.customers][:_BARS]
    if not shown:
        return
    wide, tall, row = 44, 130, 22
    top, whole = max(one.customers for one in shown), found.in_any or 1
    width, height = wide * len(shown), tall + 12 + row * len(found.segments)
    with parts.box("rg-upset-box"), _svg(s, f"0 -18 {width} {height + 18}", "rg-upset") as made:
        made.style(f"min-width: {36 * len(shown)}px; max-width: {wide * len(shown) * 1.4:.0f}px")
        for i in range(len(found.segments)):
            y = tall + 12 + row * (i + 0.5)
            if i % 2 == 0:
                _shape("rect", x=0, y=y - row / 2, width=width, height=row, fill="var(--sunken)")
        for at, one in enumerate(shown):
            x = wide * (at + 0.5)
            bar = one.customers / top * tall
            with _shape("rect", x=x - 12, y=tall - bar, width=24, height=max(bar, 1), rx=3, fill=colors[0]):
                code = sum(1 << i for i, name in enumerate(found.segments) if name in one.segments)
                parts.text(
                    f"{_said(s, found, code, names)}: {s.count(one.customers)} ({s.share(one.customers / whole)})", tag="title"
                )
            label = parts.text(s.short(one.customers), "rg-upset-count", "text")
            label.props(f"x={x:.1f} y={tall - bar - 6:.1f} text-anchor=middle")
            marked = [i for i, name in enumerate(found.segments) if name in one.segments]
            if len(marked) > 1:
                first, last = (tall + 12 + row * (i + 0.5) for i in (marked[0], marked[-1]))
                _shape("line", x1=x, y1=first, x2=x, y2=last, stroke="var(--ink-2)").props("stroke-width=2")
            for i in range(len(found.segments)):
                color = colors[i] if i in marked else "var(--line-strong)"
                _shape("circle", cx=x, cy=tall + 12 + row * (i + 0.5), r=6 if i in marked else 3, fill=color)


def _svg(s: Screen, box: str, classes: str) -> ui.element:
    made = parts.box(classes, "svg")
    made.props["viewBox"] = box
    made.props["role"] = "img"
    made.props["aria-label"] = s.t("How the segments overlap. The same figures are in the table below.")
    return made


def _shape(tag: str, **numbers: Any) -> ui.element:
    made = ui.element(tag)
    for name, value in numbers.items():
        made.props[name] = f"{value:.2f}" if isinstance(value, float) else str(value)
    return made
