"""The embedded invoice API: offline, with the states, lists, ids and refusals of Stripe's /v1/invoices.

    async with Sandbox() as sandbox:
        stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.url})

    serving | continuing        a port, a clock and a file; or a recorded session that goes on
    api                         one request in, one response out: a value
    passing                     what comes by itself as time passes
    commands | events           what each operation does; what happened by it, and who is yet to hear of it
    ledger                      all that one account holds
    wire                        what a request says, what an answer looks like

Each imports only those below. The names here are fetched when they are asked for: only `Sandbox` loads aiohttp.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from replayer.sandbox.api import CHANGING
    from replayer.sandbox.continuing import Continued, account_in
    from replayer.sandbox.ledger import switches
    from replayer.sandbox.serving import Sandbox, StateError

__all__ = ["CHANGING", "Continued", "Sandbox", "StateError", "account_in", "switches"]

_HOMES: Final = {
    "CHANGING": "api",
    "Continued": "continuing",
    "account_in": "continuing",
    "switches": "ledger",
    "Sandbox": "serving",
    "StateError": "serving",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
