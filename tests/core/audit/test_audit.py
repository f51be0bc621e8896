"""Laws 4 and 5 on a finished file: what the audit finds, what it leaves alone, and that it tells no value."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from replayer import cassettes as ours
from replayer.core.audit import audit, spoiling
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response, instants, wire
from replayer.core.naming import aliases
from replayer.core.secrets import FindingKind

FACTS = Facts("sandbox", "invoice", 1_795_305_600)
REAL = "in_1MtHbELkdIwHu7ixl4OzzPMv"
ALIAS = aliases.alias("prefixed", REAL, "some origin")
CUSTOMER = aliases.alias("prefixed", "cus_NeZwdNtLEOXuvB", "another origin")
JSON = (("Content-Type", "application/json"),)


def got(answer: Any, target: str = "/v1/invoices", *, body: bytes = b"", headers: wire.Headers = ()) -> Interaction:
    """One interaction with that answer, JSON unless it is bytes."""
    raw = answer if isinstance(answer, bytes) else json.dumps(answer, indent=2).encode()
    kind = (("Content-Type", "application/octet-stream"),) if isinstance(answer, bytes) else JSON
    return Interaction(
        Request("POST", target, (), body, "https://api.stripe.com"), Response(200, "OK", kind + headers, raw)
    )


def found(*interactions: Interaction) -> list[str]:
    """What the audit says of a file of them, without the number of the line."""
    cassette = Cassette(interactions, FACTS)
    return [str(finding).partition(": ")[2] for finding in audit(cassette, ours.dumps(cassette))]


def test_an_alias_is_no_finding() -> None:
    assert found(got({"id": ALIAS, "customer": CUSTOMER})) == []


def test_an_id_of_the_upstream_is_one_wherever_it_stands() -> None:
    one = ["an id of the upstream (in_...)"]
    assert found(got({"id": REAL})) == one
    assert found(got({REAL: 1})) == one
    assert found(got({"text": f"see {REAL}."})) == one
    assert found(got({}, headers=(("Link", f"<https://api.stripe.com/v1/invoices/{REAL}>"),))) == one
    assert found(got({"id": "7f6b1c1e-3f2b-4a0b-9f53-0a3a7b6d2a11"})) == ["an id of the upstream (uuid_...)"]


def test_what_a_request_wrote_before_is_the_tests_own() -> None:
    assert found(got({"id": REAL}, f"/v1/invoices/{REAL}")) == []
    assert found(got({"id": REAL}, body=f"metadata[of]={REAL}".encode())) == []
    assert found(got({}, f"/v1/invoices?starting_after={REAL}"), got({"id": REAL})) == []
    assert found(got({"id": REAL}), got({}, f"/v1/invoices/{REAL}")) == ["an id of the upstream (in_...)"]


def test_a_token_must_be_the_stand_in_that_follows_from_its_owner() -> None:
    def invoice(token: str) -> Interaction:
        return got({"id": ALIAS, "hosted_invoice_url": f"https://invoice.stripe.com/i/x/test_{token}?s=ap"})

    named = aliases.plain_alias("a" * 60, f"owned\0{ALIAS}\0link")
    assert found(invoice(named)) == []
    assert "a token of the upstream (hosted_invoice_url)" in found(invoice(named[::-1]))


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ((1, 2), []),
        ((86_400, 2), []),
        ((-1, 2), ["the epoch is 2026-11-22T00:00:00Z, after the first answer, of 2026-11-21T23:59:59Z, in line "]),
        ((5, -1), ["the epoch is 2026-11-22T00:00:00Z, after the first answer, of 2026-11-21T23:59:59Z, in line "]),
        (
            (86_401, 86_402),
            ["the epoch is 2026-11-22T00:00:00Z, long before the first answer, of 2026-11-23T00:00:01Z, in line "],
        ),
        ((), []),
    ],
)
def test_an_epoch_that_no_answer_bears_out_is_found_with_its_line(dates: tuple[int, ...], said: list[str]) -> None:
    answers = [got({}, headers=(("Date", instants.http_date(FACTS.epoch + second)),)) for second in dates] or [got({})]
    cassette = Cassette(tuple(answers), FACTS)
    text = ours.dumps(cassette)
    findings = audit(cassette, text)
    assert [one.what.rstrip("0123456789") for one in findings] == said
    for one in findings:
        assert one.kind is FindingKind.FALSE_EPOCH
        assert "epoch: '2026" in text.split("\n")[one.line - 1]
        date = text.split("\n")[int(one.what.rpartition(" ")[2]) - 1]
        assert date.strip() == f"- {instants.http_date(FACTS.epoch + min(dates))}"
    assert spoiling(cassette, text) == []


def test_a_secret_is_found_in_every_encoding() -> None:
    key = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
    assert found(got({"key": key})) == ["API key"]
    assert found(got({"key": base64.b64encode(f"key={key}".encode()).decode()})) == ["API key (base64-encoded)"]
    assert "API key (base64-encoded)" in found(got(b"\xff\xfe" * 20 + key.encode()))


def test_a_file_of_another_tool_is_searched_for_secrets_only() -> None:
    text = f"- Authorization: Bearer {'abc123' * 5}\n- id: {REAL}\n"
    assert [str(finding) for finding in audit(Cassette((got({"id": REAL}),)), text)] == ["line 1: bearer token"]


def test_a_key_that_is_public_by_design_may_stand_in_any_file() -> None:
    published = "pk_test_TYooMQauvdEDq54NiTphI7jx"
    assert found(got({"key": published})) == []
    assert found(got(b"\xff\xfe" * 20 + published.encode())) == []
    assert found(got({"api_key": published})) == []


def test_one_alias_for_objects_of_two_types_breaks_law_4() -> None:
    first, second = got({"id": ALIAS, "object": "invoice"}), got({"id": ALIAS, "object": "charge"})
    assert found(first, first) == []
    assert found(first, second) == ["one alias for two objects (invoice, charge)"]


@pytest.mark.parametrize(("one", "other"), [("plan", "price"), ("card", "payment_method"), ("user", "account")])
def test_what_an_api_calls_by_one_id_twice_is_one_thing(one: str, other: str) -> None:
    made = {"id": ALIAS, "created": 1_795_305_600}
    assert found(got(made | {"object": one}), got(made | {"object": other})) == []
    assert found(got({"price": {"id": ALIAS, "object": one}, "plan": {"id": ALIAS, "object": other}})) == []
    assert len(found(got(made | {"object": one}), got({"id": ALIAS, "created": 1, "object": other}))) == 1


@pytest.mark.parametrize("real", [REAL, "acct_1NffrFeUfNV2Hib9", "7f6b1c1e-3f2b-4a0b-9f53-0a3a7b6d2a11"])
@pytest.mark.parametrize("around", ["{}", "00|{}|x", '{{"id":"{}"}}', "a {} b"])
def test_an_id_in_base64_is_one_in_every_case(real: str, around: str) -> None:
    run = base64.b64encode(around.format(real).encode()).decode()
    kind = "uuid" if "-" in real else real.partition("_")[0]
    for text in (run, f"see {run}.", run.replace("+", "-").replace("/", "_").rstrip("=")):
        assert found(got({"note": text})) == [f"an id of the upstream ({kind}_...) (base64-encoded)"]
    assert found(got({"note": run}, body=f"note={quote(run)}".encode())) == []
    alias = base64.b64encode(around.format(ALIAS).encode()).decode()
    assert found(got({"note": alias})) == []


def test_a_link_that_opens_is_found_unless_it_stands_for_one_or_its_client_wrote_it() -> None:
    segment = "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6EhG5sKp"
    for link in (
        f"https://files.test/links/{segment}",
        f"https://pay.test/c/x#{segment}",
        f"see https://a.test/{segment}.",
    ):
        assert found(got({"text": link})) == ["what opens a link"]
        assert found(got({"text": link.replace(segment, aliases.certified_alias("x"))})) == []
    link = f"https://files.test/links/{segment}"
    assert found(got({"url": link}, body=f"url={link}".encode())) == []
    for plain in ("getting-started-with-python-3-and-django", "GettingStartedWithPython3", "2026-11-22T12:20:00.000Z"):
        assert found(got({"url": f"https://docs.test/{plain}.html"})) == []


@pytest.mark.parametrize("edit", ["", "# somebody's note\n"])
def test_the_line_is_the_one_where_it_stands(edit: str) -> None:
    cassette = Cassette((got({"id": ALIAS}), got({"object": "invoice", "id": REAL})), FACTS)
    text = edit + ours.dumps(cassette)
    (finding,) = audit(cassette, text)
    assert REAL in text.split("\n")[finding.line - 1]
    assert REAL not in str(finding)
