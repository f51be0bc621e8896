"""README and manual are true and whole: their tables are printed from the code, and their links lead somewhere."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from replayer.cassettes import head
from replayer.cli import cli
from replayer.cli.clients import clients_table
from replayer.core.cassette import Facts
from replayer.core.modes import VERDICT, Mode
from replayer.core.rules import registry, table
from replayer.core.secrets import findings
from replayer.manual import TOPICS, ManualPage, pages
from replayer.sandbox.serving.tables import sentences_table, states_table, switches_table
from replayer.settings import Settings
from tests.core.build import ORIGIN, asked
from tests.manual.examples import ALL, README, ROOT, TABLES, TEXTS, code, section

FOLDER = ROOT / "replayer" / "manual"
WIDEST = 120  # columns of prose: tables and code cannot be broken
LINK = re.compile(r"\]\(([^)\s]+)\)")


# -- the door ---------------------------------------------------------------------------------------------------------


def test_the_readme_is_a_door() -> None:
    assert len(README.splitlines()) <= 300


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`replayer {command}" in README


@pytest.mark.parametrize("topic", TOPICS)
def test_every_page_is_linked_from_the_readme(topic: str) -> None:
    assert f"[{topic}](replayer/manual/{topic}.md)" in README


def test_the_readme_names_every_script_of_the_two_commands_with_its_time() -> None:
    for script in ("scripts/demo", "scripts/test"):
        assert re.search(rf"^{script} .*: .*(second|minute)", README, re.MULTILINE)


# -- the pages --------------------------------------------------------------------------------------------------------


def test_the_pages_are_the_files() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(TOPICS)


@pytest.mark.parametrize("each", pages(), ids=lambda each: each.name)
def test_a_page_opens_with_one_sentence_on_what_it_answers(each: ManualPage) -> None:
    assert re.match(r"# [^\n]+\n\n[A-Z]", each.text)
    assert each.first.endswith(".")
    assert each.first.partition(" ")[0] in ("How", "What", "Which", "Whether")
    assert len(each.first) <= 160


@pytest.mark.parametrize("name", TEXTS)
def test_lines_of_prose_are_not_too_long(name: str) -> None:
    prose = re.sub(r"^ *```.*?^ *```$", "", TEXTS[name], flags=re.DOTALL | re.MULTILINE)
    long = [line for line in prose.splitlines() if len(line) > WIDEST and not line.startswith("|")]
    assert long == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_to_something(name: str) -> None:
    folder = ROOT if name == "README" else FOLDER
    for link in LINK.findall(TEXTS[name]):
        if ":" in link:
            continue
        target, _, anchor = link.partition("#")
        path = folder / target if target else folder / f"{name}.md"
        assert path.exists(), link
        if anchor:
            assert anchor in anchors(path), link


def anchors(path: Path) -> list[str]:
    """The headings of a page, as forges name them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("name", [path.name for path in FOLDER.glob("*.svg")])
def test_every_picture_is_shown(name: str) -> None:
    assert re.search(rf"!\[[^\]]+\]\((?:replayer/manual/)?{name}\)", ALL)


def test_nothing_is_left_empty() -> None:
    for each in pages():
        for part in each.sections:
            assert part.blocks or part.title == each.sections[0].title, (each.name, part.title)


# -- tables and the code ----------------------------------------------------------------------------------------------


def test_the_table_of_modes_is_the_one_in_the_code() -> None:
    rows = [
        f"| {mode.value} | {'exists' if existed else 'is new'} | {known.value} | {unknown.value} |"
        for (mode, existed), (known, unknown) in VERDICT.items()
    ]
    head = "| mode | cassette | a request that it holds | any other request |\n|---|---|---|---|\n"
    assert TABLES["modes"] == head + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("states", states_table),
        ("sentences", sentences_table),
        ("switches", switches_table),
        ("findings", findings.findings_table),
        ("clients", clients_table),
    ],
)
def test_a_table_is_the_one_in_the_code(name: str, printed: Callable[[], str]) -> None:
    assert TABLES[name] == printed()


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_in_the_manual_with_its_default(setting: object) -> None:
    name, default = getattr(setting, "name"), getattr(setting, "default")  # noqa: B009 - fields have no public type
    shown = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else ""
    assert f"| `{name}` | {shown}".rstrip() in TEXTS["settings"]


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_option_is_in_the_table_with_the_commands_that_have_it(command: str) -> None:
    options = TEXTS["settings"].partition("\n## Options\n")[2]
    for parameter in cli.commands[command].params:
        for option in (name for name in parameter.opts if name.startswith("--") and name != "--help"):
            row = re.search(rf"^\| `{option}(?: [^`]*)?` \| ([^|]*) \|", options, re.MULTILINE)
            assert row, option
            assert command in row.group(1).split(", ")


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_explained(mode: Mode) -> None:
    assert f"`{mode.value}`" in TEXTS["modes"]


# -- small promises ---------------------------------------------------------------------------------------------------


def test_who_asks_is_no_part_of_the_question() -> None:
    ada, eve = (asked("GET /v1/invoices", b"", ("Authorization", f"Bearer sk_test_{name}")) for name in ("ada", "eve"))
    assert ada.digest == eve.digest
    assert "**One cassette is of one user.**" in section(README, "Limits")
    assert "is no part of the question" in section(TEXTS["misses"], "When two requests match")


def test_a_cassette_keeps_the_name_of_its_rules_and_no_table() -> None:
    rules = table.extended(registry.GENERIC_RULES, {"times": ["bookedOn"]})
    assert head(Facts(ORIGIN, rules.name, 0)).splitlines()[3] == "  rules: generic"
    assert "The table is not kept in the cassette" in section(TEXTS["rules"], "A table of your own")


def test_the_beginning_of_a_cassette_is_what_one_begins_with() -> None:
    (shown,) = code(TEXTS["cassette"], "yaml")
    facts = Facts("https://api.stripe.com", "invoice", 1_795_305_600)
    assert shown.startswith(head(facts))
    assert yaml.safe_load(shown)["replayer"]["epoch"] == "2026-11-22T00:00:00Z"


TOML = [(name, block) for name, text in TEXTS.items() for block in code(text, "toml")]


@pytest.mark.parametrize(("name", "block"), TOML, ids=[name for name, _ in TOML])
def test_settings_that_are_shown_are_understood(name: str, block: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(block, "utf-8")
    settings = Settings.load({}, folder=tmp_path, environment={})
    shown = tomllib.loads(block)["tool"]["replayer"]
    if name == "values":
        assert settings.volatile_fields == ("metadata[order_id]", "email", "lines[][sku]")
    elif name == "misses":
        assert settings.ignored_headers == ("stripe-version",)
    elif name == "https":
        assert settings.ca == "certificates/company.pem"
    elif name == "browsers":
        assert settings.pages == ("http://localhost:3000", "http://localhost:5173")
    elif name == "pytest":
        assert settings.longest_age == 30 * 86_400
    elif name == "paging":
        style = table.extended(registry.GENERIC_RULES, settings.rules_table).by_place[0]
        assert (style.where, style.size, style.first) == (("p",), ("n",), 1)
    else:
        assert settings.rules_table == shown["rules"]
