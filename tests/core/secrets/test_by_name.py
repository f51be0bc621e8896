"""Credentials by their names, in messages that are read as they came."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable

import pytest

from replayer.core.message import Request
from replayer.core.rules import generic
from replayer.core.secrets.by_name import credentials_in, credentials_of, exposed
from tests.core.build import KEY, answer, req

RANDOM = "9f86d081884c7d659a2feaa0c55ad015"


@pytest.mark.parametrize("name", sorted(generic.CREDENTIALS))
def test_every_name_of_the_one_list_is_known_in_fields_parameters_and_headers(name: str) -> None:
    assert [one.name for one in exposed(req("POST /x", {name: RANDOM}))] == [name]
    assert [one.name for one in exposed(req(f"GET /x?{name}={RANDOM}"))] == [name]
    assert [one.name for one in exposed(req("GET /x", b"", (name, RANDOM)))] == [name]
    assert [one.name for one in exposed(answer({"data": [{name: RANDOM}]}))] == [name]


@pytest.mark.parametrize(
    "name",
    ["webhook_secret", "otpSecret", "db_password", "bot_access_token", "rsaPrivateKey", "X-Signing-Key", "AccountKey"],
)
def test_a_name_that_ends_like_one_of_them_is_one(name: str) -> None:
    assert [one.name for one in exposed(req("POST /x", {name: RANDOM}))] == [name]
    assert [one.name for one in exposed(answer({"data": {name: [RANDOM]}}))] == [name]
    assert [one.value for one in exposed(answer({"text": f"Endpoint=x;{name}={RANDOM};More=1"}))] == [RANDOM]
    assert list(exposed(answer({name: "required"}))) == []


@pytest.mark.parametrize("name", ["nextPageToken", "client_token", "idempotencyToken", "max_output_token", "syncToken"])
def test_a_token_that_only_says_where_or_which_opens_nothing(name: str) -> None:
    assert list(exposed(answer({name: RANDOM}))) == []


def test_an_element_with_attributes_has_its_name_too() -> None:
    soap = f"<a><wsse:Password Type='PasswordText'>{RANDOM}</wsse:Password></a>"
    assert [(one.name, one.value) for one in exposed(answer(soap))] == [("Password", RANDOM)]


def test_a_value_is_told_decoded_and_with_the_text_around_it() -> None:
    (one,) = exposed(req("GET /x", b"", ("Authorization", f"Token {RANDOM}")))
    assert (one.value, one.text) == (RANDOM, f"Token {RANDOM}")
    (one,) = exposed(req("POST /x", "password=a%20b%26c"))
    assert one.value == "a b&c"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"payload": json.dumps({"a": {"access_token": RANDOM}})}),
        json.dumps([json.dumps({"payload": json.dumps({"access_token": RANDOM})})]),
        f'{{"access_token":"{RANDOM}"}}\n{{"a":1}}\n',
        f'data: {{"access_token" : "{RANDOM}"}}\n\n',
        f"<r><access_token>{RANDOM}</access_token></r>",
        f"<r><n:access_token>{RANDOM}</n:access_token></r>",
    ],
)
def test_json_in_lines_or_in_a_string_has_names_and_so_has_xml(text: str) -> None:
    assert [(one.name, one.value) for one in exposed(answer(text))] == [("access_token", RANDOM)]
    assert list(exposed(answer(text.replace(RANDOM, "REDACTED")))) == []


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_body_that_is_packed_though_no_header_says_so_is_read(pack: Callable[[bytes], bytes]) -> None:
    body = pack(json.dumps({"access_token": RANDOM}).encode())
    assert [one.name for one in exposed(Request("POST", "/x", (), body))] == ["access_token"]
    assert list(exposed(Request("POST", "/x", (), body[:12]))) == []


def test_a_form_in_parts_has_names_too() -> None:
    part = f'--b\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n{RANDOM}\r\n'
    body = (part.format("file") + part.format("api_key") + "--b--\r\n").encode()
    found = exposed(Request("POST", "/x", (("Content-Type", "multipart/form-data; boundary=b"),), body))
    assert [one.name for one in found] == ["api_key"]


def test_a_form_that_nobody_called_one_is_read_as_one() -> None:
    assert [one.name for one in exposed(Request("POST", "/x", (), b"a=1&passwd=hunter2\n"))] == ["passwd"]
    assert list(exposed(Request("POST", "/x", (), b"the passwd=hunter2 stands in words"))) == []


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "latin-1"])
def test_a_body_is_read_in_its_charset(charset: str) -> None:
    body = f'{{"api_key": "{RANDOM}", "note": "ü"}}'.encode(charset)
    message = Request("POST", "/x", (("Content-Type", f"application/json; charset={charset}"),), body)
    assert [one.name for one in exposed(message)] == ["api_key"]


@pytest.mark.parametrize(
    "name", ["X-Api-Key", "apikey", "X-Auth-Token", "X-Amz-Security-Token", "PRIVATE-TOKEN", "X-Vault-Token", "Token"]
)
def test_what_a_known_header_carries_is_a_credential(name: str) -> None:
    assert credentials_of(((name, RANDOM), ("Accept", RANDOM[::-1]))) == {RANDOM}


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (f"lang=en-US; session={RANDOM}", {RANDOM}),
        ("session=abcdefgh; theme=dark", {"abcdefgh"}),
        ("session=abc", set()),
        (f"_ga={RANDOM}", set()),
    ],
)
def test_of_cookies_those_are_credentials_that_look_like_it(cookie: str, expected: set[str]) -> None:
    assert credentials_of((("Cookie", cookie),)) == expected


@pytest.mark.parametrize(
    "header",
    [
        ("X-Api-Key", "test-api-key"),
        ("X-Api-Key", "<token>"),
        ("X-CSRF-Token", RANDOM),
        ("Referer", f"https://x/?access_token={RANDOM}"),
    ],
)
def test_a_placeholder_and_what_shows_nobody_are_no_credentials(header: tuple[str, str]) -> None:
    assert credentials_of((header,)) == frozenset()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", set()),
        ("Bearer", set()),
        (f"Bearer {KEY}", {KEY}),
        (f"bearer   {KEY} ", {KEY}),
        (KEY, {KEY}),
        ("Bearer short", set()),
        (f'Digest username="ada", response="{RANDOM}"', {RANDOM, f'username="ada", response="{RANDOM}"'}),
        (f"Basic {KEY}", {KEY}),
        ("Basic pässwörter-1", {"pässwörter-1"}),
        ("Basic \udce9\udce9\udce9\udce9\udce9\udce9\udce9\udce9", {"\udce9" * 8}),
    ],
)
def test_the_token_of_a_header_is_a_credential(header: str, expected: set[str]) -> None:
    assert credentials_in(header) == expected


@pytest.mark.parametrize(
    ("plain", "inside"),
    [
        (f"{KEY}:", KEY),
        (f"{KEY}:x", KEY),
        ("somebody:pass:word-1", "pass:word-1"),
        ("jemand:pässwörter", "pässwörter"),
    ],
)
def test_of_basic_the_password_is_one_or_the_user_who_has_none(plain: str, inside: str) -> None:
    token = base64.b64encode(plain.encode()).decode()
    assert credentials_in(f"Basic {token}") == {token, inside}


@pytest.mark.parametrize("scheme", ["Bearer ", "", "Token token="])
def test_what_was_scrubbed_opens_nothing(scheme: str) -> None:
    assert credentials_in(f"{scheme}eyJ{'*' * 40}") == frozenset()
