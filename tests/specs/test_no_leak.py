"""Law 5 from outside: hundreds of secrets in all the places and encodings that people's traffic has them in, recorded,
and looked for in all that stays on disk or is shown, by a program that shares no line with what records."""

import base64
import gzip
import html
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest

from replayer.cassettes import Journal, entry, names_file
from replayer.core.message import Request, Response, wire
from replayer.core.recording import Forward
from replayer.core.rules import Rules, registry
from replayer.proxy.slot import Slot
from tests.core.build import CUSTOMER, KEY, NOW, req, session
from tests.specs.leaks import all_leaked, leaked

pytest_plugins = ["pytester"]
brotli: Any = import_module("brotli")  # it has no types
RANDOM = "q8Zk3Lm0-Rt7Vw2Yx9_Bn4Cd6EhG5s"
OTHER = "Jd83hFk2-Lq0sWz7_Pm5xTg1Rv9"
TELEGRAM = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
HEX = "0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d"
OLD_ID = "in_1MtHbELkdIwHu7ixl4OzzPMv"
HTML = ("Content-Type", "text/html")
TEXT = ("Content-Type", "text/plain")
JSON = ("Content-Type", "application/json")
BYTES = ("Content-Type", "application/octet-stream")
FORM = ("Content-Type", wire.FORM_TYPE)
BEARER = ("Authorization", f"Bearer {KEY}")


@dataclass(frozen=True)
class Leak:
    """A secret and the exchanges that hold it. What is only `told` to the client is none of its own."""

    kind: str
    secret: str
    exchanges: tuple[tuple[Request, Response], ...]


def answered(kind: str, secret: str, body: str | bytes, *headers: tuple[str, str], reason: str = "OK") -> Leak:
    raw = body if isinstance(body, bytes) else body.encode()
    response = Response(200, reason, headers or (JSON,), raw)
    return Leak(kind, secret, ((req("GET /v1/things", b"", BEARER), response),))


def asked(kind: str, secret: str, request: Request, answer: str = "{}") -> Leak:
    return Leak(kind, secret, ((request, Response(200, "OK", (JSON,), answer.encode())),))


NAMES = [
    "access_token",
    "refresh_token",
    "id_token",
    "session_token",
    "auth_token",
    "csrf_token",
    "upload_token",
    "api_key",
    "api_token",
    "client_secret",
    "signing_secret",
    "secret_key",
    "session_id",
    "secret",
    "token",
    "signature",
    "sig",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "new_password",
    "old_password",
    "current_password",
    "access_key",
    "secret_access_key",
    "client_assertion",
    "private_key",
    "api_secret",
    "app_password",
    "accessToken",
    "refreshToken",
    "ApiKey",
    "clientSecret",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
]
WITHOUT_WORDS = tuple(name for name in NAMES if name not in ("secret", "token", "signature", "sig", "session_id"))


def by_name() -> Iterator[Leak]:
    for name in NAMES:
        yield answered(f"json {name}", RANDOM, json.dumps({"data": [{name: RANDOM}]}))
        yield asked(f"form {name}", RANDOM, req("POST /v1/things", f"a=1&{name}={quote(RANDOM)}", BEARER))
    for name in ("access_token", "api_key", "client_secret", "refreshToken"):
        yield answered(f"in a list, {name}", RANDOM, json.dumps({name: [RANDOM]}))
        yield answered(f"in an object, {name}", RANDOM, json.dumps({name: {"value": RANDOM, "type": "x"}}))
        yield answered(f"as a pair, {name}", RANDOM, json.dumps([{"name": name, "value": RANDOM}]))
        yield answered(f"plainly, {name}", RANDOM, f"ok\n{name}: {RANDOM}\n", TEXT)
        yield answered(f"as an assignment, {name}", RANDOM, f"export {name}={RANDOM}\n", TEXT)
        yield answered(f"in Python, {name}", RANDOM, f"{{'{name}': '{RANDOM}'}}", TEXT)
        yield answered(f"in a message, {name}", RANDOM, json.dumps({"error": f"bad {{'{name}': '{RANDOM}'}}"}))
        yield answered(f"in HTML, {name}", RANDOM, html.escape(json.dumps({name: RANDOM})), HTML)
        yield answered(f"in XML, {name}", RANDOM, f"<r><{name}>{RANDOM}</{name}></r>", ("Content-Type", "text/xml"))
        yield answered(f"in a string, {name}", RANDOM, json.dumps({"log": json.dumps({name: RANDOM})}))
        yield answered(f"in a link, {name}", RANDOM, json.dumps({"url": f"https://a.test/x?{name}={RANDOM}"}))
        yield answered(f"in a header, {name}", RANDOM, "{}", JSON, (name.replace("_", "-"), RANDOM))
        yield answered(f"in UTF-16, {name}", RANDOM, json.dumps({name: RANDOM}).encode("utf-16"), JSON)
        yield answered(f"in bare UTF-16, {name}", RANDOM, json.dumps({name: RANDOM}).encode("utf-16-le"), JSON)
        yield asked(f"in a query, {name}", RANDOM, req(f"GET /v1/things?{name}={RANDOM}", b"", BEARER))
        yield asked(f"in JSON, {name}", RANDOM, req("POST /v1/things", {"a": {name: RANDOM}}, BEARER))
        yield asked(f"in a list that is sent, {name}", RANDOM, req("POST /v1/things", {name: [RANDOM]}, BEARER))
        yield asked(f"in parts, {name}", RANDOM, in_parts(name, RANDOM))
        for how, pack in PACKS.items():
            yield answered(f"{how}, {name}", RANDOM, pack(json.dumps({name: RANDOM}).encode()), BYTES)


def in_parts(name: str, value: str) -> Request:
    body = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b--\r\n'.encode()
    return Request("POST", "/v1/things", (BEARER, ("Content-Type", "multipart/form-data; boundary=b")), body)


def raw_deflate(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush()


PACKS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda raw: gzip.compress(raw, mtime=0),  # the same in every second
    "zlib": zlib.compress,
    "raw deflate": raw_deflate,
    "brotli": lambda raw: bytes(brotli.compress(raw)),
}
LETTERS = "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6EhG5s" * 3
VENDORS = {
    "OpenAI": ("sk-proj-", LETTERS[:48]),
    "Anthropic": ("sk-ant-api03-", LETTERS[:60]),
    "Google OAuth": ("ya29.", LETTERS[:60]),
    "Google client": ("GOCSPX-", LETTERS[:28]),
    "PyPI": ("pypi-", "AgEI" + LETTERS[:60]),
    "Square": ("sq0atp-", LETTERS[:22]),
    "Hugging Face": ("hf_", LETTERS[:34]),
    "Shopify": ("shpat_", HEX),
    "GitHub": ("ghp_", LETTERS[:36]),
    "GitLab": ("glpat-", LETTERS[:20]),
    "Slack": ("xoxb-", "123456789012-" + LETTERS[:24]),
    "npm": ("npm_", LETTERS[:36]),
    "DigitalOcean": ("dop_v1_", HEX * 2),
    "Stripe": ("sk_" + "test_", LETTERS[:24]),
    "Linear": ("lin_api_", LETTERS[:40]),
    "Vault": ("hvs.", LETTERS[:24]),
    "Figma": ("figd_", LETTERS[:40]),
    "Telegram": ("110201543:", TELEGRAM),
}


def by_form() -> Iterator[Leak]:
    for vendor, (head, rest) in VENDORS.items():
        key = head + rest
        yield answered(f"{vendor} in JSON", rest, json.dumps({"note": f"use {key}, please"}))
        yield answered(f"{vendor} in entities", rest, json.dumps({"note": entities(key)}))
        yield answered(
            f"{vendor} in base64", rest, json.dumps({"note": base64.b64encode(f" {key} ".encode()).decode()})
        )
        yield answered(f"{vendor} in UTF-16", rest, f"it is {key} .".encode("utf-16"), TEXT)
        yield answered(f"{vendor} in a header", rest, "{}", JSON, ("X-Note", f"use {key}"))
        yield answered(f"{vendor} in a reason", rest, "{}", JSON, reason=f"Bad key {key}")
        yield asked(f"{vendor} in a body", rest, req("POST /v1/things", {"note": key}, BEARER))
        yield asked(f"{vendor} in a path", rest, req(f"GET /v1/{key}/things", b"", BEARER))
        yield asked(f"{vendor} in an encoded path", rest, req(f"GET /v1/{percent(key)}/things", b"", BEARER))
        for how, pack in PACKS.items():
            yield answered(f"{vendor} in {how}", rest, pack(f"it is {key} .".encode()), BYTES)


def entities(text: str) -> str:
    return "".join(f"&#{ord(letter)};" if letter.isalpha() else letter for letter in text)


def percent(text: str) -> str:
    return "".join(f"%{ord(letter):02X}" if number % 3 == 0 else letter for number, letter in enumerate(text))


SCHEMES = {
    "SigV4": f"AWS4-HMAC-SHA256 Credential=x/20261130/us-east-1, SignedHeaders=host, Signature={HEX}",
    "OAuth": f'OAuth oauth_consumer_key="x", oauth_token="{RANDOM}", oauth_version="1.0"',
    "Token": f"Token token={RANDOM}",
    "quoted": f'Token token="{RANDOM}"',
    "Digest": f'Digest username="ada", response="{HEX}"',
    "Bearer": f"Bearer {RANDOM}",
    "Basic": f"Basic {base64.b64encode(f'ada:{RANDOM}'.encode()).decode()}",
    "bare": RANDOM,
}


def by_scheme() -> Iterator[Leak]:
    """What a client shows itself with, and what an answer makes of it."""
    for name, header in SCHEMES.items():
        secret = HEX if HEX in header else RANDOM
        request = req("GET /v1/me", b"", ("Authorization", header))
        for how, text in (
            ("as it is", secret),
            ("in lower hex", secret.encode().hex()),
            ("in upper hex", secret.encode().hex().upper()),
            ("in base64", base64.b64encode(secret.encode()).decode()),
            ("percent-encoded", quote(secret, safe="").replace("-", "%2D")),
        ):
            yield asked(f"{name}, told {how}", secret, request, json.dumps({"id": text, "seen": f"<{text}>"}))


LINKS = (
    "https://checkout.stripe.com/c/pay/cs_test_a1MtHbELkdIwHu7ixl4OzzPMvq8Zk#fid{}",
    "https://files.stripe.com/links/{}",
    "https://share.test/d/{}/view",
    "https://app.test/#/join/{}",
    "https://app.test/invite#{}",
)


def by_link() -> Iterator[Leak]:
    secret = "dkdWxOYHwnPyd1blpxYHZxWjA0S3J8Zk3Lm0Rt7Vw"
    inside = base64.b64encode(b"00|acct_1NffrFeUfNV2Hib9|fl_test_9vXkQ2m4Lp8Rt6Wz").decode()
    for link in LINKS:
        url = link.format(secret)
        yield answered(f"a link {link}", secret, json.dumps({"id": OLD_ID, "url": url}))
        yield answered(f"in prose, {link}", secret, f"See {url}.", TEXT)
        yield answered(f"as Location, {link}", secret, "", ("Location", url))
    for secret in (inside, "acct_1NffrFeUfNV2Hib9", "fl_test_9vXkQ2m4Lp8Rt6Wz"):
        yield answered(f"a file link {secret}", secret, json.dumps({"url": f"https://files.stripe.com/links/{inside}"}))


def ids() -> Iterator[Leak]:
    """Ids of the upstream where nobody looks for them."""
    for real in (OLD_ID, CUSTOMER, "7f6b1c1e-3f2b-4a0b-9f53-0a3a7b6d2a11"):
        told = json.dumps({"id": real, "object": "thing", "created": int(NOW)})
        yield answered(f"reason {real}", real, told, JSON, reason=f"Made {real}")
        yield answered(f"header's name {real}", real, told, JSON, (f"X-Made-{real}", "1"))
        yield answered(f"header {real}", real, told, JSON, ("X-Made", f"<{real}>"))
        yield answered(f"base64 {real}", real, json.dumps({"id": real, "b": base64.b64encode(real.encode()).decode()}))
        first = answered("", real, b"\xff\xfe" + real.encode() + b"\xff", BYTES).exchanges
        yield Leak(f"bytes, known later {real}", real, (*first, *answered("", real, told).exchanges))
        packed = answered("", real, PACKS["gzip"](real.encode()), BYTES).exchanges
        yield Leak(f"packed, known later {real}", real, (*packed, *answered("", real, told).exchanges))


def later() -> Iterator[Leak]:
    """Answers that quote what their client shows itself with only later."""
    for secret in (RANDOM, OTHER, HEX, f"sk_{'test'}_123"):
        quoting = Response(401, "No", (JSON,), json.dumps({"error": f"No such key: {secret}"}).encode())
        shown = req("GET /v1/me", b"", ("Authorization", f"Bearer {secret}"))
        yield Leak(f"quoted before it is used, {secret[:4]}", secret, ((req("GET /v1/x"), quoting), (shown, quoting)))


LEAKS = [*by_name(), *by_form(), *by_scheme(), *by_link(), *ids(), *later()]
IDS = list(ids())


def recorded(leak: Leak, rules: Rules, root: Path) -> tuple[list[str], str]:
    """What of it was refused, and all that was said. What came of it is below the root."""
    to = session(rules=rules)
    path = root / "a.yaml"
    slot = Slot(path, to, Journal.open(path), lambda _: remember(to, root))
    refused = []
    shown = []
    for number, (request, response) in enumerate(leak.exchanges):
        verdict = to.decide(request, NOW + number)
        assert isinstance(verdict, Forward), verdict
        taken = to.record(verdict.exchange, response, NOW + number + 0.2)
        if trouble := slot.keep(verdict.exchange, taken, entry(taken.interaction)):
            to.abandon(verdict.exchange)
            refused.append(trouble)
        shown.append(to.shown_path(request))
    left = b"".join(file.read_bytes() for file in root.rglob("*") if file.is_file())
    ejected = slot.eject()
    return refused, "\n".join((*refused, *shown, str(ejected), left.decode("latin-1") if not ejected.late else ""))


def remember(to: object, root: Path) -> None:
    memory = to.upstream.memory()  # type: ignore[attr-defined]
    if memory is not None:
        names_file.write(root, "a.yaml", memory)


@pytest.mark.long
@pytest.mark.parametrize("rules", [registry.INVOICE_RULES, registry.GENERIC_RULES], ids=lambda rules: rules.name)
@pytest.mark.parametrize("group", [by_name, by_form, by_scheme, by_link, ids, later])
def test_law_5_nothing_that_opens_something_stays_on_disk_or_is_shown(
    group: Callable[[], Iterator[Leak]], rules: Rules, tmp_path: Path
) -> None:
    found = []
    for number, leak in enumerate(group()):
        root = tmp_path / str(number)
        root.mkdir()
        refused, said = recorded(leak, rules, root)
        kept = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
        for file, content in kept.items():
            real = leak.secret if file.suffix == ".yaml" or leak not in IDS else ""
            if real and (how := leaked(real, content)):
                found.append(f"{leak.kind}: {file.name}, {how}")
        if how := leaked(leak.secret, said.encode("latin-1", "replace")):
            found.append(f"{leak.kind}: said, {how}")
        assert refused or kept, leak.kind

    assert found == []


def test_there_are_hundreds_of_them() -> None:
    assert len(LEAKS) >= 200


PLANTED = """
import base64, json, pathlib, requests

def test_it(replayer):
    with requests.Session() as session:
        for method, path, headers, body in json.loads(pathlib.Path("asked.json").read_text()):
            session.request(method, replayer.url + path, headers=headers, data=base64.b64decode(body), timeout=20)
    assert False, "so that all is shown"
"""


@pytest.mark.long
def test_law_5_end_to_end_a_test_that_fails_shows_and_leaves_nothing(pytester: pytest.Pytester) -> None:
    """Over sockets, by the plugin: cassettes, journals, `.replayer/` and all that pytest prints, logs included."""
    planted = [*by_form(), *by_link(), *by_scheme(), *by_name()][::2]
    answers: dict[str, Response] = {}
    asks = []
    for number, leak in enumerate(planted):
        ((request, answer),) = leak.exchanges
        path = f"/v1/{number}{request.target}"
        answers[str(number)] = answer
        asks.append((request.method, path, dict(request.headers), base64.b64encode(request.body).decode()))
    with serving(answers) as url:
        (pytester.path / "asked.json").write_text(json.dumps(asks))  # what a test says itself is not ours
        pytester.makepyfile(PLANTED)
        options = ("-p", "no:randomly", "-n0", "--replayer-mode=all", f"--replayer-upstream={url}", "--log-level=INFO")
        result = pytester.runpytest_subprocess(*options, "-vv")
    result.assert_outcomes(failed=1)
    printed = "\n".join((*result.outlines, *result.errlines)).encode()
    kept = {
        str(file): file.read_bytes()
        for file in pytester.path.rglob("*")
        if file.is_file() and (file.suffix in (".yaml", ".journal") or ".replayer" in file.parts)
    }
    secrets = {leak.secret for leak in planted}
    assert len(planted) >= 200
    assert printed.count(b" recorded ") > 150  # it is the log that is looked through
    assert any(b"/v1/150" in content for content in kept.values())
    assert all_leaked(secrets, printed) == {}
    for file, content in kept.items():
        assert all_leaked(secrets, content) == {}, file


def test_what_looks_for_them_finds_each() -> None:
    """Each of them, where nothing was taken out of it."""
    for leak in LEAKS:
        told = b"\n".join(
            b"\n".join((part.target.encode() if isinstance(part, Request) else part.reason.encode(), part.body))
            + "".join(f"\n{name}: {value}" for name, value in part.headers).encode()
            for exchange in leak.exchanges
            for part in exchange
        )
        bodies = [answer.body for _, answer in leak.exchanges]
        assert leaked(leak.secret, *told.splitlines(), told, *bodies), leak.kind


@contextmanager
def serving(answers: dict[str, Response]) -> Iterator[str]:
    """An upstream that gives those answers, by the second segment of the path."""

    class Planted(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = answers[self.path.split("/")[2]]
            self.send_response(answer.status, answer.reason)
            for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Not a word."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Planted)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
