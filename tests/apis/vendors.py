"""Traffic in the shape of well-known APIs, as their public documentation shows it: what is asked, and what is answered
in a run that begins at that time, by that chance. Nothing here is anybody's: only names and forms are theirs.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from replayer.core.message import Request, Response, wire

Exchange = tuple[Request, Response]
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
UPPER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
JSON = "application/json; charset=utf-8"


@dataclass
class Run:
    """One run of an API: its clock, which moves with each answer, and its chance."""

    origin: str
    at: float
    chance: Random
    minted: list[str] = field(default_factory=list)

    def text(self, alphabet: str, length: int, prefix: str = "") -> str:
        """Something that is another one in the next run."""
        made = prefix + "".join(self.chance.choices(alphabet, k=length))
        if length > 9:
            self.minted.append(made)
        return made

    def kept(self, made: str) -> str:
        self.minted.append(made)
        return made

    def hex(self, length: int) -> str:
        return self.text("0123456789abcdef", length)

    @property
    def iso(self) -> str:
        return f"{datetime.fromtimestamp(int(self.at), UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def mail(self) -> str:
        return f"{datetime.fromtimestamp(int(self.at), UTC):%a, %d %b %Y %H:%M:%S +0000}"

    def exchange(
        self, line: str, value: Any, *headers: tuple[str, str], body: Any = None, status: int = 200, media: str = JSON
    ) -> Exchange:
        method, _, target = line.partition(" ")
        sent: wire.Headers = ()
        raw = b""
        if isinstance(body, dict):
            sent, raw = (("Content-Type", "application/json"),), json.dumps(body).encode()
        elif body is not None:
            sent, raw = (("Content-Type", wire.FORM_TYPE),), body.encode()
        text = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
        date = ("Date", f"{datetime.fromtimestamp(int(self.at), UTC):%a, %d %b %Y %H:%M:%S GMT}")
        self.at += 0.4
        answer = Response(status, "OK", (("Content-Type", media), date, *headers), text)
        return Request(method, target, sent, raw, self.origin), answer


def github(run: Run) -> Iterator[Exchange]:
    """Issues of a repository: numbers for ids, node ids in base64, a list that is paged by links."""
    repository = {"id": 1296269, "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5", "full_name": "ada/engine"}

    def own() -> tuple[tuple[str, str], ...]:
        return (
            ("X-GitHub-Request-Id", ":".join(run.text("0123456789ABCDEF", length) for length in (4, 4, 6, 6, 8))),
            ("X-RateLimit-Reset", str(int(run.at) + 3600)),
            ("X-RateLimit-Remaining", str(run.chance.randrange(4000, 4999))),
            ("ETag", f'W/"{run.hex(64)}"'),
        )

    issues: list[dict[str, Any]] = []
    for number in (1, 2, 3):
        born = run.iso
        node = run.text(BASE62, 10, "I_kwDOABPHjc")
        issue: dict[str, Any] = {
            "id": int(run.text("123456789", 10)),
            "node_id": node,
            "number": number,
            "url": f"{run.origin}/repos/ada/engine/issues/{number}",
            "state": "open",
            "title": f"Issue {number}",
            "user": {"login": "ada", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ=="},
            "created_at": born,
            "updated_at": born,
            "closed_at": None,
        }
        issues.append(issue)
        yield run.exchange(
            "POST /repos/ada/engine/issues", issue, *own(), body={"title": f"Issue {number}"}, status=201
        )
    yield run.exchange("GET /repos/ada/engine", repository | {"pushed_at": "2011-01-26T19:06:43Z"}, *own())
    cursor = base64.b64encode(f"cursor:v2:{issues[1]['id']}".encode()).decode()
    link = f'<{run.origin}/repos/ada/engine/issues?per_page=2&after={cursor.replace("=", "%3D")}&page=2>; rel="next"'
    yield run.exchange("GET /repos/ada/engine/issues?per_page=2", issues[:0:-1], ("Link", link), *own())
    issue = issues[0] | {"state": "closed", "closed_at": run.iso, "updated_at": run.iso}
    yield run.exchange("PATCH /repos/ada/engine/issues/1", issue, *own(), body={"state": "closed"})
    sha = run.hex(40)
    commit = {
        "content": {
            "name": "a.txt",
            "sha": run.hex(40),
            "url": f"{run.origin}/repos/ada/engine/contents/a.txt?ref=main",
        },
        "commit": {"sha": sha, "url": f"{run.origin}/repos/ada/engine/git/commits/{sha}", "author": {"date": run.iso}},
    }
    body = {"message": "a", "content": "YQ=="}
    yield run.exchange("PUT /repos/ada/engine/contents/a.txt", commit, *own(), body=body, status=201)
    yield run.exchange(f"GET /repos/ada/engine/commits/{sha}", {"sha": sha, "node_id": run.text(BASE62, 64)}, *own())


def slack(run: Run) -> Iterator[Exchange]:
    """Messages of a channel: times that are ids, ids that are short and in capitals, a cursor in base64."""
    team, bot = "T024BE7LD", "B0123ABCD45"
    request = (("X-Slack-Req-Id", run.hex(32)),)
    channel = run.text(UPPER, 10, "C")
    born = int(run.at)
    made = {
        "ok": True,
        "channel": {
            "id": channel,
            "name": "engine",
            "created": born,
            "creator": "U012AB3CDE",
            "updated": born * 1000 + 123,
        },
    }
    yield run.exchange("POST /api/conversations.create", made, *request, body="name=engine")
    stamps = []
    for number in (1, 2, 3):
        stamp = run.kept(f"{int(run.at)}.{run.chance.randrange(10**6):06d}")
        stamps.append(stamp)
        message: dict[str, Any] = {
            "type": "message",
            "user": "U012AB3CDE",
            "team": team,
            "bot_id": bot,
            "text": str(number),
            "ts": stamp,
        }
        message |= {
            "client_msg_id": str(_uuid(run)),
            "blocks": [{"type": "rich_text", "block_id": run.text(BASE62, 5)}],
        }
        yield run.exchange(
            "POST /api/chat.postMessage", {"ok": True, "channel": channel, "ts": stamp, "message": message}, *request,
            body=f"channel={channel}&text={number}",
        )  # fmt: skip
    cursor = base64.b64encode(f"next_ts:{stamps[0].replace('.', '')}".encode()).decode()
    history = {
        "ok": True,
        "messages": [{"type": "message", "ts": stamp, "text": "x"} for stamp in reversed(stamps[1:])],
        "has_more": True,
        "response_metadata": {"next_cursor": cursor},
    }
    yield run.exchange(f"GET /api/conversations.history?channel={channel}&limit=2", history, *request)
    yield run.exchange(
        "POST /api/chat.update", {"ok": True, "channel": channel, "ts": stamps[1], "text": "y"}, *request,
        body=f"channel={channel}&ts={stamps[1]}&text=y",
    )  # fmt: skip


def openai(run: Run) -> Iterator[Exchange]:
    """Completions and a file: ids behind a prefix and a dash, a stream of events, how long it took in a header."""

    def own() -> tuple[tuple[str, str], ...]:
        return (
            ("openai-processing-ms", str(run.chance.randrange(100, 900))),
            ("x-request-id", run.text("0123456789abcdef", 32, "req_")),
            ("x-ratelimit-reset-requests", f"{run.chance.randrange(1, 999)}ms"),
            ("x-ratelimit-remaining-tokens", str(run.chance.randrange(10_000, 99_999))),
            ("CF-RAY", f"{run.hex(16)}-FRA"),
        )

    made = run.text(BASE62, 29, "chatcmpl-")
    completion = {
        "id": made,
        "object": "chat.completion",
        "created": int(run.at),
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi", "tool_calls": [
            {"id": run.text(BASE62, 24, "call_"), "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ]}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21},
        "system_fingerprint": "fp_44709d6fcb",
    }  # fmt: skip
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
    yield run.exchange("POST /v1/chat/completions", completion, *own(), body=body)
    other, born = run.text(BASE62, 29, "chatcmpl-"), int(run.at)
    chunks = [{"id": other, "object": "chat.completion.chunk", "created": born, "delta": each} for each in ("H", "i")]
    events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    yield run.exchange(
        "POST /v1/chat/completions", events, *own(), body=body | {"stream": True}, media="text/event-stream"
    )
    file = run.text(BASE62, 22, "file-")
    yield run.exchange(
        "POST /v1/files",
        {
            "id": file,
            "object": "file",
            "bytes": 5,
            "created_at": int(run.at),
            "filename": "a.jsonl",
            "expires_at": None,
        },
        *own(),
        body={"purpose": "batch"},
    )
    thread = run.text(BASE62, 24, "thread_")
    yield run.exchange(
        "POST /v1/threads", {"id": thread, "object": "thread", "created_at": int(run.at)}, *own(), body={}
    )
    message = run.text(BASE62, 24, "msg_")
    listed = {
        "object": "list",
        "data": [{"id": message, "thread_id": thread, "created_at": int(run.at)}],
        "first_id": message,
    }
    yield run.exchange(f"GET /v1/threads/{thread}/messages", listed | {"last_id": message, "has_more": False}, *own())
    yield run.exchange(f"GET /v1/files/{file}", {"id": file, "object": "file"}, *own())
    models = {"object": "list", "data": [{"id": "gpt-4o-mini-2024-07-18", "created": 1721172741, "owned_by": "system"}]}
    yield run.exchange("GET /v1/models", models, *own())


def twilio(run: Run) -> Iterator[Exchange]:
    """Messages of an account: ids of two letters and a number, dates of mail, pages by a token in a link."""
    account = "AC" + "0123456789abcdef" * 2
    base = f"/2010-04-01/Accounts/{account}"
    own = (
        ("Twilio-Request-Id", run.text("0123456789abcdef", 32, "RQ")),
        ("Twilio-Request-Duration", f"0.{run.chance.randrange(100, 999)}"),
    )
    sids = []
    for number in (1, 2):
        sid = run.text("0123456789abcdef", 32, "SM")
        sids.append(sid)
        message = {
            "sid": sid, "account_sid": account, "body": str(number), "status": "queued", "to": "+15558675310",
            "from": "+15017122661", "date_created": run.mail, "date_updated": run.mail, "date_sent": None,
            "uri": f"{base}/Messages/{sid}.json", "subresource_uris": {"media": f"{base}/Messages/{sid}/Media.json"},
        }  # fmt: skip
        yield run.exchange(
            f"POST {base}/Messages.json", message, *own, body=f"Body={number}&To=%2B15558675310", status=201
        )
    next_page = f"{base}/Messages.json?PageSize=1&Page=1&PageToken=PA{sids[1]}"
    page = {
        "page": 0,
        "page_size": 1,
        "messages": [message],
        "next_page_uri": next_page,
        "uri": f"{base}/Messages.json?PageSize=1",
    }
    yield run.exchange(f"GET {base}/Messages.json?PageSize=1", page, *own)
    yield run.exchange(
        f"GET {next_page}", page | {"next_page_uri": None, "messages": [message | {"sid": sids[0]}]}, *own
    )
    yield run.exchange(f"GET {base}/Messages/{sids[0]}.json", message | {"sid": sids[0]}, *own)
    xml = (
        f"<TwilioResponse><Message><Sid>{sids[1]}</Sid><DateCreated>{run.mail}</DateCreated></Message></TwilioResponse>"
    )
    yield run.exchange(f"GET {base}/Messages/{sids[1]}", xml, *own, media="application/xml")


def s3(run: Run) -> Iterator[Exchange]:
    """Objects of a bucket in XML: versions, parts of an upload, checksums, what names a request in two headers."""

    def own() -> tuple[tuple[str, str], ...]:
        host = run.kept(base64.b64encode(run.chance.randbytes(56)).decode())
        return ("x-amz-request-id", run.text("0123456789ABCDEF", 16)), ("x-amz-id-2", host)

    tag = hashlib.md5(b"hello", usedforsecurity=False).hexdigest()
    version = run.text(BASE62, 32)
    yield run.exchange("PUT /a.txt", b"", ("ETag", f'"{tag}"'), ("x-amz-version-id", version), *own(), body="hello")
    upload = run.text(BASE62 + "._", 128)
    started = (
        '<?xml version="1.0" encoding="UTF-8"?><InitiateMultipartUploadResult><Bucket>engine</Bucket><Key>b.bin</Key>'
        f"<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
    )
    yield run.exchange("POST /b.bin?uploads", started, *own(), media="application/xml")
    yield run.exchange(f"PUT /b.bin?partNumber=1&uploadId={upload}", b"", ("ETag", f'"{tag}"'), *own(), body="hello")
    token = run.kept(base64.b64encode(run.chance.randbytes(33)).decode())
    listed = (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>engine</Name><KeyCount>1</KeyCount>'
        f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken><Contents><Key>a.txt</Key>"
        f"<LastModified>{run.iso[:-1]}.000Z</LastModified><ETag>&quot;{tag}&quot;</ETag><Size>5</Size></Contents>"
        "</ListBucketResult>"
    )
    yield run.exchange("GET /?list-type=2&max-keys=1", listed, *own(), media="application/xml")
    encoded = token.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    last = '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'
    yield run.exchange(f"GET /?list-type=2&continuation-token={encoded}", last, *own(), media="application/xml")
    missing, host = own()
    wrong = (
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Key>c.txt</Key>'
        f"<RequestId>{missing[1]}</RequestId><HostId>{host[1]}</HostId></Error>"
    )
    yield run.exchange("GET /c.txt", wrong, missing, host, status=404, media="application/xml")
    yield run.exchange(f"DELETE /a.txt?versionId={version}", b"", ("x-amz-version-id", version), *own(), status=204)


def paypal(run: Run) -> Iterator[Exchange]:
    """An order and its capture: ids in capitals, links to what comes next, a token, an id for who debugs."""

    def own() -> tuple[tuple[str, str], ...]:
        return (("Paypal-Debug-Id", run.text("0123456789abcdef", 13)), ("Application_id", "APP-80W284485P519543T"))

    token = {
        "scope": "https://uri.paypal.com/services/payments/payment", "token_type": "Bearer", "expires_in": 32400,
        "access_token": run.text(BASE62 + "_-", 97, "A21AA"), "app_id": "APP-80W284485P519543T",
        "nonce": f"{run.iso}{run.text(BASE62, 43)}",
    }  # fmt: skip
    yield run.exchange("POST /v1/oauth2/token", token, *own(), body="grant_type=client_credentials")
    order = run.text(UPPER, 17)
    links = [
        {"href": f"{run.origin}/v2/checkout/orders/{order}", "rel": "self", "method": "GET"},
        {"href": f"https://www.sandbox.paypal.com/checkoutnow?token={order}", "rel": "approve", "method": "GET"},
    ]
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": {"currency_code": "USD", "value": "100.00"}}]}
    yield run.exchange(
        "POST /v2/checkout/orders", {"id": order, "status": "CREATED", "links": links}, *own(), body=body, status=201
    )
    capture, payer = run.text(UPPER, 17), run.text(UPPER, 13)
    captured = {
        "id": order, "status": "COMPLETED", "payer": {"payer_id": payer, "email_address": "ada@example.com"},
        "purchase_units": [{"reference_id": "default", "payments": {"captures": [{
            "id": capture, "status": "COMPLETED", "create_time": run.iso, "update_time": run.iso,
            "links": [{"href": f"{run.origin}/v2/payments/captures/{capture}/refund", "rel": "refund"}],
        }]}}],
    }  # fmt: skip
    yield run.exchange(f"POST /v2/checkout/orders/{order}/capture", captured, *own(), body={}, status=201)
    refund = run.text(UPPER, 17)
    yield run.exchange(
        f"POST /v2/payments/captures/{capture}/refund",
        {"id": refund, "status": "COMPLETED"},
        *own(),
        body={},
        status=201,
    )
    yield run.exchange(f"GET /v2/checkout/orders/{order}", captured, *own())
    wrong = {"name": "RESOURCE_NOT_FOUND", "debug_id": own()[0][1], "message": "The specified resource does not exist."}
    yield run.exchange("GET /v2/checkout/orders/none", wrong, *own(), status=404)


def stripe(run: Run) -> Iterator[Exchange]:
    """A charge with what its networks say of it."""
    made, account = run.text(BASE62, 23, "ch_3"), "1NffrFeUfNV2Hib"
    charge = {
        "id": made, "object": "charge", "created": int(run.at), "amount": 2000,
        "payment_method_details": {"type": "card", "card": {
            "authorization_code": run.text("0123456789", 6), "brand": "visa", "last4": "4242",
            "network_transaction_id": run.text("0123456789", 15), "checks": {"cvc_check": "unchecked"},
        }},
        "outcome": {"network_status": "approved_by_network", "risk_level": "normal", "risk_score": 7},
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{run.text(BASE62, 60)}?s=ap",
    }  # fmt: skip
    yield run.exchange(
        "POST /v1/charges", charge, ("Request-Id", run.text(BASE62, 14, "req_")), body=f"amount=2000&source={account}"
    )
    yield run.exchange(f"GET /v1/charges/{made}", charge, ("Request-Id", run.text(BASE62, 14, "req_")))


def _uuid(run: Run) -> str:
    plain = run.hex(30)
    return f"{plain[:8]}-{plain[8:12]}-4{plain[12:15]}-a{plain[15:18]}-{plain[18:30]}"


VENDORS: Mapping[str, Callable[[Run], Iterator[Exchange]]] = {
    "GitHub": github,
    "Slack": slack,
    "OpenAI": openai,
    "Twilio": twilio,
    "S3": s3,
    "PayPal": paypal,
    "Stripe": stripe,
}
