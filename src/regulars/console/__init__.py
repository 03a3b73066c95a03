"""Screen furniture: sign-in, navigation, themes, charts, tables and texts, on which every room draws its pages.

Question: how does an operator see and do all this, in Chinese or English, on a desk or on a phone?
Rooms announce screens with `@screen` and parts of others' screens with `@panel`; `mount` puts them behind the doorkeeper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regulars.console.registry import panel, screen

if TYPE_CHECKING:
    from fastapi import FastAPI

    from regulars.console.view import Screen, Stores

__all__ = ["Screen", "mount", "panel", "screen"]


def mount(app: FastAPI, house: Stores) -> None:
    """Put the console behind everything else the application answers. Rooms' pages must have been imported."""
    from regulars.console.mounting import mount as put

    put(app, house)


def __getattr__(name: str) -> Any:
    if name == "Screen":
        from regulars.console.view import Screen

        return Screen
    raise AttributeError(name)
