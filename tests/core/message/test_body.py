"""What a body is, and that decoding and encoding again gives the same bytes or is not done at all."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.bodies import BodyKind, decode_content, encode_content, parse_json, read
from replayer.core.message.wire import charset, is_text_type, media_type
from tests.core.build import FORM, JSON, json_texts


def typed(content_type: str) -> tuple[tuple[str, str], ...]:
    return (("content-type", content_type),)


@pytest.mark.parametrize(
    ("content_type", "raw", "kind"),
    [
        ("application/json", b'{"id": 1}', BodyKind.JSON),
        ("application/json", b"null", BodyKind.JSON),
        ("application/problem+json; charset=utf-8", b"[]", BodyKind.JSON),
        ("APPLICATION/JSON", b"12", BodyKind.JSON),
        ("text/plain", b' {"id": 1}', BodyKind.JSON),
        ("", b'[{"id": 1}]', BodyKind.JSON),
        ("application/json", b"nul", BodyKind.TEXT),
        ("application/json", b'{"a": NaN}', BodyKind.TEXT),
        ("application/json", b'{"a": -Infinity}', BodyKind.TEXT),
        ("application/json", b'\xef\xbb\xbf{"a": 1}', BodyKind.TEXT),
        ("application/json", b"\xff\xfe", BodyKind.BINARY),
        ("application/json", b"", BodyKind.EMPTY),
        ("application/x-www-form-urlencoded", b"a=1", BodyKind.FORM),
        ("application/x-www-form-urlencoded", b'{"a": 1}', BodyKind.FORM),
        ("multipart/form-data; boundary=x", b"--x--", BodyKind.MULTIPART),
        ("application/pdf", b'{"a": 1}', BodyKind.JSON),
        ("application/octet-stream", b"in_1\nin_2\n", BodyKind.TEXT),
        ("application/octet-stream", b"in_1\0in_2\0", BodyKind.BINARY),
        ("image/png", b"\x89PNG\r\n", BodyKind.BINARY),
        ("application/zip", b"PK\x03\x04", BodyKind.BINARY),
        ("text/event-stream", b"data: 1\n\n", BodyKind.TEXT),
        ("text/html", b"<p>", BodyKind.TEXT),
        ("text/html; charset=latin-1", b"\xfc", BodyKind.TEXT),
        ("text/html; charset=nonsense", b"a", BodyKind.BINARY),
        ("text/html; charset=base64", b"YQ==", BodyKind.BINARY),
        ("text/html; charset=unicode_escape", b"\\u0041", BodyKind.BINARY),
    ],
)
def test_a_body_is_what_its_type_says_if_it_really_is_that(content_type: str, raw: bytes, kind: BodyKind) -> None:
    assert read(typed(content_type), raw).kind is kind


@given(st.binary(), st.sampled_from(("utf-8", "latin-1", "utf-16", "utf-7", "ascii", "shift_jis")))
def test_a_body_that_was_read_as_text_is_the_same_bytes_when_encoded(raw: bytes, encoding: str) -> None:
    body = read(typed(f"text/plain; charset={encoding}"), raw)
    assert body.raw == raw
    assert body.text is None or body.encode(body.text) == raw


@given(json_texts())
def test_every_json_text_is_json(text: str) -> None:
    assert read(JSON, text.encode()).kind is BodyKind.JSON


def test_only_the_kinds_that_can_be_edited_have_a_text() -> None:
    assert read(typed("multipart/form-data"), b"a").text is None
    assert read(typed("image/png"), b"\0a").text is None
    assert read(FORM, b"").text is None
    assert read(FORM, b"a=1").text == "a=1"


def test_json_as_deep_as_a_hundred_levels_is_read_and_deeper_is_text() -> None:
    assert read(JSON, b"[" * 100 + b"]" * 100).kind is BodyKind.JSON
    assert read(JSON, b'{"a":' * 100 + b"1" + b"}" * 100).kind is BodyKind.JSON
    assert read(JSON, b"[" * 101 + b"]" * 101).kind is BodyKind.TEXT
    assert read(JSON, b"[" * 100_000 + b"]" * 100_000).kind is BodyKind.TEXT


def test_a_long_flat_list_is_not_deep() -> None:
    assert read(JSON, b"[" + b"[]," * 5_000 + b"{}]").kind is BodyKind.JSON
    assert read(JSON, b'["' + b"[" * 5_000 + b'"]').kind is BodyKind.JSON


def test_a_number_of_five_thousand_digits_is_text() -> None:
    assert read(JSON, b"1" * 5_000).kind is BodyKind.TEXT


@pytest.mark.parametrize("text", ["null", "0", "false", '""', "{}"])
def test_json_that_is_nothing_is_still_json(text: str) -> None:
    assert parse_json(text) is not None


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "[1,]", "NaN", "Infinity", "01", '"\n"', '{"a" 1}'])
def test_what_is_no_json_is_none(text: str) -> None:
    assert parse_json(text) is None


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html; Charset=UTF-16", "utf-16"),
        ('text/html;charset="latin-1"', "latin-1"),
        ("text/html; boundary=x; charset='ascii'", "ascii"),
        ("text/html; charset=", "utf-8"),
        ("text/html", "utf-8"),
    ],
)
def test_the_charset_is_named_after_the_type(content_type: str, expected: str) -> None:
    assert charset(typed(content_type)) == expected


def test_a_message_without_content_type_has_no_media_type_and_is_utf8() -> None:
    assert media_type(()) == ""
    assert charset(()) == "utf-8"


def test_what_is_text_is_known_by_its_type() -> None:
    assert is_text_type("text/csv")
    assert is_text_type("application/vnd.api+json")
    assert is_text_type("text/event-stream")
    assert not is_text_type("application/octet-stream")


@given(st.binary(), st.sampled_from(("", "identity", "gzip", "x-gzip", "deflate", "br", "gzip, br", " GZIP ,identity")))
def test_content_comes_back_from_every_encoding(raw: bytes, encoding: str) -> None:
    encoded = encode_content(raw, encoding)
    assert encoded is not None
    assert decode_content(encoded, encoding) == raw
    assert encode_content(raw, encoding) == encoded


def test_several_encodings_are_undone_last_one_first() -> None:
    outer = encode_content(gzip.compress(b"a"), "br")
    assert outer is not None
    assert decode_content(outer, "gzip, br") == b"a"
    assert decode_content(outer, "br, gzip") is None


def test_deflate_is_read_with_and_without_its_wrapper() -> None:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert decode_content(zlib.compress(b"abc"), "deflate") == b"abc"
    assert decode_content(bare.compress(b"abc") + bare.flush(), "deflate") == b"abc"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b'{"id": 1}', "gzip"),
        (b"", "gzip"),
        (b"", "deflate"),
        (b"\x1f\x8bjunk", "gzip"),
        (gzip.compress(b"abc" * 99, mtime=0)[:-4], "gzip"),
        (gzip.compress(b"abc", mtime=0) + b"junk", "gzip"),
        (b"not brotli", "br"),
        (b"abc", "zstd"),
        (gzip.compress(b"abc", mtime=0), "gzip, zstd"),
    ],
)
def test_what_is_not_in_its_encoding_is_none(raw: bytes, encoding: str) -> None:
    assert decode_content(raw, encoding) is None


def test_an_unknown_encoding_is_not_written() -> None:
    assert encode_content(b"abc", "zstd") is None
    assert encode_content(b"abc", "gzip, zstd") is None
