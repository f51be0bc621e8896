"""What stands where a credential would, and what is one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.naming import aliases
from replayer.core.secrets.guesses import is_placeholder


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "*", "********", "sk_test_********", "abcd***", "xxxx", "XXXX-XXXX-1234", "00000000", "aaaaaaaa",
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
        "ya29.a0AfH6SMBx", "abc.def",
    ],
)  # fmt: skip
def test_it_may_be_one(text: str) -> None:
    assert not is_placeholder(text)


@given(st.integers(0, 1 << 32), st.integers(16, 40))
def test_no_random_text_is_a_placeholder(seed: int, length: int) -> None:
    assert not is_placeholder("".join(Random(seed).choices(aliases.BASE62, k=length)))
