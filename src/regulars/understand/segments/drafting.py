"""A tree as rows of a form, and back: what people click together is the same text that files and the API hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.errors import InvalidInput

Row = dict[str, Any]
#: Kinds of rows, in the order they are offered.
KINDS = (
    "did", "did_not", "first", "stopped", "regularly", "sequence", "ordered", "trait", "prediction", "attribute", "tag", "segment",
)  # fmt: skip
_LISTED = ("in", "not_in", "between")
_BARE = ("is_set", "not_set")


def new_row(kind: str) -> Row:
    """A row of a kind with what is usual in it."""
    usual: dict[str, Row] = {
        "did": {"event": "Product Viewed", "measure": "count", "of": "total", "bound": "at_least", "number": "1", "within": "30"},
        "did_not": {"event": "Order Completed", "within": "30"},
        "first": {"event": "Order Completed", "within": "30"},
        "stopped": {"event": "Product Viewed", "since": "30", "before": "60"},
        "regularly": {"event": "", "weeks": "3", "of_weeks": "4"},
        "sequence": {"steps": [new_step("Product Added"), new_step("Order Completed")], "days": "7", "within": "30"},
        "ordered": {"measure": "count", "of": "brand", "bound": "at_least", "number": "1", "within": "365"},
        "trait": {"key": "orders", "op": "gte", "value": "2"},
        "prediction": {"key": "status", "op": "eq", "value": "overdue"},
        "attribute": {"key": "tier", "op": "eq", "value": ""},
        "tag": {"tag": "", "is": "yes"},
        "segment": {"segment": "", "is": "yes"},
    }
    return {"kind": kind, **usual[kind], "where": [], "until": "", "from": "", "to": "", "number2": "", "times": "1"}


def new_step(event: str) -> Row:
    """A step of a sequence."""
    return {"event": event, "where": []}


def new_group(joined: str = "all") -> Row:
    """An empty group."""
    return {"kind": "group", "joined": joined, "rows": []}


def group_of(tree: Mapping[str, Any] | None) -> Row:
    """A tree as a group of rows."""
    if tree is None:
        return {**new_group(), "rows": [new_row("did")]}
    tree = _usual(tree)
    if (joined := _joined(tree)) is not None:
        inner = tree.get("not", tree)
        below = inner if isinstance(inner, list) else next((inner[one] for one in ("all", "any") if one in inner), [inner])
        rows = [group_of(one) if _joined(_usual(one)) else row_of(one) for one in below]
        return {"kind": "group", "joined": joined, "rows": rows}
    return {**new_group(), "rows": [row_of(tree)]}


def tree_of(group: Row) -> dict[str, Any]:
    """A group of rows as a tree.

    Raises
    ------
    InvalidInput : a number is none, or a field is empty.
    """
    if group["kind"] != "group":
        return _tree_of_row(group)
    rows = [tree_of(one) for one in group["rows"]]
    match group["joined"]:
        case "none":
            return {"not": {"any": rows}}
        case "not_all":
            return {"not": {"all": rows}}
    return {group["joined"]: rows}


def _joined(tree: Mapping[str, Any]) -> str | None:
    """How a group is joined; null for what is no group. What is denied and no row of its own is a group of one."""
    if set(tree) in ({"all"}, {"any"}):
        return next(iter(tree))
    if set(tree) != {"not"}:
        return None
    inner = tree["not"]
    if isinstance(inner, list) or set(inner) == {"any"}:
        return "none"
    if set(inner) == {"all"}:
        return "not_all"
    return None if _row_of(tree) else "none"


def _usual(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """A condition in the form that rows are made of, where it can be written in several."""
    inner = tree.get("attribute")
    if isinstance(inner, Mapping) and "key" in inner:
        return {"attribute": inner["key"], **{name: inner[name] for name in ("op", "value") if name in inner}}
    if isinstance(inner, Mapping) and inner:
        pairs = [{"attribute": key, "value": value} for key, value in inner.items()]
        return pairs[0] if len(pairs) == 1 else {"all": pairs}
    if "did_not" in tree:
        return {"not": {"did": tree["did_not"], **{name: value for name, value in tree.items() if name != "did_not"}}}
    return tree


def row_of(tree: Mapping[str, Any]) -> Row:
    """One condition as a row; what no form can hold stays as text."""
    tree = _usual(tree)
    made = _row_of(tree)
    try:
        fits = made is not None and _tree_of_row(made) == _plain(tree)
    except InvalidInput:
        fits = False
    return made if fits and made is not None else {"kind": "text", "tree": dict(tree)}


def _row_of(tree: Mapping[str, Any]) -> Row | None:
    if set(tree) == {"not"} and isinstance(tree["not"], Mapping):
        inner = tree["not"]
        if set(inner) == {"tag"} or set(inner) == {"segment"}:
            kind = next(iter(inner))
            return {**new_row(kind), kind: inner[kind], "is": "no"}
        if "did" in inner and not set(inner) - {"did", "within_days", "until_days_ago", "range"}:
            return _event_row("did_not", inner["did"], inner)
        return None
    for kind in ("tag", "segment"):
        if set(tree) == {kind}:
            return {**new_row(kind), kind: tree[kind]}
    for kind in ("trait", "prediction", "attribute"):
        if kind in tree and isinstance(tree[kind], str):
            value = tree.get("value", "")
            shown = ", ".join(_shown(one) for one in value) if isinstance(value, list) else _shown(value)
            return {**new_row(kind), "key": tree[kind], "op": tree.get("op", "eq"), "value": shown}
    if "did" in tree and tree.get("first"):
        return _event_row("first", tree["did"], tree)
    if "did" in tree:
        row = _event_row("did", tree["did"], tree)
        return _bounded(row, tree) if row else None
    if "did_not" in tree:
        return _event_row("did_not", tree["did_not"], tree)
    if "stopped" in tree:
        row = _event_row("stopped", tree["stopped"], tree)
        return row and {
            **row,
            "since": _shown(tree.get("since_days", "")),
            "before": _shown(tree.get("before_days", "")),
            "times": _shown(tree.get("at_least", 1)),
        }
    if "regularly" in tree:
        row = _event_row("regularly", tree["regularly"], tree)
        return row and {**row, "weeks": _shown(tree.get("at_least", "")), "of_weeks": _shown(tree.get("of_weeks", ""))}
    if "sequence" in tree:
        found = [_event_row("sequence", one, tree) for one in tree["sequence"]]
        steps = [{name: one[name] for name in ("event", "where", "label")} for one in found if one]
        if len(steps) == len(found):
            days = str(tree.get("within", "")).removesuffix("d")
            return {**new_row("sequence"), "steps": steps, "days": days, **_when(tree)}
    if "ordered" in tree:
        where = list((tree["ordered"] or {}).get("where", []))
        row = _where(new_row("ordered"), where)
        row = {**row, **_when(tree)}
        return {**row, "measure": "first"} if tree.get("first") else _bounded(row, tree)
    return None


def _event_row(kind: str, event: Any, tree: Mapping[str, Any]) -> Row | None:
    told: Mapping[str, Any] = {"event": event} if isinstance(event, str) else event
    row = _where(new_row(kind), list(told.get("where", [])))
    if set(told) - {"event", "where", "label"}:
        return None
    return {
        **row,
        "event": told.get("event") or "",
        "label": told.get("label") or "",
        **_when(tree),
    }


def _where(row: Row, where: list[Mapping[str, Any]]) -> Row:
    return {**row, "where": [new_condition(one) for one in where]}


def new_condition(told: Mapping[str, Any]) -> Row:
    """A condition inside a row, as its fields hold it."""
    value = told.get("value", "")
    shown = ", ".join(_shown(one) for one in value) if isinstance(value, list) else _shown(value)
    return {"key": told["key"], "op": told.get("op", "eq"), "value": shown, "on": told.get("on", "event")}


def _bounded(row: Row, tree: Mapping[str, Any]) -> Row:
    said = [name for name in ("at_least", "at_most", "exactly") if name in tree]
    bound = "between" if said == ["at_least", "at_most"] else said[0] if said else "at_least"
    measure, of = str(tree.get("measure", "count")), row.get("of", "")
    if measure.endswith(")"):
        measure, of = measure[:-1].split("(", 1)
    return {
        **row,
        "bound": bound,
        "number": _shown(tree.get("at_least" if bound == "between" else bound, 1)),
        "number2": _shown(tree.get("at_most", "")) if bound == "between" else "",
        "measure": measure,
        "of": of,
    }


def _tree_of_row(row: Row) -> dict[str, Any]:
    kind = row["kind"]
    told: dict[str, Any]
    match kind:
        case "group":
            return tree_of(row)
        case "text":
            return dict(_plain(row["tree"]))
        case "tag" | "segment":
            told = {kind: _word(row[kind])}
            return told if row["is"] == "yes" else {"not": told}
        case "trait" | "prediction" | "attribute":
            return {kind: _word(row["key"]), **_compared(row["op"], row["value"])}
        case "did":
            measure = row["measure"] if row["measure"] == "count" else f"{row['measure']}({_word(row['of'])})"
            told = {"did": _event(row)}
            if measure != "count":
                told["measure"] = measure
            return {**told, **_bound(row), **_within(row)}
        case "did_not":
            return {"not": {"did": _event(row), **_within(row)}}
        case "first":
            return {"did": _event(row), "first": True, **_within(row)}
        case "stopped":
            more = {"before_days": _number(row["before"])} if str(row["before"]).strip() else {}
            times = {} if str(row["times"]).strip() in ("", "1") else {"at_least": _number(row["times"])}
            return {"stopped": _event(row), "since_days": _number(row["since"]), **more, **times}
        case "regularly":
            return {"regularly": _event(row), "at_least": _number(row["weeks"]), "of_weeks": _number(row["of_weeks"])}
        case "sequence":
            days = str(row["days"]).strip()
            within = {"within": days if days[-1:] in tuple("smhdw") else f"{_number(days)}d"} if days else {}
            return {"sequence": [_event(one) for one in row["steps"]], **within, **_within(row)}
        case _:
            where = _conditions(row)
            told = {"ordered": {"where": where} if where else {}}
            if row["measure"] == "first":
                return {**told, "first": True, **_within(row)}
            if row["measure"] != "count":
                told["measure"] = f"{row['measure']}({row['of']})" if row["measure"] == "top_share" else row["measure"]
            return {**told, **_bound(row), **_within(row)}


def _event(row: Row) -> dict[str, Any]:
    where, label = _conditions(row), str(row.get("label", "")).strip()
    return {
        "event": str(row["event"]).strip() or None,
        **({"where": where} if where else {}),
        **({"label": label} if label else {}),
    }


def _conditions(row: Row) -> list[dict[str, Any]]:
    return [
        {
            "key": str(one["key"]).strip(),
            **({} if one.get("on", "event") == "event" else {"on": one["on"]}),
            **_compared(one["op"], one["value"]),
        }
        for one in row["where"]
        if str(one["key"]).strip()
    ]


def _compared(op: str, value: Any) -> dict[str, Any]:
    if op in _BARE:
        return {"op": op}
    if op in _LISTED:
        return {"op": op, "value": [_typed(one) for one in str(value).replace("，", ",").split(",") if one.strip()]}
    return {"op": op, "value": _typed(str(value))}


def _within(row: Row) -> dict[str, Any]:
    between = {name: str(row.get(name, "")).strip() for name in ("from", "to") if str(row.get(name, "")).strip()}
    if between:
        return {"range": between}
    told = (("within_days", row.get("within", "")), ("until_days_ago", row.get("until", "")))
    return {name: _number(value) for name, value in told if str(value).strip()}


def _when(tree: Mapping[str, Any]) -> Row:
    between = tree.get("range") or {}
    return {
        "within": _shown(tree.get("within_days", "")), "until": _shown(tree.get("until_days_ago", "")),
        "from": _shown(between.get("from", "")), "to": _shown(between.get("to", "")),
    }  # fmt: skip


def _bound(row: Row) -> dict[str, Any]:
    if row["bound"] == "between":
        return {"at_least": _number(row["number"]), "at_most": _number(row["number2"])}
    return {row["bound"]: _number(row["number"])}


def _typed(text: str) -> Any:
    text = text.strip()
    try:
        return _number(text)
    except InvalidInput:
        return text


def _number(text: Any) -> float:
    try:
        value = float(str(text).strip())
    except ValueError:
        raise InvalidInput(f"'{text}' is no number", mend="write digits only", code="bad_number") from None
    return int(value) if value == int(value) else value


def _word(text: Any) -> str:
    if not str(text).strip():
        raise InvalidInput("a field of a condition is empty", mend="fill it in, or take the condition out", code="empty_field")
    return str(text).strip()


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _plain(tree: Any) -> Any:
    """Without what goes without saying, so that two ways to write one thing compare as one."""
    if isinstance(tree, Mapping):
        made = {key: _plain(value) for key, value in tree.items()}
        for name in ("did", "regularly", "stopped"):
            if isinstance(made.get(name), str):
                made[name] = {"event": made[name]}
        if "sequence" in made:
            made["sequence"] = [{"event": one} if isinstance(one, str) else one for one in made["sequence"]]
        if ("did" in made or "ordered" in made) and "first" not in made and not {"at_least", "at_most", "exactly"} & set(made):
            made["at_least"] = 1
        if "key" in made or any(name in made for name in ("trait", "prediction", "attribute")):
            made.setdefault("op", "eq")
        if set(made) == {"not"} and isinstance(made["not"], dict) and "did" in made["not"] and made["not"].get("at_least") == 1:
            made["not"] = {key: value for key, value in made["not"].items() if key != "at_least"}
        return made
    return [_plain(one) for one in tree] if isinstance(tree, list) else tree
