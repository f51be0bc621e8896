"""What comes before and around every operation: keys, versions, idempotency, accounts and headers."""

import base64
import subprocess
import sys
from typing import Any

import pytest

from replayer.core.message import wire
from replayer.sandbox.api import VERSION

from .shop import KEY, Shop, error, refusal


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(user.encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    [f"Bearer {KEY}", basic(f"{KEY}:"), f"Basic {KEY}", "bearer rk_test_x", basic("rk_test_x:ignored")],
)
def test_every_form_of_a_test_key_is_welcome(shop: Shop, authorization: str) -> None:
    shop.ask("GET", "/v1/invoices", headers=(("Authorization", authorization),))
    assert shop.last.status == 200


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("", "You did not provide an API key."),
        ("Digest x", "You did not provide an API key."),
        ("Bearer ", "You did not provide an API key."),
        ("Bearer bogus12345", "Invalid API Key provided: bogus12345"),
        ("Bearer sk_test_", "Invalid API Key provided: sk_test_"),
        ("Bearer nothing_like_a_key_only", "Invalid API Key provided: *******************only"),
        (basic("somebody-unknown:"), "Invalid API Key provided: ************nown"),
        ("Basic %%%%", "Invalid API Key provided: %%%%"),
        (
            f"Bearer sk_live_{'x' * 20}only",
            f"The sandbox refuses live API keys, and was sent one: sk_live_{'*' * 20}only",
        ),
        (f"Bearer rk_live_{'x' * 20}only", "The sandbox refuses live API keys"),
        ("Bearer pk_test_x", "This API call cannot be made with a publishable API key."),
    ],
)
def test_without_a_test_key_the_answer_is_401_and_names_no_request(
    shop: Shop, authorization: str, message: str
) -> None:
    answer = shop.ask("GET", "/v1/nope", headers=(("Authorization", authorization), ("Stripe-Version", "odd")))
    assert shop.last.status == 401
    assert answer["error"]["message"].startswith(message)
    assert "request_log_url" not in answer["error"]
    assert shop.header("WWW-Authenticate") == 'Bearer realm="Stripe"'
    assert shop.header("Request-Id") is shop.header("Stripe-Version") is None
    assert b"xxxxxxxx" not in shop.last.body


def test_an_invalid_key_has_only_message_and_type(shop: Shop) -> None:
    answer = shop.ask("GET", "/v1/invoices", headers=(("Authorization", "Bearer bogus12345"),))
    assert answer == {"error": {"message": "Invalid API Key provided: bogus12345", "type": "invalid_request_error"}}
    assert shop.last.body.endswith(b"\n")


@pytest.mark.parametrize(
    ("version", "status"),
    [("2024-06-20", 200), ("2026-10-28.endive", 200), ("not-a-real-version", 400), ("2024-13-01", 400)],
)
def test_a_version_is_echoed_or_refused(shop: Shop, version: str, status: int) -> None:
    answer = shop.ask("GET", "/v1/invoices", headers=(("Stripe-Version", version),))
    assert shop.last.status == status
    if status == 200:
        assert shop.header("Stripe-Version") == version
    else:
        message = f"Invalid Stripe API version: {version}"
        assert answer == {"error": {"message": message, "type": "invalid_request_error"}}


def test_every_answer_has_the_headers_of_the_api(shop: Shop) -> None:
    shop.get("/v1/invoices")
    names = {name for name, _ in shop.last.headers}
    assert names >= {"Server", "Date", "Content-Type", "Content-Length", "Cache-Control", "Request-Id", "Vary"}
    assert shop.header("Server") == "nginx"
    assert shop.header("Stripe-Version") == VERSION
    assert shop.header("Date") == "Sun, 22 Nov 2026 00:00:00 GMT"
    assert shop.header("Content-Length") == str(len(shop.last.body))
    assert shop.header("Access-Control-Max-Age") == "300"
    assert len(shop.header("Request-Id") or "") == len("req_") + 14
    assert shop.header("Stripe-Should-Retry") is shop.header("Original-Request") is None
    shop.post("/v1/customers")
    assert shop.header("Stripe-Should-Retry") == "false"


def test_an_equal_key_gets_the_equal_answer_and_does_nothing_again(shop: Shop) -> None:
    first = shop.post("/v1/customers", key="k", name="N")
    body, original = shop.last.body, shop.header("Request-Id")
    assert shop.header("Original-Request") == original
    assert shop.header("Idempotency-Key") == "k"
    assert shop.header("Idempotent-Replayed") is None
    shop.at += 60
    assert shop.post("/v1/customers", key="k", name="N") == first
    assert shop.last.body == body
    assert shop.header("Original-Request") == original != shop.header("Request-Id")
    assert shop.header("Idempotent-Replayed") == "true"
    assert len(shop.get("/v1/customers")["data"]) == 1


def test_a_key_with_other_parameters_is_refused(shop: Shop) -> None:
    shop.post("/v1/customers", "expand[]=test_clock", key="k")
    shop.post("/v1/customers", "expand[0]=test_clock", key="k")
    assert shop.header("Idempotent-Replayed") == "true"
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using "
        "a key other than 'k' if you meant to execute a different request."
    )
    answer = error(shop.post("/v1/customers", key="k", name="M"))
    assert answer == refusal(message, type="idempotency_error")


def test_a_key_at_another_endpoint_is_refused(shop: Shop) -> None:
    shop.post("/v1/customers", key="k")
    message = (
        "Keys for idempotent requests can only be used for the same endpoint they were first used for "
        "('/v1/customers' vs '/v1/invoices'). Try using a key other than 'k' if you meant to execute a different "
        "request."
    )
    assert error(shop.post("/v1/invoices", key="k")) == refusal(message, type="idempotency_error")


def test_a_refusal_of_the_action_is_kept_and_one_of_a_parameter_is_not(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice('paid')['id']}/pay"
    shop.post(path, key="a")
    body = shop.last.body
    shop.post(path, key="a")
    assert (shop.last.status, shop.last.body) == (400, body)
    assert shop.header("Idempotent-Replayed") == "true"
    shop.post("/v1/invoices", key="b")
    assert shop.last.status == 400
    shop.post("/v1/invoices", key="b", customer=shop.customer())
    assert shop.last.status == 200


def test_a_decline_is_replayed_without_another_attempt(shop: Shop) -> None:
    name = shop.invoice("open")["id"]
    for _ in range(2):
        shop.post(f"/v1/invoices/{name}/pay", key="k", payment_method="pm_card_chargeDeclined")
        assert shop.last.status == 402
    assert shop.get(f"/v1/invoices/{name}")["attempt_count"] == 1


def test_keys_are_forgotten_after_a_day_and_never_longer_than_255(shop: Shop) -> None:
    shop.post("/v1/customers", key="k")
    shop.at += 24 * 3600
    shop.post("/v1/customers", key="k")
    assert shop.header("Idempotent-Replayed") is None
    shop.post("/v1/customers", key="k" * 256)
    assert shop.last.status == 400


def test_a_delete_echoes_its_key_and_is_not_idempotent_by_it(shop: Shop) -> None:
    path, key = f"/v1/customers/{shop.customer()}", (("Idempotency-Key", "k"),)
    shop.ask("DELETE", path, headers=key)
    assert shop.header("Idempotency-Key") == "k"
    assert shop.header("Original-Request") is None
    shop.ask("DELETE", path, headers=key)
    assert shop.last.status == 404


def test_a_connected_account_has_objects_and_ids_of_its_own(shop: Shop) -> None:
    account: wire.Headers = (("Stripe-Account", "acct_1UI6qsHIBYZYyePr"),)
    made = shop.ask("POST", "/v1/customers", headers=account)["id"]
    assert shop.header("Stripe-Account") == "acct_1UI6qsHIBYZYyePr"
    assert shop.get("/v1/customers")["data"] == []
    assert [row["id"] for row in shop.ask("GET", "/v1/customers", headers=account)["data"]] == [made]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b"{}"), ("multipart/form-data; boundary=x", b"--x"), ("", b"a=%FF"), ("", b"\xff\xfe=1")],
)
def test_a_body_that_is_no_form_is_refused(shop: Shop, content_type: str, body: bytes) -> None:
    shop.ask("POST", "/v1/customers", body, (("Content-Type", content_type),))
    assert shop.last.status == 400


def test_parameters_of_a_post_may_stand_in_its_query(shop: Shop) -> None:
    made = shop.ask("POST", "/v1/customers?name=N", b"phone=1")
    assert (made["name"], made["phone"]) == ("N", "1")


def test_the_ledger_imports_no_port_and_no_clock() -> None:
    code = "import replayer.sandbox.api, sys; print(sorted({'aiohttp', 'asyncio', 'socket'} & set(sys.modules)))"
    run: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() in ("[]", "['socket']")  # the standard library's email package brings socket along
