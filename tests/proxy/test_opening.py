"""What a cassette speaks of, and by which rules it is read."""

from pathlib import Path
from typing import Any

import pytest

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.core.rules import Rules, registry
from replayer.errors import CassetteError, UsageError
from replayer.proxy.opening import cassette_origin, rules_for
from replayer.settings import Settings

# -- what the cassette speaks of --------------------------------------------------------------------------------------


def recorded_from(origin: str, facts: Facts | None = None) -> Cassette:
    return Cassette((Interaction(Request("GET", "/", origin=origin), Response(200)),), facts)


@pytest.mark.parametrize(
    ("settings", "cassette", "upstream", "expected"),
    [
        (Settings(), None, "http://127.0.0.1:1", "http://127.0.0.1:1"),
        (Settings(origin="https://api.world.test"), None, "http://127.0.0.1:1", "https://api.world.test"),
        (Settings(upstream="sandbox"), None, "http://127.0.0.1:1", "https://api.stripe.com"),
        (Settings(), recorded_from("https://a.test"), "", "https://a.test"),
        (Settings(), recorded_from("https://a.test"), "https://b.test", "https://b.test"),
        (Settings(), recorded_from("http://127.0.0.1:1"), "http://localhost:2", "http://127.0.0.1:1"),
        (Settings(), recorded_from("http://127.0.0.1:1"), "https://b.test", "https://b.test"),
        (Settings(), recorded_from("https://a.test"), "http://127.0.0.1:1", "http://127.0.0.1:1"),
        (Settings(), Cassette(), "", ""),
    ],
)
def test_the_cassette_speaks_of_the_api_and_not_of_a_port_that_is_chance(
    settings: Settings, cassette: Cassette | None, upstream: str, expected: str
) -> None:
    assert cassette_origin(settings, cassette, upstream) == expected


# -- its rules --------------------------------------------------------------------------------------------------------

HERE = Path("a.yaml")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://api.stripe.com", registry.INVOICE_RULES),
        ("http://127.0.0.1:8080", registry.INVOICE_RULES),
        ("http://[::1]:8080", registry.INVOICE_RULES),
        ("http://localhost", registry.INVOICE_RULES),
        ("", registry.INVOICE_RULES),
        ("https://api.github.com", registry.GENERIC_RULES),
        ("https://api.stripe.com.evil.test", registry.GENERIC_RULES),
    ],
)
def test_a_new_cassette_has_the_rules_of_its_api(origin: str, expected: Rules) -> None:
    assert rules_for(Settings(), None, HERE, origin) == expected
    assert rules_for(Settings(), recorded_from(origin), HERE, origin) == expected


def test_a_new_cassette_has_the_rules_that_were_chosen() -> None:
    assert rules_for(Settings(rules="generic"), None, HERE, "https://api.stripe.com") == registry.GENERIC_RULES
    assert rules_for(Settings(rules={"base": "invoice"}), None, HERE, "https://a.test") == registry.INVOICE_RULES


def test_a_cassette_is_read_by_the_rules_that_named_it() -> None:
    recorded = recorded_from("https://a.test", Facts("sandbox", "invoice", 0))
    assert rules_for(Settings(), recorded, HERE, "https://a.test") == registry.INVOICE_RULES
    assert rules_for(Settings(rules="invoice"), recorded, HERE, "https://a.test") == registry.INVOICE_RULES
    with pytest.raises(CassetteError) as caught:
        rules_for(Settings(), recorded_from("", Facts("sandbox", "invoices", 0)), HERE, "")
    assert str(caught.value) == "a.yaml: 'invoices' is not a set of rules. Did you mean 'invoice'?"


@pytest.mark.parametrize("rules", ["generic", {"base": "generic"}])
def test_other_rules_than_those_that_named_a_cassette_are_refused(rules: Any) -> None:
    recorded = recorded_from("https://a.test", Facts("https://a.test", "invoice", 0))
    with pytest.raises(UsageError) as caught:
        rules_for(Settings(rules=rules), recorded, HERE, "https://a.test")
    assert str(caught.value) == (
        "a.yaml was recorded by the rules 'invoice', not 'generic'. "
        "Choose these or none, or delete it and record it anew."
    )


def test_what_extends_rules_extends_whichever_there_are() -> None:
    recorded = recorded_from("https://a.test", Facts("https://a.test", "generic", 0))
    table = {"times": ["born"], "noise_headers": ["X-Mood"]}
    extended = rules_for(Settings(rules=table), recorded, HERE, "https://a.test")
    assert extended.times == registry.GENERIC_RULES.times | {"born"}
    assert extended.noise_headers == registry.GENERIC_RULES.noise_headers | {"x-mood"}
    assert extended.name == "generic"
