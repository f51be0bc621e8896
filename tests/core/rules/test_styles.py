"""A style of pages from a user's table: what comes out, and what is said where the table is wrong."""

from typing import Any

import pytest

from replayer.core.rules.generic import GENERIC_RULES, SAID
from replayer.core.rules.ruleset import ByNumber, ByOffset, ByToken, Positional
from replayer.core.rules.table import STYLE_KEYS, extended, style_of
from replayer.errors import UsageError


@pytest.mark.parametrize(
    ("table", "style"),
    [
        ({"style": "token", "where": "after"}, ByToken(where=("after",), size=(), **SAID)),
        (
            {"style": "page-number", "where": ["p", "page"], "size": "n", "first": 1, "most": 50, "even": True},
            ByNumber(where=("p", "page"), size=("n",), first=1, most=50, even=True, **SAID),
        ),
        (
            {"style": "offset", "where": "from", "size": ["n"], "items": "a.rows", "short": True, "total": "all"},
            ByOffset(
                where=("from",), size=("n",), items="a.rows", short=True, **{**SAID, "total": SAID["total"] | {"all"}}
            ),
        ),
    ],
)
def test_a_table_tells_parameters_and_names_that_are_added(table: dict[str, Any], style: Positional) -> None:
    assert style_of("paging[0]", table) == style


def test_it_comes_before_those_that_are_there_and_its_parameters_are_no_part_of_a_list() -> None:
    rules = extended(GENERIC_RULES, {"paging": [{"style": "offset", "where": "from_row", "size": "rows"}]})
    assert rules.by_place[0].where == ("from_row",)
    assert rules.by_place[1:] == GENERIC_RULES.by_place
    assert {"from_row", "rows"} <= rules.cursors


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"wher": "p"}, "'wher' is not a key of rules.paging[0]. Did you mean 'where'?"),
        ({"zzz": "p"}, f"'zzz' is not a key of rules.paging[0]. There are: {', '.join(STYLE_KEYS)}."),
        ({"style": "ofset", "where": "p"}, "'ofset' is not a style of rules.paging[0]. Did you mean 'offset'?"),
        ({"style": "offset"}, "rules.paging[0].where must be the parameter that tells where a page begins."),
        (
            {"style": "offset", "where": 1},
            "rules.paging[0].where must be a name or a list of names, not 1.",
        ),
        ({"style": "offset", "where": "p", "most": True}, "rules.paging[0].most must be a whole number, not True."),
        ({"style": "offset", "where": "p", "even": 1}, "rules.paging[0].even must be true or false, not 1."),
        ({"style": "offset", "where": "p", "items": []}, "rules.paging[0].items must be a text, not []."),
    ],
)
def test_what_is_wrong_is_named_with_what_it_must_be(table: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        style_of("paging[0]", table)
    assert str(caught.value) == said


def test_what_is_no_list_of_tables_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        extended(GENERIC_RULES, {"paging": "page-number"})
    said = "rules.paging must be a list of tables like {style = ..., where = ...}, not 'page-number'."
    assert str(caught.value) == said
