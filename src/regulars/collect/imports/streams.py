"""Where the messages of events files go: the stream of the process that does the load, as the composition root says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.errors import Unavailable

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop

#: Takes messages; what it was given is durable when it returns.
Accept = Callable[[Sequence[dict[str, Any]]], object]
#: Opens the stream of a shop's imported history.
OpenHistory = Callable[["Shop", "Caller"], Accept]

_opened: dict[Path, OpenHistory] = {}


def connect_history(home: Path, open_history: OpenHistory | None) -> None:
    """Say where imported history goes; None: nowhere any more. Called by the composition root."""
    if open_history is None:
        _opened.pop(home.resolve(), None)
    else:
        _opened[home.resolve()] = open_history


def history_of(home: Path, shop: Shop, caller: Caller) -> Accept:
    """The stream of a shop's imported history.

    Raises
    ------
    Unavailable : nothing takes events in this process.
    """
    open_history = _opened.get(home.resolve())
    if open_history is None:
        raise Unavailable("events are not taken by this process", mend="start it with `regulars serve`", code="no_stream")
    return open_history(shop, caller)
