"""The item layer: at most one promotion a line, the one that takes most off it (rules P2, P6, P7, P17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulars.offer.promotions.domain.carts import CartLine
from regulars.offer.promotions.domain.exact import allocate, percent
from regulars.offer.promotions.domain.offers import Effect, Offer
from regulars.offer.promotions.domain.standing import Deal, Refused, Standing


def off_a_line(effect: Effect, line: CartLine) -> int:
    """What an item offer takes off one line at its list price."""
    price, qty = line.unit_price, line.qty
    units = qty if effect.max_units is None else min(qty, effect.max_units)
    match effect.kind:
        case "percent":
            return percent(price * units, effect.bps)
        case "amount_per_unit":
            return min(effect.minor, price) * units
        case "fixed_price":
            return max(0, price - effect.minor) * units
        case _:
            return qty // effect.n * percent(price, effect.bps)


def price_items(
    lines: Sequence[CartLine],
    standing: Standing,
    offers: Sequence[tuple[Offer, Sequence[int]]],
    budgets: Mapping[str, int],
) -> tuple[list[Deal], list[Refused]]:
    """Choose for every line, take it off, lock the lines whose promotion says so; deals in the order of the lines.

    Parameters
    ----------
    offers : each with the lines it is for.
    budgets : what is left of an offer's budget, by its id, where it has one.
    """
    refused: list[Refused] = []
    wanted = list(offers)
    while True:
        chosen, seen = _choose(lines, wanted)
        over = [
            offer
            for offer, shares in chosen.values()
            if offer.id in budgets
            and sum(shares.values()) > budgets[offer.id]
            and (budgets[offer.id] <= 0 or offer.budget is None or offer.budget.on_exceed == "reject")
        ]
        if not over:
            break
        refused += [Refused(offer, "BUDGET_EXHAUSTED") for offer in over]
        out = {offer.id for offer in over}
        wanted = [(offer, for_) for offer, for_ in wanted if offer.id not in out]
    deals = []
    locked = set()
    for offer, shares in chosen.values():
        total, left = sum(shares.values()), budgets.get(offer.id)
        parts = list(shares.items())
        if left is not None and total > left:
            total = left
            parts = list(zip(shares, allocate(left, list(shares.values())), strict=True))
        deal = Deal(offer, total, tuple((i, amount) for i, amount in parts if amount))
        standing.take(deal)
        deals.append(deal)
        if offer.locks_line:
            locked |= set(shares)
    standing.after_item = list(standing.current)
    standing.locked = locked
    taken = {deal.offer.id for deal in deals}
    for offer, for_ in wanted:
        if offer.id not in taken:
            refused.append(
                Refused(offer, "NO_ELIGIBLE_LINES" if not for_ else "BETTER_OFFER" if offer.id in seen else "THRESHOLD_NOT_MET")
            )
    return deals, refused


def _choose(
    lines: Sequence[CartLine], offers: Sequence[tuple[Offer, Sequence[int]]]
) -> tuple[dict[str, tuple[Offer, dict[int, int]]], set[str]]:
    """The best offer of every line, gathered by offer in the order of the lines; and which offers take anything off at all."""
    best: dict[int, tuple[int, int, str, Offer]] = {}
    seen = set()
    for offer, for_ in offers:
        for i in for_:
            amount = off_a_line(offer.effect, lines[i])
            if amount <= 0:
                continue
            seen.add(offer.id)
            held = best.get(i)
            if held is None or (-amount, -offer.priority, offer.id) < (-held[0], -held[1], held[2]):
                best[i] = (amount, offer.priority, offer.id, offer)
    chosen: dict[str, tuple[Offer, dict[int, int]]] = {}
    for i in sorted(best):
        amount, _, offer_id, offer = best[i]
        chosen.setdefault(offer_id, (offer, {}))[1][i] = amount
    return chosen, seen
