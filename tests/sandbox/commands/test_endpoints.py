"""Webhook endpoints: made, changed, disabled and deleted; the secret is told once."""

import re
from typing import Any

import pytest

from tests.sandbox.shop import MONDAY, Shop, error, refusal

PATH = "/v1/webhook_endpoints"


def endpoint(shop: Shop, *events: str, url: str = "http://127.0.0.1:9/hook", **params: Any) -> Any:
    return shop.post(PATH, "&".join(f"enabled_events[]={name}" for name in events or ("*",)), url=url, **params)


def missing(param: str) -> dict[str, Any]:
    return refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def test_only_the_answer_that_made_it_has_its_secret() -> None:
    shop = Shop()
    made = endpoint(shop, "invoice.paid", description="d", **{"metadata[a]": "1"})
    assert list(made) == [
        "id", "object", "api_version", "application", "created", "description", "enabled_events", "livemode",
        "metadata", "secret", "status", "url",
    ]  # fmt: skip
    assert re.fullmatch(r"we_1[0-9A-Za-z]{23}", made["id"])
    assert re.fullmatch(r"whsec_[0-9A-Za-z]{32}", made.pop("secret"))
    assert (made["created"], made["status"], made["enabled_events"]) == (MONDAY, "enabled", ["invoice.paid"])
    assert shop.get(f"{PATH}/{made['id']}") == made
    assert shop.get(PATH)["data"] == [made]
    assert shop.post(f"{PATH}/{made['id']}", description="e") == {**made, "description": "e"}


def test_two_endpoints_have_two_secrets_also_after_one_is_gone() -> None:
    shop = Shop()
    first = endpoint(shop)
    shop.delete(f"{PATH}/{first['id']}")
    second = endpoint(shop)
    assert (first["id"], first["secret"]) != (second["id"], second["secret"])


def test_it_is_disabled_and_enabled_again() -> None:
    shop = Shop()
    path = f"{PATH}/{endpoint(shop)['id']}"
    shop.customer(card=None)
    assert len(shop.api.due(shop.at)) == 1
    assert shop.post(path, disabled="true")["status"] == "disabled"
    assert shop.api.due(shop.at) == []
    shop.customer(card=None)
    assert shop.post(path, disabled="false")["status"] == "enabled"
    assert shop.api.due(shop.at) == []  # what happened meanwhile is not made up for


def test_a_deleted_one_is_gone_and_gets_nothing_any_more() -> None:
    shop = Shop()
    made = endpoint(shop)
    shop.customer(card=None)
    assert shop.delete(f"{PATH}/{made['id']}") == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    message = f"No such webhook endpoint: '{made['id']}'"
    expected = refusal(message, code="resource_missing", param="webhook_endpoint")
    assert (error(shop.get(f"{PATH}/{made['id']}")), shop.last.status) == (expected, 404)
    assert shop.api.due(shop.at) == []


def test_it_hears_only_of_what_it_asked_for() -> None:
    shop = Shop()
    endpoint(shop, "invoice.paid", "invoice.finalized")
    shop.invoice("paid")
    assert [posting.type for posting in shop.api.due(shop.at)] == ["invoice.finalized", "invoice.paid"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("url=http://127.0.0.1/", missing("enabled_events")),
        ("enabled_events[]=*", missing("url")),
        (
            "enabled_events[]=*&url=localhost:80",
            refusal("Invalid URL: An explicit scheme (such as https) must be provided.", param="url"),
        ),
        ("enabled_events[]=*&url=http://", refusal("Invalid URL", code="url_invalid", param="url")),
        ("enabled_events[]=*&url=http://a:x/", refusal("Invalid URL", code="url_invalid", param="url")),
        ("enabled_events[]=*&url=http://a/%0a", refusal("Invalid URL", code="url_invalid", param="url")),
        (
            "enabled_events[]=invoice.payed&url=http://a/",
            refusal("Invalid enabled_events[0]: invoice.payed is no event of the API", param="enabled_events[0]"),
        ),
        (
            "enabled_events[]=invoice.*&url=http://a/",
            refusal("Invalid enabled_events[0]: invoice.* is no event of the API", param="enabled_events[0]"),
        ),
        (
            "enabled_events[]=*&url=http://a/&connect=true",
            refusal("The sandbox does not support the parameter 'connect'.", param="connect"),
        ),
        (
            "enabled_events[]=*&url=http://a/&api_version=new",
            refusal("Invalid api_version: new is no version of the API", param="api_version"),
        ),
    ],
)  # fmt: skip
def test_what_no_endpoint_can_be_is_refused(form: str, expected: dict[str, Any]) -> None:
    shop = Shop()
    assert (error(shop.post(PATH, form)), shop.last.status) == (expected, 400)
    assert shop.get(PATH)["data"] == []


def test_an_account_has_sixteen_of_them_at_most() -> None:
    shop = Shop()
    for _ in range(16):
        assert "id" in endpoint(shop)
    assert error(endpoint(shop)) == refusal("You have reached the maximum of 16 test webhook endpoints.")


def test_events_of_other_families_can_be_asked_for() -> None:
    assert endpoint(Shop(), "charge.succeeded", "test_helpers.test_clock.ready", "v2.core.x")["status"] == "enabled"
