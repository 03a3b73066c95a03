"""Form pieces: labelled fields that write into a plain dictionary, and dialogs that ask before something is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.view import Screen

Values = dict[str, Any]


def text_field(
    values: Values,
    name: str,
    label: str,
    *,
    hint: str = "",
    kind: str = "text",
    most: int = 200,
    autocomplete: str = "off",
    choices: Iterable[str] = (),
    placeholder: str = "",
) -> ui.element:
    """A line of text; `choices` are offered while typing."""
    with parts.box("rg-field", "label"):
        parts.text(label)
        field = ui.element("input")
        field.props(f"type={kind} maxlength={most}")
        field.props["autocomplete"] = autocomplete
        field.props["value"] = "" if values.get(name) is None else str(values[name])
        if placeholder:
            field.props["placeholder"] = placeholder
        field.on(
            "input", lambda event: values.update({name: str(event.args or "")}), js_handler="(event) => emit(event.target.value)"
        )
        offered = list(choices)
        if offered:
            with ui.element("datalist") as listed:
                for choice in offered:
                    ui.element("option").props["value"] = choice
            listed.props["id"] = f"choices-{field.id}"
            field.props["list"] = f"choices-{field.id}"
        if hint:
            parts.text(hint, tag="small")
    return field


def long_field(
    values: Values, name: str, label: str, *, hint: str = "", placeholder: str = "", most: int = 20_000, lines: int = 6
) -> ui.element:
    """Several lines of text, over the form's whole width; code and queries stand in a font of equal widths."""
    with parts.box("rg-field wide", "label"):
        parts.text(label)
        field = ui.element("textarea")
        field.props(f"maxlength={most} rows={lines} spellcheck=false autocomplete=off")
        field.props["value"] = "" if values.get(name) is None else str(values[name])
        if placeholder:
            field.props["placeholder"] = placeholder
        field.on(
            "input", lambda event: values.update({name: str(event.args or "")}), js_handler="(event) => emit(event.target.value)"
        )
        if hint:
            parts.text(hint, tag="small")
    return field


def choice_field(
    values: Values,
    name: str,
    label: str,
    choices: Iterable[tuple[str, str]],
    *,
    hint: str = "",
    on_change: Callable[[], Any] | None = None,
) -> None:
    """One of several."""
    with parts.box("rg-field", "label"):
        parts.text(label)

        def chosen(value: str) -> None:
            values[name] = value
            if on_change is not None:
                on_change()

        field = parts.select(label, choices, str(values.get(name, "")), chosen)
        field.style("width: 100%; max-width: none; min-height: 36px")
        if hint:
            parts.text(hint, tag="small")


def tick(values: Values, name: str, label: str, *, hint: str = "", on_change: Callable[[], Any] | None = None) -> None:
    """Yes or no."""
    with parts.box("rg-tick", "label"):
        field = ui.element("input")
        field.props("type=checkbox")
        if values.get(name):
            field.props("checked")

        def ticked(event: Any) -> None:
            values[name] = bool(event.args)
            if on_change is not None:
                on_change()

        field.on("change", ticked, js_handler="(event) => emit(event.target.checked)")
        with parts.box("", "span"):
            parts.text(label)
            if hint:
                parts.text(hint, "rg-faint rg-small", "span").style("display: block")


class Dialog:
    """A dialog with a heading; use it as a context for its body, then `buttons`."""

    def __init__(self, s: Screen, title: str, *, wide: bool = False) -> None:
        self.s = s
        # Beside the page's content, not inside: what opens it may be redrawn or gone while it is open.
        with ui.context.client.content, ui.dialog() as self.dialog, parts.box("rg-dialog" + (" wide" if wide else "")) as self.card:
            self.card.props("role=dialog aria-modal=true")
            self.card.props["aria-label"] = title
            parts.text(title, tag="h2")
            self.body = parts.box("rg-stack")
            self.foot = parts.box("rg-row").style("justify-content: flex-end")
        self.dialog.on("hide", self.dialog.delete)

    def __enter__(self) -> Dialog:
        self.body.__enter__()
        return self

    def __exit__(self, *reason: Any) -> None:
        self.body.__exit__(*reason)

    def buttons(self, label: str, on_click: Callable[..., Any], *, kind: str = "primary") -> None:
        """The way on and the way back."""
        with self.foot:
            parts.button(self.s.t("Cancel"), self.dialog.close)
            parts.button(label, on_click, kind=kind)

    def open(self) -> None:
        """Show it."""
        self.dialog.open()

    def close(self) -> None:
        """Put it away."""
        self.dialog.close()

    def done(self, *_: Any) -> None:
        """Put it away and draw the page anew, as what it asked for has been done."""
        self.dialog.close()
        self.s.redraw()


def sure(
    s: Screen, title: str, words: str, label: str, action: Callable[[], Any], *, done: Callable[[Any], Any] | str | None = None
) -> None:
    """Ask once more before something that cannot be taken back."""
    dialog = Dialog(s, title)
    with dialog:
        parts.text(words, "rg-muted rg-pretty", "p")

    perform = s.act(action, done)

    async def act() -> None:
        dialog.close()
        await perform()

    dialog.buttons(label, act, kind="primary")
    dialog.open()


def secret_shown(s: Screen, title: str, words: str, secret: str) -> None:
    """Something that is told this once, with a button to copy it."""
    dialog = Dialog(s, title, wide=True)
    with dialog:
        parts.text(words, "rg-muted rg-pretty", "p")
        with parts.box("rg-secret"):
            parts.text(secret).style("flex: 1; user-select: all")
            parts.button("", lambda: parts.run_js("regulars.copy", secret), icon="content_copy", kind="quiet", title=s.t("Copy"))
    with dialog.foot:
        parts.button(s.t("I have kept it"), dialog.close, kind="primary")
    dialog.open()
