"""Pages about the doors: the command line, the HTTP API, settings, permissions."""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from docs.writers.markdown import code, page, table
from regulars.settings import Settings

# -- the command line -------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, Any]]:
    """Every command as (words, command), `regulars load orders` and the like."""
    import typer.main

    from regulars.cli.main import app

    waiting = [("regulars", typer.main.get_command(app))]
    while waiting:
        words, command = waiting.pop(0)
        children = getattr(command, "commands", None)
        if children:
            waiting[:0] = [(f"{words} {name}", child) for name, child in children.items() if not child.hidden]
        else:
            yield words, command


def command_line() -> str:
    """Every verb with its options."""
    parts = []
    for words, command in commands():
        parts.append(f"## {words}\n\n{_help(command.help, command.epilog)}\n")
        arguments = [p for p in command.params if type(p).__name__ == "TyperArgument" and not p.hidden]
        options = [p for p in command.params if type(p).__name__ == "TyperOption" and not p.hidden]
        usage = [words, *(_argument(p) for p in arguments), *(["[OPTIONS]"] if options else [])]
        parts.append(f"```text\n{' '.join(usage)}\n```\n")
        rows = [(code(_argument(p).strip("[]")), p.help) for p in arguments]
        rows += [(_option(p), _with_default(p)) for p in options]
        if rows:
            parts.append(table(("option", "meaning"), rows))
    intro = (
        "`regulars --help` and `regulars VERB --help` print the same at the shell. Whatever prints can print JSON with "
        "`--json`, the same "
        "object as the API's answer. A failure prints one sentence that says what to do, and exits with 1. While `regulars "
        "serve` runs on the "
        "same data folder, commands are done by the server."
    )
    return page("Command line", intro, "src/regulars/cli/", parts)


def _help(*texts: str | None) -> str:
    lines = "\n\n".join(filter(None, texts)).strip().splitlines()
    out = [
        f"Example: `{line.strip().removeprefix('Example: ')}`" if line.strip().startswith("Example: ") else line.strip()
        for line in lines
    ]
    joined = "\n".join(out)
    return re.sub(r"\n(Example: )", r"\n\n\1", joined).replace("\n\n\n", "\n\n")


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _option(parameter: Any) -> str:
    flags = " ".join(map(code, [*parameter.opts, *parameter.secondary_opts]))
    return flags + (f" {parameter.metavar}" if parameter.metavar else "") + _choices(parameter)


def _choices(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    found = [get_args(each) for each in (annotation, *get_args(annotation)) if get_origin(each) is Literal]
    return f" ({', '.join(map(str, found[0]))})" if found else ""


def _with_default(parameter: Any) -> str:
    text = parameter.help or ""
    default = parameter.default
    if default in (None, "", False, True, 0, ()) or default == [] or "[default" in text:
        return text
    return f"{text} [default: {default}]"


# -- HTTP -------------------------------------------------------------------------------------------------------------


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document of a house on empty stores."""
    from regulars.app import House

    with tempfile.TemporaryDirectory() as folder:
        house = House.open(Settings.load({"REGULARS_HOME": folder}))
        try:
            document: dict[str, Any] = house.http().openapi()
        finally:
            house.close()
    return document


def http_api() -> str:
    """Every route by subject, with who may call it and what it takes."""
    document = openapi()
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "options":  # preflights: one sentence of the introduction is enough
                continue
            by_tag[(operation.get("tags") or ["Other"])[0]].append((path, method.upper(), operation))
    parts = []
    for tag, operations in by_tag.items():
        parts.append(f"## {tag}\n")
        for path, method, operation in operations:
            parts.append(f"### {method} {path}\n\n{operation.get('summary', '').strip()}\n")
            if description := operation.get("description", "").strip():
                parts.append(re.sub(r"\n(?=\S)", " ", description.split("\n\n")[0]) + "\n")
            parts.append(_who(operation) + "\n")
            if rows := [*_parameters(operation), *_body(operation, document)]:
                parts.append(table(("takes", "in", "type", ""), rows))
            if answers := _answers(operation):
                parts.append(f"Answers {answers}.\n")
            if "4XX" not in operation["responses"] and (told := [each for each in operation["responses"] if each != "200"]):
                parts.append(f"Refuses with {', '.join(told)}.\n")
    intro = """
The server describes itself at `GET /openapi.json` (OpenAPI 3.1, with the schemas of all answers); this page is its list of routes.

* Programs send `Authorization: Bearer <api key>` ([how to](../how-to/use-the-api.md)); the console's session works too.
* `?shop=` names the shop; without it the only one the caller may see, or the oldest. `?lang=zh` or `en` sets the language of texts.
* Money is `{"minor": 1999, "currency": "CNY"}`, instants are `...Z`, ratios are fractions and null when empty.
* Errors are `application/problem+json` with `code` (stable, for programs) and `mend` (what to do, for people).
* `Idempotency-Key` on a write: the same key again gives the same answer without a second effect, for 7 days.
* Lists end with `"next": null`; otherwise send `next` back as `?cursor=`.
* More than a limit of requests in a minute gives 429 with `Retry-After`.
* The addresses under *Event intake* are for SDKs: they take a source's write key (as Basic user, Bearer, `writeKey` / `api_key` / `token` in the body or the query), answer
  any site (CORS; `OPTIONS` answers every preflight, for a day), with or without a slash at the end, and refuse as `{"success": false, "status", "code", "message", "mend"}`. A message may have 32 KB, a request 4 MB.
"""
    return page("HTTP API", intro, "src/regulars/**/api.py", parts)


def _who(operation: dict[str, Any]) -> str:
    permission = operation.get("x-permission")
    return f"Permission: [`{permission}`](permissions.md)" if permission else f"Open to everybody: {operation.get('x-public', '')}"


#: Taken by every route; told once, above.
_EVERYWHERE = {"shop", "lang", "Idempotency-Key"}


def _parameters(operation: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for each in operation.get("parameters", []):
        if each["name"] not in _EVERYWHERE:
            yield code(each["name"]), each["in"], _schema(each.get("schema", {})), each.get("description", "")


def _body(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The fields of a JSON body, or the body as one."""
    for media, form in operation.get("requestBody", {}).get("content", {}).items():
        schema = form.get("schema", {})
        name = next((each["$ref"] for each in (schema, *schema.get("anyOf", [])) if "$ref" in each), "").rsplit("/", 1)[-1]
        fields = document["components"]["schemas"].get(name, {})
        needed = fields.get("required", [])
        for field, shape in fields.get("properties", {}).items():
            remark = shape.get("description", "") or ("" if field in needed else "may be left out")
            yield code(field), "body" if media == "application/json" else media, _schema(shape), remark
        if not fields.get("properties"):
            yield code("body"), media, _schema(schema), ""


def _answers(operation: dict[str, Any]) -> str:
    found = []
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            for media, form in (response.get("content") or {}).items():
                found.append(f"{status} {_schema(form.get('schema', {})) or media}")
    return ", ".join(found)


def _schema(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return code(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_schema(each) for each in schema["anyOf"] if each.get("type") != "null"))
    if "enum" in schema:
        return ", ".join(map(code, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_schema(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "")


# -- settings and permissions -----------------------------------------------------------------------------------------

_SAID = {
    "home": ("the data folder: both stores, the archive of loads, the master key", "~/.regulars"),
    "records_url": (
        "where the records are: `sqlite:////absolute/path` or `postgresql://user@host/database`",
        "records.sqlite in the data folder",
    ),
    "warehouse_url": ("where the warehouse is: `duckdb:////absolute/path`", "warehouse.duckdb in the data folder"),
    "journal_url": (
        "where events wait to be loaded: `nats://user:password@host:4222/stream` or `kafka://user:password@host:9092/topic`; "
        "[what each promises](../how-to/run-on-nats-or-kafka.md)",
        "files in the data folder",
    ),
    "host": ("address that `regulars serve` listens on", None),
    "port": ("port that `regulars serve` listens on", None),
    "log_level": ("DEBUG, INFO, WARNING or ERROR", None),
    "upload_limit_mb": ("largest file taken over HTTP, in MiB", None),
}


def settings() -> str:
    """Every setting with its default."""
    source = Path(__import__("regulars.settings").settings.__file__).read_text(encoding="utf-8")
    comments = dict(re.findall(r"^    (\w+): \w+ = .*?  # (.+)$", source, re.M))
    rows = []
    for field in dataclasses.fields(Settings):
        said, default = _SAID.get(field.name, (comments.get(field.name, ""), None))
        assert said, f"settings.{field.name} needs a comment, or a line in docs/writers/doors.py"
        shown = default or (code(field.default) if field.default not in ("", dataclasses.MISSING) else "")
        name = "" if field.name == "home" else code(field.name)
        rows.append((code(f"REGULARS_{field.name.upper()}"), name, said, shown))
    parts = [
        table(("environment", "in regulars.toml", "meaning", "default"), rows),
        "## Secrets\n\n"
        + table(
            ("environment", "meaning"),
            [
                (
                    "`REGULARS_MASTER_KEY`",
                    "32 bytes, base64 or hexadecimal (`openssl rand -base64 32`); else `master.key` in the data folder",
                )
            ],
        ),
        "## For tests\n\n"
        + table(
            ("environment", "meaning"),
            [
                (
                    "`REGULARS_TEST_POSTGRES_URL`",
                    "a PostgreSQL server to test on; without it one is started from installed binaries",
                ),
                ("`REGULARS_TEST_CHROMIUM`", "the Chromium program for browser tests; without it Debian's `chromium`"),
                ("`REGULARS_CASES`", "a folder of JSON cases for `tests/cases`"),
            ],
        ),
    ]
    intro = (
        "Settings are read once at start: from the environment, else from `regulars.toml` in the data folder (`port = 8400`, "
        "one per line), else the "
        "default. An unknown name in the file is an error. What belongs to a shop (zone, currency, lifecycle cuts) is not a "
        "setting "
        "but part of the shop: change it in the console or with `PATCH /v1/shops/{shop_id}`."
    )
    return page("Settings", intro, "src/regulars/settings.py", parts)


def permissions() -> str:
    """Who may do what."""
    from regulars.access.domain import KEY_PERMISSIONS, PERMISSIONS, ROLE_PERMISSIONS

    holders = {
        **{str(role): held for role, held in ROLE_PERMISSIONS.items()},
        **{f"key: {kind}": held for kind, held in KEY_PERMISSIONS.items()},
    }
    grid = [(code(each), *("yes" if each in held else "" for held in holders.values())) for each in PERMISSIONS]
    routes: dict[str, list[str]] = defaultdict(list)
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            routes[operation.get("x-permission") or "public"].append(f"`{method.upper()} {path}`")
    from regulars.console.registry import SCREENS

    screens: dict[str, list[str]] = defaultdict(list)
    for spec in SCREENS.values():
        screens[spec.permission or "signed in"].append(code(spec.path.replace(":path", "")))
    parts = [
        "## Roles and keys\n\n" + table(("permission", *holders), grid),
        "A key holds the scopes it was given, at most those in its column and at most those of its maker.\n",
        "## Routes by permission\n\n"
        + table(("permission", "routes"), [(code(name), ", ".join(found)) for name, found in routes.items()]),
        "## Screens by permission\n\n"
        + table(("permission", "screens"), [(code(name), ", ".join(found)) for name, found in screens.items()]),
    ]
    intro = "What is not listed is denied. The server does not start when a route does not say who may call it."
    return page("Permissions", intro, "src/regulars/access/domain.py", parts)
