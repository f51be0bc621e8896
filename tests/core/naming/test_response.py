"""A response on its way in: what is named after what."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.clock import facts
from replayer.core.message import Response, leaves, shapes, wire
from replayer.core.naming import aliases
from replayer.core.naming.aliases import is_alias
from replayer.core.naming.earlier import Earlier
from replayer.core.naming.origin import Origin
from replayer.core.naming.response import Naming
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.table import Names
from replayer.core.rules import Rules, registry
from tests.core.build import CUSTOMER, EPOCH, INVOICE, NOW, ORIGIN, PROXY, answer

REAL = int(NOW)


def naming(
    digest: str = "d",
    caller: str = "",
    names: Names | None = None,
    rules: Rules = registry.INVOICE_RULES,
    credentials: frozenset[str] = frozenset(),
    whole: str = "\\",
) -> Naming:
    spaces = Spaces(rules, wire.Links(PROXY, ORIGIN, ORIGIN), names or Names(), facts.FactClock())
    moment = facts.Moment(EPOCH + 1, REAL, REAL, write=True, epoch=EPOCH)
    spaces.clock.enter(moment)
    return Naming(spaces, Origin(digest, 0, caller), moment, credentials, whole)


def named(by: Naming, text: str) -> dict[str, str]:
    found = leaves.json_leaves(text)
    by.identities(found)
    return {leaf.place: by.leaf(leaf) for leaf in found}


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
    leaf = leaves.Leaf("error.request_log_url", "request_log_url", "https://d.test/acct_1AbCdEfGhIjKlMnO/test", 0, 0)
    assert naming("one").text(leaf.value, leaf) == naming("other").text(leaf.value, leaf)
    assert naming("one").text(leaf.value, leaf) != naming("one", "acct_connected").text(leaf.value, leaf)


def test_headers_are_named_in_the_order_of_their_names_and_stay_in_their_own() -> None:
    there = (("B", INVOICE), ("A", INVOICE))
    back = (("A", INVOICE), ("B", INVOICE))
    assert naming().headers(there) == tuple(reversed(naming().headers(back)))


# -- tokens -----------------------------------------------------------------------------------------------------------

CURSOR = "+/v7eyJpZCI6MX0=="
QUOTED = "%2B%2Fv7eyJpZCI6MX0%3D%3D"
UUID = "9b2f0d64-6d6a-4e1a-9c5b-0d6ef1a6c111"


def generic(digest: str = "d", credentials: frozenset[str] = frozenset()) -> Naming:
    return naming(digest, rules=registry.GENERIC_RULES, credentials=credentials)


def test_a_token_has_one_name_in_a_body_in_a_link_and_in_a_header() -> None:
    by = generic()
    ((_, header),) = by.headers((("Link", f'<{ORIGIN}/items?cursor={QUOTED}&limit=2>; rel="next"'),))
    name = header.removeprefix(f"<{ORIGIN}/items?cursor=").removesuffix('&limit=2>; rel="next"')
    assert name.isalnum()
    assert named(by, f'{{"next_cursor": "{CURSOR}", "next": "/items?cursor={QUOTED}"}}') == {
        "next_cursor": name,
        "next": f"/items?cursor={name}",
    }
    assert by.spaces.names.real_of(name) == CURSOR


def test_a_token_without_an_owner_is_named_by_its_origin_however_long_it_is() -> None:
    one = named(generic("one"), f'{{"id": "{UUID}", "cursor": "{CURSOR}"}}')["cursor"]
    assert one == named(generic("one"), f'{{"id": "{UUID}", "cursor": "{CURSOR}{CURSOR}"}}')["cursor"]
    assert one != named(generic("other"), f'{{"id": "{UUID}", "cursor": "{CURSOR}"}}')["cursor"]


def test_two_tokens_of_one_answer_have_two_names() -> None:
    links = (("Link", "</i?cursor=abcdefg1>, </i?cursor=abcdefg2>"), ("Link", "</i?cursor=abcdefg3>"))
    cookies = (("Set-Cookie", "one=abcdefg4"), ("Set-Cookie", "two=abcdefg5"))
    by = generic()
    told = "".join(value for _, value in by.headers((*links, *cookies)))
    assert len({by.spaces.names.alias_of(f"abcdefg{number}") for number in range(1, 6)}) == 5
    assert "abcdefg" not in told
    assert by.spaces.names.collisions == []


def test_what_stands_behind_a_token_is_named_alike_however_the_token_is_spelled() -> None:
    texts = [f"/i?cursor={cursor}&of={UUID}" for cursor in ("abcdefg1", QUOTED)]
    one, other = (named(generic(), f'{{"next": "{text}"}}')["next"] for text in texts)
    assert one == other
    assert len(list(shapes.ids(one))) == 1


def test_a_token_is_named_where_it_is_repeated_in_other_words() -> None:
    by = generic()
    name = named(by, f'{{"cursor": "{CURSOR}"}}')["cursor"]
    assert named(by, f'{{"message": "No {CURSOR}."}}')["message"] == f"No {name}."


def test_a_token_that_is_an_id_has_the_name_of_the_id() -> None:
    told = named(generic(), f'{{"id": "{UUID}", "cursor": "{UUID}", "next": "/i?cursor={UUID}"}}')
    assert told["next"] == f"/i?cursor={told['id']}"
    assert told["cursor"] == told["id"] != UUID


def test_a_token_that_looks_like_a_time_or_a_secret_is_a_token() -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
    told = named(generic(), f'{{"cursor": "2026-11-22T12:20:00Z", "access_token": "{jwt}", "note": "{jwt}x"}}')
    assert told["cursor"].isalnum()
    assert told["access_token"].isalnum()
    assert told["note"] == "eyJ" + "*" * (len(jwt) - 2)


@pytest.mark.parametrize(
    "text",
    [
        '{"payload": "{\\"access_token\\": \\"%s\\"}"}',
        '{"payload": "<r><accessToken>%s</accessToken></r>"}',
        '{"payload": "{\\"url\\": \\"https://x/cb#access_token=%s&a=1\\"}"}',
        '{"password": "%s"}',
    ],
)
def test_a_credential_within_a_text_has_a_name_that_works(text: str) -> None:
    by, secret = generic(), "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6E"
    before, _, after = text.partition("%s")
    told = json.dumps(named(by, text % secret), ensure_ascii=False)
    name = by.spaces.names.alias_of(secret)
    assert name is not None
    assert told == before + name + after
    assert by.spaces.names.real_of(name) == secret


def test_two_objects_in_a_text_do_not_share_the_name_of_a_token() -> None:
    by = naming("one")
    first, second = (
        f'{{\\"id\\": \\"{one}\\", \\"invoice_prefix\\": \\"{one}\\"}}' for one in ("A1B2C3D4", "E5F6A7B8")
    )
    text = f'{{"id": "{INVOICE}", "log": "[{first}, {second}]"}}'
    assert "A1B2C3D4" in named(by, text)["log"]  # nobody knows whose it is: it stays, and is no other's
    assert by.spaces.names.collisions == []


def test_a_cookie_that_is_set_again_keeps_the_name_that_its_client_sends() -> None:
    first, header = generic(), (("Set-Cookie", "session=0123456789abcdef; Path=/"),)
    ((_, cookie),) = first.headers(header)
    name = cookie.partition("=")[2].partition(";")[0]
    assert name not in header[0][1]
    later = naming("later", names=first.spaces.names, rules=registry.GENERIC_RULES, credentials=frozenset({name}))
    assert later.headers(header) == ((("Set-Cookie", cookie)),)
    assert named(later, '{"said": "0123456789abcdef"}')["said"] == "*" * len(name)


def test_the_name_of_a_token_that_is_now_the_clients_credential_is_scrubbed() -> None:
    first = generic()
    name = named(first, '{"access_token": "0123456789abcdef!"}')["access_token"]
    later = naming("later", names=first.spaces.names, rules=registry.GENERIC_RULES, credentials=frozenset({name}))
    assert named(later, '{"access_token": "0123456789abcdef!"}')["access_token"] == "*" * len(name)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("Tue, 22 Dec 2026 12:20:00 GMT", "Tue, 22 Dec 2026 00:00:01 GMT"),
        ("Tue, 22-Dec-2026 12:20:00 GMT", "Tue, 22-Dec-2026 00:00:01 GMT"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)
def test_a_cookie_expires_as_long_after_its_answer_as_it_did(until: str, told: str) -> None:
    ((_, value),) = generic().headers((("Set-Cookie", f"a=b; Expires={until}; Path=/"),))
    assert value == f"a=b; Expires={told}; Path=/"


def test_a_token_keeps_the_name_that_an_earlier_recording_has_in_its_place() -> None:
    def page(cursor: str) -> Response:
        return answer({"next_cursor": cursor, "next": f"/i?limit=2&cursor={cursor}"})

    first = generic("whoever came first then")
    name = named(first, page(CURSOR).body.decode())["next_cursor"]
    again = generic("whoever comes first now")
    again.origin = Origin("whoever comes first now", 0, "", Earlier(page(name), page(CURSOR)))
    assert named(again, page(CURSOR).body.decode()) == {"next_cursor": name, "next": f"/i?limit=2&cursor={name}"}


def test_an_earlier_name_that_is_taken_is_not_taken_again() -> None:
    page = answer({"one_cursor": "x", "cursor": "A" * 24, "next_cursor": "A" * 24})
    by = generic()
    by.origin = Origin("d", 0, "", Earlier(page, page))
    told = named(by, '{"cursor": "abcdefg1", "next_cursor": "abcdefg2"}')
    assert told["cursor"] == "A" * 24 != told["next_cursor"]
    assert by.spaces.names.collisions == []


FRAGMENTS = (
    INVOICE, CUSTOMER, "word4word4", "open", "charge_automatically", "2026-11-30T10:00:00Z", "page=", "ä",
    " ", ", ", "-", "_", ".", ":", "/", "=", "%", "+", "&", '"', "<", "\\",
    "https://api.stripe.com/v1/x?page=abcdefgh12", "https://x.test/aZ3kQ9mW7pL2xV8nB4tR6",
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "odd-token+1/2=", "odd_token_123", "aW5fMVVJNnFzSElCWVpZeVByWnFIQWVxZFk=",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join), st.booleans(), st.sampled_from(("note", "number"))
)
def test_what_is_plain_at_a_glance_is_named_as_a_long_look_names_it(text: str, odd: bool, key: str) -> None:
    def looked(*, glance: bool) -> tuple[str, int]:
        names = Names()
        names.bind("word4word4", "other0word")
        by = naming(names=names, credentials=frozenset({"open-sesame"}))
        by.whole = text
        if odd:
            for token in ("odd-token+1/2=", "odd_token_123"):
                names.name_token(token, f"d\0{token}", "here", aliases.BASE62)
                by.spaces.odd.add(token)
        if not glance:
            by._is_plain = lambda *_: False  # type: ignore[method-assign]  # noqa: SLF001 - the look that it saves
        return by.text(text, leaves.Leaf(key, key, text, 0, len(text))), by.scrubbed

    assert looked(glance=True) == looked(glance=False)
