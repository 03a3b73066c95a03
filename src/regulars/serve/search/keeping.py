"""A searchable catalogue on disk, so that a restarted server answers at once: one file a shop, exchanged as a whole."""

from __future__ import annotations

import hashlib
import logging
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from regulars.collect.catalog import Picture, Product
from regulars.serve.search.domain.catalogue import Catalogue, Entry
from regulars.serve.search.domain.segment import Forward

log = logging.getLogger(__name__)

#: Changes with everything that words are read by: a file of another form is made anew.
FORM = 4


class _Numbers(msgspec.Struct):
    starts: bytes
    words: bytes
    weights: bytes

    @classmethod
    def of(cls, forward: Forward) -> _Numbers:
        return cls(forward.starts.tobytes(), forward.words.tobytes(), forward.weights.tobytes())

    def read(self) -> Forward:
        return Forward(
            np.frombuffer(self.starts, np.int64), np.frombuffer(self.words, np.int32), np.frombuffer(self.weights, np.float32)
        )


class _Kept(msgspec.Struct):
    form: int
    shop_id: str
    words: list[str]
    tags: list[str]
    products: list[Product]
    texts: list[str]
    of_words: _Numbers
    of_tags: _Numbers
    surfaces: dict[str, int]
    phrases: dict[str, int]
    marks: bytes  # Arrow IPC


@dataclass(frozen=True, slots=True)
class Kept:
    """A catalogue and what it was made from."""

    catalogue: Catalogue
    picture: Picture


def path_of(home: Path, shop_id: str) -> Path:
    """Where the index of a shop is kept."""
    return home / "search" / f"{hashlib.sha256(shop_id.encode()).hexdigest()[:24]}.index"


def save(home: Path, shop_id: str, catalogue: Catalogue, picture: Picture) -> None:
    """Keep a compacted catalogue; the file before stays in place until this one is whole."""
    entries = catalogue.main.entries
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, picture.marks.schema) as writer:
        writer.write_table(picture.marks)
    body = msgspec.msgpack.encode(
        _Kept(
            FORM,
            shop_id,
            catalogue.vocabulary.words,
            catalogue.tags.words,
            [one.product for one in entries],
            [one.text for one in entries],
            _Numbers.of(catalogue.main.words),
            _Numbers.of(catalogue.main.tags),
            dict(catalogue.surfaces),
            dict(catalogue.phrases),
            sink.getvalue().to_pybytes(),
        )
    )
    path = path_of(home, shop_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(zlib.crc32(body).to_bytes(4, "big"))
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(home: Path, shop_id: str) -> Kept | None:
    """What was kept of a shop; None where nothing was, or it is damaged or of an older form."""
    path = path_of(home, shop_id)
    try:
        raw = path.read_bytes()
        if zlib.crc32(raw[4:]) != int.from_bytes(raw[:4], "big"):
            raise ValueError("the file is damaged")
        kept = msgspec.msgpack.decode(raw[4:], type=_Kept)
        if kept.form != FORM or kept.shop_id != shop_id:
            return None
        marks = pa.ipc.open_stream(kept.marks).read_all()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.MsgspecError, pa.ArrowException) as error:
        log.warning(
            "the search index on disk cannot be read and is made anew: %s", type(error).__name__, extra={"shop_id": shop_id}
        )
        return None
    entries = [Entry(product, text) for product, text in zip(kept.products, kept.texts, strict=True)]
    catalogue = Catalogue.kept(
        kept.words, kept.tags, entries, (kept.of_words.read(), kept.of_tags.read()), kept.surfaces, kept.phrases
    )
    return Kept(catalogue, Picture(None, marks, {one.product_id: one for one in kept.products if not one.listed}))


def forget(home: Path, shop_id: str) -> None:
    """Remove what is kept of a shop."""
    path_of(home, shop_id).unlink(missing_ok=True)
