"""Chinese words by how they are typed in Latin letters: `gongjuxiang`, `gjx` and `gongjx` are all 工具箱."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_CHINESE = re.compile("[\u3400-\u9fff]+")
_LONGEST, _LONGEST_TYPED = 8, 40
#: Sounds that begin with two letters, either of which people type.
_TWO_LETTERS = ("zh", "ch", "sh")
_LOOKED_AT = 2_000

Syllables = tuple[str, ...]


class Sounds:
    """The Chinese words of a catalogue by their pinyin. Words are only ever added; they are read when somebody first types letters."""

    def __init__(self, words: Mapping[str, int] | None = None) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._waiting: list[str] = []
        self._known: set[str] = set()
        self._whole: dict[str, list[str]] = {}  # gongjuxiang -> words
        self._firsts: dict[str, list[tuple[str, Syllables]]] = {}  # the first letters of the first two signs, gj -> words
        self._sorted: list[str] = []
        self.add(words or {})

    def add(self, words: Mapping[str, int]) -> None:
        """Words that the catalogue holds, with how often; others than Chinese ones are passed over."""
        told = [word for word in words if len(word) <= _LONGEST and _CHINESE.fullmatch(word)]
        if told:
            with self._lock:
                self._waiting += told
                self._counts |= {word: words[word] for word in told}

    def read(self) -> None:
        """Read what was added; nobody who types later waits for it."""
        if not self._waiting:
            return
        with self._lock:
            waiting, self._waiting = self._waiting, []
            for word in waiting:
                if word in self._known:
                    continue
                self._known.add(word)
                syllables = _syllables(word)
                if syllables:
                    self._whole.setdefault("".join(syllables), []).append(word)
                    if len(syllables) > 1:
                        self._firsts.setdefault(syllables[0][0] + syllables[1][0], []).append((word, syllables))
            self._sorted = sorted(self._whole)

    def meant(self, typed: str) -> list[str]:
        """The words that are typed so, in full, by first letters, or mixed, the most frequent first; several one after the other
        where no single one is.
        """
        if not _typed(typed):
            return []
        self.read()
        found = [*self._whole.get(typed, ())]
        found += [word for word, syllables in self._near(typed) if word not in found and _is(typed, syllables, whole=True)]
        if not found and (several := self._several(typed)):
            found.append("".join(several))
        return sorted(found, key=lambda word: -self._counts.get(word, 0))

    def begun(self, typed: str) -> list[str]:
        """The words whose typing begins so."""
        if not _typed(typed):
            return []
        self.read()
        first = bisect_left(self._sorted, typed)
        found: list[str] = []
        for key in self._sorted[first : first + _LOOKED_AT]:
            if not key.startswith(typed):
                break
            found += self._whole[key]
        held = set(found)
        return found + [word for word, syllables in self._near(typed) if word not in held and _is(typed, syllables, whole=False)]

    def _near(self, typed: str) -> list[tuple[str, Syllables]]:
        """Words that may be meant: by the letter that begins their second sign, for every way to end the first."""
        letters = dict.fromkeys(typed[1 : min(len(typed), 7)])
        return [one for letter in letters for one in self._firsts.get(typed[0] + letter, ())]

    def _several(self, typed: str) -> list[str]:
        """Words, each typed in full, that make up the whole, as few as there can be."""
        best: list[list[str] | None] = [[], *[None] * len(typed)]
        for end in range(2, len(typed) + 1):
            for begin in range(end - 1):
                before, words = best[begin], self._whole.get(typed[begin:end])
                if before is not None and words and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                    best[end] = [*before, max(words, key=len)]
        return best[-1] or []


def _typed(text: str) -> bool:
    return 1 < len(text) <= _LONGEST_TYPED and text.isascii() and text.isalpha() and text.islower()


def _is(typed: str, syllables: Sequence[str], *, whole: bool) -> bool:
    """Whether syllables can be typed so: each in full or by its beginning letter; of a word that is begun, only the first ones."""
    if not typed:
        return not (whole and syllables)
    if not syllables:
        return False
    one, rest = syllables[0], syllables[1:]
    if typed.startswith(one) and _is(typed[len(one) :], rest, whole=whole):
        return True
    if not whole and one.startswith(typed):
        return True
    if one[:2] in _TWO_LETTERS and typed.startswith(one[:2]) and _is(typed[2:], rest, whole=whole):
        return True
    return typed[0] == one[0] and _is(typed[1:], rest, whole=whole)


@lru_cache(maxsize=200_000)
def _syllables(word: str) -> Syllables:
    """How a word is typed, sign by sign; nothing where a sign has no sound that is known."""
    found = tuple(_reader()(word, errors="ignore", v_to_u=False))
    return found if len(found) == len(word) else ()


@lru_cache(maxsize=1)
def _reader() -> Any:
    """pypinyin with its words; it loads when letters are first looked for among Chinese words."""
    from pypinyin import lazy_pinyin

    return lazy_pinyin
