"""`replayer help` finds whatever Replayer prints or reads, on a page that explains it."""

import io
import re
from collections.abc import Iterator
from dataclasses import fields

import click
import pytest
from click.shell_completion import BashComplete

from replayer import errors
from replayer.cli import cli, run
from replayer.core.drift import differences
from replayer.core.lists import Made
from replayer.core.modes import Mode
from replayer.core.rules import table
from replayer.core.secrets import FindingKind
from replayer.core.session import verdicts
from replayer.manual import TOPICS, page, pages, search
from replayer.sandbox.ledger.switches import SWITCHES
from replayer.settings import Settings
from tests.manual.examples import ROOT


def options() -> Iterator[str]:
    for command in cli.commands.values():
        for parameter in command.params:
            yield from (name for name in parameter.opts if name.startswith("--"))


CODES = sorted(
    {
        f"replayer_{code.removeprefix('replayer_')}"
        for source in (ROOT / "replayer/proxy").rglob("*.py")
        for code in re.findall(r'"(replayer_\w+)"|refused\(\d+, "(\w+)"', source.read_text("utf-8"))
        for code in code
        if code
    }
)

# Each word with the pages that may come first for it.
WORDS = [
    *(
        ("option", word, "settings sandbox pytest languages https containers browsers webhooks")
        for word in sorted({*options(), "--help", "--version"})
    ),
    *(("option", word, "pytest") for word in ("--replayer-mode", "--replayer-upstream", "replayer_mode")),
    *(("command", word, "") for word in sorted(cli.commands)),
    *(("setting", field.name, "") for field in fields(Settings)),
    ("setting", "REPLAYER_AUTHORIZATION", "settings check"),
    ("setting", "REPLAYER_BODY_LIMIT", "settings"),
    *(("mode", mode.value, "") for mode in Mode),
    *(("code", code, "misses") for code in CODES),
    *(("code", f"replayer_{reason.value.replace('-', '_')}", "misses") for reason in verdicts.Reason),
    *(("reason", reason.value, "misses causes modes") for reason in verdicts.Reason),
    *(("finding", kind.value, "") for kind in FindingKind),
    *(("difference", kind.value, "") for kind in differences.DifferenceKind),
    *(("rule", made.value, "") for made in Made),
    *(("key of rules", key, "") for key in dict.fromkeys([*table.KEYS, *table.TOKEN_KEYS, *table.SECRET_KEYS])),
    *(("key of paging", key, "") for key in [*table.STYLE_KEYS, *table.STYLES]),
    *(("switch", name, "sandbox") for name in SWITCHES),
    *(("error", name, "python") for name in vars(errors) if name.endswith("Error")),
    *(("header", name, "") for name in ("Replayer-Miss", "Replayer-Synthesized", "Replayer-Lenient")),
    *(("question", words, "https") for words in ("HTTPS", "TLS", "HTTPS_PROXY", "certificate")),
    *(("question", words, "containers") for words in ("containers", "docker", "compose", "Kubernetes")),
    *(("question", words, "browsers") for words in ("browsers", "cors")),
    ("question", "HTTP_PROXY", "https languages"),
    *(("question", words, "") for words in ("STRIPE_API_KEY", "real key", "completion", "exit codes", "unused")),
]


@pytest.mark.parametrize(("_", "word", "first"), WORDS, ids=[f"{kind}-{word}" for kind, word, _ in WORDS])
def test_a_word_is_found_on_a_page_that_explains_it(_: str, word: str, first: str) -> None:
    topic = word.lower()
    name = topic if topic in TOPICS else search(word, pages())[0].page
    assert not first or name in first.split()
    assert explains(name, word)


# What a page of its own is for, or what is explained where many would look for it.
HOME = {
    "finding": "audit", "difference": "check", "key of rules": "rules", "key of paging": "paging",
    "setting": "settings", "rule": "follows", "command": "settings", "mode": "modes",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "word", "_"), WORDS, ids=[f"{kind}-{word}" for kind, word, _ in WORDS])
def test_a_word_is_explained_where_it_belongs(kind: str, word: str, _: str) -> None:
    home = HOME.get(kind)
    if home and not word.startswith("REPLAYER_"):
        assert explains(home, word)
        assert home in [hit.page for hit in search(word, pages())]


def explains(name: str, word: str) -> bool:
    """Whether the page has the word in a heading, in the first cell of a row or in a code span."""
    text = page(name).text
    whole = rf"(?<![\w-]){re.escape(word)}(?![\w-])"
    heading = re.search(rf"^#+ .*{whole}", text, re.MULTILINE | re.IGNORECASE)
    cell = re.search(rf"^\|[^|\n]*{whole}[^|\n]*\|", text, re.MULTILINE)
    return bool(heading or cell or any(re.search(whole, span) for span in re.findall(r"`([^`\n]+)`", text)))


# -- the command ------------------------------------------------------------------------------------------------------


def test_without_a_word_the_pages_are_listed_with_their_first_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help"]) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("| `")] == [
        f"| `{each.name}` | {each.first} |" for each in pages()
    ]


@pytest.mark.parametrize("words", [["on-miss"], ["on", "miss"], ["On-Miss"]])
def test_a_topic_shows_its_page_without_marks_and_links(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", *words]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# Going on where a recording ends\n\nHow the embedded")
    assert "<!--" not in printed
    assert "](" not in printed


def test_a_word_shows_the_sections_that_have_it_the_best_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", "used-up"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# used-up\n\n## misses: Reasons\n\n| reason |")
    assert "`replayer help misses`" in printed


@pytest.mark.parametrize("words", [["--volatile"], ["--", "--volatile"]])
def test_an_option_needs_no_quotes(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", *words]) == 0
    assert "## settings: Options" in capsys.readouterr().out


def test_what_is_nowhere_is_answered_with_what_is_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", "voltile"]) == 2
    assert capsys.readouterr().err == "replayer: The manual says nothing of 'voltile'. Did you mean 'volatile'?\n"
    assert run(["help", "xyzzyx"]) == 2
    assert "'replayer help' lists its pages." in capsys.readouterr().err


class Terminal(io.StringIO):
    """What is printed to somebody."""

    def isatty(self) -> bool:
        return True


def test_for_people_a_page_is_laid_out_in_a_pager(monkeypatch: pytest.MonkeyPatch) -> None:
    paged: list[str] = []
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setattr(click, "echo_via_pager", lambda text, color: paged.append(text) if color else None)
    monkeypatch.setenv("LESS", "-R")
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["help", "causes"]) == 0
    (laid_out,) = paged
    assert "\x1b[" in laid_out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", laid_out)
    assert max(map(len, plain.splitlines())) <= 80
    assert "What a read depends on" in plain
    assert "##" not in plain


def test_topics_complete_in_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    completed = BashComplete(cli, {}, "replayer", "_REPLAYER_COMPLETE").get_completions(["help"], "ca")
    assert [each.value for each in completed] == ["causes", "cassette"]
    monkeypatch.setenv("_REPLAYER_COMPLETE", "bash_source")
    assert run([]) == 0


def test_the_help_of_the_command_line_mentions_the_manual(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "replayer help" in capsys.readouterr().out


def test_the_version_is_one_line_with_all_that_a_report_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(
        r"replayer \d+\.\d+\.\d+ \(Python \d+\.\d+\.\d+\w*, \w+ \w+, (uvloop|asyncio)\)\n", capsys.readouterr().out
    )
