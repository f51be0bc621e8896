"""Sessions of a running `replayer serve`, for programs and test runners in Python: opened, used, ejected.

    with Client("http://127.0.0.1:8100", token).open("invoices.yaml", mode="once") as session:
        ...  # point any HTTP client at session.url

`Client` needs nothing but the standard library, `AsyncClient` aiohttp. Whoever speaks another language makes the same
calls by HTTP; `replayer js` prints a module for JavaScript.
"""

from replayer.client.blocking import Client, RemoteSession
from replayer.client.on_loop import AsyncClient, AsyncRemoteSession

__all__ = ["AsyncClient", "AsyncRemoteSession", "Client", "RemoteSession"]
