"""`regulars segment`: segments as files under version control, their members, and how they compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli.show import AsCsv, AsJson, Ask, From, Lang, Limit, ShopId, To, asked, table_lines

if TYPE_CHECKING:
    from regulars.access import Caller
    from regulars.understand.questions import Desk

app = typer.Typer(
    no_args_is_help=True,
    help="Which customers belong together, who came, who left, and why.",
    epilog="Example: regulars segment apply segments.yaml && regulars segment list",
)

File = Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON: one segment, or a list of them.")]
SegmentId = Annotated[str, typer.Argument(metavar="SEGMENT", help="The segment's id.")]
Several = Annotated[list[str], typer.Argument(metavar="SEGMENTS", help="Two to five segments.")]


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Every segment with its size as last evaluated.

    Example: regulars segment list
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            found = segments.listing(uow, it.shop.shop_id)
        it.give({"items": found, "next": None}, as_json, lambda out: screens.listed(out, found))


@app.command()
def apply(file: File, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Make or change the segments of a file: all of them, or none where one is wrong. They are evaluated at once.

    Example: regulars segment apply segments.yaml
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        given = _read(file)
        with it.house.records.unit() as uow:
            made = segments.apply(uow, _caller(it), it.shop, given if isinstance(given, list) else [given])
        it.house.work_off()
        with it.house.records.reading() as uow:
            found = [segments.get(uow, it.shop.shop_id, one.segment_id) for one in made]
        it.give({"items": found, "next": None}, as_json, lambda out: screens.listed(out, found))


@app.command()
def export(
    segment: Annotated[list[str], typer.Argument(metavar="[SEGMENTS]", help="Only these; without any, all.")] = [],  # noqa: B006
    customers: Annotated[bool, typer.Option("--customers", help="With the customers of uploaded ones.")] = False,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Segments as YAML for version control, in the form that `regulars segment apply` reads.

    Example: regulars segment export > segments.yaml
    """
    from regulars.cli.doors import print_json
    from regulars.understand import segments

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            found = [one for one in segments.listing(uow, it.shop.shop_id) if not segment or one.segment_id in segment]
        made = [segments.as_file(one, _listed(it, one) if customers else ()) for one in found]
        if as_json:
            print_json(made)
        else:
            import yaml

            typer.echo(yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=120), nl=False)


@app.command()
def preview(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Conditions, or a segment, as YAML or JSON.")],
    sample: Annotated[int, typer.Option("--sample", min=0, max=100, help="How many customers to show.")] = 10,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """How many customers conditions hold now, and some of them; nothing is kept.

    Example: regulars segment preview lapsing.yaml
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        given = _read(file)
        known_only = bool(given.get("known_only")) if isinstance(given, dict) else False
        tree = given.get("where_tree", given) if isinstance(given, dict) else given
        found = segments.preview(it.house.records, _desk(it), tree, known_only=known_only, sample=sample)
        it.give(found, as_json, lambda out: screens.previewed(out, found))


@app.command()
def upload(
    segment: SegmentId,
    file: Annotated[str, typer.Argument(metavar="CSV", help="A column customer_id, or one id in each line.")],
    name: Annotated[str, typer.Option("--name", help="What people call it [default: its id].")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a segment of a list of customers, or put the list in the place of the one it had.

    Example: regulars segment upload vip vip.csv --name "VIP of the autumn fair"
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments
    from regulars.understand.segments import ids_of_csv

    with asked(shop, lang) as it:
        ids = tuple(ids_of_csv(_text(file)))
        given = segments.SegmentFile(segment_id=segment, name=name or segment, kind="uploaded", customers=ids)
        with it.house.records.unit() as uow:
            segments.save(uow, _caller(it), it.shop, given)
        it.house.work_off()
        with it.house.records.reading() as uow:
            found = segments.get(uow, it.shop.shop_id, segment)
        it.give(found, as_json, lambda out: screens.listed(out, [found]))


@app.command()
def members(
    segment: SegmentId, limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = ""
) -> None:
    """Who is in a segment as last evaluated.

    Example: regulars segment members sleeping --csv sleeping.csv
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments
    from regulars.understand.segments.exports import members_table

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            one = segments.get(uow, it.shop.shop_id, segment)
        found = segments.member_page(_desk(it), segment, limit=limit)[:limit]
        it.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.members(out, one, found),
            csv,
            lambda: table_lines(members_table(segments.every_member(_desk(it), segment))),
        )


@app.command()
def explain(
    segment: SegmentId,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer or visitor.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Why a customer is in a segment, or is not: each condition with what was found.

    Example: regulars segment explain sleeping 12347
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        found = segments.explain(it.house.records, _desk(it), segment, customer, it.language)
        it.give(found, as_json, lambda out: screens.explained(out, found))


@app.command()
def overlap(segments_: Several, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """How segments overlap: every combination with its customers.

    Example: regulars segment overlap high-value price-sensitive brand-loyal
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments
    from regulars.understand.segments.exports import overlap_table

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            for one in segments_:
                segments.get(uow, it.shop.shop_id, one)
        found = segments.overlap(_desk(it), segments_)
        it.give(found, as_json, lambda out: screens.overlapping(out, found), csv, lambda: table_lines(overlap_table(found)))


@app.command()
def sizes(
    segment: SegmentId, from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = ""
) -> None:
    """The size of a segment by day, and how many came and went.

    Example: regulars segment sizes sleeping --from 2026-10-01
    """
    from regulars.cli import segment_screens as screens
    from regulars.cli.show import day_of
    from regulars.understand import segments
    from regulars.understand.segments.exports import sizes_table

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            segments.get(uow, it.shop.shop_id, segment)
            first, last = day_of("--from", from_), day_of("--to", to)
            found = segments.sizes(uow, it.shop.shop_id, segment, first_on=first, last_on=last)
        it.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.sizes(out, found),
            csv,
            lambda: table_lines(sizes_table(found)),
        )


@app.command()
def evaluate(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Judge all segments now, and tell who came and who left.

    Example: regulars segment evaluate
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        found = segments.evaluate(it.house.records, it.house.warehouse, it.shop)
        it.give(found, as_json, lambda out: screens.evaluated(out, found))


@app.command()
def library(
    make: Annotated[list[str], typer.Option("--make", metavar="ID", help="Make this one; may be repeated.")] = [],  # noqa: B006
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ready-made segments by attribute, behaviour, value and need; with --make they become the shop's own.

    Example: regulars segment library --make sleeping --make high-value-at-risk
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        if make:
            with it.house.records.unit() as uow:
                made = segments.from_library(uow, _caller(it), it.shop, make)
            it.house.work_off()
            with it.house.records.reading() as uow:
                made = [segments.get(uow, it.shop.shop_id, one.segment_id) for one in made]
            it.give({"items": made, "next": None}, as_json, lambda out: screens.listed(out, made))
            return
        it.give({"items": segments.LIBRARY, "next": None}, as_json, lambda out: screens.library(out, it.language))


@app.command()
def remove(segment: SegmentId, shop: ShopId = "", lang: Lang = "") -> None:
    """Remove a segment with its list, its history and its webhooks.

    Example: regulars segment remove vip
    """
    from regulars.understand import segments

    with asked(shop, lang) as it, it.house.records.unit() as uow:
        segments.throw_away(uow, _caller(it), it.shop.shop_id, segment)


@app.command()
def hooks(segment: SegmentId, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Where a segment's changes are sent, and how that goes.

    Example: regulars segment hooks sleeping
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        with it.house.records.reading() as uow:
            segments.get(uow, it.shop.shop_id, segment)
            found = segments.webhooks(uow, it.shop.shop_id, segment)
        it.give({"items": found, "next": None}, as_json, lambda out: screens.hooks(out, found))


@app.command()
def hook(
    segment: SegmentId,
    url: Annotated[str, typer.Argument(metavar="URL", help="An address of http or https.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Send who entered and who left to an address from now on, signed. The secret is shown this once.

    Example: regulars segment hook sleeping https://crm.example.com/hooks/segments
    """
    from regulars.cli import segment_screens as screens
    from regulars.understand import segments

    with asked(shop, lang) as it:
        with it.house.records.unit() as uow:
            made = segments.add_hook(uow, it.house.warehouse, _caller(it), it.shop.shop_id, segment, url)
        it.give(made, as_json, lambda out: screens.hooked(out, made))


@app.command()
def unhook(
    segment: SegmentId,
    hook: Annotated[str, typer.Argument(metavar="HOOK", help="The webhook's id.")],
    shop: ShopId = "", lang: Lang = "",
) -> None:  # fmt: skip
    """Send nothing to a webhook's address any more.

    Example: regulars segment unhook sleeping hook_01jd2c
    """
    from regulars.understand import segments

    with asked(shop, lang) as it, it.house.records.unit() as uow:
        segments.remove_hook(uow, _caller(it), it.shop.shop_id, segment, hook)


def _desk(it: Ask) -> Desk:
    from regulars.understand.questions import Desk

    return Desk(it.house.warehouse, it.shop)


def _caller(it: Ask) -> Caller:
    from regulars.access import Caller

    return Caller.system("shell", it.house.keyring)


def _listed(it: Ask, one: Any) -> list[str]:
    from regulars.understand import segments

    if one.kind != "uploaded":
        return []
    return [row["customer_id"] for row in segments.every_member(_desk(it), one.segment_id)]


def _text(name: str) -> str:
    from regulars.cli.doors import path
    from regulars.errors import InvalidInput

    try:
        return path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{name} cannot be read: {error}", mend="name a readable file in UTF-8", code="bad_file") from None


def _read(name: str) -> Any:
    from regulars.cli.report import plain_yaml
    from regulars.errors import InvalidInput

    found = plain_yaml(_text(name), name)
    if not isinstance(found, (dict, list)):
        raise InvalidInput(f"{name} holds no segment", mend="write id, name and where_tree", code="bad_file")
    return found
