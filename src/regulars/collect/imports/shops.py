"""Shops named inside a file: their ids, and opening those that are new."""

from __future__ import annotations

import hashlib
import re
import unicodedata


def shop_id_for(name: str) -> str:
    """A shop_id for a shop's name: its letters where they are plain, else a short hash of the name."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:40].strip("-")
    letters = sum(sign.isalnum() for sign in name)
    if plain and len(plain.replace("-", "")) >= letters - 1:
        return plain
    return f"shop-{hashlib.sha256(unicodedata.normalize('NFKC', name).strip().encode()).hexdigest()[:10]}"
