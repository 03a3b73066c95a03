"""What products found are counted by: the values of facets, and variants of one product as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regulars.serve.search.domain.catalogue import UNKNOWN, Catalogue, Mask

Places = npt.NDArray[np.int64]
_FACET_VALUES = 50


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to filter by, and how many of the products found have it."""

    value: str
    count: int


def firsts(family: Places) -> Mask:
    """Which are the first of their family, or of none."""
    kept: Mask = family == UNKNOWN
    of_some = np.flatnonzero(~kept)
    _, first = np.unique(family[of_some], return_index=True)
    kept[of_some[first]] = True
    return kept


def apart(family: Places) -> int:
    """How many there are, a family counted once."""
    alone = int((family == UNKNOWN).sum())
    return alone + len(np.unique(family[family != UNKNOWN]))


def beside(family: Places, shown: Places, ordered: Sequence[int]) -> dict[int, int]:
    """How many of its family were found with each product of a page."""
    found = {}
    for place in ordered:
        if family[place] != UNKNOWN and (count := int((family[shown] == family[place]).sum())) > 1:
            found[place] = count
    return found


def counted(
    catalogue: Catalogue, hits: Mask, facets: Sequence[str], family: Places | None = None
) -> dict[str, tuple[FacetValue, ...]]:
    """For each facet its most frequent values among the products found, a family counted once; `*` counts every facet there is."""
    counts = np.zeros(len(catalogue.tags), np.int64)
    begin = 0
    of_families = []
    for part in (catalogue.main, catalogue.recent):
        places = np.flatnonzero(hits[begin : begin + len(part.entries)])
        if family is not None:
            own = family[begin + places]
            several = places[own != UNKNOWN]
            values = part.tags.words_of(several)
            of_families.append(np.repeat(own[own != UNKNOWN], part.tags.lengths_of(several)) * len(counts) + values)
            places = places[own == UNKNOWN]
        having = part.tags.words_of(places)
        counts += np.bincount(having, minlength=len(counts))[: len(counts)]
        begin += len(part.entries)
    if of_families:
        counts += np.bincount(np.unique(np.concatenate(of_families)) % len(counts), minlength=len(counts)) if len(counts) else 0
    found: dict[str, tuple[FacetValue, ...]] = {}
    for facet in catalogue.tags.facets if "*" in facets else sorted({*facets}):
        if facet.startswith("#"):
            continue
        having_some = [
            FacetValue(catalogue.tags.value(number), int(counts[number]))
            for number in catalogue.tags.of(facet)
            if number < len(counts) and counts[number]
        ]
        if having_some:
            found[facet] = tuple(sorted(having_some, key=lambda one: (-one.count, one.value))[:_FACET_VALUES])
    return found
