"""`regulars storefront`: the lines that put recommendations and search on a shop's pages, and tokens for its customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from regulars.cli.show import AsJson, Lang, ShopId, asked, one_of

if TYPE_CHECKING:
    from regulars.cli.printing import Printer
    from regulars.serve.storefront.snippets import StorefrontSnippets

app = typer.Typer(
    no_args_is_help=True,
    help="Recommendations and search on the shop's pages.",
    epilog="Example: regulars storefront snippet home",
)

Source = Annotated[str, typer.Option("--source", metavar="SOURCE", help="The browser source; the oldest one by default.")]


@app.command()
def snippet(
    piece: Annotated[str, typer.Argument(metavar="PLACEMENT|search", help="home, next, similar, cart ... or search.")],
    item: Annotated[list[str], typer.Option("--item", help="A product the page is about; may be repeated.")] = [],  # noqa: B006
    title: Annotated[str, typer.Option("--title", help="The heading; the placement's own by default.")] = "",
    source: Source = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """The lines for a page, for browsers without scripts, and for the server.

    Example: regulars storefront snippet similar --item longjing-100
    """
    from regulars.access import Caller
    from regulars.app import console_address
    from regulars.collect import track
    from regulars.serve import recommend
    from regulars.serve import storefront as room

    one_of("PLACEMENT", piece, (*recommend.PLACEMENTS, "search"))
    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.reading() as uow:
            found = room.source_for(uow, caller, ask.shop.shop_id, source or None)
            key = track.write_key(uow, caller, found.source_id)
        base = console_address(ask.house.settings)
        lines = room.page_snippets(base, key, placement=None if piece == "search" else piece, items=item, title=title)
        ask.give(lines, as_json, lambda out: _lines(out, lines))


@app.command()
def token(
    customer: Annotated[str, typer.Argument(help="The buyer, as the shop names them.")],
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=60, help="How long it holds.")] = 15,
    source: Source = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """A token that lets a browser see one customer's lists, to try a page with.

    Example: regulars storefront token 17850
    """
    from regulars.access import Caller
    from regulars.serve import storefront as room

    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.reading() as uow:
            found = room.source_for(uow, caller, ask.shop.shop_id, source or None)
            made = room.customer_token(uow, caller, found, customer, minutes=minutes)
        ask.give(made, as_json, lambda out: out.copyable(made.token))


@app.command()
def secret(source: Source = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """The secret with which the shop's server signs such tokens; never for a page.

    Example: regulars storefront secret
    """
    from regulars.access import Caller
    from regulars.serve import storefront as room

    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.reading() as uow:
            found = room.signing_secret(uow, caller, room.source_for(uow, caller, ask.shop.shop_id, source or None))
        ask.give(found, as_json, lambda out: out.copyable(found.secret))


def _lines(out: Printer, lines: StorefrontSnippets) -> None:
    for name, text in (
        (out.t("In the head of every page", "放在每个页面的 head 中"), lines.scripts),
        (out.t("Where it shall be seen", "放在要显示的位置"), lines.component),
        (out.t("Beside it, for browsers without scripts", "旁边，供不运行脚本的浏览器使用"), lines.without_scripts),
    ):
        if text:
            out.head(name)
            out.copyable(text)
