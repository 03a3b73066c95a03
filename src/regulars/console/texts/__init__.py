"""The words of the screens: an English sentence is the key, `zh.po` holds its Chinese.

`translate("zh", "Revenue by {unit}", unit=...)` looks the sentence up, then fills the values in. English is its own catalogue.
`tests/house` holds that every sentence written in `src/` has a Chinese entry and that no entry is unused.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger(__name__)

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def catalogue(language: str) -> dict[tuple[str, str], str]:
    """Every entry of a language as (context, English) -> words; plural entries are filed under their plural form."""
    path = Path(__file__).with_name(f"{language}.po")
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    found: dict[tuple[str, str], str] = {}
    for message in messages:
        key = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        words = message.string[0] if isinstance(message.string, tuple | list) else message.string
        if key and words:
            found[message.context or "", key] = words
    return found


def translate(language: str, text: str, *, context: str = "", **values: Any) -> str:
    """The sentence in a language, with its `{values}` filled in; an unknown sentence stays English and is logged once."""
    words = text
    if (language != "en" or context) and text:
        found = catalogue(language).get((context, text)) or (catalogue(language).get(("", text)) if context else None)
        if found is None:
            _missing(language, text)
        else:
            words = found
    return words.format(**values) if values else words


def knows(language: str, text: str, *, context: str = "") -> bool:
    """Is there an entry for this sentence (in English: for this code in its context) in that language?"""
    return (language == "en" and not context) or (context, text) in catalogue(language)


def plural(language: str, count: int | float, one: str, many: str, **values: Any) -> str:
    """The sentence for a count: `one` for exactly 1 in English, `many` otherwise; `{n}` is filled by the caller's values."""
    if language == "en":
        return translate(language, one if count == 1 else many, **values)
    return translate(language, many, **values)


@cache
def _missing(language: str, text: str) -> None:
    log.warning("text had no translation", extra={"language": language, "text": text})
