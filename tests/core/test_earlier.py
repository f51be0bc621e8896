"""Earlier names: found by their place in the answer that was recorded before."""

from replayer.core.earlier import Earlier, spot
from replayer.core.interaction import Response
from replayer.core.places import json_leaves
from replayer.core.recognisers import ids
from tests.core.build import CUSTOMER, INVOICE, answer


def test_a_name_is_found_where_it_stands_in_the_body_and_in_the_headers() -> None:
    told = answer(
        {"data": [{"id": INVOICE, "url": f"/v1/{INVOICE}/of/{CUSTOMER}"}]}, ("Request-Id", "req_AbCdEfGhIjKlM1")
    )
    earlier = Earlier(told)
    assert earlier.at("data[0].id#0") == INVOICE
    assert earlier.at(f"data[0].url#{len(f'/v1/{INVOICE}/of/')}") == CUSTOMER
    assert earlier.at("header request-id#0") == "req_AbCdEfGhIjKlM1"
    assert earlier.at("data[1].id#0") is None


def test_without_an_earlier_answer_there_are_no_names() -> None:
    assert Earlier().at("id#0") is None
    assert Earlier(Response(204)).at("id#0") is None


def test_a_spot_is_the_place_of_a_leaf_and_of_the_piece_in_it() -> None:
    (leaf,) = json_leaves(f'{{"a": "see {INVOICE}"}}')
    assert [spot(leaf, piece) for piece in ids(leaf.value)] == ["a#4"]
