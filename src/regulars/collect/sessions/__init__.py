"""Sessions: how do customers and visitors come, and what does each visit hold?

Question: which events are one visit, what brought it, where did it begin and end, and was it a person?
Hears: nothing; the loader of events calls `note` and `follow`; identity and privacy tell when events change customer.
Tells: nothing.
Owns: sessions, session_work, session_ranges (warehouse).
"""

from __future__ import annotations

from regulars.collect.sessions.making import fill, follow, note, rebuild, refresh

__all__ = ["fill", "follow", "note", "rebuild", "refresh"]
