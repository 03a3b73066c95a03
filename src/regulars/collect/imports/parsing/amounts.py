"""How a column writes amounts of money: which sign is the decimal point, which groups thousands, which currency is named."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from regulars.collect.imports.parsing.currencies import MONEY, meanings
from regulars.collect.imports.parsing.evidence import Shape, cell_text, column_type, is_number, many, shapes
from regulars.errors import InvalidInput
from regulars.warehouse.workbench import Workbench, literal, quote

#: Beyond this size an amount is taken for a slip (a telephone or order number in the wrong column).
LARGEST_AMOUNT = 10**12

_WIDE = "０１２３４５６７８９．，－−–（）＋％＄￥￡＇’`´\u00a0\u202f\u2009\u3000"
_NARROW = "0123456789.,---()+%$¥£''''" + "    "
_PLAIN = re.compile(r"[-+]?(9+(\.9*)?|\.9+)([eE][-+]?9{1,2})?")
_BLANK_OR_QUOTE = "[ ']"


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
    plain : every value is a bare number, a cast suffices. `numeric` : the column holds numbers, not text.
    rows, unreadable : values present, and those of them that cannot be read.
    """

    decimal: str | None = None
    groups: tuple[str, ...] = ()
    currency: str | None = None
    currencies: dict[str, int] = field(default_factory=dict)
    ambiguous: bool = False
    mixed: bool = False
    plain: bool = False
    numeric: bool = False
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str, *, scale: int = 4) -> str:
        """DECIMAL(38, scale), or NULL where missing or unreadable."""
        kind = f"DECIMAL(38,{scale})"
        if self.plain or self.numeric:
            return f"TRY_CAST({column_sql} AS {kind})"
        bare = _bare(column_sql)
        decimal = self.decimal or "."
        branches = f"WHEN regexp_full_match({bare}, {literal(_pattern(decimal))}) THEN TRY_CAST({_digits(bare, decimal)} AS {kind})"
        if self.mixed:
            other = "," if decimal == "." else "."
            branches += f" WHEN regexp_full_match({bare}, {literal(_both(other))}) THEN TRY_CAST({_digits(bare, other)} AS {kind})"
        return f"CASE {branches} END"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no amount."""
        return f"CASE WHEN {self.sql(column_sql)} IS NOT NULL THEN false ELSE {cell_text(column_sql)} IS NOT NULL END"

    def out_of_range(self, column_sql: str) -> str:
        """True where an amount is read but is 1e12 or more in size."""
        return f"coalesce(abs({self.sql(column_sql)}) >= {LARGEST_AMOUNT}, false)"

    def fits(self, currency: str) -> bool:
        """False if the values name a currency that cannot be this one."""
        return all(currency in meanings(sign) for sign in self.currencies)


def detect_amounts(bench: Workbench, table: str, column: str, *, decimal: str | None = None) -> AmountConvention:
    """How the amounts of a column are written, from all its values.

    A value with both signs (`1.234,50`) shows its decimal sign: the last one. So does one whose only sign is not followed by
    exactly three digits (`12,5`), or follows a lone zero (`0,125`). `1,234` alone could be either; the column's other values decide,
    and without any a comma groups thousands and a point is a decimal point.

    Parameters
    ----------
    table, column : plain names (they are quoted here).
    decimal : "." or "," where a person has decided it.
    """
    if decimal not in (None, ".", ","):
        raise InvalidInput(f"'{decimal}' is no decimal sign", mend="say . or ,", code="bad_decimal_sign")
    name = quote(column)
    if is_number(column_type(bench, table, column)):
        found = AmountConvention(numeric=True, decimal=".")
        return _counted(bench, table, name, found, "numbers, as the file's own type says")
    text = cell_text(name)
    seen = shapes(bench, table, text)
    votes = _vote(seen)
    wanted = decimal or votes.decimal()
    plain = wanted == "." and bool(seen) and all(_PLAIN.fullmatch(s.shape) for s in seen)
    convention = AmountConvention(
        decimal=wanted if decimal or votes.decided() else None,
        groups=tuple(sorted(g for g, n in votes.groups.items() if n and g != wanted)),
        currency=_only_currency(votes.signs),
        currencies=dict(votes.signs),
        ambiguous=decimal is None and votes.ambiguous(),
        mixed=decimal is None and votes.both["," if wanted == "." else "."] > 0,
        plain=plain or not seen,
        rows=sum(s.rows for s in seen),
    )
    if wanted == "," and convention.decimal is None:
        convention = _with(convention, decimal=",")
    return _counted(bench, table, name, convention, _explain(convention, votes, wanted, decimal is not None))


class _Votes:
    """What the shapes say about the decimal sign."""

    def __init__(self) -> None:
        self.decimals: Counter[str] = Counter()  # rows that show this sign to be the decimal sign
        self.both: Counter[str] = Counter()  # of them, rows that hold both signs
        self.either: Counter[str] = Counter()  # rows with this sign, which could be either
        self.groups: Counter[str] = Counter()
        self.signs: Counter[str] = Counter()

    def decimal(self) -> str:
        if self.decimals["."] or self.decimals[","]:
            return "," if self.decimals[","] > self.decimals["."] else "."
        return "."

    def decided(self) -> bool:
        return bool(self.decimals["."] or self.decimals[","])

    def ambiguous(self) -> bool:
        """Some values could be either and nothing, or both, speaks for one reading."""
        uncertain = self.either["."] or self.either[","]
        return bool(uncertain and (not self.decided() or (self.decimals["."] and self.decimals[","])))


def _vote(seen: list[Shape]) -> _Votes:
    votes = _Votes()
    for shape in seen:
        text = shape.shape.translate(str.maketrans(_WIDE, _NARROW))
        sign = re.search(rf"(?i)(?<![A-Za-z]){MONEY}(?![A-Za-z])", text)
        if sign:
            votes.signs[_canonical(sign[0])] += shape.rows
        body = re.sub(r"[^0-9., ']", "", re.sub(rf"(?i){MONEY}", "", text)).strip()
        for group in (" ", "'"):
            if group in body:
                votes.groups[group] += shape.rows
        body = re.sub(_BLANK_OR_QUOTE, "", body)
        points, commas = body.count("."), body.count(",")
        if points and commas:
            last = max(".,", key=body.rfind)
            if re.fullmatch(_both(last), body):
                votes.decimals[last] += shape.rows
                votes.both[last] += shape.rows
                votes.groups["," if last == "." else "."] += shape.rows
            continue
        mark = "." if points else ","
        other = "," if points else "."
        if points + commas > 1:
            if re.fullmatch(_pattern(other), body):  # 1.234.567: the sign groups, so the other one is the decimal sign
                votes.decimals[other] += shape.rows
                votes.groups[mark] += shape.rows
        elif points + commas == 1:
            left, right = body.split(mark)
            if len(right) == 3 and 1 <= len(left) <= 3 and not shape.leading_zero:
                votes.either[mark] += shape.rows
            else:
                votes.decimals[mark] += shape.rows
    if votes.either[","] and votes.decimal() == ".":
        votes.groups[","] += votes.either[","]
    return votes


def _canonical(sign: str) -> str:
    return sign if not sign.isalpha() or not sign.isascii() else (sign.upper() if len(sign) == 3 else sign)


def _only_currency(signs: Counter[str]) -> str | None:
    codes = {meanings(sign) for sign in signs}
    if len(codes) != 1:
        return None
    (only,) = codes
    return only[0] if len(only) == 1 else None


def _bare(column_sql: str) -> str:
    """The text without currency and inner sign games: an optional minus, then digits with their separators."""
    text = f"translate({cell_text(column_sql)}, {literal(_WIDE)}, {literal(_NARROW)})"
    text = f"regexp_replace({text}, {literal(rf'(?i)^([-+(]*) *{MONEY} *')}, '\\1')"
    text = f"regexp_replace({text}, {literal(rf'(?i) *{MONEY} *([-)]*)$')}, '\\1')"
    # (12.50) and 12.50- mean minus 12.50
    text = f"regexp_replace({text}, '^\\( *(.*?) *\\)$', '-\\1')"
    return f"regexp_replace({text}, '^([^-].*?) *-$', '-\\1')"


def _pattern(decimal: str) -> str:
    """A whole amount under this decimal sign; thousands may be grouped by the other sign, blanks or quotes, also the Indian way."""
    point = re.escape(decimal)
    group = "," if decimal == "." else r"\."
    grouped = [rf"[0-9]{{1,3}}(?:{sign}[0-9]{{3}})+" for sign in (group, " ", "'")]
    if decimal == ".":
        grouped.append("[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")
    whole = "|".join([*grouped, "[0-9]+"])
    return rf"[-+]? ?(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][-+]?[0-9]{{1,2}})?"


def _both(decimal: str) -> str:
    """An amount that holds both signs, so that it can be read one way only."""
    group = "," if decimal == "." else r"\."
    point = re.escape(decimal)
    indian = "|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}" if decimal == "." else ""
    return rf"[-+]? ?(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+{indian}){point}[0-9]+"


def _digits(bare: str, decimal: str) -> str:
    """What a cast understands."""
    if decimal == ".":
        return f"translate({bare}, ', ''', '')"
    return f"replace(translate({bare}, '. ''', ''), ',', '.')"


def _with(convention: AmountConvention, **changes: object) -> AmountConvention:
    from dataclasses import replace

    return replace(convention, **changes)  # type: ignore[arg-type]


def _counted(bench: Workbench, table: str, name: str, convention: AmountConvention, explanation: str) -> AmountConvention:
    rows, unreadable = bench.rows(f"SELECT count({cell_text(name)}), count(*) FILTER (WHERE {convention.bad(name)}) FROM {quote(table)}")[0]
    tail = f"; {many(unreadable)} cannot be read" if unreadable else ""
    return _with(convention, rows=int(rows), unreadable=int(unreadable), explanation=explanation + tail)


def _explain(convention: AmountConvention, votes: _Votes, wanted: str, told: bool) -> str:
    words = {".": "a point", ",": "a comma"}
    parts: list[str] = []
    other = "," if wanted == "." else "."
    if told:
        parts.append(f"decimal sign {words[wanted]}, as told")
    elif convention.ambiguous:
        meaning = f"'1{other}234' is read as 1234" if votes.either[other] else f"'1{wanted}234' is read with three decimals"
        parts.append(f"ambiguous: decimal sign read as {words[wanted]}, so {meaning}; if that is wrong, say the decimal sign is '{other}'")
    elif votes.decided():
        parts.append(f"decimal sign {words[wanted]}, because {many(votes.decimals[wanted])} can only be read so")
    else:
        parts.append("whole numbers")
    if convention.mixed:
        parts.append(f"{many(votes.both[other])} with {words[other]} as decimal sign (both signs in one value) are read so")
    if convention.currencies:
        parts.append("currency written as " + ", ".join(f"{sign} in {many(n)}" for sign, n in sorted(convention.currencies.items())))
    return "; ".join(parts)
