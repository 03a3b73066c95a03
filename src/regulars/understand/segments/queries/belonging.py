"""Who belongs: one row per customer with everything that conditions ask, and each segment as a column of yes and no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand import rfm
from regulars.understand.questions import Asked
from regulars.understand.questions.properties import TAG, Operand, of_customer
from regulars.understand.questions.queries import instant, judged
from regulars.understand.segments.domain.traits import LINE_KEYS, SCORES, TRAITS, VALUE_COLUMNS, Known
from regulars.understand.segments.domain.tree import (
    All,
    AnyOf,
    Attribute,
    Bounds,
    Definition,
    Did,
    InTurn,
    Leaf,
    Member,
    Node,
    Not,
    Ordered,
    Regularly,
    Score,
    Stopped,
    Tag,
    Trait,
    leaves,
)
from regulars.understand.segments.queries import orders
from regulars.understand.segments.queries.bits import BITS, chosen
from regulars.understand.segments.queries.facts import Fact, all_named, candidates, facts_of, in_one_pass, in_turn, unheard
from regulars.warehouse import unbound

#: Sums of decimals are compared after this many digits: 0.1 + 0.7 is at least 0.8.
_DIGITS = 6
_NEXT_ORDER_COLUMNS = {
    "expected_in_days": "expected_at",
    "yearly_value": "yearly_value_minor",
    "value_at_stake": "value_at_stake_minor",
}


@dataclass(frozen=True)
class Judged:
    """The row of every customer, and where each condition's facts and each listed segment stand in it."""

    rows: ir.Table
    as_of: datetime
    facts: Mapping[Fact, str]
    bought: Mapping[Ordered, str]
    turns: Mapping[InTurn, str]
    listed: Mapping[str, str]
    dynamic: Mapping[str, Node]  # segments that are judged by their tree wherever another asks for them
    known_only: frozenset[str] = field(default_factory=frozenset)
    counted: bool = True  # facts say how often, also where it is enough to know whether


def judged_rows(
    asked: Asked,
    money: orders.Money,
    definitions: Mapping[str, Definition],
    listed: Sequence[str],
    as_of: datetime,
    *,
    held: Iterable[str] = (),
    counted: bool = False,
) -> Judged:
    """One row per candidate: `customer_id`, `known`, and a column for each thing that any of the definitions asks.

    Parameters
    ----------
    definitions : the trees, by segment.
    listed : segments whose members stand in `segment_members` whatever happens.
    held : segments of which to say as well who is in them now.
    counted : how often, also where it is enough to know whether; for who shows the reasons of one customer.
    """
    asks = list(dict.fromkeys(leaf for one in definitions.values() for leaf in leaves(one.tree)))
    facts = list(dict.fromkeys(fact for leaf in asks for fact in facts_of(leaf, as_of, counted=counted)))
    named = {fact: f"f{i}" for i, fact in enumerate(facts)}
    # Of one customer the parts are asked one by one, as each finds its rows by the customer; of all in as few passes as may be.
    if facts and not counted and all_named(facts):
        who = any(one.known_only for one in definitions.values())
        rows = _with_unheard(in_one_pass(asked, facts, everybody=True, who=who), asked.shop_id)
    else:
        rows = candidates(asked.shop_id)
        if facts:
            rows = _joined(rows, in_one_pass(asked, facts))
    stored = list(dict.fromkeys([*listed, *held]))
    where: dict[str, str] = {}
    if stored:
        rows, where = _with_members(rows, asked.shop_id, stored)
    turns = {leaf: f"turn{i}" for i, leaf in enumerate(leaf for leaf in asks if isinstance(leaf, InTurn))}
    for turn, name in turns.items():
        rows = _joined(rows, in_turn(asked, turn, as_of).mutate(**{name: ibis.literal(1, "int64")}))
    rows, bought = _with_orders(rows, asked.shop_id, money, [leaf for leaf in asks if isinstance(leaf, Ordered)], as_of)
    rows = _with_attributes(rows, asked.shop_id, asks)
    rows = _with_profiles(rows, asked.shop_id, money, asks, as_of)
    trees = {name: one.tree for name, one in definitions.items()}
    only = frozenset(name for name, one in definitions.items() if one.known_only)
    return Judged(rows, as_of, named, bought, turns, where, trees, only, counted)


def belongs(judged_: Judged, segment_id: str) -> ir.BooleanValue:
    """Whether each customer is in a segment of these definitions; never null."""
    inside = holds(judged_, judged_.dynamic[segment_id])
    return inside & (judged_.rows.known > 0) if segment_id in judged_.known_only else inside


def holds(judged_: Judged, node: Node) -> ir.BooleanValue:
    """Whether each customer meets a tree; never null."""
    match node:
        case All(of):
            return reduce(lambda a, b: a & b, (holds(judged_, one) for one in of)) if of else ibis.literal(True)
        case AnyOf(of):
            return reduce(lambda a, b: a | b, (holds(judged_, one) for one in of)) if of else ibis.literal(False)
        case Not(of):
            return ~holds(judged_, of)
        case _:
            return _leaf(judged_, node)


def _leaf(j: Judged, leaf: Leaf) -> ir.BooleanValue:
    rows = j.rows
    match leaf:
        case Attribute(condition) | Trait(condition) | Score(condition):
            return judged(_told(rows, leaf), condition)
        case Tag(tag):
            return rows["tags"].contains(f",{tag.strip()},").fill_null(False) | rows[_given(tag)].notnull()
        case Member(segment_id):
            if segment_id in j.dynamic:
                return belongs(j, segment_id)
            return rows[j.listed[segment_id]]
        case InTurn():
            return rows[j.turns[leaf]].notnull()
        case Did(first=True):
            start, first = leaf.period.at(j.as_of).start, value(j, leaf)
            return first.notnull() if start is None else (first >= instant(start)).fill_null(False)
        case Ordered(first=True):
            start, first = leaf.period.at(j.as_of).start, value(j, leaf)
            return first.notnull() if start is None else (first >= instant(start)).fill_null(False)
        case Did(bounds=bounds) | Ordered(bounds=bounds):
            return _bounded(value(j, leaf), bounds, whole=leaf.measure == "count")
        case Stopped():
            before, since = (rows[j.facts[fact]].fill_null(0) for fact in facts_of(leaf, j.as_of, counted=j.counted))
            return (before >= leaf.at_least) & (since == 0)
        case Regularly():
            return _bounded(value(j, leaf), Bounds(at_least=leaf.weeks), whole=True)


def value(j: Judged, leaf: Leaf) -> ir.Value:
    """What a condition found of each customer: a number, an instant, a word; of a count, 0 where nothing happened."""
    match leaf:
        case Attribute() | Trait() | Score():
            return _told(j.rows, leaf).text
        case Tag(tag):
            return ibis.ifelse(j.rows[_given(tag)].notnull(), tag.strip(), j.rows["tags"])
        case Member(segment_id):
            return belongs(j, segment_id) if segment_id in j.dynamic else j.rows[j.listed[segment_id]]
        case InTurn():
            return j.rows[j.turns[leaf]].notnull()
        case Ordered():
            column = j.rows[j.bought[leaf]]
            return column.fill_null(0.0) if leaf.measure in ("count", "amount", "units") and not leaf.first else column
        case Stopped():
            return j.rows[j.facts[facts_of(leaf, j.as_of, counted=j.counted)[0]]].fill_null(0.0)
        case Did():
            column = j.rows[j.facts[facts_of(leaf, j.as_of, counted=j.counted)[0]]]
            return column.fill_null(0.0) if leaf.measure in ("count", "sum") and not leaf.first else column
        case Regularly():
            return j.rows[j.facts[facts_of(leaf, j.as_of, counted=j.counted)[0]]].fill_null(0.0)


def since(j: Judged, leaf: Stopped) -> ir.Value:
    """Of a `stopped` condition, what happened since."""
    return j.rows[j.facts[facts_of(leaf, j.as_of, counted=j.counted)[1]]].fill_null(0.0)


def _bounded(number: ir.Value, bounds: Bounds, *, whole: bool) -> ir.BooleanValue:
    number = number if whole else number.round(_DIGITS)
    tests = [number >= 1] if bounds.open else []
    if bounds.at_least is not None:
        tests.append(number >= float(bounds.at_least))
    if bounds.at_most is not None:
        tests.append(number <= float(bounds.at_most))
    if bounds.exactly is not None:
        tests.append(number == float(bounds.exactly))
    return reduce(lambda a, b: a & b, tests).fill_null(False)


def _told(rows: ir.Table, leaf: Attribute | Trait | Score) -> Operand:
    column = rows[_column(leaf)]
    if column.type().is_string():
        return Operand(column, column.try_cast("float64"))
    return Operand(column.cast("string"), column)


def _column(leaf: Attribute | Trait | Score) -> str:
    kind = {Attribute: "attribute", Trait: "trait", Score: "score"}[type(leaf)]
    return f"{kind}::{leaf.condition.key}"


def _with_members(rows: ir.Table, shop_id: str, segments: Sequence[str]) -> tuple[ir.Table, dict[str, str]]:
    """Who stands in these segments now, those too whom nothing else knows."""
    members = unbound("segment_members")
    members = members.filter(members.shop_id == shop_id, members.segment_id.isin(list(segments)))
    ordered = sorted(segments)
    words = {f"members{start // BITS}": ordered[start : start + BITS] for start in range(0, len(ordered), BITS)}
    held = members.group_by("customer_id").aggregate(**{name: _bit(members, some).bit_or() for name, some in words.items()})
    rows = _joined(rows, held, everybody=True)
    where = {segment_id: f"in{i}" for i, segment_id in enumerate(segments)}
    inside = {
        where[segment_id]: ((rows[name].fill_null(0) >> bit) & 1) == 1
        for name, some in words.items()
        for bit, segment_id in enumerate(some)
    }
    return rows.mutate(**inside).drop(*words), where


def _bit(members: ir.Table, segments: Sequence[str]) -> ir.IntegerValue:
    """The bit of each member's segment, among these in order; 0: it is none of them."""
    bits = chosen([1 << k for k in range(len(segments))], lambda k: members.segment_id < segments[k], low=0, high=len(segments) - 1)
    outside = (members.segment_id < segments[0]) | (members.segment_id > segments[-1])
    return ibis.ifelse(outside, 0, bits)


def _with_unheard(seen: ir.Table, shop_id: str) -> ir.Table:
    """Everybody a segment may hold: those of the events, and whoever else was loaded or ordered."""
    others = unheard(shop_id).distinct().select(other_id="customer_id", loaded="known")
    both = seen.outer_join(others, seen.customer_id == others.other_id)
    both = both.mutate(
        customer_id=both.customer_id.coalesce(both.other_id), known=ibis.greatest(both.known.fill_null(0), both.loaded.fill_null(0))
    )
    return both.drop("other_id", "loaded")


def _with_orders(
    rows: ir.Table, shop_id: str, money: orders.Money, asks: Sequence[Ordered], as_of: datetime
) -> tuple[ir.Table, dict[Ordered, str]]:
    where: dict[Ordered, str] = {}
    folded = [leaf for leaf in asks if leaf.measure not in ("top_share", "price_index")]
    on_lines = [leaf for leaf in folded if any(one.key in LINE_KEYS for one in leaf.where)]
    on_orders = [leaf for leaf in folded if leaf not in on_lines]
    if on_orders:
        rows = _joined(rows, orders.of_orders(shop_id, money, [(leaf, leaf.period.at(as_of)) for leaf in on_orders]))
        where |= {leaf: f"o{i}" for i, leaf in enumerate(on_orders)}
    if on_lines:
        rows = _joined(rows, orders.of_lines(shop_id, money, [(leaf, leaf.period.at(as_of)) for leaf in on_lines]))
        where |= {leaf: f"l{i}" for i, leaf in enumerate(on_lines)}
    for i, leaf in enumerate(leaf for leaf in asks if leaf not in folded):
        made = orders.largest_share if leaf.measure == "top_share" else orders.price_index
        rows = _joined(rows, made(shop_id, money, leaf, leaf.period.at(as_of)).rename({f"x{i}": "value"}))
        where[leaf] = f"x{i}"
    return rows, where


#: Scores of the churn warning, and their columns.
_RISKS = {
    "churn_level": "level", "churn_probability": "probability", "churn_loss": "loss_minor", "churn_cause": "cause",
}  # fmt: skip


def _with_attributes(rows: ir.Table, shop_id: str, asks: Sequence[Leaf]) -> ir.Table:
    for key in dict.fromkeys(leaf.condition.key for leaf in asks if isinstance(leaf, Attribute)):
        values = of_customer(unbound("events"), unbound("customers"), shop_id, key)
        values = values.group_by("customer_id").aggregate(**{f"attribute::{key}": values.value.max()})
        rows = _joined(rows, values)
    if any(isinstance(leaf, Tag) for leaf in asks):
        tags = of_customer(unbound("events"), unbound("customers"), shop_id, "tags")
        tags = tags.mutate(value=tags.value.replace("[", "").replace("]", "").replace('"', "").replace(";", ","))
        tags = tags.mutate(value=ibis.literal(",") + tags.value.replace(", ", ",").strip() + ",")
        rows = _joined(rows, tags.group_by("customer_id").aggregate(tags=tags.value.max()))
    for tag in dict.fromkeys(leaf.tag for leaf in asks if isinstance(leaf, Tag)):  # given by hand or by a rule
        given = of_customer(unbound("events"), unbound("customers"), shop_id, f"{TAG}{tag.strip()}")
        rows = _joined(rows, given.rename({_given(tag): "value"}))
    return rows


def _given(tag: str) -> str:
    return f"tag::{tag.strip()}"


def _with_profiles(rows: ir.Table, shop_id: str, money: orders.Money, asks: Sequence[Leaf], as_of: datetime) -> ir.Table:
    traits = list(dict.fromkeys(leaf.condition.key for leaf in asks if isinstance(leaf, Trait)))
    if traits:
        profiles = unbound("customer_profiles")
        profiles = profiles.filter(profiles.shop_id == shop_id)
        made = {f"trait::{name}": _trait(profiles, TRAITS[name], money) for name in traits}
        rows = _joined(rows, profiles.select("customer_id", **made))
    scores = list(dict.fromkeys(leaf.condition.key for leaf in asks if isinstance(leaf, Score)))
    risks = [name for name in scores if name in _RISKS]
    if risks:
        judged = _newest_risks(shop_id)
        rows = _joined(rows, judged.select("customer_id", **{f"score::{name}": _risk(judged, name, money) for name in risks}))
    scores = [name for name in scores if name not in _RISKS]
    for table, of_values in (("next_orders", False), ("customer_values", True)):
        wanted = [name for name in scores if (name in VALUE_COLUMNS) == of_values]
        if wanted:
            coming = unbound(table)
            coming = coming.filter(coming.shop_id == shop_id)
            made = {f"score::{name}": _score(coming, SCORES[name], money, as_of) for name in wanted}
            rows = _joined(rows, coming.select("customer_id", **made))
    return rows


def _newest_risks(shop_id: str) -> ir.Table:
    """Everybody's churn risk as the newest run found it."""
    scores, runs = unbound("churn_scores"), unbound("churn_runs")
    runs = runs.filter(runs.shop_id == shop_id)
    newest = runs.aggregate(as_of=runs.as_of.max())
    return scores.filter(scores.shop_id == shop_id).semi_join(newest, "as_of")


def _risk(judged: ir.Table, name: str, money: orders.Money) -> ir.Value:
    column = judged[_RISKS[name]]
    return column.cast("float64") / money.minor if name == "churn_loss" else column


def _trait(profiles: ir.Table, trait: Known, money: orders.Money) -> ir.Value:
    match trait.name:
        case "refund_share":
            return profiles.refunds_minor.cast("float64") / profiles.gmv_minor.nullif(0)
        case "aov":
            return profiles.gmv_minor.cast("float64") / profiles.orders.nullif(0) / money.minor
        case "days_since_first":
            return (profiles.as_of.epoch_seconds() - profiles.first_order_at.epoch_seconds()).cast("float64") / 86_400
        case "value_type":
            return rfm.value_type(profiles.recency_score, profiles.frequency_score, profiles.monetary_score)
    if trait.kind == "money":
        return profiles[f"{trait.name}_minor"].cast("float64") / money.minor
    return profiles[trait.name] if trait.kind == "text" else profiles[trait.name].cast("float64")


def _score(coming: ir.Table, score: Known, money: orders.Money, as_of: datetime) -> ir.Value:
    column = coming[VALUE_COLUMNS.get(score.name) or _NEXT_ORDER_COLUMNS.get(score.name, score.name)]
    if column.type().is_timestamp():
        return (column.epoch_seconds() - round(as_of.timestamp())).cast("float64") / 86_400
    if score.kind == "money":
        return column.cast("float64") / money.minor
    return column if score.kind == "text" else column.cast("float64")


def _joined(rows: ir.Table, more: ir.Table, *, everybody: bool = False) -> ir.Table:
    """The rows with more columns; `everybody`: also customers whom only the new columns know (not candidates: `known` is null)."""
    more = more.rename({"other_id": "customer_id"})
    if not everybody:
        return rows.left_join(more, rows.customer_id == more.other_id).drop("other_id")
    both = rows.outer_join(more, rows.customer_id == more.other_id)
    return both.mutate(customer_id=both.customer_id.coalesce(both.other_id)).drop("other_id")
