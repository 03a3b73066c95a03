"""Nouns and rules of loading files, free of any store: fields, header words, layouts, mappings, cleaning rules, the report."""

from __future__ import annotations

from regulars.collect.imports.domain.fields import FIELDS, IDENTITIES, KINDS, REQUIRED, Field, Kind
from regulars.collect.imports.domain.layouts import LAYOUTS, Layout, layout_of
from regulars.collect.imports.domain.mapping import Column, ColumnMap, fingerprint, parse_maps, recognise
from regulars.collect.imports.domain.options import LoadOptions, parse_rates, parse_statuses
from regulars.collect.imports.domain.report import (
    Change,
    Example,
    FileReport,
    Found,
    LoadReport,
    LoadStatus,
    MappedColumn,
    Problem,
    ShopShare,
)
from regulars.collect.imports.domain.rules import BIT, OUTCOMES, RULES, Outcome, Rule

__all__ = [
    "BIT",
    "FIELDS",
    "IDENTITIES",
    "KINDS",
    "LAYOUTS",
    "OUTCOMES",
    "REQUIRED",
    "RULES",
    "Change",
    "Column",
    "ColumnMap",
    "Example",
    "Field",
    "FileReport",
    "Found",
    "Kind",
    "Layout",
    "LoadOptions",
    "LoadReport",
    "LoadStatus",
    "MappedColumn",
    "Outcome",
    "Problem",
    "Rule",
    "ShopShare",
    "fingerprint",
    "layout_of",
    "parse_maps",
    "parse_rates",
    "parse_statuses",
    "recognise",
]
