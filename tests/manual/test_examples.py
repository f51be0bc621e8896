"""The examples of README and manual run, and print what stands beside them. Each is run once: programs start slowly."""

import json
import re
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from pathlib import Path

import click
import pytest
import stripe

from replayer import Replayer
from replayer.cli import cli
from replayer.cli import run as cli_run
from replayer.core.deliveries import signature
from replayer.core.lists.by_cursor import Item, Page, Slice, Stretches, Window
from replayer.core.session import verdicts
from replayer.settings import Settings
from tests import examples
from tests.manual.examples import ALL, BLOCKS, ROOT, TEXTS, code, promised, run, write
from tests.specs.shop import Replayed, Shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that are shown."""
    return write(tmp_path)


def test_every_example_that_has_a_name_is_run_here() -> None:
    here = Path(__file__).read_text("utf-8")
    assert [name for name in BLOCKS if name not in here] == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["api.py", "tickets.py", "stars.py", "further.py", "proxied.py", "words.py"])
def test_a_program_prints_what_stands_beside_it(folder: Path, name: str) -> None:
    done = run(folder, sys.executable, name)
    assert (done.returncode, done.stderr) == (0, "")
    expected = promised(name)
    printed = done.stdout.splitlines()
    if name == "tickets.py":  # it prints twice, in a loop: the same, whatever the upstream has minted
        assert printed[0] == printed[1]
        printed = printed[:1]
        assert "T-" not in (folder / "tickets.yaml").read_text("utf-8")
    assert len(printed) == len(expected)
    for shown, said in zip(printed, expected, strict=True):
        assert shown == said or (" ..." in said and shown.startswith(said.partition(" ...")[0]))


def test_the_rules_for_people_are_rules(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(BLOCKS["people.toml"], "utf-8")
    settings = Settings.load({}, folder=tmp_path, environment={})
    assert settings.rules_table == {"personal": ["email", "name", "phone", "address.*"]}


@pytest.mark.long
def test_the_program_prints_what_the_readme_shows_and_the_checks_find_what_the_manual_shows(folder: Path) -> None:
    """`program.py` is the first step of the block `drift`, which ends with `drift.txt`."""
    done = run(folder, "bash", "-c", BLOCKS["drift"])
    printed, _, rest = done.stdout.partition("totals.yaml: ")
    assert printed.splitlines() == promised("program.py"), done.stderr
    _, same, drifted = rest.partition("0 differences in 1 cassette\n")
    assert (same, drifted) == ("0 differences in 1 cassette\n", BLOCKS["drift.txt"]), done.stderr
    assert done.returncode == 1


@pytest.mark.long
def test_the_lists_of_a_cassette_are_shown_as_the_manual_shows_them(folder: Path) -> None:
    """`pages.py` is the first step of the block `lists`, which ends with `lists.txt`."""
    done = run(folder, "bash", "-c", BLOCKS["lists"])
    assert done.returncode == 0, done.stderr
    shown = [line.rstrip() for line in done.stdout.splitlines()]
    assert shown[shown.index("") + 1 :] == BLOCKS["lists.txt"].splitlines()


@pytest.mark.long
def test_the_pytest_commands_record_and_replay(folder: Path) -> None:
    """The README's, the block `pytest` with `test_invoices.py`, and those of the manual's page, the block `suite`,
    which are of all tests: `test_drafts.py`, `test_marked.py`, `test_frozen.py`, `test_an_hour_later.py`,
    `test_hooks.py` and `test_retries.py`, too."""
    recording, replaying = [line.partition("#")[0].split() for line in BLOCKS["pytest"].splitlines()]
    suite = [line.partition("#")[0].split() for line in BLOCKS["suite"].splitlines()]
    assert (replaying, suite[1]) == (["pytest", "test_invoices.py"], ["pytest"])  # so the one is a part of the other
    for command in (recording, *suite):
        done = run(folder, *command, "-p", "no:cacheprovider")
        assert done.returncode == 0, done.stdout
    assert (folder / "cassettes/test_invoices/test_a_draft_is_listed.yaml").exists()
    assert (folder / "cassettes/test_drafts/test_a_draft_can_be_read.yaml").exists()
    assert (folder / "shared/customers.yaml").exists()


def test_cassettes_go_into_a_store_and_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The block `store`, with a folder of its own."""
    shutil.copytree(ROOT / "cassettes", tmp_path / "cassettes")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLAYER_STORE", f"file://{tmp_path}/shared")
    run(tmp_path, "git", "init", "-q")
    for line in BLOCKS["store"].splitlines():
        program, *words = shlex.split(re.sub(r"--store file:\S+", "", line), comments=True)
        assert (cli_run(words) if program == "replayer" else run(tmp_path, program, *words).returncode) == 0, line
    assert capsys.readouterr().out.splitlines()[-1] == "3 cassettes, 3 as the lock says"
    assert (tmp_path / "cassettes" / "life.yaml").read_bytes() == (ROOT / "cassettes" / "life.yaml").read_bytes()


def test_the_secret_of_programs_is_the_one_that_the_manual_shows() -> None:
    assert BLOCKS["secret"].strip() == signature.SECRET


@pytest.mark.long
def test_the_fixture_for_all_tests_lets_those_be_that_ask_nothing(folder: Path) -> None:
    """`everywhere/conftest.py`, with the settings of `age.toml` beside it."""
    place = folder / "everywhere"
    (place / "pyproject.toml").write_text(BLOCKS["age.toml"], "utf-8")
    test = BLOCKS["test_drafts.py"] + "\n\ndef test_that_asks_nothing():\n    pass\n"
    (place / "test_drafts.py").write_text(test, "utf-8")
    for options in (["--replayer-mode=once"], []):
        done = run(place, "pytest", "-p", "no:cacheprovider", *options)
        assert "2 passed" in done.stdout, done.stdout


@pytest.mark.long
def test_the_case_of_unittest_records_and_replays(folder: Path) -> None:
    """`test_site.py`, by the block `unittest`."""
    for line in BLOCKS["unittest"].splitlines():
        done = run(folder, "bash", "-c", line)
        assert done.returncode == 0, done.stderr
    assert (folder / "cassettes/test_site/TestSite.test_a_customer_is_made.yaml").exists()


class Rates(BaseHTTPRequestHandler):
    """The API of the page on moving from vcrpy."""

    def do_GET(self) -> None:
        body = json.dumps({"base": "eur", "usd": 1.1}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def rates() -> Iterator[str]:
    api = HTTPServer(("127.0.0.1", 0), Rates)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{api.server_port}"
    api.shutdown()
    api.server_close()


@pytest.mark.long
def test_what_vcrpy_recorded_is_replayed_as_the_page_on_moving_from_it_shows(folder: Path, rates: str) -> None:
    """`before.py` records with vcrpy, `after.py` replays that."""
    before = folder / "before.py"
    before.write_text(BLOCKS["before.py"].replace("127.0.0.1:8099", rates))
    recorded = run(folder, sys.executable, "before.py")
    replayed = run(folder, sys.executable, "after.py")
    assert recorded.stdout == replayed.stdout == "{'base': 'eur', 'usd': 1.1}\n", replayed.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, which is not installed here")
def test_stubs_of_wiremock_answer_a_node_program_as_the_page_on_moving_shows(folder: Path) -> None:
    """`stubs.json` and `rates.mjs`, by the block `wiremock`."""
    done = run(folder, "bash", "-c", f"set -e\n{BLOCKS['wiremock']}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "stubs.json: WireMock, 1 of 1 -> cassettes/stubs.yaml",
        "1 file imported: 1 interaction, 0 not carried over",
        *re.findall(r"console\.log\(.*\); // (.+)", BLOCKS["rates.mjs"]),
    ]


@pytest.mark.skipif(shutil.which("ruby") is None, reason="needs Ruby, which is not installed here")
def test_what_rubys_vcr_recorded_is_replayed_as_the_page_on_moving_shows(folder: Path) -> None:
    """`rates.rb` asks by `replayer.rb` for what stands in a file of VCR."""
    recorded = {
        "request": {"method": "get", "uri": "https://api.example.com/v1/rates", "body": {"string": ""}, "headers": {}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": '{"usd": 1.1}'}},
    }
    (folder / "rates.json").write_text(json.dumps({"http_interactions": [recorded], "recorded_with": "VCR 6.2.0"}))
    script = (
        "replayer import rates.json --out cassettes >&2\n"
        "replayer serve --cassettes cassettes --token-file token --quiet > address &\n"
        "for attempt in $(seq 100); do grep -q listening address && break; sleep 0.1; done\n"
        "export SERVER=$(sed 's/.* on //' address) TOKEN=$(cat token)\nruby rates.rb\nkill $!\nwait $!"
    )
    done = run(folder, "bash", "-c", script)
    assert (done.returncode, done.stdout) == (0, '{"usd": 1.1}\n'), done.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, which is not installed here")
def test_the_node_program_is_given_the_same_id_twice(folder: Path) -> None:
    """`invoices.mjs`, by the block `node`."""
    done = run(folder, "bash", "-c", BLOCKS["node"])
    printed = [line for line in done.stdout.splitlines() if line.startswith("cus_")]
    assert len(printed) == 2, done.stderr
    assert printed[0] == printed[1]


@pytest.mark.parametrize("name", ["shell", "java"])
def test_a_program_in_another_language_prints_the_same_twice(folder: Path, name: str) -> None:
    """`customers.sh` by the block `shell`, `Customers.java` by the block `java`."""
    if shutil.which({"shell": "curl"}.get(name, name)) is None:
        pytest.skip(f"needs {name}, which is not installed here")
    recording, replaying = (run(folder, "bash", "-c", line) for line in BLOCKS[name].splitlines())
    assert (recording.returncode, replaying.returncode) == (0, 0), recording.stderr + replaying.stderr
    assert recording.stdout == replaying.stdout
    assert '"name": "Ada"' in recording.stdout


def test_faults_are_laid_by_a_shell_script_as_the_manual_shows(folder: Path) -> None:
    """`faulty.sh`, by the block `faulty`, prints `faulty.txt`."""
    done = run(folder, "bash", "-c", BLOCKS["faulty"])
    assert (done.returncode, done.stdout) == (0, BLOCKS["faulty.txt"]), done.stderr
    assert "1 fault" in done.stderr


def test_sessions_are_opened_from_a_shell_script_python_and_node_as_the_manual_shows(folder: Path) -> None:
    """`sessions.sh` prints `sessions.txt`; `remote.py` and `remote.mjs` print what stands beside them."""
    script = (
        "replayer serve --cassettes cassettes --upstream sandbox --token-file token --quiet > address &\n"
        "for attempt in $(seq 100); do grep -q listening address && break; sleep 0.1; done\n"
        "export SERVER=$(sed 's/.* on //' address) TOKEN=$(cat token)\nsh sessions.sh\npython remote.py\n"
    )
    expected = BLOCKS["sessions.txt"] + promised("remote.py")[0] + "\n"
    if shutil.which("node"):
        script += "replayer js > replayer.mjs\nnode remote.mjs\n"
        expected += re.findall(r"console\.log\(.*\); // (.+)", BLOCKS["remote.mjs"])[0] + "\n"
    done = run(folder, "bash", "-c", f"{script}kill $!\nwait $!")
    assert (done.returncode, done.stdout) == (0, expected), done.stderr


def test_the_causes_of_the_example_are_the_ones_in_the_manual() -> None:
    """The block `causes`, which prints `causes.txt`."""
    done = run(ROOT, *BLOCKS["causes"].split())
    assert [line.rstrip() for line in done.stdout.splitlines()[2:-1]] == BLOCKS["causes.txt"].splitlines()


def test_the_miss_of_the_page_on_causes_is_what_a_replay_says() -> None:
    """`miss.txt`: the life of an invoice, and what it was not asked for then: which ones its customer has paid."""
    with Replayer("life.yaml", root=ROOT / "cassettes") as replayer:
        client = examples.client(replayer.url)
        *_, voided = islice(examples.life(client), 8)
        customer = re.findall(r'"customer": "(cus_[^"]+)"', voided)[0]
        with pytest.raises(stripe.StripeError):
            client.v1.invoices.list({"customer": customer, "status": "paid"})
    (miss,) = replayer.misses
    assert miss.message == BLOCKS["miss.txt"].rstrip()


def test_the_forgotten_write_of_the_page_on_causes_is_a_miss() -> None:
    """`forgotten.txt`: the same life, in which nobody finalizes the invoice."""
    with Replayer("life.yaml", root=ROOT / "cassettes") as replayer:
        client = examples.client(replayer.url)
        *_, described = islice(examples.life(client), 4)
        with pytest.raises(stripe.StripeError):
            client.v1.invoices.pay(json.loads(described)["id"], {"paid_out_of_band": True})
    (miss,) = replayer.misses
    assert miss.message == BLOCKS["forgotten.txt"].rstrip()


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
    assert isinstance(missed, verdicts.Refuse)
    assert re.sub(r"in_\w+", "in_", missed.message) == re.sub(r"in_\w+", "in_", shown).strip()
    assert not isinstance(
        playing.ask("GET", "/v1/invoices", {"limit": 2}), verdicts.Refuse
    )  # as the README says below it


def test_the_windows_that_the_manual_draws_follow() -> None:
    drawn = re.search(r"answered +(limit=5.*?)```", TEXTS["follows"], re.DOTALL)
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
        answered = [item.id for item in found.items]
        written = re.findall(r"(?<= )(in_\d|\.\.\.)(?= )", line)
        first = written[-len(answered)] if "..." not in written else written[0]
        assert [answered[0], answered[-1]] == [first, written[-1]]
        assert ("has_more: true" in line) == found.more


# `pyproject.toml` is read where its rules are used: by `tickets.py`. All other commands that are shown at least parse.
COMMANDS = sorted(
    {
        line.partition("#")[0].strip().rstrip("&").strip()
        for block in code(ALL, "sh")
        for line in block.splitlines()
        if re.match(r"(?:\w+=\S+ )*replayer ", line)
    }
)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_that_is_shown_can_be_given(line: str) -> None:
    words = shlex.split(line.partition("replayer ")[2])
    command = cli.commands[words[0]]
    command.make_context(words[0], words[1:], parent=click.Context(cli))


@pytest.mark.long
def test_the_two_recordings_that_are_shown_differ_as_shown(folder: Path) -> None:
    done = run(folder, "bash", "-c", BLOCKS["diff"])
    assert done.returncode == 1, done.stderr
    assert BLOCKS["diff.txt"] in done.stdout
