"""The screens Connections: what is connected and how it goes, adding a webhook, adding a database."""

from regulars.collect.platforms.pages import database, listing, webhook

__all__ = ["database", "listing", "webhook"]
