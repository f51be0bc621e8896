"""Hostile input: twice of it is at most 2.3 times the work, and none takes a second. Each row once blocked the loop, or
could."""

import gzip
import io
import json
import random
import tracemalloc
import uuid
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from replayer.cassettes import Journal, entry, formats, scalar
from replayer.core.audit import view
from replayer.core.cassette import Cassette, Interaction
from replayer.core.clock import fields
from replayer.core.lists.envelope import envelope, sorted_headers
from replayer.core.message import Response, bodies, edit
from replayer.core.message.leaves import json_leaves
from replayer.core.modes import Mode
from replayer.core.naming import boundaries
from replayer.core.rules import registry
from replayer.core.rules.ruleset import ByToken
from replayer.core.secrets import decodings, scan, scrub
from replayer.errors import CassetteError
from replayer.proxy.slot import Slot
from tests.core.build import NOW, answer, as_form, forwarded, req, session
from tests.growth import AT_MOST, Work, growth, seconds
from tests.watchdog import slowness

LONGEST = 1.0  # seconds of processor time
LITTLE = 1 << 21  # bytes; what is held for nothing at all, and what a table takes more when it grows
BINARY = (("Content-Type", "application/octet-stream"),)


def uuids(count: int) -> list[str]:
    chance = random.Random(count)
    return [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(count)]


def decoded(raw: bytes, encoding: str) -> Work:
    return lambda: bodies.decode_content(raw, encoding)


def members(size: int) -> Work:
    return decoded(gzip.compress(b"x") + gzip.compress(b"", mtime=0) * (size // 20), "gzip")


def hidden_members(size: int) -> Work:
    raw = zlib.compress(b"hello there") * (size // 19)
    return lambda: decodings.hidden_texts(BINARY, raw)


def broken_members(size: int) -> Work:
    raw = (zlib.compress(b"hello there") + b"\0") * (size // 20)
    return lambda: decodings.hidden_texts(BINARY, raw)


def members_of_an_archive(size: int) -> Work:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        for number in range(size):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), b"hello there", zipfile.ZIP_DEFLATED)
    return lambda: edit.pieced_bytes(to.getvalue(), lambda piece: piece.text)


def boundaries_of_parts(size: int) -> Work:
    text = (
        "--"
        + " " * size
        + "!\r\nContent-Type: x; boundary=a"
        + "-" * size
        + "\r\n"
        + "--aaaaaaaaaaa\r\n" * (size // 10)
    )
    head = (("Content-Type", "multipart/mixed; boundary=aaaaaaaaaaa"),)
    return lambda: boundaries.named(head, text.encode(), str)


def long_key(size: int) -> Work:
    text = json.dumps({"k" * (size // 2): [{"a": number} for number in range(size // 24)]})
    return lambda: [leaf.place for leaf in json_leaves(text)]


def times_in_a_text(size: int) -> Work:
    text = "2026-11-22T12:20:00Z,1795350000;t=1795350000&" * (size // 45)
    return lambda: fields.in_text(text, registry.GENERIC_RULES, lambda _, count: count)


def keys_in_percent_encoding(size: int) -> Work:
    text = "ghp%5F0123456789abcdef%20" * (size // 25)
    return lambda: scrub(text, registry.GENERIC_RULES, frozenset())


def deep_keys(size: int) -> Work:
    text = ('{"' + "k" * 240 + '":') * 90 + json.dumps(list(range(size // 7))) + "}" * 90
    return lambda: sum(len(leaf.place) for leaf in json_leaves(text))  # kept, they would be page after page of memory


def white_space(size: int) -> Work:
    text = '{"a": 1' + " " * size + "}" + "\n" * size
    return lambda: json_leaves(text)


def inner_spaces(size: int) -> Work:
    text = "a" + " " * size + "b"
    return lambda: scalar.inline(text)


def numbered_items(size: int) -> Work:
    count = size // 14
    text = "&".join([f"a[{number}]=" for number in range(count, 2 * count)] + ["a[]="] * count)
    return lambda: bodies.tree(text)


def deep_form(size: int) -> Work:
    text = "&".join(f"a{number}{'[k]' * 90}=1&b=1" for number in range(size // 290))
    return lambda: bodies.tree(text)


def recorded_ids(size: int) -> Work:
    request, reply = req("POST /v1/x", {"data": uuids(size // 40)}), answer({"data": uuids(size // 40)})

    def work() -> None:
        to = session()
        to.record(forwarded(to, request).exchange, reply, NOW)

    return work


def segments(size: int) -> Work:
    request = req("POST /" + "/".join(["ab"] * (size // 3)))

    def work() -> None:
        to = session()
        exchange = forwarded(to, request).exchange
        to.recorder.keep(exchange, to.record(exchange, answer({"id": "x"}), NOW).interaction)

    return work


def long_value(size: int) -> Work:
    cassette = Cassette(
        tuple(Interaction(req(f"GET /v1/x?limit={'1' * 60}{number}"), answer({})) for number in range(size))
    )
    of, request = session(cassette, Mode.NONE), req(f"GET /v1/x?limit={'2' * (30 * size)}")
    of.decide(request, NOW)
    return lambda: of.decide(request, NOW)


def many_fields(size: int) -> Work:
    cassette = Cassette(tuple(Interaction(req(f"POST /v1/x?n={n}", form(n, size)), answer({})) for n in range(20)))
    of, request = session(cassette, Mode.NONE), req("POST /v1/x?n=z", form(99, size))
    of.decide(request, NOW)
    return lambda: of.decide(request, NOW)


def form(number: int, size: int) -> str:
    return "&".join(f"a{field}={number}{field}" for field in range(size))


def credentials(size: int) -> Work:
    known = frozenset(f"eyJhbGciOiJIUzI1NiJ9.{name}" for name in uuids(size))
    of, text = session().upstream.spaces.rules, "\n".join(f"  X-Trace: {name}" for name in uuids(2 * size))
    return lambda: list(scan(text, of, is_real=lambda _: False, credentials=known))


def parameters_of_a_link(size: int) -> Work:
    style = ByToken(where=("page",), size=("limit",))
    page = answer("[{}]", ("Link", "<a>" + ";   " * size + "!"), ("Link", "<" * 4 * size))
    return lambda: hints_in(page, style)


def hints_in(page: Response, style: ByToken) -> object:
    read = envelope(page, "[{}]", style)
    assert read is not None
    return read.with_headers(*sorted_headers([page.headers], style))


def spaces_before_bytes(size: int) -> Work:
    text = f"{' ' * size}!!binary x\n{'- ' * size}!!binary x\n"
    return lambda: view.apart(text)


def passwords(size: int) -> Work:
    """Each text of a form whose texts are all credentials."""
    names = uuids(size)
    known, again = frozenset(names), frozenset(names)
    return lambda: [scrub(name, registry.GENERIC_RULES, each) for each in (known, again) for name in names]


def aliased(size: int) -> Work:
    text = "a: &a [" + "x, " * size + "x]\nb: [" + "*a, " * size + "*a]\nversion: 1\ninteractions: []\n"

    def work() -> None:
        with pytest.raises(CassetteError, match="aliases mean far more"):
            formats.loads(text.encode(), "a.yaml")

    return work


def stubs_of_one_scenario(size: int) -> Work:
    """Each leads to the one before it in the file; every other waits for two states."""

    def pair(number: int) -> dict[str, Any]:
        path = [{"matcher": "exact", "value": f"/{number}"}]
        states = {"sequence:a": str(size - number)} | ({"sequence:b": "1"} if number % 2 else {})
        asked = {"path": path, "method": [{"matcher": "exact", "value": "GET"}], "query": {}, "requiresState": states}
        leads = {"sequence:a": str(size - number + 1)}
        return {"request": asked, "response": {"status": 200, "body": "", "transitionsState": leads}}

    pairs = [pair(number) for number in range(size)]
    text = json.dumps({"data": {"pairs": pairs}, "meta": {"schemaVersion": "v5.2"}}).encode()
    return lambda: formats.holding(text, "a.json").exchanges("https://x.io", lambda _: None)


# Of what, how much of it, and which part of that is enough to be compared with twice of it.
ROWS: dict[str, tuple[Callable[[int], Work], int, int]] = {
    "empty members of gzip": (members, 400_000, 2),
    "members of zlib in a binary": (hidden_members, 400_000, 2),
    "streams of zlib that break off": (broken_members, 400_000, 1),
    "members of an archive": (members_of_an_archive, 3_000, 2),
    "boundaries of an answer in parts": (boundaries_of_parts, 200_000, 2),
    "times in a text and in its links": (times_in_a_text, 180_000, 2),
    "keys in percent-encoding": (keys_in_percent_encoding, 200_000, 2),
    "a long key over many leaves": (long_key, 240_000, 2),
    "long keys one inside another": (deep_keys, 60_000, 1),
    "white space in JSON": (white_space, 1_000_000, 1),
    "spaces inside of a header": (inner_spaces, 400_000, 1),
    "items of a form without a number behind those that have one": (numbered_items, 120_000, 2),
    "keys of a form with many steps": (deep_form, 150_000, 3),
    "ids that a client minted": (recorded_ids, 40_000, 3),
    "segments of a path": (segments, 90_000, 3),
    "a miss with a long value": (long_value, 1_000, 1),
    "a miss with many fields": (many_fields, 1_500, 3),
    "credentials": (credentials, 1_000, 2),
    "parameters of a link in a header": (parameters_of_a_link, 100_000, 1),
    "spaces before bytes in a cassette": (spaces_before_bytes, 100_000, 1),
    "passwords in one form": (passwords, 1_500, 1),
    "aliases of YAML": (aliased, 1_000, 1),
    "stubs of one scenario": (stubs_of_one_scenario, 600, 1),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS)
def test_twice_the_input_is_about_twice_the_work(row: str) -> None:
    made, size, part = ROWS[row]
    assert growth(made, size // part) <= AT_MOST


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS)
def test_four_times_the_input_takes_no_second(row: str) -> None:
    made, size, _ = ROWS[row]
    work = made(4 * size)
    # As an idle core counts: where another program shares it, each needs more for the same.
    assert any(seconds(work, times=1) / slowness() < LONGEST for _ in range(3))


# What is held for more than one message, and is bounded otherwise: a tree of the credentials that a session has seen.
HELD = {"passwords in one form"}


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS)
def test_twice_the_input_holds_about_twice_as_much_and_no_more_than_is_bounded(row: str) -> None:
    made, size, part = ROWS[row]
    small, large = peak(made(size // part // 2)), peak(made(size // part))
    assert large <= AT_MOST * max(small, LITTLE)
    assert row in HELD or part * large < 3 * bodies.LONGEST


def peak(work: Work) -> int:
    """The bytes that are held at most while that is done, besides its input."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_session_ends_as_fast_for_each_of_many_credentials(tmp_path: Path) -> None:
    def kept(count: int) -> Work:
        path = tmp_path / f"{count}.yaml"
        to = session()
        slot = Slot(path, to, Journal.open(path))
        for number in range(count):
            key = uuids(number + 1)[-1]
            exchange = forwarded(to, req(f"GET /v1/x/{number}", b"", ("X-Api-Key", key)), NOW + number).exchange
            taken = to.record(exchange, answer({"number": number}), NOW + number)
            assert slot.keep(exchange, taken, entry(taken.interaction)) == ""
        return lambda: slot._safe()  # noqa: SLF001 - what grew with the square; ejecting ends the session

    assert growth(kept, 200) <= AT_MOST


@cache  # a bomb takes long to make, and most of these are one inside another
def packed(size: int, encoding: str) -> bytes:
    """So many zeros, packed by whoever is in a hurry."""
    inner, _, outer = encoding.rpartition(", ")
    raw = packed(size, inner) if inner else bytes(size)
    match outer:
        case "gzip":
            return gzip.compress(raw, 1)
        case "deflate":
            return zlib.compress(raw, 1)
        case _:
            return bytes(brotli.compress(raw, quality=1))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "br, gzip", "deflate, br"])
def test_what_unpacks_beyond_the_bound_is_not_read_in_any_encoding(encoding: str) -> None:
    exact, more = (packed(bodies.LONGEST + extra, encoding) for extra in (0, 1))
    assert bodies.decode_content(exact, encoding) == bytes(bodies.LONGEST)
    assert bodies.decode_content(more, encoding) is None
    assert bodies.is_beyond(more, encoding, bodies.LONGEST)
    assert not bodies.is_beyond(exact, encoding, bodies.LONGEST)
    assert seconds(decoded(packed(64 << 20, encoding), encoding), times=1) < LONGEST


def test_more_encodings_than_anybody_uses_are_not_undone() -> None:
    raw = bodies.encode_content(b"a", ", ".join(["gzip"] * 5))
    assert raw is not None
    assert bodies.decode_content(raw, ", ".join(["gzip"] * 5)) is None
    assert bodies.decode_content(raw, ", ".join(["gzip"] * 4)) is not None


def test_a_message_reads_no_further_than_its_limit() -> None:
    packed = gzip.compress(b'{"a": "' + b"x" * 1000 + b'"}')
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    assert Response(200, "", headers, packed, 1009).json is not None
    beyond = Response(200, "", headers, packed, 1008)
    assert beyond.json is None
    assert beyond.is_beyond_limit


def test_a_form_reads_alike_whether_its_numbers_are_in_use_or_not() -> None:
    assert bodies.tree(as_form("a[1]=x&a[]=y&a[3]=z&a[]=w").text or "") == {"a": ["x", "y", "z", "w"]}
    assert bodies.tree("a[2]=x&a[]=y&a[]=z") == {"a": ["y", "x", "z"]}


def test_a_cassette_that_is_read_is_bounded_as_live_messages_are() -> None:
    cassette = Cassette((Interaction(req("GET /x"), answer({})),))
    (one,) = cassette.within(7).interactions
    assert (one.request.limit, one.response.limit) == (7, 7)
    assert cassette.within(bodies.LONGEST).interactions[0] is cassette.interactions[0]
