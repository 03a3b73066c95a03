"""Small disks of their own, for what happens when a disk is full or fails; they need root, and in CI a missing one is a failure."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk in memory."""
    place.mkdir(exist_ok=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=False)


class FailingDisk:
    """An ext4 file system in a file, which turns read-only while programs write to it, as disks do that begin to fail."""

    def __init__(self, image: Path, place: Path) -> None:
        self.image = image
        self.place = place

    def attach(self) -> None:
        """Mount it, mended where it had turned read-only."""
        subprocess.run(["e2fsck", "-p", self.image], capture_output=True, check=False)
        _do("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.place))

    def detach(self) -> None:
        """Let go of it; nobody has a file open any more."""
        _do("umount", str(self.place))

    def fail(self) -> None:
        """From now on every write is refused, also by whoever has a file open."""
        device = subprocess.run(["findmnt", "-no", "SOURCE", self.place], capture_output=True, text=True, check=True).stdout.strip()
        Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error").write_text("1")


@contextmanager
def failing_disk(folder: Path, *, megabytes: int) -> Iterator[FailingDisk]:
    """Such a disk, attached."""
    place, image = folder / "failing", folder / "failing.img"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    _do("mkfs.ext4", "-q", "-F", str(image))
    disk = FailingDisk(image, place)
    disk.attach()
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", place], capture_output=True, check=False)
        image.unlink()


class ReadOnlyAtTimes:
    """A folder that turns read-only under a program that has files open in it, and writable again without being unmounted."""

    def __init__(self, folder: Path, below: Path) -> None:
        library, self._flag = folder / "read_only.so", folder / "read-only"
        _do("cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(Path(__file__).with_name("read_only.c")), "-ldl")
        self.environment = {"LD_PRELOAD": str(library), "READ_ONLY_BELOW": str(below), "READ_ONLY_WHILE": str(self._flag)}

    def fail(self) -> None:
        """From now on every write is refused, also by whoever has a file open."""
        self._flag.touch()

    def come_back(self) -> None:
        """Writing works again."""
        self._flag.unlink()


def fill(disk: Path) -> Path:
    """Write one file until nothing more fits; returns it."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return ballast


def _do(*words: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        wrong = (done.stderr.strip() or "failed") if done.returncode else ""
    except FileNotFoundError:
        wrong = "not installed"
    if wrong:
        why = f"a disk of its own cannot be had ({words[0]}: {wrong}): run the tests as root, with a C compiler"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
