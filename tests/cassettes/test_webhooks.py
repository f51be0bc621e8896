"""Webhooks stand in a cassette beside the interactions: vcrpy passes them over, and nothing of them is lost."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from vcr.serialize import deserialize  # type: ignore[import-untyped]
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

from replayer import cassettes
from replayer.cassettes import folder, stored
from replayer.cassettes.fast_read import read
from replayer.cassettes.journal import COMPLETE, load_journal
from replayer.cassettes.read import _edited
from replayer.core.cassette import Cassette, Cause, Delivery, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.errors import CassetteError

FACTS = Facts("sandbox", "invoice", 1_795_305_600)
PAY = "https://api.stripe.com/v1/invoices/in_1/pay"
PAID = Interaction(Request("POST", "/v1/invoices/in_1/pay", (), b"", "https://api.stripe.com"), Response(200, "OK"))


def paid(body: bytes = b'{"type": "invoice.paid"}', *answers: int, nth: int = 1) -> Delivery:
    return Delivery(
        Cause("POST", PAY, nth), Request("POST", "/", (("Content-Type", "application/json"),), body), answers
    )


deliveries = st.lists(
    st.builds(
        Delivery,
        st.builds(Cause, st.sampled_from(("POST", "DELETE")), st.just(PAY) | st.text(min_size=1), st.integers(1, 30)),
        st.builds(
            Request,
            st.just("POST"),
            st.just("/"),
            st.just(()) | st.just((("Content-Type", "application/json"), ("X-Event", "'- after: x'"))),
            st.binary(max_size=50) | st.just(b"- after: x\ninteractions:\n\n  answers: [1]\n# complete\n"),
        ),
        st.lists(st.integers(0, 599), max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)


@settings(deadline=None)
@given(deliveries)
def test_what_is_written_is_read_both_ways(recorded: tuple[Delivery, ...]) -> None:
    cassette = Cassette((PAID,), FACTS, deliveries=recorded)
    text = cassettes.dumps(cassette)
    assert cassettes.loads(text.encode(), "a.yaml") == cassette
    assert read(text) == cassette
    assert _edited(text, "a.yaml") == cassette


def test_interactions_stand_last_and_vcrpy_plays_them() -> None:
    text = cassettes.dumps(Cassette((PAID,), FACTS, deliveries=(paid(b"{}", 500, 200),)))
    assert list(yaml.safe_load(text)) == ["version", "replayer", "webhooks", "interactions"]
    requests, responses = deserialize(text, yamlserializer)
    assert [request.uri for request in requests] == [PAY]
    assert len(responses) == 1


def test_a_cassette_without_webhooks_has_no_word_of_them() -> None:
    assert "webhooks" not in cassettes.dumps(Cassette((PAID,), FACTS))


@settings(deadline=None)
@given(deliveries)
def test_a_journal_has_them_where_they_came_and_each_once(recorded: tuple[Delivery, ...]) -> None:
    unique = tuple({(one.cause, one.request): one for one in recorded}.values())
    unanswered = [Delivery(one.cause, one.request) for one in unique]
    parts = [cassettes.head(FACTS), cassettes.entry(PAID)]
    for before, after in zip(unanswered, unique, strict=True):
        parts += [cassettes.entry(before), cassettes.entry(PAID), cassettes.entry(after)]
    text = "".join(part + COMPLETE for part in parts).encode()
    expected = Cassette((PAID,) * (1 + len(unique)), FACTS, deliveries=unique)
    assert load_journal(text, "a.yaml.journal") == expected
    assert load_journal(text + b"- after: POST htt", "a.yaml.journal") == expected


def test_a_large_cassette_that_stays_in_its_file_has_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "LARGE", 10)
    (tmp_path / "a.yaml").write_text(cassettes.dumps(Cassette((PAID,), FACTS, deliveries=(paid(b"{}", 200),))))
    cassette = folder.opened(tmp_path / "a.yaml")
    assert cassette is not None
    assert cassette.deliveries == (paid(b"{}", 200),)
    assert tuple(cassette.interactions) == (PAID,)
    cassette.let_go()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("after: POST https", "after: https", "webhook 1: after is 'https://"),
        ("nth: 1", "nth: first", "webhook 1: nth is text, not a whole number."),
        ("answers: [200]", "answers: 200", "webhook 1: answers is a number, not a list."),
        ("  answers: [200]\n", "", "webhook 1 has no 'answers'."),
    ],
)
def test_what_somebody_broke_is_told_with_its_line(old: str, new: str, fault: str) -> None:
    text = cassettes.dumps(Cassette((PAID,), FACTS, deliveries=(paid(b"{}", 200),)))
    with pytest.raises(CassetteError) as caught:
        cassettes.loads(text.replace(old, new).encode(), "a.yaml")
    assert fault in str(caught.value)
