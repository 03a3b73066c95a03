"""Segments: which customers belong together, by what they are, did and bought; who came, who left, and why?

Hears: Next Orders Refreshed, Churn Scored, Values Refreshed, Customers Merged. Tells: Segment Entered, Segment Left.
Owns: segment, segment_listed, segment_size, segment_hook (records); segment_members, segment_changes, segment_runs (warehouse, derived).
"""

from regulars.understand.segments.domain.kept import Segment, SegmentFile
from regulars.understand.segments.domain.library import LIBRARY
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.domain.tree import Definition
from regulars.understand.segments.evaluating import Evaluated
from regulars.understand.segments.hooks import Hook, NewHook
from regulars.understand.segments.judging import Preview, members_of
from regulars.understand.segments.service import (
    add_hook,
    apply,
    as_file,
    evaluate,
    every_member,
    explain,
    from_library,
    get,
    ids_of_csv,
    listing,
    member_page,
    of_customer,
    overlap,
    preview,
    remove_hook,
    save,
    sizes,
    throw_away,
    whom,
)
from regulars.understand.segments.service import hooks as webhooks

__all__ = [
    "LIBRARY",
    "Definition",
    "Evaluated",
    "Hook",
    "NewHook",
    "Preview",
    "Segment",
    "SegmentFile",
    "add_hook",
    "apply",
    "as_file",
    "definition",
    "evaluate",
    "every_member",
    "explain",
    "from_library",
    "get",
    "ids_of_csv",
    "listing",
    "member_page",
    "members_of",
    "of_customer",
    "overlap",
    "preview",
    "remove_hook",
    "save",
    "sizes",
    "throw_away",
    "webhooks",
    "whom",
]
