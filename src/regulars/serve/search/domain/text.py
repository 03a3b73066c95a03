"""Words of a text: folded in case, width and script, Chinese in pieces and in words, English by its stems, measures as one writes none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from regulars.serve.search.domain.traditional import TO_SIMPLIFIED
from regulars.serve.search.domain.units import with_units

#: `word`: a stem or a number. `piece`: a pair of Chinese signs. `sign`: one of them. `chinese`: a word of the Chinese dictionary.
Kind = Literal["word", "piece", "sign", "chinese"]

LONGEST_TEXT = 4_000
_LONGEST_PHRASE = 6
_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>\d+[./]\d+|[^\W_{_CJK}]+)")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[a-z]{3})(?=[A-Z]{2})")
_LETTERS_THEN_DIGITS = re.compile(r"^([a-z]{3,})(\d+)$|^(\d+)([a-z]{3,})$")
_APOSTROPHE = re.compile(r"(?<=[a-z])['\u2019]s?(?![a-z])")
_FRACTION = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
        "you",
        "your",
        "i",
        "my",
        "me",
        "we",
        "our",
    ]
)
_CHINESE_STOP = frozenset(["的", "了", "和", "与", "或", "是", "在", "及", "也", "有", "我", "要", "想", "买", "个"])


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text."""

    term: str  # what is kept and compared; Chinese words are marked, so that they never meet a pair of signs
    kind: Kind
    surface: str  # as it was written, folded


def folded(text: str) -> str:
    """The text in one width, one case and simplified signs, with single blanks."""
    return " ".join(_even(text).lower().split())


def tokens(text: str, *, asked: bool = False) -> list[Token]:
    """The words of a text, in their order; of one that is `asked`, Chinese words are not taken apart further."""
    text = _even(text)
    plain = with_units(_APOSTROPHE.sub("", _CAMEL.sub(" ", text).lower().replace("\u2033", '"').replace("\u201d", '"')))
    return [one for found in _RUNS.finditer(plain) for one in (_chinese(found[0], asked) if found["cjk"] else _latin(found[0]))]


def _even(text: str) -> str:
    text = _FRACTION.sub(" ", text[:LONGEST_TEXT])
    return unicodedata.normalize("NFKC", text).replace("\u2044", "/").translate(TO_SIMPLIFIED)


def _latin(word: str) -> Iterator[Token]:
    if word in STOP_WORDS:
        return
    found = _LETTERS_THEN_DIGITS.match(word)
    if found:
        for part in found.groups():
            if part:
                yield Token(stem(part), "word", part)
        return
    yield Token(stem(word), "word", word)


def _chinese(run: str, asked: bool) -> Iterator[Token]:
    for sign in run:
        yield Token(sign, "sign", sign)
    for place in range(len(run) - 1):
        yield Token(run[place : place + 2], "piece", run[place : place + 2])
    for word in _cut(run):
        for part in (word,) if asked else _parts(word):
            if part not in _CHINESE_STOP:
                yield Token(f"={part}", "chinese", part)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of an English word; numbers and words of other scripts stay."""
    return word if word[0].isdigit() or not word.isascii() else str(_stemmer().stemWord(word))


def phrases(text: str) -> list[str]:
    """Chinese words that stand side by side, as one: what people type and no dictionary has, such as 工具箱 of 测试工具 and 箱."""
    found: list[str] = []
    if text.isascii():
        return found
    for run in _RUNS.finditer(_even(text)):
        for one, other in pairwise(_cut(run[0])) if run["cjk"] else ():
            if one in _CHINESE_STOP or other in _CHINESE_STOP:
                continue
            lasts = [part for part in _parts(one) if one.endswith(part)]
            firsts = [part for part in _parts(other) if other.startswith(part)]
            found += [last + first for last in lasts for first in firsts if len(last) + len(first) <= _LONGEST_PHRASE]
    return found


@lru_cache(maxsize=20_000)
def _cut(run: str) -> tuple[str, ...]:
    return tuple(_dictionary().cut(run, HMM=False))


@lru_cache(maxsize=50_000)
def _parts(word: str) -> tuple[str, ...]:
    """A word, and before it the words of the dictionary that it is made of."""
    pairs = [word[place : place + 2] for place in range(len(word) - 1)] if len(word) > 2 else []
    threes = [word[place : place + 3] for place in range(len(word) - 2)] if len(word) > 3 else []
    known = _dictionary().dt.FREQ if pairs else {}
    return (*(part for part in pairs + threes if known.get(part)), word)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    """The Chinese dictionary; it loads when the first Chinese word is met."""
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba
