"""Identity: who is who?

Question: which ids are one customer, and which merges were made, refused or taken back?
Hears: Orders Loaded, Customers Loaded, Reviews Loaded, Shop Changed.
Tells: Customers Merged.
Owns: identity_known, identity_claim, identity_alias, identity_refusal, identity_change (records); writes customer_id, named_as and
is_known of the warehouse's tables.
"""

from regulars.collect.identity.domain import Decided, Identity, IdentityMessage, Learned, Merge, OneId, Reader, RefusedMerge
from regulars.collect.identity.service import (
    MERGERS,
    MOVERS,
    Applied,
    Named,
    apply,
    customer_of,
    identity,
    learn,
    merge,
    merges,
    place_of_merge,
    refused_merges,
    resolve,
    rewrite,
    settle_warehouse,
    undo,
    whom,
)

__all__ = [
    "MERGERS",
    "MOVERS",
    "Applied",
    "Decided",
    "Identity",
    "IdentityMessage",
    "Learned",
    "Merge",
    "Named",
    "OneId",
    "Reader",
    "RefusedMerge",
    "apply",
    "customer_of",
    "identity",
    "learn",
    "merge",
    "merges",
    "place_of_merge",
    "refused_merges",
    "resolve",
    "rewrite",
    "settle_warehouse",
    "undo",
    "whom",
]
