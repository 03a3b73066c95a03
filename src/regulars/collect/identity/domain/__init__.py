"""Nouns and rules of identity, without any store."""

from regulars.collect.identity.domain.answers import Decided, Identity, Learned, Merge, OneId, RefusedMerge
from regulars.collect.identity.domain.clusters import Belonging, Claim, Kind, Outcome, Pair, customers_of_known, pair_of, share_out
from regulars.collect.identity.domain.ids import is_group, refusal, text_of
from regulars.collect.identity.domain.messages import IdentityMessage, IllegalId, Reader

__all__ = [
    "Belonging",
    "Claim",
    "Decided",
    "Identity",
    "IdentityMessage",
    "IllegalId",
    "Kind",
    "Learned",
    "Merge",
    "OneId",
    "Outcome",
    "Pair",
    "Reader",
    "RefusedMerge",
    "customers_of_known",
    "is_group",
    "pair_of",
    "refusal",
    "share_out",
    "text_of",
]
