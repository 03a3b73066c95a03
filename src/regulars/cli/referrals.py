"""`regulars referrals`: programmes, who was brought by whom, what is decided of it, and rewards that are due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from regulars.cli.offering import instant, minor, shell
from regulars.cli.show import AsCsv, AsJson, Lang, Limit, ShopId, asked, one_of, table_lines

if TYPE_CHECKING:
    from regulars.offer.referrals import Reward

app = typer.Typer(
    no_args_is_help=True, help="Customers who bring new ones.", epilog="Example: regulars referrals list --state review"
)

ProgrammeId = Annotated[str, typer.Argument(metavar="PROGRAMME", help="The programme's id.")]
ReferralId = Annotated[str, typer.Argument(metavar="REFERRAL", help="The referral's id.")]
_GIFT = "points:500 or coupon:WELCOME20."


@app.command()
def programmes(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Every programme, and how it goes.

    Example: regulars referrals programmes
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.listing(uow, ask.shop.shop_id)
        ask.give({"items": found, "next": None}, as_json, lambda out: screens.programmes(out, found))


@app.command()
def make(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call the programme.")],
    begins: Annotated[str, typer.Option("--begins", metavar="TIME", help="2026-11-01T00:00 on the shop's clock.")],
    referrer: Annotated[str, typer.Option("--referrer", metavar="KIND:WHAT", help="Who brings gets this: " + _GIFT)] = "",
    friend: Annotated[str, typer.Option("--friend", metavar="KIND:WHAT", help="Who comes gets this: " + _GIFT)] = "",
    ends: Annotated[str, typer.Option("--ends", metavar="TIME", help="Without it, it has no end.")] = "",
    claim_days: Annotated[int, typer.Option("--claim-days", min=1, help="Days a new customer has to order.")] = 30,
    return_days: Annotated[int, typer.Option("--return-days", min=0, help="Days an order can be given back.")] = 14,
    least: Annotated[str, typer.Option("--min-order", help="The smallest order that counts.")] = "0",
    cap: Annotated[int, typer.Option("--max-per-referrer", min=0, help="Most rewards for one who brings; 0: any.")] = 0,
    link: Annotated[str, typer.Option("--link", help="The shop's page a code is put behind.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a programme.

    Example: regulars referrals make "Bring a friend" --referrer points:500 --friend coupon:WELCOME20 --begins 2026-11-01T00:00
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            made = room.arrange(
                uow, shell(ask), ask.shop, name=name, referrer=_reward("--referrer", referrer), friend=_reward("--friend", friend),
                starts_at=instant(ask, "--begins", begins), ends_at=instant(ask, "--ends", ends) if ends else None,
                claim_days=claim_days, return_days=return_days, min_order_minor=minor(ask, "--min-order", least),
                max_per_referrer=cap or None, link=link,
            )  # fmt: skip
        ask.give(made, as_json, lambda out: screens.programmes(out, [made]))


@app.command()
def end(programme: ProgrammeId, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Let nobody come by a programme's codes any more.

    Example: regulars referrals end referral_01k3w0
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            made = room.end(uow, shell(ask), ask.shop.shop_id, programme)
        ask.give(made, as_json, lambda out: screens.programmes(out, [made]))


@app.command("list")
def list_(
    state: Annotated[str, typer.Option("--state", help="claimed, ordered, review, rewarded, refused or lapsed.")] = "",
    limit: Limit = 50, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Who was brought by whom, and why it is held or refused.

    Example: regulars referrals list --state review
    """
    from typing import cast

    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room
    from regulars.offer.referrals.exports import referrals_table

    if state:
        one_of("--state", state, room.STATES)
    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            told = cast("room.State | None", state or None)
            found = room.referrals(uow, ask.shop.shop_id, state=told, limit=100_000 if csv else limit)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.referrals(out, found),
            csv,
            lambda: table_lines(referrals_table(found)),
        )


@app.command()
def decide(
    referral: ReferralId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="allow or refuse.")],
    note: Annotated[str, typer.Option("--note", help="Why; it is kept.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Overrule what was decided of a referral; the audit trail keeps who did.

    Example: regulars referrals decide referred_01k3w0 allow --note "Mother and daughter"
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room

    one_of("DECISION", decision, ("allow", "refuse"))
    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            made = room.decide(uow, shell(ask), ask.shop.shop_id, referral, allow=decision == "allow", note=note)
        ask.give(made, as_json, lambda out: screens.referrals(out, [made]))


@app.command()
def rewards(
    every: Annotated[bool, typer.Option("--every", help="Also those that were given.")] = False,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Rewards that are due.

    Example: regulars referrals rewards --csv rewards.csv
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room
    from regulars.offer.referrals.exports import rewards_table

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.rewards(uow, ask.shop.shop_id, due=not every, limit=100_000)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.rewards(out, found),
            csv,
            lambda: table_lines(rewards_table(found)),
        )


@app.command()
def settle(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Look at the orders of everybody who came by a code now, and give what is due; a running server does so every hour.

    Example: regulars referrals settle
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import referrals as room

    with asked(shop, lang) as ask:
        done = room.settle(ask.house.records, ask.house.warehouse, ask.house.keyring, ask.shop)
        room.give(ask.house.records, ask.house.keyring, ask.shop)
        ask.give(done, as_json, lambda out: screens.settled(out, done))


def _reward(option: str, told: str) -> Reward | None:
    from regulars.errors import InvalidInput
    from regulars.offer.referrals import Reward

    kind, _, what = told.partition(":")
    if not told:
        return None
    if kind == "points" and what.isascii() and what.isdecimal():
        return Reward(kind="points", points=int(what))
    if kind == "coupon":
        return Reward(kind="coupon", coupon=what)
    raise InvalidInput(f"{option} {told} is no reward", mend="write " + _GIFT.rstrip("."), code="bad_option")
