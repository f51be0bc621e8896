"""The pytest plugin: the fixtures `replayer`, `replayer_module` and `replayer_session`, each a proxy and a cassette.

    @pytest.mark.replayer(upstream="https://api.stripe.com")
    def test_an_invoice_can_be_paid(replayer):
        client = stripe.StripeClient("sk_test_...", base_addresses={"api": replayer.url})

Every test run of every user imports this file: what is heavy is imported when a fixture is used.
"""

from typing import TYPE_CHECKING

from replayer.pytest_plugin import options

if TYPE_CHECKING:
    import pytest

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: "pytest.Parser", pluginmanager: "pytest.PytestPluginManager") -> None:
    options.add(parser)
    # Pytest rewrites the asserts of all modules that a plugin's distribution has. Ours has three hundred and no assert
    # for tests: where nothing can be cached, that took three seconds of the first set-up of each worker.
    getattr(pluginmanager.rewrite_hook, "_must_rewrite", set()).discard("replayer")


def pytest_configure(config: "pytest.Config") -> None:
    from replayer.pytest_plugin import collecting, fixtures, last_line, network, outcomes

    options.check(config)
    for part in (outcomes, collecting, fixtures, last_line, network):
        config.pluginmanager.register(part, part.__name__)
