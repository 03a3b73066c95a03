"""Buckets: the published vectors, and shares that are kept."""

from __future__ import annotations

import pytest

from regulars.values.buckets import arm_of, bucket


@pytest.mark.parametrize(
    ("salt", "unit", "expected"),
    [
        ("gh-2025", "u1", 1344),
        ("gh-2025", "u4", 419),
        ("abtest/ab", "u1", 8589),
        ("abtest/ab", "u2", 1029),
        ("holdout:cart", "u1", 5535),
        ("s", "顾客1", 9391),
    ],
)
def test_buckets_are_those_of_the_published_table(salt: str, unit: str, expected: int) -> None:
    assert bucket(salt, unit) == expected


def test_arms_take_their_shares_and_stay() -> None:
    arms = [arm_of("ab", f"u{n}", [("a", 2_000), ("b", 3_000)], "rest") for n in range(20_000)]

    assert arms == [arm_of("ab", f"u{n}", [("a", 2_000), ("b", 3_000)], "rest") for n in range(20_000)]
    assert 0.19 < arms.count("a") / 20_000 < 0.21
    assert 0.29 < arms.count("b") / 20_000 < 0.31
    assert arm_of("s", "u", [("all", 10_000)], "rest") == "all"
    assert arm_of("s", "u", [], "rest") == "rest"
