"""Bodies whose file does not show them: their texts are read all the same."""

import gzip
import zlib

import pytest

from replayer.core.message import bodies
from replayer.core.secrets.decodings import hidden_texts, texts_in

PDF = (("Content-Type", "application/pdf"),)


def said(body: bytes, *headers: tuple[str, str]) -> set[tuple[str, str]]:
    return set(hidden_texts((*PDF, *headers), body))


@pytest.mark.parametrize("body", [b"", b"plain text", "größer".encode()])
def test_what_its_file_shows_is_not_hidden(body: bytes) -> None:
    assert said(body) == set()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_an_encoded_body_is_read_decoded(encoding: str) -> None:
    body = bodies.encode_content(b"secret words", encoding)
    assert body is not None
    assert (encoding, "secret words") in said(body, ("Content-Encoding", encoding))


def test_a_compressed_body_is_found_without_its_header() -> None:
    assert ("gzip", "secret words") in said(gzip.compress(b"secret words"))
    assert ("gzip", "secret words") in said(b"%PDF\xff" + zlib.compress(b"secret words"))


def test_a_text_in_another_charset_is_read_in_it() -> None:
    body = "secret words".encode("utf-16-le")
    assert ("raw", "secret words") in hidden_texts((("Content-Type", "text/plain; charset=utf-16-le"),), body)


def test_a_plain_text_is_read_as_it_is_where_its_file_wraps_it() -> None:
    assert ("raw", "größere words") in texts_in((("Content-Type", "text/plain"),), "größere words".encode())
