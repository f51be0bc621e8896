"""Scrubbing takes secrets out for ever; the scan afterwards trusts nobody."""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.rules import registry
from replayer.core.secrets.scrub import scan, scrub
from tests.core.build import CUSTOMER, INVOICE, KEY

CASSETTES = Path(__file__).parents[3] / "cassettes"
letters = "0123456789abcdefXYZ"
keys = st.builds(
    lambda kind, mode, rest: f"{kind}_{mode}_{rest}",
    st.sampled_from(("sk", "rk", "pk", "ek")),
    st.sampled_from(("test", "live", "org")),
    st.text(letters, min_size=4, max_size=30).filter(lambda rest: not re.fullmatch("X{8,}", rest))
    | st.text(letters, min_size=4, max_size=4).map(lambda end: "****" + end),
)
secrets = (
    keys
    | st.text(letters + "+/", min_size=8, max_size=30).map(lambda rest: f"whsec_{rest}")
    | st.text(letters, min_size=15, max_size=30).map(lambda rest: f"Bearer {rest}1")
    | st.just("Basic c2tfdGVzdF9GQUtFMDAwMDAwMDA6")
)
real_ids = st.text(letters, min_size=14, max_size=30).map(lambda body: f"in_1{body}")
between = st.text(st.sampled_from(" \n\t\"'{}:,;<>()?&"), min_size=1, max_size=3)
texts = st.lists(st.tuples(between, secrets | st.text(letters, max_size=7)), max_size=5).map(
    lambda parts: "".join(mark + part for mark, part in parts) + "\n"
)


def scrubbed(text: str, *credentials: str) -> str:
    return scrub(text, registry.INVOICE_RULES, frozenset(credentials))


def found(text: str, *credentials: str, real: str = "") -> list[str]:
    """What the scan finds, as its user reads it."""
    findings = scan(
        text, registry.INVOICE_RULES, is_real=lambda piece: piece == real, credentials=frozenset(credentials)
    )
    return [str(finding) for finding in findings]


@given(texts)
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    assert scrubbed(scrubbed(text)) == scrubbed(text)


@given(texts)
def test_a_scan_finds_nothing_in_what_was_scrubbed(text: str) -> None:
    assert found(scrubbed(text)) == []


@given(texts)
def test_scrubbing_keeps_the_length_and_the_lines(text: str) -> None:
    assert [len(line) for line in scrubbed(text).split("\n")] == [len(line) for line in text.split("\n")]


@given(between, secrets, between)
def test_a_secret_is_found_and_taken_out_wherever_it_stands(before: str, secret: str, after: str) -> None:
    text = before + secret + after
    assert found(text)
    assert secret not in scrubbed(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"key {KEY}.", "key sk_test_************************."),
        ("sk_test_***********************only", "sk_test_***************************"),
        ("rk_live_abcd", "rk_live_****"),
        ("sk_org_abcd1234", "sk_org_********"),
        ("whsec_abcDEF12+/=", "whsec_***********"),
        ("Authorization: Bearer abcdefghijklmno1", "Authorization: Bearer ****************"),
    ],
)
def test_a_secret_keeps_the_prefix_that_tells_its_kind(text: str, expected: str) -> None:
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sk_test_...",
        "use a test key (sk_test_)",
        "sk_test_abc",  # shorter than any key
        "task_test_abcdefgh1",
        "Bearer of good news from afar",
        'Bearer realm="Stripe"',
        "Basic authentication is required",
        "token authentication-is-great-2024-really",
        "Bearer tokens/and/other-stories-2024",
        "sk_test_************************",
        "whsec_ 1",
        CUSTOMER,
        INVOICE,
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrubbed(text) == text
    assert found(text) == []


def test_what_only_shows_when_decoded_is_scrubbed_and_all_else_stays_as_it_is_spelled() -> None:
    text = "/a%20b/bot110201543%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/x%2Fy"
    assert scrub(text, registry.GENERIC_RULES, frozenset()) == f"/a%20b/bot110201543%3A{'*' * 35}/x%2Fy"
    text = "next=ghp%5F0123456789abcdef0123%26"
    assert scrub(text, registry.GENERIC_RULES, frozenset()) == f"next=ghp%5F{'*' * 20}%26"


def test_a_credential_is_taken_out_in_any_form_the_longest_first() -> None:
    assert scrubbed("my-password and my-password-2", "my-password", "my-password-2") == f"{'*' * 11} and {'*' * 13}"


RANDOM = "9f86d081884c7d659a2feaa0c55ad015"


def test_a_finding_tells_its_line_and_its_encoding_and_never_the_value() -> None:
    inside = base64.b64encode(f"key={KEY};".encode()).decode()
    text = f"a\n{KEY}\n{quote('sk_test', safe='')}%5FFAKE1234567\n{inside}\n"
    assert found(text) == ["line 2: API key", "line 3: API key (percent-encoded)", "line 4: API key (base64-encoded)"]


@pytest.mark.parametrize("rest", ["", ".", "..", "ü", "\n"])
def test_base64_of_an_id_is_found_however_it_is_padded_or_spelled(rest: str) -> None:
    plain = f"{rest}{INVOICE},{rest}".encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for text in (encode(plain).decode(), encode(plain).decode().rstrip("=")):
            (finding,) = found(f'"page": "{text}"', real=INVOICE)
            assert finding == "line 1: an id of the upstream (in_...) (base64-encoded)"


def test_an_id_in_percent_encoding_is_found() -> None:
    encoded = INVOICE.replace("_", "%5F")
    assert found(f"next={encoded}", real=INVOICE) == ["line 1: an id of the upstream (in_...) (percent-encoded)"]


def test_a_real_id_is_found_only_as_a_whole() -> None:
    assert found(f"a {INVOICE} b", real=INVOICE) == ["line 1: an id of the upstream (in_...)"]
    assert found(f"a {INVOICE}0 b", real=INVOICE) == []
    assert found(f"a x{INVOICE} b", real=INVOICE) == []


def test_a_real_word_and_a_real_uuid_are_named_by_their_shapes() -> None:
    assert found("A1B2C3D4-0001", real="A1B2C3D4") == ["line 1: an id of the upstream (word_...)"]


def test_a_credential_is_found_in_base64_too() -> None:
    assert found("pass:word-1", "pass:word-1") == ["line 1: the client's credential"]
    basic = base64.b64encode(b"somebody:pass:word-1").decode()
    assert found(f"x {basic}", "pass:word-1") == ["line 1: the client's credential (base64-encoded)"]


ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "slashes": lambda text: json.dumps(f'"{text}"').replace("/", "\\/"),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "quote_plus": quote_plus,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "url-safe": lambda text: base64.urlsafe_b64encode(f"?{text}".encode()).decode().rstrip("="),
    "gzip": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
    "deflate": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
}
encodings = st.sampled_from(sorted(ENCODINGS))


@given(between, secrets, between, encodings, encodings)
def test_a_secret_is_found_in_any_two_encodings_one_inside_the_other(
    before: str, secret: str, after: str, inner: str, outer: str
) -> None:
    assert found(f"a: {ENCODINGS[outer](ENCODINGS[inner](before + secret + after))}")


@given(real_ids, encodings, encodings)
def test_an_id_is_found_in_any_two_encodings_one_inside_the_other(real: str, inner: str, outer: str) -> None:
    packed = ENCODINGS[outer](ENCODINGS[inner](f"see {real}."))
    assert found(f"next={packed}&x", real=real)


@given(st.text(letters + ":?ü ", min_size=8, max_size=20), encodings, encodings)
def test_a_credential_is_found_in_any_two_encodings_one_inside_the_other(
    credential: str, inner: str, outer: str
) -> None:
    assert found(ENCODINGS[outer](ENCODINGS[inner](f"({credential})")), credential)


@given(st.text("äöü", min_size=8, max_size=12), st.binary(max_size=3))
def test_a_credential_of_no_ascii_is_found_in_base64_at_any_offset(credential: str, before: bytes) -> None:
    text = base64.b64encode(before + credential.encode() + b"!").decode()
    assert found(f"x/{text}", credential) == ["line 1: the client's credential (base64-encoded)"]


def test_nested_encodings_are_named_from_the_outside_in() -> None:
    packed = base64.b64encode(f"key={KEY};".encode()).decode()
    assert found("".join(f"%{ord(letter):02x}" for letter in packed)) == ["line 1: API key (percent, base64-encoded)"]


@pytest.mark.parametrize("name", ["life", "paging", "refusals"])
def test_the_recorded_examples_have_no_finding(name: str) -> None:
    assert found((CASSETTES / f"{name}.yaml").read_text("utf-8")) == []


@given(st.binary(max_size=200), st.integers(0, 99))
def test_what_means_nothing_is_no_finding(noise: bytes, number: int) -> None:
    text = base64.b64encode(noise).decode()
    assert found(f'"{text}" /v1/invoices/{noise.hex()}?{quote(noise)} {number}', real=INVOICE) == []


def test_a_clean_text_has_no_findings() -> None:
    assert list(scan(f"{INVOICE} {CUSTOMER}", registry.INVOICE_RULES, is_real=lambda _: False)) == []


WORDS = st.text("ab", min_size=1, max_size=30)


@given(st.frozensets(WORDS, max_size=20), st.lists(WORDS, max_size=6))
def test_many_credentials_are_scrubbed_as_few_are(credentials: frozenset[str], words: list[str]) -> None:
    text = " ".join([*words, *(word.encode().hex() for word in words)])
    plain = text
    for credential in sorted(credentials, key=lambda each: (-len(each), each)):
        for spelling in (credential, credential.encode().hex(), credential.encode().hex().upper()):
            plain = plain.replace(spelling, "*" * len(spelling))
    assert scrub(text, registry.GENERIC_RULES, credentials) == plain
