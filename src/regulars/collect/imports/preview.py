"""A quick look at files before anything is read: their columns and what they would be taken for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.intake import look, match
from regulars.errors import InvalidInput


def names_shops(kind: Kind, paths: Sequence[Path], options: LoadOptions) -> bool:
    """Whether any of the files has a column that names shops; False where that cannot be told yet."""
    for path in paths:
        try:
            mapping = match(kind, look(path, options), options, {}, path.name)
        except InvalidInput:
            return False
        if mapping.column("shop"):
            return True
    return False
