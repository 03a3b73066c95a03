"""On the shop's pages: choose a piece, look at it as shoppers will, and copy the lines that put it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from regulars.collect import track
from regulars.console import parts, screen, shell
from regulars.serve import recommend
from regulars.serve.recommend.words import PLACES
from regulars.serve.storefront import service, snippets
from regulars.serve.storefront.words import TITLES

if TYPE_CHECKING:
    from regulars.collect.track.sources import Source
    from regulars.console.view import Screen
    from regulars.serve.recommend.domain.lists import Placement

_SEARCH = "search"
_WAYS = ("python", "php", "node")


@dataclass(frozen=True)
class _Known:
    """The shop's browser sources, the one chosen and its key; no key where the role may not see it."""

    sources: Sequence[Source]
    source: Source | None
    key: str | None


@screen("/storefront", permission="read_reports", nav="On the shop's pages", icon="storefront", order=85, group="Act")
def storefront_page(s: Screen) -> None:
    """The pieces, the source, the lines, and how it looks."""
    shell.head(
        s,
        s.t("On the shop's pages"),
        s.t("Recommendations and search as pieces of a page: two lines each, counted by themselves, readable without scripts."),
    )
    s.load(lambda: _ask(s), lambda found: _draw(s, found), skeleton="page")


def _ask(s: Screen) -> _Known:
    with s.records.reading() as uow:
        known = track.sources_of(uow, s.caller, s.shop.shop_id, "browser")
        chosen = next((one for one in known if one.source_id == s.query.get("source")), known[0] if known else None)
        key = track.write_key(uow, s.caller, chosen.source_id) if chosen is not None and s.may("load_data") else None
    return _Known(known, chosen, key)


def _draw(s: Screen, known: _Known) -> None:
    if known.source is None:
        with parts.card():
            parts.empty(
                "sensors",
                s.t("No source of the kind browser"),
                s.t("Pages ask with the key of such a source. Make one first; it takes a minute."),
                action=s.t("Sources"),
                href=s.url("/events/sources"),
            )
        return
    if known.key is None:
        with parts.card():
            parts.empty("key", s.t("The lines hold a key"), s.t("Your role does not include seeing the key."))
        return
    piece = s.choice("piece", (*recommend.PLACEMENTS, _SEARCH), "home")
    placement = None if piece == _SEARCH else cast("Placement", piece)
    items = tuple(s.query.get("item", "").split())
    with parts.box("rg-filters"):
        zh = s.language == "zh"
        choices = [(_SEARCH, s.t("Search box")), *((one, PLACES[one][zh]) for one in recommend.PLACEMENTS)]
        parts.select(s.t("Piece"), choices, piece, lambda value: s.go(piece=value))
        if len(known.sources) > 1:
            named = [(one.source_id, one.name) for one in known.sources]
            parts.select(s.t("Source"), named, known.source.source_id, lambda value: s.go(source=value))
        if placement is not None:
            parts.search(s.t("Product on the page"), s.query.get("item", ""), lambda value: s.go(item=value.strip() or None))
    lines = snippets.page_snippets(s.base_url, known.key, placement=placement, items=items)
    _looks(s, known.key, placement, items)
    with parts.box("rg-grid"):
        with parts.card(
            s.t("Put it there"), s.t("The first lines once on every page, the others where it shall be seen."), classes="w-6"
        ):
            _lines(s, lines)
        with parts.card(
            s.t("For customers who are signed in"),
            s.t("Your server vouches for the customer, so that purchases have a say too."),
            classes="w-6",
        ):
            _token(s, known, lines)


def _looks(s: Screen, key: str, placement: Placement | None, items: Sequence[str]) -> None:
    title = s.t("How it looks")
    with parts.card(
        title, s.t("With your products, as somebody sees it who comes for the first time. Nothing is counted here."), flush=True
    ):
        if placement in recommend.NEED_CONTEXT and not items:
            parts.empty("ads_click", s.t("Name a product"), s.t("This list starts from the product that the page is about."))
            return
        asked: list[tuple[str, str]] = [("key", key), ("lang", s.language), ("theme", "dark" if s.dark else "light")]
        asked += [("placement", placement)] if placement else []
        asked += [("item", one) for one in items]
        if placement:
            asked.append(("title", TITLES[placement][s.language == "zh"]))
        frame = parts.box("rg-preview", "iframe")
        frame.props["src"] = f"/v1/storefront/preview.html?{urlencode(asked)}"
        frame.props["title"] = title
        frame.style(f"display: block; width: 100%; border: 0; height: {'400px' if placement else '460px'}")


def _lines(s: Screen, lines: snippets.StorefrontSnippets) -> None:
    with parts.box("rg-stack"):
        parts.text(s.t("Once, in the head of every page"), "rg-small rg-strong", "p")
        parts.code(lines.scripts, s.t("Copy"), wrap=True).props("data-scripts")
        parts.text(s.t("Where it shall be seen"), "rg-small rg-strong", "p")
        parts.code(lines.component, s.t("Copy"), wrap=True).props("data-component")
        if lines.without_scripts:
            parts.text(s.t("Beside it, for browsers without scripts"), "rg-small rg-strong", "p")
            parts.code(lines.without_scripts, s.t("Copy"), wrap=True)
        parts.text(
            s.t(
                "Views count when half of a product was seen for a second; clicks and searches are told with the list they came from."
            ),
            "rg-small rg-faint rg-pretty",
            "p",
        )


def _token(s: Screen, known: _Known, lines: snippets.StorefrontSnippets) -> None:
    way = s.choice("way", _WAYS, "python")
    named = {"python": "Python", "php": "PHP", "node": "Node"}
    code = {"python": lines.python, "php": lines.php, "node": lines.node}[way]
    told: list[str] = []

    def shown(secret: str) -> None:
        told[:] = [secret]
        s.redraw_part("secret")

    def draw() -> None:
        for secret in told:
            parts.code(secret, s.t("Copy"), wrap=True).props("data-secret")
            note = s.t("For your server only, never for a page. It changes when the key of the source is rotated.")
            parts.text(note, "rg-small rg-faint rg-pretty", "p")

    with parts.box("rg-stack"):
        parts.segmented(s.t("Language of your server"), list(named.items()), way, lambda value: s.go(way=value))
        parts.code(code, s.t("Copy")).props("data-token-lines")
        parts.text(
            s.t(
                "Put what it gives into the piece as its token. A token holds for 15 minutes and shows the lists of that one customer."
            ),
            "rg-small rg-muted rg-pretty",
            "p",
        )
        if s.may("read_customers"):
            parts.button(s.t("Show the secret"), s.act(lambda: _secret(s, known), shown), icon="key")
            s.part("secret", draw)


def _secret(s: Screen, known: _Known) -> str:
    assert known.source is not None
    with s.records.reading() as uow:
        return service.signing_secret(uow, s.caller, known.source).secret
