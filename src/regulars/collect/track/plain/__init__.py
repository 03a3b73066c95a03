"""Plain messages shaped in columns: what most clients send most of the time, some ten times as fast as message by message.

A message is plain where its shape leaves nothing to decide: a track, page or screen with ordinary ids and times, numbers as JSON
numbers, and nothing in it that could name a person or break a schema. Every other message is read by `domain.shaping`, whose words
these are: for a plain message both say the same, which the tests hold them to.
"""

from __future__ import annotations

from regulars.collect.track.plain.lane import PLACES, Lane, Rows, Visible

__all__ = ["PLACES", "Lane", "Rows", "Visible"]
