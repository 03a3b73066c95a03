"""`regulars serve`: HTTP, console and worker in one process."""

from __future__ import annotations

import typer


def serve(
    host: str = typer.Option("", help="Address to listen on [default: 127.0.0.1]."),
    port: int = typer.Option(0, help="Port to listen on [default: 8321]."),
) -> None:
    """Serve the API and the console, and do the background work.

    On the first start a one-time link is printed; it makes you the owner.
    Example: regulars serve --host 127.0.0.1 --port 8321
    """
    from dataclasses import replace

    from regulars.app import House
    from regulars.cli.doors import set_up_logging
    from regulars.cli.running import listening
    from regulars.server import run_server
    from regulars.settings import Settings

    settings = Settings.load()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    set_up_logging(settings, serves=True)
    house = House.open(settings)
    try:
        run_server(house, announce=lambda line: print(line, flush=True), meanwhile=listening)
    finally:
        house.close()
