"""What is written is what is read, to the byte; what is not sound is refused with its line."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from replayer import cassettes as ours
from replayer.cassettes import fast_read, shape, yaml_read
from replayer.cassettes.write import END, gathered
from replayer.core.cassette import AT_ONCE, ENDINGS, Cassette, Facts, Interaction, Streamed
from replayer.core.message import Request, Response, wire
from replayer.errors import CassetteError

FACTS = Facts("https://api.stripe.com", "stripe", 1_795_305_600)
ONE = Interaction(
    Request(
        "POST", "/v1/invoices?expand%5B%5D=a", (("Accept", "*/*"),), b"customer=cus_1&days=30", "https://api.stripe.com"
    ),
    Response(200, "OK", (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", "13")), b'{\n  "id": 1\n}\n'),
)

HARD = [
    b"", b" ", b"  lead", b"trail ", b"a \nb", b"a\t\nb", b"\tx", b"\n\tx", b"\n", b"\n\n", b"x\n", b"x\n\n", b"\n\nx",
    b"\n x\n", b"a\r\nb", b"\r", b"a\tb", b"\x00", "\x85x".encode(), "\u2028x\ny".encode(), "\ufeffx".encode(),
    "\N{GRINNING FACE}".encode(), b"1", b"1.5", b"0x1f", b"1_000", b"12:30:45", b"2026-11-22", b"null", b"~", b"true",
    b"no", b"=", b"<<", b"---\nx", b"...\n", b"...", b"- a\n- b", b"a: b", b"# complete", b"x #y", b"'", b'"', b"\\",
    b"<<<<<<< HEAD", b"\xff\xfe", b"\x1f\x8b\x08" + bytes(200), b"&a *a !b", "\uffff\U0001ffff".encode(), b"%41", b"|-",
    b"null\n", b"a\n\n\n  b\n\n", b"{" * 2000, b"x" * 3000, "\xa0".encode(), b"\x7f", b"- request:\n    method: GET",
]  # fmt: skip


def of_bytes(raw: bytes) -> str:
    """Header text as a server reads it from the wire."""
    return raw.decode("utf-8", "surrogateescape")


bodies = st.one_of(
    st.sampled_from(HARD),
    st.binary(),
    st.text().map(lambda text: text.encode("utf-8", "ignore")),
    st.text("ab \t\n\r\x85\u2028'\"#:-|{").map(str.encode),
)
texts = bodies.map(of_bytes)
headers = st.lists(st.tuples(texts, texts), max_size=4).map(
    lambda pairs: tuple((name, value) for name, values in gathered(tuple(pairs)).items() for value in values)
)
requests = st.builds(
    Request, texts, texts.map(lambda t: "/" + t), headers, bodies, st.just("https://api.example.com:8443")
)
responses = st.builds(Response, st.integers(100, 599), texts, headers, bodies)
waits = st.dictionaries(st.integers(0, 10**8), st.integers(1, 10**6), max_size=3)
streamed = st.builds(
    Streamed, st.sampled_from(("", *ENDINGS)), waits.map(lambda found: tuple(sorted(found.items())))
) | st.just(AT_ONCE)
interactions = st.builds(Interaction, requests, responses, streamed)
facts = st.builds(Facts, texts, texts, st.integers(0, 4_000_000_000))
cassettes = st.builds(Cassette, st.lists(interactions, max_size=4).map(tuple), facts)


def with_body(body: bytes) -> Cassette:
    return Cassette((replace(ONE, response=replace(ONE.response, body=body)),), FACTS)


def error(text: str | bytes) -> str:
    with pytest.raises(CassetteError) as caught:
        ours.loads(text if isinstance(text, bytes) else text.encode(), "a.yaml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_cassette_reads_like_this() -> None:
    assert (
        ours.dumps(Cassette((ONE,), FACTS))
        == """\
version: 1
replayer:
  upstream: https://api.stripe.com
  rules: stripe
  epoch: '2026-11-22T00:00:00Z'
interactions:
- request:
    method: POST
    uri: https://api.stripe.com/v1/invoices?expand%5B%5D=a
    body: |-
      customer=cus_1&days=30
    headers:
      Accept:
      - '*/*'
  response:
    status:
      code: 200
      message: OK
    headers:
      Set-Cookie:
      - a=1
      - b=2
      Content-Length:
      - '13'
    body:
      string: |
        {
          "id": 1
        }
...
"""
    )


def test_how_an_answer_came_stands_behind_its_body() -> None:
    came = replace(ONE, streamed=Streamed("left", ((0, 5), (3, 120))))
    assert ours.dumps(Cassette((came,), FACTS)) == TEXT.replace(
        END, "  stream:\n    ended: left\n    waits: '0+0.5 3+12'\n...\n"
    )


def test_a_cassette_of_nothing_is_a_whole_cassette() -> None:
    text = ours.dumps(Cassette((), FACTS))
    assert text.endswith("interactions: []\n...\n")
    assert ours.loads(text.encode(), "a.yaml") == Cassette((), FACTS)


def test_a_cassette_without_facts_is_not_written() -> None:
    with pytest.raises(ValueError, match="is written with its facts"):
        ours.dumps(Cassette((ONE,)))


@settings(deadline=None)
@given(cassettes)
def test_what_is_written_is_what_is_read(cassette: Cassette) -> None:
    text = ours.dumps(cassette)
    assert ours.loads(text.encode(), "a.yaml") == cassette


@settings(deadline=None)
@given(cassettes)
def test_a_yaml_reader_finds_in_it_what_we_find(cassette: Cassette) -> None:
    text = ours.dumps(cassette)
    assert shape.cassette(yaml_read.construct(yaml_read.compose(text, "a.yaml"), "a.yaml")) == cassette
    assert fast_read.read(text) in (cassette, None)


@pytest.mark.parametrize("body", HARD)
def test_every_hard_body_comes_back(body: bytes) -> None:
    cassette = with_body(body)
    text = ours.dumps(cassette)
    assert ours.loads(text.encode(), "a.yaml") == cassette
    assert yaml.safe_load(text) == yaml.load(text, yaml.CSafeLoader)


@settings(deadline=None)
@given(cassettes)
@example(with_body(b"x\n\n"))
def test_an_entry_can_follow_any_entry(cassette: Cassette) -> None:
    entries = [*map(ours.entry, cassette.interactions), ours.entry(ONE)]
    text = ours.head(FACTS) + "".join(entries) + END
    assert ours.loads(text.encode(), "a.yaml").interactions == (*cassette.interactions, ONE)


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (b"", "string: ''\n"),
        (b'{\n  "a": "\xc3\xa9"\n}', 'string: |-\n        {\n          "a": "\xe9"\n        }\n'),
        (b" a\n", "string: |2\n         a\n"),
        (b"a\n\nb\n\n", "string: |+\n        a\n\n        b\n\n"),
        (b"a \n", 'string: "a \\n"\n'),
        (b"a\r\n", 'string: "a\\r\\n"\n'),
        ("\x85\ufeff".encode(), 'string: "\\u0085\\ufeff"\n'),
        (b"\xff", "string: !!binary |\n        /w==\n"),
    ],
)
def test_a_body_is_a_block_wherever_that_is_exact_and_can_be_seen(body: bytes, written: str) -> None:
    assert ours.entry(with_body(body).interactions[0]).endswith(written)


@pytest.mark.long
@settings(deadline=None)
@given(cassettes)
def test_an_edited_cassette_reads_the_same_by_the_long_way(cassette: Cassette) -> None:
    text = ours.dumps(cassette).replace("version: 1\n", "version: 1  # by hand\n", 1)
    assert fast_read.read(text) is None
    assert ours.loads(text.encode(), "a.yaml") == cassette


def test_our_own_cassettes_need_no_yaml_reader() -> None:
    assert fast_read.read(ours.dumps(with_body(b"\xff"))) == with_body(b"\xff")
    assert fast_read.read(ours.dumps(Cassette((ONE, ONE), FACTS))) == Cassette((ONE, ONE), FACTS)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = ours.dumps(Cassette((ONE,), FACTS))
    assert ours.loads(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "a.yaml") == Cassette((ONE,), FACTS)


def test_repeated_header_names_are_collected_where_the_first_one_stands() -> None:
    mixed: wire.Headers = (("A", "1"), ("B", "2"), ("A", "3"), ("a", "4"))
    assert gathered(mixed) == {"A": ["1", "3"], "B": ["2"], "a": ["4"]}


@pytest.mark.parametrize(
    ("uri", "origin", "target"),
    [
        ("https://API.stripe.com/v1/a%2fb?c[]=%5B&d=", "https://API.stripe.com", "/v1/a%2fb?c[]=%5B&d="),
        ("http://[::1]:80", "http://[::1]:80", "/"),
        ("http://h?x=1", "http://h", "/?x=1"),
        ("http://u:p@h/", "http://u:p@h", "/"),
    ],
)
def test_a_uri_is_split_and_not_altered(uri: str, origin: str, target: str) -> None:
    assert shape.split_uri(uri) == (origin, target)


TEXT = ours.dumps(Cassette((ONE,), FACTS))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.yaml:1: the file is empty. Delete it and record again."),
        ("# only\n", "a.yaml:1: the file holds nothing but comments. Delete it and record again."),
        (
            TEXT.encode().replace(b"stripe\n", b"str\xffpe\n", 1),
            "a.yaml:4: this is not UTF-8. Restore the file, or record again.",
        ),
        (
            TEXT.replace("- request", "<<<<<<< HEAD\n- request"),
            "a.yaml:7: '<<<<<<<' is a merge conflict marker. Resolve the merge, or delete the file and record again.",
        ),
        (
            TEXT.removesuffix(END),
            "a.yaml:29: the file ends early, its end mark '...' is missing. Delete the file and record again.",
        ),
        (
            TEXT.replace("code: 200", "code: !!python/object/apply:os.system ['true']"),
            "a.yaml:17: the tag '!!python/object/apply:os.system' is refused, nothing was made of it. "
            "Remove it, or record again.",
        ),
        (
            TEXT.replace("code: 200", "code: [200"),
            "a.yaml:18: this is not YAML: did not find expected ',' or ']'. "
            "Correct it, or delete the file and record again.",
        ),
        (
            TEXT.replace("version: 1", "version: 2"),
            "a.yaml:1: version 2 is not known, only 1 is. Update Replayer: a newer one wrote it.",
        ),
        (
            TEXT.replace("version: 1\n", ""),
            "a.yaml:1: the file has no 'version'. Correct it, or record again.",
        ),
        (
            "- request: {}\n  response: {}\n",
            "a.yaml:1: vcrpy wrote this cassette before its version 1. Run `python -m vcr.migration` on it.",
        ),
        ("just text\n", "a.yaml:1: the file is text, not a mapping. Correct it, or record again."),
        (
            "version: 1\nreplayer: {}\n...\n",
            "a.yaml:1: the file has no 'interactions'. Correct it, or record again.",
        ),
        (
            "version: 1\nreplayer: {}\ninteractions: 3\n...\n",
            "a.yaml:3: interactions is a number, not a list. Correct it, or record again.",
        ),
        (
            TEXT.replace("- request", "- question"),
            "a.yaml:7: interaction 1 has no 'request'. Correct it, or record again.",
        ),
        (
            TEXT.replace("code: 200", "code: OK"),
            "a.yaml:17: interaction 1: response.status.code is text, not a whole number. Correct it, or record again.",
        ),
        (
            TEXT.replace("- '13'", "- 13"),
            "a.yaml:24: interaction 1: response.headers.Content-Length.0 is a number, not text. Put it in quotes.",
        ),
        (
            TEXT.replace("message: OK", "code: 200"),
            "a.yaml:18: the key 'code' stands here for the second time. Remove one of them.",
        ),
        (
            TEXT.replace("'2026-11-22T00:00:00Z'", "today"),
            "a.yaml:5: replayer.epoch is 'today', not a time. Write it as '2026-11-22T00:00:00Z'.",
        ),
        (
            TEXT.replace("'2026-11-22T00:00:00Z'", "2026-13-22"),
            "a.yaml:1: a value in it is impossible: month must be in 1..12. Put it in quotes.",
        ),
        (
            TEXT.replace(END, "  stream:\n    ended: lift\n...\n"),
            "a.yaml:31: 'lift' is no end of a stream: there are left, broken, cut. Write one of them, or leave it out.",
        ),
        (
            TEXT.replace(END, "  stream:\n    waits: '3+0.5 0+1'\n...\n"),
            "a.yaml:31: interaction 1: stream.waits is '3+0.5 0+1', which says no waits. "
            "Write the place of an event and seconds, '0+0.5 3+12', or leave it out.",
        ),
        (
            TEXT.replace("  rules: stripe\n", ""),
            "a.yaml:2: replayer has no 'rules'. Correct it, or record again.",
        ),
    ],
)
def test_a_fault_is_one_line_with_file_line_and_remedy(text: str | bytes, message: str) -> None:
    assert error(text) == message


@settings(deadline=None)
@given(st.integers(0, len(TEXT) - len(END)))
def test_a_cassette_cut_off_anywhere_is_refused(length: int) -> None:
    assert error(TEXT[:length]).startswith("a.yaml:")


def test_a_hand_written_date_without_quotes_is_a_date() -> None:
    text = TEXT.replace("'2026-11-22T00:00:00Z'", "2026-11-22T00:00:00Z")
    assert ours.loads(text.encode(), "a.yaml").facts == FACTS


def test_keys_that_we_do_not_know_are_passed_over_as_vcrpy_does() -> None:
    text = TEXT.replace("  response:", "  recorded_at: now\n  response:").replace("replayer:", "other: 1\nreplayer:")
    assert ours.loads(text.encode(), "a.yaml") == Cassette((ONE,), FACTS)


def test_a_document_that_holds_itself_is_refused_and_not_followed() -> None:
    message = error("version: 1\nreplayer: {}\ninteractions: &a [*a]\n...\n")
    assert message == "a.yaml:3: interaction 1 is a list, not a mapping. Correct it, or record again."


def test_without_libyaml_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert error(TEXT + "# by hand\n").startswith("PyYAML is installed without libyaml")


@pytest.mark.parametrize(
    "deep",
    [
        "[" * 200_000,
        "{a: " * 200_000,
        "- " * 200_000,
        f"'{']' * 300_000}': {'[' * 200_000}",
        "\n".join(" " * level + "a:" for level in range(1_200)),
    ],
    ids=["lists", "maps", "dashes", "closed in quotes first", "lines"],
)
def test_a_file_that_nests_too_deep_is_refused_and_ends_nothing(deep: str) -> None:
    with pytest.raises(CassetteError, match=r"a\.yaml:\d+: (this nests deeper than 1000 levels|this is not YAML)"):
        ours.loads(f"version: 1\nx:\n {deep}\n".encode(), "a.yaml")


def test_brackets_in_bodies_are_no_nesting() -> None:
    node = yaml_read.compose(f"interactions: []\nx: '{'[' * 5_000}'\n", "a.yaml")
    assert yaml_read.construct(node, "a.yaml") == {"interactions": [], "x": "[" * 5_000}
