"""What people permit and refuse, kept as proof, asked before anything is collected or done.

Question: may this be done with this person's data, on this channel, and why?
Hears: nothing.
Tells: Consent Changed.
Owns: consent, consent_now, consent_wording.
"""

from regulars.guard.consent.collection import (
    CONSENT_EVENTS,
    NECESSARY_EVENTS,
    Collectable,
    CollectionPolicy,
    collectable,
    speaks_of_consent,
    tellings,
)
from regulars.guard.consent.domain import (
    CHANNELS,
    MEANINGS,
    PURPOSES,
    SWITCH,
    Answer,
    Channel,
    Consent,
    Policy,
    Purpose,
    Source,
    Standing,
    State,
    may_by,
)
from regulars.guard.consent.overview import ConsentOverview, overview, overview_table
from regulars.guard.consent.policies import (
    ConsentPolicy,
    Wording,
    add_wording,
    change_policy,
    collection_policy,
    policy,
    policy_history,
    wordings,
)
from regulars.guard.consent.service import (
    GivenConsent,
    Permissions,
    allowed_among,
    follow,
    history,
    learn,
    may,
    merge,
    permissions,
    record,
    states_of,
    unmerge,
)

__all__ = [
    "CHANNELS",
    "CONSENT_EVENTS",
    "MEANINGS",
    "NECESSARY_EVENTS",
    "PURPOSES",
    "SWITCH",
    "Answer",
    "Channel",
    "Collectable",
    "CollectionPolicy",
    "Consent",
    "ConsentOverview",
    "ConsentPolicy",
    "GivenConsent",
    "Permissions",
    "Policy",
    "Purpose",
    "Source",
    "Standing",
    "State",
    "Wording",
    "add_wording",
    "allowed_among",
    "change_policy",
    "collectable",
    "collection_policy",
    "follow",
    "history",
    "learn",
    "may",
    "may_by",
    "merge",
    "overview",
    "overview_table",
    "permissions",
    "policy",
    "policy_history",
    "record",
    "speaks_of_consent",
    "states_of",
    "tellings",
    "unmerge",
    "wordings",
]
