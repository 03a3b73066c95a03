"""The `regulars` command: the list of verbs, and what happens when one of them cannot be done."""

from __future__ import annotations

import os
import sys
from contextvars import copy_context

import typer

from regulars import __version__
from regulars.cli import (
    alarm,
    audit,
    check,
    connect,
    demo,
    flash_sales,
    group_buys,
    init,
    journal,
    ledger,
    load,
    load_catalogue,
    migrate,
    models,
    placement,
    privacy,
    promotion,
    quarantine,
    rates,
    referrals,
    report,
    run,
    running,
    search,
    segment,
    serve,
    show,
    show_churn,
    show_events,
    show_forecast,
    show_recommend,
    show_traits,
    show_values,
    show_visits,
    sql,
    storefront,
    tag,
    warehouse,
)
from regulars.errors import RegularsError

app = typer.Typer(
    name="regulars",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Who are your regulars, who is slipping away, and what is that worth?",
    epilog="Example: regulars load orders orders.csv && regulars show overview",
)
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
load_catalogue.join(load.app)
app.add_typer(load.app, name="load")
app.add_typer(connect.app, name="connect")
show_churn.join(show.app)
show_events.join(show.app)
show_visits.join(show.app)
show_forecast.join(show.app)
show_recommend.join(show.app)
show_traits.join(show.app)
show_values.join(show.app)
app.add_typer(show.app, name="show")
app.add_typer(report.app, name="report")
app.add_typer(tag.app, name="tag")
app.command("sql")(sql.sql)
app.add_typer(segment.app, name="segment")
app.add_typer(search.app, name="search")
app.add_typer(storefront.app, name="storefront")
app.add_typer(placement.app, name="placement")
app.add_typer(ledger.app, name="ledger")
app.add_typer(flash_sales.app, name="flash-sales")
app.add_typer(group_buys.app, name="group-buys")
app.add_typer(referrals.app, name="referrals")
app.add_typer(promotion.app, name="promotion")
app.add_typer(models.app, name="models")
app.add_typer(alarm.app, name="alarm")
app.add_typer(run.app, name="run")
app.command("doctor")(check.doctor)
app.command("migrate")(migrate.migrate)
app.add_typer(journal.app, name="journal")
app.add_typer(warehouse.app, name="warehouse")
app.add_typer(audit.app, name="audit")
app.add_typer(privacy.app, name="privacy")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(rates.app, name="rates")


@app.callback(invoke_without_command=True)
def version(show_version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    """Common to all verbs."""
    if show_version:
        typer.echo(f"regulars {__version__}")
        raise typer.Exit


def main() -> None:
    """The command: done here, or by the server that has the stores open."""
    try:
        code = running.forward(sys.argv[1:])
        sys.exit(perform(sys.argv[1:]) if code is None else code)
    except KeyboardInterrupt:
        _say("stopped")
        sys.exit(130)
    except BrokenPipeError:  # `regulars show ... | head`
        sys.stderr.close()
        sys.exit(0)


def perform(arguments: list[str]) -> int:
    """Run one command in this process; a failure prints its sentence and gives 1. What its options set ends with it."""
    try:
        copy_context().run(app, arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except RegularsError as error:
        _say(str(error))
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if os.environ.get("REGULARS_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        _say(
            f"something went wrong on our side ({_kind(error)}). Run it again with REGULARS_LOG_LEVEL=debug, and report what it prints"
        )
        return 1
    return 0


def _kind(error: Exception) -> str:
    """The error's name; of SQLite its own words too, which name tables and never values: what happens once may not happen again."""
    words = getattr(error, "orig", error)
    code = getattr(words, "sqlite_errorname", None)
    return f"{type(error).__name__}: {code}, {words}" if code else type(error).__name__


def _say(sentence: str) -> None:
    print(f"regulars: {sentence}", file=sys.stderr)
