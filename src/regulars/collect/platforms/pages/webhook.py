"""Adding a webhook: which platform, its secret, and for other programs the mapping with a try on a sample."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from regulars.collect.platforms import receiving, sources
from regulars.collect.platforms.domain.dispatch import TOPICS
from regulars.collect.platforms.domain.messages import Setting, Translation
from regulars.collect.platforms.sources import NewWebhookSource
from regulars.console import forms, parts, screen, shell
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.web.bodies import strict_json

_PLATFORM_WORDS = {"shopify": "Shopify", "woocommerce": "WooCommerce", "webhook": "Another program"}
_WHERE_WORDS = {
    "shopify": "In Shopify: Settings, Notifications, Webhooks. The secret stands below the list of webhooks.",
    "woocommerce": "In WooCommerce: Settings, Advanced, Webhooks. Paste the secret that is made here.",
    "webhook": "Any program that signs as Standard Webhooks say. Tell below where the fields stand.",
}
_MAPPING = {
    "rules": [
        {
            "take": "orders",
            "fields": {"order_id": "data.number", "ordered_at": "data.paid_at", "customer_email": "data.buyer.email"},
            "lines": "data.items",
            "line_fields": {"product_id": "sku", "quantity": "qty", "unit_price": "price"},
        }
    ]
}
_SAMPLE = {
    "data": {
        "number": "A-17",
        "paid_at": "2026-11-01T17:30:00+08:00",
        "buyer": {"email": "mei@example.com"},
        "items": [{"sku": "TEA-1", "qty": 2, "price": "45.00"}],
    }
}


@screen("/data/connections/webhook", permission="connect_data", title="Add a webhook", parent="/data/connections")
def add_webhook_page(s: Screen) -> None:
    """Make a source of webhooks."""
    shell.head(s, s.t("Add a webhook"), back=(s.t("Connections"), s.url("/data/connections")))
    values: forms.Values = {
        "platform": "shopify",
        "name": "",
        "secret": "",
        "domain": "",
        "mapping": json.dumps(_MAPPING, indent=2, ensure_ascii=False),
        "sample": json.dumps(_SAMPLE, indent=2, ensure_ascii=False),
    }
    s.part("form", lambda: _form(s, values))


def _form(s: Screen, values: forms.Values) -> None:
    platform = str(values["platform"])
    with parts.card(s.t("Where it comes from"), s.t(_WHERE_WORDS[platform])), parts.box("rg-form"):
        choices = [(code, s.t(words)) for code, words in _PLATFORM_WORDS.items()]
        forms.choice_field(values, "platform", s.t("Platform"), choices, on_change=lambda: s.redraw_part("form"))
        forms.text_field(values, "name", s.t("Name"))
        hint = s.t("Copy it from Shopify.") if platform == "shopify" else s.t("Leave it empty to have one made.")
        forms.text_field(values, "secret", s.t("Secret of the platform"), kind="password", most=255, hint=hint)
        if platform == "shopify":
            domain_hint = s.t("For the pages of products.")
            forms.text_field(
                values, "domain", s.t("Domain of the storefront"), placeholder="tea-house.example.com", hint=domain_hint
            )
    topics = [topic for topic in TOPICS[platform] if "_" not in topic]  # type: ignore[index]
    if topics:
        with parts.card(s.t("Topics"), s.t("Subscribe to those you want; others are answered and counted.")):
            parts.text(", ".join(topics), "rg-small rg-muted rg-wrap", "p")
    else:
        _mapping(s, values)
    with parts.box("rg-row"):
        parts.button(s.t("Make the webhook"), s.act(lambda: _add(s, values), lambda made: _made(s, made)), kind="primary")


def _mapping(s: Screen, values: forms.Values) -> None:
    with parts.card(
        s.t("Where the fields stand"), s.t("A path is names and places, such as data.items[0].sku; =CNY is a fixed text.")
    ):
        with parts.box("rg-form"):
            forms.long_field(values, "mapping", s.t("Mapping"))
            forms.long_field(values, "sample", s.t("A message as it is sent"))
        shown = parts.box("rg-stack")

        def show(found: Translation) -> None:
            shown.clear()
            with shown:
                _say(s, found)

        with parts.box("rg-row"):
            parts.button(s.t("Try it"), s.act(lambda: _try(s, values), show), icon="play_arrow")


def _say(s: Screen, found: Translation) -> None:
    if not found.messages:
        parts.notice(s.t("This message would say nothing."), s.word("ignored", found.ignored), tone="warn")
        return
    parts.notice(s.plural(len(found.messages), "It would come to {n} message:", "It would come to {n} messages:"), tone="good")
    for message in found.messages:
        said_messages(message)


def said_messages(message: Mapping[str, Any]) -> None:
    """A message as it would be kept, to be read by people."""
    parts.text(json.dumps(message, indent=2, ensure_ascii=False), "rg-code", "pre")


def _try(s: Screen, values: forms.Values) -> Translation:
    setting = Setting("webhook", s.shop.timezone, s.shop.currency)
    return receiving.try_mapping(setting, _json(values, "mapping"), _json(values, "sample"))


def _add(s: Screen, values: forms.Values) -> NewWebhookSource:
    s.caller.demand("connect_data")
    platform = str(values["platform"])
    if platform == "shopify" and not values["secret"]:
        raise InvalidInput("Shopify's secret is missing", mend="copy it from the page Webhooks in Shopify", code="secret_missing")
    with s.records.unit() as uow:
        return sources.add(
            uow,
            s.caller,
            shop_id=s.shop.shop_id,
            name=str(values["name"] or _PLATFORM_WORDS[platform]),
            platform=platform,
            secret=values["secret"] or None,
            domain=(values["domain"] or None) if platform == "shopify" else None,
            mapping=_json(values, "mapping") if platform == "webhook" else None,
        )


def _made(s: Screen, made: NewWebhookSource) -> None:
    address = s.base_url.rstrip("/") + made.source.path
    dialog = forms.Dialog(s, s.t("The webhook is ready"), wide=True)
    with dialog:
        parts.text(s.t("Give the platform this address and this secret. The secret is shown this once."), "rg-muted rg-pretty", "p")
        for words, text in ((s.t("Address"), address), (s.t("Secret"), made.secret)):
            parts.text(words, "rg-small rg-muted", "p")
            with parts.box("rg-secret"):
                parts.text(text, "rg-wrap").style("flex: 1; user-select: all")
                copy = _copier(text)
                parts.button("", copy, icon="content_copy", kind="quiet", title=s.t("Copy"))
    with dialog.foot:
        parts.button(s.t("I have kept it"), href=s.url("/data/connections"), kind="primary")
    dialog.open()


def _copier(text: str) -> Any:
    return lambda: parts.run_js("regulars.copy", text)


def _json(values: forms.Values, name: str) -> Any:
    return strict_json(str(values[name]).encode(), exact=name == "sample")
