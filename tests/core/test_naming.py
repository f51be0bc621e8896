"""A response on its way in: what is named after what."""

from replayer.core.aliases import is_alias
from replayer.core.clock import Clock, Moment
from replayer.core.links import Links
from replayer.core.names import Names
from replayer.core.naming import Naming, Origin
from replayer.core.places import Leaf, json_leaves
from replayer.core.rules import INVOICE_RULES
from replayer.core.spaces import Spaces
from tests.core.build import CUSTOMER, EPOCH, INVOICE, NOW, ORIGIN, PROXY

REAL = int(NOW)


def naming(digest: str = "d", caller: str = "", names: Names | None = None) -> Naming:
    spaces = Spaces(INVOICE_RULES, Links(PROXY, ORIGIN, ORIGIN), names or Names(), Clock())
    moment = Moment(EPOCH + 1, REAL, REAL, write=True, epoch=EPOCH)
    spaces.clock.enter(moment)
    return Naming(spaces, Origin(digest, 0, caller), moment, frozenset())


def named(by: Naming, text: str) -> dict[str, str]:
    leaves = json_leaves(text)
    by.identities(leaves)
    return {leaf.place: by.leaf(leaf) for leaf in leaves}


def test_an_object_is_named_at_its_own_place_and_not_where_it_is_mentioned_before() -> None:
    alone = named(naming(), f'{{"id": "{INVOICE}"}}')
    mentioned = named(naming(), f'{{"first": "{INVOICE}", "id": "{INVOICE}"}}')
    assert mentioned["id"] == mentioned["first"] == alone["id"]
    assert is_alias("prefixed", alone["id"])


def test_what_is_older_than_the_session_is_named_by_its_own_value() -> None:
    old = f'{{"id": "{INVOICE}", "created": 1700000000}}'
    new = f'{{"id": "{INVOICE}", "created": {REAL}}}'
    assert named(naming("one"), old) == named(naming("other"), old)
    assert named(naming("one"), new)["id"] != named(naming("other"), new)["id"]


def test_a_number_begins_with_the_prefix_of_its_customer() -> None:
    by = naming()
    customer = named(by, f'{{"id": "{CUSTOMER}", "invoice_prefix": "A1B2C3D4"}}')
    invoice = named(by, f'{{"id": "{INVOICE}", "customer": "{CUSTOMER}", "number": "A1B2C3D4-0007"}}')
    assert invoice["number"] == f"{customer['invoice_prefix']}-0007"
    assert customer["invoice_prefix"] != "A1B2C3D4"


def test_the_account_is_named_after_who_calls() -> None:
    leaf = Leaf("error.request_log_url", "request_log_url", "https://d.test/acct_1AbCdEfGhIjKlMnO/test", 0, 0)
    assert naming("one").text(leaf.value, leaf) == naming("other").text(leaf.value, leaf)
    assert naming("one").text(leaf.value, leaf) != naming("one", "acct_connected").text(leaf.value, leaf)


def test_headers_are_named_in_the_order_of_their_names_and_stay_in_their_own() -> None:
    there = (("B", INVOICE), ("A", INVOICE))
    back = (("A", INVOICE), ("B", INVOICE))
    assert naming().headers(there) == tuple(reversed(naming().headers(back)))
