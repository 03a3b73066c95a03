"""What `regulars doctor` asks of churn warnings: probabilities are such, losses follow from them, and nobody is judged who never bought."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.work import Check, CheckContext, Finding

_MEND = "run `regulars run churn`; customers are judged anew"


def _sound(context: CheckContext) -> Iterator[Finding]:
    table = context.warehouse.table("churn_scores")
    runs = context.warehouse.table("churn_runs")
    wrong = table.filter(
        (table.probability < 0)
        | (table.probability > 1)
        | (table.loss_minor > table.margin_minor)
        | ~table.level.isin(["green", "yellow", "orange", "red"])
        | ((table.level == "green") & table.place.notnull())
    )
    for row in context.warehouse.rows(wrong.group_by("shop_id").aggregate(n=wrong.count())):
        yield Finding(f"{row['n']:,} churn scores contradict themselves", _MEND, f"shop {row['shop_id']}")
    lost = table.anti_join(runs, ["shop_id", "as_of"])
    for row in context.warehouse.rows(lost.group_by("shop_id").aggregate(n=lost.count())):
        yield Finding(f"{row['n']:,} churn scores belong to no run", _MEND, f"shop {row['shop_id']}")


CHECKS = [Check("churn scores", "every risk is a probability, every loss follows from it, and every score is of a run", _sound)]
