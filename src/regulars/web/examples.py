"""Answers and bodies of the account's and the settings' routes, as the documentation shows them."""

from __future__ import annotations

from datetime import UTC, datetime

from regulars.access.api_keys import ApiKey, NewApiKey
from regulars.access.audit import AuditEntry, AuditHead, AuditVerdict
from regulars.access.domain import Role, Shop
from regulars.access.links import NewLink
from regulars.access.operators import Invitation, Operator
from regulars.access.second_factor import Enrolment
from regulars.access.sessions import SessionView

#: What stands for a one-time token, a key and a second factor's secret; none of them opens anything.
_TOKEN, _KEY, _SECRET = "an-example-of-a-token", "rg_server_7c1pq0zx_" + "x" * 32, "JBSWY3DPEHPK3PXP"
TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 8, 9, 30, tzinfo=UTC)
#: What nobody can sign in with: the words say so.
PASSWORD, NEW_PASSWORD = "an example of six plain words", "another example of six plain words"

SHOP = Shop(
    shop_id="tea",
    name="Tea House",
    timezone="Asia/Shanghai",
    currency="CNY",
    language="zh",
    dormant_after_days=60,
    churned_after_days=120,
    created_at=TIME,
)
OPERATOR = Operator(
    operator_id="operator_01m7zsbyk3",
    name="Mei",
    email="mei@example.com",
    role=Role.ANALYST,
    shop_ids=("tea",),
    language="zh",
    second_factor=True,
    created_at=TIME,
    signed_in_at=LATER,
    disabled_at=None,
)
INVITATION = Invitation(
    link_id="link_01m7zsd0x8", email="lin@example.com", role=Role.VIEWER, shop_ids=("tea",), created_at=TIME, expires_at=LATER
)
INVITATION_LINK = NewLink(link_id="link_01m7zsd0x8", purpose="invitation", token=_TOKEN, expires_at=LATER)
PASSWORD_LINK = NewLink(
    link_id="link_01m7zsd2q5",
    purpose="new_password",
    token=_TOKEN,
    expires_at=datetime(2026, 11, 1, 11, 30, tzinfo=UTC),
)
KEY = ApiKey(
    key_id="7c1pq0zx",
    kind="server",
    name="warehouse export",
    shop_id="tea",
    scopes=("export", "read_reports"),
    created_by="operator:operator_01m7zsbyk3",
    created_at=TIME,
    expires_at=datetime(2027, 11, 1, 9, 30, tzinfo=UTC),
    last_used_at=None,
    replaces=None,
    replaced_by=None,
    revoked_at=None,
)
NEW_KEY = NewApiKey(key=KEY, secret=_KEY)
SESSION = SessionView(
    session_id="session_01m7zsc4t1", created_at=TIME, seen_at=TIME, expires_at=LATER, second_factor=True, browser="Firefox/145.0"
)
ENROLMENT = Enrolment(secret=_SECRET, uri=f"otpauth://totp/regulars:mei%40example.com?secret={_SECRET}&issuer=regulars")
_SEAL = "5f1d0c9b8a7e6d5c4b3a29180716e5d4c3b2a1908f7e6d5c4b3a291807f6e5d4"
AUDIT_ENTRY = AuditEntry(
    sequence=41,
    shop_id="tea",
    at=TIME,
    caller_kind="operator",
    caller_id="operator_01m7zsbyk3",
    action="shop.changed",
    subject="tea",
    before={"dormant_after_days": None},
    after={"dormant_after_days": 60},
    seal=_SEAL,
)
AUDIT_HEAD = AuditHead(sequence=41, seal=_SEAL, head_seal=_SEAL[::-1])
AUDIT_VERDICT = AuditVerdict(ok=True, entries=41, head=AUDIT_HEAD)
