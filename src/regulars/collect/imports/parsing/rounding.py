"""Decimal amounts to integer minor units, half to even, exact."""

from __future__ import annotations


def minor(amount_sql: str, digits: int, *, scale: int = 4) -> str:
    """A BIGINT of minor units from a decimal amount, rounded half to even; NULL where it does not fit.

    Parameters
    ----------
    amount_sql : a DECIMAL expression with at most `scale` decimals (a quantity times a price has 3 + 4 = 7).
    digits : decimals of the currency (`values.money.minor_digits`).
    scale : decimals of the expression.

    Exact because it counts in integers: the amount in units of 10^-scale, its quotient and remainder by 10^(scale - digits).
    """
    whole = f"TRY(CAST(({amount_sql}) * {10**scale} AS HUGEINT))"
    if scale <= digits:
        return f"TRY_CAST(TRY({whole} * {10 ** (digits - scale)}) AS BIGINT)"
    unit = 10 ** (scale - digits)
    quotient = f"({whole} // {unit})"
    rest = f"abs({whole} % {unit})"
    step = f"CASE WHEN {rest} * 2 > {unit} OR ({rest} * 2 = {unit} AND {quotient} % 2 <> 0) THEN sign({whole}) ELSE 0 END"
    return f"TRY_CAST({quotient} + {step} AS BIGINT)"
