"""Who is behind a pseudonym, kept encrypted; exported and erased on request.

Question: whose data is this, and may it still be here?
Events told: Customer Erased.
Owns: customer_key, person, contact_lookup, sealed_text, erasure, privacy_rule, retention_run, customer_request.
"""

from regulars.guard.privacy.alike import Shared, address_index, alike
from regulars.guard.privacy.archive_files import MERGING, held
from regulars.guard.privacy.domain import Kind, Person, Sealed, normalise
from regulars.guard.privacy.erasure import (
    BEFORE_ERASURE,
    ERASERS,
    QUARANTINES,
    REDERIVERS,
    Certificate,
    anybody_erased,
    erase,
    erased,
    finish_erasures,
)
from regulars.guard.privacy.erasure_list import NAME as ERASURE_LIST
from regulars.guard.privacy.erasure_list import read_list as read_erasure_list
from regulars.guard.privacy.export import EXPORTERS, CustomerExport, as_zip, export_customer
from regulars.guard.privacy.likeness import Likeness
from regulars.guard.privacy.log_lines import harmless, make_harmless
from regulars.guard.privacy.naming import VISITOR, is_visitor, known_id, visitor_id
from regulars.guard.privacy.overwriting import finish_overwriting
from regulars.guard.privacy.people import audit_name
from regulars.guard.privacy.personal_words import is_sensitive
from regulars.guard.privacy.pseudonyms import pseudonym, pseudonyms
from regulars.guard.privacy.register import Processing, register, register_table
from regulars.guard.privacy.replaying import replay_erasures
from regulars.guard.privacy.requests import CustomerRequest, customer_requests
from regulars.guard.privacy.retention import (
    CLASSES,
    Retention,
    RetentionClass,
    RetentionRun,
    change_retention,
    expire,
    longest_days,
    retention,
    retention_runs,
)
from regulars.guard.privacy.rotation import Rotated, finish_rotation, rotate_key
from regulars.guard.privacy.same_person import SAME_PERSON
from regulars.guard.privacy.scrubbing import may_hold_personal, person_of, personal_text, scrub, scrub_text
from regulars.guard.privacy.service import (
    Remembered,
    find_by_contact,
    forget_load,
    remember,
    remember_texts,
    reveal,
    reveal_texts,
)
from regulars.guard.privacy.shop_rules import Decision, decide, decided, decisions
from regulars.guard.privacy.taken import taken_out
from regulars.guard.privacy.traces import ARCHIVES, Change, Expiry, Renaming, rewrite_archives

__all__ = [
    "ARCHIVES",
    "BEFORE_ERASURE",
    "CLASSES",
    "ERASERS",
    "ERASURE_LIST",
    "EXPORTERS",
    "MERGING",
    "QUARANTINES",
    "REDERIVERS",
    "SAME_PERSON",
    "VISITOR",
    "Certificate",
    "Change",
    "CustomerExport",
    "CustomerRequest",
    "Decision",
    "Expiry",
    "Kind",
    "Likeness",
    "Person",
    "Processing",
    "Remembered",
    "Renaming",
    "Retention",
    "RetentionClass",
    "RetentionRun",
    "Rotated",
    "Sealed",
    "Shared",
    "address_index",
    "alike",
    "anybody_erased",
    "as_zip",
    "audit_name",
    "change_retention",
    "customer_requests",
    "decide",
    "decided",
    "decisions",
    "erase",
    "erased",
    "expire",
    "export_customer",
    "find_by_contact",
    "finish_erasures",
    "finish_overwriting",
    "finish_rotation",
    "forget_load",
    "harmless",
    "held",
    "is_sensitive",
    "is_visitor",
    "known_id",
    "longest_days",
    "make_harmless",
    "may_hold_personal",
    "normalise",
    "person_of",
    "personal_text",
    "pseudonym",
    "pseudonyms",
    "read_erasure_list",
    "register",
    "register_table",
    "remember",
    "remember_texts",
    "replay_erasures",
    "retention",
    "retention_runs",
    "reveal",
    "reveal_texts",
    "rewrite_archives",
    "rotate_key",
    "scrub",
    "scrub_text",
    "taken_out",
    "visitor_id",
]
