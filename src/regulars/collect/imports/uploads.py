"""Files that arrive over HTTP: kept in a folder of their own under `home/uploads` until their load is done with."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request, UploadFile

from regulars.errors import InvalidInput, StorageFull
from regulars.values.ids import new_id

_CHUNK = 1 << 20


def safe_name(name: str | None) -> str:
    """A file's own name without folders, control signs or surprises."""
    plain = re.sub(r"[\x00-\x1f/\\:]", "_", (name or "").strip()).strip(". ")
    return plain[-150:] or "upload"


@dataclass(slots=True)
class Bare:
    """A file that came as the body itself; its folder goes with the request unless it is `kept`."""

    path: Path | None
    kept: bool = False


async def raw_body(request: Request) -> AsyncIterator[Bare]:
    """The body as a file, where the file was sent bare and not as a form."""
    kind = request.headers.get("content-type", "")
    if kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
        yield Bare(None)
        return
    folder = new_folder(request.app.state.stores.home)
    path = folder / safe_name(request.query_params.get("name"))
    bare = Bare(path)
    try:
        size = 0
        with path.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                file.write(chunk)
        if not size:
            bare.path = None
        yield bare
    except OSError as error:
        raise StorageFull(f"the upload cannot be kept ({error.strerror})", mend="free some space and send it again") from None
    finally:
        if not bare.kept:
            shutil.rmtree(folder, ignore_errors=True)


RawBody = Annotated[Bare, Depends(raw_body)]


def new_folder(home: Path) -> Path:
    """An empty folder for one upload."""
    folder = home / "uploads" / new_id("upload")
    folder.mkdir(parents=True, mode=0o700)
    return folder


def keep(home: Path, raw: Bare, forms: Sequence[UploadFile], name: str | None) -> tuple[list[Path], list[str]]:
    """All files of a request on disk, with the names they are spoken of by.

    Raises
    ------
    InvalidInput : there is none.
    """
    if raw.path is not None:
        return [raw.path], [safe_name(name)]
    if not forms:
        raise InvalidInput("no file was sent", mend="send the file as the body, or as the form field `files`", code="no_file")
    folder = new_folder(home)
    paths, names = [], []
    try:
        for place, form in enumerate(forms):
            path = folder / f"{place}-{safe_name(form.filename)}"
            with path.open("wb") as file:
                shutil.copyfileobj(form.file, file, _CHUNK)
            paths.append(path)
            names.append(safe_name(form.filename))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StorageFull(f"the upload cannot be kept ({error.strerror})", mend="free some space and send it again") from None
    return paths, names


def discard(paths: Sequence[Path]) -> None:
    """Remove the folders of these files."""
    for folder in {path.parent for path in paths}:
        shutil.rmtree(folder, ignore_errors=True)
