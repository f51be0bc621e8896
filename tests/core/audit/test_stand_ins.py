"""In a recording of ours what stands for a credential is none, and what was left as it was is one."""

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
