"""The documentation is true: generated pages are fresh, and every link, command, address and setting it names exists."""

from __future__ import annotations

import dataclasses
import doctest
import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from docs import generate
from docs.writers.doors import commands, openapi

from regulars.cli.main import perform
from regulars.collect.track.domain.addresses import address_of
from regulars.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
AT_THE_TOP = [ROOT / name for name in ("README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*AT_THE_TOP, *sorted(DOCS.rglob("*.md"))]
GENERATED = {DOCS / name for name in generate.PAGES}
BY_HAND = [page for page in PAGES if page not in GENERATED]

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.S | re.M)
#: What stands for a word of the reader's own.
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b|<[^>]+>|…|\.\.\.")


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


@cache
def anchors(page: Path) -> set[str]:
    """The places of a page that a link can name, as GitHub makes them."""
    text = page.read_text(encoding="utf-8")
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#+ +(.+)$", prose(text), re.M):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


@pytest.mark.parametrize("name", generate.PAGES)
def test_generated_pages_are_fresh(name: str) -> None:
    page = DOCS / name

    assert page.is_file(), "run `make docs`"
    assert page.read_text(encoding="utf-8") == generate.PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    dead = []
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            dead.append(target)

    assert dead == []


def command_lines(text: str) -> Iterator[str]:
    """Every `regulars ...` of a page: whole lines in blocks, and inline code that begins with it."""
    for _, block in FENCE.findall(text):
        joined = re.sub(r"\\\n\s*", " ", block)
        for line in joined.splitlines():
            for part in re.split(r"\s(?:\||&&|>|;)\s", line):
                bare = re.sub(r"^(?:\$ )?(?:sudo |\w+=\S+ |\.venv/bin/|.*\bdocker run \S+ )*", "", part.strip())
                if bare.startswith("regulars ") and not bare.startswith("regulars: "):
                    yield bare
    for inline in re.findall(r"`(regulars [^`]+)`", prose(text)):
        yield re.split(r"\s(?:\||&&|>|;)\s", inline)[0]


@cache
def known_commands() -> dict[str, Any]:
    return dict(commands())


def why_it_does_not_parse(line: str) -> str:
    """Empty when the command line is one the command understands."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        return str(error)
    leading = list(takewhile(lambda word: not word.startswith("-"), words))
    for length in range(len(leading), 0, -1):
        command = known_commands().get(" ".join(leading[:length]))
        if command is not None:
            break
    else:
        group = " ".join(leading)
        is_group = any(name == group or name.startswith(group + " ") for name in known_commands())
        return "" if is_group and set(words) - set(leading) <= {"--help", "--version"} else "no such command"
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = [word.split("=")[0] for word in words[length:] if word.startswith("--")]
    unknown = [option for option in given if option not in options | {"--help"}]
    if unknown:
        return f"no option {unknown[0]}"
    if len(words) == length or "--help" in given or any(PLACEHOLDER.search(word) for word in words[length:]):
        return ""
    try:
        command.make_context(command.name or "", words[length:])
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


@pytest.mark.parametrize("page", BY_HAND, ids=title)
def test_every_command_line_is_understood(page: Path) -> None:
    wrong = {line: why for line in command_lines(page.read_text(encoding="utf-8")) if (why := why_it_does_not_parse(line))}

    assert wrong == {}


def test_a_wrong_command_line_would_be_found() -> None:
    assert why_it_does_not_parse("regulars lod orders x.csv")
    assert why_it_does_not_parse("regulars show overview --jsn")
    assert why_it_does_not_parse("regulars doctor surplus")
    assert not why_it_does_not_parse("regulars doctor --json")


@pytest.mark.parametrize(
    ("page", "language"), [(DOCS / "tutorials/first-loop.md", "en"), (DOCS / "zh/tutorials/first-loop.md", "zh")]
)
def test_the_tutorial_prints_what_it_says(
    page: Path, language: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs the `console` blocks in order, in an empty data folder; `...` in a block stands for anything."""
    (tmp_path / "docs").symlink_to(DOCS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGULARS_LANGUAGE", language)
    monkeypatch.setenv("COLUMNS", "110")
    blocks = [block for kind, block in FENCE.findall(page.read_text(encoding="utf-8")) if kind == "console"]
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.M)[1:]]
    checker = doctest.OutputChecker()

    assert steps
    for step in steps:
        command, _, wanted = re.sub(r"\\\n\s*", " ", step).partition("\n")
        words = shlex.split(command, comments=True)
        assert words[0] == "regulars", command
        code = perform(words[1:])
        out, err = capsys.readouterr()
        assert code == 0, f"$ {command}\n{out}{err}"
        assert checker.check_output(wanted, out, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"$ {command}\n{out}"


def test_the_demo_says_what_readme_and_tutorial_quote(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every quoted line stands in the output; the seconds it took are nobody's promise."""
    pages = {"en": ("README.md", "docs/tutorials/first-loop.md"), "zh": ("README.zh.md", "docs/zh/tutorials/first-loop.md")}
    missing = []
    for language, names in pages.items():
        monkeypatch.setenv("REGULARS_LANGUAGE", language)
        assert perform(["demo", "--no-serve"]) == 0
        said = " ".join(capsys.readouterr().out.split())
        for name in names:
            blocks = [block for kind, block in FENCE.findall((ROOT / name).read_text(encoding="utf-8")) if kind == "text"]
            quoted = [" ".join(line.split()) for block in blocks for line in block.splitlines()]
            missing += [f"{name}: {line}" for line in quoted if line not in said and line != "..." and not line.endswith(" s")]

    assert missing == []


@pytest.mark.parametrize("page", BY_HAND, ids=title)
def test_every_address_of_the_api_exists(page: Path) -> None:
    """Of the API, or one that SDKs send events to."""
    known = {
        (method.upper(), re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$"))
        for path, operations in openapi()["paths"].items()
        for method in operations
    }
    text = page.read_text(encoding="utf-8")
    asked = re.findall(r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?(?:https?://[\w.:{}-]+)?(/v1/[\w{}$./-]*)", text)
    wrong = [
        f"{method} {path}"
        for method, path in asked
        if path.rstrip(".").rstrip("/") != "/v1"
        and address_of(path) is None
        and not any(form.match(path.rstrip(".")) and method in ("", verb) for verb, form in known)
    ]

    assert wrong == []


@pytest.mark.parametrize("page", BY_HAND, ids=title)
def test_every_setting_exists(page: Path) -> None:
    known = {f"REGULARS_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    known |= {"REGULARS_MASTER_KEY", "REGULARS_TEST_POSTGRES_URL", "REGULARS_TEST_CHROMIUM", "REGULARS_CASES"}

    assert sorted(set(re.findall(r"\bREGULARS_[A-Z_]+\b", page.read_text(encoding="utf-8"))) - known) == []


@pytest.mark.parametrize("page", BY_HAND, ids=title)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(?:sudo )?make ([a-z]+)", text) + re.findall(r"^\s*(?:\$ )?(?:sudo )?make ([a-z]+)\b", text, re.M)

    assert sorted(set(named) - targets) == []


def test_decisions_are_numbered_without_gaps_and_complete() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages if page.name != "index.md"]

    assert numbers == list(range(1, len(numbers) + 1))
    for page in pages:
        if page.name == "index.md":
            continue
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}. "), page.name
        sections = re.findall(r"^## (.+)$", text, re.M)
        assert sections == ["Context", "Decision", "Consequences", "Alternatives", "Files"], page.name
        for path in re.findall(r"`([\w./*-]+)`", text.split("## Files")[1]):
            assert list(ROOT.glob(path.rstrip("/"))), f"{page.name} names {path}"


def test_the_changelog_tells_what_is_unreleased_and_links_each_line() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.search(r"^## \[?Unreleased", text, re.M)
    entries = re.split(r"^- ", text, flags=re.M)[1:]
    assert [entry.splitlines()[0] for entry in entries if "](" not in entry.split("\n\n")[0]] == []


def test_the_two_readmes_have_the_same_parts() -> None:
    def levels(name: str) -> list[str]:
        text = prose((ROOT / name).read_text(encoding="utf-8"))
        return re.findall(r"^(#+) ", text, re.M)

    assert levels("README.zh.md") == levels("README.md")


def test_every_chinese_page_stands_beside_an_english_one() -> None:
    chinese = {page.relative_to(DOCS / "zh") for page in (DOCS / "zh").rglob("*.md")}

    assert sorted(str(page) for page in chinese if not (DOCS / page).is_file()) == []


def test_every_page_is_reached_from_an_index() -> None:
    for index, pages in (
        (DOCS / "index.md", [page for page in DOCS.rglob("*.md") if DOCS / "zh" not in page.parents]),
        (DOCS / "zh" / "index.md", list((DOCS / "zh").rglob("*.md"))),
    ):
        linked = {
            (index.parent / target.partition("#")[0]).resolve()
            for target in re.findall(r"\]\(([^)\s]+)\)", index.read_text(encoding="utf-8"))
        }
        missing = [page for page in pages if page.resolve() not in linked and page != index and page.parent.name != "decisions"]
        assert sorted(str(page.relative_to(DOCS)) for page in missing) == []
