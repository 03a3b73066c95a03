"""Who is behind a pseudonym, kept encrypted; exported and erased on request.

Question: whose data is this, and may it still be here?
Events told: Customer Erased.
Owns: customer_key, person, contact_lookup, sealed_text, erasure.
"""

from regulars.guard.privacy.domain import Person, Sealed
from regulars.guard.privacy.erasure import ERASERS, erase
from regulars.guard.privacy.export import EXPORTERS, export_customer
from regulars.guard.privacy.pseudonyms import pseudonym, pseudonyms
from regulars.guard.privacy.service import find_by_contact, remember, remember_texts, reveal, reveal_texts

__all__ = [
    "ERASERS",
    "EXPORTERS",
    "Person",
    "Sealed",
    "erase",
    "export_customer",
    "find_by_contact",
    "pseudonym",
    "pseudonyms",
    "remember",
    "remember_texts",
    "reveal",
    "reveal_texts",
]
