"""Who is who and may do what: shops, operators with roles, sessions, API keys, the audit trail and the master key.

Question: who asks, may they, and what did they do?
Events told: Shop Changed.
Owns: shop, operator, recovery_code, session, one_time_link, api_key, sign_in_attempt, audit_entry, audit_head.
"""

from regulars.access.domain import EVERY_SHOP, PERMISSIONS, ROLE_PERMISSIONS, Caller, Permission, Role, Shop
from regulars.access.keys import Keyring

__all__ = ["EVERY_SHOP", "PERMISSIONS", "ROLE_PERMISSIONS", "Caller", "Keyring", "Permission", "Role", "Shop"]
