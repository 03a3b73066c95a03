"""Circles of a Venn picture: their areas are true where circles can be."""

from __future__ import annotations

import math

import pytest

from regulars.understand.segments.domain.venn import lens, venn


@pytest.mark.parametrize("counts", [{1: 50, 2: 30, 3: 20}, {1: 10, 2: 10}, {3: 10, 1: 90}, {1: 5, 3: 5}, {3: 7}])
def test_two_circles_share_what_two_segments_share(counts: dict[int, int]) -> None:
    drawn = venn(counts, 2)

    first, second = drawn.circles
    apart = math.hypot(first.x - second.x, first.y - second.y)
    whole = sum(counts.values())
    sizes = [sum(n for code, n in counts.items() if code >> i & 1) for i in range(2)]
    assert first.radius**2 * sizes[1] == pytest.approx(second.radius**2 * sizes[0], rel=1e-6)
    scale = math.pi * max(first.radius, second.radius) ** 2 / max(sizes)
    assert lens(first.radius, second.radius, apart) / scale == pytest.approx(counts.get(3, 0), abs=0.01 * whole)
    assert drawn.off < 0.01


def test_three_circles_come_near_and_name_what_they_cannot_show() -> None:
    possible = venn({1: 349, 2: 196, 4: 8, 3: 106, 5: 140, 6: 2, 7: 50}, 3)
    impossible = venn({1: 100, 2: 100, 4: 100, 7: 100}, 3)  # all share, no two alone do

    assert possible.off < 0.03
    assert {region.code for region in possible.regions if region.at is not None} >= {1, 2, 3, 5, 7}
    assert impossible.off > 0.01
    assert sum(region.customers for region in impossible.regions) == 400


def test_an_empty_segment_has_no_circle() -> None:
    drawn = venn({1: 10}, 3)

    assert [circle.radius > 0 for circle in drawn.circles] == [True, False, False]
