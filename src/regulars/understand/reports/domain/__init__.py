"""The nouns of the reports room: runs, kept reports, dashboards, notes, schedules and goals."""
