"""The demo: sandbox, record, stop it, replay, compare. One scripted client runs twice and is answered the same.

              recording                                  replaying
client  <-->  replayer  <-->  sandbox        client  <-->  replayer  <-->  nothing at all
"""

import asyncio
import json
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import click

from replayer.cli.inspect import size
from replayer.core.matching.canonical import flat
from replayer.core.rules.registry import INVOICE_RULES
from replayer.proxy.handler import Line
from replayer.proxy.replayer import Replayer
from replayer.proxy.thread import loop_factory
from replayer.sandbox import Sandbox

KEY = "sk_test_demo_made_up"
CASSETTE = "demo.yaml"
ORIGIN = f"https://{INVOICE_RULES.hosts[0]}"  # what the sandbox stands in for
SHOWN = 24  # lines of the cassette: its facts, one whole request, and where the answer begins
AMOUNTS = (1200, 4500, 990)  # cents


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client was answered. Equal answers are equal to the byte."""

    status: int
    request_id: str
    body: str


Ask = Callable[..., Answer]
"""`ask(method, path, **params)`: one request of a client."""


def run() -> int:
    """Run the demo; 0 where both runs of the client were answered the same."""
    with (
        tempfile.TemporaryDirectory(prefix="replayer-demo-") as root,
        asyncio.Runner(loop_factory=loop_factory()) as runner,
    ):
        return runner.run(_demo(root))


async def _demo(root: str) -> int:
    name, client = _client()
    async with Sandbox() as sandbox:
        upstream = sandbox.url
        _title(f"Recording the embedded invoice API, {upstream}. The client is {name}.")
        recorded = await _played(root, client, upstream=upstream, record_mode="all")
    _title(f"The first lines of the cassette ({size((Path(root) / CASSETTE).stat().st_size)}):")
    _first_lines(Path(root) / CASSETTE)
    _title(await _stopped(upstream))
    _title("Replaying: the same client again, answered from the cassette.")
    replayed = await _played(root, client, record_mode="none")
    same = sum(a == b for a, b in zip(recorded, replayed, strict=False))
    click.echo(f"\nidentical: {same}/{len(recorded)}")
    return 0 if same == len(recorded) == len(replayed) else 1


async def _played(root: str, client: Callable[[str], Ask], **settings: Any) -> list[Answer]:
    """One run of the client, in a thread because it blocks."""
    async with Replayer(CASSETTE, root=root, origin=ORIGIN, tell=_show, port=0, **settings) as replayer:
        answers = await asyncio.to_thread(scenario, client(replayer.url))
        click.echo(f"  {replayer.receipt}")
    return answers


def scenario(ask: Ask) -> list[Answer]:
    """Three invoices: one is paid, one voided, and all are listed in two pages. Each step uses ids of those before."""
    answers: list[Answer] = []

    def step(method: str, path: str, **params: Any) -> Any:
        answers.append(ask(method, path, **params))
        return json.loads(answers[-1].body)

    customer = step("post", "/v1/customers", name="Ada", invoice_settings={"default_payment_method": "pm_card_visa"})[
        "id"
    ]
    invoices = []
    for amount in AMOUNTS:
        invoices.append(step("post", "/v1/invoices", customer=customer)["id"])
        step("post", "/v1/invoiceitems", customer=customer, invoice=invoices[-1], amount=amount, currency="usd")
        step("post", f"/v1/invoices/{invoices[-1]}/finalize")
    step("get", f"/v1/invoices/{invoices[0]}")
    step("post", f"/v1/invoices/{invoices[0]}/pay")
    step("get", f"/v1/invoices/{invoices[0]}")  # the same request, another answer
    step("post", f"/v1/invoices/{invoices[2]}/void")
    page = step("get", "/v1/invoices", customer=customer, limit=2)
    step("get", "/v1/invoices", customer=customer, limit=2, starting_after=page["data"][-1]["id"])
    return answers


def _client() -> tuple[str, Callable[[str], Ask]]:
    """The official SDK where it is installed, else a client of our own that sends the same requests."""
    try:
        import stripe
    except ImportError:
        return "Python's http.client", _plain_client

    def client(url: str) -> Ask:
        sdk = stripe.StripeClient(KEY, base_addresses={"api": url})

        def ask(method: str, path: str, **params: Any) -> Answer:
            answer = sdk.raw_request(method, path, **params)
            return Answer(answer.code, answer.headers["Request-Id"], answer.body)

        return ask

    return f"the official stripe SDK {stripe.VERSION}", client


def _plain_client(url: str) -> Ask:
    def ask(method: str, path: str, **params: Any) -> Answer:
        form = urlencode(list(flat(params)))
        headers = {"Authorization": f"Bearer {KEY}"}
        connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        if method == "post":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": str(uuid.uuid4())}
            connection.request("POST", path, form, headers)
        else:
            connection.request("GET", f"{path}?{form}" if form else path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return Answer(answer.status, answer.headers["Request-Id"], body)

    return ask


async def _stopped(upstream: str) -> str:
    """Proof that nobody listens there any more."""
    parts = urlsplit(upstream)
    try:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError as error:
        return f"upstream stopped: {upstream} refuses connections ({type(error).__name__})."
    writer.close()
    return f"The upstream {upstream} is still there, so the rest proves nothing."


def _title(text: str) -> None:
    click.echo("\n" + click.style(text, bold=True))


def _show(line: Line) -> None:
    click.echo(f"  {line.method} {line.path} {line.status} {line.outcome} {line.milliseconds:.0f} ms")
    if line.note:
        click.echo(f"    {line.note}")


def _first_lines(cassette: Path) -> None:
    with cassette.open(encoding="utf-8") as lines:
        for line in islice(lines, SHOWN):
            click.echo(f"  {line.rstrip()}")
    click.echo("  ...")
