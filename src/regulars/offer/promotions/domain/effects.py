"""What one offer of the order and coupon layers takes off a standing cart (rules P2, P9, P10, P11, P12, P17)."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.offer.promotions.domain.exact import allocate, percent, unit_levels
from regulars.offer.promotions.domain.offers import Effect, Offer, Step
from regulars.offer.promotions.domain.standing import Deal, Gain, Missing, Refused, Standing


def take_off(offer: Offer, standing: Standing, lines: Sequence[int], budget_left: int | None = None) -> Deal | Refused:
    """What an offer takes off now, line by line; or why it takes nothing.

    Parameters
    ----------
    lines : the lines the offer is for; those that cost nothing any more are passed over.
    budget_left : what is left of the offer's budget; None where it has none.
    """
    current, locked = standing.current, standing.locked
    open_ = [i for i in lines if current[i] > 0 and i not in locked]
    if not open_:
        return Refused(offer, "NO_ELIGIBLE_LINES")
    effect = offer.effect
    base = sum([current[i] for i in open_])
    basis = current if offer.threshold_basis == "current" else standing.basis(offer.threshold_basis)
    reached = base if basis is current else sum([basis[i] for i in open_])
    pieces = sum([standing.qty[i] for i in open_])
    found = _total(effect, standing, open_, base, reached, pieces)
    if not isinstance(found, int):
        return Refused(offer, "THRESHOLD_NOT_MET", found)
    if not found:
        return Refused(offer, "THRESHOLD_NOT_MET")
    total, by_line = found, None
    if effect.kind == "cheapest_free":
        by_line = _cheapest_free(standing, open_, pieces // effect.n)
    elif effect.kind == "n_for_price":
        by_line = _n_for_price(standing, open_, effect.n, effect.minor)
    weights = [current[i] for i in open_] if by_line is None else by_line
    if budget_left is not None and total > budget_left:
        if budget_left <= 0 or offer.budget is None or offer.budget.on_exceed == "reject":
            return Refused(offer, "BUDGET_EXHAUSTED")
        total, by_line = budget_left, None
    shares = allocate(total, weights) if by_line is None else by_line
    return Deal(
        offer,
        total,
        tuple([(i, share) for i, share in zip(open_, shares, strict=True) if share]),
        next_step(effect, reached, pieces),
    )


def total_off(offer: Offer, standing: Standing, lines: Sequence[int], budget_left: int | None = None) -> int:
    """What `take_off` would take off in all; 0 where it takes nothing."""
    current, locked = standing.current, standing.locked
    open_ = [i for i in lines if current[i] > 0 and i not in locked]
    base = sum([current[i] for i in open_])
    basis = current if offer.threshold_basis == "current" else standing.basis(offer.threshold_basis)
    reached = base if basis is current else sum([basis[i] for i in open_])
    found = _total(offer.effect, standing, open_, base, reached, sum([standing.qty[i] for i in open_])) if open_ else 0
    if not isinstance(found, int):
        return 0
    if budget_left is not None and found > budget_left:
        return max(0, budget_left) if offer.budget is not None and offer.budget.on_exceed == "cap" else 0
    return found


def _total(effect: Effect, standing: Standing, lines: list[int], base: int, reached: int, pieces: int) -> int | Missing | None:
    """The discount in all, or what is missing to its threshold."""
    if reached < effect.min_amount or pieces < effect.min_qty:
        return Missing(max(0, effect.min_amount - reached), max(0, effect.min_qty - pieces), gain_of(effect))
    match effect.kind:
        case "amount":
            return min(effect.minor, base)
        case "percent":
            return _capped(percent(base, effect.bps), effect.cap, base)
        case "tiers":
            step = _highest(effect.tiers, reached, pieces)
            if step is None:
                return next_step(effect, reached, pieces)
            if step.minor is not None:
                return min(step.minor, base)
            return _capped(percent(base, step.bps or 0), step.cap, base)
        case "every":
            times = reached // effect.min_amount
            if effect.max_times is not None:
                times = min(times, effect.max_times)
            return min(times * effect.minor, base)
        case "cheapest_free":
            if pieces < effect.n:
                return Missing(0, effect.n - pieces, Gain(free_units=1))
            return sum(_cheapest_free(standing, lines, pieces // effect.n))
        case _:
            if pieces < effect.n:
                return Missing(0, effect.n - pieces, Gain())
            return group_discount(standing, lines, effect.n, effect.minor)


def _capped(amount: int, cap: int | None, base: int) -> int:
    return min(amount, base) if cap is None else min(amount, cap, base)


def ordered(steps: Sequence[Step]) -> list[Step]:
    """Steps from the lowest threshold to the highest."""
    return sorted(steps, key=lambda step: (step.min_amount, step.min_qty))


def _highest(steps: Sequence[Step], reached: int, pieces: int) -> Step | None:
    """The highest step that is reached."""
    found = None
    for step in ordered(steps):
        if reached >= step.min_amount and pieces >= step.min_qty:
            found = step
    return found


def next_step(effect: Effect, reached: int, pieces: int) -> Missing | None:
    """What is missing to the next step of an effect that has several; None where there is no further one."""
    if effect.kind == "tiers":
        for step in ordered(effect.tiers):
            if reached < step.min_amount or pieces < step.min_qty:
                gain = Gain(minor=step.minor, bps=step.bps, cap=step.cap)
                return Missing(max(0, step.min_amount - reached), max(0, step.min_qty - pieces), gain)
    if effect.kind == "every" and effect.min_amount:
        times = reached // effect.min_amount
        if effect.max_times is None or times < effect.max_times:
            return Missing((times + 1) * effect.min_amount - reached, 0, Gain(minor=(times + 1) * effect.minor))
    if effect.kind == "cheapest_free" and pieces % effect.n:
        return Missing(0, effect.n - pieces % effect.n, Gain(free_units=pieces // effect.n + 1))
    return None


def gain_of(effect: Effect) -> Gain:
    """What an effect brings once its threshold is reached."""
    match effect.kind:
        case "free":
            return Gain(free_shipping=True)
        case "percent":
            return Gain(bps=effect.bps, cap=effect.cap)
        case "tiers":
            first = ordered(effect.tiers)[0]
            return Gain(minor=first.minor, bps=first.bps, cap=first.cap)
        case "cheapest_free":
            return Gain(free_units=1)
        case "n_for_price":
            return Gain()
        case _:
            return Gain(minor=effect.minor)


def _cheapest_free(standing: Standing, lines: Sequence[int], free: int) -> list[int]:
    """What the cheapest units of all lines cost, line by line; of equal ones those of the earlier line."""
    levels = sorted(
        (price, at, many) for at, i in enumerate(lines) for price, many in unit_levels(standing.current[i], standing.qty[i])
    )
    shares = [0] * len(lines)
    for price, at, many in levels:
        taken = min(free, many)
        shares[at] += price * taken
        free -= taken
        if not free:
            break
    return shares


def group_discount(standing: Standing, lines: Sequence[int], n: int, price_of_group: int) -> int:
    """What complete groups of n, the dearest units first, cost more than the price of a group."""
    levels = sorted([level for i in lines for level in unit_levels(standing.current[i], standing.qty[i])], reverse=True)
    total, held, cost = 0, 0, 0  # how many units the group has so far, and what they cost
    for price, many in levels:
        left = many
        if held:
            taken = min(left, n - held)
            held, cost, left = held + taken, cost + price * taken, left - taken
            if held < n:
                continue
            total += max(0, cost - price_of_group)
        whole, held = divmod(left, n)
        total += whole * max(0, n * price - price_of_group)
        cost = held * price
    return total


def _n_for_price(standing: Standing, lines: Sequence[int], n: int, price_of_group: int) -> list[int]:
    """The same, line by line: each group's discount goes off its units by what they cost."""
    levels = [(price, at, many) for at, i in enumerate(lines) for price, many in unit_levels(standing.current[i], standing.qty[i])]
    levels.sort(key=lambda level: (-level[0], level[1]))
    shares = [0] * len(lines)
    group: list[tuple[int, int]] = []  # (price, line) of each unit
    for price, at, many in levels:
        left = many
        if group:
            taken = min(left, n - len(group))
            group += [(price, at)] * taken
            left -= taken
            if len(group) == n:
                _spread(group, price_of_group, shares)
                group = []
        shares[at] += left // n * max(0, n * price - price_of_group)
        if left % n:
            group = [(price, at)] * (left % n)
    return shares


def _spread(group: list[tuple[int, int]], price_of_group: int, shares: list[int]) -> None:
    prices = [price for price, _ in group]
    for share, (_, at) in zip(allocate(max(0, sum(prices) - price_of_group), prices), group, strict=True):
        shares[at] += share
