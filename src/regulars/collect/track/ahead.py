"""Making the next thing while the last one is used: two cores for work whose halves do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(made: Iterator[T], *, begin_with: Callable[[], None]) -> Generator[T, None, None]:
    """The same, each made in a thread of its own while the one before is used; `begin_with` is the first thing that thread does.

    What goes wrong in making one is raised where that one is asked for. Who stops asking waits until the one that is made is done.
    """
    with ThreadPoolExecutor(1, "regulars-loader-ahead", initializer=begin_with) as thread:
        end = object()
        coming = thread.submit(next, made, end)
        while (found := coming.result()) is not end:
            coming = thread.submit(next, made, end)
            yield found  # type: ignore[misc]
