"""`replayer audit` as a user meets it: its settings, its words, its exit codes."""

import base64
import gzip
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from replayer import Replayer
from replayer.cassettes import Journal, entry, head
from replayer.cli import run
from replayer.core.cassette import Facts, Interaction
from replayer.core.message import Request, Response

from .servers import CASSETTE, KEY

OURS = """\
version: 1
replayer:
  upstream: https://api.example.com
  rules: generic
  epoch: '2026-01-01T00:00:00Z'
interactions:
- request:
    method: GET
    uri: https://api.example.com/items
    body: ''
    headers: {}
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      string: |-
        {"key": "ACME-42-hunter2"}
...
"""
FOREIGN = OURS.replace(OURS[OURS.index("replayer:") : OURS.index("interactions:")], "")
TABLE = """[tool.replayer.rules]\nsecrets = [{ name = "our key", pattern = "ACME-[0-9]+-[a-z0-9]+" }]\n"""


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> "Printed":
    return Printed(capsys)


class Printed:
    """What a command line printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def by(self, *words: str) -> tuple[int, list[str], list[str]]:
        """The exit code, the lines on stdout and those on stderr."""
        code = run(list(words))
        stdout, stderr = self._capsys.readouterr()
        return code, stdout.splitlines(), stderr.splitlines()


@pytest.mark.parametrize("text", [OURS, FOREIGN], ids=["ours", "another tool's"])
def test_a_secret_that_the_projects_rules_know_is_found(text: str, here: Path, printed: Printed) -> None:
    (here / "x.yaml").write_text(text)
    assert printed.by("audit", "x.yaml")[0] == 0
    (here / "pyproject.toml").write_text(TABLE)
    line = text[: text.index("ACME")].count("\n") + 1
    assert printed.by("audit", "x.yaml") == (1, [f"x.yaml: line {line}: our key [secret]"], [])


def test_the_rules_of_the_project_may_be_named_in_its_environment(
    here: Path, printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "x.yaml").write_text(OURS)
    monkeypatch.setenv("REPLAYER_RULES", "generic")
    assert printed.by("audit", "x.yaml")[0] == 0
    monkeypatch.setenv("REPLAYER_RULES", "generics")
    assert printed.by("audit", "x.yaml") == (
        2,
        [],
        ["replayer: 'generics' is not a set of rules. Did you mean 'generic'?"],
    )


def test_rules_that_there_are_not_are_refused(here: Path, printed: Printed) -> None:
    (here / "x.yaml").write_text(OURS)
    code, lines, errors = printed.by("audit", "--rules", "foo", "x.yaml")
    assert (code, lines) == (2, [])
    assert errors == ["replayer: 'foo' is not a set of rules. There are: invoice, generic."]


def test_a_cassette_keeps_its_rules_and_the_others_are_audited_even_so(here: Path, printed: Printed) -> None:
    (here / "x.yaml").write_text(OURS)
    (here / "y.yaml").write_text(FOREIGN)
    code, lines, errors = printed.by("audit", "--rules", "invoice", "x.yaml", "y.yaml")
    assert code == 2
    assert lines == ["y.yaml: clean (1 interaction, looked through for secrets only: another tool wrote it)"]
    assert errors == [
        "replayer: x.yaml was recorded by the rules 'generic', not 'invoice'. "
        "Choose these or none, or delete it and record it anew."
    ]


def vcrpy(request: str = "", response: str = "'{}'", *, uri: str = "/", sent: str = "{}", answered: str = "{}") -> str:
    """A cassette as vcrpy writes it: two bodies, two mappings of headers."""
    return f"""\
interactions:
- request:
    body: {request}
    headers: {sent}
    method: POST
    uri: https://api.example.com{uri}
  response:
    body:
      string: {response}
    headers: {answered}
    status: {{code: 200, message: OK}}
version: 1
"""


TOKEN = "9f86d081884c7d659a2feaa0c55ad015"
LAID_OPEN = {
    "a scheme of its own": (vcrpy(sent=f"{{Authorization: [Token {TOKEN}]}}"), 4, "Authorization"),
    "no scheme": (vcrpy(sent=f"{{authorization: [{TOKEN}]}}"), 4, "authorization"),
    "a short one": (vcrpy(sent="{Authorization: [Bearer hunter2]}"), 4, "Authorization"),
    "Basic": (vcrpy(sent="{Authorization: [Basic YTpodW50ZXI=]}"), 4, "Authorization"),
    "Digest": (vcrpy(sent=f'{{Authorization: [\'Digest username="a", response="{TOKEN}"\']}}'), 4, "Authorization"),
    "a proxy's": (vcrpy(sent=f"{{Proxy-Authorization: [Any {TOKEN}]}}"), 4, "Proxy-Authorization"),
    "a cookie": (vcrpy(sent=f"{{Cookie: ['theme=dark; sid={TOKEN}']}}"), 4, "Cookie"),
    "a cookie that is set": (vcrpy(answered="{Set-Cookie: ['session=s%3Aabc12345; Path=/']}"), 10, "Set-Cookie"),
    "a key in a header": (vcrpy(sent=f"{{X-Api-Key: [{TOKEN}]}}"), 4, "X-Api-Key"),
    "a vendor's header": (vcrpy(sent=f"{{Private-Token: [{TOKEN}]}}"), 4, "Private-Token"),
    "a field of JSON": (vcrpy(response=f'\'{{"access_token": "{TOKEN}"}}\''), 9, "access_token"),
    "in camel case": (vcrpy(response=f'\'{{"clientSecret": "{TOKEN}"}}\''), 9, "clientSecret"),
    "a field of a form": (vcrpy("grant=1&client_secret=abcdefgh"), 3, "client_secret"),
    "in brackets": (vcrpy("'user[password]=hunter2'"), 3, "password"),
    "a password in JSON": (vcrpy('\'{"password": "correct horse"}\''), 3, "password"),
    "percent-encoded": (vcrpy("password=h%75nter%212"), 3, "password"),
    "a parameter": (vcrpy(uri=f"/x?api_key={TOKEN}"), 6, "api_key"),
    "a link": (vcrpy(answered=f"{{Location: ['https://x.test/#access_token={TOKEN}&a=1']}}"), 10, "access_token"),
}


@pytest.mark.parametrize(("text", "line", "name"), LAID_OPEN.values(), ids=LAID_OPEN)
def test_a_credential_is_known_by_the_name_that_it_stands_under(
    text: str, line: int, name: str, here: Path, printed: Printed
) -> None:
    (here / "x.yaml").write_text(text)
    assert printed.by("audit", "x.yaml") == (1, [f"x.yaml: line {line}: a credential ({name}) [secret]"], [])


@pytest.mark.parametrize(
    "text",
    [
        vcrpy(sent="{Authorization: [REDACTED]}"),
        vcrpy(sent="{Authorization: [Bearer <token>]}"),
        vcrpy(sent="{Authorization: ['Token ***']}"),
        vcrpy(sent="{Authorization: [Bearer sk_test_********************]}"),
        vcrpy(sent="{Authorization: [Basic dXNlcjpwYXNz]}"),  # user:pass
        vcrpy(sent="{Authorization: ['']}"),
        vcrpy(sent="{Cookie: ['theme=dark; _ga=GA1.2.123456789.1234567890; seen=1700000000000000']}"),
        vcrpy(answered="{Set-Cookie: ['session=deleted; Path=/', 'until=2026-11-22T12:20:00Z']}"),
        vcrpy(sent="{X-Api-Key: [DUMMY]}", answered="{X-Session-Id: [none]}"),
        vcrpy("client_secret=my-client-secret&password=password&api_key="),
        vcrpy(response='\'{"password": "must be longer", "token": "usd-coin", "api_key": "is_required"}\''),
        vcrpy(response='\'{"secret": "no more than words here", "access_token": null}\''),
        vcrpy(uri="/x?token=1&sig=abc&page_token=9f86d081884c7d659a2f"),
    ],
)
def test_what_stands_only_where_a_credential_would_is_no_finding(text: str, here: Path, printed: Printed) -> None:
    (here / "x.yaml").write_text(text)
    code, lines, _ = printed.by("audit", "x.yaml")
    assert (code, lines) == (0, [f"x.yaml: clean (1 interaction{NOT_OURS})"])


NOT_OURS = ", looked through for secrets only: another tool wrote it"


def test_what_its_form_tells_is_told_once(here: Path, printed: Printed) -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    (here / "x.yaml").write_text(vcrpy(response=f'\'{{"access_token": "{jwt}"}}\''))
    assert printed.by("audit", "x.yaml")[1] == ["x.yaml: line 9: JSON web token [secret]"]


def test_a_folder_is_all_the_cassettes_in_it(here: Path, printed: Printed) -> None:
    for name in ("b/deep/x.yaml", "a.yml", "c.yaml", ".hidden/x.yaml", "node_modules/x.yaml"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(vcrpy())
    (here / "b/compose.yaml").write_text("services: {}\n")
    (here / "b/notes.txt").write_text("interactions: none")
    journal = Journal.open(here / "c.yaml")
    journal.append(head(Facts("sandbox", "invoice", 0)))
    journal.append(entry(Interaction(Request("GET", "/"), Response(200, "OK"))))
    journal.close(keep=True)
    (here / "d.yaml").write_text("interactions: [")
    code, lines, errors = printed.by("audit", ".")
    assert code == 2
    names = [line.partition(":")[0] for line in lines]
    assert names == ["a.yml", "c.yaml", "c.yaml.journal", "b/deep/x.yaml"]
    assert [error.partition(": this is")[0] for error in errors] == ["replayer: d.yaml:2"]
    assert printed.by("audit", "b", "c.yaml")[:2] == (
        0,
        [f"{name}: clean (1 interaction{NOT_OURS})" for name in ("b/deep/x.yaml", "c.yaml")],
    )


def test_a_folder_without_cassettes_is_told(here: Path, printed: Printed) -> None:
    (here / "empty").mkdir()
    assert printed.by("audit", "empty") == (
        2,
        [],
        ["replayer: There is no cassette in the folder empty. Give one that holds some, or their paths."],
    )


def test_other_commands_are_not_told_to_remove_a_folder(here: Path, printed: Printed) -> None:
    (here / "cassettes").mkdir()
    assert printed.by("inspect", "cassettes") == (2, [], ["replayer: cassettes: is a folder. Name a cassette in it."])


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_credential_in_a_body_that_is_kept_as_base64_is_told_where_that_begins(
    packed: Callable[[bytes], bytes], here: Path, printed: Printed
) -> None:
    raw = packed(f'{{"access_token": "{TOKEN}"}}'.encode())
    wrapped = "".join(f"        {line}\n" for line in base64.encodebytes(raw).decode().split())
    (here / "x.yaml").write_text(
        vcrpy("access_token=", response=f"!!binary |\n{wrapped.rstrip()}", answered="{Content-Encoding: [gzip]}")
    )
    assert printed.by("audit", "x.yaml")[1] == ["x.yaml: line 9: a credential (access_token) (base64-encoded) [secret]"]


def test_a_password_that_a_recording_of_ours_kept_is_found(here: Path, printed: Printed) -> None:
    (here / "x.yaml").write_text(OURS.replace("body: ''", "body: user=ada&password=hunter2"))
    assert printed.by("audit", "x.yaml")[1] == ["x.yaml: line 10: a credential (password) [secret]"]


def test_audit_names_the_line_and_never_the_value(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "real.yaml").write_text(CASSETTE)
    (here / "clean.yaml").write_text(CASSETTE.replace("in_1MtHbELkdIwHu7ixl4OzzPMv", "in_short"))
    (here / "foreign.yaml").write_text("version: 1\ninteractions: []\n# Bearer 4eC39HqLyjWDarjtT1zdp7dc\n")
    assert run(["audit", "clean.yaml"]) == 0
    assert capsys.readouterr().out == "clean.yaml: clean (1 interaction)\n"
    assert run(["audit", "real.yaml", "clean.yaml", "foreign.yaml"]) == 1
    printed = capsys.readouterr().out
    assert printed.splitlines() == [
        "real.yaml: line 21: an id of the upstream (in_...) [real-id]",
        "clean.yaml: clean (1 interaction)",
        "foreign.yaml: line 3: bearer token [secret]",
    ]
    assert run(["audit", "nowhere.yaml", "real.yaml"]) == 2
    stdout, stderr = capsys.readouterr()
    assert stderr == "replayer: There is no cassette nowhere.yaml. Give the path of one.\n"
    assert stdout == "real.yaml: line 21: an id of the upstream (in_...) [real-id]\n"


def edited(folder: Path) -> tuple[Path, str]:
    """A recorded cassette in which somebody has changed one letter of a name, and that name."""
    with Replayer("shop.yaml", root=folder, upstream="sandbox", record_mode="all") as running:
        client = httpx.Client(base_url=running.url, headers=KEY, trust_env=False)
        made = client.post("/v1/customers", data={"name": "Ada"}).json()["id"]
        client.get(f"/v1/customers/{made}")
        client.close()
    path = folder / "shop.yaml"
    broken = made[:-1] + ("a" if made[-1] != "a" else "b")
    path.write_text(path.read_text().replace(f"/v1/customers/{made}", f"/v1/customers/{broken}"))
    return path, made


def test_a_name_that_was_edited_is_explained_by_the_audit_and_stops_a_recording(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, name = edited(here)
    kept = path.read_bytes()
    assert run(["audit", "shop.yaml"]) == 1
    printed = capfd.readouterr().out
    assert f"is no alias, and differs in 1 character from {name} in line " in printed
    assert run(["record", "--upstream", "sandbox", "--cassette", "shop.yaml"]) == 2
    printed = capfd.readouterr().err
    assert re.match(r"replayer: shop\.yaml:\d+: cus_.*Write that one, or delete the file and record again\.", printed)
    assert path.read_bytes() == kept
