"""Which encoding a text file is in, judged by all its non-ASCII bytes, and its text as UTF-8."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from charset_normalizer import from_bytes

from regulars.errors import InvalidInput

#: The characters most used in Chinese shop data; real Chinese text is full of them, chance decodings are not.
_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同"
    "现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文"
    "订单编号支付时间商品名称数量金额买家会员卖家店铺状态交易成功关闭价格运费收货地址省市区件元退款优惠标题类目颜色尺码款女男新装美白水霜套包邮正品"
    "們來為國說時會對過後這個訂單編號買價數額貨員優惠類顏尺碼裝運費"
)
_SAMPLE_BYTES = 1 << 20
_PER_CHUNK = 64 << 10


class Decoder(Protocol):
    """Bytes to text, piece by piece; counts what it had to replace."""

    damaged: int

    def decode(self, data: bytes, final: bool = False) -> str: ...


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding as decided: the codec, and whether some bytes do not belong to it."""

    codec: str
    damaged: bool = False
    single: Literal["cp1252", "replace"] = "replace"  # what a stray byte in UTF-8 becomes

    def decoder(self) -> Decoder:
        """A fresh decoder for one pass over the file."""
        if self.codec == "utf-8" and self.damaged:
            return _DamagedUtf8(self.single == "cp1252")
        return _Replacing(self.codec)


def mark_of(head: bytes) -> tuple[str, int] | None:
    """The encoding a byte order mark names, and the mark's length."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith(codecs.BOM_UTF32_LE):
        return "utf-32-le", 4
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    return None


def wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark shows by its zero bytes: every other byte of ASCII text is one."""
    sample = head[: 4096 & ~1]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    half = len(sample) // 2
    high, low = sample[1::2].count(0), sample[0::2].count(0)
    if high > 0.3 * half and low < 0.05 * half:
        return "utf-16-le"
    if low > 0.3 * half and high < 0.05 * half:
        return "utf-16-be"
    return None


def looks_binary(head: bytes) -> bool:
    """Control characters in such number that this is no text in any encoding."""
    sample = head[:65_536]
    controls = sum(sample.count(bytes([byte])) for byte in range(32) if byte not in (9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31, 1))
    return controls > max(2, 0.02 * len(sample)) and controls / max(len(sample), 1) > 0.005


def is_utf8(data: bytes) -> bool:
    """True if the bytes are UTF-8 (a character cut off at the end is forgiven)."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


class Evidence:
    """Collects the non-ASCII bytes of a whole file, a bounded sample of each stretch, and decides."""

    def __init__(self) -> None:
        self._sample = bytearray()
        self._valid = 0  # characters of several bytes that are UTF-8
        self._valid_wide = 0  # of them, of three bytes and more (Chinese, Japanese, Korean)
        self._invalid = 0
        self._rest = b""

    def feed(self, data: bytes, final: bool = False) -> None:
        """Look at the next stretch of the file."""
        data = self._rest + data
        self._rest = b""
        if data.isascii():
            return
        if not final:
            cut = _whole_characters(data)
            data, self._rest = data[:cut], data[cut:]
        wide = np.frombuffer(data.decode("utf-8", errors="surrogateescape").encode("utf-32-le", errors="surrogatepass"), np.uint32)
        bad = int(np.count_nonzero((wide >= 0xDC80) & (wide <= 0xDCFF)))  # bytes that are no UTF-8
        self._invalid += bad
        self._valid += int(np.count_nonzero(wide >= 0x80)) - bad
        self._valid_wide += int(np.count_nonzero(wide >= 0x800)) - bad
        room = min(_PER_CHUNK, _SAMPLE_BYTES - len(self._sample))
        if room > 0:
            self._sample += _lines_with_high_bytes(data, room)

    def decide(self) -> Encoding:
        """The encoding that explains the bytes best."""
        if not self._invalid:
            return Encoding("utf-8")
        if self._valid > 4 * self._invalid:
            wide = self._valid_wide > self._valid // 2
            return Encoding("utf-8", damaged=True, single="replace" if wide else "cp1252")
        sample = bytes(self._sample)
        if _is_chinese(sample, "gb18030", range(0xB0, 0xD8)):
            return Encoding("gb18030")
        if _is_chinese(sample, "big5hkscs", range(0xA4, 0xC7)):
            return Encoding("big5hkscs")
        return Encoding(_other(sample))


def _whole_characters(data: bytes) -> int:
    """Where to cut so that no UTF-8 character is split."""
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] >= 0xC0:
            return len(data) - back
        if data[-back] < 0x80:
            break
    return len(data)


def named(codec: str) -> Encoding:
    """The encoding a person named."""
    try:
        name = codecs.lookup(codec).name
        b"".decode(name)
    except (LookupError, ValueError):
        raise InvalidInput(
            f"'{codec}' is not an encoding",
            mend="say utf-8, gb18030, windows-1252, utf-16 or another Python codec name",
            code="unknown_encoding",
        ) from None
    return Encoding(
        {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252", "utf-8-sig": "utf-8"}.get(name, name)
    )


def _non_ascii(text: str) -> str:
    return text.translate(_DROP_ASCII)


_HIGH_BYTES = bytes(range(128, 256))
_CENTRAL = rb"[\xb9\xb3\xa3\x9c\xbf\xaf\xa5\x8f\x8c\x9f\xbc\xbe\x9d\x8d\xba\xaa]"
_CENTRAL_IN_WORD = re.compile(rb"(?<=[A-Za-z])" + _CENTRAL + rb"|" + _CENTRAL + rb"(?=[A-Za-z])")
_DROP_ASCII = dict.fromkeys(range(128))


def _lines_with_high_bytes(data: bytes, room: int) -> bytes:
    kept = bytearray()
    for line in data.split(b"\n"):
        if not line.isascii():
            kept += line[:2000] + b"\n"
            if len(kept) >= room:
                break
    return bytes(kept)


def _is_chinese(sample: bytes, codec: str, first_level: range) -> bool:
    """Pairs of bytes that spell common characters in this encoding, not chance pairs of accented letters.

    Both GB 2312 and Big5 put the characters that are really written into a first level, a range of leading bytes; chance
    decodings of Latin, Cyrillic or Korean text fall outside it, or hit characters that hardly anybody uses.
    """
    high = _non_ascii(sample.decode(codec, errors="replace"))
    letters = [c for c in high if "\u4e00" <= c <= "\u9fff"]
    if not letters or high.count("\ufffd") > 0.02 * len(high) + 1:
        return False
    leads = [c.encode(codec)[0] for c in letters]
    common = sum(1 for lead in leads if lead in first_level)
    frequent = sum(1 for c in letters if c in _FREQUENT)
    korean = sum(1 for lead in leads if 0xB0 <= lead <= 0xC8) > 0.97 * len(leads)  # where EUC-KR keeps all its syllables
    return common > 0.75 * len(letters) and frequent > (0.2 if korean else 0.06) * len(letters)


def _other(sample: bytes) -> str:
    """Any other legacy encoding by its statistics; Windows-1252, the Western default, if nothing else is convincing."""
    if len(sample) - len(sample.translate(None, _HIGH_BYTES)) < 12:  # too few to be a statistic
        return "cp1252"
    best = from_bytes(
        sample,
        cp_isolation=[
            "cp1252",
            "latin_1",
            "cp1250",
            "cp1251",
            "koi8_r",
            "big5",
            "shift_jis",
            "euc_jp",
            "euc_kr",
            "gb18030",
            "cp1253",
            "cp1254",
            "cp874",
        ],
        enable_fallback=False,
    ).best()
    if best is None or best.encoding in ("latin_1", "ascii", "utf_8") or "cp1252" in best.could_be_from_charset:
        return "cp1252"
    if best.encoding == "cp1250" and not _is_central_european(sample):
        return "cp1252"
    return codecs.lookup(best.encoding).name


def _is_central_european(sample: bytes) -> bool:
    """Windows-1250 and not 1252: signs inside words that are letters in the one (ł, ą, ż) and symbols in the other (³, ¹, ¿)."""
    high = len(sample) - len(sample.translate(None, _HIGH_BYTES))
    return len(_CENTRAL_IN_WORD.findall(sample)) > 0.1 * high


class _Replacing:
    """Any codec; what does not belong becomes U+FFFD and is counted."""

    def __init__(self, codec: str) -> None:
        self.damaged = 0
        # The five codes Windows-1252 leaves open are control characters in Latin-1: nothing is damaged there.
        self._inner = codecs.getincrementaldecoder(codec)(errors="regulars-as-latin-1" if codec == "cp1252" else "replace")

    def decode(self, data: bytes, final: bool = False) -> str:
        text = self._inner.decode(data, final)
        self.damaged += text.count("\ufffd")
        return text


class _DamagedUtf8:
    """UTF-8 in which some bytes do not belong; those become U+FFFD, or the character they are in Windows-1252."""

    def __init__(self, as_cp1252: bool) -> None:
        self.damaged = 0
        self._as_cp1252 = as_cp1252
        self._rest = b""

    def decode(self, data: bytes, final: bool = False) -> str:
        view = memoryview(self._rest + data)
        parts: list[str] = []
        while True:
            try:
                text, used = codecs.utf_8_decode(view, "strict", final)
            except UnicodeDecodeError as error:
                broken = bytes(view[error.start : error.end])
                parts.append(str(view[: error.start], "utf-8"))
                parts.append(broken.decode("cp1252", errors="replace") if self._as_cp1252 else "\ufffd")
                view = view[error.end :]
                self.damaged += 1
            else:
                self._rest = bytes(view[used:])
                return "".join([*parts, text])


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("regulars-as-latin-1", _as_latin_1)
