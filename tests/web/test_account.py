"""The settings' routes, walked as an owner and their colleagues would."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest

from regulars.access import operators
from regulars.values import clock
from regulars.web import Stores
from tests.access.people import PASSWORD
from tests.web.conftest import ORIGIN, Client

Session = Callable[[str], dict[str, str]]


def test_from_the_printed_link_to_a_signed_out_owner(client: Client, stores: Stores) -> None:
    with stores.records.unit() as uow:
        token = operators.first_owner_link(uow)
    browser = client(base_url="https://localhost", headers={"origin": "https://localhost"})

    welcome = browser.get(f"/v1/links/{token}").json()
    joined = browser.post(f"/v1/links/{token}", json={"name": "Mei", "email": "mei@example.com", "password": PASSWORD})
    used = browser.post(f"/v1/links/{token}", json={"name": "Eve", "email": "eve@example.com", "password": PASSWORD})
    signed_in = browser.post("/v1/session", json={"email": "mei@example.com", "password": PASSWORD})
    me = browser.get("/v1/session").json()
    out = browser.delete("/v1/session")

    assert (welcome["purpose"], welcome["role"], welcome["email"]) == ("first_owner", "owner", "")
    assert [joined.status_code, used.status_code, signed_in.status_code, out.status_code] == [201, 404, 200, 200]
    assert (me["name"], me["role"], "manage_operators" in me["permissions"]) == ("Mei", "owner", True)
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert browser.get("/v1/session").status_code == 401


def test_an_owner_invites_changes_and_shuts_out(client: Client, session: Session) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))

    link = browser.post("/v1/invitations", json={"email": "lin@example.com", "role": "analyst", "shop_ids": ["tea"]}).json()
    assert [each["email"] for each in browser.get("/v1/invitations").json()["items"]] == ["lin@example.com"]
    assert browser.get(f"/v1/links/{link['token']}").json()["email"] == "lin@example.com"
    browser.post(f"/v1/links/{link['token']}", json={"name": "Lin", "password": PASSWORD})
    people = {each["name"]: each for each in browser.get("/v1/operators").json()["items"]}
    lin = people["Lin"]["operator_id"]
    changed = browser.patch(f"/v1/operators/{lin}", json={"role": "viewer"}).json()
    disabled = browser.patch(f"/v1/operators/{lin}", json={"disabled": True}).json()
    last = browser.patch(f"/v1/operators/{people['Mei']['operator_id']}", json={"disabled": True})

    assert (people["Lin"]["role"], people["Lin"]["shop_ids"]) == ("analyst", ["tea"])
    assert (changed["role"], changed["shop_ids"]) == ("viewer", ["tea"])
    assert disabled["disabled_at"].endswith("Z")
    assert (last.status_code, last.json()["code"]) == (409, "last_owner")


def test_keys_are_made_rotated_and_revoked_and_their_secret_is_told_once(client: Client, session: Session) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))

    made = browser.post("/v1/api_keys", json={"name": "export", "scopes": ["read_reports"], "shop_id": "tea"}).json()
    next_ = browser.post(f"/v1/api_keys/{made['key']['key_id']}/rotation").json()
    listed = browser.get("/v1/api_keys")
    revoked = browser.delete(f"/v1/api_keys/{made['key']['key_id']}").json()

    assert client().get("/v1/seen", headers={"authorization": "Bearer " + next_["secret"]}).status_code == 200
    assert client().get("/v1/seen", headers={"authorization": "Bearer " + made["secret"]}).status_code == 401
    assert [each["key_id"] for each in listed.json()["items"]] == [next_["key"]["key_id"], made["key"]["key_id"]]
    assert made["secret"] not in listed.text
    assert "secret_hash" not in listed.text
    assert revoked["revoked_at"]


def test_a_shop_is_opened_and_changed_in_part(client: Client, session: Session) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))

    opened = browser.post("/v1/shops", json={"shop_id": "cocoa", "name": "Cocoa", "timezone": "Europe/London", "currency": "GBP"})
    changed = browser.patch("/v1/shops/cocoa", json={"dormant_after_days": 40})
    wrong = browser.patch("/v1/shops/cocoa", json={"timezone": "Mars/Olympus"})
    unknown = browser.patch("/v1/shops/cocoa", json={"colour": "red"})

    assert opened.status_code == 201
    assert changed.json() == opened.json() | {"dormant_after_days": 40}
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_timezone")
    assert unknown.status_code == 422
    assert browser.get("/v1/shops/cocoa").json() == changed.json()


def test_the_trail_is_paged_and_verified(client: Client, session: Session) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))
    for number in range(1, 6):
        browser.patch("/v1/shops/tea", json={"name": f"Tea {number}"})

    seen, cursor = [], None
    while True:
        page = browser.get("/v1/audit", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [entry["sequence"] for entry in page["items"]]
        if (cursor := page["next"]) is None:
            break
    head = browser.get("/v1/audit/head").json()
    verdict = browser.get("/v1/audit/verification", params={"known_sequence": head["sequence"], "known_seal": head["seal"]}).json()
    forged = browser.get("/v1/audit/verification", params={"known_sequence": head["sequence"], "known_seal": "0" * 64}).json()

    assert seen == list(range(head["sequence"], 0, -1))
    assert verdict["ok"]
    assert (forged["ok"], forged["damaged_sequence"]) == (False, head["sequence"])


def test_a_second_factor_is_set_up_used_and_removed(client: Client, session: Session) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))

    secret = browser.post("/v1/session/second_factor").json()["secret"]
    codes = browser.put("/v1/session/second_factor", json={"code": pyotp.TOTP(secret).at(clock.now())}).json()["recovery_codes"]
    needed = browser.post("/v1/session", json={"email": "mei@example.com", "password": PASSWORD})
    with_code = browser.post("/v1/session", json={"email": "mei@example.com", "password": PASSWORD, "code": codes[0]})
    removed = browser.post("/v1/session/second_factor/removal", json={"code": codes[1]})

    assert (needed.status_code, needed.json()["code"]) == (401, "second_factor_needed")
    assert [with_code.status_code, removed.status_code] == [200, 200]
    assert browser.post("/v1/session", json={"email": "mei@example.com", "password": PASSWORD}).status_code == 200


def test_a_password_is_changed_with_the_old_one(client: Client, session: Session) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))

    wrong = browser.put("/v1/session/password", json={"old": "not my password", "new": "seven other garden words"})
    weak = browser.put("/v1/session/password", json={"old": PASSWORD, "new": "password1234"})
    right = browser.put("/v1/session/password", json={"old": PASSWORD, "new": "seven other garden words"})

    assert [wrong.status_code, weak.status_code, right.status_code] == [403, 400, 200]
    assert browser.get("/v1/session").status_code == 200
    signed = browser.post("/v1/session", json={"email": "mei@example.com", "password": "seven other garden words"})
    assert signed.status_code == 200


def test_nothing_of_a_sign_in_is_in_the_log(client: Client, session: Session, caplog: pytest.LogCaptureFixture) -> None:
    browser = client(headers=ORIGIN, cookies=session("owner"))
    with caplog.at_level(0):
        browser.post("/v1/session", json={"email": "mei@example.com", "password": "some long password"})
        answer = browser.post("/v1/session", json={"email": "mei@example.com", "password": PASSWORD})

    text = "\n".join(record.getMessage() + str(record.__dict__) for record in caplog.records if record.name.startswith("regulars"))
    for secret in ("some long password", PASSWORD, "mei@example.com", answer.headers["set-cookie"].split("=")[1].split(";")[0]):
        assert secret not in text
