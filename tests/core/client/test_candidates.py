"""The recorded requests that are alike, and what in them was told by an answer."""

from replayer.core.cassette import Cassette, Interaction
from replayer.core.client.candidates import Alike, Candidate
from replayer.core.client.holes import Finder, Hole
from replayer.core.matching import Index
from replayer.core.message import Request, shapes
from replayer.core.rules import registry
from tests.core.build import answer, req

U = [f"63758ab1-32e5-44cb-9680-00000000000{number}" for number in range(5)]


def alike(*exchanges: tuple[Request, object]) -> Alike:
    interactions = tuple(Interaction(request, answer(said)) for request, said in exchanges)
    return Alike(Index(Cassette(interactions), registry.INVOICE_RULES).entries, registry.INVOICE_RULES, frozenset())


def post(ref: str) -> Request:
    return req("POST /v1/x", f"ref={ref}")


def skeleton(among: Alike, request: Request) -> str:
    finder = Finder(registry.INVOICE_RULES, among.known)
    return finder.skeleton(request, finder.holes(request))


def orders(candidates: list[Candidate]) -> list[int]:
    return [candidate.entry.order for candidate in candidates]


def nobody(_: Hole) -> bool:
    return False


def test_requests_are_found_by_what_they_ask_but_for_their_holes() -> None:
    among = alike((post(U[0]), {}), (req("GET /v1/x"), {}), (post(U[1]), {}))
    form = skeleton(among, post(U[4]))
    assert orders(list(among.candidates(form, nobody))) == [0, 2]
    exact = among.exact(form, (U[1],))
    assert exact is not None
    assert exact.entry.order == 2
    assert among.exact(form, (U[4],)) is None


def test_those_whose_values_are_taken_are_passed_over_for_good() -> None:
    among = alike(*((post(ref), {}) for ref in U[:3]))
    form = skeleton(among, post(U[4]))
    assert orders(list(among.candidates(form, lambda hole: hole.value == U[0]))) == [1, 2]
    assert orders(list(among.candidates(form, nobody))) == [1, 2]


def test_an_id_that_an_answer_told_first_is_no_hole_and_an_echo_tells_nothing() -> None:
    among = alike((post(U[0]), {"id": U[1], "ref": U[0]}), (req(f"GET /v1/x/{U[1]}"), {}))
    assert among.told == {U[1]}
    (piece,) = shapes.ids(U[1])
    assert among.known(piece)
    assert list(among.candidates(skeleton(among, req(f"GET /v1/x/{U[2]}")), nobody)) == []
