"""The room's screens: asking, what is kept, boards and goals."""

from regulars.understand.reports.pages import boards, builder, goals, listing

__all__ = ["boards", "builder", "goals", "listing"]
