"""A long file of vcrpy's is read in pieces, and says what it says as a whole: its faults, too."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from replayer.cassettes import formats
from replayer.cassettes.formats import pieces
from replayer.core.cassette import Cassette
from replayer.errors import CassetteError

TEXTS = st.sampled_from(
    ["ok", "", "a\n- request:\nb", "- request:", "version: 1\n", "&a *a", "x" * 200, "é\n\n ", "'\"", "1", "null", "{}"]
)
BODIES = TEXTS | st.binary(max_size=90)


def interaction(sent: str | None, received: str | bytes, status: int) -> dict[str, object]:
    headers = {"Accept": ["*/*"], "Count": ["1"]}
    response = {"body": {"string": received}, "headers": headers, "status": {"code": status, "message": "OK"}}
    return {"request": {"body": sent, "headers": {}, "method": "POST", "uri": "http://h/a"}, "response": response}


FILES = st.lists(st.builds(interaction, st.none() | TEXTS, BODIES, st.sampled_from([200, 404])), min_size=1, max_size=6)
PLAIN = yaml.dump({"interactions": [interaction("a", "b", 200) for _ in range(3)], "version": 1}, Dumper=yaml.CDumper)


def whole(text: str) -> Cassette | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "LENGTH", 1 << 30)
        return read(text)


def in_pieces(text: str) -> Cassette | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "LENGTH", 1)
        return read(text)


def read(text: str) -> Cassette | str:
    try:
        return formats.loads(text.encode(), "old.yaml")
    except CassetteError as error:
        return str(error)


@given(FILES)
def test_in_pieces_it_says_what_it_says_as_a_whole(interactions: list[dict[str, object]]) -> None:
    text = yaml.dump({"interactions": interactions, "version": 1}, Dumper=yaml.CDumper, allow_unicode=True)
    found = whole(text)
    assert isinstance(found, Cassette)
    assert in_pieces(text) == found


@example(225, 3, "\n")  # what stands in the first column ends the list
@given(
    st.integers(0, len(PLAIN)), st.integers(0, 3), st.sampled_from(["", "*a", "&a ", "\n", "- ", "'", "!!int ", "<<"])
)
def test_so_does_one_that_somebody_edited(at: int, gone: int, put: str) -> None:
    text = PLAIN[:at] + put + PLAIN[at + gone :]
    assert in_pieces(text) == whole(text)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("code: 200", "code: [200]", 1),
        PLAIN.replace("    method: POST\n", "    method: POST\n    method: GET\n", 1),
        PLAIN + "- request: 1\n",
        PLAIN.replace("body: a", "body: &a [*a]", 1),
        PLAIN.replace("body: a", "body: " + "[" * 2000, 1),
        PLAIN.replace("body: a", "body: !!int ''", 1),
        PLAIN.replace("body: a", "body: !!python/object/apply:os.system [a]", 1),
    ],
    ids=["shape", "key twice", "more", "alias of itself", "deep", "number of no digits", "tag"],
)
def test_a_fault_is_told_with_its_line_in_the_file(text: str) -> None:
    found = in_pieces(text)
    assert isinstance(found, str)
    assert found == whole(text)
    assert found.startswith("old.yaml:")


def test_a_long_file_is_read_in_pieces() -> None:
    """Else nothing above would be about pieces."""
    text = yaml.dump(
        {"interactions": [interaction("a", "b" * 2000, 200) for _ in range(300)], "version": 1}, Dumper=yaml.CDumper
    )
    assert len(text) > 2 * pieces.LENGTH
    found = formats._in_pieces(text, "old.yaml")  # noqa: SLF001
    assert found == formats.loads(text.encode(), "old.yaml").interactions
