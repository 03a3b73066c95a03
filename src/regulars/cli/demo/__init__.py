"""`regulars demo`: a year of a real shop's orders, what they say in half a screen, and the console on top of them."""

from __future__ import annotations

import os
from pathlib import Path

import typer

DATA = Path(__file__).parent / "online_retail.parquet"
SOURCE = 'D. Chen, UCI Machine Learning Repository, "Online Retail" (doi.org/10.24432/C5BW33), CC BY 4.0'


def demo(
    no_serve: bool = typer.Option(False, "--no-serve", help="Load and print only; do not start the server."),
    host: str = typer.Option("", help="Address to listen on [default: 127.0.0.1]."),
    port: int = typer.Option(0, help="Port to listen on [default: 8321]."),
) -> None:
    """Load the UCI Online Retail orders (541,909 lines of a real shop), print what they say, and serve the console.

    Keeps its data in $REGULARS_HOME, or in ~/.regulars-demo where that is not set.
    Example: regulars demo --no-serve
    """
    from dataclasses import replace

    from regulars.app import House
    from regulars.cli.demo.story import load_demo, tell
    from regulars.cli.doors import set_up_logging, shell_language
    from regulars.cli.running import listening
    from regulars.server import run_server
    from regulars.settings import Settings

    if not os.environ.get("REGULARS_HOME"):
        os.environ["REGULARS_HOME"] = str(Path.home() / ".regulars-demo")
    settings = Settings.load()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    set_up_logging(settings)
    house = House.open(settings)
    try:
        shop = load_demo(house, DATA)
        tell(house, shop, shell_language(settings), source=SOURCE)
        if not no_serve:
            with listening(house):
                run_server(house, announce=lambda line: print(line, flush=True))
    finally:
        house.close()
