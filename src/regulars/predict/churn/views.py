"""The four views: satisfaction, product quality, service experience, brand and price; and what leavers say in surveys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from regulars.predict.churn.answers import Behind, SurveyReason, ViewGroup, Views, ViewSum
from regulars.predict.churn.levels import WARNING
from regulars.predict.churn.queries import bought_by, bought_most, buyers, mark_sums, marked, survey_answers
from regulars.predict.churn.reading import newest_run, said_run
from regulars.predict.churn.reasons import REASON_GROUPS, SYMPTOMS, VIEWS, View
from regulars.predict.churn.surveys import ANSWERS_DAYS, survey_group
from regulars.predict.churn.words import REASON_NAMES, VIEW_NAMES, word
from regulars.understand.metrics import Scope, data_span, instant, scope_of
from regulars.values.money import Money
from regulars.warehouse import Warehouse, unbound

if TYPE_CHECKING:
    from regulars.access import Shop

#: What stands behind a view is looked for in so many days before the run, as are answers to surveys.
BEHIND_DAYS = ANSWERS_DAYS
_DIMENSIONS = ("product", "category", "seller")
_NAMED = 5
#: A lift of fewer buyers than this among the warned is chance.
_FEWEST = 5
_OFTENER = 1.2


def views(warehouse: Warehouse, shop: Shop, *, language: str = "en") -> Views:
    """How many of the warned, and how much money, each view speaks for; what they bought more often than everybody; what leavers said."""
    run = newest_run(warehouse, shop.shop_id)
    if run is None:
        return Views(run=None, warned=0, without_cause=0, views=[], survey=[])
    key = ("churn.views", shop.shop_id, language)
    return warehouse.cached(key, lambda: _views(warehouse, shop, run, language))


def _views(warehouse: Warehouse, shop: Shop, run: Mapping[str, Any], language: str) -> Views:
    moment: datetime = said_run(run, language).as_of
    scores = unbound("churn_scores")
    rows = scores.filter(scores.shop_id == shop.shop_id, scores.as_of == instant(moment), scores.level.isin(list(WARNING)))
    causes = [group for group in REASON_GROUPS if group not in SYMPTOMS]
    marks: dict[str, Sequence[str]] = {f"group_{group}": [group] for group in causes}
    marks |= {f"view_{view}": groups for view, groups in VIEWS.items()}
    flagged = marked(rows, {**marks, "any_cause": causes})
    sums = warehouse.rows(mark_sums(flagged, [*marks, "any_cause"]))[0]
    scope, since = scope_of(data_span(warehouse, shop), shop), moment - timedelta(days=BEHIND_DAYS)
    answers = warehouse.rows(survey_answers(shop.shop_id, since, moment))
    said: Counter[str] = Counter()
    for row in answers:
        said[survey_group(row["answer"]) or ""] += row["customers"]
    seen = [view for view in VIEWS if sums[f"view_{view}_customers"] >= _FEWEST]
    behind = _behind(warehouse, scope, since, moment, flagged, seen) if seen else {}
    made = [
        ViewSum(
            view=view,
            name=word(VIEW_NAMES, view, language),
            customers=sums[f"view_{view}_customers"],
            share=sums[f"view_{view}_customers"] / sums["customers"] if sums["customers"] else None,
            expected_loss=Money(int(sums[f"view_{view}_loss"] or 0), run["currency"]),
            groups=[
                ViewGroup(
                    group=group,
                    name=word(REASON_NAMES, group, language),
                    customers=sums[f"group_{group}_customers"],
                    expected_loss=Money(int(sums[f"group_{group}_loss"] or 0), run["currency"]),
                    survey_answers=said.get(group, 0),
                )
                for group in groups
            ],
            behind=behind.get(view, []),
        )
        for view, groups in VIEWS.items()
    ]
    return Views(
        run=said_run(run, language),
        warned=sums["customers"],
        without_cause=sums["customers"] - sums["any_cause_customers"],
        views=made,
        survey=[
            SurveyReason(answer=row["answer"][:80], group=survey_group(row["answer"]), customers=row["customers"])
            for row in answers[:20]
        ],
    )


def _behind(
    warehouse: Warehouse, scope: Scope, start: datetime, end: datetime, flagged: ir.Table, seen: Sequence[View]
) -> dict[View, list[Behind]]:
    """What each view's customers bought at least 1.2 times as often as everybody, by how many customers that is too many."""
    marks = [f"view_{view}" for view in seen]
    found: dict[View, list[tuple[float, Behind]]] = {view: [] for view in seen}
    for dimension in _DIMENSIONS:
        both = bought_by(scope, dimension, start, end, flagged, marks)
        whole = warehouse.rows(buyers(both, marks))[0]
        for row in warehouse.rows(bought_most(both, marks, _FEWEST)):
            for view in seen:
                name, count = f"view_{view}", row[f"view_{view}_customers"]
                if count < _FEWEST:
                    continue
                share, usual = count / whole[name], row["everybody"] / whole["everybody"]
                if share >= _OFTENER * usual:
                    one = Behind(
                        dimension=dimension,
                        key=row["key"],
                        name=row["name"] or row["key"],
                        customers=count,
                        share=share,
                        lift=share / usual,
                        refunds=int(row[f"{name}_refunds"] or 0),
                        mean_rating=row[f"{name}_stars"],
                    )
                    found[view].append((count - usual * whole[name], one))
    return {
        view: [one for _, one in sorted(rows, key=lambda pair: (-pair[0], pair[1].dimension, pair[1].key))[:_NAMED]]
        for view, rows in found.items()
    }
