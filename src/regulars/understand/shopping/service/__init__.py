"""The verbs of the shopping room, one file per report."""
