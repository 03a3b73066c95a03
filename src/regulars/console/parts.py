"""The small pieces every screen is made of: headings, cards, tiles, badges, notices, buttons, empty states, skeletons.

Every piece takes text as text: nothing here can be handed markup.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Literal

from nicegui import ui

Tone = Literal["", "good", "warn", "bad", "info", "accent"]


class Text(ui.element):
    """An element with words in it."""

    def __init__(self, tag: str, text: str = "", classes: str = "") -> None:
        super().__init__(tag)
        self._text = text
        if classes:
            self.classes(classes)

    def say(self, text: str) -> None:
        """Other words."""
        self._text = text
        self.update()


def run_js(function: str, *values: Any) -> None:
    """Call one of the console's own browser functions; the values travel as JSON."""
    arguments = ", ".join(json.dumps(value).replace("<", "\\u003c") for value in values)
    ui.run_javascript(f"{function}({arguments})")


def box(classes: str = "", tag: str = "div") -> ui.element:
    """A plain container."""
    made = ui.element(tag)
    return made.classes(classes) if classes else made


def text(words: str, classes: str = "", tag: str = "span") -> Text:
    """Words."""
    return Text(tag, words, classes)


def icon(name: str, label: str = "") -> Text:
    """A pictogram; with `label` it is read out, without it is decoration."""
    made = Text("span", name, "rg-i")
    made.props(f"aria-hidden={'false' if label else 'true'}")
    if label:
        made.props["aria-label"] = label
        made.props("role=img")
    return made


def link(words: str, href: str, classes: str = "") -> Text:
    """A link inside the console."""
    made = Text("a", words, classes)
    made.props["href"] = href
    return made


def button(
    label: str,
    on_click: Callable[..., Any] | None = None,
    *,
    icon: str = "",
    kind: str = "",
    href: str = "",
    title: str = "",
    js: str = "",
) -> ui.element:
    """A button, or a link that looks like one. An icon without label needs `title`."""
    made = ui.element("a" if href else "button").classes(f"rg-btn {kind} {'icon' if icon and not label else ''}".strip())
    if href:
        made.props["href"] = href
    else:
        made.props("type=button")
    if title:
        made.props["title"] = title
        if not label:
            made.props["aria-label"] = title
    with made:
        if icon:
            _icon(icon)
        if label:
            Text("span", label)
    if js:
        made.on("click", js_handler=js)
    if on_click is not None:
        made.on("click", on_click, [])
    return made


_icon = icon


def card(
    title: str = "", note: str = "", *, classes: str = "", flush: bool = False, help_url: str = "", help_label: str = ""
) -> Card:
    """A surface with a heading; use it as a context for its body, `card.tools` for what stands at the right of the heading."""
    return Card(title, note, classes=classes, flush=flush, help_url=help_url, help_label=help_label)


class Card(ui.element):
    """A surface with a heading, tools and a body; entering it means entering the body."""

    def __init__(self, title: str, note: str, *, classes: str, flush: bool, help_url: str, help_label: str) -> None:
        super().__init__("section")
        self.classes(f"rg-card {classes}".strip())
        if title:
            self.props["aria-label"] = title
        with self.default_slot:
            if title:
                with box("rg-card-head"):
                    with box():
                        with box("", "h2"):
                            Text("span", title)
                            if help_url:
                                help_link(help_url, help_label)
                        if note:
                            Text("p", note)
                    self.tools = box("rg-card-tools")
            self.body = box("rg-card-body" + (" flush" if flush else ""))

    def __enter__(self) -> Card:
        self.body.__enter__()
        return self

    def __exit__(self, *reason: Any) -> None:
        self.body.__exit__(*reason)

    def foot(self) -> ui.element:
        """A line below the body."""
        with self.default_slot:
            return box("rg-card-foot")


def help_link(href: str, label: str) -> None:
    """The little sign that leads to a number's definition."""
    with ui.element("a").classes("rg-help") as made:
        made.props["href"] = href
        made.props["title"] = label
        made.props["aria-label"] = label
        icon("info")


def tile(
    name: str,
    value: str,
    *,
    exact: str = "",
    href: str = "",
    notes: Iterable[tuple[str, str, Tone, str]] = (),
    small: bool = False,
) -> ui.element:
    """A headline number. `notes` are (figure, words, tone, hover) lines below it; `exact` is what hovering the number shows."""
    made = ui.element("a" if href else "div").classes("rg-tile")
    if href:
        made.props["href"] = href
    with made:
        Text("span", name, "rg-tile-name")
        number = Text("span", value, "rg-tile-value rg-num" + (" small" if small else ""))
        if exact:
            number.props["title"] = exact
        with box("rg-tile-note"):
            for figure, words, tone, hover in notes:
                with box(f"rg-delta {tone or 'flat'}", "span") as line:
                    if hover:
                        line.props["title"] = hover
                    if figure:
                        Text("b", figure)
                    if words:
                        Text("span", words)
    return made


def badge(words: str, tone: Tone = "", *, plain: bool = False) -> Text:
    """A word about a state."""
    return Text("span", words, f"rg-badge {tone} {'plain' if plain else ''}".strip())


_NOTICE_ICONS = {"bad": "error_outline", "warn": "warning_amber", "good": "check_circle", "info": "info", "": "info"}


def notice(said: str, more: str = "", *, tone: str = "") -> ui.element:
    """A sentence that needs to be seen, with what to do about it; use it as a context to add a button."""
    with box(f"rg-notice {tone}".strip()):
        icon(_NOTICE_ICONS.get(tone, "info"))
        with box("rg-stack") as inner:
            inner.style("gap: 8px")
            with box():
                Text("p", said, "rg-strong" if more else "")
                if more:
                    Text("p", more)
    return inner


def empty(icon_name: str, title: str, words: str, *, action: str = "", href: str = "") -> None:
    """Nothing here yet, and what to do next."""
    with box("rg-empty"):
        icon(icon_name)
        Text("h3", title)
        Text("p", words)
        if action:
            button(action, href=href, kind="primary")


_HEIGHTS = {"card": 320, "tiles": 98, "table": 420, "head": 58, "line": 20, "panel": 160, "page": 560}


def skeleton(kind: str) -> None:
    """A grey shape in the place of what is loading; `none` for what may appear late unseen."""
    if kind == "none":
        return
    shape = box("rg-skeleton")
    shape.style(f"height: {_HEIGHTS.get(kind, 200)}px; width: 100%")
    shape.props("aria-hidden=true")


def segmented(label: str, choices: Iterable[tuple[str, str]], chosen: str, on_choose: Callable[[str], Any]) -> ui.element:
    """A row of choices of which one is pressed."""
    made = box("rg-seg")
    made.props["aria-label"] = label
    made.props("role=group")
    with made:
        for value, words in choices:
            one = Text("button", words)
            one.props(f"type=button aria-pressed={'true' if value == chosen else 'false'}")
            one.on("click", lambda value=value: on_choose(value), [])
    return made


def select(label: str, choices: Iterable[tuple[str, str]], chosen: str, on_choose: Callable[[str], Any]) -> ui.element:
    """A list to choose from (the browser's own, so that it works on phones and for readers)."""
    made = ui.element("select").classes("rg-select")
    made.props["aria-label"] = label
    made.style("width: auto; max-width: min(320px, 100%)")
    with made:
        for value, words in choices:
            option = Text("option", words)
            option.props["value"] = value
            if value == chosen:
                option.props("selected")
    made.on("change", lambda event: on_choose(str(event.args or "")), js_handler="(event) => emit(event.target.value)")
    return made


def search(label: str, value: str, on_search: Callable[[str], Any]) -> ui.element:
    """A search field; it searches while typing, after a pause."""
    with box("rg-search"):
        icon("search")
        made = ui.element("input").classes("rg-input")
        made.props("type=search data-search autocomplete=off")
        made.props["placeholder"] = label
        made.props["aria-label"] = label
        made.props["value"] = value
        made.on(
            "input",
            lambda event: on_search(str(event.args or "")),
            js_handler="(event) => regulars.later(event.target, () => emit(event.target.value))",
        )
    return made


def code(words: str, copy_label: str, *, wrap: bool = False) -> ui.element:
    """Lines of a program, with a button that copies them."""
    with box("rg-snippet") as made:
        shown = Text("pre", words, "wrap" if wrap else "")
        shown.props("tabindex=0")
        button("", icon="content_copy", kind="quiet", title=copy_label, js="(event) => regulars.copyLines(event)")
    return made


def findings(items: Iterable[tuple[str, str, str, str]]) -> None:
    """Plain statements: (tone, sentence, small print, address)."""
    icons = {"good": "trending_up", "bad": "trending_down", "warn": "priority_high"}
    for tone, sentence, small, href in items:
        with ui.element("a" if href else "div").classes(f"rg-finding {tone}") as made:
            if href:
                made.props["href"] = href
            icon(icons.get(tone, "lightbulb"))
            with box():
                Text("p", sentence)
                if small:
                    Text("p", small)


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values in two columns."""
    with box("rg-facts", "dl"):
        for name, value in pairs:
            Text("dt", name)
            Text("dd", value, "rg-num")


def menu_item(
    label: str,
    *,
    icon_name: str = "",
    href: str = "",
    on_click: Callable[..., Any] | None = None,
    js: str = "",
    checked: bool | None = None,
) -> ui.element:
    """A line of a menu."""
    made = ui.element("a" if href else "button")
    if href:
        made.props["href"] = href
    else:
        made.props("type=button")
    if checked is not None:
        made.props(f"role=menuitemradio aria-checked={'true' if checked else 'false'}")
    with made:
        if icon_name or checked is not None:
            icon(icon_name or ("check" if checked else "remove")).style(
                "visibility: hidden" if checked is False and not icon_name else ""
            )
        Text("span", label)
    if js:
        made.on("click", js_handler=js)
    if on_click is not None:
        made.on("click", on_click, [])
    return made
