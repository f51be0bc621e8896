"""A page taken apart, and put together again around other objects."""

import time

import pytest

from replayer.core.lists.envelope import Envelope, envelope, rewritten, sorted_headers
from replayer.core.message import Response
from replayer.core.rules import ruleset
from tests.core.build import answer

STYLE = ruleset.ByToken(where=("page",), size=("limit",))


def page(text: str, *headers: tuple[str, str], style: ruleset.ByToken = STYLE) -> Envelope | None:
    response: Response = answer(text, *headers)
    read = envelope(response, text, style)
    return read.with_headers(*sorted_headers([response.headers], style)) if read else None


def told(text: str, *headers: tuple[str, str]) -> dict[str, object]:
    found = page(text, *headers)
    assert found is not None
    return {".".join(path): hint.value for path, hint in found.hints.items()}


def test_all_around_the_objects_is_told_by_its_keys() -> None:
    text = '{"meta": {"page": {"number": 2}, "more": true}, "rows": [{"id": 1, "x": [2]}], "next": null}'
    assert told(text) == {"meta.page.number": 2, "meta.more": True, "next": None}


def test_headers_tell_of_pages_too() -> None:
    link = '</things?page=3>; rel="next", </things?page=9>; title="x"; rel=last'
    headers = [("Link", link), ("X-Total-Count", "20"), ("X-RateLimit-Limit", "60"), ("Server", "x")]
    assert told("[]", *headers) == {"link.next": "/things?page=3", "link.last": "/things?page=9", "x-total-count": "20"}


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("<a>" + ";   " * 12 + "!", {}),
        ("<a>;   x;   y ; rel=next", {"link.next": "a"}),
        ("<a> ;rel = next; title=x , <b>; rel=prev", {"link.next": "a", "link.prev": "b"}),
        ("<<a>; rel=next", {"link.next": "a"}),
    ],
)
def test_each_parameter_of_a_link_is_read_once(link: str, leads: dict[str, object]) -> None:
    begun = time.process_time()
    assert told("[]", ("Link", link)) == leads
    assert time.process_time() - begun < 0.1  # a dozen semicolons that may be read in more than one way take seconds


@pytest.mark.parametrize(
    "text", ['{"id": 1}', '{"a": [{}], "b": [{}]}', '{"a": ["x"]}', '["x"]', '"x"', '{"a": [1, {}]}']
)
def test_what_holds_no_one_list_of_objects_is_no_page(text: str) -> None:
    assert page(text) is None


def test_a_rule_names_the_array_and_the_marks() -> None:
    style = ruleset.ByToken(where=("page",), size=("limit",), items="a.b", marks=(("object", "list"),))
    assert page('{"object": "list", "a": {"b": [{}]}, "c": [{}]}', style=style) is not None
    assert page('{"object": "other", "a": {"b": [{}]}}', style=style) is None
    assert page('{"object": "list", "a": [{}]}', style=style) is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('[{"a": 1}]', '[{"a": 1}, {"a": 1}]'),
        ('[{"a":1,"b":2}]', '[{"a":1,"b":2},{"a":1,"b":2}]'),
        ('[\n  {\n    "a": 1\n  }\n]\n', '[\n  {\n    "a": 1\n  },\n  {\n    "a": 1\n  }\n]\n'),
        ('{"n": 1, "d": [{"a": 1}]}', '{"n": 1, "d": [{"a": 1}, {"a": 1}]}'),
    ],
)
def test_other_objects_stand_in_it_as_its_own_did(text: str, other: str) -> None:
    found = page(text)
    assert found is not None
    assert found.around([item.text for item in found.listing.items] * 2, [])[1] == other


def test_hints_of_body_and_headers_are_written_in_their_places() -> None:
    found = page('{"n": 1, "d": []}', ("X-Total", "7"), ("Link", '<a>; rel="next", <b>; rel="last"'))
    assert found is not None
    by_name = {hint.name: hint for hint in found.hints.values()}
    changes = [(by_name["n"], "12"), (by_name["x-total"], "8"), (by_name["last"], "ccc")]
    headers, text = found.around([], changes)
    assert text == '{"n": 12, "d": []}'
    assert dict(headers)["X-Total"] == "8"
    assert dict(headers)["Link"] == '<a>; rel="next", <ccc>; rel="last"'


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('{"d": [], "n": "/a?b&ü"}', '"/c?d&ö"'),
        ('{"d": [], "n": "/a?b&\\u00fc"}', '"/c?d&\\u00f6"'),
        ('{"d": [], "n": "\\/a?b&x"}', '"\\/c?d&\\u00f6"'),
        ('{"d": [], "n": "/a?b\\u0026ü"}', '"/c?d\\u0026ö"'),
    ],
)
def test_a_text_is_escaped_as_the_one_before_it(text: str, other: str) -> None:
    found = page(text)
    assert found is not None
    assert rewritten(found.hints[("n",)], "/c?d&ö") == other


def test_a_text_that_nobody_else_would_escape_so_is_left() -> None:
    found = page('{"d": [], "n": "\\u0061"}')
    assert found is not None
    assert rewritten(found.hints[("n",)], "b") is None


def test_an_array_that_holds_no_objects_is_told_like_any_other_member() -> None:
    found = page('{"schemas": ["urn:a"], "rows": [{"id": 1}]}')
    assert found is not None
    assert [item.value for item in found.listing.items] == [{"id": 1}]
    assert found.hints[("schemas",)].text == '["urn:a"]'
