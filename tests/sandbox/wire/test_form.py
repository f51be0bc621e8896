"""How forms are read: by their brackets, and never to a crash."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.sandbox.wire.form import canonical, decode
from replayer.sandbox.wire.refusals import Refused
from tests.sandbox.shop import Shop, error


@pytest.mark.parametrize(
    ("form", "tree"),
    [
        (b"a=1&b=x+y%20z", {"a": "1", "b": "x y z"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        (b"a%5Bb%5D%5Bc%5D=1", {"a": {"b": {"c": "1"}}}),
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (b"a[0]=1&a[1]=2", {"a": {"0": "1", "1": "2"}}),
        (b"a[][b]=1&a[][c]=2&a[][b]=3", {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        (b"metadata[a[b]]=1&metadata[c][d]=2&metadata[e]=%C3%BC", {"metadata": {"a[b]": "1", "c][d": "2", "e": "ü"}}),
        (b"lines[0][metadata][a[b]]=1", {"lines": {"0": {"metadata": {"a[b]": "1"}}}}),
        (b"a[b=1&[c]=2&=3&d", {"a[b": "1", "[c]": "2", "": "3", "d": ""}),
        (b"a=1&a[b]=2", {"a": {"b": "2"}}),
        (b"", {}),
        (b"&&", {}),
    ],
)
def test_a_form_is_read_by_its_brackets(form: bytes, tree: Any) -> None:
    assert decode(form) == tree


@pytest.mark.parametrize("forms", [(b"expand[]=a&expand[]=b", b"expand[1]=b&expand[0]=a"), (b"a=1&b=2", b"b=2&a=1")])
def test_forms_that_mean_the_same_are_canonically_equal(forms: tuple[bytes, bytes]) -> None:
    one, other = forms
    assert canonical(decode(one)) == canonical(decode(other))


@given(st.binary(max_size=60) | st.text("ab[]=&%0+", max_size=60).map(str.encode))
def test_no_form_is_too_broken_for_a_tree_or_a_refusal(form: bytes) -> None:
    with suppress(Refused):
        canonical(decode(form))


def test_a_deep_form_is_refused_before_it_is_built(shop: Shop) -> None:
    answer = error(shop.post("/v1/customers", "a" + "[b]" * 5000 + "=1"))
    assert answer["message"].startswith("Invalid request: parameters may be nested at most")
