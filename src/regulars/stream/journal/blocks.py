"""The form of a segment on disk: a head with its own key, then blocks, each compressed, encrypted and checked as a whole."""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regulars.errors import Unavailable

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

MAGIC = b"RGJ2"  # 2: blocks are compressed
BLOCK = b"RGB1"
PURPOSE = "journal"
_HEAD = struct.Struct("<4sH")  # magic, length of the sealed key
_BLOCK = struct.Struct("<4sIQI")  # magic, length of what follows, number of the block, CRC-32 of this head and what follows
_SIZE = struct.Struct("<I")  # bytes of a block before it was compressed
_CODEC = pa.Codec("lz4_raw")
_ENTRY = struct.Struct("<II")  # lengths of head and body
BLOCK_HEAD = _BLOCK.size


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: `head` is a small JSON of ours, `body` what the client sent."""

    head: bytes
    body: bytes

    @property
    def size(self) -> int:
        """Bytes it takes inside a block."""
        return _ENTRY.size + len(self.head) + len(self.body)


class Cipher:
    """Seals and opens the blocks of one segment; its key is random, and wrapped by the master key in the segment's head."""

    def __init__(self, key: bytes, segment: int) -> None:
        self._cipher = AESGCM(key)
        self._segment = segment

    @classmethod
    def new(cls, keyring: Keyring, segment: int) -> tuple[Cipher, bytes]:
        """A cipher for a new segment, and the head that begins its file."""
        key = os.urandom(32)
        sealed = keyring.seal(PURPOSE, key, bound_to=str(segment))
        return cls(key, segment), _HEAD.pack(MAGIC, len(sealed)) + sealed

    @classmethod
    def of(cls, keyring: Keyring, segment: int, data: bytes) -> tuple[Cipher, int]:
        """The cipher of a file that begins with `data`, and where its blocks begin.

        Raises
        ------
        Unavailable : it is no segment, or another master key made it.
        """
        if len(data) < _HEAD.size or data[:4] != MAGIC:
            raise Unavailable(
                "a segment of the journal has no head", mend="put the last backup of home/journal in place", code="journal_damaged"
            )
        _, length = _HEAD.unpack_from(data)
        begin = _HEAD.size + length
        key = keyring.unseal(PURPOSE, data[_HEAD.size : begin], bound_to=str(segment))
        return cls(key, segment), begin

    def seal(self, number: int, entries: Sequence[Entry]) -> bytes:
        """A block of these entries."""
        parts: list[bytes] = []
        for entry in entries:
            parts += (_ENTRY.pack(len(entry.head), len(entry.body)), entry.head, entry.body)
        plain = b"".join(parts)
        packed = _SIZE.pack(len(plain)) + _CODEC.compress(plain, asbytes=True)
        closed = self._cipher.encrypt(self._nonce(number), packed, None)
        head = _BLOCK.pack(BLOCK, len(closed), number, 0)
        return _BLOCK.pack(BLOCK, len(closed), number, zlib.crc32(closed, zlib.crc32(head))) + closed

    def open(self, number: int, closed: bytes) -> Iterator[Entry]:
        """The entries of a block whose checksum was found right."""
        try:
            packed = self._cipher.decrypt(self._nonce(number), closed, None)
        except InvalidTag:
            raise Unavailable(
                "a block of the journal cannot be opened", mend="run `regulars doctor`", code="journal_damaged"
            ) from None
        (size,) = _SIZE.unpack_from(packed)
        data: bytes = _CODEC.decompress(memoryview(packed)[_SIZE.size :], size, asbytes=True)
        at = 0
        while at < len(data):
            head, body = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size
            yield Entry(data[at : at + head], data[at + head : at + head + body])
            at += head + body

    def _nonce(self, number: int) -> bytes:
        return struct.pack("<IQ", self._segment & 0xFFFFFFFF, number)


def block_at(data: bytes | mmap.mmap, at: int) -> tuple[int, int] | None:
    """The number and the length (head included) of the whole, undamaged block at a place; None where there is none."""
    if at + BLOCK_HEAD > len(data):
        return None
    magic, length, number, check = _BLOCK.unpack_from(data, at)
    end = at + BLOCK_HEAD + length
    if magic != BLOCK or end > len(data):
        return None
    head = _BLOCK.pack(BLOCK, length, number, 0)
    if zlib.crc32(data[at + BLOCK_HEAD : end], zlib.crc32(head)) != check:
        return None
    return number, BLOCK_HEAD + length


def is_all_there(data: bytes | mmap.mmap, at: int) -> bool:
    """Whether a block at a place, though damaged, was written to its end: a torn one reaches beyond the end of the file."""
    if at + BLOCK_HEAD > len(data):
        return False
    magic, length, _, _ = _BLOCK.unpack_from(data, at)
    return bool(magic == BLOCK and at + BLOCK_HEAD + length <= len(data))
