"""A small API with everything that makes recordings hard: ids of four shapes, links that change with every read, times
in three forms, objects older than the session, references, lists, and a clock whose seconds change when they like."""

import base64
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

from replayer.core.message import Request, Response, shapes
from replayer.core.message.shapes import MIXED

ORIGIN = "https://api.world.test"
KINDS = ("widgets", "orders", "boxes", "blobs")
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DAY = 86_400
RECENT = 1_780_000_000  # in 2026: all that the programs make is later
NEVER = 1_950_000_000  # in 2031: what is old and lies ahead does not move with the session


@dataclass
class World:
    """The upstream. `seed` is its chance and `now` its time in this run; `account` is what stays between runs."""

    seed: int
    now: float
    account: int = 0
    set_up: int = 1_700_003_000  # when the last of what was there before was made, by somebody else
    changes: dict[str, Any] = field(default_factory=dict)  # how its objects differ from what they were
    minted: set[str] = field(default_factory=set)  # every string that must never be seen on disk
    identities: set[str] = field(default_factory=set)  # of these, the ones that tell things apart
    _objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(f"account {self.account}")
        self._acct = f"acct_1{self._text(BASE62, 15)}"
        for number, kind in enumerate(KINDS):
            self._make(kind, {"note": ["old"]}, created=self.set_up - 1000 * (len(KINDS) - 1 - number))
        self._random = random.Random(f"run {self.seed}")

    def answer(self, request: Request) -> Response:
        """The answer to a request. Time passes before and after it, by chance over the end of a second."""
        self._pass()
        status, value = self._route(request)
        body = json.dumps(value, indent=self._style(request), ensure_ascii=False).encode()
        self._pass()
        return Response(status, "OK" if status == 200 else "Not Found", self._headers(request), body)

    def _pass(self) -> None:
        self.now += self._random.choice((0.001, 0.01, 0.3, 0.9))

    def _style(self, request: Request) -> int | None:
        return 2 if "orders" in request.target else None

    def _headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        key = [("Idempotency-Key", value) for name, value in request.headers if name.lower() == "idempotency-key"]
        return (
            ("Date", dated(int(self.now))),
            ("Content-Type", "application/json"),
            ("Request-Id", self._mint(f"req_{self._text(BASE62, 14)}")),
            *key,
            ("X-Wc", str(self._random.random())),
        )

    def _route(self, request: Request) -> tuple[int, Any]:
        path, _, query = request.target.partition("?")
        _, _, kind, *rest = [unquote(part) for part in path.split("/")]
        given = parse_qs(request.body.decode() or query, keep_blank_values=True)
        if rest and rest[0] not in self._objects:
            return 404, {"error": {"message": f"No such thing: '{rest[0]}'", "log": f"{ORIGIN}/logs?object={rest[0]}"}}
        match request.method, rest:
            case "POST", []:
                return 200, self._seen(self._make(kind, given))
            case "POST", [identity, action]:
                thing = self._objects[identity]
                thing["paid_at"] = thing["paid_at"] or (int(self.now) if action == "paid" else None)
                thing["updated_at"] = f"{datetime.fromtimestamp(int(self.now), UTC):%Y-%m-%dT%H:%M:%S.000Z}"
                return 200, self._seen(thing)
            case "DELETE", [identity]:
                self._objects.pop(identity)
                return 200, {"id": identity, "object": kind, "deleted": True}
            case "GET", [identity]:
                return 200, self._seen(self._objects[identity])
            case _:
                return 200, self._list(kind, given)

    def _list(self, kind: str, given: dict[str, list[str]]) -> Any:
        things = [thing for thing in reversed(self._objects.values()) if thing["object"] == kind]
        if "ref" in given:
            things = [thing for thing in things if thing["ref"] == given["ref"][0]]
        since = int(given.get("created[gte]", ["0"])[0])
        things = [thing for thing in things if thing["created"] >= since]
        if "starting_after" in given:
            names = [thing["id"] for thing in things]
            things = (
                things[names.index(given["starting_after"][0]) + 1 :] if given["starting_after"][0] in names else []
            )
        limit = int(given.get("limit", ["10"])[0])
        page = [self._seen(thing) for thing in things[:limit]]
        more = f"{ORIGIN}/v1/{kind}?starting_after={page[-1]['id']}" if len(things) > limit else None
        return {"object": "list", "data": page, "has_more": len(things) > limit, "next": more}

    def _make(self, kind: str, given: dict[str, list[str]], created: int | None = None) -> dict[str, Any]:
        born = int(self.now) if created is None else created
        identity = self._mint(self._identity(kind))
        thing = {
            "id": identity,
            "object": kind,
            "account": None,
            "created": born,
            "due_date": int(given["due_date"][0]) if "due_date" in given else born + 7 * DAY,
            "expires_at": NEVER if created else None,
            "amount": 10.50,
            "note": given.get("note", [""])[0],
            "ref": given.get("ref", [None])[0],
            "labels": [f"about {ref}, and more" for ref in given.get("ref", [])],
            "parent": given.get("parent", [None])[0],
            "part": {"id": self._mint(f"part_{self._text(BASE62, 24)}"), "start": born, "end": born + DAY},
            "url": f"{ORIGIN}/v1/{kind}/{identity}",
            "paid_at": None,
            "updated_at": None,
        }
        self._objects[identity] = thing
        return thing

    def _seen(self, thing: dict[str, Any]) -> dict[str, Any]:
        """An object as one read shows it: its link embeds the account and the second."""
        inside = base64.b64encode(
            f"{self._acct},{thing['id']},{int(self.now)}{self._text(BASE62, 4)}".encode()
        ).decode()
        self.minted |= {inside, self._acct}
        link = {"hosted_invoice_url": f"https://pay.world.test/i/{self._acct}/test_{inside}?s=ap"}
        new = {key: value for key, value in self.changes.items() if key not in thing}
        return new | thing | link | self.changes

    def _identity(self, kind: str) -> str:
        match kind:
            case "widgets":
                return f"wi_1{self._text(BASE62, 23)}"
            case "orders":
                return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            case "boxes":
                return "01" + self._text(CROCKFORD, 24)
            case _:
                return self._text("0123456789abcdef", 40)

    def _text(self, alphabet: str, length: int) -> str:
        """Letters and digits by chance. What could be an id is never of small letters alone, as one of 200,000
        as short as the id of a request would be: `MIXED` of the shapes says that such a one is a word."""
        text = "".join(self._random.choices(alphabet, k=length))
        return self._text(alphabet, length) if length >= shapes.MIN_BODY and not MIXED.search(text) else text

    def _mint(self, value: str) -> str:
        self.minted.add(value)
        self.identities.add(value)
        return value


@lru_cache(10_000)  # one second holds many answers, and each program is run by many clients
def dated(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)


@lru_cache(10_000)
def minted(seed: int, serial: int) -> str:
    """What a client of that chance mints for its request of that number; four shapes in turn."""
    chance = random.Random(f"{seed} {serial}")
    identity = uuid.UUID(int=chance.getrandbits(128), version=4)
    match serial % 4:
        case 0:
            return str(identity)
        case 1:
            return identity.hex
        case 2:
            return "01" + "".join(chance.choices(CROCKFORD, k=24))
        case _:
            return f"order-{identity}"


@dataclass
class Client:
    """Who runs a program: what it mints is its own chance, and `now` its own clock."""

    seed: int = 0
    now: Callable[[], float] = lambda: RECENT
    minted: dict[int, str] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)  # the times that it counted from now, and what they mean

    def ref(self, serial: int) -> str:
        """What it mints for its request of that number."""
        return self.minted.setdefault(serial, minted(self.seed, serial))

    def ref_before(self, serial: int) -> str:
        """What it minted last before that request, if anything."""
        return next((self.minted[earlier] for earlier in range(serial, -1, -1) if earlier in self.minted), "nothing")

    def in_days(self, days: int) -> int:
        value = int(self.now()) + days * DAY
        self.counted[str(value)] = f"now{days:+}d"
        return value

    def heard(self, response: Response) -> Response:
        """What it was told, with its own values called by what they are to it: the same for every client."""
        text = response.body.decode()
        for serial, value in self.minted.items():
            text = text.replace(value, f"what was minted for request {serial}")
        for value, meaning in self.counted.items():
            text = text.replace(value, meaning)
        headers = tuple((name, "its key" if name == "Idempotency-Key" else value) for name, value in response.headers)
        return Response(response.status, response.reason, headers, text.encode())


@dataclass(frozen=True)
class Step:
    """One request of a program. Objects are named by their place among those that the program has been told of."""

    verb: str
    kind: str = "widgets"
    which: int = 0
    note: str = ""
    limit: int = 3

    def request(self, known: list[tuple[str, str, int]], serial: int, client: Client | None = None) -> Request:
        """The request, in the names that the client was told. `serial` makes an idempotency key."""
        client = client or Client()
        kind, identity, created = known[self.which % len(known)] if known else (self.kind, "missing", 0)
        key = ("Idempotency-Key", f"{serial:08x}-aaaa-4bbb-8ccc-{client.seed + serial:012x}")
        form = ("Content-Type", "application/x-www-form-urlencoded")
        secret = ("Authorization", "Bearer sk_test_PropertyOfTheTests01")
        match self.verb:
            case "create":
                parent = f"&parent={identity}" if known and self.which % 2 else ""
                due = f"&due_date={created + 30 * DAY}" if known and self.note == "b" else ""
                body = f"note={self.note}{parent}{due}".encode()
                return Request("POST", f"/v1/{self.kind}", (secret, form, key), body)
            case "mint":
                body = f"ref={client.ref(serial)}&note={self.note}".encode()
                return Request("POST", f"/v1/{self.kind}", (secret, form, key), body)
            case "find":
                return Request("GET", f"/v1/{self.kind}?ref={client.ref_before(serial)}", (secret,))
            case "due":
                body = f"due_date={client.in_days(self.limit)}&note={self.note}".encode()
                return Request("POST", f"/v1/{self.kind}", (secret, form, key), body)
            case "recent":
                since = client.in_days(-30)
                return Request("GET", f"/v1/{self.kind}?created%5Bgte%5D={since}&limit={self.limit}", (secret,))
            case "paid" | "touched":
                return Request("POST", f"/v1/{kind}/{identity}/{self.verb}", (secret, form, key), b"")
            case "delete":
                return Request("DELETE", f"/v1/{kind}/{identity}", (secret,))
            case "get":
                return Request("GET", f"/v1/{kind}/{identity}", (secret,))
            case "page":
                return Request("GET", f"/v1/{kind}?limit={self.limit}&starting_after={identity}", (secret,))
            case "unknown":
                return Request("GET", f"/v1/{self.kind}/wi_1NobodyHasThisId{self.limit}00000", (secret,))
            case "since":
                first = next((created for _, _, created in known if created > RECENT), 0)
                return Request("GET", f"/v1/{kind}?created%5Bgte%5D={first}&limit={self.limit}", (secret,))
            case _:
                return Request("GET", f"/v1/{self.kind}?limit={self.limit}", (secret,))


def told_of(response: Response) -> tuple[tuple[str, str, int], ...]:
    """The objects that an answer tells a client of: kind, id and time of birth."""
    return _told_in(response.body)


@lru_cache(2_000)  # the same program is told the same in many runs
def _told_in(body: bytes) -> tuple[tuple[str, str, int], ...]:
    value = json.loads(body)
    things = (thing for thing in value.get("data", [value]) if "id" in thing and not thing.get("deleted"))
    return tuple((thing["object"], thing["id"], thing["created"]) for thing in things)
