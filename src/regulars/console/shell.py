"""The frame around every page: navigation, shop switcher, language and theme, and the place where the page draws itself."""

from __future__ import annotations

from collections import defaultdict

from nicegui import ui

from regulars.console import parts
from regulars.console.registry import SCREENS, ScreenSpec
from regulars.console.view import Screen

#: Groups of the navigation in their order; a screen outside of them stands first.
GROUP_WORDS = ("", "Understand", "Predict", "Act", "Collect", "Manage")

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
_PREFER = "(event) => regulars.prefer('{name}', '{value}')"


def draw(s: Screen) -> None:
    """Build the whole page: frame first, then the screen's own content."""
    parts.link(s.t("Skip to the content"), "#content", "rg-skip")
    with parts.box("rg-app"):
        parts.box("rg-scrim").on("click", js_handler="() => regulars.side(false)")
        _side(s)
        with parts.box("rg-main"):
            _topbar(s)
            s.body = parts.box("rg-page", "main")
            s.body.props("id=content tabindex=-1")
            s.body.style("outline: none")
    with s.body:
        s.draw()


def head(s: Screen, title: str, note: str = "", *, back: tuple[str, str] | None = None) -> ui.element:
    """A page's heading; returns the place for its tools (period, export ...) as a context."""
    with parts.box("rg-head", "header"):
        with parts.box("rg-head-text"):
            if back:
                with ui.element("a").classes("rg-crumb") as crumb:
                    crumb.props["href"] = back[1]
                    parts.icon("arrow_back").style("font-size: 15px")
                    parts.text(back[0])
            parts.text(title, tag="h1", classes="rg-wrap")
            if note:
                parts.text(note, "rg-sub", "p")
        return parts.box("rg-tools")


def _side(s: Screen) -> None:
    with parts.box("rg-side", "aside") as side:
        side.props["aria-label"] = s.t("Navigation")
        _brand(s)
        _shops(s)
        with parts.box("rg-nav", "nav"):
            for group, specs in _navigation(s).items():
                if group:
                    parts.text(s.t(group), "rg-nav-title", "div")
                for spec in specs:
                    with ui.element("a") as entry:
                        entry.props["href"] = s.url(spec.path)
                        if s.spec.parent == spec.path:
                            entry.props("aria-current=page")
                        parts.icon(spec.icon)
                        parts.text(s.t(spec.nav))
        with parts.box("rg-side-foot"):
            _appearance(s)
            _account(s)


def _navigation(s: Screen) -> dict[str, list[ScreenSpec]]:
    grouped: dict[str, list[ScreenSpec]] = defaultdict(list)
    for spec in sorted(SCREENS.values(), key=lambda spec: spec.order):
        if spec.nav and (spec.permission is None or s.may(spec.permission)):
            grouped[spec.group].append(spec)
    return {group: grouped[group] for group in GROUP_WORDS if group in grouped}


def _brand(s: Screen) -> None:
    with ui.element("a").classes("rg-brand") as brand:
        brand.props["href"] = s.url("/")
        mark = ui.element("img")
        mark.props["src"] = "/console-static/mark.svg"
        mark.props["alt"] = ""
        parts.text("regulars")


def _shops(s: Screen) -> None:
    with ui.element("button").classes("rg-side-button rg-shop") as button:
        button.props("type=button aria-haspopup=menu")
        button.props["aria-label"] = s.t("Shop: {name}", name=s.shop.name)
        parts.icon("storefront")
        parts.text(s.shop.name, "rg-grow")
        parts.icon("unfold_more")
        with ui.menu().props("anchor='bottom left' self='top left'"), parts.box("rg-menu"):
            for shop in s.shops:
                href = s.url(None if "{" not in s.spec.path else s.spec.parent, shop=shop.shop_id)
                parts.menu_item(shop.name, href=href, checked=shop.shop_id == s.shop.shop_id)
            if s.may("manage_shop"):
                ui.element("hr")
                parts.menu_item(s.t("Shop settings"), icon_name="tune", href=s.url("/settings/shop"))


def _appearance(s: Screen) -> None:
    with ui.element("button").classes("rg-side-button") as button:
        button.props("type=button aria-haspopup=menu")
        parts.icon("translate")
        parts.text(f"{LANGUAGE_NAMES[s.language]} · {_theme_names(s)[s.theme]}", "rg-grow")
        with ui.menu().props("anchor='top left' self='bottom left'"), parts.box("rg-menu"):
            for code, name in LANGUAGE_NAMES.items():
                parts.menu_item(name, js=_PREFER.format(name="language", value=code), checked=code == s.language)
            ui.element("hr")
            for code, name in _theme_names(s).items():
                parts.menu_item(name, js=_PREFER.format(name="theme", value=code), checked=code == s.theme)


def _theme_names(s: Screen) -> dict[str, str]:
    return {"auto": s.t("As the system"), "light": s.t("Light"), "dark": s.t("Dark")}


def _account(s: Screen) -> None:
    name = s.caller.name or s.t("Operator")
    with ui.element("button").classes("rg-side-button") as button:
        button.props("type=button aria-haspopup=menu")
        button.props["aria-label"] = s.t("Account of {name}", name=name)
        parts.text(name[:1].upper(), "rg-avatar")
        parts.text(name, "rg-grow")
        parts.icon("more_horiz")
        with ui.menu().props("anchor='top left' self='bottom left'"), parts.box("rg-menu"):
            if s.caller.role is not None:
                parts.text(s.word("role", str(s.caller.role)), "rg-menu-note", "div")
            parts.menu_item(s.t("Profile and security"), icon_name="person", href=s.url("/profile"))
            ui.element("hr")
            parts.menu_item(s.t("Sign out"), icon_name="logout", js="() => regulars.signOut()")


def _topbar(s: Screen) -> None:
    with parts.box("rg-topbar"):
        toggle = parts.button("", icon="menu", kind="quiet", title=s.t("Open the navigation"), js="() => regulars.side()")
        toggle.props("data-side-toggle aria-expanded=false")
        _brand(s)
        parts.text(s.shop.name, "rg-small rg-faint rg-wrap").style("max-width: 45%; text-align: right")
