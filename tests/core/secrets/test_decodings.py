"""Readings: what a text says once its encodings are undone. Two witnesses: what went in, and that nothing hangs."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.secrets.decodings import DEEPEST, LONG, WIDEST, in_bytes, inflated, readings

SECRET = "key=sk_test_FAKE0000_q?;"
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=40)


def escaped(text: str) -> str:
    """Every character as JSON may write it."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


def said(text: str) -> dict[str, str]:
    """The readings of a text by their encodings."""
    return dict(readings(text))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (escaped(SECRET), "JSON"),
        (json.dumps(f'"{SECRET}"'), "JSON"),
        ("\\x73\\x6b", "JSON"),
        (quote(SECRET), "percent"),
        (quote_plus(f"{SECRET} %"), "percent"),
        (quote(quote(SECRET)), "percent, percent"),
        (escaped(escaped(SECRET)), "JSON, JSON"),
        (base64.b64encode(SECRET.encode()).decode(), "base64"),
        (base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="), "base64"),
        (base64.b64encode(base64.b64encode(SECRET.encode())).decode(), "base64, base64"),
        (base64.b64encode(gzip.compress(SECRET.encode(), mtime=0)).decode(), "base64, gzip"),
        (base64.b64encode(zlib.compress(SECRET.encode())).decode(), "base64, gzip"),
        ("".join(f"%{byte:02x}" for byte in base64.b64encode(SECRET.encode())), "percent, base64"),
    ],
)
def test_an_encoding_is_undone_and_named(text: str, encoding: str) -> None:
    assert encoding in said(text)


def test_a_form_spells_its_spaces_as_plus() -> None:
    assert said("Bearer+abc") == {"form": "Bearer abc"}


def test_two_escaped_halves_are_one_character() -> None:
    assert said(r"\ud83d\ude00")["JSON"] == "\N{GRINNING FACE}"


@given(texts, st.binary(max_size=3), st.sampled_from(("", "a", "ab/", "x_", "-")), st.booleans())
def test_base64_is_read_at_any_offset_of_a_run_and_of_what_it_encodes(
    text: str, before: bytes, glued: str, url_safe: bool
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    run = glued + encode(before + text.encode()).decode()
    assert any(text in plain for _, plain in readings(run))


@given(texts.filter(lambda text: len(text) > 10), st.integers(0, 5), st.integers(0, 99))
def test_in_a_long_run_what_is_printable_is_read(text: str, cut: int, seed: int) -> None:
    noise = Random(seed).randbytes(3 * LONG) + b"\xff"
    run = base64.b64encode(noise + text.encode() + noise[::-1]).decode()[cut:]
    assert any(text in plain for _, plain in readings(run))


@pytest.mark.long
@pytest.mark.parametrize("pack", [bytes, base64.b64encode, gzip.compress], ids=["base64", "twice", "gzip"])
def test_what_stands_beside_a_picture_is_read_like_all_else(pack: Callable[[bytes], bytes]) -> None:
    picture = base64.b64encode(Random(1).randbytes(2 << 20)).decode()
    packed = base64.b64encode(pack(SECRET.encode())).decode()
    for line in (f'"picture": "{picture}", "key": "{packed}"', f'"key": "{packed}", "picture": "{picture}"'):
        assert any(SECRET in plain for _, plain in readings(line))


def test_base64_in_lines_is_read_over_their_ends() -> None:
    lines = base64.encodebytes(b"." * 50 + SECRET.encode()).decode()
    assert any(SECRET in plain for _, plain in readings(json.dumps(lines)))


@pytest.mark.parametrize(
    "text",
    ["", "active", "automatically_finalizes_at", "in_1UI6qsHIBYZYyePrZqHAeqdY", "d8921036-c00c-4a31-903e-9e4d7ac2f112"],
)
def test_most_texts_have_no_other_reading(text: str) -> None:
    assert said(text) == {}


def test_what_is_packed_too_often_is_not_unpacked() -> None:
    text = SECRET
    for _ in range(DEEPEST + 1):
        text = base64.b64encode(text.encode()).decode()
    assert max(len(names.split(", ")) for names in said(text)) == DEEPEST


def test_a_bomb_gives_no_more_than_the_bound() -> None:
    bomb = gzip.compress(SECRET.encode() + b"\0" * (3 * WIDEST))
    assert inflated(bomb).startswith(SECRET.encode())
    assert len(inflated(bomb)) == WIDEST
    in_text = base64.b64encode(bomb).decode()
    assert sum(map(len, said(f"{in_text} " * 20).values())) <= WIDEST + 4 * 21 * len(in_text)
    assert sum(len(text) for _, text in in_bytes(bomb * 5)) <= 2 * WIDEST


def test_a_stream_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    cut = gzip.compress(SECRET.encode() * 2)[:-6]
    assert inflated(cut).startswith(SECRET.encode())
    assert inflated(b"\x1f\x8b\x08 none") == b""


def test_of_a_body_that_is_no_text_the_letters_and_what_is_compressed_in_it_are_read() -> None:
    packed = gzip.compress(b"first") + gzip.compress(b"second")
    found = list(in_bytes(b"\xff\xfein_12345\xfe%PDF" + packed + b"\xff"))
    assert found[0] == ("raw", "in_12345")
    assert ("gzip", "firstsecond") in found
    assert ("gzip", "deep") in list(in_bytes(b"xx" + zlib.compress(b"deep")))
