"""The master key and what is derived from it: one sub-key per purpose, so that no key is ever used for two things.

Until the master key is changed for the first time, everything is derived from it. From then on what seals people (`ROTATED`) is
derived from the newest one; pseudonyms, blind indexes and the audit trail must stay what they are, and are derived from the first
one, which `home/root.key` holds sealed under the newest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import stat
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from regulars.errors import InvalidInput, Unavailable

KEY_BYTES = 32
FILE_NAME = "master.key"
ROOT_NAME = "root.key"
VARIABLE = "REGULARS_MASTER_KEY"
#: Purposes whose values are sealed anew when the master key is changed; see guard/privacy/rotation.
ROTATED = frozenset({"customer keys", "texts of unknown writers", "operator", "second factor"})
_lock = threading.Lock()


class Keyring:
    """The master key in memory. Sub-keys are derived by purpose (HKDF-SHA256); the master key itself never seals anything."""

    def __init__(self, master: bytes, root: bytes | None = None) -> None:
        if len(master) != KEY_BYTES:
            raise InvalidInput(
                f"the master key has {len(master)} bytes, it needs {KEY_BYTES}", mend=_HOW_TO_MAKE, code="bad_master_key"
            )
        self._master = master
        self._root = root or master
        self._derived: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "Keyring(...)"

    def __reduce__(self) -> str:
        raise TypeError("a keyring is not to be pickled")

    @classmethod
    def open(cls, home: Path, env: Mapping[str, str] | None = None) -> Keyring:
        """The keyring of this installation: from REGULARS_MASTER_KEY, else from `home/master.key`, made on first use (mode 0600).

        Raises
        ------
        InvalidInput : if the key is not 32 bytes in base64 or hexadecimal.
        Unavailable : if the file can be read by others, or cannot be read by us.
        """
        given = (os.environ if env is None else env).get(VARIABLE, "").strip()
        if given:
            master = _decode(given)
            return cls(master, _root_of(Path(home), master))
        return _from_file(Path(home) / FILE_NAME)

    def under(self, master: bytes) -> Keyring:
        """The keyring that this one becomes with another master key: what must stay stays."""
        return Keyring(master, self._root)

    def keep_root(self, home: Path, *others: Keyring) -> None:
        """Write down the root under this master key, and under those of `others`, in the place of what was there."""
        sealed = {}
        for one in (self, *others):
            nonce = os.urandom(12)
            cipher = AESGCM(_derive(one._master, "root"))
            sealed[_fingerprint(one._master)] = base64.b64encode(nonce + cipher.encrypt(nonce, self._root, b"root")).decode()
        _replace(Path(home) / ROOT_NAME, json.dumps(sealed).encode())

    def write_master(self, path: Path) -> None:
        """Write the master key into a file that only this user may read."""
        _replace(path, base64.b64encode(self._master) + b"\n")

    @classmethod
    def random(cls) -> Keyring:
        """A keyring that nobody else has."""
        return cls(os.urandom(KEY_BYTES))

    def key(self, purpose: str) -> bytes:
        """The 32-byte sub-key of a purpose."""
        if purpose not in self._derived:
            self._derived[purpose] = _derive(self._master if purpose in ROTATED else self._root, purpose)
        return self._derived[purpose]

    def mac(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA256 (64 hexadecimal digits) of the parts under the purpose's key; parts cannot run into each other."""
        return hmac.new(self.key(purpose), join(*parts), hashlib.sha256).hexdigest()

    def seal(self, purpose: str, text: str | bytes, *, bound_to: str) -> bytes:
        """AES-256-GCM of the text: nonce, ciphertext, tag. `bound_to` names the row: cells cannot be swapped."""
        nonce = os.urandom(12)
        data = text.encode() if isinstance(text, str) else text
        return nonce + AESGCM(self.key(purpose)).encrypt(nonce, data, bound_to.encode())

    def unseal(self, purpose: str, sealed: bytes, *, bound_to: str) -> bytes:
        """What was sealed, or Unavailable when the key or the row is another one."""
        try:
            return AESGCM(self.key(purpose)).decrypt(sealed[:12], sealed[12:], bound_to.encode())
        except InvalidTag:
            raise Unavailable(
                "an encrypted value cannot be opened with this master key",
                mend=f"start with the {VARIABLE} or {FILE_NAME} this installation was made with",
                code="wrong_master_key",
            ) from None


_HOW_TO_MAKE = "make one with `openssl rand -base64 32`"


def join(*parts: str) -> bytes:
    """The parts as bytes, each behind its length, so that ("ab", "c") and ("a", "bc") differ."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)


def decode(text: str) -> bytes:
    """A master key as people write it: base64 or hexadecimal."""
    return _decode(text)


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=b"regulars/1", info=purpose.encode()).derive(key)


def _fingerprint(master: bytes) -> str:
    return hmac.new(_derive(master, "fingerprint"), b"", hashlib.sha256).hexdigest()[:16]


def _root_of(home: Path, master: bytes) -> bytes | None:
    """What is derived for ever; None while it is the master key itself.

    Raises
    ------
    Unavailable : the master key was changed, and this is not the one that holds now.
    """
    try:
        sealed = base64.b64decode(json.loads((home / ROOT_NAME).read_text("ascii"))[_fingerprint(master)])
        return AESGCM(_derive(master, "root")).decrypt(sealed[:12], sealed[12:], b"root")
    except FileNotFoundError:
        return None
    except (KeyError, ValueError, InvalidTag):
        raise Unavailable(
            f"this master key does not open {home / ROOT_NAME}",
            mend="start with the newest master key; an older one was replaced by `regulars privacy rotate-key`",
            code="wrong_master_key",
        ) from None


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _decode(text: str) -> bytes:
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        return base64.b64decode(text, altchars=b"-_" if set(text) & set("-_") else None, validate=True)
    except (ValueError, binascii.Error):
        raise InvalidInput("the master key is neither base64 nor hexadecimal", mend=_HOW_TO_MAKE, code="bad_master_key") from None


def _from_file(path: Path) -> Keyring:
    with _lock:
        try:
            status = path.stat()
        except FileNotFoundError:
            _create(path)
            status = path.stat()
        if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
            raise Unavailable(
                f"{path} can be read by other users", mend=f"close it with `chmod 600 {path}`", code="open_master_key"
            )
        root = path.with_name(ROOT_NAME)
        return _read(path, status.st_mtime_ns, status.st_ino, root.stat().st_mtime_ns if root.exists() else 0)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, inode: int, root_changed: int) -> Keyring:
    """Read once per version of the files; the numbers are the version."""
    try:
        master = _decode(path.read_text("ascii").strip())
        return Keyring(master, _root_of(path.parent, master))
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror})", mend="give this user the right to read it") from None


def _create(path: Path) -> None:
    """Write a new key under another name, force it to disk, then link it into place: two starting processes agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
