"""The retries of the official SDKs against faults: an invoice is made once and paid once, whatever was lost, while
that is recorded and on replay.

A client here runs out of patience at the first attempt of a write whose fault is a delay, and at nothing else. On a
busy machine any answer may take longer than that, and what is asked for twice is recorded twice.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe

from replayer import Replayer
from tests.sandbox.test_sdks import NODE, sdk_for_node

KEY = "sk_test_made_up"
IMPATIENCE, PATIENCE = 0.15, 30.0  # seconds that a client waits for an answer
WRITES = ("/v1/customers", "/v1/invoiceitems", "/v1/invoices", "/v1/invoices/*/finalize", "/v1/invoices/*/pay")
BEFORE = ("status=429 retry_after=0", "status=409", "status=500", "status=503 retry_after=0", "reset", "delay=400")
AFTER = ("status=500 after", "reset after", "after", "delay=400 after", "truncate=20", "truncate=20 reset")
ATTEMPTS = 3
BOUGHT = ("paid", 2500, 1, 1, 1)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)


class Patient(stripe.RequestsClient):
    """Waits for an answer; under a `fault` that is a delay not so for the first attempt under each idempotency key."""

    def __init__(self, fault: str = "") -> None:
        super().__init__(timeout=PATIENCE)
        self._delayed, self._tried = "delay" in fault, set[str]()

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        key = headers.get("Idempotency-Key") if method == "post" else None
        first = key is not None and key not in self._tried
        self._tried |= {key} if key else set()
        self._timeout = IMPATIENCE if self._delayed and first else PATIENCE
        return super().request(method, url, headers, post_data, **more)


def client_of(url: str, fault: str = "") -> stripe.StripeClient:
    http = Patient(fault)
    return stripe.StripeClient(KEY, base_addresses={"api": url}, http_client=http, max_network_retries=ATTEMPTS)


def persistently(call: Callable[[Any], Any], key: str) -> Any:
    """A write under a key of its own: the SDK tries again by itself but for an answer that broke off."""
    for _ in range(ATTEMPTS):
        try:
            return call({"idempotency_key": key})
        except stripe.APIConnectionError:
            continue
    return call({"idempotency_key": key})


def bought(url: str, run: str, fault: str = "") -> tuple[str, int, int, int, int]:
    """What a program comes to that buys once under that fault: the invoice's state, what was paid for it and how often,
    and how many invoices and customers there are. `run` tells its keys from those of another run."""
    v1 = client_of(url, fault).v1
    customer = persistently(lambda key: v1.customers.create({"name": "Ada"}, key), f"customer-{run}").id
    item = {"customer": customer, "amount": 2500, "currency": "usd"}
    persistently(lambda key: v1.invoice_items.create(item, key), f"item-{run}")  # type: ignore[arg-type]
    terms = {"customer": customer, "pending_invoice_items_behavior": "include"}
    invoice = persistently(lambda key: v1.invoices.create(terms, key), f"invoice-{run}").id  # type: ignore[arg-type]
    persistently(lambda key: v1.invoices.finalize_invoice(invoice, None, key), f"finalize-{run}")
    card: Any = {"payment_method": "pm_card_visa", "expand": ["payments"]}
    persistently(lambda key: v1.invoices.pay(invoice, card, key), f"pay-{run}")
    found: Any = v1.invoices.retrieve(invoice, {"expand": ["payments"]})
    invoices, customers = v1.invoices.list().data, v1.customers.list().data
    return found.status, found.amount_paid, len(found.payments.data), len(invoices), len(customers)


def once_each(fault: str) -> list[str]:
    """The fault, met by the first attempt of each write."""
    return [f"POST {path} {fault} times=1" for path in WRITES]


@pytest.mark.long
@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_an_invoice_is_paid_once_while_it_is_recorded_and_on_replay(tmp_path: Path, fault: str) -> None:
    with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all", faults=once_each(fault)) as recording:
        assert bought(recording.url, "1", fault) == BOUGHT
        assert recording.receipt.faults == len(WRITES)
    for faults in (once_each(fault), []):
        with Replayer("a.yaml", root=tmp_path, faults=faults) as replaying:
            assert bought(replaying.url, f"2-{len(faults)}", fault if faults else "") == BOUGHT
            assert replaying.receipt.faults == len(faults)
            assert replaying.misses == []


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cassette in whose recording nothing went wrong."""
    folder = tmp_path_factory.mktemp("calm")
    with Replayer("a.yaml", root=folder, upstream="sandbox", record_mode="all") as recording:
        assert bought(recording.url, "1") == BOUGHT
    return folder


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_a_calm_recording_is_replayed_under_faults_and_stays_as_it_is(calm: Path, fault: str) -> None:
    before = (calm / "a.yaml").read_bytes()
    with Replayer("a.yaml", root=calm, faults=once_each(fault)) as replaying:
        assert bought(replaying.url, "2", fault) == BOUGHT
        assert (replaying.receipt.faults, replaying.misses) == (len(WRITES), [])
    assert (calm / "a.yaml").read_bytes() == before


@pytest.mark.parametrize("fault", [fault for fault in BEFORE if "delay" not in fault])
def test_recording_again_under_faults_that_come_before_changes_no_byte(calm: Path, tmp_path: Path, fault: str) -> None:
    """What never reached the API is recorded as if it had never been asked."""
    before = (calm / "a.yaml").read_bytes()
    (tmp_path / "a.yaml").write_bytes(before)
    with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all", faults=once_each(fault)) as again:
        assert bought(again.url, "1") == BOUGHT
        assert again.receipt.faults == len(WRITES)
    assert (tmp_path / "a.yaml").read_bytes() == before


# As the page on faults says: what the SDK for Python does on its own.
TRIED_AGAIN = ("status=409", "status=500", "reset", "after", "delay=400", "delay=400 after", "status=429 retry_after=0")
GIVEN_UP = ("status=429", "truncate=20", "truncate=20 reset")


@pytest.mark.parametrize("fault", [*TRIED_AGAIN, *GIVEN_UP])
def test_the_sdk_tries_again_by_itself_or_gives_up(calm: Path, fault: str) -> None:
    with Replayer("a.yaml", root=calm, faults=[f"POST /v1/customers {fault} times=1"]) as replaying:
        customers = client_of(replaying.url, fault).v1.customers
        if fault in GIVEN_UP:
            with pytest.raises((stripe.RateLimitError, stripe.APIConnectionError)):
                customers.create({"name": "Ada"})
        else:
            assert customers.create({"name": "Ada"}).id
        assert replaying.misses == []


def test_what_goes_on_failing_is_given_up_by_the_sdk(calm: Path) -> None:
    with Replayer("a.yaml", root=calm, faults=["* * status=500"]) as replaying:
        with pytest.raises(stripe.APIError):
            client_of(replaying.url).v1.customers.create({"name": "Ada"})
        assert replaying.receipt.faults == 1 + ATTEMPTS


# -- Node -------------------------------------------------------------------------------------------------------------

PROGRAM = """
import { createRequire } from "node:module";
const [folder, url, token, writes, faults] = process.argv.slice(2);
const Stripe = createRequire(folder + "/")("stripe");
const { hostname: host, port } = new URL(url);
// It runs out of patience where a fault is a delay, at the first attempt under each key, and at nothing else.
let delayed = false;
const tried = new Set();
const httpClient = Stripe.createNodeHttpClient();
const makeRequest = httpClient.makeRequest.bind(httpClient);
httpClient.makeRequest = (host, port, path, method, headers, data, protocol) => {
  const key = headers["Idempotency-Key"];
  const timeout = delayed && key && !tried.has(key) ? 150 : 30000;
  tried.add(key);
  return makeRequest(host, port, path, method, headers, data, protocol, timeout);
};
const stripe = new Stripe("sk_test_made_up", { host, port, protocol: "http", httpClient, maxNetworkRetries: 3 });
stripe.getInitialNetworkRetryDelay = () => 0.001;
const lay = async (faults) => {
  const headers = { "Replayer-Token": token };
  const call = { method: "POST", headers, body: JSON.stringify({ faults }) };
  const answer = await fetch(`${url}/__replayer__/faults`, call);
  if (!answer.ok) throw new Error(await answer.text());
};
let keys = 0;
// The SDK tries again by itself but for an answer that broke off: that one is asked for again under the same key.
const persistently = async (call) => {
  const options = { idempotencyKey: `key-${++keys}` };
  try {
    return await call(options);
  } catch (error) {
    if (error.type !== "StripeConnectionError") throw error;
    return call(options);
  }
};
const bought = [];
for (const fault of JSON.parse(faults)) {
  delayed = fault.includes("delay");
  await lay(JSON.parse(writes).map((path) => `POST ${path} ${fault} times=1`));
  const customer = (await persistently((key) => stripe.customers.create({ name: fault }, key))).id;
  await persistently((key) => stripe.invoiceItems.create({ customer, amount: 2500, currency: "usd" }, key));
  const terms = { customer, pending_invoice_items_behavior: "include" };
  const invoice = (await persistently((key) => stripe.invoices.create(terms, key))).id;
  await persistently((key) => stripe.invoices.finalizeInvoice(invoice, {}, key));
  await persistently((key) => stripe.invoices.pay(invoice, { payment_method: "pm_card_visa" }, key));
  const { status, amount_paid, payments } = await stripe.invoices.retrieve(invoice, { expand: ["payments"] });
  bought.push([status, amount_paid, payments.data.length, (await stripe.invoices.list({ customer })).data.length]);
}
const number = (await stripe.customers.list({ limit: 100 })).data.length;
const refused = [];
for (const fault of ["status=429", "truncate=20", "truncate=20 reset"]) {
  await lay([`GET /v1/customers ${fault} times=1`]);
  await stripe.customers.list({ limit: 100 }).catch((error) => refused.push(error.type));
}
console.log(JSON.stringify([bought, number, refused]));
"""


def node(folder: Path, replaying: Replayer, faults: tuple[str, ...]) -> Any:
    program = folder / "buys.mjs"
    program.write_text(PROGRAM)
    told = [str(NODE), replaying.url, replaying.token, json.dumps(WRITES), json.dumps(faults)]
    done = subprocess.run(["node", program, *told], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.installs
@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, which is not installed here")
def test_the_sdk_for_node_pays_once_too(tmp_path: Path) -> None:
    reason = sdk_for_node()
    if reason:
        pytest.skip(reason)
    faults = (*BEFORE, *AFTER)
    given_up = ["StripeRateLimitError", "StripeConnectionError", "StripeConnectionError"]  # as the page on faults says
    expected = [[["paid", 2500, 1, 1]] * len(faults), len(faults), given_up]
    met = len(faults) * len(WRITES) + len(given_up)
    with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as recording:
        assert node(tmp_path, recording, faults) == expected
        assert recording.receipt.faults == met
    with Replayer("a.yaml", root=tmp_path) as replaying:
        assert node(tmp_path, replaying, faults) == expected
        assert (replaying.receipt.faults, replaying.misses) == (met, [])
