"""What a shopper typed, understood: words, mended and widened, what must stand together and what must not be there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Literal

from regulars.serve.search.domain.sounds import Sounds
from regulars.serve.search.domain.spelling import Speller
from regulars.serve.search.domain.text import Token, folded, stem, tokens

LONGEST_QUERY = 200
_MOST_WORDS = 24
_QUOTED = re.compile(
    r'(?P<minus>(?<!\S)-)?["\u201c\u201d\u300c\u300d](?P<words>[^"\u201c\u201d\u300c\u300d]+)["\u201c\u201d\u300c\u300d]'
)
_MINUS = re.compile(r"(?<!\S)-(?=[^\W\d_])(\S+)")
#: A word of the Chinese dictionary says as much as an English one; a pair of signs finds more, and says less.
_OF_PIECES, _OF_SYNONYMS, _OF_COMPLETIONS = 0.5, 0.7, 0.5

#: Of words that sound so, and of Latin words that make up one Chinese word.
_MOST_SOUNDS, _MOST_JOINED = 5, 6

Terms = tuple[tuple[str, float], ...]
#: How a way to say a wish came about, where it is not what was typed.
How = Literal["typed", "synonym", "completed", "joined", "pinyin"]


@dataclass(frozen=True, slots=True)
class Wish:
    """One word that is asked for: any of its ways to be said; each way is words that belong together, with weights."""

    ways: tuple[Terms, ...]
    counts: bool = True  # whether a product that lacks it is a lesser find; else it only helps
    how: How = "typed"  # of the ways behind the first one


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it is searched for."""

    text: str  # folded, as typed
    wishes: tuple[Wish, ...] = ()
    phrases: tuple[str, ...] = ()  # folded; products must hold them as they stand
    refused: tuple[str, ...] = ()  # folded; products that hold one are not meant
    corrected: str | None = None  # the query with mended spelling, where any word was mended

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.wishes or self.phrases or self.refused)


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Words that mean the same, by what is typed: keys and ways are folded words in their order."""

    ways: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    @property
    def longest(self) -> int:
        """Of how many words the longest key is made."""
        return max(map(len, self.ways), default=0)


def key_of(text: str) -> tuple[str, ...]:
    """The words of a text as synonyms and rules compare them: in their order, without what only helps finding."""
    return tuple(one.term for one in tokens(text, asked=True) if one.kind in ("word", "chinese"))


def understand(
    query: str,
    speller: Speller,
    synonyms: Synonyms,
    *,
    sounds: Sounds | None = None,
    complete: Callable[[str], Sequence[str]] | None = None,
    mend: bool = True,
) -> Asked:
    """Read a query.

    Parameters
    ----------
    sounds : the catalogue's Chinese words by their pinyin, for letters that are no word of it.
    complete : gives the catalogue's words that begin with a text; the last word of the query is then taken as unfinished.
    mend : False takes every word as it was typed.
    """
    query = query[:LONGEST_QUERY]
    phrases: list[str] = []
    refused: list[str] = []
    for found in _QUOTED.finditer(query):
        (refused if found["minus"] else phrases).append(folded(found["words"]))
    query = _QUOTED.sub(lambda found: " " if found["minus"] else f" {found['words']} ", query.replace("\uff0d", "-"))
    refused += [folded(found[1]) for found in _MINUS.finditer(query)]
    plain = _MINUS.sub(" ", query)
    typed = tokens(plain, asked=True)[: 4 * _MOST_WORDS]
    heard, sounding, corrections = _heard(typed, speller, synonyms, sounds) if sounds is not None and mend else (typed, [], {})
    words, slips = _mended(heard, speller, mend)
    corrections |= slips
    wishes = sounding + _wishes(words, synonyms)
    wishes += _run_together(words, speller)
    if complete is not None and words and words[-1].kind == "word":
        begun = [one for one in complete(words[-1].surface) if one != words[-1].surface]
        ways = tuple(way for one in begun if (way := _way(one, _OF_COMPLETIONS)))
        if ways:
            wishes[_place(wishes, words[-1].term)] = Wish((((words[-1].term, 1.0),), *ways), how="completed")
    corrected = folded(plain)
    for old, new in corrections.items():
        corrected = re.sub(rf"(?<![^\W_]){re.escape(old)}(?![^\W_])", new, corrected)
    text = folded(query)
    return Asked(text, tuple(wishes[:_MOST_WORDS]), tuple(phrases), tuple(refused), corrected if corrections else None)


def _heard(
    found: Sequence[Token], speller: Speller, synonyms: Synonyms, sounds: Sounds
) -> tuple[list[Token], list[Wish], dict[str, str]]:
    """Letters that no product has, and that are how Chinese words are typed: the one word meant, or a wish for several."""
    words: list[Token] = []
    wishes: list[Wish] = []
    corrections: dict[str, str] = {}
    place = 0
    while place < len(found):
        strange = list(takewhile(lambda one: _strange(one, speller, synonyms), found[place : place + _MOST_JOINED]))
        for length in range(len(strange), 0, -1):
            meant = sounds.meant("".join(one.surface for one in strange[:length]))
            if meant:
                meant = meant[:_MOST_SOUNDS]
                corrections[" ".join(one.surface for one in strange[:length])] = meant[0]
                if len(meant) == 1:
                    words += tokens(meant[0], asked=True)
                else:
                    wishes.append(Wish(tuple(_way(one, 1.0) for one in meant), how="pinyin"))
                place += length
                break
        else:
            words.append(found[place])
            place += 1
    return words, wishes, corrections


def _strange(one: Token, speller: Speller, synonyms: Synonyms) -> bool:
    """Whether a word is of Latin letters, and neither in the catalogue in any form nor a synonym."""
    if one.kind != "word" or not (one.surface.isascii() and one.surface.isalpha()) or (one.term,) in synonyms.ways:
        return False
    meant = speller.mended(one.surface)
    return not (speller.known(one.surface) or (len(meant) == 1 and meant[0] != one.surface and stem(meant[0]) == one.term))


def _mended(found: Sequence[Token], speller: Speller, mend: bool) -> tuple[list[Token], dict[str, str]]:
    words: list[Token] = []
    corrections: dict[str, str] = {}
    for one in found:
        meant = speller.mended(one.surface) if mend and one.kind == "word" else [one.surface]
        if meant == [one.surface] or (len(meant) == 1 and stem(meant[0]) == one.term):  # another form of the same word is no slip
            words.append(one)
        else:
            corrections[one.surface] = " ".join(meant)
            words += [token for word in meant for token in tokens(word)]
    return words, corrections


def _wishes(words: Sequence[Token], synonyms: Synonyms) -> list[Wish]:
    """A wish for every word that counts; where words are the key of synonyms, one wish for all of them with several ways."""
    alone = not any(one.kind == "piece" for one in words)  # single signs are asked for only where there is no pair
    said = [one for one in words if one.kind in ("word", "chinese")]
    wishes: list[Wish] = []
    place = 0
    covered: set[str] = set()
    while place < len(said):
        for length in range(min(synonyms.longest, len(said) - place), 0, -1):
            key = tuple(one.term for one in said[place : place + length])
            if key in synonyms.ways:
                own: Terms = tuple((term, 1.0) for term in key)
                wishes.append(Wish((own, *(_way(one, _OF_SYNONYMS) for one in synonyms.ways[key])), how="synonym"))
                covered.update(one.surface for one in said[place : place + length] if one.kind == "chinese")
                place += length
                break
        else:
            one = said[place]
            if one.kind == "word":
                wishes.append(Wish((((one.term, 1.0),),)))
            else:
                wishes.append(Wish((((one.term, 1.0),),), counts=False))
            place += 1
    for one in words:
        if one.kind == "piece" and not any(one.surface in whole for whole in covered):
            wishes.append(Wish((((one.term, _OF_PIECES),),)))
        elif one.kind == "sign" and alone and one.surface not in covered:
            wishes.append(Wish((((one.term, 1.0),),)))
    return wishes


def _way(text: str, weight: float) -> Terms:
    found = tokens(text, asked=True)
    kinds = ("word", "piece") if any(one.kind == "piece" for one in found) else ("word", "sign")
    return tuple((one.term, weight) for one in found if one.kind in kinds)


def _run_together(words: Sequence[Token], speller: Speller) -> list[Wish]:
    """Neighbours that the catalogue writes as one word: `water proof` also finds waterproof."""
    found = []
    for one, other in pairwise(words):
        if one.kind == other.kind == "word" and one.surface.isalpha() and other.surface.isalpha():
            joined = one.surface + other.surface
            if speller.known(joined):
                new = not (speller.known(one.surface) and speller.known(other.surface))
                found += [Wish((((token.term, 1.0),),), counts=new, how="joined") for token in tokens(joined)[:1]]
    return found


def _place(wishes: Sequence[Wish], term: str) -> int:
    return next(place for place in range(len(wishes) - 1, -1, -1) if any(term == own for own, _ in wishes[place].ways[0]))
