"""A journal holds each stream as far as it came, wherever it is cut off, and in the place where it began."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes import Journal, entry
from replayer.cassettes.journal import left_behind, load_journal
from replayer.core.cassette import Facts, Interaction, Streamed
from replayer.core.message import Request, Response

FACTS = Facts("https://api.example.com", "generic", 1_795_305_600)
HEADERS = (("Content-Type", "text/event-stream"),)
EVENTS = ("data: one\n\n", ": hm\n\n", "data: é # complete\n\n", "data: \udcff\n\n", "data: ...\r\n\r\n")


def stream(path: str, *events: str, ended: str = "") -> Interaction:
    body = "".join(events).encode("utf-8", "surrogateescape")
    answer = Response(200, "OK", HEADERS, body)
    return Interaction(Request("GET", path, (), b"", "https://api.example.com"), answer, Streamed(ended))


def write(journal: Journal) -> None:
    """Two streams at once, a plain exchange between their events, and one stream that is not kept."""
    journal.begin_stream(1, entry(stream("/a")))
    journal.add_event(1, EVENTS[0])
    journal.append(entry(stream("/plain", "data: 1\n\n")))
    journal.begin_stream(2, entry(stream("/b")))
    journal.begin_stream(3, entry(stream("/c")))
    for event in EVENTS[1:]:
        journal.add_event(2, event)
        journal.add_event(3, event)
    journal.end_stream(3)
    journal.add_event(1, EVENTS[1])
    journal.end_stream(1, entry(stream("/a", *EVENTS[:2])))


def written(root: Path) -> bytes:
    journal = Journal.open(root / "a.yaml", FACTS)
    write(journal)
    raw = journal.path.read_bytes()
    journal.close(keep=False)
    return raw


def test_what_has_ended_is_whole_and_what_has_not_is_a_torso_where_it_began(tmp_path: Path) -> None:
    assert load_journal(written(tmp_path), "it").interactions == (
        stream("/a", *EVENTS[:2]),
        stream("/plain", "data: 1\n\n"),
        stream("/b", *EVENTS[1:], ended="cut"),
    )


@given(st.floats(0, 1))
def test_wherever_it_is_cut_off_it_loads_and_holds_what_was_told(tmp_path_factory, share: float) -> None:  # type: ignore[no-untyped-def]
    raw = written(tmp_path_factory.mktemp("cut"))
    first = raw.index(b"# complete\n") + len(b"# complete\n")
    cut = raw[: first + int(share * (len(raw) - first))]
    told = cut.rpartition(b"# complete\n")[0].count(b"# event 1 ")
    found = {one.request.path: one for one in load_journal(cut, "it").interactions}
    if "/a" in found:
        assert found["/a"].response.body == "".join(EVENTS[:2][:told]).encode()
        assert found["/a"].streamed.ended == ("" if b"# ended 1" in cut.rpartition(b"# complete\n")[0] else "cut")
    if "/b" in found:
        assert found["/b"].streamed.ended == "cut"


def test_a_killed_recording_counts_its_streams_once_and_sets_them_aside(tmp_path: Path) -> None:
    (tmp_path / "a.yaml.journal").write_bytes(written(tmp_path))
    assert "a recording that was killed, with 3 interactions" in left_behind(tmp_path / "a.yaml")
    journal = Journal.open(tmp_path / "a.yaml", FACTS)
    aside = journal.set_aside
    journal.close(keep=False)
    assert aside is not None
    assert b"  stream:\n    ended: cut\n" in aside.read_bytes()


def test_a_torso_keeps_what_else_is_known_of_its_head(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "a.yaml", FACTS)
    head = stream("/a")
    head = replace(head, response=replace(head.response, headers=(*HEADERS, ("Date", "x"))))
    journal.begin_stream(1, entry(head))
    (found,) = load_journal(journal.path.read_bytes(), "it").interactions
    journal.close(keep=False)
    assert found == replace(head, streamed=Streamed("cut"))
