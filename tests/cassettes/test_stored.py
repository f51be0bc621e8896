"""A cassette that stays in its file is the same as one that is read; and one scan knows whether it may stay there."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer import cassettes as ours
from replayer.cassettes import folder, formats, stored
from replayer.core.cassette import AT_ONCE, Cassette, Facts, Interaction, Stored, Streamed
from replayer.core.message import Request, Response
from replayer.errors import CassetteError

FACTS = Facts("http://h", "generic", 86_400)
PIECES = st.sampled_from(["a", "b: 1", " ", "  ", "\n", "\n\n", "\t", "é", "\x7f", "|", "'", '"', "{}", "#", "..."])
BODIES = st.lists(PIECES, max_size=8).map(lambda parts: "".join(parts).encode()) | st.binary(max_size=8)
HEADERS = st.sampled_from([(), (("Content-Type", "application/json"), ("Date", "Sun, 22 Nov 2026 00:00:00 GMT"))])
INTERACTIONS = st.builds(
    Interaction,
    st.builds(
        Request,
        st.sampled_from(["GET", "POST"]),
        st.sampled_from(["/", "/a?b=c", "/é"]),
        HEADERS,
        BODIES,
        st.sampled_from(["http://h", "https://i"]),
    ),
    st.builds(Response, st.sampled_from([200, 404]), st.sampled_from(["OK", "", "it's: b"]), HEADERS, BODIES),
    st.sampled_from([AT_ONCE, Streamed("left"), Streamed("", ((0, 5), (3, 120))), Streamed("cut", ((1, 1),))]),
)
CASSETTES = st.lists(INTERACTIONS, min_size=1, max_size=4).map(lambda each: Cassette(tuple(each), FACTS))


@pytest.fixture(scope="module", autouse=True)
def _all_stay(monkeypatch_module: pytest.MonkeyPatch) -> None:
    monkeypatch_module.setattr(stored, "LARGE", 0)


@pytest.fixture(scope="module")
def monkeypatch_module():  # type: ignore[no-untyped-def]
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def at_once(cassette: Cassette) -> Cassette:
    """Other tools tell nothing of how an answer came."""
    return replace(cassette, interactions=tuple(replace(one, streamed=AT_ONCE) for one in cassette.interactions))


def without_facts(text: str) -> str:
    """The same as another tool would have it that writes as we do."""
    head, _, rest = text.partition("interactions:\n")
    assert head.startswith("version: 1\nreplayer:\n")
    return "version: 1\ninteractions:\n" + rest.removesuffix("...\n")


@given(CASSETTES)
def test_what_stays_in_its_file_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, cassette: Cassette) -> None:
    path = tmp_path_factory.mktemp("stored") / "a.yaml"
    path.write_text(ours.dumps(cassette), "utf-8")
    for _ in range(2):  # what was found out is kept, and found again
        found = stored.opened(path)
        assert found is not None
        assert isinstance(found.interactions, Stored)
        assert (tuple(found.interactions), found.facts) == (cassette.interactions, FACTS)
        assert [found.interactions[number] for number in range(-1, len(found.interactions))] == [
            cassette.interactions[-1], *cassette.interactions,
        ]  # fmt: skip
        assert found.interactions[:2] == cassette.interactions[:2]
        outlines = list(found.outlines)
        assert [(one.request, one.status, one.date, one.response) for one in outlines] == [
            (one.request, one.status, one.date, one.response) for one in cassette.interactions
        ]
        assert dict(found.origins) == dict(cassette.origins)
        assert list(found.origins) == list(cassette.origins)
        assert found.shelf is not None
        found.shelf.save()
        found.let_go()


@given(CASSETTES.map(at_once))
def test_what_another_tool_wrote_as_we_do_is_read_as_ever(
    tmp_path_factory: pytest.TempPathFactory, cassette: Cassette
) -> None:
    path = tmp_path_factory.mktemp("alike") / "a.yaml"
    path.write_text(without_facts(ours.dumps(cassette)), "utf-8")
    expected = formats.loads(path.read_bytes(), "a.yaml", fast=False)
    assert formats.loads(path.read_bytes(), "a.yaml") == expected
    found = stored.opened(path)
    assert found is not None
    assert (tuple(found.interactions), found.facts) == (expected.interactions, None)
    found.let_go()


@given(CASSETTES, st.data())
def test_a_text_that_somebody_edited_does_not_stay_or_is_read_as_it_says(
    cassette: Cassette, data: st.DataObject
) -> None:
    text = ours.dumps(cassette)
    at, gone = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 3))
    put = data.draw(st.sampled_from(["", " ", "\n", "\n        ", "2", "-", "+", "|", "\t", "\x00", "...\n", "é"]))
    raw = (text[:at] + put + text[at + gone :]).encode()
    found = stored.scanned(raw)
    if found is None:
        return
    extents, _ = found
    whole = ours.loads(raw, "a.yaml") if extents.facts else formats.loads(raw, "a.yaml", fast=False)
    pieces = [raw[begin:end] for begin, end in zip(extents.ends, extents.ends[1:], strict=False)]
    assert len(pieces) == len(whole.interactions)
    for piece, interaction in zip(pieces, whole.interactions, strict=True):
        (read,) = ours.loads(ours.head(FACTS).encode() + piece + b"...\n", "a.yaml").interactions
        assert read.request == interaction.request
        assert extents.facts is None or read == interaction


def test_who_writes_into_the_file_is_found_out(tmp_path: Path) -> None:
    of = [Interaction(Request("GET", f"/{n}", (), b"", "http://h"), Response(200, "OK", (), b"body")) for n in range(3)]
    path = tmp_path / "a.yaml"
    path.write_text(ours.dumps(Cassette(tuple(of), FACTS)), "utf-8")
    found = stored.opened(path)
    assert found is not None
    with path.open("r+b") as file:
        file.seek(path.read_bytes().index(b"body", path.read_bytes().index(b"uri: http://h/1")))
        file.write(b"BODY")
    assert found.interactions[0] == of[0]
    with pytest.raises(CassetteError, match="somebody has written into it"):
        _ = found.interactions[1]
    found.let_go()


def test_a_file_that_takes_its_place_changes_nothing(tmp_path: Path) -> None:
    one = Interaction(Request("GET", "/", (), b"", "http://h"), Response(200, "OK", (), b"one"))
    path = tmp_path / "a.yaml"
    path.write_text(ours.dumps(Cassette((one,), FACTS)), "utf-8")
    found = stored.opened(path)
    assert found is not None
    folder.replace(path, ours.dumps(Cassette((replace(one, response=Response(404)),), FACTS)))
    assert found.interactions[0] == one
    found.let_go()


@pytest.mark.parametrize("status", [99, 199])
def test_what_no_http_can_say_is_told_by_the_usual_way(tmp_path: Path, status: int) -> None:
    one = Interaction(Request("GET", "/", (), b"", "http://h"), Response(status, "OK", (), b"one"))
    path = tmp_path / "a.yaml"
    path.write_text(ours.dumps(Cassette((one,), FACTS)), "utf-8")
    assert stored.opened(path) is None
    with pytest.raises(CassetteError, match=f"interaction 1: status {status} is none"):
        folder.opened(path)
