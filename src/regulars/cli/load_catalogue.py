"""`regulars load catalogue`: products with all their details from a file, by the fields of the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regulars.cli.printing import Printer, safe
from regulars.cli.show import AsJson, Lang, ShopId, asked


def join(app: typer.Typer) -> None:
    """Give the group of loads this command."""
    app.command("catalogue")(catalogue)


def catalogue(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .jsonl, .json, .csv or .parquet file.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tell of products with details, variants, attributes and pictures; what a line leaves out stays as it is.

    Example: regulars load catalogue products.jsonl
    """
    from regulars.access import Caller
    from regulars.collect import track
    from regulars.collect.catalog.files import tell_file

    with asked(shop, lang) as ask:
        house = ask.house
        with house.records.unit() as uow:
            source_id = track.source_of_catalogue(uow, Caller.system("shell", house.keyring), ask.shop.shop_id)
        answer = tell_file(house.journal, ask.shop.shop_id, source_id, file)
        house.loader.run_once()

        def show(out: Printer) -> None:
            out.line(
                out.t(
                    f"{answer.taken:,} products taken, {answer.refused:,} lines left out",
                    f"已接收 {answer.taken:,} 个商品，略过 {answer.refused:,} 行",
                )
            )
            for problem in answer.problems:
                out.line(safe(problem))

        ask.give(answer, as_json, show)
