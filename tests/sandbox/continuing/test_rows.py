"""Objects of an answer, completed and made plain again."""

from replayer.sandbox.continuing.rows import complete, plain
from replayer.sandbox.ledger.objects import merged
from replayer.sandbox.wire import PreservedObject, encode


def test_what_an_older_version_did_not_tell_is_there_to_be_changed_and_not_to_be_shown() -> None:
    emitted = PreservedObject.parse('{"id": "x", "b": {"d": 1}}')
    row = complete({"id": "", "a": None, "b": {"c": 0, "d": 0}}, emitted)
    assert row == {"id": "x", "a": None, "b": {"c": 0, "d": 1}}
    assert encode.text(row) == emitted.text
    assert list(merged(row, {"a": 3})) == ["id", "a", "b"]


def test_an_expanded_object_is_an_id_again_and_the_text_is_not_its_text() -> None:
    emitted = PreservedObject.parse(
        '{"id": "x", "customer": {"id": "cus_1", "object": "customer"}, "card": {"brand": "visa"}}'
    )
    assert plain(emitted) == {"id": "x", "customer": "cus_1", "card": {"brand": "visa"}}
    assert not isinstance(plain(emitted), PreservedObject)
    unexpanded = PreservedObject.parse('{"id": "x"}')
    assert plain(unexpanded) is unexpanded
