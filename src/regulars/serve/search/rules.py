"""What operators want of searches, kept: synonyms, and what a query shows, raises, lowers, hides or leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlalchemy import RowMapping, delete, func, insert, select, update

from regulars.access import audit
from regulars.errors import InvalidInput, NotFound
from regulars.serve.search.domain.asking import Synonyms, key_of
from regulars.serve.search.domain.finding import Push, Wishes
from regulars.serve.search.tables import search_rule
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

RuleKind = Literal["synonyms", "query"]
RuleState = Literal["active", "off", "proposed"]
_MOST_RULES, _MOST_WORDS, _MOST_PRODUCTS = 5_000, 50, 200
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymsBody:
    """Words or phrases that mean the same; one way: `words` also find what is `also` said, and not the other way round."""

    words: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryBody:
    """What holds for some queries, or for every one where none is named."""

    queries: tuple[str, ...] = ()
    pins: Mapping[str, int] = field(default_factory=dict)  # product -> its place, 1 is the first
    boost: tuple[str, ...] = ()  # products worth twice as much
    bury: tuple[str, ...] = ()  # products worth a tenth
    hide: tuple[str, ...] = ()
    boost_facet: str | None = None
    boost_value: str | None = None
    bury_facet: str | None = None
    bury_value: str | None = None
    redirect: str | None = None  # where the shopper is sent instead


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRule:
    """One wish: `active`, `off`, or `proposed` (learned, and waiting for somebody to approve it)."""

    rule_id: str
    kind: RuleKind
    state: RuleState
    synonyms: SynonymsBody | None
    query: QueryBody | None
    begins_at: datetime | None
    ends_at: datetime | None
    made_at: datetime
    made_by: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a shop that hold now, ready to be asked."""

    synonyms: Synonyms = field(default_factory=Synonyms)
    of_query: tuple[tuple[frozenset[tuple[str, ...]], QueryBody], ...] = ()

    def of(self, query: str) -> tuple[Wishes, str | None]:
        """What operators want of a query, and where it leads instead of products."""
        key = key_of(query)
        mine = [body for keys, body in self.of_query if not keys or key in keys]
        pins: dict[int, str] = {}
        pushes: list[Push] = []
        hidden: set[str] = set()
        redirect = None
        for body in mine:
            for product_id, place in body.pins.items():
                pins.setdefault(place - 1, product_id)
            pushes += [Push(_BOOST, body.boost), Push(_BURY, body.bury)]
            if body.boost_facet and body.boost_value:
                pushes.append(Push(_BOOST, facet=body.boost_facet, value=body.boost_value))
            if body.bury_facet and body.bury_value:
                pushes.append(Push(_BURY, facet=body.bury_facet, value=body.bury_value))
            hidden.update(body.hide)
            redirect = redirect or body.redirect
        return Wishes(pins, tuple(pushes), frozenset(hidden)), redirect


_BOOST, _BURY = 2.0, 0.1


def holding(uow: UnitOfWork, shop_id: str, kept: dict[str, tuple[Any, Rules]]) -> Rules:
    """The shop's rules that hold now; `kept` holds what was read before, which serves until a rule changes or a minute has gone."""
    moment = clock.now()
    newest: list[Any] = [func.max(search_rule.c.changed_at), func.count()]
    row = uow.one(select(*newest).where(search_rule.c.shop_id == shop_id))
    mark = (*(row.values() if row else ()), int(moment.timestamp()) // 60)
    if shop_id in kept and kept[shop_id][0] == mark:
        return kept[shop_id][1]
    found = _now(uow, shop_id, moment)
    kept[shop_id] = (mark, found)
    return found


def _now(uow: UnitOfWork, shop_id: str, moment: datetime) -> Rules:
    ways: dict[tuple[str, ...], tuple[str, ...]] = {}
    of_query = []
    for rule in listing(uow, shop_id, state="active"):
        if (rule.begins_at and rule.begins_at > moment) or (rule.ends_at and rule.ends_at <= moment):
            continue
        if rule.synonyms is not None:
            words, also = rule.synonyms.words, rule.synonyms.also
            for word in words:
                others = also or tuple(one for one in words if one != word)
                ways[key_of(word)] = tuple(dict.fromkeys((*ways.get(key_of(word), ()), *others)))
        if rule.query is not None:
            of_query.append((frozenset(key_of(one) for one in rule.query.queries), rule.query))
    ways.pop((), None)
    return Rules(Synonyms(ways), tuple(of_query))


def listing(uow: UnitOfWork, shop_id: str, *, kind: RuleKind | None = None, state: RuleState | None = None) -> list[SearchRule]:
    """The rules of a shop, the oldest first."""
    asked = select(search_rule).where(search_rule.c.shop_id == shop_id)
    if kind is not None:
        asked = asked.where(search_rule.c.kind == kind)
    if state is not None:
        asked = asked.where(search_rule.c.state == state)
    return [_rule(row) for row in uow.rows(asked.order_by(search_rule.c.made_at, search_rule.c.rule_id))]


def get(uow: UnitOfWork, shop_id: str, rule_id: str) -> SearchRule:
    """One rule.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    row = uow.one(select(search_rule).where(search_rule.c.shop_id == shop_id, search_rule.c.rule_id == rule_id))
    if row is None:
        raise NotFound(f"there is no rule '{rule_id[:100]}'", mend="list them with `GET /v1/search/rules`", code="no_such_rule")
    return _rule(row)


def make(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    body: SynonymsBody | QueryBody,
    *,
    state: RuleState = "active",
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> SearchRule:
    """A new rule; it holds from the next search on.

    Raises
    ------
    InvalidInput : it says nothing, or names too much; the shop has too many.
    """
    caller.demand("manage_reports")
    caller.demand_shop(shop_id)
    kept = _checked(body, begins_at, ends_at)
    if len(listing(uow, shop_id)) >= _MOST_RULES:
        raise InvalidInput(f"the shop has {_MOST_RULES} rules", mend="delete some that are off", code="too_many_rules")
    at, by = clock.now(), f"{caller.kind}:{caller.id}"
    rule_id = new_id("rule")
    uow.execute(
        insert(search_rule).values(
            rule_id=rule_id, shop_id=shop_id, kind=_kind(body), state=state, body=kept, begins_at=begins_at, ends_at=ends_at,
            made_at=at, made_by=by, changed_at=at, changed_by=by,
        )
    )  # fmt: skip
    audit.record(uow, caller, "search_rule.made", rule_id, after={"state": state, **kept}, shop_id=shop_id)
    return get(uow, shop_id, rule_id)


def change(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    rule_id: str,
    *,
    body: SynonymsBody | QueryBody | None = None,
    state: RuleState | None = None,
) -> SearchRule:
    """Change what a rule says, or whether it holds; approving a proposed one is making it active."""
    caller.demand("manage_reports")
    before = get(uow, shop_id, rule_id)
    values: dict[str, Any] = {}
    if body is not None:
        if _kind(body) != before.kind:
            raise InvalidInput("a rule stays of its kind", mend="make a new rule", code="bad_rule")
        values["body"] = _checked(body, before.begins_at, before.ends_at)
    if state is not None:
        values["state"] = state
    if values:
        later = max(clock.now(), before.changed_at + timedelta(microseconds=1))  # so that who keeps rules sees the change
        values |= {"changed_at": later, "changed_by": f"{caller.kind}:{caller.id}"}
        uow.execute(update(search_rule).where(search_rule.c.rule_id == rule_id).values(**values))
        told = {name: value for name, value in values.items() if name in ("body", "state")}
        audit.record(uow, caller, "search_rule.changed", rule_id, before={"state": before.state}, after=told, shop_id=shop_id)
    return get(uow, shop_id, rule_id)


def remove(uow: UnitOfWork, caller: Caller, shop_id: str, rule_id: str) -> None:
    """Delete a rule."""
    caller.demand("manage_reports")
    get(uow, shop_id, rule_id)
    uow.execute(delete(search_rule).where(search_rule.c.rule_id == rule_id))
    audit.record(uow, caller, "search_rule.deleted", rule_id, shop_id=shop_id)


def _kind(body: SynonymsBody | QueryBody) -> RuleKind:
    return "synonyms" if isinstance(body, SynonymsBody) else "query"


def _checked(body: SynonymsBody | QueryBody, begins_at: datetime | None, ends_at: datetime | None) -> dict[str, Any]:
    if begins_at and ends_at and ends_at <= begins_at:
        raise _bad("a rule ends after it begins", "give `ends_at` later than `begins_at`")
    if isinstance(body, SynonymsBody):
        words, also = _texts(body.words, _MOST_WORDS), _texts(body.also, _MOST_WORDS)
        if len({*words, *also}) < 2:
            raise _bad("synonyms need two words or phrases", "give at least two in `words`, or one and what it is `also` called")
        if any(not key_of(word) for word in words):
            raise _bad("a synonym has no word to compare", "give words, not only marks")
        return {"words": words, "also": also}
    pins = {product_id[:_LONGEST]: int(place) for product_id, place in body.pins.items()}
    if any(not 1 <= place <= 100 for place in pins.values()) or len(set(pins.values())) != len(pins):
        raise _bad("pins have places of their own from 1 to 100", "give every pinned product another place")
    if body.redirect is not None and not body.redirect.startswith(("https://", "http://", "/")):
        raise _bad("a query leads to an address", "begin it with https:// or /")
    kept = {
        "queries": _texts(body.queries, _MOST_PRODUCTS),
        "pins": pins,
        **{name: _texts(getattr(body, name), _MOST_PRODUCTS) for name in ("boost", "bury", "hide")},
        **{name: getattr(body, name) for name in ("boost_facet", "boost_value", "bury_facet", "bury_value", "redirect")},
    }
    if body.redirect is not None and not kept["queries"]:
        raise _bad("a redirect needs the queries that lead there", "name them in `queries`")
    if not any(value for name, value in kept.items() if name != "queries"):
        raise _bad("the rule wants nothing", "pin, boost, bury or hide products, or give a `redirect`")
    return kept


def _texts(texts: Sequence[str], most: int) -> list[str]:
    found = list(dict.fromkeys(one.strip() for one in texts if one.strip()))
    if len(found) > most or any(len(one) > _LONGEST for one in found):
        raise _bad(f"at most {most} texts of {_LONGEST} characters", "shorten the list")
    return found


def _bad(what: str, mend: str) -> InvalidInput:
    return InvalidInput(what, mend=mend, code="bad_rule")


def _rule(row: RowMapping) -> SearchRule:
    body = dict(row["body"])
    assert row["kind"] in get_args(RuleKind)
    several: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
    return SearchRule(
        rule_id=row["rule_id"],
        kind=row["kind"],
        state=row["state"],
        synonyms=SynonymsBody(**several) if row["kind"] == "synonyms" else None,
        query=QueryBody(**several) if row["kind"] == "query" else None,
        begins_at=row["begins_at"],
        ends_at=row["ends_at"],
        made_at=row["made_at"],
        made_by=row["made_by"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
    )
