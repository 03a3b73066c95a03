"""Which column is which field: recognised layouts, header words, what a person says, and what is asked when it is not clear."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from regulars.collect.imports.domain.fields import FIELDS, IDENTITIES, REQUIRED, Kind
from regulars.collect.imports.domain.layouts import JOINING_FIELDS, Layout, layout_of, loose
from regulars.collect.imports.domain.shapes import guess_by_content
from regulars.collect.imports.domain.synonyms import SYNONYMS, plain
from regulars.errors import InvalidInput

How = Literal["layout", "header", "given", "saved", "content"]

#: Fields where a wrong guess would falsify numbers: two equally good columns are asked about.
_ESSENTIAL = (
    "order_id",
    "ordered_at",
    *IDENTITIES,
    "quantity",
    "unit_price",
    "line_amount",
    "order_total",
    "refund_amount",
    "product_id",
    "price",
    "rating",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file standing for a field, and how that was found."""

    field: str
    column: str
    how: How


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A file's columns as fields.

    `spare` are columns that would fit a field another column already stands for; `unmapped` is everything else that is not read.
    """

    kind: Kind
    layout: Layout | None
    columns: tuple[Column, ...]
    unmapped: tuple[str, ...] = ()
    spare: tuple[tuple[str, str], ...] = ()

    def column(self, field: str) -> str | None:
        """The column that stands for a field."""
        return next((c.column for c in self.columns if c.field == field), None)

    @property
    def fields(self) -> frozenset[str]:
        """The fields the file tells."""
        return frozenset(c.field for c in self.columns)

    def as_dict(self) -> dict[str, str]:
        """Field to column."""
        return {c.field: c.column for c in self.columns}


def fingerprint(kind: Kind, headers: Iterable[str]) -> str:
    """What identifies a form of file: its kind and its headers in plain form, in any order."""
    text = "\x1f".join([kind, *sorted(loose(header) for header in headers)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def parse_maps(given: Iterable[str], kind: Kind) -> dict[str, str]:
    """`field=Column` texts as a dict; `field=` says that no column stands for it.

    Raises
    ------
    InvalidInput : no such field, or not of that form.
    """
    found: dict[str, str] = {}
    for text in given:
        field, mark, column = text.partition("=")
        field = field.strip()
        if not mark or field not in FIELDS[kind]:
            raise InvalidInput(
                f"--map {text}: '{field}' is not a field of {kind}",
                mend=f"write --map field=Column with one of {', '.join(FIELDS[kind])}",
                code="unknown_field",
                field=field,
            )
        found[field] = column.strip().strip("\"'")
    return found


def recognise(
    kind: Kind,
    headers: tuple[str, ...],
    *,
    has_header: bool = True,
    sample: tuple[tuple[str | None, ...], ...] = (),
    given: Mapping[str, str] | None = None,
    saved: Mapping[str, str] | None = None,
    twice: frozenset[str] = frozenset(),
    name: str = "the file",
) -> ColumnMap:
    """Find the field of every column: what a person gave, then what was saved, then the layout, then header words.

    Parameters
    ----------
    headers : the file's column names.
    has_header, sample : for lists without a header, which are recognised by what stands in them.
    given, saved : field -> column, from `--map` and from earlier loads of the same form.
    twice : columns whose name occurs more than once in the file.

    Raises
    ------
    InvalidInput : a required field has no column, or two columns fit one equally well; says what to give.
    """
    chosen: dict[str, Column] = {}
    closed_fields: set[str] = set()
    for how, told in (("given", given or {}), ("saved", saved or {})):
        for field, wanted in told.items():
            if field in chosen or field in closed_fields:
                continue
            if not wanted:
                closed_fields.add(field)
                continue
            chosen[field] = Column(field, _named(wanted, headers, field, name), how)  # type: ignore[arg-type]
    layout = layout_of(headers, kind) if has_header else None
    if has_header and layout is None and not chosen:
        _refuse_other_kind(kind, headers, name)
    if layout and not saved:
        present = {loose(header): header for header in reversed(headers)}
        for field, options in layout.columns.items():
            if not any(options):  # the layout says that no column stands for it
                closed_fields.add(field)
                continue
            found = next((present[option] for option in options if option in present), None)
            if found and field not in chosen and field not in closed_fields and found not in {c.column for c in chosen.values()}:
                chosen[field] = Column(field, found, "layout")
    spare: list[tuple[str, str]] = []
    if not has_header:
        for field, guessed in guess_by_content(kind, headers, sample).items():
            if field not in chosen and field not in closed_fields and guessed not in {c.column for c in chosen.values()}:
                chosen[field] = Column(field, guessed, "content")
    elif not (saved or (layout and layout.closed)):
        _by_words(kind, headers, chosen, closed_fields, spare, name)
    for column in chosen.values():
        if column.column in twice and column.how != "given":
            raise InvalidInput(
                f"two columns of {name} are named '{column.column}', and one would be the field {column.field}",
                mend=f"rename one of them in the file, or choose with --map {column.field}=COLUMN",
                code="column_twice",
                column=column.column,
            )
    used = {c.column for c in chosen.values()} | {column for _, column in spare}
    labels = layout.tags if layout else ()
    unmapped = tuple(header for header in headers if header not in used and loose(header) not in labels)
    order = {field: place for place, field in enumerate((*FIELDS[layout.kind if layout else kind], *JOINING_FIELDS))}
    columns = tuple(sorted(chosen.values(), key=lambda c: order.get(c.field, 999)))
    mapping = ColumnMap(layout.kind if layout else kind, layout, columns, unmapped, tuple(spare))
    if not (layout and layout.family):
        _require(mapping, headers, name)
    return mapping


def _named(wanted: str, headers: tuple[str, ...], field: str, name: str) -> str:
    """The header a person means: as written, else in plain form, else by its number."""
    for form in (str, loose, plain):
        found = [header for header in headers if form(header) == form(wanted)]
        if len(found) == 1 or (found and form is str):
            return found[0]
    if re.fullmatch(r"\d{1,3}", wanted) and 1 <= int(wanted) <= len(headers):
        return headers[int(wanted) - 1]
    raise InvalidInput(
        f"{name} has no column '{wanted}' for {field}",
        mend=f"its columns are: {_listed(headers)}",
        code="unknown_column",
        field=field,
        column=wanted,
    )


def _by_words(
    kind: Kind, headers: tuple[str, ...], chosen: dict[str, Column], closed: set[str], spare: list[tuple[str, str]], name: str
) -> None:
    """Match header words tier by tier: a clear word of any field goes before a vague word of another."""
    forms = {header: (plain(header), loose(header)) for header in headers}
    taken = {c.column for c in chosen.values()}
    for tier in range(3):
        for field, tiers in SYNONYMS[kind].items():
            if tier >= len(tiers) or field in closed:
                continue
            words = tiers[tier]
            fitting = [h for h in headers if h not in taken and (forms[h][0] in words or forms[h][1] in words)]
            if not fitting:
                continue
            if field in chosen:
                if tier == 0:
                    spare.extend((field, header) for header in fitting)
                    taken.update(fitting)
                continue
            if len(fitting) > 1 and field in _ESSENTIAL:
                raise InvalidInput(
                    f"two columns of {name} could be the field {field} ({FIELDS[kind][field].meaning}): {_listed(fitting)}",
                    mend=f"choose one: --map {field}={_quoted(fitting[0])}",
                    code="ambiguous_columns",
                    field=field,
                    columns=fitting,
                )
            fitting.sort(key=lambda h: min(words.index(form) for form in forms[h] if form in words))
            chosen[field] = Column(field, fitting[0], "header")
            taken.add(fitting[0])
            spare.extend((field, header) for header in fitting[1:])
    if kind == "orders" and "ordered_at" not in chosen and "ordered_time" in chosen:
        chosen["ordered_at"] = Column("ordered_at", chosen.pop("ordered_time").column, "header")


def _require(mapping: ColumnMap, headers: tuple[str, ...], name: str) -> None:
    missing = [group for group in REQUIRED[mapping.kind] if not any(field in mapping.fields for field in group)]
    if not missing:
        return
    _refuse_other_kind(mapping.kind, headers, name, even=("orders",))
    group = missing[0]
    fields = FIELDS[mapping.kind]
    known = ", ".join(f"{c.field} = {c.column}" for c in mapping.columns) or "none"
    example = next(iter(mapping.unmapped), "COLUMN")
    raise InvalidInput(
        f"no column of {name} was recognised as {' or '.join(f'{f} ({fields[f].meaning})' for f in group)}. Recognised: {known}. Columns: {_listed(headers)}",
        mend=f"say which column it is, for example --map {group[0]}={_quoted(example)}",
        code="missing_column",
        missing=[list(g) for g in missing],
        columns=list(headers),
        recognised=mapping.as_dict(),
    )


def _refuse_other_kind(kind: Kind, headers: tuple[str, ...], name: str, even: tuple[Kind, ...] = ()) -> None:
    """A known export of another kind is sent to its verb; orders tell of customers and products too, so they may be read as such."""
    other = layout_of(headers, None)
    if other and other.kind != kind and (other.kind != "orders" or other.kind in even):
        raise InvalidInput(
            f"{name} looks like {other.title}, a file of {other.kind}",
            mend=f"load it with `regulars load {other.kind} {name}`",
            code="other_kind",
        )


def _quoted(header: str) -> str:
    return f'"{header}"' if re.search(r"[^\w.-]", header) else header


def _listed(headers: Iterable[str]) -> str:
    shown = [f"'{header[:60]}'" for header in headers]
    return ", ".join(shown[:30]) + (f" and {len(shown) - 30} more" if len(shown) > 30 else "")
