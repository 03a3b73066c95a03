"""The inverted index as arrays: which products hold a word, and how much the word says of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

#: BM25: how soon a repeated word adds nothing, and how much a long text is held against a product.
K1, B = 1.0, 0.6
#: Between a facet and its value.
SEPARATOR = "\x1f"
_MEASURE = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d{1,15}(?:\.\d{1,15})?")


class Vocabulary:
    """Words and their numbers; words are only ever added."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = list(words)
        self.number: dict[str, int] = {word: place for place, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def add(self, word: str) -> int:
        """The number of a word, new or known."""
        found = self.number.get(word)
        if found is None:
            found = self.number[word] = len(self.words)
            self.words.append(word)
        return found


class Tags(Vocabulary):
    """Values to filter by, each as `facet`, a separator and the value; and which there are of each facet."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        super().__init__(words)
        self._of: dict[str, list[int]] = {}
        self._measures: dict[int, float | None] = {}
        for number, word in enumerate(self.words):
            self._of.setdefault(word.partition(SEPARATOR)[0], []).append(number)

    def add(self, word: str) -> int:
        """The number of a value, new or known."""
        before = len(self.words)
        number = super().add(word)
        if number == before:
            self._of.setdefault(word.partition(SEPARATOR)[0], []).append(number)
        return number

    @property
    def facets(self) -> list[str]:
        """Facets that shoppers choose by; those that begin with # are found by and never shown."""
        return sorted(facet for facet in list(self._of) if not facet.startswith("#"))

    def of(self, facet: str) -> list[int]:
        """The numbers of a facet's values."""
        return self._of.get(facet, [])[:]

    def value(self, number: int) -> str:
        """A value without its facet."""
        return self.words[number].partition(SEPARATOR)[2]

    def measure(self, number: int) -> float | None:
        """The number that a value begins with, such as 18 of `18 V`."""
        if number not in self._measures:
            found = _MEASURE.match(self.value(number))
            self._measures[number] = float(found[0].replace(",", "")) if found else None
        return self._measures[number]


@dataclass(frozen=True, slots=True)
class Forward:
    """Texts as word numbers with weights, one after the other: text `i` has `starts[i]:starts[i + 1]`."""

    starts: npt.NDArray[np.int64]
    words: Ints
    weights: Floats

    @classmethod
    def of(cls, texts: Sequence[dict[int, float]]) -> Forward:
        """From word number -> weight of each text."""
        lengths = np.fromiter((len(one) for one in texts), np.int64, len(texts))
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        words = np.fromiter((word for one in texts for word in one), np.int32, int(starts[-1]))
        weights = np.fromiter((weight for one in texts for weight in one.values()), np.float32, int(starts[-1]))
        return cls(starts, words, weights)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def words_of(self, places: npt.NDArray[np.int64]) -> Ints:
        """The words of some texts, one after the other."""
        begins = self.starts[places]
        lengths = self.starts[places + 1] - begins
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        return self.words[np.repeat(begins - (ends - lengths), lengths) + np.arange(total)]

    def lengths_of(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How many words some texts have."""
        return self.starts[places + 1] - self.starts[places]

    def taken(self, kept: npt.NDArray[np.bool_]) -> Forward:
        """Only the texts that are kept."""
        lengths = np.diff(self.starts)
        entries = np.repeat(kept, lengths)
        starts = np.concatenate([[0], np.cumsum(lengths[kept])]).astype(np.int64)
        return Forward(starts, self.words[entries], self.weights[entries])

    def joined(self, other: Forward) -> Forward:
        """These texts and then others."""
        return Forward(
            np.concatenate([self.starts, other.starts[1:] + self.starts[-1]]),
            np.concatenate([self.words, other.words]),
            np.concatenate([self.weights, other.weights]),
        )


@dataclass(frozen=True, slots=True)
class Inverted:
    """For every word the texts that hold it, in ascending order, and the word's share in BM25 without its rarity."""

    starts: npt.NDArray[np.int64]
    texts: Ints
    shares: Floats
    count: int  # texts

    @classmethod
    def of(cls, forward: Forward, words: int) -> Inverted:
        """Turned round; `words` is the size of the vocabulary."""
        lengths = np.diff(forward.starts)
        owners = np.repeat(np.arange(len(forward), dtype=np.int32), lengths)
        sizes = np.zeros(len(forward), np.float32)
        np.add.at(sizes, owners, forward.weights)
        mean = float(sizes.mean()) if len(sizes) else 1.0
        held_against = K1 * (1 - B + B * sizes / max(mean, 1e-9))
        shares = forward.weights * (K1 + 1) / (forward.weights + held_against[owners])
        order = np.argsort(forward.words, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(forward.words, minlength=words))]).astype(np.int64)
        return cls(starts, owners[order], shares[order].astype(np.float32), len(forward))

    def holding(self, word: int) -> tuple[Ints, Floats]:
        """The texts with a word, and its share in each."""
        if word + 1 >= len(self.starts):
            return self.texts[:0], self.shares[:0]
        begin, end = self.starts[word], self.starts[word + 1]
        return self.texts[begin:end], self.shares[begin:end]

    def share(self, word: int, text: int) -> float:
        """The word's share in one text; 0 where it is not in it."""
        texts, shares = self.holding(word)
        place = int(np.searchsorted(texts, text))
        return float(shares[place]) if place < len(texts) and texts[place] == text else 0.0

    def frequency(self, word: int) -> int:
        """How many texts hold a word."""
        return int(self.starts[word + 1] - self.starts[word]) if word + 1 < len(self.starts) else 0
