"""Overview, and every metric by day, week or month; the catalogue of definitions that each number links to."""

from __future__ import annotations

from regulars.console import screen
from regulars.console.screen import Screen
from regulars.console import shell, parts


@screen("/", permission="read_reports", nav="Overview", icon="insights", order=10)
def overview_page(s: Screen) -> None:
    """What a growth manager sees first."""
    shell.head(s, s.t("Overview"))
