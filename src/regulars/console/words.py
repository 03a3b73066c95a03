"""How one reader reads: texts in the reader's language, numbers and money as written there, times on the shop's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from regulars.console import numbers
from regulars.console.texts import knows, plural, translate
from regulars.errors import RegularsError
from regulars.values.money import Money
from regulars.values.periods import Unit


@dataclass
class Words:
    """A language and a zone, and everything that is put into words with them."""

    language: str
    zone: str

    def t(self, text: str, **values: Any) -> str:
        """An English sentence in the reader's language, values filled in."""
        return translate(self.language, text, **values)

    def word(self, context: str, code: str) -> str:
        """The word for a stored code, e.g. `word("load status", "done")`; an unknown code gets blanks for its underscores."""
        if knows(self.language, code, context=context):
            return translate(self.language, code, context=context)
        plain = code.replace("_", " ").replace(".", " ")
        return plain[:1].upper() + plain[1:]

    def plural(self, count: int | float, one: str, many: str, **values: Any) -> str:
        """The sentence for a count; `{n}` stands for the count as written in full."""
        return plural(self.language, count, one, many, n=numbers.count(count), **values)

    def error(self, error: RegularsError) -> tuple[str, str]:
        """What happened and how to mend it, in the reader's language where the catalogue knows the code."""
        if self.language != "en" and knows(self.language, error.code, context="error"):
            said = translate(self.language, error.code, context="error")
            mend = translate(self.language, error.code, context="mend") if knows(self.language, error.code, context="mend") else ""
            try:
                values = _quoted(error.message) | {name: _listed(value) for name, value in error.values.items()}
                return said.format(**values), mend.format(**values)
            except (KeyError, IndexError, ValueError):
                pass
        mend = error.mend
        return _sentence(error.message), _sentence(mend)

    # --- numbers
    def money(self, value: Money | None) -> str:
        """In full: £9,747,747.93."""
        return numbers.money(value)

    def short_money(self, value: Money | None) -> str:
        """For a tile: £9.75M, ¥975万."""
        return numbers.short_money(value, self.language)

    def count(self, value: Any, digits: int | None = None) -> str:
        """In full: 541,909."""
        return numbers.count(value, digits)

    def short(self, value: Any) -> str:
        """For a tile: 541,909, 9.75M, 974.8万."""
        return numbers.short(value, self.language)

    def share(self, value: float | None, digits: int = 1) -> str:
        """A fraction as a percentage."""
        return numbers.share(value, digits)

    def change(self, value: float | None, digits: int = 1) -> str:
        """A relative change with its sign."""
        return numbers.change(value, digits)

    def points(self, value: float | None, digits: int = 1) -> str:
        """A difference of two shares in percentage points."""
        return numbers.points(value, self.language, digits)

    def days(self, value: float | None) -> str:
        """A number of days with the word for it."""
        return numbers.days(value, self.language)

    def size(self, octets: int) -> str:
        """A file size."""
        return numbers.size(octets, self.language)

    def duration(self, value: timedelta | float) -> str:
        """A length of time."""
        return numbers.duration(value, self.language)

    # --- dates
    def day(self, value: date | datetime | None) -> str:
        """A date; an instant is shown as the shop's local date."""
        if isinstance(value, datetime):
            return numbers.instant(value, self.zone, self.language).rsplit(" " if self.language == "zh" else ",", 1)[0]
        return numbers.day(value, self.language)

    def span(self, first: date, last: date) -> str:
        """A run of days, both ends included."""
        return numbers.span(first, last, self.language)

    def bucket(self, value: date, unit: Unit) -> str:
        """The name of a day, week or month."""
        return numbers.bucket(value, unit, self.language)

    def instant(self, value: datetime | None) -> str:
        """An instant on the shop's clock."""
        return numbers.instant(value, self.zone, self.language)


def _quoted(message: str) -> dict[str, str]:
    """What an English sentence quotes, as {a}, {b}, {c}: file names and the like that a translated one repeats."""
    return dict(zip("abc", re.findall(r"'([^']*)'", message), strict=False))


def _listed(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple | set | dict) else value


def _sentence(text: str) -> str:
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?。" else ".")
