"""Suggestions while somebody types: what others asked for, words that go on so, and the word that was probably meant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from regulars.serve.search.domain.catalogue import Catalogue
from regulars.serve.search.domain.sounds import Sounds
from regulars.serve.search.domain.text import folded

SuggestionKind = Literal["popular", "completed", "corrected"]
_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that can be chosen instead of being typed."""

    query: str
    kind: SuggestionKind


def suggestions(catalogue: Catalogue, typed: str, popular: Sequence[str], most: int) -> list[Suggestion]:
    """Queries for what is typed so far: popular ones that begin so, then the last word completed, then its spelling mended.

    Parameters
    ----------
    popular : queries that shoppers asked, folded, the most frequent first.
    """
    text = folded(typed)
    if not text:
        return [Suggestion(one, "popular") for one in popular[:most]]
    letters = text.replace(" ", "")
    typed_so = set(Sounds(dict.fromkeys(popular, 1)).begun(letters)) if text.isascii() else set()
    found = [Suggestion(one, "popular") for one in popular if (one.startswith(text) or one in typed_so) and one != text]
    if letters != text:
        found += [Suggestion(one, "completed") for one in catalogue.sounds.meant(letters)[:most]]
    head, _, last = text.rpartition(" ")
    begun = f"{head} " if head else ""
    if last:
        found += [Suggestion(begun + one, "completed") for one in completions(catalogue, last, most) if one != last]
        mended = " ".join(catalogue.speller.mended(last))
        if mended != last and not any(one.kind == "completed" for one in found) and not catalogue.sounds.begun(last):
            found.append(Suggestion(begun + mended, "corrected"))
    seen: dict[str, Suggestion] = {}
    for one in found:
        seen.setdefault(one.query, one)
    return list(seen.values())[:most]


def completions(catalogue: Catalogue, begun: str, most: int) -> list[str]:
    """Words of the catalogue that begin so, or are typed so in pinyin, those in the most products first."""
    names = catalogue.names
    first = bisect_left(names, begun)
    found: list[str] = []
    for place in range(first, min(first + _LOOKED_AT, len(names))):
        if not names[place].startswith(begun):
            break
        if (
            found
            and names[place].startswith(found[-1])
            and catalogue.said(names[place]) >= catalogue.said(found[-1])
            and not begun.isascii()
        ):
            found.pop()  # a part of a Chinese word, met only inside it
        found.append(names[place])
    found += [word for word in catalogue.sounds.begun(begun) if word not in found]
    return sorted(found, key=lambda word: (-catalogue.said(word), word))[:most]
