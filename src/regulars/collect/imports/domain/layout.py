"""What a layout is: an export of a known system, recognised by its headers alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from regulars.collect.imports.domain.fields import Kind

Part = Literal["whole", "orders", "items", "payments", "customers", "products", "reviews", "sellers", "translation"]


_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")


def loose(header: str) -> str:
    """A header in small letters with single blanks, brackets kept: the form layouts are written in."""
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "")
    return re.sub(r"[\s_]+", " ", text).strip().strip("'\"").casefold()


@dataclass(frozen=True, slots=True)
class Layout:
    """One known export.

    Attributes
    ----------
    signature : headers that must all be there; `without` must not.
    either : groups of headers of which one each must be there too.
    bare : headers are compared without their brackets: `花费(元)` is `花费`.
    columns : field -> headers, the first one present is taken.
    closed : no other column is matched by general words.
    utc : its times without an offset are UTC.
    assumptions : what is taken for granted, told in the report.
    source : of costs: the platform all its rows belong to.
    """

    name: str
    title: str
    kind: Kind
    signature: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    part: Part = "whole"
    family: str = ""
    without: tuple[str, ...] = ()
    closed: bool = False
    utc: bool = False
    assumptions: tuple[str, ...] = ()
    tags: tuple[str, ...] = field(default=())  # columns kept together as `name=value` labels
    either: tuple[tuple[str, ...], ...] = ()
    bare: bool = False
    source: str = ""

    def fits(self, headers: Iterable[str]) -> bool:
        """Whether a file with these headers is this export."""
        present = {loose(_BRACKETS.sub("", loose(header)) if self.bare else header) for header in headers}
        some = all(any(header in present for header in group) for group in self.either)
        return (
            some and all(header in present for header in self.signature) and not any(header in present for header in self.without)
        )


def columns(**told: str) -> dict[str, tuple[str, ...]]:
    """Field to headers, written with bars between."""
    return {name: tuple(loose(header) for header in headers.split("|")) for name, headers in told.items()}
