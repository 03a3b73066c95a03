"""The table of what was shown: lists of recommendations as they were served; who saw them is told by events, not here."""

from __future__ import annotations

from regulars.warehouse.specs import TableSpec

LIST_IMPRESSIONS = TableSpec(
    "list_impressions",
    "one product at one place of a list of recommendations that was asked for; it names nobody, events name the list in their list_id",
    {
        "shop_id": "!string",
        "list_id": "!string",
        "position": "!int32",  # from 1
        "product_id": "!string",
        "placement": "!string",
        "model": "!string",  # what put the list in order: v_stan, popular, or a version of the registry
        "arm": "!string",  # of an A/B test; empty: none was running, or nobody was named
        "shown_by": "!string",  # model | random | popular | rule
        "model_rank": "int32",  # its place by the model before the lottery; null: not the model's
        "propensity": "float64",  # the chance that this place showed what it shows by the lottery; null: no lottery
        "served_at": "!timestamp(6)",
    },
    ("shop_id", "list_id", "position"),
)
