"""A first look at a text: its encoding and its layout as a delimited table."""

from __future__ import annotations

from pathlib import Path

from regulars.collect.imports.readers.cutting import BLANKS
from regulars.collect.imports.readers.description import Compression, FileDescription, Notice, ReadOptions
from regulars.collect.imports.readers.dialect import Layout, judge
from regulars.collect.imports.readers.encoding import Encoding, Evidence, is_utf8, mark_of, named, wide_without_mark
from regulars.collect.imports.readers.naming import column_names
from regulars.errors import InvalidInput


def describe_text(
    path: Path, head: bytes, complete: bool, compression: Compression, member: str | None, overrides: ReadOptions
) -> FileDescription:
    """What a delimited text is, by its beginning (`complete` = that is all of it)."""
    encoding, bom = provisional_encoding(head, complete, overrides)
    text = decoded(head, encoding, complete)
    if not text.strip("\r\n \t\0"):
        raise InvalidInput(
            f"'{path.name}' holds only blank lines", mend="export it again and look whether it has rows", code="empty_file"
        )
    layout = judge(text, overrides)
    names, notices = named_columns(layout, overrides)
    return FileDescription(
        path=path,
        format="blanks" if layout.dialect.separator == BLANKS else "csv",
        compression=compression,
        size_bytes=path.stat().st_size,
        member=member,
        encoding=encoding.codec,
        bom=bom,
        separator=layout.dialect.separator,
        quote=layout.dialect.quote,
        escape=layout.dialect.escape,
        header=layout.header,
        skip_rows=layout.skip_rows,
        columns=names,
        source_columns=layout.names,
        types=dict.fromkeys(names, "VARCHAR"),
        sample=layout.sample,
        notices=tuple(notices),
    )


def provisional_encoding(head: bytes, complete: bool, overrides: ReadOptions) -> tuple[Encoding, bool]:
    """The encoding by a person's word, by the byte order mark, or by the beginning; and whether there is a mark."""
    mark = mark_of(head)
    if overrides.encoding:
        return named(overrides.encoding), mark is not None
    if mark:
        return Encoding(mark[0]), True
    if wide := wide_without_mark(head):
        return Encoding(wide), False
    if is_utf8(head):
        return Encoding("utf-8"), False
    evidence = Evidence()
    evidence.feed(head if complete else head[: head.rfind(b"\n") + 1 or len(head)], final=True)
    return evidence.decide(), False


def decoded(head: bytes, encoding: Encoding, complete: bool) -> str:
    """The beginning as text, whole lines only."""
    mark = mark_of(head)
    if mark and mark[0] == encoding.codec:
        head = head[mark[1] :]
    text = encoding.decoder().decode(head, complete).replace("\0", "")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if complete:
        return text
    return text[: text.rfind("\n") + 1] or text


def named_columns(layout: Layout, overrides: ReadOptions) -> tuple[tuple[str, ...], list[Notice]]:
    """The columns' names, and what there is to say about header and title rows."""
    if overrides.columns is not None and len(overrides.columns) != layout.fields:
        raise InvalidInput(
            f"{len(overrides.columns)} column names were given, the file has {layout.fields} columns",
            mend="name every column",
            code="wrong_column_count",
        )
    given = overrides.columns is not None
    names, notices = column_names(overrides.columns or (layout.names if layout.header else ()), layout.fields, overrides.limits)
    titles = layout.titles[1:] if layout.declared_separator else layout.titles
    if titles:
        told = {"rows": len(titles), "text": "\n".join(titles)[:500]}
        notices.append(Notice("title_rows", f"{len(titles)} rows above the table were skipped", told))
    if not layout.header and not given:
        notices.append(Notice("no_header", f"the file has no header; its columns are called column_1 to column_{layout.fields}"))
    if layout.header and not layout.sample:
        notices.append(Notice("header_only", "the file has a header and no rows"))
    return names, notices
