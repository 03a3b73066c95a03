"""What a person says about a load: everything that can be given with the verb, at any of the three doors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from regulars.collect.imports.domain.statuses import Meaning, plain_status
from regulars.errors import InvalidInput
from regulars.values.zones import zone

DateOrder = Literal["ymd", "dmy", "mdy"]
Duplicates = Literal["once", "keep"]

_STATUS_MEANINGS: tuple[Meaning, ...] = ("placed", "cancelled", "unpaid", "refunded", "draft")


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to read and load files; None and empty mean: judge by the files.

    Attributes
    ----------
    maps : field -> column, from `--map`.
    timezone, currency : of the files; by default the shop's.
    rates : currency -> how much of the shop's currency one unit is worth.
    statuses : status word -> what it means.
    replace_orders : the files' orders replace stored ones wholly, lines not in the files go.
    """

    maps: dict[str, str] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None
    date_order: DateOrder | None = None
    decimal: str | None = None
    duplicates: Duplicates = "once"
    rates: dict[str, Decimal] = field(default_factory=dict)
    statuses: dict[str, Meaning] = field(default_factory=dict)
    replace_orders: bool = False
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    header: bool | None = None
    skip_rows: int | None = None
    save_mapping: bool = True

    def __post_init__(self) -> None:
        if self.timezone:
            zone(self.timezone)
        if self.currency and not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise InvalidInput(
                f"'{self.currency}' is not a currency", mend="give an ISO 4217 code such as CNY, USD or GBP", code="bad_currency"
            )
        if self.date_order not in (None, "ymd", "dmy", "mdy"):
            raise InvalidInput(
                f"'{self.date_order}' is not an order of a date's parts", mend="give ymd, dmy or mdy", code="bad_date_order"
            )
        if self.duplicates not in ("once", "keep"):
            raise InvalidInput(
                f"'{self.duplicates}' is not a way to treat duplicates", mend="give once or keep", code="bad_duplicates"
            )

    def content(self) -> dict[str, Any]:
        """What makes two loads of one file the same load, as plain values."""
        return {
            "maps": dict(sorted(self.maps.items())),
            "timezone": self.timezone,
            "currency": self.currency,
            "date_order": self.date_order,
            "decimal": self.decimal,
            "duplicates": self.duplicates,
            "rates": {code: str(rate) for code, rate in sorted(self.rates.items())},
            "statuses": dict(sorted(self.statuses.items())),
            "replace_orders": self.replace_orders,
            "reading": [self.sheet, self.encoding, self.separator, self.header, self.skip_rows],
        }

    @classmethod
    def from_content(cls, kept: Mapping[str, Any]) -> LoadOptions:
        """The options that `content` was made of."""
        sheet, encoding, separator, header, skip_rows = kept["reading"]
        return cls(
            maps=dict(kept["maps"]),
            timezone=kept["timezone"],
            currency=kept["currency"],
            date_order=kept["date_order"],
            decimal=kept["decimal"],
            duplicates=kept["duplicates"],
            rates={code: Decimal(rate) for code, rate in kept["rates"].items()},
            statuses=dict(kept["statuses"]),
            replace_orders=kept["replace_orders"],
            sheet=sheet,
            encoding=encoding,
            separator=separator,
            header=header,
            skip_rows=skip_rows,
        )


def parse_rates(given: Iterable[str]) -> dict[str, Decimal]:
    """`USD=7.10` texts as a dict.

    Raises
    ------
    InvalidInput : not of that form, or not positive.
    """
    rates: dict[str, Decimal] = {}
    for text in given:
        code, _, number = text.partition("=")
        try:
            rate = Decimal(number.strip())
        except InvalidOperation:
            rate = Decimal(0)
        if not re.fullmatch(r"[A-Z]{3}", code.strip().upper()) or not rate.is_finite() or not 0 < rate < 1_000_000:
            raise InvalidInput(
                f"--rate {text} is not an exchange rate",
                mend="write --rate USD=7.10: one dollar is 7.10 of the shop's currency",
                code="bad_rate",
            )
        rates[code.strip().upper()] = rate
    return rates


def parse_statuses(given: Iterable[str]) -> dict[str, Meaning]:
    """`word=placed` texts as a dict, words in the form they are compared in.

    Raises
    ------
    InvalidInput : not of that form, or no such meaning.
    """
    found: dict[str, Meaning] = {}
    for text in given:
        word, _, meaning = text.rpartition("=")
        known = next((m for m in _STATUS_MEANINGS if m == meaning.strip()), None)
        if not word or known is None:
            raise InvalidInput(
                f"--status {text}: '{meaning}' is not a meaning",
                mend=f"write --status WORD=MEANING with one of {', '.join(_STATUS_MEANINGS)}",
                code="bad_status",
            )
        found[plain_status(word)] = known
    return found
