"""Writes the reference pages from the code: `python -m docs.generate`, or `--check` to fail when a page is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from docs.writers import doors, tracking, words

HERE = Path(__file__).parent

PAGES: dict[str, Callable[[], str]] = {
    "reference/metrics.md": words.metrics,
    "reference/traits.md": words.traits,
    "reference/features.md": words.features,
    "reference/cleaning-rules.md": words.cleaning_rules,
    "reference/segments.md": words.segments,
    "reference/layouts.md": words.layouts,
    "reference/events.md": words.events,
    "reference/tracking-plan.md": tracking.tracking_plan,
    "reference/warehouse.md": words.warehouse,
    "reference/command-line.md": doors.command_line,
    "reference/http-api.md": doors.http_api,
    "reference/settings.md": doors.settings,
    "reference/permissions.md": doors.permissions,
    "zh/reference/metrics.md": lambda: words.metrics("zh"),
    "zh/reference/traits.md": lambda: words.traits("zh"),
    "zh/reference/features.md": lambda: words.features("zh"),
    "zh/reference/segments.md": lambda: words.segments("zh"),
    "zh/reference/cleaning-rules.md": lambda: words.cleaning_rules("zh"),
    "zh/reference/tracking-plan.md": lambda: tracking.tracking_plan("zh"),
}


def stale() -> list[str]:
    """The pages whose text is not what the code says now."""
    return [
        name for name, write in PAGES.items() if not (HERE / name).is_file() or (HERE / name).read_text(encoding="utf-8") != write()
    ]


def main(arguments: list[str]) -> int:
    """Write every page, or check them."""
    if arguments == ["--check"]:
        found = stale()
        for name in found:
            print(f"stale: docs/{name}; run `make docs`")  # noqa: T201
        return 1 if found else 0
    for name, write in PAGES.items():
        file = HERE / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(write(), encoding="utf-8")
        print(f"written: docs/{name}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
