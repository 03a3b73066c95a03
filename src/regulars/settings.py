"""Settings: read once at the door, from `regulars.toml` in the data folder and from `REGULARS_*`, then passed on."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from regulars.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is decided outside the product.

    `home` is the data folder (`REGULARS_HOME`); the environment wins over `regulars.toml` in it. The master key is never a
    setting: it comes from `REGULARS_MASTER_KEY` or the key file in `home`.
    """

    home: Path
    records_url: str
    warehouse_url: str
    journal_url: str = ""  # where events wait to be loaded; empty: files in home
    host: str = "127.0.0.1"
    port: int = 8321
    public_url: str = ""  # how browsers reach the console when that is not http://host:port
    proxy: str = ""  # addresses whose X-Forwarded-* are believed, comma-separated
    geo_database: str = ""  # a .mmdb file that tells the region of an address; empty: regions stay unknown
    smtp_url: str = ""  # the mail server that reports are sent through; empty: none
    memory_limit: str = "2GB"  # of the warehouse engine
    threads: int = 0  # of the warehouse engine; 0 = all cores
    language: str = ""  # zh or en for messages at the shell; empty: from LANG
    log_level: str = "INFO"
    upload_limit_mb: int = 4096

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises
        ------
        InvalidInput : the file is not TOML, a key is unknown, or a value has the wrong form.
        """
        environ = os.environ if environment is None else environment
        home = Path(environ.get("REGULARS_HOME") or Path.home() / ".regulars").expanduser().absolute()
        values: dict[str, Any] = {"home": home}
        file = home / "regulars.toml"
        try:
            if file.is_file():
                values |= tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file} cannot be read: {error}", mend="correct that line", code="bad_settings") from None
        except PermissionError:
            raise InvalidInput(
                f"{file} may not be read",
                mend="give this user access to it, or name another folder in REGULARS_HOME",
                code="bad_settings",
            ) from None
        known = {field.name: field.type for field in fields(cls)}
        for name in known:
            if (text := environ.get(f"REGULARS_{name.upper()}")) and name != "home":
                values[name] = text
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise InvalidInput(
                f"{file} has an unknown setting '{unknown[0]}'", mend=f"known are {', '.join(sorted(known))}", code="bad_settings"
            )
        values["home"] = home
        values.setdefault("records_url", f"sqlite:///{home}/records.sqlite")
        values.setdefault("warehouse_url", f"duckdb:///{home}/warehouse.duckdb")
        for name in ("port", "threads", "upload_limit_mb"):
            if name in values:
                values[name] = _whole(name, values[name])
        return cls(**values)


def _whole(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{name} is '{value}'", mend="give a whole number", code="bad_settings") from None
    if not 0 <= number <= 65_535 and name == "port":
        raise InvalidInput(f"port {number} does not exist", mend="give a number from 1 to 65535", code="bad_settings")
    return number
