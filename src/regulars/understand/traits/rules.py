"""The rule of a tag as it is told and kept: a tree of conditions as of a segment, conditions that must all hold, a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.errors import InvalidInput
from regulars.understand.questions import Asked
from regulars.understand.questions import told as questions

MOST_CONDITIONS = 20


def rule_of(given: Mapping[str, Any] | None, base: Asked) -> dict[str, Any] | None:
    """A rule, checked; null without one. Conditions are written as in questions, and are on the customer.

    Raises
    ------
    InvalidInput : a field or condition that cannot be asked, or nothing at all.
    """
    if given is None:
        return None
    rule = questions.object_of(given, "rule", ("where", "segment", "where_tree"))
    where = rule.get("where") or []
    if not isinstance(where, list) or len(where) > MOST_CONDITIONS:
        raise InvalidInput(
            "`rule.where` is no list of conditions", mend=f"give up to {MOST_CONDITIONS} conditions", code="bad_rule"
        )
    kept = [{**one, "on": "customer"} if isinstance(one, Mapping) else one for one in where]
    found: dict[str, Any] = {"where": kept, "segment": rule.get("segment")}
    read(found, base)
    tree = rule.get("where_tree")
    if tree is not None and tree != {"all": []}:
        found["where_tree"] = tree
    if not kept and found["segment"] is None and "where_tree" not in found:
        raise InvalidInput("the rule says nothing", mend="give a condition in `where_tree`, or a `segment`", code="bad_rule")
    return found


def read(rule: Mapping[str, Any], base: Asked) -> Asked:
    """A kept rule as a question's whose, but for its tree."""
    return questions.asked({"where": rule.get("where") or [], "segment": rule.get("segment")}, base)
