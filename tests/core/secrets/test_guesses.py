"""What stands where a credential would, and what is one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.naming import aliases
from replayer.core.secrets.guesses import is_placeholder, opening_spans


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "*", "********", "sk_test_********", "abcd***", "00000000", "aaaaaaaa",
        "xxx", "xxxx", "XXXX-XXXX-1234", "xxx-api-key",
        "....", "sk_test_...", "ghp_\u2026", "<token>", "<API KEY>", "[REDACTED]", "(filtered)", "{token}",
        "{{ api_key }}", "${API_KEY}", "$API_KEY", "%TOKEN%", "__token__", "REDACTED", "redacted", "**REDACTED**",
        "DUMMY", "dummy-key-1", "FAKE_TOKEN_12", "fakeToken", "SCRUBBED", "FILTERED", "placeholder", "changeme",
        "test", "token", "test_token", "my-api-key", "YOUR_API_KEY_HERE", "yourApiKeyHere", "client_secret",
        "sk_test_any", "password", "password123", "None", "null", "undefined", "example", "'secret'", "deleted",
    ],
)  # fmt: skip
def test_it_only_stands_where_a_credential_would(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "hunter2", "correct horse battery staple", "s3cr3t!", "4eC39HqLyjWDarjtT1zdp7dc", "token-4711", "testing1234",
        "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2", "pässwörter", "$2b$12$abcdefghijk",
        "ya29.a0AfH6SMBx", "abc.def", "aB1OFhvBIg7GMXxxWO05", "k9Fake2Qm7RtZ81vLx0Pw3Bn5C", "h9Xxx2Qm7RtZ81vL",
        "https://files.test/links/aB1OFhvBIg7GMIWSAiVl5vQhXxxWO05AmI8f69Pw",
    ],
)  # fmt: skip
def test_it_may_be_one(text: str) -> None:
    assert not is_placeholder(text)


@given(st.integers(0, 1 << 32), st.integers(16, 40))
def test_no_random_text_is_a_placeholder(seed: int, length: int) -> None:
    assert not is_placeholder("".join(Random(seed).choices(aliases.BASE62, k=length)))


RANDOM = "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6E"


@pytest.mark.parametrize(
    "text",
    [
        f"https://x.io/reset/{RANDOM}",
        f"/files/dl/{RANDOM}",
        f'<a href="/verify/{RANDOM}">',
        f'{{"url": "/files/dl/{RANDOM}"}}',
        f"https://x.io/d/1#{RANDOM}",
    ],
)
def test_what_opens_a_link_is_found_also_within_its_own_host(text: str) -> None:
    assert [text[start:end] for start, end in opening_spans(text)] == [RANDOM]


def test_a_fragment_of_128_bits_opens_though_some_of_its_letters_are_joints() -> None:
    text = "https://send.x.io/download/7#-pQL8-tXP1_BL0-LEs2K7w"
    assert [text[start:end] for start, end in opening_spans(text)] == ["-pQL8-tXP1_BL0-LEs2K7w"]


@pytest.mark.parametrize("text", [f"/9j/4AAQ{RANDOM}/{RANDOM}", f"a/b/{RANDOM}", "https://x.io/#section-2-1-Overview"])
def test_base64_and_names_of_sections_open_nothing(text: str) -> None:
    assert list(opening_spans(text)) == []
