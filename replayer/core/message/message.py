"""What is recorded: one request with its response. A message is a value that is read once: what somebody asked of it
stays with it, for whoever asks next."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from replayer.core.lazily import cached_property
from replayer.core.message import bodies, digests
from replayer.core.message.bodies import Body
from replayer.core.message.instants import read_http_date
from replayer.core.message.leaves import EVENT_KEYS, Leaf, leaves
from replayer.core.message.shapes import ids
from replayer.core.message.wire import Headers, header, media_type, without
from replayer.core.streams import StreamEvent, StreamForm, form_of

READINGS = ("plain", "_text", "content", "leaves", "ids", "objects")
NOTHING: dict[object, Any] = {}
OBJECT_ID = re.compile(r'"id"\s*:\s*"([^"\\]+)"')


class Message:
    """What a request and a response have in common.

    The readings are made when they are first asked for, and each at most once: `content` is the body with its content
    encoding undone, `leaves` its values with their places, `ids` the ids in it, `objects` those that objects have
    themselves, the outermost first. They belong to this value alone: one with another body is another message.

    `limit` is how many bytes its body may unpack to; one of more is not read, whatever it holds.
    """

    headers: Headers
    body: bytes
    limit: int
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return header(self.headers, name)

    @property
    def media_type(self) -> str:
        """The media type without its parameters, lower case; empty where none is named."""
        return media_type(self.headers)

    @cached_property
    def plain(self) -> bytes | None:
        """The body with its content encoding undone; None where the bytes are not in it, or nobody here knows it."""
        encoding = self.header("content-encoding")
        return bodies.decode_content(self.body, encoding, self.limit) if encoding else self.body

    @property
    def length(self) -> int:
        """How many bytes there are to be read of it, its body unpacked."""
        return len(self._decoded)

    @property
    def is_beyond_limit(self) -> bool:
        """Whether its body unpacks to more than the limit."""
        return self.plain is None and bodies.is_beyond(self.body, self.header("content-encoding") or "", self.limit)

    @cached_property
    def content(self) -> Body:
        """The body as far as it can be decoded."""
        return bodies.classified(self.headers, self._decoded, self._text)

    @property
    def _decoded(self) -> bytes:
        return self.body if self.plain is None else self.plain

    @cached_property
    def _text(self) -> str | None:
        return bodies.text_of(self.headers, self._decoded)

    @property
    def text(self) -> str:
        """The text of the body, whatever it is: bytes that are none in its charset show as replacement characters. It
        is not parsed for that."""
        return self._decoded.decode("utf-8", "replace") if self._text is None else self._text

    @property
    def json(self) -> Any:
        """The value of a JSON body; None where it is none."""
        return self.content.json[0] if self.content.json else None

    @cached_property
    def leaves(self) -> list[Leaf]:
        return leaves(self.content)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(piece.text for piece in ids(self.text))

    @cached_property
    def objects(self) -> tuple[str, ...]:
        return tuple(OBJECT_ID.findall(self.text))

    @cached_property
    def date(self) -> int | None:
        """When it was sent by its own `Date`, in seconds since 1970; None where it does not say."""
        instant = read_http_date(self.header("date") or "")
        return instant.seconds if instant else None

    def with_text(self, text: str) -> Self:
        """The same with that text for its body, in the charset and the content encoding that it has. A text that is the
        same gives the same bytes; a character that the charset lacks raises UnicodeEncodeError."""
        content = self.content
        if text == content.text:
            return self
        raw = content.encode(text)
        if content.raw is not self.body:
            encoded = bodies.encode_content(raw, self.header("content-encoding") or "")
            raw = raw if encoded is None else encoded
        return replace(self, body=raw)

    @staticmethod
    def is_sum(name: str) -> bool:
        """Whether a header of that name tells a checksum of the body and nothing else."""
        return digests.tells(name)

    def summed_as(self, name: str, value: str, body: bytes) -> str | None:
        """A header of this message for another body: the checksums of this one that it tells computed anew. None where
        it tells none."""
        if not digests.may_tell(name):
            return None
        raw = [self.body] if self.plain in (None, self.body) else [self.body, self.plain or b""]
        return digests.anew(value, raw, body)

    def summed(self, before: Self) -> Self:
        """The same with the checksums of its body as that is now; `before` is what it has been made of. What nobody can
        compute is left out, but for an `ETag`, which may be anything."""
        if self.body == before.body:
            return self
        headers: list[tuple[str, str]] = []
        for name, value in self.headers:
            anew = before.summed_as(name, value, self.body)
            if anew is not None or not self.is_sum(name):
                headers.append((name, value if anew is None else anew))
        return self if tuple(headers) == self.headers else replace(self, headers=tuple(headers))

    def without(self, names: frozenset[str]) -> Headers:
        """The headers but for those names, which are lower case."""
        return without(self.headers, names)

    def read_all(self) -> None:
        """Have all of its readings made now: so a long message is read before those have their turn that need them."""
        for reading in READINGS:
            getattr(self, reading)

    def keep(self, key: object, found: object) -> None:
        """Have a reading stay with the message that somebody else made; `kept` gives it to whoever has that key."""
        self.__dict__.setdefault("_kept", {})[key] = found

    def kept(self, key: object) -> Any:
        """What was kept under that key; None where nothing was."""
        return self.__dict__.get("_kept", NOTHING).get(key)

    def forget(self) -> None:
        """Keep the message and none of its readings: it is one of many that are kept and hardly ever read again."""
        for reading in (*READINGS, "_kept"):
            self.__dict__.pop(reading, None)


@dataclass(frozen=True)
class Request(Message):
    """One request as it stood on the wire, its body complete.

    `target` is the path with its query, undecoded: `/v1/invoices?created%5Bgte%5D=1`.
    `origin` is scheme and authority of the API that it is meant for: `https://api.stripe.com`.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    origin: str = ""
    limit: int = field(default=bodies.LONGEST, compare=False, repr=False)

    @property
    def uri(self) -> str:
        return self.origin + self.target

    @property
    def length(self) -> int:
        """The same, with its target."""
        return len(self._decoded) + len(self.target)

    @property
    def path(self) -> str:
        """The path without its query, undecoded. A fragment is nobody's question: RFC 9110 4.2.5 leaves it out."""
        return self._asked.partition("?")[0]

    @property
    def query(self) -> str:
        """The query without its question mark, undecoded; empty where there is none."""
        return self._asked.partition("?")[2]

    @property
    def _asked(self) -> str:
        return self.target.partition("#")[0] if "#" in self.target else self.target


@dataclass(frozen=True)
class Response(Message):
    """One response, its body complete and as it stood on the wire (content encoding not undone)."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    limit: int = field(default=bodies.LONGEST, compare=False, repr=False)

    @cached_property
    def content(self) -> Body:
        """The body as far as it can be decoded; it may be a stream."""
        return bodies.classified(self.headers, self._decoded, self._text, comes=True)

    @property
    def stream(self) -> StreamForm | None:
        """How it is cut into events, if it is a stream: what comes by itself, and may have no end."""
        return form_of(self.media_type)

    @classmethod
    def of(cls, event: StreamEvent) -> Self:
        """An event as a message of its own, by which it is named as any answer: its data is the body, its other values
        are headers."""
        others = tuple(
            (EVENT_KEYS.get(value.name, value.name), event.text[value.start : value.end])
            for value in event.values
            if value.name != "data"
        )
        return cls(200, "", others, event.data.encode("utf-8", "surrogateescape"))

    def told_as(self, event: StreamEvent) -> str:
        """The text of that event, saying what this message does."""
        others = [value for _, value in self.headers]
        return event.said(self.body.decode("utf-8", "surrogateescape"), others)

    @property
    def refused(self) -> bool:
        """Whether it says that the request was wrong, or could not be answered: it tells of no object then."""
        return self.status >= 400
