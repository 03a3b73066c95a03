"""Decimal amounts to integer minor units, half to even, exact."""

from __future__ import annotations

#: Amounts from here on have no minor units in a BIGINT; they are NULL (and out of range long before).
_BEYOND = 10**16


def minor(amount_sql: str, digits: int, *, scale: int = 4) -> str:
    """A BIGINT of minor units from a decimal amount, rounded half to even; NULL where it does not fit.

    Parameters
    ----------
    amount_sql : a DECIMAL expression with at most `scale` decimals (a quantity times a price has 3 + 4 = 7).
    digits : decimals of the currency (`values.money.minor_digits`).
    scale : decimals of the expression.

    Exact, because it counts in integers. Amounts that fit 18 digits once multiplied take the quick way (64-bit arithmetic, 30 times
    faster); the rare others the long one. There is no CASE in the quick way: the engine computes equal parts of it once.
    """
    if digits < 18 and 18 - digits > scale:
        narrow = f"TRY_CAST({amount_sql} AS DECIMAL({18 - digits},{scale}))"
        units = f"({narrow} * {10**digits})"
        whole = f"CAST(trunc({units}) AS BIGINT)"
        rest = f"CAST(({units} - trunc({units})) * {10**scale} AS BIGINT)"
        quick = f"{whole} + {_step(rest, whole, 10**scale)}"
    else:
        quick = "CAST(NULL AS BIGINT)"
    return f"coalesce({quick}, CASE WHEN abs({amount_sql}) < {_BEYOND} THEN {_long(amount_sql, digits, scale)} END)"


def _long(amount_sql: str, digits: int, scale: int) -> str:
    whole = f"CAST(({amount_sql}) * {10**scale} AS HUGEINT)"
    if scale <= digits:
        return f"TRY_CAST({whole} * {10 ** (digits - scale)} AS BIGINT)"
    unit = 10 ** (scale - digits)
    quotient = f"({whole} // {unit})"
    return f"TRY_CAST({quotient} + {_step(f'({whole} % {unit})', quotient, unit)} AS BIGINT)"


def _step(rest: str, quotient: str, unit: int) -> str:
    """One away from zero where the rest is more than half a unit, or exactly half and the quotient is odd.

    Twice the rest and the unit are both even, so adding 1 for an odd quotient decides exactly the ties.
    """
    return f"sign({rest}) * CAST(abs({rest}) * 2 + abs({quotient}) % 2 > {unit} AS INTEGER)"
