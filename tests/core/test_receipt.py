"""The receipt: what came of a session, in numbers."""

from replayer.core.verdicts import Mode, Reason
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
    to.pass_by(forwarded(to, LIST).exchange)
    assert to.unanswered == 0
    assert str(to.receipt()) == (
        "1 recorded, 0 played, 0 synthesized, 0 missed, 0 unused, 1 passed on without recording, 1 dropped"
    )
