"""Referrals on screen: the programmes, one programme with who was brought by whom, and what an operator decides."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from regulars.console import entries, forms, parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.referrals import service
from regulars.offer.referrals.domain import STATES, Phase, Reward, RewardKind, State
from regulars.offer.referrals.reading import Referral, ReferralProgramme, ReferralReward
from regulars.values.money import Money

_PHASES: dict[Phase, Tone] = {"planned": "info", "running": "good", "ended": ""}
_STATES: dict[State, Tone] = {"ordered": "info", "review": "warn", "rewarded": "good", "refused": "bad"}
_SHOWN = 200


@screen("/referrals", permission="read_reports", nav="Referrals", icon="share", order=86, group="Act")
def referrals_page(s: Screen) -> None:
    """Every programme, and rewards that are due."""
    note = s.t("Customers bring new ones; both are rewarded once nothing of the order can be given back any more.")
    with shell.head(s, s.t("Referrals"), note):
        if s.may("manage_offers"):
            parts.button(s.t("New programme"), lambda: _new(s), icon="add", kind="primary")

    def ask() -> tuple[list[ReferralProgramme], list[ReferralReward]]:
        with s.records.reading() as uow:
            due = service.rewards(uow, s.shop.shop_id, limit=_SHOWN) if s.may("read_customers") else []
            return service.listing(uow, s.shop.shop_id), due

    s.load(ask, lambda both: _listed(s, *both), skeleton="table")


def _listed(s: Screen, found: list[ReferralProgramme], due: list[ReferralReward]) -> None:
    if not found:
        words = s.t("Make one: the shop asks for each customer's code over the API and tells who came by it.")
        with parts.card():
            parts.empty("share", s.t("No referral programme yet"), words)
        return
    columns = [
        Column(s.t("Programme"), width="long"),
        Column(s.t("State")),
        Column(s.t("Codes"), align="end", width="drop"),
        Column(s.t("Came by a code"), align="end", hint=s.t("New customers who came by a code")),
        Column(s.t("To look at"), align="end", hint=s.t("Something looks like one person on both sides")),
        Column(s.t("Rewarded"), align="end"),
        Column(s.t("Refused"), align="end", width="drop"),
        Column(s.t("Rewards due"), align="end", width="drop"),
    ]
    rows = [
        Row(
            [
                Cell(one.name, sub=_terms(s, one)),
                Cell(s.word("offer phase", one.phase), tone=_PHASES[one.phase], badge=True),
                Cell(s.count(one.codes)),
                Cell(s.count(sum(one.counts.values()))),
                Cell(s.count(one.counts.get("review", 0)), tone="warn" if one.counts.get("review") else ""),
                Cell(s.count(one.counts.get("rewarded", 0))),
                Cell(s.count(one.counts.get("refused", 0))),
                Cell(s.count(one.rewards_due)),
            ],
            href=s.url(f"/referrals/{one.programme_id}"),
            key=one.programme_id,
        )
        for one in found
    ]
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Referrals"), kind="cards")
    if due:
        _due(s, due)


def _due(s: Screen, due: list[ReferralReward]) -> None:
    note = s.t("Points and personal coupons are given by themselves; what the shop gives in its own way stays here until it tells.")
    with parts.card(s.t("Rewards due"), note, flush=True):
        columns = [Column(s.t("Customer")), Column(s.t("As")), Column(s.t("Reward")), Column(s.t("Since"))]
        rows = [
            Row(
                [
                    Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                    Cell(s.word("referral side", one.side)),
                    Cell(_reward(s, Reward(kind=one.kind, points=one.points, coupon=one.coupon))),
                    Cell(s.instant(one.due_at)),
                ]
            )
            for one in due
        ]
        sheet(columns, rows, caption=s.t("Rewards due"), kind="cards")


def _reward(s: Screen, one: Reward | None) -> str:
    if one is None:
        return s.t("nothing")
    return s.t("{n} points", n=s.count(one.points)) if one.kind == "points" else s.t("coupon {name}", name=one.coupon or "")


def _terms(s: Screen, one: ReferralProgramme) -> str:
    return s.t(
        "{referrer} for who brings, {friend} for who comes; after {days} days",
        referrer=_reward(s, one.referrer),
        friend=_reward(s, one.friend),
        days=s.count(one.return_days),
    )


@screen("/referrals/{programme_id}", permission="read_customers", title="Referral programme", parent="/referrals")
def programme_page(s: Screen) -> None:
    """One programme: its terms, and who was brought by whom with the reasons for holding or refusing."""
    programme_id = s.path["programme_id"]
    state = cast("State | None", s.choice("state", ("", *STATES), "") or None)
    with s.records.reading() as uow:
        one = service.get(uow, s.shop.shop_id, programme_id)
    with shell.head(s, one.name, _terms(s, one), back=(s.t("Referrals"), s.url("/referrals"))):
        if s.may("export"):
            asked = urlencode({"format": "csv", "programme_id": programme_id, "shop": s.shop.shop_id})
            parts.button(s.t("Export CSV"), icon="download", href=f"/v1/referrals?{asked}")
        if s.may("manage_offers") and one.phase != "ended":
            parts.button(s.t("End it now"), lambda: _end(s, one), icon="stop_circle")
    counts = one.counts
    with parts.box("rg-tiles"):
        open_ = counts.get("claimed", 0) + counts.get("ordered", 0)
        within = s.t("{n} days to order", n=s.count(one.claim_days))
        parts.tile(s.t("On their way"), s.count(open_), notes=[("", within, "", "")])
        parts.tile(s.t("To look at"), s.count(counts.get("review", 0)), notes=[("", s.t("rewards wait for you"), "", "")])
        cap = s.t("at most {n} for one who brings", n=s.count(one.max_per_referrer)) if one.max_per_referrer else s.t("no cap")
        parts.tile(s.t("Rewarded"), s.count(counts.get("rewarded", 0)), notes=[("", cap, "", "")])
        least = s.t("orders from {money}", money=s.money(Money(one.min_order_minor, one.currency)))
        ended = counts.get("refused", 0) + counts.get("lapsed", 0)
        parts.tile(s.t("Refused or lapsed"), s.count(ended), notes=[("", least, "", "")])
    with parts.box("rg-filters"):
        choices = [("", s.t("Every state")), *((each, s.word("referral", each)) for each in STATES)]
        parts.select(s.t("State"), choices, state or "", lambda value: s.go(state=value or None))

    def ask() -> list[Referral]:
        with s.records.reading() as uow:
            return service.referrals(uow, s.shop.shop_id, programme_id=programme_id, state=state, limit=_SHOWN)

    s.load(ask, lambda found: _brought(s, found), skeleton="table")


def _brought(s: Screen, found: list[Referral]) -> None:
    note = s.t(
        "One signal alone proves nothing: families share devices and addresses. You may overrule, and the audit trail keeps it."
    )
    with parts.card(s.t("Who was brought by whom"), note, flush=True) as card:
        if not found:
            parts.empty(
                "share", s.t("Nobody here"), s.t("The shop tells who came by a code with POST {path}.", path="/v1/referrals")
            )
            return
        may = s.may("manage_offers")
        columns = [
            Column(s.t("New customer")),
            Column(s.t("Brought by")),
            Column(s.t("State")),
            Column(s.t("Why"), width="long"),
            Column(s.t("Came on")),
            Column(s.t("Order"), width="drop"),
            Column(s.t("Rewards from"), width="drop"),
            *([Column("", align="end")] if may else []),
        ]
        rows = [
            Row(
                [
                    Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                    Cell(one.referrer_id, href=s.customer_url(one.referrer_id)),
                    Cell(s.word("referral", one.state), tone=_STATES.get(one.state, ""), badge=True),
                    Cell(_reasons(s, one), sub=one.note),
                    Cell(s.day(one.claimed_at)),
                    Cell(one.order_id or "–"),
                    Cell(s.day(one.due_at) if one.due_at else "–"),
                    *([_decidable(s, one)] if may else []),
                ]
            )
            for one in found
        ]
        caption = s.t("Who was brought by whom")
        sheet(columns, rows, caption=caption, kind="cards", on_open=lambda index, _: _decide(s, found[index]))
    if len(found) == _SHOWN:
        with card.foot():
            parts.text(s.t("The first {n}", n=s.count(_SHOWN)))


def _reasons(s: Screen, one: Referral) -> str:
    words = [s.word("referral reason", reason) for reason in one.reasons]
    if one.cleared:
        words.append(s.t("let through by hand"))
    return ("、" if s.language == "zh" else ", ").join(words) or "–"


def _decidable(s: Screen, one: Referral) -> Cell:
    return Cell("") if one.state == "rewarded" else Cell(s.t("Decide"), action="decide")


def _decide(s: Screen, one: Referral) -> None:
    values: dict[str, Any] = {"note": "", "allow": "yes"}
    dialog = forms.Dialog(s, s.t("Decide yourself"))
    with dialog, parts.box("rg-stack"):
        parts.text(
            s.t("{friend} was brought by {referrer}.", friend=one.customer_id, referrer=one.referrer_id), "rg-muted rg-pretty", "p"
        )
        choices = [("yes", s.t("Let it through"))]
        if one.state not in ("refused", "lapsed"):
            choices.append(("no", s.t("Refuse the rewards")))
        forms.choice_field(
            values, "allow", s.t("Decision"), choices, hint=s.t("Before its time has come, only the signals are set aside")
        )
        forms.text_field(values, "note", s.t("Note"), most=400)

    def keep() -> Referral:
        with s.records.unit() as uow:
            allow = values["allow"] == "yes"
            return service.decide(uow, s.caller, s.shop.shop_id, one.referral_id, allow=allow, note=str(values["note"]))

    dialog.buttons(s.t("Decide"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _new(s: Screen) -> None:
    values: dict[str, Any] = {
        "name": "", "referrer": "points", "referrer_what": "", "friend": "coupon", "friend_what": "", "from": "", "to": "", "claim": "30",
        "back": "14", "least": "0", "cap": "", "link": "",
    }  # fmt: skip
    kinds = [("points", s.t("Reward points")), ("coupon", s.t("A coupon")), ("", s.t("Nothing"))]
    dialog = forms.Dialog(s, s.t("New programme"), wide=True)
    with dialog, parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"), most=120)
        forms.text_field(values, "link", s.t("Page the code is put behind"), hint=s.t("May be left out"), placeholder="https://")
        forms.choice_field(values, "referrer", s.t("Who brings gets"), kinds)
        forms.text_field(values, "referrer_what", s.t("How many points, or which coupon"))
        forms.choice_field(values, "friend", s.t("Who comes gets"), kinds)
        forms.text_field(values, "friend_what", s.t("How many points, or which coupon"))
        forms.text_field(values, "claim", s.t("Days to order"), kind="number")
        forms.text_field(values, "back", s.t("Days an order can be given back"), kind="number", hint=s.t("Rewards wait for them"))
        forms.text_field(values, "least", s.t("Smallest order ({currency})", currency=s.shop.currency), hint=s.t("Net of refunds"))
        forms.text_field(values, "cap", s.t("Most rewards for one who brings"), kind="number", hint=s.t("Empty: no cap"))
        forms.text_field(values, "from", s.t("Begins"), kind="datetime-local", hint=s.t("On the shop's clock"))
        forms.text_field(values, "to", s.t("Ends"), kind="datetime-local", hint=s.t("May be left out"))

    def reward(side: str) -> Reward | None:
        kind, what = values[side], str(values[f"{side}_what"]).strip()
        if not kind:
            return None
        points = entries.whole(what) if kind == "points" else None
        return Reward(kind=cast("RewardKind", kind), points=points, coupon=what if kind == "coupon" else None)

    def keep() -> ReferralProgramme:
        with s.records.unit() as uow:
            return service.arrange(
                uow,
                s.caller,
                s.shop,
                name=str(values["name"]),
                referrer=reward("referrer"),
                friend=reward("friend"),
                starts_at=entries.instant(s, values["from"]),
                ends_at=entries.instant(s, values["to"]) if str(values["to"]).strip() else None,
                claim_days=entries.whole(values["claim"]),
                return_days=entries.whole(values["back"]),
                min_order_minor=entries.minor(s, values["least"]),
                max_per_referrer=entries.whole_or_none(values["cap"]),
                link=str(values["link"]),
            )

    dialog.buttons(s.t("Make it"), s.act(keep, dialog.done, permission="manage_offers"))
    dialog.open()


def _end(s: Screen, one: ReferralProgramme) -> None:
    def end() -> ReferralProgramme:
        with s.records.unit() as uow:
            return service.end(uow, s.caller, s.shop.shop_id, one.programme_id)

    forms.sure(
        s,
        s.t("End the programme now?"),
        s.t("Nobody comes by its codes any more; who came before is still rewarded."),
        s.t("End it now"),
        end,
        done=lambda _: s.redraw(),
    )
