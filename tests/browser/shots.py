"""Screenshots of every page in every look: `python -m tests.browser.shots FOLDER [--all]`.

Without `--all` only the pictures of the README are taken (desk, light; the overview also dark, in Chinese and on a phone).
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, SIZES, Look, join, signed_in, watched
from tests.browser.test_looks import PAGES
from tests.support.server import command, serving

README = (
    ("overview", "/", Look("en", "light", "desk")),
    ("overview-zh-dark", "/", Look("zh", "dark", "desk")),
    ("overview-phone", "/", Look("en", "light", "phone")),
    ("retention", "/retention", Look("en", "light", "desk")),
    ("retention-zh", "/retention", Look("zh", "light", "desk")),
    ("rfm", "/rfm", Look("en", "light", "desk")),
    ("lifecycle", "/lifecycle", Look("en", "light", "desk")),
    ("customer", "/customers/14646", Look("en", "light", "desk")),
    ("act-on", "/act-on", Look("en", "light", "desk")),
    ("act-on-zh", "/act-on", Look("zh", "light", "desk")),
)


def main(folder: Path, everything: bool) -> None:
    """Start the demo and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    looks = [Look(*parts) for parts in product(("en", "zh"), ("light", "dark"), SIZES)]
    wanted = list(README)
    if everything:
        wanted = [(f"{path.strip('/').replace('/', '-') or 'overview'}-{look}", path, look) for look in looks for path in PAGES]
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        home = Path(scratch) / "home"
        home.mkdir()
        done = command(home, "demo", "--no-serve")
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        with serving(home) as server:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            kept = Path(scratch) / "state.json"
            join(chromium, server, kept)
            for name, path, look in wanted:
                context = signed_in(chromium, server, kept, look)
                seat = watched(context, server)
                page = seat.open(path)
                page.mouse.move(0, 0)
                page.screenshot(path=folder / f"{name}.png", full_page=everything)
                for complaint in seat.complaints:
                    print(f"{name}: {complaint}")
                context.close()
            chromium.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"), "--all" in sys.argv)
