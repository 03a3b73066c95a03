"""What reviews sound like is scored as they are loaded, and stays without their words."""

from __future__ import annotations

from tests.collect.imports.conftest import Desk


def test_a_loaded_review_keeps_figures_of_its_words_and_not_the_words(desk: Desk) -> None:
    desk.load_text(
        "review id,user id,rating,review text,review date\n"
        "r1,c1,1,太差了，收到就是坏的,2025-03-01\nr2,c2,5,质量很好，非常满意,2025-03-02\nr3,c3,2,Péssimo,2025-03-03\nr4,c4,4,,2025-03-04\n",
        kind="reviews",
    )

    rows = {row["review_id"]: row for row in desk.rows("reviews")}
    assert rows["r1"]["sentiment"] < 0.4 < 0.6 < rows["r2"]["sentiment"]
    assert (rows["r1"]["topics"], rows["r2"]["topics"], rows["r3"]["topics"]) == ("damaged", None, None)
    assert (rows["r3"]["sentiment"], rows["r4"]["sentiment"]) == (None, None)
    assert not any("坏" in str(value) for row in rows.values() for value in row.values())
