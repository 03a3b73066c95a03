"""The Door a handler is given: who asks, which shop, the stores, and the one transaction of this request."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Depends, Query, Request

from regulars.access import shops
from regulars.access.domain import Caller, Permission, Shop, no_such_shop
from regulars.errors import NotAllowed, NotFound
from regulars.records import Records
from regulars.web.options import Stores, WebOptions

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

T = TypeVar("T")


class RequestDoor:
    """Everything a handler may use. Ask `.caller`, `.shop`, `.language`; read with `.reading()`, change with `.unit()`.

    `.unit()` may be entered several times: it is the same transaction, which commits when the handler has answered and is
    undone when it fails. The answer to an Idempotency-Key is stored in that transaction too.
    """

    def __init__(self, request: Request, shop: str | None, lang: str | None) -> None:
        self.request = request
        self._shop_asked = shop
        self._language_asked = lang
        self._stack = ExitStack()
        self._uow: UnitOfWork | None = None
        self.answer_headers: list[tuple[str, str]] = []

    @property
    def stores(self) -> Stores:
        """Both stores, home and keyring."""
        stores: Stores = self.request.app.state.stores
        return stores

    @property
    def options(self) -> WebOptions:
        """How this installation is reached."""
        options: WebOptions = self.request.app.state.options
        return options

    @property
    def records(self) -> Records:
        """The records; once this request's transaction has begun, a view that joins it instead of waiting for itself."""
        return self.stores.records if self._uow is None else _Joined(self.stores.records, self._uow)

    @property
    def warehouse(self) -> Warehouse:
        return self.stores.warehouse

    @property
    def home(self) -> Path:
        return self.stores.home

    @property
    def keyring(self) -> Keyring:
        return self.stores.keyring

    @property
    def caller(self) -> Caller:
        """Who asks. On a public route nobody may be signed in; then this refuses with 401."""
        caller = self.visitor
        if caller is None:
            raise not_signed_in()
        return caller

    @property
    def visitor(self) -> Caller | None:
        """Who asks, or None where nobody is signed in."""
        caller: Caller | None = self.request.scope.get("regulars.caller")
        return caller

    @property
    def network(self) -> str:
        """The address the request came from (of the client, where a configured proxy tells it)."""
        return str(self.request.scope.get("regulars.network", ""))

    @cached_property
    def shop(self) -> Shop:
        """The shop of `?shop=`; without it the only shop the caller may see, or the oldest one of several."""
        caller, asked = self.caller, self._shop_asked
        if asked is not None:
            caller.demand_shop(asked)
            return self.records.cached(("shop", asked), lambda uow: shops.get(uow, asked))
        seen = self.records.cached(("shops", caller.shop_ids), lambda uow: shops.seen_by(uow, caller))
        if not seen:
            raise NotFound("there is no shop yet", mend="create one with `POST /v1/shops` or `regulars init`", code="no_shop")
        return seen[0]

    def shop_of(self, shop_id: str) -> Shop:
        """Another shop by its id, if the caller may see it."""
        if not self.caller.may_see(shop_id):
            raise no_such_shop(shop_id)
        with self.reading() as uow:
            return shops.get(uow, shop_id)

    @cached_property
    def language(self) -> str:
        """`zh` or `en`: `?lang=`, else the operator's own, else the browser's, else English."""
        accepted = self.request.headers.get("accept-language", "").lower()
        for wish in (self._language_asked, self.visitor.language if self.visitor else None, *accepted.split(",")):
            short = (wish or "").strip()[:2]
            if short in ("zh", "en"):
                return short
        return "en"

    @contextmanager
    def unit(self) -> Iterator[UnitOfWork]:
        """The request's one write transaction."""
        if self._uow is None:
            self._uow = self._stack.enter_context(self.stores.records.unit())
        yield self._uow

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Reading the records; inside a begun write transaction, that one."""
        return self.records.reading()

    def close(self, error: BaseException | None) -> None:
        """Commit the transaction, or undo it when the handler failed. Called by the route, never by a handler."""
        self._uow = None
        if error is None:
            self._stack.close()
        else:
            self._stack.__exit__(type(error), error, error.__traceback__)


class _Joined(Records):
    """The records as seen inside a begun transaction: every unit is that one."""

    def __init__(self, records: Records, uow: UnitOfWork) -> None:
        super().__init__(records.engine)
        self._uow = uow

    @contextmanager
    def unit(self) -> Iterator[UnitOfWork]:
        """The request's transaction; it commits when the request has been answered."""
        yield self._uow

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """The request's transaction, which sees what it wrote."""
        yield self._uow

    def cached(self, key: Hashable, ask: Callable[[UnitOfWork], T]) -> T:
        """Asked inside the transaction."""
        return ask(self._uow)


def not_signed_in() -> NotAllowed:
    """Nobody is signed in where somebody must be."""
    return NotAllowed(
        "nobody is signed in",
        mend="sign in, or send `Authorization: Bearer <api key>`",
        code="not_signed_in",
        status=401,
    )


def admit(request: Request, permission: Permission | None) -> None:
    """Refuse the request when its caller lacks the permission; None stands for a public route."""
    if permission is None:
        return
    caller: Caller | None = request.scope.get("regulars.caller")
    if caller is None:
        raise request.scope.get("regulars.refusal") or not_signed_in()
    caller.demand(permission)


async def enter(
    request: Request,
    shop: Annotated[
        str | None, Query(description="The shop asked about; by default the only one the caller may see", max_length=64)
    ] = None,
    lang: Annotated[str | None, Query(description="Language of texts in the answer: `en` or `zh`", pattern="^(en|zh)$")] = None,
) -> RequestDoor:
    """Build the Door of a request."""
    door = RequestDoor(request, shop, lang)
    request.scope["regulars.door"] = door
    return door


Door = Annotated[RequestDoor, Depends(enter)]


def door_of(request: Request) -> RequestDoor:
    """The request's Door; made here for handlers that did not ask for one."""
    door: RequestDoor | None = request.scope.get("regulars.door")
    return door or RequestDoor(request, None, None)
