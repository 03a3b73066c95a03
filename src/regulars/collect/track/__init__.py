"""Track: what do customers and visitors do, as their browsers, apps and the shop's servers tell it?

Question: what happened, exactly once, from the SDKs a shop already uses?
Hears: nothing.
Tells: Events Loaded.
Owns: source, source_count, uncollected_count, event_part, event_merging, quarantined_event (records); writes events, event_parts (warehouse); the journal under
`home/journal`, its archive under `home/events`.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "EventFilters": "queries",
    "HeardEvent": "following",
    "LISTENERS": "following",
    "Listener": "following",
    "Loader": "loading",
    "Source": "sources",
    "Unloaded": "unloaded",
    "accept": "accepting",
    "close_source": "sources",
    "journal_of": "loading",
    "make_source_for": "sources",
    "compact": "compaction.running",
    "compacted_at": "compaction.running",
    "open_source": "sources",
    "put_aside": "quarantine",
    "rebuild": "loading",
    "recognise": "sources",
    "source_for": "sources",
    "source_of_catalogue": "sources",
    "source_of_imports": "sources",
    "sources_of": "sources",
    "write_key": "sources",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
