"""What one unit of another currency is worth in the shop's own, from a day on: told by an operator, never guessed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from regulars.values.zones import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyRate:
    """One unit of `currency` is worth `rate` of the shop's currency, from the beginning of the local day `from_on` until the next rate."""

    currency: str
    from_on: date
    rate: Decimal
    told_at: datetime
    told_by: str


class Rates:
    """The rates of a shop."""

    def __init__(self, told: Iterable[CurrencyRate], timezone: str) -> None:
        self._timezone = timezone
        self._by_currency: dict[str, list[tuple[date, Decimal]]] = {}
        for one in sorted(told, key=lambda one: (one.currency, one.from_on)):
            self._by_currency.setdefault(one.currency, []).append((one.from_on, one.rate))

    def at(self, currency: str, instant: datetime) -> Decimal | None:
        """The rate that held at an instant; None before the first one."""
        steps = self._by_currency.get(currency)
        if not steps:
            return None
        place = bisect_right([day for day, _ in steps], local_day(instant, self._timezone))
        return steps[place - 1][1] if place else None


def rate_at(rates: Rates | Mapping[str, Decimal], currency: str, instant: datetime) -> Decimal | None:
    """The rate of a currency at an instant, from a shop's rates or from a plain table that holds always."""
    return rates.at(currency, instant) if isinstance(rates, Rates) else rates.get(currency)
