"""Settings: the shop, the operators, the API keys, and the audit trail; one file per page."""

from regulars.console.settings_pages import audit, keys, operators, shop

__all__ = ["audit", "keys", "operators", "shop"]
