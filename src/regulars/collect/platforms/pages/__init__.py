"""The screens Connections: what is connected and how it goes, adding a webhook, adding a database or a stream."""

from regulars.collect.platforms.pages import database, listing, stream, webhook

__all__ = ["database", "listing", "stream", "webhook"]
