"""The grammar of written amounts, and what each shape of a value says about the decimal sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from regulars.collect.imports.parsing.currencies import MONEY
from regulars.collect.imports.parsing.evidence import Shape, Shapes

_WIDE = "０１２３４５６７８９．，－−–（）＋＄￥￡＇’`´\u00a0\u202f\u2009\u3000"
_NARROW = "0123456789.,---()+$¥£''''" + "    "
_TO_NARROW = str.maketrans(_WIDE, _NARROW)

_PLAIN = re.compile(r"[-+]?(?:9+(?:\.9*)?|\.9+)(?:[eE][-+]?9{1,2})?")
_CURRENCY_FRONT = re.compile(rf"(?i)^([-+(]*) *{MONEY} *")
_CURRENCY_BACK = re.compile(rf"(?i) *{MONEY} *([-)]*)$")
_SIGN = re.compile(rf"(?i)(?<![A-Za-z]){MONEY}(?![A-Za-z])")


def narrowed() -> tuple[str, str]:
    """Full-width and typographic signs, and the plain ones they stand for, as `translate` wants them."""
    return _WIDE, _NARROW


def pattern(decimal: str) -> str:
    """A whole amount under this decimal sign; thousands may be grouped by the other sign, blanks or quotes, also the Indian way."""
    point = re.escape(decimal)
    group = "," if decimal == "." else r"\."
    grouped = [rf"[0-9]{{1,3}}(?:{sign}[0-9]{{3}})+" for sign in (group, " ", "'")]
    if decimal == ".":
        grouped.append("[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")
    whole = "|".join([*grouped, "[0-9]+"])
    return rf"[-+]? ?(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][-+]?[0-9]{{1,2}})?"


def both(decimal: str) -> str:
    """An amount that holds both signs, so that it can be read one way only."""
    group = "," if decimal == "." else r"\."
    point = re.escape(decimal)
    indian = "|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}" if decimal == "." else ""
    return rf"[-+]? ?(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+{indian}){point}[0-9]+"


class Votes:
    """What the shapes of a column say about the decimal sign, in rows."""

    def __init__(self) -> None:
        self.decimals: Counter[str] = Counter()  # rows that show this sign to be the decimal sign
        self.both: Counter[str] = Counter()  # of them, rows that hold both signs
        self.either: Counter[str] = Counter()  # rows with this sign, which could be either
        self.groups: Counter[str] = Counter()
        self.signs: Counter[str] = Counter()
        self.plain = True
        self.steps: set[str] = set()
        self._bare: list[str] = []

    def take(self, shape: Shape, padded: bool) -> None:
        """Count one shape."""
        text = shape.shape.translate(_TO_NARROW)
        self.plain = self.plain and _PLAIN.fullmatch(shape.shape) is not None
        if padded:
            self.steps.add("text")
        if text != shape.shape:
            self.steps.add("wide")
        if sign := _SIGN.search(text):
            self.signs[sign[0].upper() if sign[0].isascii() and len(sign[0]) == 3 and sign[0].isalpha() else sign[0]] += shape.rows
            self.steps.add("currency")
        bare = _CURRENCY_BACK.sub(r"\1", _CURRENCY_FRONT.sub(r"\1", text))
        signed = re.sub(r"^([^-].*?) *-$", r"-\1", re.sub(r"^\( *(.*?) *\)$", r"-\1", bare))
        if signed != bare:
            self.steps.add("negative")
        self._bare.append(signed)
        self._vote(re.sub(r"^[-+] ?", "", signed), shape.rows)

    def _vote(self, body: str, rows: int) -> None:
        for group in (" ", "'"):
            if group in body:
                self.groups[group] += rows
        body = re.sub("[ ']", "", body)
        points, commas = body.count("."), body.count(",")
        if points and commas:
            last = max(".,", key=body.rfind)
            if re.fullmatch(both(last), body):
                self.decimals[last] += rows
                self.both[last] += rows
                self.groups["," if last == "." else "."] += rows
            return
        mark, other = (".", ",") if points else (",", ".")
        if points + commas > 1:
            if re.fullmatch(pattern(other), body):  # 1.234.567: the sign groups, so the other one is the decimal sign
                self.decimals[other] += rows
                self.groups[mark] += rows
        elif points + commas == 1 and re.fullmatch(pattern(mark), body):
            left, right = body.split(mark)
            if len(right) == 3 and 1 <= len(left) <= 3:
                self.either[mark] += rows
            else:
                self.decimals[mark] += rows

    def lone_zeros(self, count: Callable[[str], int]) -> None:
        """`0,125` cannot group thousands: count such values where nothing else decides."""
        for mark in ".,":
            if self.either[mark] and (found := count(rf"^[^0-9]*0[{mark}][0-9]{{3}}[^0-9]*$")):
                self.decimals[mark] += found
                self.either[mark] -= found

    def either_only(self) -> bool:
        return not self.decided() and bool(self.either["."] or self.either[","])

    def decided(self) -> bool:
        return bool(self.decimals["."] or self.decimals[","])

    def decimal(self) -> str:
        """The decimal sign most rows speak for; a point where none does."""
        return "," if self.decimals[","] > self.decimals["."] else "."

    def ambiguous(self) -> bool:
        """Some values could be either and nothing, or both, speaks for one reading."""
        uncertain = self.either["."] or self.either[","]
        return bool(uncertain and (not self.decided() or (self.decimals["."] and self.decimals[","])))

    def all_readable(self, decimal: str, mixed: bool) -> bool:
        """True if every shape is an amount under this decimal sign."""
        other = both("," if decimal == "." else ".")
        return all(re.fullmatch(pattern(decimal), bare) or (mixed and re.fullmatch(other, bare)) for bare in self._bare)

    def whole_digits(self, decimal: str) -> int:
        """Most digits before the decimal sign (many, where exponents are used)."""
        return max((99 if "e" in bare.lower() else sum(c == "9" for c in bare.split(decimal)[0]) for bare in self._bare), default=0)

    def decimals_of(self, decimal: str) -> int:
        """Most digits after the decimal sign (many, where exponents are used)."""
        return max((99 if "e" in bare.lower() else len(bare.partition(decimal)[2]) for bare in self._bare), default=0)


def vote(seen: Shapes) -> Votes:
    """Let every shape speak."""
    votes = Votes()
    for shape in seen.found:
        votes.take(shape, seen.padded)
    if not seen.complete:
        votes.plain = False
    if votes.either[","] and votes.decimal() == ".":
        votes.groups[","] += votes.either[","]
    return votes
