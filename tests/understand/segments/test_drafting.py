"""Trees as rows of a form: whatever can be written is shown as fields, and the fields mean the same."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.understand.segments import drafting
from regulars.understand.segments.domain.library import LIBRARY
from regulars.understand.segments.domain.reading import definition

_WHERE = [{"key": "category", "value": "Tea"}, {"key": "region", "op": "in", "value": ["a", "b"], "on": "customer"}]
TREES: list[dict[str, Any]] = [
    *[dict(one.where_tree) for one in LIBRARY],
    {"did": {"event": "A", "where": _WHERE}, "at_least": 2, "at_most": 5, "within_days": 30, "until_days_ago": 7},
    {"did": {"event": "A", "label": "Looked"}, "at_least": 2},
    {"sequence": [{"event": "A", "label": "First"}, "B"]},
    {"did": "A", "range": {"from": "2026-01-01", "to": "2026-02-01"}},
    {"did_not": "A", "at_least": 2},
    {"not": {"trait": "orders", "op": "gte", "value": 2}},
    {"not": [{"tag": "vip"}, {"did": "A"}]},
    {"not": {"all": [{"tag": "vip"}, {"not": {"any": [{"did": "A"}, {"segment": "b"}]}}]}},
    {"sequence": ["A", {"event": "B", "where": _WHERE}, "C"], "within": "2h", "within_days": 9},
    {"stopped": {"event": "A", "where": _WHERE}, "since_days": 7, "before_days": 30, "at_least": 3},
    {"ordered": {"where": [{"key": "category", "value": "Tea"}]}, "first": True, "within_days": 30},
    {"ordered": {}, "measure": "top_share(brand)", "at_least": 0.6},
    {"attribute": {"tier": "gold", "city": "Oslo"}},
    {"attribute": {"key": "tier", "op": "is_set"}},
]


@pytest.mark.parametrize("tree", TREES)
def test_a_tree_is_fields_that_mean_the_same(tree: dict[str, Any]) -> None:
    group = drafting.group_of(tree)
    again = drafting.tree_of(group)

    assert _texts(group) == []
    assert _plain(definition(again, "UTC").tree) == _plain(definition(tree, "UTC").tree)


def _texts(it: dict[str, Any]) -> list[Any]:
    if it["kind"] != "group":
        return [it["tree"]] if it["kind"] == "text" else []
    return [one for row in it["rows"] for one in _texts(row)]


def _plain(node: Any) -> Any:
    """Groups of one are what is in them; no bound is at least one."""
    of = getattr(node, "of", None)
    if isinstance(of, tuple):
        inner = [_plain(one) for one in of]
        return inner[0] if len(inner) == 1 else (type(node).__name__, inner)
    if type(node).__name__ == "Not":
        return ("Not", _plain(of))
    text = repr(node)
    return text.replace("Bounds(at_least=1, ", "Bounds(at_least=None, ")
