"""The door for browsers: facts of the catalogue for everybody, a customer's own order only with a token, and nothing for strangers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from regulars.access import shops
from regulars.collect.track import sources
from regulars.guard import consent
from regulars.serve.storefront import asking
from regulars.serve.storefront.domain.tokens import sign
from regulars.values import clock
from regulars.web import rates
from tests.serve.recommend.conftest import Tea
from tests.serve.storefront.conftest import SITE, Window


def products(answer: Any) -> list[str]:
    return [one["product_id"] for one in answer["items"]]


def reasons(answer: Any) -> set[str]:
    return {one["reason"] for one in answer["items"]}


def token_of(window: Window, customer: str) -> str:
    made = window.operator.post("/v1/storefront/customer_tokens", json={"customer": customer, "source_id": window.source_id})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def refuse(window: Window, purpose: str, customer_id: str) -> None:
    with window.tea.house.records.unit() as uow:
        consent.record(uow, window.tea.caller, "tea", customer_id, [consent.GivenConsent(purpose=purpose, state="refused")])


def test_a_visitor_is_answered_with_what_this_device_did_and_facts_that_are_public(window: Window) -> None:
    window.tea.view("phone-1", "longjing", "m1")

    answer = window.get("recommendations", placement="next", visitor="phone-1", lang="zh")

    told = answer.json()
    assert (answer.headers["access-control-allow-origin"], answer.headers["cache-control"]) == (SITE, "private, no-store")
    assert "Origin" in answer.headers["vary"]
    first = told["items"][0]
    assert (first["product_id"], first["reason"], first["reason_text"]) == ("biluochun", "viewed", "因为浏览过Longjing")
    assert (first["link"], first["price_text"], first["in_stock"]) == (f"{SITE}/p/biluochun?a=1&b=2", "¥99.00", True)
    assert re.fullmatch(r"rec_\w+", told["impression_id"])
    assert told["personalised"] is True
    assert "score" not in first
    assert "sold-out" not in products(told)
    by = {one["product_id"]: one for one in window.lists(placement="popular", size=24)["items"]}
    assert (by["longjing"]["badge"], by["longjing"]["badge_text"], by["longjing"]["list_price_text"]) == ("sale", "Sale", "¥120.00")
    assert (by["longjing"]["link"], by["cup"]["link"], by["cup"]["image_url"]) == (f"{SITE}/p/longjing", None, None)


def test_what_is_nobodys_own_may_be_kept_and_what_is_somebodys_may_not(window: Window) -> None:
    kept = {
        "recommendations": ({"placement": "popular"}, "private, max-age=60"),  # its id is of one showing
        "search": ({"q": "longjing"}, "private, max-age=60"),
        "suggestions": ({"q": "lon"}, "public, max-age=60"),
        "recommendations.html": ({"placement": "popular"}, "public, max-age=300"),
    }
    for path, (asked, told) in kept.items():
        assert window.get(path, **asked).headers["cache-control"] == told, path
    for path in ("recommendations", "search", "recommendations.html"):
        somebodys = window.get(path, placement="popular", q="longjing", token=token_of(window, "c0"))
        assert somebodys.headers["cache-control"] == "private, no-store", path


def test_a_customers_purchases_count_only_with_a_token(window: Window) -> None:
    """`c0` has bought longjing again and again; asking for that name from a browser changes nothing."""
    plain = window.lists(placement="buy_again")

    named = window.lists(placement="buy_again", customer="c0", customer_id="c0")
    vouched = window.lists(placement="buy_again", token=token_of(window, "c0"))

    assert products(named) == products(plain)
    assert named["personalised"] is plain["personalised"] is False
    assert "bought_before" not in reasons(plain)
    assert (vouched["personalised"], products(vouched)[0]) == (True, "longjing")
    assert "bought_before" in reasons(vouched)


def test_a_device_of_a_customer_tells_nothing_of_the_customer(window: Window) -> None:
    """The device signed in as `c0`; what `c0` bought, or looked at elsewhere, is not told to whoever holds the device's id."""
    tea = window.tea
    tea.send("Product Viewed", "i1", anonymousId="tablet", userId="c0", properties={"product_id": "teapot"}, load=True)
    tea.house.work_off()
    tea.send("Product Viewed", "i2", anonymousId="desk", userId="c0", properties={"product_id": "dahongpao"})

    again = window.lists(placement="buy_again", visitor="tablet")
    seen = window.lists(placement="because_viewed", visitor="tablet")
    elsewhere = window.lists(placement="next", visitor="desk")
    vouched = window.lists(placement="buy_again", visitor="tablet", token=token_of(window, "c0"))

    assert "bought_before" not in reasons(again)
    assert "dahongpao" not in {one["reason_text"] for one in seen["items"]}
    assert all("Dahongpao" not in one["reason_text"] for one in seen["items"])
    assert elsewhere["items"][0]["reason_text"] == "Because you viewed Dahongpao"
    assert products(vouched)[0] == "longjing"


def test_who_refuses_personal_lists_gets_none_with_or_without_a_token(window: Window) -> None:
    window.tea.view("phone-1", "longjing", "m1", load=True)
    token = token_of(window, "c0")
    assert window.lists(placement="buy_again", token=token)["personalised"]

    window.tea.send("Consent Changed", "m2", userId="c0", properties={"purposes": {"personalisation": False}}, load=True)
    window.tea.house.work_off()

    refused = window.lists(placement="buy_again", token=token)
    assert (refused["personalised"], "bought_before" in reasons(refused)) == (False, False)
    assert window.get("search", q="longjing", token=token).json()["personalised"] is False


def test_tokens_that_are_forged_past_or_of_another_source_are_refused(window: Window) -> None:
    house = window.tea.house
    secret = window.operator.get("/v1/storefront/signing_secret", params={"source_id": window.source_id}).json()["secret"]
    with house.records.unit() as uow:
        other = sources.create(uow, window.tea.caller, shop_id="tea", name="Second shop", kind="browser")
    soon = clock.now() + timedelta(minutes=5)

    def code(token: str, **more: Any) -> str:
        answer = window.get("recommendations", placement="home", token=token, **more)
        return f"{answer.status_code} {answer.json()['code']}"

    assert window.lists(placement="home", token=sign(secret, "c0", soon))["personalised"]
    assert code(sign("rg_sign_guessed", "c0", soon)) == "403 bad_token"
    assert code(sign(secret, "c0", clock.now() - timedelta(seconds=1))) == "403 token_expired"
    assert code(sign(secret, "c0", clock.now() + timedelta(days=30))) == "403 token_too_long"
    assert code(sign(secret, "c0", soon), key=other.write_key) == "403 bad_token"
    with house.records.unit() as uow:
        fresh = sources.rotate_key(uow, window.tea.caller, window.source_id).write_key
    assert code(sign(secret, "c0", soon), key=fresh) == "403 bad_token"


def test_keys_and_sites_that_do_not_belong_are_refused(window: Window) -> None:
    house, caller = window.tea.house, window.tea.caller
    with house.records.unit() as uow:
        server = sources.create(uow, caller, shop_id="tea", name="Back office", kind="server")
        shops.create(uow, caller, shop_id="coffee", name="Coffee", timezone="UTC", currency="USD")
        coffee = sources.create(uow, caller, shop_id="coffee", name="Coffee shop", kind="browser")

    def code(**more: Any) -> str:
        answer = window.get("recommendations", placement="popular", **more)
        return f"{answer.status_code} {answer.json().get('code')}"

    assert code(key="") == "401 bad_key"
    assert code(key="rg_write_none_x") == "401 bad_key"
    assert code(key=server.write_key) == "403 not_a_browser"
    assert code(origin="https://evil.example") == "403 foreign_origin"
    assert code(origin="null") == "403 foreign_origin"
    assert code(visitor="v_0123456789abcdef0123") == "400 bad_visitor"
    assert window.lists(placement="popular", key=coffee.write_key)["items"] == []
    assert window.get("search", q="", key=coffee.write_key).json()["total"] == 0
    assert window.client.get("/v1/storefront/signing_secret").status_code == 401
    assert window.client.post("/v1/storefront/customer_tokens", json={"customer": "c0"}).status_code == 401
    with house.records.unit() as uow:
        sources.change(uow, caller, window.source_id, disabled=True)
    assert code() == "401 bad_key"


def test_a_network_that_asks_all_the_time_is_slowed_down(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_NETWORK", rates.Window(3))

    codes = [window.get("suggestions", q="l") for _ in range(4)]

    assert [one.status_code for one in codes] == [200, 200, 200, 429]
    assert codes[-1].json()["code"] == "too_many_requests"


def test_search_and_suggestions_tell_what_the_window_shows(window: Window) -> None:
    found = window.get("search", q="longjng", facet="category").json()
    offered = window.get("suggestions", q="lon").json()
    nothing = window.get("search", q="qqqqqq").json()

    assert (products(found)[0], found["corrected"], found["total"]) == ("longjing", "longjing", 1)
    assert found["search_id"].startswith("search_")
    assert found["facets"] == {"category": [{"value": "Green tea", "count": 1}]}
    assert "longjing" in offered["suggestions"]
    assert products(offered) == ["longjing"]
    assert products(window.get("suggestions", q="cup", market="CN").json()) == ["cup"]
    assert "cup" not in products(window.get("suggestions", q="cup", market="DE").json())
    assert (nothing["total"], nothing["related"]) == (0, True)


def test_pages_without_scripts_show_names_as_text_and_lead_to_products_only(window: Window) -> None:
    answer = window.get("recommendations.html", origin=None, placement="popular", size=24, title="<b>Tea</b>")
    whole = window.get("search.html", origin=None, q='"><script>x', whole="true")

    text = answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;Tea&lt;/b&gt;" in text
    for page in (text, whole.text):
        assert "<script" not in page
        assert "javascript:" not in page
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert f"frame-ancestors 'self' {SITE}" in policy
    links = re.findall(r'href="([^"]+)"', text)
    assert links
    assert all(urlsplit(link).path == "/v1/storefront/click" for link in links)
    assert window.lists(placement="similar", item="nothing-known", size=1)["items"] is not None
    assert '<form action="/v1/storefront/search.html"' in whole.text


def test_a_followed_link_counts_once_and_leads_nowhere_else(window: Window) -> None:
    page = window.get("recommendations.html", origin=None, placement="popular", size=24, visitor="phone-1").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', page)]
    link = next(link for link in links if "product=longjing" in link)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}

    first = window.get("click", origin=None, **asked)
    again = window.get("click", origin=None, **asked)

    assert (first.status_code, first.headers["location"]) == (302, f"{SITE}/p/longjing")
    assert "no-store" in first.headers["cache-control"]
    assert again.status_code == 302
    (told,) = window.told()
    assert (told["product_id"], told["list_id"]) == ("longjing", asked["list"])

    def code(**more: Any) -> str:
        refused = window.get("click", origin=None, **{**asked, **more})
        return f"{refused.status_code} {refused.json()['code'] if refused.status_code >= 400 else refused.headers['location']}"

    assert code(product="cup") == "404 no_such_product"  # javascript: in the catalogue
    assert code(product="https://evil.example") == "404 no_such_product"
    assert code(product="hidden") == "404 no_such_product"
    assert code(list="https://evil.example") == "400 bad_list"
    assert code(product="teapot") == "302 https://elsewhere.example/teapot"  # the shop said so itself
    quiet = window.client.get(link, headers={"sec-gpc": "1"}, follow_redirects=False)
    assert quiet.status_code == 302
    assert {row["product_id"] for row in window.told()} == {"longjing", "teapot"}


def test_the_script_and_the_preview_are_had_without_signing_in(window: Window) -> None:
    script = window.client.get("/v1/storefront/widgets.js")
    preview = window.get("preview.html", origin=None, placement="home", title="<i>", theme="dark", lang="zh")

    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "<regulars-carousel" in preview.text
    assert "<i>" not in preview.text
    assert "script-src 'self'" in preview.headers["content-security-policy"]


def test_an_api_key_makes_tokens_only_for_its_browser_sources(window: Window, tea: Tea) -> None:
    with tea.house.records.unit() as uow:
        server = sources.create(uow, tea.caller, shop_id="tea", name="Back office", kind="server")

    refused = window.operator.post("/v1/storefront/customer_tokens", json={"customer": "c0", "source_id": server.source.source_id})

    assert (refused.status_code, refused.json()["code"]) == (404, "no_browser_source")
    assert window.operator.post("/v1/storefront/customer_tokens", json={"customer": "c0", "minutes": 61}).status_code == 422
