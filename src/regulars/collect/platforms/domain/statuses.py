"""What the state words of platforms mean for counting: the same words as those of files."""

from __future__ import annotations

from regulars.collect.imports.domain.statuses import STATUS_MEANINGS, Meaning, plain_status


def meaning_of(word: str | None) -> Meaning:
    """What a word says; one that nobody knows counts as placed, as with files."""
    return STATUS_MEANINGS.get(plain_status(word), "placed") if word else "placed"
