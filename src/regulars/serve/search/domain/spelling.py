"""Mended spelling: the word of the catalogue that a mistyped one was meant to be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

#: Shorter words are left as they are; from the second on, two slips are mended as well.
_SHORTEST, _TWO_SLIPS_FROM = 4, 6
_LONGEST = 20
_PART = 3


class Speller:
    """The words of a catalogue with how many products hold each."""

    def __init__(self, words: Mapping[str, int]) -> None:
        fit = [word for word in words if 2 < len(word) <= _LONGEST and word.isascii() and word.isalpha()]
        self._known = dict(words)
        self._words = np.array(fit, dtype=f"U{_LONGEST}") if fit else np.empty(0, f"U{_LONGEST}")
        self._signs = (
            self._words.view(np.uint32).reshape(len(fit), _LONGEST).astype(np.uint8) if fit else np.empty((0, _LONGEST), np.uint8)
        )
        self._lengths = np.array([len(word) for word in fit], dtype=np.int16)
        self._counts = np.array([words[word] for word in fit], dtype=np.int64)
        bits = np.where(self._signs > 0, np.uint32(1) << (self._signs.astype(np.uint32) - 97) % 32, np.uint32(0))
        self._letters = np.bitwise_or.reduce(bits, axis=1) if fit else np.empty(0, np.uint32)

    def known(self, word: str) -> int:
        """How many products hold a word."""
        return self._known.get(word, 0)

    def mended(self, word: str) -> list[str]:
        """What the word was meant to be: itself when it is known or cannot be mended, one other, or two that were run together."""
        if self.known(word) or len(word) < _SHORTEST or len(word) > _LONGEST or not (word.isascii() and word.isalpha()):
            return [word]
        near, slips = self._nearest(word)
        if near and slips == 1:
            return [near]
        parts = self._parts(word)
        if parts:
            return parts
        return [near] if near else [word]

    def _parts(self, word: str) -> list[str]:
        found = [
            (min(self.known(word[:place]), self.known(word[place:])), place)
            for place in range(_PART, len(word) - _PART + 1)
            if self.known(word[:place]) > 1 and self.known(word[place:]) > 1
        ]
        if not found:
            return []
        place = max(found)[1]
        return [word[:place], word[place:]]

    def _nearest(self, word: str) -> tuple[str, int]:
        most = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        near = np.abs(self._lengths - len(word)) <= most
        near &= np.bitwise_count(self._letters ^ np.uint32(_letters(word))) <= 2 * most
        places = np.flatnonzero(near)
        if not len(places):
            return "", 0
        slips = distances(word, self._signs[places], self._lengths[places])
        good = slips <= most
        if not good.any():
            return "", 0
        places, slips = places[good], slips[good]
        first = self._signs[places, 0] != ord(word[0])
        best = np.lexsort((-self._counts[places], first, slips))[0]
        return str(self._words[places[best]]), int(slips[best])


def _letters(word: str) -> int:
    """Which letters a word has, one bit each."""
    found = 0
    for sign in word:
        found |= 1 << (ord(sign) - 97) % 32
    return found


def distances(word: str, signs: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """How many signs must be changed, added, left out or swapped with the next to make each word of `word`.

    Parameters
    ----------
    signs : shape (n, longest), the words to compare with, one a row.
    lengths : shape (n,), how many signs of each row count.
    """
    count, width = len(signs), int(lengths.max(initial=0))
    before_last: npt.NDArray[np.int16] | None = None
    last = np.broadcast_to(np.arange(width + 1, dtype=np.int16), (count, width + 1))
    for row, sign in enumerate(word, 1):
        here = np.empty((count, width + 1), np.int16)
        here[:, 0] = row
        differs = (signs[:, :width] != ord(sign)).astype(np.int16)
        here[:, 1:] = np.minimum(last[:, :-1] + differs, last[:, 1:] + 1)
        if before_last is not None:
            swapped = (signs[:, 1:width] == ord(word[row - 2])) & (signs[:, : width - 1] == ord(sign))
            here[:, 2:] = np.where(swapped, np.minimum(here[:, 2:], before_last[:, :-2] + 1), here[:, 2:])
        for place in range(1, width + 1):
            np.minimum(here[:, place], here[:, place - 1] + 1, out=here[:, place])
        before_last, last = last, here
    found: npt.NDArray[np.int16] = last[np.arange(count), lengths]
    return found
