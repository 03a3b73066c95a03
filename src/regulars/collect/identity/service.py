"""The verbs of identity: learn, resolve, apply, list, merge and undo; and its parts in looking up, exporting and erasing people."""

from __future__ import annotations

from regulars.collect.identity.applying import (
    MERGERS,
    MOVERS,
    Applied,
    apply,
    customer_of,
    recover,
    resolve,
    rewrite,
    settle_warehouse,
)
from regulars.collect.identity.asking import Named, identity, merges, one_merge, place_of_merge, refused_merges, same_person, whom
from regulars.collect.identity.checks import CHECKS
from regulars.collect.identity.deciding import APPLY, merge, undo
from regulars.collect.identity.learning import learn
from regulars.collect.identity.leaving import claims_of, forget
from regulars.guard import consent, privacy

__all__ = [
    "APPLY",
    "CHECKS",
    "MERGERS",
    "MOVERS",
    "Applied",
    "Named",
    "apply",
    "customer_of",
    "identity",
    "learn",
    "merge",
    "merges",
    "one_merge",
    "place_of_merge",
    "recover",
    "refused_merges",
    "resolve",
    "rewrite",
    "settle_warehouse",
    "undo",
    "whom",
]

if consent.follow not in MERGERS:
    MERGERS.append(consent.follow)
if same_person not in privacy.SAME_PERSON:
    privacy.SAME_PERSON.append(same_person)
if forget not in privacy.ERASERS:
    privacy.ERASERS.append(forget)
privacy.EXPORTERS["identity_claims"] = claims_of
