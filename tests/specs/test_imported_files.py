"""What another tool recorded, imported: nothing is lost that is not named, the audit accepts it, it replays as it was
recorded, and written out and imported again it is the same file."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from replayer.cassettes import folder
from replayer.cli import run
from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.session import verdicts
from tests.specs import foreign_files, foreign_recorders, foreign_stubs
from tests.specs.foreign_files import KEY, ORIGIN, Exchange, Writer, session_of
from tests.specs.traffic import START, session

FORMS: dict[str, tuple[Writer, int]] = {
    "ruby_vcr": (foreign_files.ruby_vcr, 200),
    "har": (foreign_files.har, 30),
    "wiremock": (foreign_stubs.wiremock, 30),
    "hoverfly": (foreign_stubs.hoverfly, 30),
    **{
        each.__name__: (each, 10)
        for each in (
            foreign_recorders.vcrpy,
            foreign_recorders.go_vcr,
            foreign_recorders.betamax,
            foreign_recorders.polly,
            foreign_recorders.nock,
            foreign_recorders.azure,
        )
    },
}
SHARD = 10
SHARDS = [(name, first) for name, (_, many) in FORMS.items() for first in range(0, many, SHARD)]


class Follower:
    """A client that asks a replay what it once asked the API, by the names that the replay has told."""

    def __init__(self, cassette: Cassette) -> None:
        self._session = session(cassette, Mode.NONE)
        self._names: dict[str, str] = {}

    def ask(self, one: Exchange) -> Response:
        request = one.request
        target, body = request.target, request.body.decode()
        for real, name in sorted(self._names.items(), key=lambda pair: -len(pair[0])):
            target, body = target.replace(real, name), body.replace(real, name)
        verdict = self._session.decide(Request(request.method, target, request.headers, body.encode(), ORIGIN), START)
        assert isinstance(verdict, verdicts.Replay), verdict
        return verdict.response

    def compare(self, real: Any, shown: Any, key: str = "") -> None:
        """That both say the same, names and times apart; a name stands for one value, and a value has one."""
        if isinstance(real, dict):
            assert list(real) == list(shown)
            for name in real:
                self.compare(real[name], shown[name], name)
        elif isinstance(real, list):
            assert len(real) == len(shown)
            for one, other in zip(real, shown, strict=True):
                self.compare(one, other, key)
        elif real != shown:
            assert type(real) is type(shown)
            if isinstance(real, str) and not (key.endswith("_url") or key in ("invoice_pdf", "message")):
                assert self._names.setdefault(real, shown) == shown
                assert len(set(self._names.values())) == len(self._names)
            elif not isinstance(real, str):
                assert registry.INVOICE_RULES.is_time(key), key


def imported(place: Path, source: Path, *more: str) -> tuple[int, dict[str, Any], Path]:
    """The exit code, the report, and the cassette that a source becomes."""
    report = place / "report.json"
    code = ran(report, "import", str(source), "--out", str(place / "out"), "--json", *more)
    found = json.loads(report.read_text("utf-8"))
    (cassette,) = [each["cassette"] for each in found["files"]]
    return code, found, Path(cassette)


def ran(report: Path, *words: str) -> int:
    import contextlib

    with report.open("w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
        return run(list(words))


@pytest.mark.laws
@pytest.mark.parametrize(("name", "first"), SHARDS, ids=lambda value: str(value))
def test_a_session_is_the_same_in_whatever_form_it_comes(name: str, first: int, tmp_path: Path) -> None:
    for seed in range(first, first + SHARD):
        check(FORMS[name][0], seed, tmp_path / str(seed))


@pytest.mark.long
@pytest.mark.parametrize("name", FORMS)
def test_some_sessions_are_the_same_in_whatever_form_they_come(name: str, tmp_path: Path) -> None:
    for seed in (3, 4):
        check(FORMS[name][0], 10_000 + seed, tmp_path / str(seed))


def check(writer: Writer, seed: int, place: Path) -> None:
    exchanges = session_of(seed)
    written = writer(exchanges, Random(seed))
    for name, content in written.files.items():
        path = place / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    first = place / "source" / next(iter(written.files))
    source = first.parent if len([each for each in written.files if "/mappings/" in each]) > 1 else first
    code, report, path = imported(place, source, "--origin", ORIGIN)

    # nothing is lost that is not named
    assert (len(report["files"][0]["lost"]), report["in_part"]) == (written.lost, written.in_part), report
    assert code == int(bool(written.lost or written.in_part))
    assert all(text in json.dumps(report) for text in written.named)
    rivals = max(0, len(exchanges) - report["carried_over"])
    assert rivals <= written.lost

    # nothing real is written
    text = path.read_text("utf-8")
    cassette = folder.existing(path)
    assert KEY not in text
    assert audit(cassette, text) == []

    # recorded from its own replay it would be the same
    assert ran(place / "line", "clean", str(path)) == 0
    assert path.read_text("utf-8") == text

    # it replays as it was recorded
    if not rivals:
        follower = Follower(cassette)
        for one in exchanges:
            shown = follower.ask(one)
            assert (shown.status, shown.media_type) == (one.response.status, one.response.media_type)
            follower.compare(json.loads(one.response.body), json.loads(shown.body))

    # written out and imported again it is the same
    for to, name in (("vcrpy", "again.yaml"), ("har", "again.har"), ("wiremock", "again.json")):
        out = place / to / name
        assert ran(place / "line", "export", str(path), "--to", to, "--out", str(out)) == 0
        code, report, again = imported(place / to, out)
        assert (code, report["lost"], report["in_part"]) == (0, 0, 0), report
        assert again.read_text("utf-8") == text
