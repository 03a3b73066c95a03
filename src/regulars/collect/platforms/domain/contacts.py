"""The traits that say who somebody is; they are kept encrypted and never reach the warehouse."""

from __future__ import annotations

from typing import Any

from regulars.collect.platforms.domain.payload import Reader


def traits_of(
    *,
    email: str | None = None,
    phone: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    name: str | None = None,
    address: Reader | None = None,
    **more: Any,
) -> dict[str, Any]:
    """What is known of somebody, without what is not."""
    whole = name or " ".join(part for part in (first_name, last_name) if part) or None
    found = {
        "email": email,
        "phone": phone,
        "firstName": first_name,
        "lastName": last_name,
        "name": whole,
        "address": address_of(address) if address is not None else None,
        **more,
    }
    return {key: value for key, value in found.items() if value not in (None, "", {}, [])}


def address_of(address: Reader) -> dict[str, str]:
    """A postal address as the Segment specification has it; Shopify and WooCommerce name its parts differently."""
    street = " ".join(part for name in ("address1", "address_1", "address2", "address_2") if (part := address.text(name)))
    parts = {
        "street": street or None,
        "city": address.text("city"),
        "state": address.text("province", "state"),
        "postalCode": address.text("zip", "postcode"),
        "country": address.text("country_code", "country"),
    }
    return {key: value for key, value in parts.items() if value}
