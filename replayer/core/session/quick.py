"""The quick path: what was answered before and would be answered again, found by the bytes of its request alone.

Its law: it answers what `decide` would, to the byte, and counts what `decide` would count, or it answers nothing.

    bytes of a request  ->  its head, without what is no part of any question  ->  its line  ->  an answer, if it holds

An answer holds as long as nothing was written to what its read depends on, no time was bound since, and no value of the
client that it would repeat. It is the last of its answers: a poll goes on until then.
"""

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

from replayer.core.client import ClientSpace
from replayer.core.matching import Entry, Player
from replayer.core.rules import Rules
from replayer.core.secrets import guesses

LONGEST = 8192  # bytes of a request that is looked for: longer ones are rare, and their limits are somebody else's
ANSWERS = 1 << 20  # answers that are remembered; with more of them all are forgotten
HEADS = 256  # heads that are known: one that changes with each request, as by a signature, must not fill the memory
NAMES = 128  # names of headers that are left out: those of a client's, not of an attacker's
VALUE = rb":[\t\x20-\x7e\x80-\xff]*(?=\r\n[^\t ])"  # to the end of its line; what goes on in the next one is not known

# Headers that frame a request, that a connection depends on, or by which requests are refused. All that may show who
# somebody is counts as well, and what the rules call part of a question.
COUNTED = frozenset(
    {
        "host", "connection", "keep-alive", "proxy-connection", "content-length", "content-type", "content-encoding",
        "transfer-encoding", "te", "trailer", "expect", "upgrade", "http2-settings", "idempotency-key", "origin",
        "referer", "cookie", "range", "x-http-method-override", "if-match", "if-none-match", "if-range",
    }
)  # fmt: skip
NEVER_LEARNED = frozenset({b"if-match", b"if-none-match", b"if-range"})  # validators are of what was shown
COUNTED_PREFIXES = ("sec-", "replayer-", "access-control-")


Sent = TypeVar("Sent")


class _Standing(Generic[Sent]):
    """An answer as it is sent, and what it stands under."""

    __slots__ = ("checked", "entry", "resources", "sent", "shown", "stamp", "ties")

    def __init__(self, sent: Sent, entry: Entry, resources: tuple[str, ...]) -> None:
        self.sent, self.entry, self.resources = sent, entry, resources
        self.stamp: tuple[int, ...] = ()
        self.shown: tuple[int, ...] = ()
        self.ties = self.checked = 0


class Quick(Generic[Sent]):
    """The answers of one session that only replays, by the bytes of their requests. How they are sent is no business of
    this: they are handed back as they came."""

    def __init__(self, rules: Rules, player: Player, client: ClientSpace, choosing: Iterable[str] = ()) -> None:
        """`choosing` are the headers by which recorded answers were chosen."""
        self._player, self._client = player, client
        self._counted = COUNTED.union(rules.matched_headers, rules.choosing, choosing)
        self._secret = rules.secret_fields
        self._names: set[bytes] = set()  # of the headers that are left out
        self._left_out = re.compile(rb"(?!)")
        self._heads: dict[bytes, dict[bytes, _Standing[Sent]]] = {}
        self._as_they_stand: dict[bytes, dict[bytes, _Standing[Sent]]] = {}
        self._learned = 0

    def __repr__(self) -> str:
        return f"<Quick {self._learned} answers, {len(self._heads)} heads, {len(self._names)} left out>"

    def answer(self, data: bytes) -> Sent | None:
        """The answer to one complete request, which is played by that; None where it is not certain."""
        end = data.find(b"\r\n")
        answers = self._as_they_stand.get(data[end:]) or self._of(data, end)
        found = answers.get(data[:end]) if answers else None
        player = self._player
        if found is None or (found.checked != player.generation + self._client.generation and not self._holds(found)):
            return None
        player.repeat()
        return found.sent

    def _of(self, data: bytes, end: int) -> dict[bytes, _Standing[Sent]] | None:
        """What is known of requests with the headers of that one, whose line ends there."""
        if len(data) - end > LONGEST or not data.startswith(b"GET "):
            return None
        block = data[end:]
        answers = self._heads.get(self._left_out.sub(b"", block))
        if answers is not None:
            if len(self._as_they_stand) >= HEADS:
                self._as_they_stand.clear()
            self._as_they_stand[block] = answers
        return answers

    @property
    def _moment(self) -> int:
        """Another number whenever anything may have changed what a client is answered."""
        return self._player.generation + self._client.generation

    def _holds(self, found: _Standing[Sent]) -> bool:
        """Whether it is still what would be answered."""
        client, entry = self._client, found.entry
        if found.stamp != self._player.written_to(found.resources) or found.shown != client.shown_by:
            return False
        if found.ties != client.bindings.ties and client.echoes(entry.order):
            return False
        found.ties, found.checked = client.bindings.ties, self._moment
        return True

    def learn(self, data: bytes, names: Iterable[bytes], entry: Entry, sent: Sent) -> None:
        """That request, whose headers have these names, was just answered so, and would be again: unless there is
        another answer to come, or it binds what its headers say."""
        names = list(names)
        if len(data) > LONGEST or not NEVER_LEARNED.isdisjoint(map(bytes.lower, names)):
            return
        if not self._player.settled(entry) or self._client.bindings.kept(entry.interaction):
            return
        found = _Standing(sent, entry, self._player.resources(entry))
        found.stamp, found.shown = self._player.written_to(found.resources), self._client.shown_by
        found.ties, found.checked = self._client.bindings.ties, self._moment
        if self._learned >= ANSWERS or len(self._heads) >= HEADS:
            self._heads, self._as_they_stand, self._learned = {}, {}, 0
        end = data.index(b"\r\n")
        answers = self._as_they_stand.get(data[end:])
        if answers is None:
            self._leave_out(names)
            answers = self._heads.setdefault(self._left_out.sub(b"", data[end:]), {})
        answers[data[:end]] = found
        self._learned += 1

    def _leave_out(self, names: Iterable[bytes]) -> None:
        new = {name for name in names if name not in self._names and not self._counts(name)}
        if new and len(self._names) + len(new) <= NAMES:
            self._names |= new
            told = b"|".join(map(re.escape, sorted(self._names)))
            self._left_out = re.compile(rb"\r\n(?:" + told + rb")" + VALUE)

    def _counts(self, name: bytes) -> bool:
        """Whether a header of that name may be part of what is asked, or of whether it is answered at all."""
        plain = name.decode("latin-1").lower()
        return (
            plain in self._counted
            or plain.startswith(COUNTED_PREFIXES)
            or "authorization" in plain
            or guesses.plain_name(plain) in self._secret
            or guesses.names_credential(plain)
        )
