"""Counting verdicts: where rows ended, how often each rule was met, and a few rows to show for it."""

from __future__ import annotations

from collections.abc import Iterable

from regulars.collect.imports.domain.rules import ABOUT_THE_FILE, BIT, RULES, Outcome
from regulars.warehouse.workbench import Workbench

EXAMPLES = 5

_OUTCOME_OF = {BIT[rule.id]: rule.outcome for rule in RULES.values()}


def outcomes(bench: Workbench, table: str, rows_of_file: str) -> dict[int, dict[Outcome, int]]:
    """File number -> outcome -> rows, from the bit that decided each row."""
    found: dict[int, dict[Outcome, int]] = {}
    for number, rule, rows in bench.rows(f"SELECT {rows_of_file}, rule, count(*) FROM {table} GROUP BY ALL"):
        outcome: Outcome = "loaded" if rule == 0 else _OUTCOME_OF[rule]
        kinds = found.setdefault(number, {})
        kinds[outcome] = kinds.get(outcome, 0) + rows
    return found


def met(bench: Workbench, table: str, rules: Iterable[str] | None = None) -> dict[str, tuple[int, list[int]]]:
    """Rule -> rows that met it, and the first few of them. One pass over the table.

    Rules that decide are counted where they decided; rules that flag, on loaded rows (or on all, see `ABOUT_THE_FILE`).
    """
    asked = [RULES[name] for name in (rules or RULES)]
    parts = []
    for rule in asked:
        if rule.outcome == "loaded":
            hit = f"flags & {BIT[rule.id]} <> 0" + ("" if rule.id in ABOUT_THE_FILE else " AND rule = 0")
        else:
            hit = f"rule = {BIT[rule.id]}"
        parts.append(f"count(*) FILTER ({hit}), min(row_id, {EXAMPLES}) FILTER ({hit})")
    row = bench.rows(f"SELECT {', '.join(parts)} FROM {table}")[0]
    return {rule.id: (row[2 * place], row[2 * place + 1] or []) for place, rule in enumerate(asked) if row[2 * place]}
