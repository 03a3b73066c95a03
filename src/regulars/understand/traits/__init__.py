"""Traits: what are customers like, each of them and all together, and who is like whom?

Hears: Profiles Refreshed, Reviews Loaded, Products Loaded. Tells: nothing.
Owns: tag, customer_tag (records); the warehouse tables customer_traits and customer_tags (derived; made anew after each load).
"""

from regulars.understand.traits.catalogue import FAMILIES, TRAITS, WINDOWS
from regulars.understand.traits.domain import (
    Alike,
    AlikeAnswer,
    BulkTagged,
    CustomerTraits,
    Distribution,
    Tag,
    Trait,
    Traits,
    TraitValue,
)
from regulars.understand.traits.exports import alike_table, distribution_table, traits_table, values_csv
from regulars.understand.traits.likeness import alike
from regulars.understand.traits.reference import reference_page
from regulars.understand.traits.service import customer_traits, distribution, overview, refresh, retag
from regulars.understand.traits.tagging import change_tag, delete_tag, make_tag, tag_customers, tag_of, tags
from regulars.understand.traits.words import value_words

__all__ = [
    "FAMILIES",
    "TRAITS",
    "WINDOWS",
    "Alike",
    "AlikeAnswer",
    "BulkTagged",
    "CustomerTraits",
    "Distribution",
    "Tag",
    "Trait",
    "TraitValue",
    "Traits",
    "alike",
    "alike_table",
    "change_tag",
    "customer_traits",
    "delete_tag",
    "distribution",
    "distribution_table",
    "make_tag",
    "overview",
    "reference_page",
    "refresh",
    "retag",
    "tag_customers",
    "tag_of",
    "tags",
    "traits_table",
    "value_words",
    "values_csv",
]
