"""Money: integer minor units of a currency, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from regulars.errors import InvalidInput

#: ISO 4217 currencies whose minor unit is not 1/100.
_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

_SYMBOLS = {
    "CNY": "¥",
    "GBP": "£",
    "USD": "$",
    "EUR": "€",
    "JPY": "JP¥",
    "BRL": "R$",
    "HKD": "HK$",
    "TWD": "NT$",
    "KRW": "₩",
    "INR": "₹",
}


def minor_digits(currency: str) -> int:
    """How many decimal digits the minor unit of an ISO 4217 currency has."""
    return _DIGITS.get(currency, 2)


def currency_symbol(currency: str) -> str:
    """The sign put before amounts, or the code and a blank where no short sign is common."""
    return _SYMBOLS.get(currency, currency + " ")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: `Money(minor=1999, currency="CNY")` is ¥19.99."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """The amount in major units, exact: more digits than the currency has are refused."""
        scaled = Decimal(amount).scaleb(minor_digits(currency))
        if scaled != scaled.to_integral_value():
            raise InvalidInput(
                f"{amount} has more decimals than {currency} knows", mend=f"round it to {minor_digits(currency)} digits"
            )
        return cls(int(scaled), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InvalidInput(f"{self.currency} and {other.currency} cannot be added", mend="convert one of them first")
        return other

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def share(self, numerator: int, denominator: int) -> Money:
        """This amount times numerator/denominator, rounded half to even."""
        exact = Decimal(self.minor) * numerator / denominator
        return Money(int(exact.to_integral_value(ROUND_HALF_EVEN)), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by weights so that the parts add up to the whole (largest remainder; ties go to the earlier part)."""
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise InvalidInput("weights must be non-negative and not all zero", mend="give at least one positive weight")
        sign = -1 if self.minor < 0 else 1
        whole = abs(self.minor)
        parts = [whole * weight // total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
        for i in by_remainder[: whole - sum(parts)]:
            parts[i] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{currency_symbol(self.currency)}{abs(self.major):,}"
