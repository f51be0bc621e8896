"""The embedded invoice API: offline, with the states, lists, ids and refusals of Stripe's /v1/invoices.

    async with Sandbox() as sandbox:
        stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.url})

The ledger is pure and `api.Api` answers requests as values; only `http` opens a port, and is imported when it is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replayer.sandbox.serving.server import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    if name != "Sandbox":
        raise AttributeError(f"module 'replayer.sandbox' has no attribute {name!r}")
    from replayer.sandbox.serving.server import Sandbox

    return Sandbox
