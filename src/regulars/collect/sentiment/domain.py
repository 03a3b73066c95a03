"""A logistic model over hashed runs of characters: the same for Chinese and English, without a word list or a tokenizer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from regulars.events.reasons import reasons_in

Language = Literal["zh", "en"]

#: Buckets that runs of characters fall into, and how long runs are.
BUCKETS = 1 << 16
_LONGEST_RUN = 4
#: Characters of a review that are read.
_MOST = 1_000
_MIX, _FOLD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(48)
_BETWEEN = 0

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z']+")
#: Words that English can hardly do without, and other languages do not have.
_ENGLISH = frozenset(
    [
        "the",
        "and",
        "is",
        "it",
        "this",
        "was",
        "very",
        "for",
        "with",
        "but",
        "not",
        "of",
        "so",
        "too",
        "great",
        "good",
        "love",
        "loved",
        "nice",
        "bad",
        "poor",
        "excellent",
        "perfect",
        "terrible",
        "awful",
        "fast",
        "would",
        "they",
        "my",
        "i",
        "i'm",
        "it's",
        "don't",
        "have",
        "had",
        "all",
        "are",
        "these",
        "you",
        "item",
        "product",
        "quality",
        "size",
        "fit",
        "fits",
        "works",
        "work",
        "worst",
        "best",
    ]
)
_ENOUGH = 0.12
#: Below this a review is taken for a complaint.
BAD_BELOW = 0.4


def language_of(words: str) -> Language | None:
    """`zh`, `en`, or None for any other language (which is not scored)."""
    letters = sum(character.isalpha() for character in words)
    if not letters:
        return None
    if len(_HAN.findall(words)) * 5 >= letters:
        return "zh"
    found = _WORD.findall(unicodedata.normalize("NFKC", words).lower().replace("\u2019", "'"))
    if not found or sum(map(len, found)) < letters * 0.9:
        return None
    return "en" if sum(word in _ENGLISH for word in found) >= len(found) * _ENOUGH else None


def grams(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which bucket each run of one to four characters falls into: shapes (runs,), the text's number and the bucket."""
    plain = [" " + " ".join(text.lower().split())[:_MOST] + " " for text in texts]
    codes = np.frombuffer((chr(_BETWEEN).join(plain) + chr(_BETWEEN)).encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    owner = np.repeat(np.arange(len(plain)), [len(text) + 1 for text in plain])
    inside = codes != _BETWEEN
    rows, buckets = [], []
    hashed = np.zeros(len(codes), dtype=np.uint64)
    whole = np.ones(len(codes), dtype=bool)
    for length in range(1, _LONGEST_RUN + 1):
        count = len(codes) - length + 1
        if count <= 0:
            break
        hashed = hashed[:count] * _MIX + codes[length - 1 :] + np.uint64(length)
        whole = whole[:count] & inside[length - 1 :]
        rows.append(owner[:count][whole])
        buckets.append(((hashed[whole] * _FOLD) >> _SHIFT).astype(np.int64))
    return np.concatenate(rows), np.concatenate(buckets)


def probability(texts: Sequence[str], weights: npt.NDArray[np.float64], bias: float) -> npt.NDArray[np.float64]:
    """The model itself, shape (texts,)."""
    rows, buckets = grams(texts)
    runs = np.bincount(rows, minlength=len(texts))
    sums = np.bincount(rows, weights=weights[buckets], minlength=len(texts))
    made: npt.NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(sums / np.sqrt(np.maximum(runs, 1)) + bias, -30, 30)))
    return made


def topics_of(words: str, score: float | None, rating: float | None) -> str | None:
    """What somebody complains of, as codes joined by commas; None where nobody complains or nothing known is named.

    A rating of two or less complains, one of four or more does not; else the words decide.
    """
    complains = rating <= 2 if rating is not None and (rating <= 2 or rating >= 4) else score is not None and score < BAD_BELOW
    return (",".join(reasons_in(words)) or None) if complains else None
