"""Keys whose form tells what they are: each set of rules knows them, and finds nothing where they were scrubbed."""

import pytest

from replayer.core.rules.registry import RULES, Rules
from replayer.core.secrets import scan, scrub

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
FORMS = [
    ("API key", "sk-proj-abcdefghijklmnopqrstuvwx"),
    ("GitHub token", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ("GitHub token", "ghs_0123456789abcdefghij"),
    ("GitHub token", "github_pat_11ABCDEFG0abcdefghij"),
    ("GitLab token", "glpat-0123456789abcdefghij"),
    ("GitLab token", "glrt-0123456789abcdefghij"),
    ("Slack token", "xoxb-123456789012-abcdefghij"),
    ("webhook link", "https://hooks.slack.com/services/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"),
    ("webhook link", f"https://discord.com/api/webhooks/123456789012345678/{'q8Zk3Lm0' * 8}"),
    ("AWS access key", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS access key", "ASIAIOSFODNN7EXAMPLE"),
    ("Google API key", "AIzaSyA0123456789abcdefghijklmnopqrstuv"),
    ("SendGrid key", "SG.0123456789abcdefghij.0123456789abcdefghij"),
    ("npm token", "npm_0123456789abcdefghij0123456789abcdef"),
    ("webhook secret", "whsec_0123456789"),
    ("JSON web token", JWT),
    ("bearer token", "Bearer 0123456789abcdef"),
    ("bearer token", "Basic 0123456789abcdef"),
    ("bearer token", "token 0123456789abcdef"),
    ("password in a link", "postgres://ada:hunter22@db.test"),
    ("private key", f"-----BEGIN RSA PRIVATE KEY-----{'MIIEvQIB' * 5}"),
    ("API key", "sk_test_0123456789abcdef"),
    ("API key", "rk_live_0123456789abcdef"),
    ("publishable key", "pk_test_0123456789abcdef"),
]
EACH = pytest.mark.parametrize("rules", RULES.values(), ids=lambda rules: rules.name)


@EACH
@pytest.mark.parametrize(("name", "key"), FORMS)
def test_every_set_of_rules_knows_it(name: str, key: str, rules: Rules) -> None:
    text = f"It is {key}, you know"
    assert [finding.what for finding in scan(text, rules, is_real=lambda _: False)] == [name]
    left = scrub(text, rules, frozenset())
    assert "********" in left
    assert len(left) == len(text)
    assert list(scan(left, rules, is_real=lambda _: False)) == []


@EACH
@pytest.mark.parametrize(
    "text",
    [
        "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "rk_live_XXXXXXXXXXXX.",
        "http://user:password@example.com/",
        "https://user:pass@host/",
        "https://<user>:<token>@github.com/x.git",
        "postgres://u:${DB_PASSWORD}@db/x",
    ],
)
def test_what_manuals_write_for_a_key_is_none_and_stays(text: str, rules: Rules) -> None:
    assert list(scan(text, rules, is_real=lambda _: False)) == []
    assert scrub(text, rules, frozenset()) == text


@EACH
@pytest.mark.parametrize(
    "text", ["sk_test_xxxxxxxxxx9xxxx", "https://user:password1@host/", "https://user:<hunter2@host/"]
)
def test_what_only_begins_like_that_may_be_one(text: str, rules: Rules) -> None:
    assert len(list(scan(text, rules, is_real=lambda _: False))) == 1


@EACH
@pytest.mark.parametrize("between", ["\n      ", "\n\n      ", "\r\n"])
def test_a_private_key_is_found_in_the_lines_below_its_head(between: str, rules: Rules) -> None:
    text = f"a: 1\nb: |\n  -----BEGIN PRIVATE KEY-----{between}{'MIIEvQIB' * 8}{between}{'MIIEvQIB' * 8}\n"
    assert [str(finding) for finding in scan(text, rules, is_real=lambda _: False)] == ["line 3: private key"]
    head = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\nMIIEvQIB\n"
    assert list(scan(head, rules, is_real=lambda _: False)) == []


@EACH
def test_each_of_them_has_a_sign_and_each_sign_a_key(rules: Rules) -> None:
    for secret in rules.secrets:
        assert secret.signs
        assert any(secret.pattern.search(key) and any(sign in key for sign in secret.signs) for _, key in FORMS)
