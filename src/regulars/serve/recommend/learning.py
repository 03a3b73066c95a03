"""Learning by night: trees for sessions, settings for baskets, and how all of it did against plain methods on the shop's own past."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars import registry
from regulars.registry import Fitted
from regulars.serve.recommend import queries
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.estimator import Ranker, next_basket
from regulars.serve.recommend.estimator.ranker import FEWEST_LISTS, learn
from regulars.serve.recommend.knowledge import histories_of, sessions
from regulars.serve.recommend.live import BASKETS, SESSIONS
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
    """How a method did; the figures are HR@20, MRR@20 and coverage of sessions, recall, NDCG and any hit at ten of baskets."""

    method: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendQuality:
    """The last evaluation. `ranking` tells what answers: `trees` where they won the replay, else `v_stan` and why."""

    judged_at: datetime | None
    ranking: str
    lists: int
    buyers: int
    sessions: list[Method]
    baskets: list[Method]


def learn_all(
    records: Records, warehouse: Warehouse, shop: Shop, *, fewest: int = FEWEST_LISTS, threads: int = 0
) -> RecommendQuality:
    """Learn, judge, and let what won answer from now on.

    Trees answer only where they beat V-STAN on the newest held-out sessions, and the champion where there is one.
    """
    of_sessions, ranking = _learn_sessions(records, warehouse, shop, fewest, threads)
    chosen, of_baskets, buyers = _choose_baskets(warehouse, shop)
    body = json.dumps(chosen.settings(), sort_keys=True).encode()
    fitted = Fitted(
        model=BASKETS,
        as_of=clock.now(),
        method="tifu_up_cf",
        settings={"k": next_basket.K},
        fingerprint=hashlib.sha256(body).hexdigest(),
        trained_on=buyers,
        body=body,
        scores={"sessions": of_sessions[1], "baskets": of_baskets, "lists": of_sessions[0], "ranking": ranking},
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
        sessions=[Method(method=name, figures=row) for name, row in scores["sessions"].items()],
        baskets=[Method(method=name, figures=row) for name, row in scores["baskets"].items()],
    )


def _learn_sessions(
    records: Records, warehouse: Warehouse, shop: Shop, fewest: int, threads: int
) -> tuple[tuple[int, dict[str, Any]], str]:
    number: dict[str, int] = {}
    found = sessions(warehouse, shop.shop_id, number)
    if len(found.ended) < 20:
        return (0, {}), "too_few_sessions"
    with records.reading() as uow:
        now = registry.champion(uow, shop.shop_id, SESSIONS)
        champion = None if now is None else Ranker(registry.body(uow, shop.shop_id, SESSIONS, now.number).decode())
    ranker, replay = learn(
        found.items, found.starts, found.ended, len(number), seed=_SEED, threads=threads, fewest=fewest, champion=champion
    )
    judged = replay.lists, {name: dict(row) for name, row in replay.methods.items()}
    if ranker is None:
        return judged, "too_few_lists"
    if not replay.won:
        return judged, "v_stan_won"
    theirs = replay.methods.get("champion")
    if theirs is not None and replay.methods["regulars"]["mrr"] < theirs["mrr"]:
        return judged, "champion_won"
    fitted = Fitted(
        model=SESSIONS,
        as_of=datetime.fromtimestamp(float(found.ended[-1]) * 86_400, UTC),
        method="lambdarank",
        settings={"seed": _SEED},
        fingerprint=hashlib.sha256(found.items.tobytes() + found.starts.tobytes()).hexdigest(),
        trained_on=len(found.ended),
        body=ranker.text.encode(),
        scores={"hr_20": judged[1]["regulars"]["hr"], "mrr": judged[1]["regulars"]["mrr"]},
        card={"gains": ranker.gains()},
    )
    with records.unit() as uow:
        kept = registry.keep(uow, shop.shop_id, fitted)
        registry.promote(uow, shop.shop_id, SESSIONS, kept.number, by="system", why="it won the replay on held-out sessions")
    return judged, "trees"


def _choose_baskets(warehouse: Warehouse, shop: Shop) -> tuple[next_basket.NextBasket, dict[str, Any], int]:
    """Settings for baskets; the usual ones where too few buyers have come back often enough."""
    number: dict[str, int] = {}
    bought = warehouse.query(queries.lines(shop.shop_id))
    for name in bought.column("product_id").to_pylist():
        number.setdefault(name, len(number))
    every, _, _ = histories_of(bought, number)
    often = np.flatnonzero(every.counts >= _FEWEST_BASKETS)
    often = np.sort(often[np.argsort(-every.counts[often], kind="stable")][:_MOST_BUYERS])
    if len(often) < _FEWEST_BUYERS:
        return next_basket.DEFAULT, {}, 0
    rows = [
        [
            every.items[every.starts[b] : every.starts[b + 1]].tolist()
            for b in range(every.first[u], every.first[u] + every.counts[u])
        ]
        for u in often.tolist()
    ]
    judged = next_basket.judge(Histories.of([one[:-1] for one in rows], len(number)), [one[-1] for one in rows])
    return judged.chosen, judged.figures(), len(often)
