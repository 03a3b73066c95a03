"""Which screens and panels there are: rooms announce them with `@screen` and `@panel`, the shell lists them.

A screen names the permission it needs; one without cannot be declared. A panel is a part of another room's screen, so that a screen
of a lower stage (the overview, a customer's page) can show what a higher stage knows without importing it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regulars.access.domain import PERMISSIONS, Permission

if TYPE_CHECKING:
    from regulars.console.view import Screen

Build = Callable[["Screen"], None]


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """One screen: its address, who may open it, and where it stands in the navigation (nowhere without `nav`)."""

    path: str
    permission: Permission | None  # None: every signed-in operator, whatever the role
    build: Build
    title: str
    nav: str
    icon: str
    order: int
    group: str
    parent: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What addresses belong to this screen."""
        return re.compile("^" + re.sub(r"\\{\w+(:path)?\\}", lambda m: "(.+)" if m[1] else "([^/]+)", re.escape(self.path)) + "$")


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """A part that a room adds to a place on another room's screen."""

    place: str
    permission: Permission
    build: Build
    order: int


SCREENS: dict[str, ScreenSpec] = {}
PANELS: list[PanelSpec] = []


def screen(
    path: str,
    *,
    permission: Permission | None,
    title: str = "",
    nav: str = "",
    icon: str = "",
    order: int = 0,
    group: str = "",
    parent: str = "",
) -> Callable[[Build], Build]:
    """Announce a screen. `title` (or `nav`) is an English text of the catalogue; `parent` is the navigation entry it belongs to."""
    if permission is not None and permission not in PERMISSIONS:
        raise ValueError(f"screen {path} needs a permission of access, not {permission!r}")

    def announce(build: Build) -> Build:
        SCREENS[path] = ScreenSpec(path, permission, build, title or nav, nav, icon, order, group, parent or path)
        return build

    return announce


def panel(place: str, *, permission: Permission, order: int = 0) -> Callable[[Build], Build]:
    """Announce a panel for a place such as `overview` or `customer`."""
    if permission not in PERMISSIONS:
        raise ValueError(f"a panel for {place} needs a permission of access, not {permission!r}")

    def announce(build: Build) -> Build:
        PANELS[:] = [known for known in PANELS if known.build.__qualname__ != build.__qualname__ or known.place != place]
        PANELS.append(PanelSpec(place, permission, build, order))
        PANELS.sort(key=lambda known: known.order)
        return build

    return announce


def at(path: str) -> ScreenSpec | None:
    """The screen of an address; a fixed address wins over one with a blank in it."""
    if path in SCREENS:
        return SCREENS[path]
    return next((spec for spec in SCREENS.values() if "{" in spec.path and spec.pattern.match(path)), None)
