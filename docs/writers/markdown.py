"""Markdown as the generated pages use it: the head of a page, tables, safe cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTICE = {
    "en": "<!-- Written by `make docs` from {source}. Change the code, not this page. -->",
    "zh": "<!-- 由 `make docs` 从 {source} 生成。请修改代码，不要修改本页。 -->",
}
GENERATED = {
    "en": "_This page is generated from the code (`{source}`) and checked by the tests._",
    "zh": "_本页由代码（`{source}`）生成，并由测试核对。_",
}


def notice(source: str, language: str = "en") -> str:
    """The first line of a generated page."""
    return NOTICE[language].format(source=source)


def page(title: str, intro: str, source: str, parts: Iterable[str], language: str = "en") -> str:
    """A whole page, with the notice that it is generated."""
    head = [notice(source, language), f"# {title}", intro.strip(), GENERATED[language].format(source=source)]
    return "\n\n".join(head) + "\n\n" + "\n".join(parts).rstrip() + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells are made safe."""
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def cell(value: object) -> str:
    """A value as one table cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value).replace("\n", " ").replace("|", "\\|")


def code(text: object) -> str:
    """A word of the code."""
    return f"`{text}`"
