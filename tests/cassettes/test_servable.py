"""After it, no header says anything of the body that is not so."""

import gzip
import zlib

import pytest

from replayer.cassettes.formats.decoded import servable
from replayer.core.message import Response, wire

BODY = b'{"id": "in_1"}'
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def served(body: bytes, encoding: str, *more: tuple[str, str]) -> tuple[wire.Headers, bytes]:
    response = servable(Response(200, "OK", (("Content-Encoding", encoding), *more), body), "GET")
    return response.headers, response.body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0), "GZIP"),
        (zlib.compress(BODY), "deflate"),
        (gzip.compress(zlib.compress(BODY), mtime=0), "deflate, gzip"),
        (BODY, "gzip"),
        (BODY, "deflate"),
        (BODY, "br"),
        (BODY, "zstd"),
        (BODY, "identity"),
    ],
)
def test_a_body_is_served_plain_however_it_was_recorded(body: bytes, encoding: str) -> None:
    assert served(body, encoding) == ((), BODY)


def test_a_picture_that_was_decoded_already_stays_a_picture() -> None:
    assert served(PNG, "gzip") == ((), PNG)


@pytest.mark.parametrize(("body", "encoding"), [(b"\x28\xb5\x2f\xfd\x00", "zstd"), (b"\x1f\x8b\x08\xff", "gzip")])
def test_what_cannot_be_decoded_stays_with_its_header(body: bytes, encoding: str) -> None:
    assert served(body, encoding) == ((("Content-Encoding", encoding),), body)


def test_a_length_goes_where_it_is_wrong_and_stays_where_it_is_right() -> None:
    length = ("Content-Length", str(len(BODY)))
    assert served(BODY, "gzip", length) == ((length,), BODY)
    assert served(BODY, "gzip", ("content-length", "40"), ("X", "1")) == ((("X", "1"),), BODY)


def test_chunks_are_nothing_of_a_recording() -> None:
    assert served(BODY, "gzip", ("transfer-encoding", "chunked")) == ((), BODY)


@pytest.mark.parametrize(("status", "method"), [(200, "HEAD"), (304, "GET")])
def test_headers_of_a_body_that_was_never_sent_stay(status: int, method: str) -> None:
    headers = (("Content-Encoding", "gzip"), ("Content-Length", "40"))
    assert servable(Response(status, "", headers), method).headers == headers
