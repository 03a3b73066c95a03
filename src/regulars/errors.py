"""The one error tree.

    RegularsError
    ├── InvalidInput     400  what was given cannot be used as it is
    ├── NotFound         404  no such thing in this shop
    ├── NotAllowed       403  known, but without the permission (401 where nobody is signed in)
    ├── Conflict         409  the thing changed meanwhile, or exists already
    ├── NotEnoughData    422  too little history to answer honestly
    └── Unavailable      503  a store or provider does not answer; the only one worth trying again
        └── StorageFull  507  no room left on disk; reading goes on

Every error says what happened (`message`) and how to mend it (`mend`), and carries its values as attributes.
The three doors print the same sentence: HTTP as problem+json, the command line with exit code 1, the console as a notice.
"""

from __future__ import annotations

from typing import Any, ClassVar


class RegularsError(Exception):
    """What happened, how to mend it, and the values involved."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "error"
    retriable: ClassVar[bool] = False

    def __init__(self, message: str, *, mend: str = "", code: str | None = None, status: int | None = None, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.code = code or self.default_code
        self.http_status = status or self.status
        self.values = values

    def __str__(self) -> str:
        return f"{self.message}. {self.mend[:1].upper()}{self.mend[1:]}." if self.mend else self.message

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None


class InvalidInput(RegularsError):
    """What was given cannot be used as it is."""

    status = 400
    default_code = "invalid_input"


class NotFound(RegularsError):
    """No such thing in this shop."""

    status = 404
    default_code = "not_found"


class NotAllowed(RegularsError):
    """The caller is not signed in (status 401) or lacks the permission."""

    status = 403
    default_code = "not_allowed"


class Conflict(RegularsError):
    """The thing changed meanwhile, or exists already."""

    status = 409
    default_code = "conflict"


class NotEnoughData(RegularsError):
    """Too little history to answer honestly."""

    status = 422
    default_code = "not_enough_data"


class Unavailable(RegularsError):
    """A store or provider does not answer; try again."""

    status = 503
    default_code = "unavailable"
    retriable = True


class StorageFull(Unavailable):
    """No room left on disk; reading goes on, nothing acknowledged is lost."""

    status = 507
    default_code = "storage_full"
