"""The receipt: what came of a session, in numbers."""

from replayer.core.modes import Mode
from replayer.core.session.receipt import Receipt
from replayer.core.session.verdicts import Reason
from tests.core.build import answer, forwarded, played, recorded, refused, req, session, tell

LIST, CREATE = req("GET /v1/invoices"), req("POST /v1/invoices", "customer=cus_1")


def test_the_receipt_counts_interactions() -> None:
    of = session(recorded((LIST, answer(1)), (CREATE, answer(2)), (req("GET /a"), answer(3))), Mode.NONE)
    for request in (LIST, LIST, CREATE):
        played(of, request)
    refused(of, req("GET /b"))
    assert str(of.receipt()) == "0 recorded, 3 played, 0 synthesized, 1 missed, 1 unused"
    assert of.play_count == 3
    assert [miss.reason for miss in of.misses] == [Reason.NO_MATCH]
    assert repr(of) == "<Session invoices.yaml none 2/3 played>"


def test_the_receipt_of_a_recording_tells_what_was_passed_on() -> None:
    to = session(recorded((LIST, answer(1))))
    tell(to, CREATE, answer(2))
    to.recorder.pass_by(forwarded(to, LIST).exchange)
    assert to.recorder.unanswered == 0
    assert str(to.receipt()) == (
        "1 recorded, 0 played, 0 synthesized, 0 missed, 0 unused, 1 passed on without recording, 1 dropped"
    )


def test_receipts_are_summed_kind_by_kind() -> None:
    one = Receipt(1, 2, 3, 4, kinds=(("object", 1), ("page", 2)), bound=5, unrecorded=6, dropped=("GET /a",), lenient=7)
    other = Receipt(10, 20, 30, 40, kinds=(("filter", 1), ("page", 3)), bound=50, dropped=("GET /b",))
    assert one + other == Receipt(
        recorded=11,
        played=22,
        missed=33,
        unused=44,
        kinds=(("filter", 1), ("object", 1), ("page", 5)),
        bound=55,
        unrecorded=6,
        dropped=("GET /a", "GET /b"),
        lenient=7,
    )


def test_a_brief_receipt_leaves_out_what_there_is_none_of() -> None:
    assert Receipt(0, 3, 0, 0).brief == "0 recorded, 3 played, 0 missed"
    more = Receipt(0, 3, 1, 2, kinds=(("filter", 1), ("page", 2)), bound=4, lenient=1)
    assert more.brief == str(more)
    assert (
        more.brief == "0 recorded, 3 played, 3 synthesized (1 filter, 2 page), 1 missed, 2 unused, 4 bound, 1 lenient"
    )
