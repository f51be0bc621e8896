"""The rules for any JSON API: what they take for tokens, times and secrets, and what they leave alone."""

import pytest

from replayer.core.message import instants
from replayer.core.naming import aliases, tokens
from replayer.core.rules import ruleset
from replayer.core.rules.generic import GENERIC_RULES, LENGTH, spelled
from replayer.core.secrets import Finding, scan, scrub

RULEBOOK = {
    key: [rule for rule in GENERIC_RULES.tokens if rule.key == key] for key in {r.key for r in GENERIC_RULES.tokens}
}
OPAQUE = "eyJpZCI6MTAwMn0="
POINTER = "Y3Vyc29yOnYyOpHOAAGZ2Q=="
UUID = "9b2f0d64-6d6a-4e1a-9c5b-0d6ef1a6c111"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def tokens_in(key: str, text: str) -> list[str]:
    """What the rules take for tokens in that field."""
    return [one.token for one in tokens.held(text, key, RULEBOOK)]


FIELDS = [
    ("next_cursor", OPAQUE, [OPAQUE]),
    ("nextCursor", OPAQUE, [OPAQUE]),
    ("NextToken", OPAQUE, [OPAQUE]),
    ("next_page_token", "CAUQAA==", ["CAUQAA=="]),
    ("endCursor", POINTER, [POINTER]),
    ("continuation_token", "a|b:2026-11-22T12:20:00Z", ["a|b:2026-11-22T12:20:00Z"]),
    ("after", POINTER, [POINTER]),
    ("etag", 'W/"5f-abc+def"', ["5f-abc+def"]),
    ("etag", '"12345678"', ["12345678"]),
    ("set-cookie", "session=abcdefgh1; Path=/; HttpOnly", ["abcdefgh1"]),
    ("access_token", JWT, [JWT]),
    ("apiKey", "key-0123456789abcdefghij", ["key-0123456789abcdefghij"]),
    ("x-next-cursor", OPAQUE, [OPAQUE]),
]


@pytest.mark.parametrize(("key", "text", "found"), FIELDS)
def test_a_token_is_found_in_the_field_that_is_known_to_hold_it(key: str, text: str, found: list[str]) -> None:
    assert tokens_in(key, text) == found


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("cursor", "pointer"),
        ("cursor", "not-allowed"),
        ("cursor", "12"),
        ("next_cursor", "https://api.test/items"),
        ("next_cursor", UUID),  # an id, and named as one
        ("after", "2026-11-22T12:20:00Z"),
        ("after", "1700000000000"),
        ("before", "Version 1 of the text"),
        ("before", "IN_PROGRESS"),
        ("token", "usd-coin"),
        ("secret", "no more than words here"),
        ("set-cookie", "theme=dark; Path=/"),
        ("description", POINTER),
    ],
)
def test_what_is_no_token_is_left_alone(key: str, text: str) -> None:
    assert tokens_in(key, text) == []


# What holds a time is called by what is as long.
LONG = [rule for rule in GENERIC_RULES.tokens if rule not in ruleset.DATED]


@pytest.mark.parametrize("rule", LONG, ids=lambda rule: rule.key)
def test_a_stand_in_is_found_as_a_token_again(rule: object) -> None:
    key, alphabet = getattr(rule, "key"), getattr(rule, "alphabet")  # noqa: B009 - parameters have no type
    around = {"etag": 'W/"{}"', "set-cookie": "a={}; Path=/"}.get(key, "{}")
    stand_in = aliases.plain_alias("-" * LENGTH, "origin", alphabet)
    assert tokens_in(key, around.format(stand_in)) == [stand_in]


def test_names_are_known_in_the_three_spellings_that_apis_have() -> None:
    assert spelled("created_at", "iat") == {"created_at", "createdAt", "CreatedAt", "iat", "Iat"}
    assert spelled("created_at", "updated_at") <= GENERIC_RULES.times


@pytest.mark.parametrize("key", sorted({rule.key for rule in GENERIC_RULES.tokens} & GENERIC_RULES.times))
def test_a_name_that_holds_times_and_tokens_has_no_value_that_is_both(key: str) -> None:
    for text in ("2026-11-22T12:20:00Z", "2026-11-22 12:20:00.123+02:00", "1795350000", "1795350000123"):
        assert instants.read_any(text, quoted=True)
        assert tokens_in(key, text) == []


SECRETS = [
    "sk_live_0123456789abcdef", "sk-proj-abcdefghijklmnopqrstuvwx", "sk-ant-api03-abcdefghijklmnopqrstuvwx",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345", "github_pat_11ABCDEFG0abcdefghij", "glpat-0123456789abcdefghij",
    "xoxb-123456789012-abcdefghij", "AKIAIOSFODNN7EXAMPLE", "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    "SG.0123456789abcdefghij.0123456789abcdefghij", JWT, "Bearer 0123456789abcdef", "whsec_0123456789",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_scrubbed_and_nothing_is_found_afterwards(secret: str) -> None:
    assert findings(f"It is {secret}")
    left = scrub(f"It is {secret}", GENERIC_RULES, frozenset())
    assert left.endswith("********")
    assert secret[-12:] not in left
    assert findings(left) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("https://ada:hunter2@db.test/x", "https://ada:*******@db.test/x"),
        (f"-----BEGIN PRIVATE KEY-----\n{'MIIEvQIB' * 5}\n", f"-----BEGIN PRIVATE KEY-----{'*' * 42}"),
    ],
)
def test_of_a_secret_only_its_prefix_is_left(text: str, left: str) -> None:
    assert scrub(text, GENERIC_RULES, frozenset()) == left
    assert findings(left) == []


def findings(text: str) -> list[Finding]:
    return list(scan(text, GENERIC_RULES, is_real=lambda _: False))


@pytest.mark.parametrize(
    "text",
    [
        UUID,
        "a task-force of skilled people",
        "https://api.test:8080/x@y",
        "eyJpZCI6MX0",
        "a bearer of news 12",
        "Basic plan",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrub(text, GENERIC_RULES, frozenset()) == text


def test_no_key_is_known_to_be_live() -> None:
    assert not GENERIC_RULES.live_keys.match("sk_live_1")
