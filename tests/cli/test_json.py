"""What `--json` prints is what the manual's page says, both ways: no field is untold, and none is only told."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replayer.cli import cli, run
from replayer.core.suite import ReceiptFile, SessionReceipt, session_receipt
from replayer.manual import page
from tests.examples import CASSETTES

from .har_files import entry, har
from .servers import CASSETTE

RECEIPT = ReceiptFile(
    "1",
    (
        SessionReceipt(
            cassette="a.yaml",
            mode="none",
            misses=(session_receipt.Missed("no-match", "No GET /x."),),
            used=((1, 2),),
            unused=((3, "GET /y"),),
            interactions=3,
            digest="a",
            tests=(("test_a.py::test_one", 12),),
            age=99_999,
            drift=(session_receipt.Drifted("type", "invoice", "total", 1),),
            command=("pytest", "test_a.py::test_one"),
        ),
    ),
    ("a.yaml", "b.yaml"),
)
LIFE, PAGING, REFUSALS = (str(CASSETTES / f"{name}.yaml") for name in ("life", "paging", "refusals"))
SECTION = re.compile(r"<!-- schema: (\w+) -->\n((?:\|.*\n)+)")
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,), "number": (int, float), "true or false": (bool,), "object": (dict,), "any": (object,),
}  # fmt: skip

COMMANDS: dict[str, list[list[str]]] = {
    "inspect": [
        ["inspect", PAGING],
        ["inspect", LIFE, "--causes", "--find", "paid"],
        ["inspect", "foreign.yaml"],
        ["inspect", "hooked.yaml"],
    ],
    "body": [["inspect", LIFE, "--body", "1"], ["inspect", "foreign.yaml", "--body", "1"]],
    "diff": [["diff", LIFE, PAGING], ["diff", LIFE, "changed.yaml"]],
    "audit": [["audit", LIFE, "leaking.yaml", "not-there.yaml"]],
    "check": [
        ["check", REFUSALS, "not-there.yaml", "--upstream", "sandbox"],
        ["check", "changed.yaml", "--upstream", "sandbox", "--allow-writes"],
    ],
    "doctor": [["doctor", "--root", "."]],
    "import": [["import", "old.har", "not-there.har", "--out", "out"]],
    "export": [["export", LIFE, "--to", "har", "--out", "life.har"]],
    "clean": [["clean", LIFE, "--dry-run"]],
    "merge": [["merge", "shard-1", "shard-2", "--out", "united"]],
    "report": [["report", "receipt.json", "--max-age", "1d"]],
    "refresh": [["refresh", "receipt.json", "--max-age", "0d", "--dry-run"]],
    "push": [["push", "--root", "shard-1"]],
    "pull": [["pull", "--root", "team/stored"]],
    "status": [["status", "--root", "team/stored", "--remote"]],
    "prune": [["prune", "--root", "team/stored"]],
}


def schemas() -> dict[str, dict[str, tuple[str, bool]]]:
    """Of each command each field: its type, and whether it may be null or missing."""
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for name, rows in SECTION.findall(page("json").text):
        for row in rows.splitlines()[2:]:
            fields, kind, _ = (cell.strip() for cell in row.strip("|").split("|", 2))
            for field in re.findall(r"`([^`]+)`", fields):
                found.setdefault(name, {})[field] = (kind.removesuffix("?"), kind.endswith("?"))
    return found


SCHEMAS = schemas()


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that holds no others, with its path; objects and lists themselves are not told, but empty ones."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value


@pytest.fixture
def files(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPLAYER_STORE", f"file://{here}/store")
    (here / "team" / "stored").mkdir(parents=True)
    (here / "team" / "stored" / "life.yaml").write_bytes(Path(LIFE).read_bytes())
    run(["push", "--root", "team/stored"])
    (here / "foreign.yaml").write_text(
        "interactions:\n- request: {body: null, headers: {A: [b]}, method: GET, uri: 'https://x.io/a'}\n"
        "  response: {body: {string: !!binary /wAB}, headers: {}, status: {code: 200, message: OK}}\nversion: 1\n"
    )
    (here / "leaking.yaml").write_text(
        CASSETTE.replace("https://api.stripe.com/v1", f"https://x.io/sk_live_{'a1' * 12}")
    )
    har(here / "old.har", entry(), entry(status=0))
    changed = (CASSETTES / "life.yaml").read_text("utf-8").replace('"account_name": "Sandbox"', '"account_name": "S"')
    (here / "changed.yaml").write_text(changed, "utf-8")
    webhook = (
        "webhooks:\n- after: POST https://api.stripe.com/v1/customers\n  nth: 1\n  request:\n    headers: {}\n"
        '    body: \'{"type": "customer.created"}\'\n  answers: [200]\ninteractions:\n'
    )
    (here / "hooked.yaml").write_text(changed.replace("interactions:\n", webhook, 1), "utf-8")
    for number, text in enumerate((changed, Path(LIFE).read_text("utf-8")), 1):
        (here / f"shard-{number}").mkdir()
        (here / f"shard-{number}" / "life.yaml").write_text(text, "utf-8")
    (here / "receipt.json").write_text(json.dumps(RECEIPT.document), "utf-8")
    return here


def test_every_command_that_has_it_is_on_the_page() -> None:
    files = {"body", "receipt"}
    having = {
        name for name, command in cli.commands.items() if any("--json" in option.opts for option in command.params)
    }
    assert having == SCHEMAS.keys() - files == COMMANDS.keys() - files


def test_a_receipt_is_what_the_page_says() -> None:
    _hold_together("receipt", [RECEIPT.document])


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("files")
def test_what_is_printed_is_what_the_page_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    documents = []
    for words in COMMANDS[name]:
        run([*words, "--json"])
        documents.append(json.loads(capsys.readouterr().out))
    _hold_together(name, documents)


def _hold_together(name: str, documents: list[Any]) -> None:
    schema, seen = SCHEMAS[name], set[str]()
    for document in documents:
        for path, value in leaves(document):
            if any(field.startswith(f"{path}.") for field in schema) and value in (None, {}):
                continue  # an object that is not there
            known = path if path in schema else next((each for each in schema if path.startswith(f"{each}.")), path)
            known = known if known in schema else next((each for each in schema if path.startswith(f"{each}[")), known)
            assert known in schema, f"{path} is not on the page"
            kind, optional = schema[known]
            assert isinstance(value, TYPES[kind]) or (optional and value is None) or kind == "any", (path, value)
            assert kind != "number" or not isinstance(value, bool), path
            seen.add(known)
    required = {field for field, (kind, optional) in schema.items() if not optional and kind != "object"}
    assert required <= seen


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("files")
def test_nothing_else_is_on_stdout_and_exit_codes_are_as_without_it(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in COMMANDS[name]:
        code = run(words)
        capsys.readouterr()
        Path("life.har").unlink(missing_ok=True)  # what was exported is not overwritten
        assert run([*words, "--json"]) == code
        json.loads(capsys.readouterr().out)
