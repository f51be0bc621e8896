"""Rules extended by a table: what comes out, and what is said where the table is wrong."""

import re
from typing import Any

import pytest

from replayer.core.naming import tokens
from replayer.core.rules.generic import GENERIC_RULES
from replayer.core.rules.registry import RULES, Rules
from replayer.core.rules.stripe import INVOICE_RULES
from replayer.core.rules.table import KEYS, extended
from replayer.core.secrets import scrub
from replayer.errors import UsageError


@pytest.mark.parametrize("rules", RULES.values(), ids=lambda rules: rules.name)
@pytest.mark.parametrize("table", [{}, {"base": "generic"}])
def test_a_table_with_nothing_in_it_changes_nothing(rules: Rules, table: dict[str, Any]) -> None:
    assert extended(rules, table) is rules


def test_equal_tables_make_one_value_which_what_is_known_by_it_is_shared_by() -> None:
    one, other = (dict[str, list[Any]](times=["seen"], secrets=[{"field": "pw"}]) for _ in range(2))
    assert extended(GENERIC_RULES, one) is extended(GENERIC_RULES, other)
    assert extended(GENERIC_RULES, {**one, "times": ["met"]}) is not extended(GENERIC_RULES, one)
    assert extended(INVOICE_RULES, one).name == INVOICE_RULES.name
    one["times"].append("met")  # a table that is changed is another one
    assert "met" in extended(GENERIC_RULES, one).times
    assert "met" not in extended(GENERIC_RULES, other).times


def test_names_are_added_to_those_that_are_there() -> None:
    rules = extended(
        INVOICE_RULES,
        {
            "times": ["seen"],
            "born": ["made"],
            "moving": ["touched"],
            "cursors": ("from_row",),
            "unordered": {"tags"},
            "noise_headers": ["X-Mood"],
            "matched_headers": ["X-Tenant", "Stripe-Version"],
            "kept_headers": ["X-Why"],
        },
    )
    assert rules.times == INVOICE_RULES.times | {"seen", "made", "touched"}
    assert rules.born == ("made", *INVOICE_RULES.born)
    assert rules.moving == INVOICE_RULES.moving | {"touched"}
    assert rules.cursors == INVOICE_RULES.cursors | {"from_row"}
    assert rules.unordered == INVOICE_RULES.unordered | {"tags"}
    assert rules.noise_headers == INVOICE_RULES.noise_headers | {"x-mood"}
    assert rules.matched_headers == (*INVOICE_RULES.matched_headers, "x-tenant")
    assert rules.kept_headers == (*INVOICE_RULES.kept_headers, "x-why")
    assert (rules.name, rules.tokens, rules.secrets) == ("invoice", INVOICE_RULES.tokens, INVOICE_RULES.secrets)


@pytest.mark.parametrize(
    ("table", "text", "token"),
    [
        ({"field": "ticket"}, "T 1", "T 1"),
        ({"field": "ticket", "pattern": "T-[0-9]+"}, "see T-12!", "T-12"),
        ({"field": "ticket", "pattern": "T-(?P<token>[0-9]+)"}, "see T-12!", "12"),
        ({"field": "ticket", "pattern": "(?i)t-(1|2)+"}, "see T-12!", "T-12"),
        ({"field": "ticket", "pattern": "T-[0-9]+"}, "see T-x", None),
    ],
)
def test_a_token_is_found_by_its_pattern_or_is_all_of_its_field(
    table: dict[str, Any], text: str, token: str | None
) -> None:
    rules = extended(GENERIC_RULES, {"tokens": [table]})
    assert [one.token for one in tokens.held(text, "ticket", {"ticket": rules.tokens[:1]})] == (
        [token] if token else []
    )
    assert rules.tokens[0].owner == ""
    assert rules.tokens[1:] == GENERIC_RULES.tokens


def test_a_token_may_be_named_by_its_owner() -> None:
    (rule, *_) = extended(GENERIC_RULES, {"tokens": [{"field": "ticket", "owner": "user.id"}]}).tokens
    assert (rule.key, rule.name, rule.owner) == ("ticket", "ticket", "user.id")


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("our-[a-z]+", "it is ********!"),
        ("(?P<keep>our-)[a-z]+", "it is our-****!"),
        ("(?i)OUR-[A-Z]+", "it is ********!"),
        ("our-(?:k|e|y|s)+", "it is ********!"),
    ],
)
def test_a_secret_becomes_asterisks_but_for_what_is_kept(pattern: str, left: str) -> None:
    rules = extended(GENERIC_RULES, {"secrets": [{"name": "our key", "pattern": pattern}]})
    assert scrub("it is our-keys!", rules, frozenset()) == left
    assert rules.secrets[0].name == "our key"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"tims": []}, "'tims' is not a key of rules. Did you mean 'times'?"),
        ({"zzz": 1}, f"'zzz' is not a key of rules. There are: {', '.join(KEYS)}."),
        ({"times": "seen"}, "rules.times must be a list of names, not 'seen'."),
        ({"times": [1]}, "rules.times must be a list of names, not [1]."),
        ({"noise_headers": [""]}, "rules.noise_headers must be a list of names, not ['']."),
        ({"tokens": ["x"]}, "rules.tokens must be a list of tables like {field = ..., pattern = ...}, not ['x']."),
        ({"secrets": {}}, "rules.secrets must be a list of tables like {name = ..., pattern = ...}, not {}."),
        ({"tokens": [{}, {"feild": "x"}]}, "'feild' is not a key of rules.tokens[1]. Did you mean 'field'?"),
        ({"tokens": [{"pattern": "x"}]}, "rules.tokens[0].field must be a text."),
        ({"tokens": [{"field": ""}]}, "rules.tokens[0].field must be a text, not ''."),
        ({"tokens": [{"field": "x", "owner": 1}]}, "rules.tokens[0].owner must be a text, not 1."),
        ({"secrets": [{"name": "x"}]}, "rules.secrets[0].pattern must be a text."),
        ({"secrets": [{"pattern": "x"}]}, "rules.secrets[0].name must be a text."),
        (
            {"tokens": [{"field": "x", "pattern": "x*"}]},
            "rules.tokens[0].pattern must not match an empty text, as 'x*' does.",
        ),
        (
            {"secrets": [{"name": "x", "pattern": r"\S+"}]},
            "rules.secrets[0].pattern must not match asterisks: a secret becomes these.",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_it_must_be(table: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        extended(GENERIC_RULES, table)
    assert str(caught.value) == said


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?P<token>a"])
def test_a_pattern_that_is_none_is_named(pattern: str) -> None:
    with pytest.raises(UsageError) as caught:
        extended(GENERIC_RULES, {"tokens": [{"field": "x", "pattern": pattern}]})
    said = f"rules.tokens[0].pattern must be a regular expression, not {pattern!r}: "
    assert re.fullmatch(re.escape(said) + r".+\.", str(caught.value))
