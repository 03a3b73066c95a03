"""Where a sender is, roughly: a region out of a local database of networks. Addresses are looked up in memory and kept nowhere."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    import maxminddb

log = logging.getLogger(__name__)

_LOOKED_AGAIN_SECONDS = 60.0
_TRIED = ("1.1.1.1", "114.114.114.114", "2001:4860:4860::8888")


class Places:
    """A database in MaxMind's form (GeoLite2, DB-IP, IPinfo ...). A file that takes the place of the old one is read within a minute."""

    def __init__(self, file: Path) -> None:
        """Open it.

        Raises
        ------
        InvalidInput : the file is missing, or is not such a database.
        Unavailable : the package that reads it is not installed.
        """
        self._file = file
        self._lock = threading.Lock()
        self._looked_at = time.monotonic()
        self._reader, self._stamp = _open(file), _stamp(file)
        self._remembered = lru_cache(maxsize=4096)(self._find)

    def region_of(self, address: str) -> str | None:
        """ISO 3166-2 where the database knows the part of the country (`CN-31`), else the country (`CN`); None where it knows neither."""
        if time.monotonic() - self._looked_at > _LOOKED_AGAIN_SECONDS:
            self._look_again()
        return self._remembered(address)

    def _find(self, address: str) -> str | None:
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
            return region_in(self._reader.get(getattr(found, "ipv4_mapped", None) or found))
        except ValueError:  # no address, or one of a kind that the database does not hold
            return None
        except Exception:  # a damaged place in the database must not cost an event
            log.exception("an address could not be looked up")
            return None

    def _look_again(self) -> None:
        with self._lock:
            self._looked_at = time.monotonic()
            if _stamp(self._file) == self._stamp:
                return
            try:
                self._reader, self._stamp = _open(self._file), _stamp(self._file)
            except InvalidInput as wrong:
                log.warning("the new database of networks is not used: %s", wrong.message)
                return
            self._remembered.cache_clear()


def region_in(record: Any) -> str | None:
    """The region in a record of any of the common databases."""
    if not isinstance(record, dict):
        return None
    country = record.get("country") or record.get("registered_country") or record.get("country_code")
    code = country.get("iso_code") if isinstance(country, dict) else country
    if not isinstance(code, str) or len(code) != 2 or not code.isalpha():
        return None
    parts = record.get("subdivisions")
    part = (
        parts[0].get("iso_code") if isinstance(parts, list) and parts and isinstance(parts[0], dict) else record.get("region_code")
    )
    is_code = isinstance(part, str) and part.isalnum() and part.isascii() and len(part) <= 3
    return f"{code.upper()}-{part.upper()}" if is_code and isinstance(part, str) else code.upper()


def _open(file: Path) -> maxminddb.Reader:
    try:
        import maxminddb
    except ImportError:
        raise Unavailable(
            "a database of networks is configured, and the package that reads it is not installed",
            mend="install it with `pip install 'regulars[geo]'`, or take geo_database out of the settings",
            code="no_geo",
        ) from None
    try:
        # Into memory at once: a file that is replaced or cut off under a running server must not end it.
        reader = maxminddb.open_database(file, maxminddb.MODE_MEMORY)
        for address in _TRIED:
            if ":" not in address or reader.metadata().ip_version == 6:
                reader.get(address)
    except FileNotFoundError:
        raise InvalidInput(
            f"the database of networks {file} is not there",
            mend="put the .mmdb file there, or correct geo_database in the settings",
            code="bad_geo_database",
        ) from None
    except OSError as error:
        raise InvalidInput(
            f"the database of networks {file} cannot be read: {error.strerror}",
            mend="let this user read the file",
            code="bad_geo_database",
        ) from None
    except (maxminddb.InvalidDatabaseError, ValueError, UnicodeDecodeError):
        raise InvalidInput(
            f"{file} is damaged, or not a database in MaxMind's form",
            mend="download the .mmdb file again",
            code="bad_geo_database",
        ) from None
    return reader


def _stamp(file: Path) -> tuple[int, int]:
    try:
        told = file.stat()
    except OSError:
        return 0, 0
    return told.st_mtime_ns, told.st_size
