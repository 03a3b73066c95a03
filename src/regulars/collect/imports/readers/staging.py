"""Streaming a packed or foreign text into a plain UTF-8 file, where reading it in place will not do."""

from __future__ import annotations

import re
from pathlib import Path

from regulars.collect.imports.readers.description import Compression, Limits
from regulars.collect.imports.readers.encoding import Encoding, Evidence, mark_of
from regulars.collect.imports.readers.opening import explain_os_error, unpacked
from regulars.collect.imports.readers.watching import Meter

_CHUNK = 4 << 20


def unpack(path: Path, target: Path, compression: Compression, limits: Limits, member: str | None, meter: Meter) -> None:
    """The unpacked bytes as a file."""
    size = max(path.stat().st_size, 1)
    with unpacked(path, compression, limits, member) as source:
        try:
            with target.open("wb") as out:
                while data := source.read(_CHUNK):
                    out.write(data)
                    meter.at(source.packed_done() / size)
        except OSError as error:
            raise explain_os_error(error, path) from None


def decide_encoding(path: Path, meter: Meter) -> Encoding:
    """The encoding of a plain text file, from all of it."""
    evidence = Evidence()
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            evidence.feed(data)
            meter.at(file.tell() / size)
    evidence.feed(b"", final=True)
    return evidence.decide()


def transcode(
    path: Path, target: Path, encoding: Encoding, meter: Meter, *, blanks: bool = False, lone_returns: bool = False
) -> int:
    """A plain text file as UTF-8 without a mark; the number of damaged characters that were replaced.

    Parameters
    ----------
    blanks : runs of blanks and tabs become one tab, those at the ends of a line go.
    lone_returns : lines end with a carriage return alone (old Macintosh files); they become line feeds.
    """
    size = max(path.stat().st_size, 1)
    decoder = encoding.decoder()
    try:
        with path.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
            mark = mark_of(file.read(4))
            file.seek(mark[1] if mark and mark[0] == encoding.codec else 0)
            rest = ""
            while True:
                data = file.read(_CHUNK)
                text = rest + decoder.decode(data, not data)
                rest = ""
                if lone_returns:
                    text = text.replace("\r", "\n")
                if blanks and data:
                    cut = text.rfind("\n") + 1
                    text, rest = text[:cut], text[cut:]
                out.write(_one_tab(text) if blanks else text)
                if not data:
                    return decoder.damaged
                meter.at(file.tell() / size)
    except OSError as error:
        raise explain_os_error(error, path) from None


def _one_tab(text: str) -> str:
    return re.sub(r"(?m)^\t+|\t+$", "", re.sub(r"[ \t\r]+", "\t", text))
