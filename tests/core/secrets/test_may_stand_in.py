"""Asked of a whole message, hardly a leaf of it has to be looked at for what its name shows to be a credential."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replayer.core.message import Request, leaves
from replayer.core.secrets.by_name import exposed, leaf_spans, may_hold, may_stand_in
from replayer.core.secrets.guesses import SHORT
from tests.core.build import answer

SECRET = "Hk3jX9qLm2Zt7Rw5Vb8N"
LONG = " and so on" * (SHORT // 10 + 1)  # in one line
names = st.sampled_from(
    ["access_token", "api_key", "apiKey", "X-Api-Key", "client-secret", "password", "dbPassword", "sig", "id", "cookie"]
)
keys = names | st.sampled_from(["name", "key", "field", "value", "content", "data", "note"])
values = st.sampled_from(
    [SECRET, "api_key", "12", f"token={SECRET}", f"https://x.test/?sig={SECRET}", f"pwd: {SECRET}"]
)
trees = st.recursive(values, lambda inner: st.dictionaries(keys, inner, max_size=3) | st.lists(inner, max_size=2))


@given(st.dictionaries(keys, trees, min_size=1, max_size=4), st.booleans())
@example({"name": "api_key", "value": SECRET}, True)
@example({"data": {"access_token": {"value": SECRET}}}, True)
@example({"note": json.dumps({"access_token": SECRET})}, False)
def test_where_a_leaf_holds_a_credential_by_name_the_whole_line_may(tree: dict[str, object], spaced: bool) -> None:
    text = json.dumps({"note": LONG, **tree}, separators=(", ", ": ") if spaced else (",", ":"))
    holding = [leaf for leaf in leaves.json_leaves(text) if leaf_spans(leaf)]
    assert may_stand_in(text) or not holding
    assert all(map(may_hold, holding))


@pytest.mark.parametrize(
    "text",
    [
        f"<a {LONG!r}><access_token kind='x'>{SECRET}</access_token></a>",
        f"a={'b' * SHORT}&user%5Bpassword%5D={SECRET}",
        f"a={'b' * SHORT}&user[api_key]={SECRET}",
        f"<p>{LONG} &quot;access_token&quot;: &quot;{SECRET}&quot;</p>",
        f"{LONG} {{'access_token' => '{SECRET}'}}",
        f'Content-Disposition: form-data; {LONG}; name="api_key"\r\n\r\n{SECRET}',
    ],
)
def test_a_name_shows_in_a_long_line_of_any_format(text: str) -> None:
    assert len(text) > SHORT
    assert may_stand_in(text)


def test_what_chance_wrote_is_no_name_in_a_long_line() -> None:
    text = json.dumps({"data": [f"in_1{'A' * 12}sig{'b' * 12}", f"in_1{'A' * 12}Pwd{'b' * 12}"] * 20})
    assert len(text) > SHORT
    assert not may_stand_in(text)
    assert list(exposed(answer({"data": text}))) == []


def test_of_a_line_that_is_nothing_but_names_it_is_not_asked_for_ever() -> None:
    assert may_stand_in("token " * 2000)


@pytest.mark.parametrize("name", ["Authorization-Token", "cookie"])
def test_a_query_of_one_long_line_shows_its_names_too(name: str) -> None:
    assert may_stand_in(Request("GET", f"/x?a={'b' * SHORT}&{name}={SECRET}").query)
