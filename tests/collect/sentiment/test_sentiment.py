"""Reviews speak well or badly; other languages are left alone; and of what they complain is a code."""

from __future__ import annotations

import pytest

from regulars.collect import sentiment
from regulars.events.reasons import REASONS, reason_of


@pytest.mark.parametrize(
    ("words", "content"),
    [
        ("质量很好，物流也快，非常满意，下次还会再来", True),
        ("太差了，收到就是坏的，客服态度恶劣，要求退货", False),
        ("手机屏幕清晰，运行速度快，性价比高", True),
        ("用了两天就死机，垃圾，后悔买了", False),
        ("I love this dress, it fits perfectly and the fabric is so soft!", True),
        ("Very disappointed. The material is cheap and it fell apart, I returned it.", False),
    ],
)
def test_plain_praise_and_blame_are_told_apart(words: str, content: bool) -> None:
    (score,) = sentiment.scores([words])

    assert score is not None
    assert (score > 0.6) if content else (score < sentiment.BAD_BELOW)


def test_only_chinese_and_english_are_scored_and_a_batch_scores_as_each_alone() -> None:
    texts = [
        "",
        "12345 !!!",
        "Muito bom, entregue antes do prazo. Recomendo a loja!",
        "Sehr gute Qualität, gerne wieder",
        "很好",
        "so good, I love it",
    ]

    found = sentiment.scores(texts)

    assert [one is None for one in found] == [True, True, True, True, False, False]
    assert found == [sentiment.scores([one])[0] for one in texts]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("七天无理由退货", "unwanted"), ("商品破损", "damaged"), ("卖家发错货了", "wrong_item"), ("尺码偏小", "size"), ("物流太慢", "late"),
        ("与描述不符", "different"), ("质量问题", "quality"), ("Arrived broken", "damaged"), ("too small", "size"), ("Changed my mind", "unwanted"),
        ("chocolate plate", "other"), ("late", "late"), ("LATE delivery", "late"), ("", None), (None, None),
    ],
)  # fmt: skip
def test_reasons_become_codes(words: str | None, code: str | None) -> None:
    assert reason_of(words) == code
    assert code is None or code in REASONS


def test_who_rates_high_does_not_complain_and_who_rates_low_does() -> None:
    words = "The size runs small and it arrived broken"

    assert sentiment.topics_of(words, 0.1, 5) is None
    assert sentiment.topics_of(words, 0.9, 1) == "damaged,size"
    assert sentiment.topics_of(words, 0.1, None) == "damaged,size"
    assert sentiment.topics_of("bad", 0.1, None) is None
