"""The place to drop files on: they are saved under the data folder before the page hears of them."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.events import MultiUploadEventArguments

from regulars.console.view import Screen
from regulars.values.ids import new_id

_KEPT_SECONDS = 24 * 3600


class Drop(ui.upload, component=Path(__file__).parent / "static" / "drop.js"):
    """NiceGUI's upload with a face of our own; use `drop_zone`."""


def drop_zone(s: Screen, title: str, hint: str, on_files: Callable[[list[Path], list[str]], Any]) -> Drop:
    """A drop zone for several files. `on_files` is given where they were saved and what they are called."""

    async def saved(event: MultiUploadEventArguments) -> None:
        folder = s.home / "uploads" / new_id("upload")
        folder.mkdir(parents=True)
        paths, names = [], []
        try:
            for place, file in enumerate(event.files):
                path = folder / str(place) / safe_name(file.name)  # errors quote the name, so it stays as it was
                path.parent.mkdir()
                await file.save(path)
                paths.append(path)
                names.append(file.name)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            s.notify_error(error)
            return
        result = on_files(paths, names)
        if hasattr(result, "__await__"):
            await result

    sweep(s.home / "uploads")
    made = Drop(multiple=True, on_multi_upload=saved, auto_upload=True)
    made.props["title"] = title
    made.props["hint"] = hint
    made.props["sending"] = s.t("Sending…")
    made.props["failed"] = s.t("The files did not arrive. Check the connection and the free space on the server, then try again.")
    return made


def safe_name(name: str) -> str:
    """A file's own name without folders and odd signs, so that its ending still tells its form."""
    kept = re.sub(r"[^\w.\- ]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    return kept[-120:] or "file"


def sweep(folder: Path) -> None:
    """Throw away uploads that nobody loaded within a day."""
    if not folder.is_dir():
        return
    for one in folder.iterdir():
        if one.is_dir() and time.time() - one.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(one, ignore_errors=True)
