"""The screen of search: trying it, how good it is, what is searched for, and what operators want."""

from __future__ import annotations

from regulars.console import parts, screen, shell
from regulars.console.view import Screen
from regulars.serve.search import analytics, rules
from regulars.serve.search.analytics import VIEWS
from regulars.serve.search.pages.asked import asked, view_of
from regulars.serve.search.pages.quality import new_judgements, quality
from regulars.serve.search.pages.ruling import new_rule_of_queries, new_synonyms, rules_shown
from regulars.serve.search.pages.trying import trying

_TABS = ("try", "quality", "asked", "rules")


@screen("/search", permission="read_reports", nav="Search of products", icon="manage_search", order=80, group="Act")
def search_page(s: Screen) -> None:
    """What shoppers find, and what they look for in vain."""
    tab = s.choice("tab", _TABS, "try")
    tools = shell.head(s, s.t("Search of products"), s.t("What shoppers find in your catalogue, and what they search for in vain."))
    with tools:
        words = {
            "try": s.t("Try it"),
            "quality": s.t("How good it is"),
            "asked": s.t("What is searched for"),
            "rules": s.t("Rules"),
        }
        parts.segmented(s.t("View"), list(words.items()), tab, lambda value: s.go(tab=value, view=None))
        if tab == "try":
            parts.button(s.t("Put it on the shop"), href=s.url("/storefront", piece="search"), icon="storefront")
        if tab == "rules" and s.may("manage_reports"):
            parts.button(s.t("New synonyms"), lambda: new_synonyms(s), icon="add")
            parts.button(s.t("New rule of queries"), lambda: new_rule_of_queries(s), icon="add", kind="primary")
        if tab == "quality" and s.may("manage_reports"):
            parts.button(s.t("Load judgements"), lambda: new_judgements(s), icon="upload_file", kind="primary")
    match tab:
        case "asked":
            view = s.choice("view", VIEWS, "top")
            s.load(lambda: analytics.analytics(s.warehouse, s.shop, view=view_of(view)), lambda found: asked(s, found, view))
        case "rules":
            with s.records.reading() as uow:
                found = rules.listing(uow, s.shop.shop_id)
            rules_shown(s, found)
        case "quality":
            quality(s)
        case _:
            trying(s)
