"""Circles for two or three segments: each as large as its segment, placed so that what they share is as near to true as circles can be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Points along a side of the grid on which areas are measured; the last measuring is finer.
_COARSE, _FINE = 120, 320
_ROUNDS = 60
#: An area off by less than this share of the whole is seen as true.
SEEN_AS_TRUE = 0.01


@dataclass(frozen=True, slots=True)
class Circle:
    """A segment."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Region:
    """A combination: bit i of `code` is the i-th segment. The point is well inside of it; null where it could not be drawn."""

    code: int
    customers: int
    at: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Venn:
    """Circles in a box, their regions, and how far the area most off is off, as a share of all customers."""

    width: float
    height: float
    circles: tuple[Circle, ...]
    regions: tuple[Region, ...]
    off: float


def venn(counts: Mapping[int, int], many: int) -> Venn:
    """A drawing of `counts` (customers by exact combination) for 2 or 3 segments, 100 units wide at most in either direction."""
    sizes = [sum(n for code, n in counts.items() if code >> i & 1) for i in range(many)]
    whole = sum(counts.values()) or 1
    radii = [math.sqrt(size / whole / math.pi) for size in sizes]
    shared = {
        (i, j): sum(n for code, n in counts.items() if code >> i & 1 and code >> j & 1) / whole
        for i in range(many)
        for j in range(i + 1, many)
    }
    away = {(i, j): distance(radii[i], radii[j], share) for (i, j), share in shared.items()}
    centres = np.array(_placed(away, many))
    wanted = np.array([counts.get(code, 0) / whole for code in range(1 << many)])
    wanted[0] = 0.0
    if many > 2:
        centres = _nearer(centres, radii, wanted)
    measured, spots = _measured(centres, radii, _FINE)
    off = float(np.abs(measured - wanted)[1:].max())
    return _boxed(centres, radii, counts, spots, off)


def distance(a: float, b: float, shared: float) -> float:
    """How far apart two circles stand that share so much area."""
    least, most = abs(a - b), a + b
    if shared <= 0:
        return most * 1.04
    if shared >= math.pi * min(a, b) ** 2 * (1 - 1e-9):
        return least * 0.98
    for _ in range(60):
        middle = (least + most) / 2
        least, most = (middle, most) if lens(a, b, middle) > shared else (least, middle)
    return (least + most) / 2


def lens(a: float, b: float, apart: float) -> float:
    """The area that two circles share."""
    if apart >= a + b:
        return 0.0
    if apart <= abs(a - b):
        return math.pi * min(a, b) ** 2
    one = a * a * math.acos(_bound((apart**2 + a * a - b * b) / (2 * apart * a)))
    other = b * b * math.acos(_bound((apart**2 + b * b - a * a) / (2 * apart * b)))
    kite = math.sqrt(max(0.0, (-apart + a + b) * (apart + a - b) * (apart - a + b) * (apart + a + b))) / 2
    return one + other - kite


def _bound(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _placed(away: Mapping[tuple[int, int], float], many: int) -> list[tuple[float, float]]:
    first = away[0, 1]
    if many == 2:
        return [(0.0, 0.0), (first, 0.0)]
    a, b = away[0, 2], away[1, 2]
    x = (first**2 + a * a - b * b) / (2 * first) if first else 0.0
    x = max(-a, min(a, x))
    return [(0.0, 0.0), (first, 0.0), (x, math.sqrt(max(0.0, a * a - x * x)))]


def _nearer(centres: NDArray[np.float64], radii: Sequence[float], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the circles a little at a time while the areas come nearer to the wanted ones."""
    step, best = max(radii) / 4, _loss(centres, radii, wanted)
    for _ in range(_ROUNDS):
        better = False
        for i in range(len(radii)):
            for way in ((step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)):
                tried = centres.copy()
                tried[i] += way
                loss = _loss(tried, radii, wanted)
                if loss < best:
                    centres, best, better = tried, loss, True
        if not better:
            step /= 2
        if best < 1e-7 or step < 1e-3:
            break
    return centres


def _loss(centres: NDArray[np.float64], radii: Sequence[float], wanted: NDArray[np.float64]) -> float:
    measured, _ = _measured(centres, radii, _COARSE, spots=False)
    return float(((measured - wanted)[1:] ** 2).sum())


def _measured(
    centres: NDArray[np.float64], radii: Sequence[float], points: int, *, spots: bool = True
) -> tuple[NDArray[np.float64], dict[int, tuple[float, float]]]:
    """The area of each region, and of each the point farthest from any line."""
    reach = np.array(radii)
    low, high = (centres - reach[:, None]).min(axis=0), (centres + reach[:, None]).max(axis=0)
    x, y = (np.linspace(a, b, points) for a, b in zip(low, high, strict=True))
    cell = (x[1] - x[0]) * (y[1] - y[0])
    code = np.zeros((points, points), dtype=np.int64)
    clear = np.full((points, points), np.inf)
    for i, (centre, radius) in enumerate(zip(centres, radii, strict=True)):
        inward = radius - np.hypot(x[None, :] - centre[0], y[:, None] - centre[1])
        code |= (inward >= 0).astype(np.int64) << i
        np.minimum(clear, np.abs(inward), out=clear)
    found: dict[int, tuple[float, float]] = {}
    areas = np.bincount(code.ravel(), minlength=1 << len(radii)) * cell
    areas[0] = 0.0
    for one in range(1, 1 << len(radii)) if spots else ():
        inside = np.where(code == one, clear, -1.0)
        row, column = np.unravel_index(int(inside.argmax()), inside.shape)
        if inside[row, column] > 0:
            found[one] = (float(x[column]), float(y[row]))
    return areas, found


def _boxed(
    centres: NDArray[np.float64],
    radii: Sequence[float],
    counts: Mapping[int, int],
    spots: Mapping[int, tuple[float, float]],
    off: float,
) -> Venn:
    reach = np.array(radii)
    low, high = (centres - reach[:, None]).min(axis=0), (centres + reach[:, None]).max(axis=0)
    scale = 100 / float(max(high - low)) if float(max(high - low)) > 0 else 1.0

    def moved(point: Sequence[float]) -> tuple[float, float]:
        return (float(point[0]) - float(low[0])) * scale, (float(point[1]) - float(low[1])) * scale

    circles = tuple(Circle(*moved(centre), radius * scale) for centre, radius in zip(centres, radii, strict=True))
    regions = tuple(
        Region(code, counts[code], moved(spots[code]) if code in spots else None)
        for code in sorted(counts)
        if counts[code] and code
    )
    width, height = (high - low) * scale
    return Venn(float(width), float(height), circles, regions, off)
