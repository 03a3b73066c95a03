"""Who may do what: roles, permissions, callers and shops, as plain values without any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, get_args

from regulars.errors import InvalidInput, NotAllowed, NotFound

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

#: Where a record belongs to the installation and not to one shop.
EVERY_SHOP = "*"

Permission = Literal[
    "own_account",
    "read_reports",
    "read_customers",
    "see_personal_data",
    "export",
    "manage_reports",
    "ask_sql",
    "load_data",
    "connect_data",
    "manage_segments",
    "manage_offers",
    "manage_models",
    "manage_consents",
    "move_points",
    "take_orders",
    "erase_customers",
    "manage_shop",
    "manage_operators",
    "manage_keys",
    "read_audit",
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)


class Role(StrEnum):
    """What an operator is employed to do."""

    OWNER = "owner"
    ANALYST = "analyst"
    MARKETER = "marketer"
    SUPPORT = "support"
    VIEWER = "viewer"


#: The whole table. What is not listed is denied. `own_account` is what everybody signed in may do with their own account.
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(PERMISSIONS),
    Role.ANALYST: frozenset(
        {
            "own_account",
            "read_reports",
            "read_customers",
            "export",
            "manage_reports",
            "manage_models",
            "ask_sql",
            "load_data",
            "connect_data",
        }
    ),
    Role.MARKETER: frozenset(
        {
            "own_account",
            "read_reports",
            "read_customers",
            "export",
            "manage_reports",
            "load_data",
            "manage_segments",
            "manage_offers",
            "move_points",
        }
    ),
    Role.SUPPORT: frozenset(
        {"own_account", "read_reports", "read_customers", "see_personal_data", "manage_consents", "move_points"}
    ),
    Role.VIEWER: frozenset({"own_account", "read_reports"}),
}

#: What a key of each kind may hold at most. A key never manages people or other keys.
KEY_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "server": frozenset(PERMISSIONS) - {"own_account", "manage_operators", "manage_keys"},
}

CallerKind = Literal["operator", "api_key", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts: an operator in a session, an API key, or the system itself (the shell, the worker).

    `shop_ids` is None where every shop of the installation may be seen. `keyring` seals what the caller does into the audit trail.
    """

    kind: CallerKind
    id: str
    scopes: frozenset[Permission]
    role: Role | None = None
    name: str = ""
    shop_ids: frozenset[str] | None = None
    language: str | None = None
    session_id: str | None = None
    second_factor: bool = False
    keyring: Keyring | None = field(default=None, repr=False, compare=False)

    @classmethod
    def system(cls, name: str, keyring: Keyring) -> Caller:
        """The installation itself, acting through `name` (`shell`, `worker`); it may do everything, and is audited like anybody."""
        return cls(kind="system", id=name, name=name, scopes=frozenset(PERMISSIONS), keyring=keyring)

    def may(self, permission: Permission) -> bool:
        """Whether the caller holds this permission."""
        return permission in self.scopes

    def may_see(self, shop_id: str) -> bool:
        """Whether the caller may enter this shop at all."""
        return self.shop_ids is None or shop_id in self.shop_ids

    def demand(self, permission: Permission) -> None:
        """Refuse when the caller lacks the permission."""
        if not self.may(permission):
            who = f"the role {self.role}" if self.role else f"this {self.kind.replace('_', ' ')}"
            raise NotAllowed(
                f"{who} may not {permission.replace('_', ' ')}",
                mend="ask an owner of this installation for the permission",
                code="missing_permission",
                permission=permission,
            )

    def demand_shop(self, shop_id: str) -> None:
        """Refuse a shop the caller may not see, in the same words as a shop that does not exist."""
        if not self.may_see(shop_id):
            raise no_such_shop(shop_id)


def no_such_shop(shop_id: str) -> NotFound:
    """The one answer for a missing and for a foreign shop."""
    return NotFound(f"there is no shop '{shop_id}' here", mend="list the shops with `GET /v1/shops`", code="no_such_shop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One store: its zone cuts days, its currency is what reports are in, its cuts define dormant and churned.

    `dormant_after_days` and `churned_after_days` are None where the cut is to be taken from the shop's own purchase rhythm.
    """

    shop_id: str
    name: str
    timezone: str
    currency: str
    week_start: int = 0  # 0 Monday ... 6 Sunday
    language: str = "en"
    new_within_days: int = 30
    dormant_after_days: int | None = None
    churned_after_days: int | None = None
    created_at: datetime | None = None


LANGUAGES = ("en", "zh")


def role_of(name: str) -> Role:
    """The role of that name, or a sentence with the ones there are."""
    try:
        return Role(name)
    except ValueError:
        raise InvalidInput(f"'{name}' is not a role", mend=f"choose one of {', '.join(Role)}", code="bad_role") from None


def scopes_of(names: object, *, at_most: frozenset[Permission]) -> frozenset[Permission]:
    """The permissions of those names, refusing unknown ones and ones beyond `at_most`."""
    wanted = [str(name) for name in names] if isinstance(names, list | tuple | set | frozenset) else []
    if not wanted:
        raise InvalidInput("no scope is given", mend=f"give at least one of {', '.join(sorted(at_most))}", code="bad_scope")
    for name in wanted:
        if name not in at_most:
            raise InvalidInput(
                f"'{name}' cannot be given as a scope", mend=f"choose from {', '.join(sorted(at_most))}", code="bad_scope"
            )
    return frozenset(permission for permission in PERMISSIONS if permission in wanted)
