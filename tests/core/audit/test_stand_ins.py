"""In a recording of ours what stands for a credential is none, and what was left as it was is one."""

from collections.abc import Callable, Mapping

import pytest

from replayer.core.audit.leaks import stand_ins
from replayer.core.cassette import Interaction
from replayer.core.message import Request, Response
from replayer.core.naming import aliases
from replayer.core.rules import Rules, generic, registry
from replayer.core.secrets import by_name
from tests.core.build import answer, req

REAL = "9f86d081884c7d659a2feaa0c55ad015"
STAND_IN = aliases.plain_alias("-" * generic.LENGTH, "origin")
LOGIN = answer({"access_token": STAND_IN}, ("Set-Cookie", f"session={STAND_IN}; Path=/"))


def left(message: Request | Response, rules: Rules = registry.GENERIC_RULES) -> list[str]:
    """The credentials of a message that nothing stands for, after a log-in."""
    is_one = stand_ins([Interaction(req("POST /login"), LOGIN)], rules)
    return [one.name for one in by_name.exposed(message) if not is_one(one, message)]


def test_what_the_rules_make_of_a_token_is_one_in_answers() -> None:
    assert left(LOGIN) == []
    assert left(answer({"access_token": REAL}, ("Set-Cookie", f"session={REAL}"))) == ["Set-Cookie", "access_token"]
    assert left(LOGIN, registry.INVOICE_RULES) == ["Set-Cookie", "access_token"]  # which know no such token


def test_a_request_may_send_what_an_answer_told() -> None:
    assert left(req(f"GET /x?access_token={STAND_IN}")) == []
    assert left(req(f"GET /x?access_token={STAND_IN[::-1]}")) == ["access_token"]


def test_an_alias_is_one_wherever_it_stands() -> None:
    owner, secret = (aliases.alias("prefixed", like + "x" * 24, "origin") for like in ("pi_", "_secret_"))
    assert left(answer({"client_secret": owner + secret})) == []
    assert left(answer({"client_secret": f"{owner}_secret_{REAL}"})) == ["client_secret"]
    assert left(answer({"client_secret": f"{owner}{secret[:-1]}"})) == ["client_secret"]


PAGES: Mapping[str, Callable[[str], Response]] = {
    "a field": lambda token: answer({"next_cursor": token}),
    "a link": lambda token: answer({"next": f"/v1/things?x-after-key={token}"}),
}


@pytest.mark.parametrize("page", PAGES)
def test_what_leads_to_a_page_may_stand_where_a_key_would_if_it_can_be_a_stand_in(page: str) -> None:
    """What it is called by elsewhere is no reason to take a real one for a name."""
    for token, is_one in ((STAND_IN, True), (STAND_IN[:-1], False), (f"{REAL[:20]}-_{REAL[:2]}", False)):
        told = [Interaction(req("GET /v1/things"), PAGES[page](token))]
        stands_in = stand_ins(told, registry.GENERIC_RULES)
        for message in (answer({"access_token": token}), req(f"GET /v1/things?api_key={token}")):
            found = [stands_in(one, message) for one in by_name.exposed(message)]
            assert found == [is_one]


def test_a_token_of_an_owner_stands_in_where_it_follows_from_that() -> None:
    like = "a" * 40
    owned = aliases.plain_alias(like, "owned\0in_1\0link", aliases.BASE62)
    for token, is_one in ((owned, True), (owned[::-1], False)):
        link = f"https://invoice.stripe.com/i/acct_1/test_{token}"
        told = [Interaction(req("GET /v1/invoices/in_1"), answer({"id": "in_1", "hosted_invoice_url": link}))]
        message = answer({"access_token": token})
        assert [stand_ins(told, registry.INVOICE_RULES)(one, message) for one in by_name.exposed(message)] == [is_one]
