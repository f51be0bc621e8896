"""A page that was not recorded, written like those that were."""

from tests.core.lists.test_by_position import (
    agree,
    answered,
    api_of,
    cassette,
    page_of,
    recorded,
    replay,
    target_of,
    walk,
    why,
)

ONLY = "how the API writes such a page was not recorded"


def test_what_is_left_out_at_one_end_is_not_known_from_the_other() -> None:
    """The first pages alone do not tell which members and links those behind them have."""
    api = api_of("json:api")
    session = replay(cassette([recorded(api, page_of(api, 9, start)) for start in (None, 0)]))
    assert agree(session, api, 3, None) is not None
    assert agree(session, api, 3, 0) is not None
    assert why(session, page_of(api, 3, 3)) == ONLY


def test_links_are_written_as_for_a_request_with_the_same_parameters() -> None:
    api = api_of("github")
    session = replay(walk(api, 7))
    assert why(session, target_of(api.dialect, 3, 1)) == ONLY
    assert why(session, "/things?page=2&per_page=3") == ONLY
    assert answered(session, "/things?per_page=3&page=2") is not None


def test_an_envelope_is_written_like_one_at_the_same_end_of_the_list() -> None:
    api = api_of("json:api")
    session = replay(walk(api, 7))
    for start in (0, 6, 18):
        text = agree(session, api, 3, start or None)
        assert text is not None
        assert ("next" in text) == (start < 18)


def test_a_number_in_a_header_and_one_in_quotes_keep_their_form() -> None:
    api = api_of("gitlab")
    found = answered(replay(walk(api, 7)), page_of(api, 5, 15))
    assert found is not None
    assert (found[0]["X-Page"], found[0]["X-Next-Page"], found[0]["X-Total-Pages"]) == ("4", "", "4")
