"""`regulars alarm`: answer an alarm, and who is told of alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from regulars.cli.doors import shell
from regulars.cli.show import AsJson, Lang, Limit, ShopId, asked

if TYPE_CHECKING:
    from regulars.app import House
    from regulars.records import UnitOfWork

app = typer.Typer(
    no_args_is_help=True,
    help="Alarms of metrics, and who is told of them.",
    epilog="Example: regulars alarm tell --operator an@shop.example --from orange",
)


@app.command("list")
def list_(limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Which metrics left their interval and are worth money, and why.

    Example: regulars alarm list
    """
    from regulars.cli.show_forecast import anomalies

    anomalies(limit, shop, lang, as_json)


@app.command()
def answer(
    alarm: Annotated[str, typer.Argument(help="The alarm's id, as `regulars alarm list` shows it.")],
    state: Annotated[str, typer.Argument(help="acknowledged, expected, muted (its metric for 14 days) or open.")],
    because: Annotated[str, typer.Option("--because", help="Why it was expected.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what becomes of an alarm.

    Example: regulars alarm answer anomaly_5f2 expected --because "the shop moved house"
    """
    from regulars.predict import anomalies as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            said = cast('Literal["open", "acknowledged", "expected", "muted"]', state)
            answered = room.answer(uow, shell(ask.house), ask.shop.shop_id, alarm, state=said, because=because)
        ask.give(answered, as_json, lambda out: out.line(f"{answered.anomaly_id}: {answered.state}"))


@app.command()
def receivers(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Who is told, from which level on, and how that went last.

    Example: regulars alarm receivers
    """
    from regulars.cli import forecast_screens
    from regulars.predict import anomalies as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.receivers.listing(uow, ask.shop.shop_id)
            names = _addresses(uow, ask.house)
        ask.give(found, as_json, lambda out: forecast_screens.receivers(out, found, names))


@app.command()
def tell(
    operator: Annotated[str, typer.Option("--operator", help="An operator by e-mail address or id: gets one e-mail a look.")] = "",
    url: Annotated[str, typer.Option("--url", help="An https address: gets one signed webhook an alarm.")] = "",
    level: Annotated[str, typer.Option("--from", help="From which level on: yellow, orange, red.")] = "yellow",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tell somebody of every alarm found from now on. A webhook's secret is printed this once.

    Example: regulars alarm tell --operator an@shop.example --from orange
    """
    from regulars.cli import forecast_screens
    from regulars.predict import anomalies as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            names = _addresses(uow, ask.house)
            ids = {address.lower(): operator_id for operator_id, address in names.items()}
            made = room.receivers.add(
                uow, shell(ask.house), ask.shop.shop_id, ask.house.home,
                operator_id=ids.get(operator.strip().lower(), operator) or None, url=url or None, least_level=level,
            )  # fmt: skip
        ask.give(made, as_json, lambda out: forecast_screens.new_receiver(out, made, names))


@app.command()
def stop(
    receiver: Annotated[str, typer.Argument(help="The receiver's id, as `regulars alarm receivers` shows it.")],
    shop: ShopId = "", lang: Lang = "",
) -> None:  # fmt: skip
    """Tell somebody no more; what was not told yet is not told.

    Example: regulars alarm stop receiver_5f2
    """
    from regulars.predict import anomalies as room

    with asked(shop, lang) as ask, ask.house.records.unit() as uow:
        room.receivers.remove(uow, shell(ask.house), ask.shop.shop_id, receiver)


def _addresses(uow: UnitOfWork, house: House) -> dict[str, str]:
    from regulars.access import operators

    return {one.operator_id: one.email for one in operators.list_all(uow, shell(house))}
