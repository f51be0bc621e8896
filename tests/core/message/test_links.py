"""Absolute links: one API, three origins, in every spelling."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.wire import Links, moved

OLD, NEW = "https://api.test", "http://127.0.0.1:4000"
LINKS = Links(NEW, OLD, "https://sandbox.api.test:8443")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://api.test", "http://127.0.0.1:4000"),
        ("https://api.test/v1/invoices?a=b#c", "http://127.0.0.1:4000/v1/invoices?a=b#c"),
        ("see https://api.test.", "see http://127.0.0.1:4000."),
        ('<https://api.test/x>; rel="next", <https://api.test/y>', None),
        ("https:\\/\\/api.test\\/v1", "http:\\/\\/127.0.0.1:4000\\/v1"),
        ("to=https%3A%2F%2Fapi.test%2Fv1", "to=http%3A%2F%2F127.0.0.1%3A4000%2Fv1"),
    ],
)
def test_a_link_to_the_old_origin_leads_to_the_new_one(before: str, after: str | None) -> None:
    assert moved(before, OLD, NEW) == (before.replace(OLD, NEW) if after is None else after)


@pytest.mark.parametrize(
    "text",
    [
        "https://api.test.evil/v1",
        "https://api.testing/v1",
        "https://api.test:8443/v1",
        "https://api.test-2/v1",
        "https://api.test@evil/v1",
        "http://api.test/v1",
        "https://www.api.test/v1",
        "api.test",
        "https%3A%2F%2Fapi.test%3A8443%2Fv1",
        "https%3A%2F%2Fapi.test%3a8443%2Fv1",
        "https%3A%2F%2Fapi.test%40evil%2Fv1",
        "https:\\/\\/api.test.evil\\/v1",
    ],
)
def test_a_link_to_another_origin_stays(text: str) -> None:
    assert moved(text, OLD, NEW) == text


@given(st.text("abc/:.?=&%\\ \n", max_size=20), st.text("/?#\"'\n ", max_size=3))
def test_a_link_comes_back_from_where_it_was_moved(before: str, after: str) -> None:
    text = f"{before}{OLD}{after}"
    assert moved(moved(text, OLD, NEW), NEW, OLD) == text


@given(st.text(max_size=30))
def test_a_text_without_a_link_stays(text: str) -> None:
    assert moved(text, OLD, NEW) == text


@given(st.text("abc/?=& ", max_size=20))
def test_a_quoted_link_means_the_link_that_was_moved(path: str) -> None:
    assert unquote(moved(quote(f"{OLD}/{path}", safe=""), OLD, NEW)) == f"{NEW}/{path}"


def test_a_link_from_nowhere_or_to_the_same_place_stays() -> None:
    assert moved("https://api.test/", "", NEW) == "https://api.test/"
    assert moved("https://api.test/", OLD, OLD) == "https://api.test/"


def test_each_side_has_its_own_origin() -> None:
    assert LINKS.to_client("https://api.test/v1") == "http://127.0.0.1:4000/v1"
    assert LINKS.from_client("http://127.0.0.1:4000/v1") == "https://api.test/v1"
    assert LINKS.to_upstream("https://api.test/v1") == "https://sandbox.api.test:8443/v1"
    assert LINKS.from_upstream("https://sandbox.api.test:8443/v1") == "https://api.test/v1"


@pytest.mark.parametrize("spelling", [NEW, NEW.replace("/", "\\/"), quote(NEW, safe="")])
def test_a_text_that_may_hold_a_link_to_the_proxy_is_known_in_any_spelling(spelling: str) -> None:
    assert LINKS.names_client(f"a={spelling}/x")
    assert not LINKS.names_client("a=https://api.test/x")
    assert not Links("", OLD, OLD).names_client(f"a={spelling}/x")


SPELLINGS = (
    "https://api.test/b",
    "http://api.test/b",
    "//api.test/b",
    "https://api.test:443/b",
    "HTTPS://API.Test/b",
    "//API.TEST:443/b",
    "https://ada@api.test/b",
    "https://api.test./b",
    "https://ada:hunter2@api.test/b",
    "//%61da@api.test/b",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_upstreams_origin_leads_through_the_proxy(spelling: str) -> None:
    links = Links(NEW, OLD, OLD)
    assert links.to_client(links.from_upstream(spelling)) == f"{NEW}/b"
    assert links.to_client(f'{{"next":"{spelling}","at":1}}') == f'{{"next":"{NEW}/b","at":1}}'
    escaped, plain = spelling.replace("/", "\\/"), f"{NEW}/b".replace("/", "\\/")
    assert links.to_client(f'{{"next":"{escaped}"}}') == f'{{"next":"{plain}"}}'
    assert links.to_client(f"/go?to={quote(spelling, safe='')}") == f"/go?to={quote(f'{NEW}/b', safe='')}"


@pytest.mark.parametrize("slash", ["&#x2F;", "&#47;", "&sol;", "\\u002F", "\\/", "\\\\\\/", "\\x2f", "\\\\u002f"])
@pytest.mark.parametrize("colon", [":", "&#x3A;", "&#58;", "\\u003a", "\\x3a"])
def test_so_it_does_however_html_and_json_write_a_slash(slash: str, colon: str) -> None:
    links = Links(NEW, OLD, OLD)
    text = f'<a href="{OLD}/b">, `//api.test/c`'.replace("/", slash).replace(":", colon)
    assert links.to_client(text) == f'<a href="{NEW}/b">, `{NEW}/c`'.replace("/", slash)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<url>//api.test/b</url>", "<url>{}/b</url>"),
        ("a|//api.test/b|c", "a|{}/b|c"),
        ("[b](//api.test/b)", "[b]({}/b)"),
        ("srcset='//api.test/a 1x, //api.test/b 2x'", "srcset='{}/a 1x, {}/b 2x'"),
        ("0;url=//api.test/b", "0;url={}/b"),
        ("https:%2F%2Fapi.test%2Fb", "http%3A%2F%2F127.0.0.1%3A4000%2Fb"),
        ("wss://api.test/socket", "ws://127.0.0.1:4000/socket"),
    ],
)
def test_so_it_does_wherever_it_stands(before: str, after: str) -> None:
    assert Links(NEW, OLD, OLD).to_client(before) == after.format(NEW, NEW)


def test_so_it_does_in_the_query_of_a_link_in_a_query_and_comes_back() -> None:
    links = Links(NEW, OLD, OLD)
    inner = quote(f"{OLD}/b", safe="")
    text = f"https://login.other.test/?go={quote(f'/a?to={inner}', safe='')}"
    old, new = (quote(quote(one, safe=""), safe="") for one in (OLD, NEW))
    assert links.to_client(text) == text.replace(old, new)
    assert links.from_client(links.to_client(text)) == text


def test_so_it_does_where_only_ascii_can_be() -> None:
    links = Links(NEW, "https://bücher.test", "https://bücher.test")
    assert links.to_client("https://xn--bcher-kva.test/b //BÜCHER.test/c") == f"{NEW}/b {NEW}/c"


@pytest.mark.parametrize("spelling", ["https://127.0.0.1:9000/b", "http://127.0.0.1:9000/b", "//127.0.0.1:9000/b"])
def test_so_it_does_where_the_upstream_has_a_port_of_its_own(spelling: str) -> None:
    assert Links(NEW, OLD, "http://127.0.0.1:9000").from_upstream(spelling) == f"{OLD}/b"


@pytest.mark.parametrize(
    "text",
    [
        "//api.test.evil/b",
        "https://x.test//api.test/b",
        "https://api.test:8443/b",
        "https://www.api.test/b",
        "ftp://api.test/b",
        "//api.testing",
        "//user@api.test.evil",
        "https://ada:b@c@api.test/",
        "https%253A%252F%252Fapi.test%253A8443%252Fb",
        "mailto:ada@api.test",
    ],
)
def test_a_link_to_somebody_else_stays_in_every_spelling(text: str) -> None:
    assert Links(NEW, OLD, OLD).to_client(text) == text
