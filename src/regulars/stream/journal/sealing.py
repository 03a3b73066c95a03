"""Entries as messages of a broker: compressed, encrypted before they leave, and cut to the size that the broker takes.

Entries that are written together are one set of messages. A set is whole or not there: what a crash left of one is passed over.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regulars.stream.journal.blocks import Entry

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

MAGIC = b"RGM1"
PURPOSE = "journal"
_BOUND_TO = "stream"
_HEAD = struct.Struct("<4sH")  # magic, length of the sealed key that follows
_PART = struct.Struct("<16sIIQ12s")  # set, number of the piece, pieces of the set, bytes of the set unpacked, nonce
_ENTRY = struct.Struct("<II")
OVERHEAD = 512
_OPEN_SETS = 8
_zstd = pa.Codec("zstd", compression_level=1)


class Sealer:
    """Makes messages of entries; its key is random, and travels wrapped by the master key."""

    def __init__(self, keyring: Keyring) -> None:
        key = os.urandom(32)
        sealed = keyring.seal(PURPOSE, key, bound_to=_BOUND_TO)
        self._cipher = AESGCM(key)
        self._head = _HEAD.pack(MAGIC, len(sealed)) + sealed

    def seal(self, entries: Sequence[Entry], most_bytes: int) -> list[bytes]:
        """The messages of a set, none larger than `most_bytes`."""
        parts: list[bytes] = []
        for entry in entries:
            parts += (_ENTRY.pack(len(entry.head), len(entry.body)), entry.head, entry.body)
        plain = b"".join(parts)
        packed = _zstd.compress(plain, asbytes=True)
        step = max(most_bytes - OVERHEAD, 1024)
        pieces = [packed[at : at + step] for at in range(0, len(packed), step)]
        name = os.urandom(16)
        return [self._message(name, number, len(pieces), len(plain), piece) for number, piece in enumerate(pieces)]

    def _message(self, name: bytes, number: int, of: int, size: int, piece: bytes) -> bytes:
        nonce = os.urandom(12)
        part = _PART.pack(name, number, of, size, nonce)
        return self._head + part + self._cipher.encrypt(nonce, piece, part)


@dataclass(slots=True)
class Opener:
    """Entries out of messages; the pieces of a set may come in any order. `unreadable` counts what was no message of ours."""

    keyring: Keyring
    unreadable: int = 0
    _keys: dict[bytes, AESGCM] = field(default_factory=dict)
    _open: dict[bytes, dict[int, bytes]] = field(default_factory=dict)

    def feed(self, message: bytes) -> list[Entry] | None:
        """The entries of a set whose last piece this is; None while it is not whole.

        Raises
        ------
        Unavailable : another master key sealed it.
        """
        begin = _HEAD.size
        if len(message) < begin or message[:4] != MAGIC:
            self.unreadable += 1
            return None
        length = _HEAD.unpack_from(message)[1]
        at = begin + length
        if len(message) < at + _PART.size:
            self.unreadable += 1
            return None
        cipher = self._cipher(message[begin:at])
        part = message[at : at + _PART.size]
        name, number, of, size, nonce = _PART.unpack(part)
        try:
            piece = cipher.decrypt(nonce, message[at + _PART.size :], part)
        except InvalidTag:
            self.unreadable += 1
            return None
        if of == 1:
            return _unpacked(piece, size)
        pieces = self._open.setdefault(name, {})
        pieces[number] = piece
        if len(pieces) < of:
            while len(self._open) > _OPEN_SETS:  # the rest of the oldest one never came: it was never answered
                del self._open[next(iter(self._open))]
            return None
        del self._open[name]
        return _unpacked(b"".join(pieces[one] for one in range(of)), size)

    def _cipher(self, sealed: bytes) -> AESGCM:
        found = self._keys.get(sealed)
        if found is None:
            if len(self._keys) > 1000:
                self._keys.clear()
            key = self.keyring.unseal(PURPOSE, sealed, bound_to=_BOUND_TO)
            found = self._keys[sealed] = AESGCM(key)
        return found


def _unpacked(packed: bytes, size: int) -> list[Entry]:
    return _entries(_zstd.decompress(packed, size, asbytes=True)) if size else []


def _entries(data: bytes) -> list[Entry]:
    found, at = [], 0
    while at < len(data):
        head, body = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        found.append(Entry(data[at : at + head], data[at + head : at + head + body]))
        at += head + body
    return found
