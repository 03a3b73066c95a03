"""A key per customer, wrapped by the master key: what it seals can be opened while the key exists, and never again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select

from regulars.errors import Unavailable
from regulars.guard.privacy.tables import customer_key
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

WRAPPING = "customer keys"
UNKNOWN_WRITER = "texts of unknown writers"
NONCE = 12
AT_ONCE = 1000

Item = TypeVar("Item")


class CustomerCipher:
    """Seals and opens what belongs to one customer of one shop. The field's name is bound in, so cells cannot be swapped."""

    def __init__(self, key: bytes, owner: str) -> None:
        self._cipher = AESGCM(key)
        self._owner = owner

    def seal(self, field: str, text: str) -> bytes:
        """Nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), f"{self._owner}/{field}".encode())

    def open(self, field: str, sealed: bytes) -> str:
        """What was sealed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], f"{self._owner}/{field}".encode()).decode(
                "utf-8", "surrogatepass"
            )
        except InvalidTag:
            raise Unavailable(
                "a sealed personal value does not open",
                mend="run `regulars doctor`; restore a backup if it was damaged",
                code="damaged_seal",
            ) from None


def ciphers(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> dict[str, CustomerCipher]:
    """The ciphers of those customers that have a key."""
    wrapping = AESGCM(keyring.key(WRAPPING))
    found = {}
    for some in batches(dict.fromkeys(customer_ids)):
        rows = select(customer_key).where(customer_key.c.shop_id == shop_id, customer_key.c.customer_id.in_(some))
        for row in uow.rows(rows):
            owner = owner_of(shop_id, row["customer_id"])
            try:
                key = wrapping.decrypt(row["wrapped"][:NONCE], row["wrapped"][NONCE:], owner.encode())
            except InvalidTag:
                raise Unavailable(
                    "a customer's key does not open with this master key",
                    mend="start with the master key this installation was made with",
                    code="wrong_master_key",
                ) from None
            found[row["customer_id"]] = CustomerCipher(key, owner)
    return found


def ciphers_made(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> dict[str, CustomerCipher]:
    """The ciphers of all these customers; keys that are missing are made."""
    found = ciphers(uow, keyring, shop_id, customer_ids)
    wrapping, now, made = AESGCM(keyring.key(WRAPPING)), clock.now(), []
    for customer_id in dict.fromkeys(customer_ids):
        if customer_id not in found:
            owner, key, nonce = owner_of(shop_id, customer_id), os.urandom(32), os.urandom(NONCE)
            wrapped = nonce + wrapping.encrypt(nonce, key, owner.encode())
            made.append({"shop_id": shop_id, "customer_id": customer_id, "wrapped": wrapped, "created_at": now})
            found[customer_id] = CustomerCipher(key, owner)
    if made:
        uow.execute(insert(customer_key), made)
    return found


def shop_cipher(keyring: Keyring, shop_id: str) -> CustomerCipher:
    """The cipher of texts whose writer is unknown: nobody's key can be destroyed, so erasing them deletes the row."""
    return CustomerCipher(keyring.key(UNKNOWN_WRITER), shop_id)


def batches(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def owner_of(shop_id: str, customer_id: str) -> str:
    """Whose key it is, bound into the wrapped key."""
    return f"{len(shop_id)}:{shop_id}/{customer_id}"
