"""QR codes, as a picture inside the page: nothing is fetched from elsewhere."""

from __future__ import annotations

from nicegui import ui


def qr_code(text: str, label: str) -> ui.element:
    """A picture of the text, dark on white in either theme so that phones read it."""
    import segno

    made = ui.element("img").classes("rg-qr")
    made.props["src"] = segno.make(text, error="m").svg_data_uri(scale=4, border=0, dark="#111111")
    made.props["alt"] = label
    return made
