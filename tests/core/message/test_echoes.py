"""Echoes: the live value takes the place of the recorded one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.clock import fields
from replayer.core.message.edit import FEW, echoed
from replayer.core.message.message import Response
from replayer.core.rules import registry
from tests.core.build import answer, value_of

OLD, NEW = "63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-c995-660f-26d169fa763b"
keys = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=8, max_size=20)


def test_the_value_is_replaced_in_headers_and_in_the_body() -> None:
    told = echoed(answer({"message": f"Try a key other than '{OLD}'."}, ("Idempotency-Key", OLD)), {OLD: NEW})
    assert told == answer({"message": f"Try a key other than '{NEW}'."}, ("Idempotency-Key", NEW))


def test_inside_a_header_it_is_replaced_too() -> None:
    assert echoed(answer({}, ("X-Log", f"key={OLD};")), {OLD: NEW}) == answer({}, ("X-Log", f"key={NEW};"))


def test_inside_a_longer_word_it_stays() -> None:
    reply = answer({"a": f"x{OLD}", "b": f"{OLD}0"}, ("X", f"{OLD}a"))
    assert echoed(reply, {OLD: NEW}) == reply


def test_a_short_value_is_replaced_only_as_a_whole_header() -> None:
    told = echoed(answer({"id": "k-1"}, ("Idempotency-Key", "k-1"), ("X", "my k-1")), {"k-1": "k-2"})
    assert told == answer({"id": "k-1"}, ("Idempotency-Key", "k-2"), ("X", "my k-1"))


@pytest.mark.parametrize(("old", "new"), [("", NEW), (OLD, ""), (OLD, OLD)])
def test_without_two_values_the_answer_stays(old: str, new: str) -> None:
    reply = answer({"key": OLD}, ("Idempotency-Key", OLD))
    assert echoed(reply, {old: new}) is reply


def test_all_are_replaced_at_once_and_what_is_new_is_not_replaced_again() -> None:
    told = echoed(answer({"a": "value-1", "b": ["value-2"]}), {"value-1": "value-2", "value-2": "value-1"})
    assert told == answer({"a": "value-2", "b": ["value-1"]})


def test_times_are_replaced_wherever_times_stand() -> None:
    reply = answer({"created": 1795305601, "amount": 1795305601, "at": "2026-11-22T00:00:01.000Z", "note": "x"})
    assert value_of(fields.retimed(reply, registry.INVOICE_RULES, lambda _, seconds: seconds + 60)) == {
        "created": 1795305661,
        "amount": 1795305601,
        "at": "2026-11-22T00:01:01.000Z",
        "note": "x",
    }


def test_a_body_that_is_no_text_stays() -> None:
    reply = Response(200, "OK", (("Content-Type", "application/pdf"),), b"\0" + OLD.encode())
    assert echoed(reply, {OLD: NEW}).body == b"\0" + OLD.encode()


@given(keys, keys)
def test_json_stays_json_whatever_the_key_holds(old: str, new: str) -> None:
    reply = answer(json.dumps({"key": old, "n": 1}, ensure_ascii=False))
    assert value_of(echoed(reply, {old: new})) == {"key": new, "n": 1}


@given(keys, keys)
def test_an_echo_of_an_echo_is_the_first_answer(old: str, new: str) -> None:
    reply = answer(json.dumps({"key": old}, ensure_ascii=False), ("Idempotency-Key", old))
    assert echoed(echoed(reply, {old: new}), {new: old}) == reply


many = st.builds(str.__add__, st.sampled_from("ab1"), st.text("ab1.-", min_size=3, max_size=6))


@given(
    st.text('ab1-" .', max_size=80),
    st.lists(many, min_size=20, max_size=40, unique=True),
)
def test_many_values_are_replaced_as_each_of_a_few_would_be(text: str, values: list[str]) -> None:
    """A value that stands in the text at all is the first or the longest there: those are what one pattern finds."""
    reply = answer({"text": text})
    wanted = {old: f"<{number}>" for number, old in enumerate(values)}
    standing = {old: new for old, new in wanted.items() if old in value_of(reply)["text"]}
    if len(standing) <= FEW:
        assert echoed(reply, wanted) == echoed(reply, standing)


@pytest.mark.parametrize("name", ["\u017dofie 12", 'Zo\u00eb "Z" 7'])
def test_a_value_that_its_writer_has_escaped_is_replaced_too(name: str) -> None:
    for text in (json.dumps({"to": name}), json.dumps({"to": name, "a": "\u00e4"}, ensure_ascii=False)):
        told = echoed(answer(text), {name: "w0rd-1234"})
        assert value_of(told)["to"] == "w0rd-1234"
        assert value_of(echoed(told, {"w0rd-1234": name}))["to"] == name
