"""Bodies of any type, their checksums and boundaries are the same in every fresh recording."""

import io
import json
import uuid
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from email import message_from_bytes
from gzip import compress
from hashlib import md5, sha1, sha256, sha512
from random import Random
from zlib import crc32

import pytest

from replayer.cassettes import dumps
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.naming import aliases
from replayer.core.rules import Rules
from replayer.core.secrets import decodings
from tests.core.build import INVOICE, ORIGIN, PROXY, answer, forwarded, req, session, tell, value_of

from .fresh import RULES, body_of, fresh, in_every_recording, minted

SUMS: dict[str, Callable[[bytes], str]] = {
    "Content-MD5": lambda raw: b64encode(md5(raw, usedforsecurity=False).digest()).decode(),
    "Digest": lambda raw: f"SHA-256={b64encode(sha256(raw).digest()).decode()}",
    "Content-Digest": lambda raw: f"sha-512=:{b64encode(sha512(raw).digest()).decode()}:",
    "x-amz-checksum-crc32": lambda raw: b64encode(crc32(raw).to_bytes(4, "big")).decode(),
    "X-Content-SHA": lambda raw: sha256(raw).hexdigest().upper(),
    "X-Checksum-Sha1": lambda raw: sha1(raw, usedforsecurity=False).hexdigest(),
    "ETag": lambda raw: f'"{sha256(raw).hexdigest()}"',
}


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
def test_a_checksum_of_the_body_is_right_for_the_body_that_is_recorded(rules: Rules) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        reply = answer({"id": minted(chance), "created": int(at)})
        sums = tuple((name, write(reply.body)) for name, write in SUMS.items())
        more = (("Content-CRC32C", "AAAAAA=="), ("Dropbox-Content-Hash", "0a" * 32), ("X-Git-Hash", "abc123ef"))
        yield req("POST /v1/files"), replace(reply, headers=(*reply.headers, *sums, *more))

    response = in_every_recording(made, rules).interactions[0].response
    headers = dict(response.headers)
    assert {name: headers[name] for name in SUMS} == {name: write(response.body) for name, write in SUMS.items()}
    assert not {"Content-CRC32C", "Dropbox-Content-Hash"} & {*headers}  # it was not right, nobody can say what is
    assert headers["X-Git-Hash"] == "abc123ef"


def test_a_client_is_shown_a_checksum_of_the_bytes_that_it_gets_and_asks_with_the_etag_of_the_recording() -> None:
    to = session()
    body = json.dumps({"id": INVOICE, "next": f"{ORIGIN}/b"}).encode()
    sums = tuple((name, write(body)) for name, write in SUMS.items())
    shown = tell(to, req("GET /b"), Response(200, "OK", (("Content-Type", "application/json"), *sums), body))
    assert PROXY.encode() in shown.body
    headers = dict(shown.headers)
    assert headers.pop("ETag")
    assert {name: headers[name] for name in SUMS if name != "ETag"} == {
        name: write(shown.body) for name, write in SUMS.items() if name != "ETag"
    }
    forward = forwarded(to, req("GET /b", b"", ("If-None-Match", dict(shown.headers)["ETag"])))
    assert forward.request.header("If-None-Match") == dict(sums)["ETag"]


def test_what_no_checksum_of_the_unpacked_body_can_be_is_left_out() -> None:
    """The body is shown unpacked: one of the packed bytes that nobody knows would be wrong for these."""
    wrong = ("Content-Digest", f"sha-256=:{b64encode(bytes(32)).decode()}:")
    packed = Response(200, "OK", (("Content-Encoding", "gzip"), wrong), compress(b'{"data": []}', mtime=0))
    assert tell(session(), req("GET /v1/x"), packed).header("content-digest") is None
    plain = Response(200, "OK", (wrong,), b'{"data": []}')  # nor does anybody know it here, but nothing was changed
    assert tell(session(), req("GET /v1/x"), plain).header("content-digest") == wrong[1]


def test_the_upstream_is_sent_a_checksum_of_the_bytes_that_it_gets() -> None:
    to = session()
    alias = value_of(tell(to, req("POST /v1/invoices"), answer({"id": INVOICE})))["id"]
    sent = req("POST /v1/x", {"invoice": alias})
    sums = tuple((name, write(sent.body)) for name, write in SUMS.items() if name != "ETag")
    forward = forwarded(to, replace(sent, headers=(*sent.headers, *sums)))
    assert INVOICE.encode() in forward.request.body
    headers = dict(forward.request.headers)
    assert {name: headers[name] for name, _ in sums} == {name: SUMS[name](forward.request.body) for name, _ in sums}


EXPORTS: dict[str, Callable[[list[str]], bytes]] = {
    "lines": lambda ids: "\n".join(ids).encode(),
    "json": lambda ids: json.dumps({"ids": ids}).encode(),
    "between zeros": lambda ids: b"\0\xff" + b"\0".join(one.encode() for one in ids) + b"\x01",
    "a part of many": lambda ids: b"\r\n".join((b"--x", b"", *(one.encode() for one in ids), b"--x--", b"")),
}


@pytest.mark.parametrize("media", ["application/octet-stream", "application/pdf", "multipart/mixed; boundary=x"])
@pytest.mark.parametrize("form", EXPORTS)
def test_an_id_is_named_in_a_body_of_any_type(media: str, form: str) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        ids = [minted(chance) for _ in range(3)]
        for one in ids[:2]:
            yield req("POST /v1/invoices"), answer({"id": one, "created": int(at)})
        yield req("GET /v1/export"), Response(200, "OK", (("Content-Type", media),), EXPORTS[form](ids))

    found = in_every_recording(made)
    exported = found.interactions[2].response.body
    assert all(body_of(found, number)["id"].encode() in exported for number in range(2))


@pytest.mark.parametrize("media", ["multipart/form-data; boundary=x", "application/octet-stream", "application/zip"])
def test_the_upstream_is_sent_its_own_ids_in_a_body_of_any_type(media: str) -> None:
    to = session()
    alias = value_of(tell(to, req("POST /v1/invoices"), answer({"id": INVOICE})))["id"]
    for form in EXPORTS.values():
        forward = forwarded(to, req("POST /v1/files", form([alias]), ("Content-Type", media)))
        assert forward.request.body == form([INVOICE])


def archive(ids: list[str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as made:
        made.writestr(zipfile.ZipInfo("all.csv"), "\n".join(ids), compress_type=method)
        for one in ids:
            made.writestr(zipfile.ZipInfo(f"{one}.json"), json.dumps({"id": one}), compress_type=method)
    return to.getvalue()


def members_of(raw: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(raw)) as made:
        assert made.testzip() is None
        return {name: made.read(name).decode() for name in made.namelist()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_id_is_named_in_the_members_of_an_archive_and_the_archive_is_whole(method: int) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        ids = [minted(chance) for _ in range(4)]
        yield req("POST /v1/invoices"), answer({"id": ids[0], "created": int(at)})
        raw = archive(ids, method)
        headers = (("Content-Type", "application/zip"), ("Content-MD5", SUMS["Content-MD5"](raw)))
        yield req("GET /v1/export"), Response(200, "OK", headers, raw)

    exported = in_every_recording(made).interactions[1].response
    members = members_of(exported.body)
    first, *others = members["all.csv"].split("\n")
    assert first == body_of(in_every_recording(made))["id"]
    assert len({first, *others}) == 4
    assert {f"{one}.json" for one in (first, *others)} == members.keys() - {"all.csv"}
    assert all(aliases.is_alias("prefixed", one) for one in others)
    assert exported.header("content-md5") == SUMS["Content-MD5"](exported.body)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_upstream_is_sent_its_own_ids_in_the_members_of_an_archive(method: int) -> None:
    to = session()
    alias = value_of(tell(to, req("POST /v1/invoices"), answer({"id": INVOICE})))["id"]
    forward = forwarded(to, req("POST /v1/files", archive([alias], method), ("Content-Type", "application/zip")))
    assert members_of(forward.request.body) == members_of(archive([INVOICE], method))


def test_what_is_still_real_in_the_members_of_an_archive_is_seen() -> None:
    to = session()
    tell(to, req("POST /v1/invoices"), answer({"id": INVOICE}))
    secret = "sk_" + f"test_{'4eC39HqLyjWDarjtT1zdp7dc'}"
    for real in (INVOICE, secret):
        text = "\n".join(text for _, text in decodings.hidden_texts((), archive([real])))
        assert [found.what for found in to.upstream.still_real(text, frozenset())]


BOUNDARIES: dict[str, Callable[[Random], str]] = {
    "of a batch": lambda chance: f"batch_{b64encode(chance.randbytes(9)).decode()}",
    "of Python's mail": lambda chance: f"{'=' * 15}{chance.randrange(10**19):019d}==",
    "of Java's": lambda chance: f"----=_Part_{chance.randrange(1, 200)}_{chance.randrange(1, 10**9)}.{chance.random()}",
    "of a UUID": lambda chance: f"changesetresponse_{uuid.UUID(int=chance.getrandbits(128), version=4)}",
    "of ranges": lambda chance: chance.randbytes(8).hex()[:13],
    "of a counter": lambda chance: f"{chance.randrange(10**4):020d}",
    "of nobody's chance": lambda _: "THIS_STRING_SEPARATES",
    "of one letter": lambda _: "x",
}


@pytest.mark.parametrize("how", BOUNDARIES)
@pytest.mark.parametrize("media", ['multipart/mixed; boundary="{}"; a=b', "Multipart/byteranges; Boundary={}"])
def test_a_boundary_that_its_server_draws_is_the_same_in_head_and_body_of_every_recording(media: str, how: str) -> None:
    """Parts in parts too; and the ids behind them, which stand elsewhere where a boundary is longer."""

    def made(_: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        outer, inner = (BOUNDARIES[how](chance) + name for name in ("", "+in"))
        lines = (f"--{outer}", f"Content-Type: multipart/mixed; boundary={inner}", "", f"--{inner}", "", minted(chance))
        text = "\r\n".join((*lines, f"--{inner}--", f"--{outer}", "", "--no-boundary", f"--{outer}--", ""))
        headers = (("Content-Type", media.format(outer)), ("Content-MD5", SUMS["Content-MD5"](text.encode())))
        yield req("GET /v1/parts"), Response(200, "OK", headers, text.encode())

    shown = in_every_recording(made).interactions[0].response
    parsed = message_from_bytes(
        b"Content-Type: " + (shown.header("content-type") or "").encode() + b"\n\n" + shown.body
    )
    assert [part.get_content_type() for part in parsed.walk()][1:] == ["multipart/mixed", "text/plain", "text/plain"]
    assert shown.header("content-md5") == SUMS["Content-MD5"](shown.body)


def test_a_boundary_that_a_client_is_shown_is_recorded_from_a_replay() -> None:
    answered = tell(
        session(), req("HEAD /x"), Response(200, "", (("Content-Type", "multipart/x; boundary=ab12cd34ef"),))
    )
    again = tell(session(), req("HEAD /x"), replace(answered))
    assert "ab12cd34ef" not in str(answered.headers)
    assert again.headers == answered.headers


PARTS = "multipart/form-data"
HEADS = (
    "Content-Disposition: form-data; name=a\r\nContent-Type: text/csv",
    "content-type: text/csv\r\ncontent-disposition: form-data; name=a\r\nContent-Length: 3",
)


def upload(boundary: str, what: bytes = b"a,b", *, media: str = f"{PARTS}; boundary={{}}", head: str = "") -> Request:
    head = f"{head}\r\n" if head else ""
    body = b"--%s\r\n%s\r\n%s\r\n--%s--\r\n" % (boundary.encode(), head.encode(), what, boundary.encode())
    return req("POST /v1/files", body, ("Content-Type", media.format(boundary)))


def typed(body: bytes, media: str = "application/json", *, name: str = "Content-Type") -> Request:
    return req("POST /v1/x", body, (name, media))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (upload("0b9f4c"), upload("71c2aa")),
        (req("POST /v1/x", {"a": 1, "b": 2}), req("POST /v1/x", {"b": 2, "a": 1})),
        (req("POST /v1/x", "a=x+y&b[]=1"), req("POST /v1/x", "b[0]=1&a=x%20y")),
        (req("GET /v1/x?a=1&b=%5B"), req("GET /v1/x?b=[&a=1")),
        (
            upload("0b9f4c", media=f'{PARTS}; boundary="{{}}"'),
            upload("71c2aa", media="Multipart/Form-Data; BOUNDARY={}"),
        ),
        (
            upload("aa", media="multipart/related; boundary={}"),
            upload("----b", media='multipart/related;boundary="{}"'),
        ),
        (upload("aa", head=HEADS[0]), upload("bb", head=HEADS[1])),
        (typed(b'{"a": "\\u00fc"}'), typed('{"a":"ü"}'.encode(), "Application/JSON; charset=UTF-8")),
        (typed(b'{"to":"https:\\/\\/x.io"}'), typed(b'{ "to": "https://x.io" }\n')),
        (typed(b'{"a":1}', name="content-type"), typed(b'{"a":1}')),
        (typed(b""), req("POST /v1/x")),
        (req("POST /v1/x"), typed(b"", "application/x-www-form-urlencoded")),
        (req("GET /v1/x", b"", ("range", "bytes=0-3")), req("GET /v1/x", b"", ("Range", "bytes=0-3"))),
        (req("GET /v1/%c3%bc/%7Eada"), req("GET /v1/%C3%BC/~ada")),
        (req("GET /v1/x?q=a+b&"), req("GET /v1/x?q=a%20b")),
    ],
)
def test_what_means_the_same_as_in_the_older_recording_keeps_its_bytes(first: Request, second: Request) -> None:
    def made(request: Request, seed: int = 1, over: Cassette | None = None) -> Cassette:
        return fresh(lambda at, _: [(request, answer({"created": int(at)}))], RULES[0], seed=seed, over=over)

    old = made(first)
    assert dumps(made(second, 2, old)) == dumps(old)


def test_what_means_something_else_does_not_and_a_secret_that_is_known_by_now_goes() -> None:
    def made(request: Request, over: Cassette | None = None) -> Cassette:
        return fresh(lambda *_: [(request, answer({}))], RULES[0], over=over)

    old = made(upload("0b9f4c"))
    assert dumps(made(upload("0b9f4c", b"a,c"), old)) != dumps(old)
    secret = "sk_test_" + "A" * 24
    leaky = replace(old.interactions[0], request=req("POST /v1/x", {"b": secret, "a": 1}))
    again = made(req("POST /v1/x", {"a": 1, "b": secret}), replace(old, interactions=(leaky,)))
    assert secret not in dumps(again)
