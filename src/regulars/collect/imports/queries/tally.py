"""Counting verdicts: where rows ended, how often each rule was met, and a few rows to show for it."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.domain.rules import ABOUT_THE_FILE, BIT, RULES, Outcome
from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.warehouse.workbench import Workbench

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """Rows of one file that met exactly the same rules: how many, and the first few."""

    file: int
    rule: int  # the bit that decided; 0 = loaded
    flags: int
    rows: int
    first: tuple[int, ...]


def verdicts(bench: Workbench, table: str) -> list[Verdict]:
    """All combinations of verdict and flags, in one pass; a load has a few dozen, however large it is."""
    found = bench.rows(f"SELECT row_id >> {ROW_BITS}, rule, flags, count(*), min(row_id, {EXAMPLES}) FROM {table} GROUP BY ALL")
    return [Verdict(file, rule, flags, rows, tuple(first)) for file, rule, flags, rows, first in found]


def outcomes(found: list[Verdict]) -> dict[int, dict[Outcome, int]]:
    """File number -> outcome -> rows."""
    counted: dict[int, dict[Outcome, int]] = {}
    for one in found:
        outcome: Outcome = "loaded" if one.rule == 0 else _OUTCOME_OF[one.rule]
        kinds = counted.setdefault(one.file, {})
        kinds[outcome] = kinds.get(outcome, 0) + one.rows
    return counted


def met(found: list[Verdict]) -> dict[str, tuple[int, list[int]]]:
    """Rule -> rows that met it, and the first few of them.

    Rules that decide are counted where they decided; rules that flag, on loaded rows (or on all, see `ABOUT_THE_FILE`).
    """
    counted: dict[str, tuple[int, list[int]]] = {}
    for rule in RULES.values():
        bit = BIT[rule.id]
        if rule.outcome == "loaded":
            hits = [one for one in found if one.flags & bit and (one.rule == 0 or rule.id in ABOUT_THE_FILE)]
        else:
            hits = [one for one in found if one.rule == bit]
        if hits:
            first = sorted(row for one in hits for row in one.first)[:EXAMPLES]
            counted[rule.id] = (sum(one.rows for one in hits), first)
    return counted


_OUTCOME_OF = {BIT[rule.id]: rule.outcome for rule in RULES.values()}
