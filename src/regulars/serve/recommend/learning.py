"""Learning by night: trees for sessions, settings for baskets, and how all of it did against plain methods on the shop's own past."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars import registry
from regulars.registry import Fitted
from regulars.serve.recommend import clicks, queries
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.estimator import Ranker, next_basket
from regulars.serve.recommend.estimator.ranker import FEWEST_LISTS, learn
from regulars.serve.recommend.knowledge import histories_of
from regulars.serve.recommend.live import BASKETS, SESSIONS
from regulars.serve.recommend.visits import sessions
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

_SEED = 7
#: Buyers among whom settings are chosen and judged, the ones with most baskets; and the baskets a buyer must have.
_MOST_BUYERS = 4_000
_FEWEST_BASKETS = 4
_FEWEST_BUYERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a method did; the figures are HR@20, MRR@20 and coverage of sessions, recall, NDCG and any hit at ten of baskets.

    `intervals` are the 95 % intervals of the means over lists, or buyers; coverage has none.
    """

    method: str
    figures: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendQuality:
    """The last evaluation. `ranking` tells what answers: `trees` where they won the replay, else `v_stan` and why.

    `clicked_lists` are lists that a product was chosen from: below 2,000 nothing is learned from them.
    """

    judged_at: datetime | None
    ranking: str
    lists: int
    buyers: int
    sessions: list[Method]
    baskets: list[Method]
    clicked_lists: int = 0


def learn_all(
    records: Records, warehouse: Warehouse, shop: Shop, *, fewest: int = FEWEST_LISTS, threads: int = 0
) -> RecommendQuality:
    """Learn, judge, and let what won answer from now on.

    Trees answer only where they beat V-STAN on the newest held-out sessions, and the champion where there is one.
    """
    of_sessions, ranking = _learn_sessions(records, warehouse, shop, fewest, threads)
    chosen, of_baskets, buyers = _choose_baskets(warehouse, shop)
    told = {
        "sessions": of_sessions.figures,
        "baskets": of_baskets.figures,
        "intervals": {"sessions": of_sessions.intervals, "baskets": of_baskets.intervals},
        "lists": of_sessions.lists,
        "clicked_lists": of_sessions.clicked_lists,
        "ranking": ranking,
    }
    body = json.dumps(chosen.settings(), sort_keys=True).encode()
    fitted = Fitted(
        model=BASKETS,
        as_of=clock.now(),
        method="tifu_up_cf",
        settings={"k": next_basket.K},
        fingerprint=hashlib.sha256(body).hexdigest(),
        trained_on=buyers,
        body=body,
        scores=told,
        card={"settings": chosen.settings()},
    )
    with records.unit() as uow:
        kept = registry.keep(uow, shop.shop_id, fitted)
        registry.promote(uow, shop.shop_id, BASKETS, kept.number, by="system", why="the newest settings")
    with records.reading() as uow:
        return quality(uow, shop)


def quality(uow: UnitOfWork, shop: Shop) -> RecommendQuality:
    """How the methods did when they were last judged."""
    last = registry.champion(uow, shop.shop_id, BASKETS)
    if last is None:
        return RecommendQuality(judged_at=None, ranking="not_judged", lists=0, buyers=0, sessions=[], baskets=[])
    scores = last.scores
    return RecommendQuality(
        judged_at=last.as_of,
        ranking=scores["ranking"],
        lists=scores["lists"],
        buyers=last.trained_on,
        sessions=_methods(scores, "sessions"),
        baskets=_methods(scores, "baskets"),
        clicked_lists=scores.get("clicked_lists", 0),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """One half of the evaluation."""

    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    intervals: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    lists: int = 0
    clicked_lists: int = 0


def _methods(scores: Mapping[str, Any], of: str) -> list[Method]:
    told = scores.get("intervals", {}).get(of, {})
    return [
        Method(method=name, figures=row, intervals={one: (low, high) for one, (low, high) in told.get(name, {}).items()})
        for name, row in scores[of].items()
    ]


def _learn_sessions(records: Records, warehouse: Warehouse, shop: Shop, fewest: int, threads: int) -> tuple[_Table, str]:
    number: dict[str, int] = {}
    found = sessions(warehouse, shop.shop_id, number)
    if len(found.ended) < 20:
        return _Table(), "too_few_sessions"
    with records.reading() as uow:
        now = registry.champion(uow, shop.shop_id, SESSIONS)
        champion = None if now is None else Ranker(registry.body(uow, shop.shop_id, SESSIONS, now.number).decode())
    clicked, clicked_lists = clicks.chosen(warehouse, shop, number, since=float(found.ended[0]), fewest=fewest)
    ranker, replay = learn(
        found.items,
        found.starts,
        found.ended,
        len(number),
        seed=_SEED,
        threads=threads,
        fewest=fewest,
        champion=champion,
        clicked=clicked,
        peers=True,
    )
    judged = _Table(
        {name: dict(row) for name, row in replay.methods.items()},
        {name: dict(row) for name, row in replay.intervals.items()},
        replay.lists,
        clicked_lists,
    )
    if ranker is None:
        return judged, "too_few_lists"
    if not replay.won:
        return judged, "v_stan_won"
    ours, theirs = replay.methods[replay.offered], replay.methods.get("champion")
    if theirs is not None and ours["mrr"] < theirs["mrr"]:
        return judged, "champion_won"
    fitted = Fitted(
        model=SESSIONS,
        as_of=datetime.fromtimestamp(float(found.ended[-1]) * 86_400, UTC),
        method="lambdarank",
        settings={"seed": _SEED, "clicks": replay.offered == "clicks"},
        fingerprint=hashlib.sha256(found.items.tobytes() + found.starts.tobytes()).hexdigest(),
        trained_on=len(found.ended),
        body=ranker.text.encode(),
        scores={"hr_20": ours["hr"], "mrr": ours["mrr"]},
        card={"gains": ranker.gains()},
    )
    with records.unit() as uow:
        kept = registry.keep(uow, shop.shop_id, fitted)
        registry.promote(uow, shop.shop_id, SESSIONS, kept.number, by="system", why="it won the replay on held-out sessions")
    return judged, "trees"


def _choose_baskets(warehouse: Warehouse, shop: Shop) -> tuple[next_basket.NextBasket, _Table, int]:
    """Settings for baskets; the usual ones where too few buyers have come back often enough."""
    number: dict[str, int] = {}
    bought = warehouse.query(queries.lines(shop.shop_id))
    for name in sorted(set(bought.column("product_id").to_pylist())):
        number.setdefault(name, len(number))
    every, _, _ = histories_of(bought, number)
    often = np.flatnonzero(every.counts >= _FEWEST_BASKETS)
    often = np.sort(often[np.argsort(-every.counts[often], kind="stable")][:_MOST_BUYERS])
    if len(often) < _FEWEST_BUYERS:
        return next_basket.DEFAULT, _Table(), 0
    rows = [
        [
            every.items[every.starts[b] : every.starts[b + 1]].tolist()
            for b in range(every.first[u], every.first[u] + every.counts[u])
        ]
        for u in often.tolist()
    ]
    judged = next_basket.judge(Histories.of([one[:-1] for one in rows], len(number)), [one[-1] for one in rows], peers=True)
    return judged.chosen, _Table(judged.figures(), judged.intervals()), len(often)
