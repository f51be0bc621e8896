"""A bucket that speaks as much S3 as a store asks for, over HTTP on loopback; and that goes wrong as it is told.

With `behind` it keeps nothing itself: it passes on to a real server, and only what goes wrong is its own.
"""

import contextlib
import email.utils
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

NAME = "bucket"
PASSED = {"range", "if-match", "if-none-match", "content-length", "content-type", "host", "x-amz-content-sha256"}


@dataclass(frozen=True)
class Wrong:
    """What goes wrong with one request: another status, an answer that is cut after so many bytes though it promises
    more, one whose bytes are others, one that comes so late, or none at all."""

    status: int = 0
    cut: int | None = None
    other: bytes | None = None
    late: float = 0.0
    silent: bool = False


Judge = Callable[[str, str], Wrong | None]
"""Of a method and a key: what goes wrong, if anything."""


@dataclass
class Bucket:
    """What is in it, and what was asked of it."""

    objects: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    wrong: Judge = lambda _method, _key: None
    behind: str = ""
    port: int = 0
    mutex: Any = field(default_factory=threading.Lock)

    @property
    def environment(self) -> dict[str, str]:
        """What a client finds it by."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_REGION": "us-east-1",
        }

    @contextmanager
    def open(self) -> Iterator["Bucket"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def count(self, method: str) -> int:
        return sum(each == method for each, _ in self.asked)


def _handler(bucket: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.bucket = bucket
    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._serve()

    do_PUT = do_HEAD = do_DELETE = do_POST = do_GET  # noqa: N815 - how http.server finds them

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        key = unquote(parts.path).removeprefix(f"/{NAME}").lstrip("/")
        sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.bucket.mutex:
            self.bucket.asked.append((self.command, key))
            wrong = self.bucket.wrong(self.command, key)
        if wrong and wrong.late:
            time.sleep(wrong.late)
        if wrong and wrong.silent:
            self.close_connection = True
            return
        if wrong and wrong.status:
            self._answer(wrong.status, b"<Error><Code>Injected</Code></Error>", {})
            return
        if self.bucket.behind:
            status, body, headers = self._passed_on(sent)
        else:
            with self.bucket.mutex:
                status, body, headers = self._done(key, parse_qs(parts.query), sent)
        if wrong and wrong.other is not None:
            body = wrong.other
        self._answer(status, body, headers, cut=wrong.cut if wrong else None)

    def _passed_on(self, sent: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = HTTPConnection(self.bucket.behind, timeout=30)
        kept = {name: value for name, value in self.headers.items() if name.lower() in PASSED}
        kept["Authorization"] = self.headers.get("authorization", "")
        connection.request(self.command, self.path, sent, kept)
        answer = connection.getresponse()
        body = answer.read()
        headers = {name: value for name, value in answer.getheaders() if name.lower() in ("etag", "last-modified")}
        if self.command == "HEAD":
            headers["Content-Length"] = answer.getheader("content-length") or "0"
        connection.close()
        return answer.status, body, headers

    def _done(self, key: str, query: dict[str, list[str]], sent: bytes) -> tuple[int, bytes, dict[str, str]]:
        objects = self.bucket.objects
        if self.command == "PUT":
            if self.headers.get("if-none-match") == "*" and key in objects:
                return 412, b"<Error><Code>PreconditionFailed</Code></Error>", {}
            objects[key] = (sent, time.time())
            return 200, b"", _facts(objects[key])
        if self.command == "DELETE":
            objects.pop(key, None)
            return 204, b"", {}
        if "list-type" in query:
            return 200, _listing(objects, query.get("prefix", [""])[0]), {}
        if key not in objects:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>", {}
        facts = _facts(objects[key])
        if self.command == "HEAD":
            return 200, b"", {**facts, "Content-Length": str(len(objects[key][0]))}
        return 200, objects[key][0], facts

    def _answer(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True


def _facts(kept: tuple[bytes, float]) -> dict[str, str]:
    digest = hashlib.md5(kept[0], usedforsecurity=False).hexdigest()
    return {"ETag": f'"{digest}"', "Last-Modified": email.utils.formatdate(kept[1], usegmt=True)}


def _listing(objects: dict[str, tuple[bytes, float]], prefix: str) -> bytes:
    """All of them on one page."""
    each = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><ETag>x</ETag>"
        f"<LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(at))}</LastModified></Contents>"
        for key, (content, at) in sorted(objects.items())
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{each}</ListBucketResult>".encode()
