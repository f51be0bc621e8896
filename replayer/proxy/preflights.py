"""Preflights: a browser asks whether a page may ask. Of pages that `cors` names we answer that ourselves, whatever the
API would say: it is no question to the API, and is never recorded.
"""

import time
from collections.abc import Sequence

from aiohttp import web

from replayer.core.message import Request
from replayer.proxy import guard
from replayer.proxy.answers import Told
from replayer.proxy.handler import Handler, fields_of

ASKED = "Access-Control-Request-"
REMEMBERED = "600"  # seconds that a browser need not ask again


class Preflights:
    """Stands before a handler. All that is no preflight of one of these pages goes on to it."""

    def __init__(self, handler: Handler, pages: Sequence[str]) -> None:
        self._handler, self._pages = handler, frozenset(pages)

    def __repr__(self) -> str:
        return f"<Preflights of {', '.join(sorted(self._pages))}>"

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        page = http.headers.get("Origin", "")
        if not self._is_preflight(http, page) or self._handler.refused(fields_of(http), http.raw_path):
            return await self._handler(http)
        began = time.perf_counter()
        answer = web.Response(status=204, headers=_permitted(http, page))
        path = self._handler.shown_path(Request(http.method, http.raw_path, ()))
        self._handler.say(Told(answer, "preflight"), http.method, path, answer.status, began)
        return answer

    def _is_preflight(self, http: web.BaseRequest, page: str) -> bool:
        return http.method == "OPTIONS" and page in self._pages and f"{ASKED}Method" in http.headers


def _permitted(http: web.BaseRequest, page: str) -> dict[str, str]:
    """All that it asks for: whoever named the page has said that it may."""
    found = dict(guard.permission(page)) | {"Access-Control-Max-Age": REMEMBERED}
    found["Access-Control-Allow-Methods"] = http.headers[f"{ASKED}Method"]
    for asked, allowed in (("Headers", "Allow-Headers"), ("Private-Network", "Allow-Private-Network")):
        if f"{ASKED}{asked}" in http.headers:
            found[f"Access-Control-{allowed}"] = http.headers[f"{ASKED}{asked}"]
    return found
