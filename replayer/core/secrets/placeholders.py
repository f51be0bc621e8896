"""Placeholders: what people and tools write where a credential was, or never was. A real one is none of these.

empty, ****, xxxx-xxxx, sk_test_...      masked: what is left tells nothing
<token>, ${API_KEY}, {{ key }}, [x]      a name in brackets
REDACTED, dummy-key-1, FAKE_TOKEN        a word that says so
test_token, my-api-key, password123      nothing but words for what should stand there
"""

import re

MASKED = re.compile(r"\*{3}|\.{3}$|\u2026|(?<![0-9A-Za-z])[xX]{4,}(?![0-9A-Za-z])")
NAMED = re.compile(r"<.*>|\[.*\]|\(.*\)|\{.*\}|\$\{.*\}|\$[A-Za-z_]\w*|%\w+%|__\w+__", re.DOTALL)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^\W0-9A-Za-z_]+")
COUNTER = 3  # digits that number a word; more of them may well be a secret

SAYING_SO = frozenset(
    {
        "redacted", "removed", "filtered", "hidden", "masked", "scrubbed", "sanitized", "sanitised", "censored",
        "deleted", "omitted", "dummy", "fake", "placeholder", "changeme", "replaceme", "notreal", "bogus", "invalid",
        "xxx",
    }
)  # fmt: skip
WORDS = frozenset(
    {
        "a", "access", "any", "api", "app", "auth", "authorization", "basic", "bearer", "client", "cookie",
        "credential", "csrf", "default", "example", "false", "foo", "bar", "baz", "for", "goes", "here", "id",
        "insert", "jwt", "key", "mock", "mocked", "my", "nil", "none", "null", "of", "pass", "passphrase", "passwd",
        "password", "pk", "private", "public", "pwd", "refresh", "sample", "secret", "session", "signature", "sk",
        "some", "something", "string", "test", "testing", "the", "this", "token", "true", "undefined", "unused",
        "user", "username", "value", "valid", "your",
    }
)  # fmt: skip


def is_placeholder(text: str) -> bool:
    """Whether a text stands only where a credential would."""
    plain = text.strip().strip("\"'")
    if len({character for character in plain if character.isalnum()}) < 2:
        return True
    if MASKED.search(plain) or NAMED.fullmatch(plain):
        return True
    words = [word.lower() for word in WORD.findall(plain)]
    return not SAYING_SO.isdisjoint(words) or all(_is_ordinary(word) for word in words)


def _is_ordinary(word: str) -> bool:
    return word in WORDS or (word.isdecimal() and len(word) <= COUNTER)
