"""The README is true: its programs run, its tables are printed from the code, and it leaves nothing out."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path

import pytest
import stripe

from replayer import Replayer
from replayer.cassettes.format import head
from replayer.cli.commands import cli
from replayer.core.drift.differences import Kind
from replayer.core.lists import Made
from replayer.core.lists.by_cursor import Item, Page, Slice, Stretches, Window
from replayer.core.message.interaction import Facts
from replayer.core.modes import VERDICT
from replayer.core.rules.generic import GENERIC_RULES
from replayer.core.rules.table import KEYS, STYLE_KEYS, extended
from replayer.core.secrets.findings import findings_table
from replayer.core.session.verdicts import Reason, Refuse
from replayer.proxy.server import bound
from replayer.sandbox.serving.tables import sentences_table, states_table, switches_table
from replayer.settings import Settings
from tests import examples
from tests.core.build import ORIGIN, asked
from tests.specs.shop import Replayed, Shop

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"<!-- (file|run|text): (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
BLOCKS = {name: content for _, name, content in BLOCK.findall(TEXT)}


def table(name: str) -> str:
    found = re.search(rf"<!-- table: {name} -->\n(.*?)<!-- end -->", TEXT, re.DOTALL)
    assert found, f"the README has no table {name}"
    return found.group(1)


def section(title: str) -> str:
    """What stands under that heading, in one line."""
    return " ".join(TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0].split())


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader of the README would, in a folder of its own."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("PYTEST_ADDOPTS", None)
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as started:
        try:
            output, errors = started.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)  # servers that it left behind
    return subprocess.CompletedProcess(command, started.returncode, output, errors)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the README shows."""
    for name, content in BLOCKS.items():
        if "." in name:
            (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["program.py", "api.py", "tickets.py", "pages.py", "stars.py", "further.py"])
def test_a_program_of_the_readme_runs(folder: Path, name: str) -> None:
    done = run(folder, sys.executable, name)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_program_prints_what_the_readme_says(folder: Path) -> None:
    said = BLOCKS["program.py"].partition("print(replayer.receipt)  # ")[2].strip()
    assert run(folder, sys.executable, "program.py").stdout.strip() == said


def test_a_recording_goes_on_as_the_readme_says(folder: Path) -> None:
    said = re.findall(r"print\(.*\)  # (.*)", BLOCKS["further.py"])
    assert len(said) == 2
    assert run(folder, sys.executable, "further.py").stdout.splitlines() == said


def test_other_rules_make_a_recording_repeatable(folder: Path) -> None:
    one, other = run(folder, sys.executable, "tickets.py").stdout.splitlines()
    assert one == other
    said = BLOCKS["tickets.py"].partition("print(told)  # ")[2].partition(" ...")[0]
    assert one.startswith(said)
    assert "T-" not in (folder / "tickets.yaml").read_text("utf-8")


def test_a_page_of_another_size_is_what_the_readme_says(folder: Path) -> None:
    said = BLOCKS["stars.py"].partition("print(told.text)  # ")[2].strip()
    assert run(folder, sys.executable, "stars.py").stdout.strip() == said


def test_the_style_of_pages_of_the_readme_can_be_told(tmp_path: Path) -> None:
    (table,) = re.findall(r"^\[\[tool\.replayer\.rules\.paging\]\]\n(?:.+\n)+?(?=```)", TEXT, re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(table, "utf-8")
    settings = Settings.load({}, folder=tmp_path, environment={})
    style = extended(GENERIC_RULES, settings.rules_table).by_place[0]
    assert (style.where, style.size, style.first) == (("p",), ("n",), 1)


def test_who_asks_is_no_part_of_the_question_as_the_readme_says() -> None:
    ada, eve = (asked("GET /v1/invoices", b"", ("Authorization", f"Bearer sk_test_{name}")) for name in ("ada", "eve"))
    assert ada.digest == eve.digest
    assert "One cassette is of one user." in section("Limits")
    assert "is no part of the question: [one cassette is of one user](#limits)" in section("What a miss says")


def test_a_cassette_keeps_the_name_of_its_rules_and_no_table_as_the_readme_says() -> None:
    rules = extended(GENERIC_RULES, {"times": ["bookedOn"]})
    assert head(Facts(ORIGIN, rules.name, 0)).splitlines()[3] == "  rules: generic"
    assert "The table is not kept in the cassette: it has to be there again" in section("Other APIs")


@pytest.mark.parametrize("key", STYLE_KEYS)
def test_every_key_of_a_style_of_pages_is_in_the_readme(key: str) -> None:
    section = TEXT.partition("### Pages of other APIs")[2].partition("\n## ")[0]
    assert f"`{key}`" in section or f"`{key} = " in section or f"{key} = " in section


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_a_table_of_rules_is_in_the_readme(key: str) -> None:
    assert f"| `{key}` |" in TEXT


def test_the_pytest_commands_record_and_replay(folder: Path) -> None:
    recording, replaying = [line.partition("#")[0].split() for line in BLOCKS["pytest"].splitlines()]
    recorded = run(folder, *recording, "-p", "no:cacheprovider")
    assert recorded.returncode == 0, recorded.stdout
    assert (folder / "cassettes/test_invoices/test_a_draft_is_listed.yaml").exists()
    assert run(folder, *replaying, "-p", "no:cacheprovider").returncode == 0


def test_the_marked_test_passes(folder: Path) -> None:
    done = run(folder, "pytest", "test_marked.py", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    assert (folder / "shared/customers.yaml").exists()


def test_the_test_with_a_frozen_clock_passes_when_it_records_and_when_it_replays(folder: Path) -> None:
    for _ in range(2):
        done = run(folder, "pytest", "test_frozen.py", "-p", "no:cacheprovider")
        assert done.returncode == 0, done.stdout


def test_the_volatile_fields_of_the_readme_can_be_declared(tmp_path: Path) -> None:
    (line,) = re.findall(r"^volatile = .*$", TEXT, re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(f"[tool.replayer]\n{line}\n", "utf-8")
    assert Settings.load({}, folder=tmp_path, environment={}).volatile_fields == (
        "metadata[order_id]",
        "email",
        "lines[][sku]",
    )


def test_the_checks_find_what_the_readme_says(folder: Path) -> None:
    done = run(folder, "bash", "-c", BLOCKS["drift"])
    _, same, drifted = done.stdout.partition("totals.yaml: ")[2].partition("0 differences in 1 cassette\n")
    assert (same, drifted) == ("0 differences in 1 cassette\n", BLOCKS["drift.txt"]), done.stderr
    assert done.returncode == 1


def test_the_causes_of_the_example_are_the_ones_in_the_readme() -> None:
    done = run(ROOT, *BLOCKS["causes"].split())
    assert [line.rstrip() for line in done.stdout.splitlines()[2:-1]] == BLOCKS["causes.txt"].splitlines()


def test_the_miss_of_the_readme_is_what_a_replay_says() -> None:
    """The life of an invoice, and what it was not asked for then: which ones its customer has paid so far."""
    with Replayer("life.yaml", root=ROOT / "cassettes") as replayer:
        client = examples.client(replayer.url)
        *_, voided = islice(examples.life(client), 8)
        customer = re.findall(r'"customer": "(cus_[^"]+)"', voided)[0]
        with pytest.raises(stripe.StripeError):
            client.v1.invoices.list({"customer": customer, "status": "paid"})
    (miss,) = replayer.misses
    assert miss.message == BLOCKS["miss.txt"].rstrip()


def test_the_lists_of_a_cassette_are_shown_as_the_readme_says(folder: Path) -> None:
    done = run(folder, "bash", "-c", BLOCKS["lists"])
    assert done.returncode == 0, done.stderr
    shown = [line.rstrip() for line in done.stdout.splitlines()]
    assert shown[shown.index("") + 1 :] == BLOCKS["lists.txt"].splitlines()


@pytest.mark.parametrize("made", Made)
def test_every_rule_by_which_answers_follow_is_in_the_readme(made: Made) -> None:
    assert f"| `{made.value}` |" in TEXT.partition("## What follows from a recording")[2].partition("\n## ")[0]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_difference_is_in_the_readme(kind: Kind) -> None:
    assert f"`{kind.value}`" in TEXT.partition("## Drift")[2].partition("## The cassette")[0]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, which is not installed here")
def test_the_node_program_is_told_the_same_id_twice(folder: Path) -> None:
    with bound(0) as listener:
        port = str(listener.getsockname()[1])
    script = BLOCKS["node"].replace("8080", port)
    done = run(folder, "bash", "-c", script)
    told = [line for line in done.stdout.splitlines() if line.startswith("cus_")]
    assert len(told) == 2, done.stderr
    assert told[0] == told[1]


def test_the_table_of_modes_is_the_one_in_the_code() -> None:
    rows = [
        f"| {mode.value} | {'exists' if existed else 'is new'} | {known.value} | {unknown.value} |"
        for (mode, existed), (known, unknown) in VERDICT.items()
    ]
    head = "| mode | cassette | a request that it holds | any other request |\n|---|---|---|---|\n"
    assert table("modes") == head + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("states", states_table),
        ("sentences", sentences_table),
        ("switches", switches_table),
        ("findings", findings_table),
    ],
)
def test_a_table_is_the_one_in_the_code(name: str, printed: Callable[[], str]) -> None:
    assert table(name) == printed()


def options() -> Iterator[str]:
    for command in cli.commands.values():
        for parameter in command.params:
            yield from (name for name in parameter.opts if name.startswith("--") and name != "--help")


@pytest.mark.parametrize("option", sorted(set(options())))
def test_every_option_is_in_the_readme(option: str) -> None:
    assert f"`{option}" in TEXT


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`replayer {command}" in TEXT


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_in_the_readme_with_its_default(setting: object) -> None:
    name, default = getattr(setting, "name"), getattr(setting, "default")  # noqa: B009 - fields have no public type
    shown = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else ""
    assert f"| `{name}` | {shown}".rstrip() in TEXT


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_a_miss_is_in_the_readme(reason: Reason) -> None:
    assert f"| `{reason.value}` |" in TEXT


@pytest.mark.parametrize(
    "code",
    sorted(
        {
            code.removeprefix("replayer_")
            for source in (ROOT / "replayer/proxy").glob("*.py")
            for code in re.findall(r'"(replayer_\w+)"|refused\(\d+, "(\w+)"', source.read_text("utf-8"))
            for code in code
            if code
        }
    ),
)
def test_every_code_of_our_own_answers_is_in_the_readme(code: str) -> None:
    assert f"`replayer_{code}`" in TEXT


def test_every_link_leads_to_something() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_the_miss_that_the_readme_shows_is_what_a_miss_says() -> None:
    shop = Shop()
    customer = shop.made("/v1/customers")
    for _ in range(8):
        shop.made("/v1/invoices", {"customer": customer})
    shop.ask("GET", "/v1/invoices", {"limit": 3})
    shown = BLOCKS["miss"]
    remedy = shown.partition("To fix: ")[2].strip()
    playing = Replayed(shop.cassette, name="invoices.yaml", remedy=remedy)
    playing.ask("POST", "/v1/customers")
    for _ in range(8):
        playing.ask("POST", "/v1/invoices", {"customer": customer})
    missed = playing.ask("GET", "/v1/invoices", {"limit": 4})
    assert isinstance(missed, Refuse)
    assert re.sub(r"in_\w+", "in_", missed.message) == re.sub(r"in_\w+", "in_", shown).strip()


def test_the_windows_that_the_readme_draws_follow() -> None:
    drawn = re.search(r"answered +(limit=5.*?)```", TEXT, re.DOTALL)
    assert drawn
    names = [f"in_{number}" for number in range(9, 0, -1)]
    pages = (names[:3], names[3:6], names[6:])
    known = Stretches(
        Page(tuple(Item(name, name) for name in page), number < 2, pages[number - 1][-1] if number else None)
        for number, page in enumerate(pages)
    )
    for line in drawn.group(1).strip().split("\n"):
        params = dict(re.findall(r"(limit|starting_after|ending_before)=(\w+)", line))
        window = Window(int(params.get("limit", 10)), params.get("starting_after"), params.get("ending_before"))
        found = known.window(window)
        assert isinstance(found, Slice)
        told = [item.id for item in found.items]
        written = re.findall(r"(?<= )(in_\d|\.\.\.)(?= )", line)
        assert [told[0], told[-1]] == [written[-len(told)] if "..." not in written else written[0], written[-1]]
        assert ("has_more: true" in line) == found.more
