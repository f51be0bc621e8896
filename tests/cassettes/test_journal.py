"""Being killed costs a recording nothing, and two recorders never share a cassette."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayer import cassettes
from replayer.cassettes import folder
from replayer.cassettes.journal import COMPLETE, Journal, load_journal
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.errors import CassetteError, UsageError

FACTS = Facts("sandbox", "stripe", 1_795_305_600)


def number(n: int, body: bytes = b"") -> Interaction:
    return Interaction(Request("GET", f"/v1/invoices/{n}", (), b"", "http://sandbox"), Response(200, "OK", (), body))


def recorded(cassette: Path, count: int) -> Journal:
    started = Journal.open(cassette, FACTS)
    for n in range(count):
        started.append(cassettes.entry(number(n)))
    return started


def loaded(path: Path) -> Cassette:
    cassette = folder.read(path)
    assert cassette is not None
    return cassette


def test_a_journal_is_a_private_file_beside_its_cassette(tmp_path: Path) -> None:
    started = recorded(tmp_path / "new" / "a.yaml", 2)
    assert started.path == tmp_path / "new" / "a.yaml.journal"
    assert started.path.stat().st_mode & 0o777 == 0o600
    assert loaded(started.path) == Cassette((number(0), number(1)), FACTS)
    started.close(keep=False)
    started.close(keep=False)
    assert list(started.path.parent.iterdir()) == []


def test_a_journal_of_nothing_yet_is_a_cassette_of_nothing(tmp_path: Path) -> None:
    started = recorded(tmp_path / "a.yaml", 0)
    assert loaded(started.path) == Cassette((), FACTS)
    started.close(keep=True)
    assert started.path.exists()


def test_facts_may_come_with_the_first_interaction(tmp_path: Path) -> None:
    started = Journal.open(tmp_path / "a.yaml")
    started.append(cassettes.head(FACTS))
    started.append(cassettes.entry(number(0)))
    assert loaded(started.path) == Cassette((number(0),), FACTS)
    started.close(keep=False)


def test_two_recorders_never_share_a_cassette(tmp_path: Path) -> None:
    first = recorded(tmp_path / "a.yaml", 1)
    with pytest.raises(UsageError) as caught:
        Journal.open(tmp_path / "a.yaml", FACTS)
    assert str(caught.value) == (
        f"{tmp_path}/a.yaml is being recorded by another replayer. Stop that one, or record to another cassette."
    )
    assert len(loaded(first.path).interactions) == 1
    first.close(keep=False)
    Journal.open(tmp_path / "a.yaml", FACTS).close(keep=False)


def test_what_a_killed_recording_left_becomes_a_cassette_of_its_own(tmp_path: Path) -> None:
    for left in (2, 3):
        killed = recorded(tmp_path / "a.yaml", left)
        os.write(killed._descriptor, b"- request:\n    met\xc3")  # noqa: SLF001  # what a kill leaves behind
        os.close(killed._descriptor)  # noqa: SLF001  # a kill closes, and does no more
        again = Journal.open(tmp_path / "a.yaml", FACTS)
        again.close(keep=False)
        assert again.set_aside == tmp_path / f"a.interrupted-{left - 1}.yaml"
        assert len(loaded(again.set_aside).interactions) == left
        assert again.set_aside.read_text() == cassettes.dumps(loaded(again.set_aside))


def test_a_killed_recording_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    os.close(recorded(tmp_path / "a.yaml", 0)._descriptor)  # noqa: SLF001  # a kill closes, and does no more
    again = Journal.open(tmp_path / "a.yaml", FACTS)
    assert again.set_aside is None
    again.close(keep=False)


def test_a_journal_that_was_kept_is_replaced_by_the_next(tmp_path: Path) -> None:
    kept = recorded(tmp_path / "a.yaml", 2)
    kept.close(keep=True)
    assert len(loaded(kept.path).interactions) == 2
    again = Journal.open(tmp_path / "a.yaml", FACTS)
    assert again.set_aside is None
    again.close(keep=False)


def test_a_full_disk_takes_back_the_half_written_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = recorded(tmp_path / "a.yaml", 1)
    whole = started.path.read_bytes()
    real = os.write

    def full(descriptor: int, content: memoryview) -> int:
        if len(content) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, content[: len(content) // 2])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            started.append(cassettes.entry(number(1)))
    assert started.path.read_bytes() == whole
    started.append(cassettes.entry(number(2)))
    assert loaded(started.path).interactions == (number(0), number(2))
    started.close(keep=False)


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: real(descriptor, content[:7]))
    started = recorded(tmp_path / "a.yaml", 2)
    assert len(loaded(started.path).interactions) == 2
    started.close(keep=False)


def test_nothing_is_appended_to_a_closed_journal(tmp_path: Path) -> None:
    started = recorded(tmp_path / "a.yaml", 1)
    assert repr(started) == f"<Journal {started.path} {started.path.stat().st_size} bytes>"
    started.close(keep=False)
    assert repr(started) == f"<Journal {started.path} closed>"
    with pytest.raises(OSError, match="Bad file descriptor"):
        started.append(cassettes.entry(number(1)))


def test_a_journal_that_cannot_be_there_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "a.yaml.journal").mkdir()
    with pytest.raises(UsageError, match=r"a\.yaml\.journal: cannot be written: Is a directory\."):
        Journal.open(tmp_path / "a.yaml", FACTS)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=3), st.data())
def test_a_journal_cut_off_anywhere_holds_what_was_complete(bodies: list[bytes], draw: st.DataObject) -> None:
    interactions = tuple(number(n, body) for n, body in enumerate(bodies))
    parts = [cassettes.head(FACTS), *map(cassettes.entry, interactions)]
    text = "".join(part + COMPLETE for part in parts).encode()
    cut = draw.draw(st.integers(len((parts[0] + COMPLETE).encode()), len(text)))
    complete = text[:cut].count(b"\n" + COMPLETE.encode()) - 1
    assert load_journal(text[:cut], "a.yaml.journal") == Cassette(interactions[:complete], FACTS)


def test_nothing_but_the_end_of_a_journal_may_be_broken() -> None:
    parts = [cassettes.head(FACTS), cassettes.entry(number(0)), cassettes.entry(number(1)).replace("200", "OK")]
    text = "".join(part + COMPLETE for part in parts)
    with pytest.raises(CassetteError) as caught:
        load_journal(text.encode(), "a.yaml.journal")
    line = text.split("\n").index("      code: OK") + 1
    assert str(caught.value).startswith(f"a.yaml.journal:{line}: interaction 2: response.status.code is text")


def test_a_journal_of_half_a_head_says_what_happened() -> None:
    with pytest.raises(CassetteError) as caught:
        load_journal(b"version: 1\nrepl", "a.yaml.journal")
    assert str(caught.value) == (
        "a.yaml.journal:1: the recording was killed before it began. Delete the file and record again."
    )


CHILD = """\
import sys
from pathlib import Path
from replayer import cassettes
from replayer.cassettes import Journal
from replayer.core.cassette import Facts, Interaction
from replayer.core.message.message import Request, Response

journal = Journal.open(Path(sys.argv[1]), Facts("sandbox", "stripe", 0))
for n in range(1_000_000):
    request = Request("GET", f"/{n}", (), b"", "http://sandbox")
    journal.append(cassettes.entry(Interaction(request, Response(200, "OK", (), b"line\\n" * 400))))
    print(n, flush=True)
"""


def test_kill_9_loses_no_interaction_that_was_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path / "a.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}) as child:  # noqa: PTH109  # our own program
        assert child.stdout is not None
        for _ in range(200):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        last = child.stdout.read().split()
    reported = int(last[-1]) + 1 if last else 200
    left = loaded(tmp_path / "a.yaml.journal").interactions
    assert len(left) >= reported
    assert [each.request.target for each in left] == [f"/{n}" for n in range(len(left))]
    again = Journal.open(tmp_path / "a.yaml", FACTS)  # the lock died with its owner
    assert again.set_aside is not None
    again.close(keep=False)
