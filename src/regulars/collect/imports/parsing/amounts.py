"""How a column writes amounts of money: which sign is the decimal point, which groups thousands, which currency is named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from regulars.collect.imports.parsing.amount_forms import Votes, both, narrowed, pattern, vote
from regulars.collect.imports.parsing.currencies import MONEY, meanings
from regulars.collect.imports.parsing.evidence import column_type, count_where, is_number, many, present, shapes
from regulars.collect.imports.parsing.missing import text_sql
from regulars.errors import InvalidInput
from regulars.warehouse.workbench import Workbench, literal, quote

#: From this size on an amount is taken for a slip (a telephone or order number in the wrong column).
LARGEST_AMOUNT = 10**12

_WIDE, _NARROW = narrowed()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountConvention:
    """How to read the amounts of one column.

    Attributes
    ----------
    decimal : "." or ","; None where no value shows decimals (then "." would be).
    groups : the signs seen between thousands.
    currency : the ISO code of the only currency written in the values, if its sign can mean but one; `currencies` counts the signs.
    ambiguous : the values would also read well the other way (only `1,234`); `decimal` can be given to settle it.
    mixed : besides the convention there are values like `1.234,50` that can only be read the other way, and are.
    plain : every value is a bare number, a cast suffices. `numeric` : the column holds numbers already (`floating` : perhaps NaN).
    steps : what must be cleaned off before reading: `text` (blanks around), `wide`, `currency`, `negative`.
    rows, unreadable, outside : values present; those that cannot be read; those out of range. The expressions hold for the column
    they were detected on and any part of it.
    """

    decimal: str | None = None
    groups: tuple[str, ...] = ()
    currency: str | None = None
    currencies: dict[str, int] = field(default_factory=dict)
    ambiguous: bool = False
    mixed: bool = False
    plain: bool = False
    numeric: bool = False
    floating: bool = False
    steps: tuple[str, ...] = ("text", "wide", "currency", "negative")
    whole_digits: int = 99  # most digits before and after the decimal sign
    decimals: int = 99
    rows: int = 0
    unreadable: int = 0
    outside: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(18,4), or NULL where missing, unreadable or 1e14 and more."""
        return f"TRY_CAST({self.number(column_sql)} AS DECIMAL(18,4))"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no amount."""
        if not self.unreadable:
            return "false"
        return f"({self._size(column_sql)} IS NULL AND {text_sql(column_sql)} IS NOT NULL)"

    def out_of_range(self, column_sql: str) -> str:
        """True where an amount is read but is 1e12 or more in size."""
        return f"coalesce(abs({self._size(column_sql)}) >= {LARGEST_AMOUNT}, false)" if self.outside else "false"

    def number(self, column_sql: str) -> str:
        """What a cast to any number understands; NULL or no number where unreadable."""
        if self.numeric:
            return f"nullif({column_sql}, 'NaN'::DOUBLE)" if self.floating else column_sql
        if self.plain:
            return column_sql
        bare = self._bare(column_sql)
        decimal = self.decimal or "."
        read = _digits(f"regexp_extract({bare}, {literal(f'^(?:{pattern(decimal)})$')})", decimal)
        if not self.mixed:
            return read
        other = "," if decimal == "." else "."
        otherwise = _digits(f"regexp_extract({bare}, {literal(f'^(?:{both(other)})$')})", other)
        return f"coalesce(nullif({read}, ''), {otherwise})"

    def fits(self, currency: str) -> bool:
        """False if the values name a currency that cannot be this one."""
        return all(currency in meanings(sign) for sign in self.currencies)

    def codes(self, currency: str) -> dict[str, str]:
        """Each sign of the values in capitals, and the ISO code it stands for: the shop's own where it can, else the likeliest."""
        return {sign.upper(): currency if currency in meanings(sign) else meanings(sign)[0] for sign in self.currencies}

    def sign(self, column_sql: str) -> str:
        """The currency sign or code written in a value, in capitals; NULL where none is."""
        text = f"translate(CAST({column_sql} AS VARCHAR), {literal(_WIDE)}, {literal(_NARROW)})"
        return f"upper(nullif(regexp_extract({text}, {literal('(?i)' + MONEY)}), ''))"

    def _size(self, column_sql: str) -> str:
        return f"TRY_CAST({self.number(column_sql)} AS DOUBLE)"

    def _bare(self, column_sql: str) -> str:
        """The text without currency and with its minus in front: a sign, then digits with their separators."""
        text = f"CAST({column_sql} AS VARCHAR)"
        if "text" in self.steps:
            text = text_sql(column_sql)
        if "wide" in self.steps:
            text = f"translate({text}, {literal(_WIDE)}, {literal(_NARROW)})"
        if "currency" in self.steps:
            text = f"regexp_replace({text}, {literal(rf'(?i)^([-+(]*) *{MONEY} *')}, '\\1')"
            text = f"regexp_replace({text}, {literal(rf'(?i) *{MONEY} *([-)]*)$')}, '\\1')"
        if "negative" in self.steps:  # (12.50) and 12.50- mean minus 12.50
            text = f"regexp_replace({text}, '^\\( *(.*?) *\\)$', '-\\1')"
            text = f"regexp_replace({text}, '^([^-].*?) *-$', '-\\1')"
        return text


def detect_amounts(bench: Workbench, table: str, column: str, *, decimal: str | None = None) -> AmountConvention:
    """How the amounts of a column are written, from all its values.

    A value with both signs (`1.234,50`) shows its decimal sign: the last one. So does one whose only sign is not followed by
    exactly three digits (`12,5`), or follows a lone zero (`0,125`). `1,234` alone could be either; the column's other values
    decide, and without any a comma groups thousands and a point is a decimal point.

    Parameters
    ----------
    table, column : plain names (they are quoted here).
    decimal : "." or "," where a person has decided it.
    """
    if decimal not in (None, ".", ","):
        raise InvalidInput(f"'{decimal}' is no decimal sign", mend="say . or ,", code="bad_decimal_sign")
    name = quote(column)
    kind = column_type(bench, table, column)
    if is_number(kind):
        return _typed(bench, table, name, kind)
    seen = shapes(bench, table, name)
    votes = vote(seen)
    if votes.either_only():
        votes.lone_zeros(lambda pattern: count_where(bench, table, f"regexp_matches({name}, {literal(pattern)})"))
    wanted = decimal or votes.decimal()
    draft = AmountConvention(
        decimal=wanted if decimal or votes.decided() or wanted == "," else None,
        groups=tuple(sorted(g for g, n in votes.groups.items() if n and g != wanted)),
        currency=_only_currency(votes),
        currencies=dict(votes.signs),
        ambiguous=decimal is None and votes.ambiguous(),
        mixed=decimal is None and votes.both["," if wanted == "." else "."] > 0,
        plain=wanted == "." and seen.complete and votes.plain and not seen.padded,
        steps=tuple(votes.steps) if seen.complete else AmountConvention().steps,
        whole_digits=votes.whole_digits(wanted) if seen.complete else 99,
        decimals=votes.decimals_of(wanted) if seen.complete else 99,
        rows=present(bench, table, seen, text_sql(name)),
        unreadable=1,
        outside=1,
    )
    # Where the shapes leave a doubt, the whole column is counted.
    sure = seen.complete and votes.all_readable(wanted, draft.mixed)
    unreadable = 0 if sure else count_where(bench, table, draft.bad(name))
    outside = 0 if sure and draft.whole_digits < 12 else count_where(bench, table, draft.out_of_range(name))
    tail = f"; {many(unreadable)} cannot be read" if unreadable else ""
    tail += f"; {many(outside)} out of range" if outside else ""
    return replace(
        draft, unreadable=unreadable, outside=outside, explanation=_explain(draft, votes, wanted, decimal is not None) + tail
    )


def _typed(bench: Workbench, table: str, name: str, kind: str) -> AmountConvention:
    draft = AmountConvention(numeric=True, floating=kind in ("DOUBLE", "FLOAT"), decimal=".", unreadable=1, outside=1)
    rows = bench.rows(f"SELECT count({text_sql(name)}) FROM {quote(table)}")[0][0]
    outside = count_where(bench, table, draft.out_of_range(name))
    return replace(draft, rows=int(rows), unreadable=0, outside=outside, explanation="numbers, as the file's own type says")


def _only_currency(votes: Votes) -> str | None:
    codes = {meanings(sign) for sign in votes.signs}
    if len(codes) != 1:
        return None
    (only,) = codes
    return only[0] if len(only) == 1 else None


def _digits(text: str, decimal: str) -> str:
    """What a cast understands."""
    if decimal == ".":
        return f"translate({text}, ', ''', '')"
    return f"replace(translate({text}, '. ''', ''), ',', '.')"


def _explain(convention: AmountConvention, votes: Votes, wanted: str, told: bool) -> str:
    words = {".": "a point", ",": "a comma"}
    parts: list[str] = []
    other = "," if wanted == "." else "."
    if told:
        parts.append(f"decimal sign {words[wanted]}, as told")
    elif convention.ambiguous:
        meaning = f"'1{other}234' is read as 1234" if votes.either[other] else f"'1{wanted}234' is read with three decimals"
        parts.append(
            f"ambiguous: decimal sign read as {words[wanted]}, so {meaning}; if that is wrong, say the decimal sign is '{other}'"
        )
    elif votes.decided():
        parts.append(f"decimal sign {words[wanted]}, because {many(votes.decimals[wanted])} can only be read so")
    else:
        parts.append("whole numbers")
    if convention.mixed:
        parts.append(f"{many(votes.both[other])} with {words[other]} as decimal sign (both signs in one value) are read so")
    if convention.currencies:
        parts.append(
            "currency written as " + ", ".join(f"{sign} in {many(n)}" for sign, n in sorted(convention.currencies.items()))
        )
    return "; ".join(parts)
