"""Files of other tools: the exchanges that each holds, and by name what of it cannot be carried over.

    text  --documents-->  a plain value  --the format that recognises it-->  Given | Loss, one by one

One file a format, and one reading of each. Of some the files are played as they stand, without an import: there any
fault is one of the whole file. Nothing here writes or knows where files are; what lies beside one is handed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from replayer.cassettes import fast_read, write, yaml_read
from replayer.cassettes.formats import (
    azure,
    documents,
    go_vcr,
    har,
    hoverfly,
    nock,
    pieces,
    polly,
    ruby_vcr,
    unread,
    vcrpy,
    wiremock,
    wiremock_write,
)
from replayer.cassettes.formats.decoded import servable
from replayer.cassettes.formats.given import Found, Given, Loss, Source
from replayer.cassettes.read import is_ours
from replayer.cassettes.shape import ShapeError
from replayer.core.cassette import Cassette, Interaction
from replayer.errors import CassetteError

__all__ = ["Given", "Holding", "Loss", "UnknownFormatError", "holding", "loads", "servable", "written"]


class UnknownFormatError(CassetteError):
    """A file that is no other tool's as far as anybody here can tell: one that lies in a folder is passed over."""


class Format(Protocol):
    """What the file of a format has: the tool's name, whether a document is of it, and what that holds."""

    TOOL: str

    def recognises(self, document: Any, /) -> bool: ...

    def read(self, document: Any, source: Source, /) -> Found: ...


PLAYED: tuple[Format, ...] = (ruby_vcr, go_vcr, vcrpy)  # as they stand
FORMATS: tuple[Format, ...] = (nock, azure, polly, har, hoverfly, wiremock, *PLAYED)  # those with a narrower eye first
Writer = Callable[[Cassette, str], str]
WRITERS: dict[str, Writer] = {
    "vcrpy": lambda cassette, _: write.plain(cassette),
    "har": har.write,
    "wiremock": wiremock_write.write,
}


def loads(raw: bytes, name: str, *, fast: bool = True) -> Cassette:
    """The cassette in a file that is played as it stands; `name` is for messages. CassetteError where it is not sound,
    or where another tool wrote it. What is written as we do, or as vcrpy does, is read so `fast`."""
    alike = fast_read.read_alike(raw) if fast else None
    if alike is not None:
        return Cassette(tuple(replace(each, response=servable(each.response, each.request.method)) for each in alike))
    text = documents.text_of(raw, name)
    if fast and (found := _in_pieces(text, name)):
        return Cassette(found)
    document, node = documents.read(text, name)
    format_ = _format_of(document)

    def exchanges(value: object) -> Cassette:
        if format_ in (None, vcrpy):  # others have a list of that name, too
            unread.check(value)
        if format_ is not None and format_ not in PLAYED:
            raise ShapeError(
                (),
                f"this is {format_.TOOL}'s format, and no cassette.",
                f"Import it: replayer import {name} --out cassettes.",
            )
        found = (format_ or vcrpy).read(value, Source(name, strict=True))
        return Cassette(tuple(one.interaction for one in found if isinstance(one, Given)))

    return yaml_read.shaped(exchanges, document, node, name)


def _in_pieces(text: str, name: str) -> tuple[Interaction, ...] | None:
    """What a long file of vcrpy's says; None where it is written in another way, or is not sound: then the whole is
    looked at, which knows the lines."""
    found: list[Interaction] = []
    try:
        for document in pieces.documents(text):
            if _format_of(document) is not vcrpy:
                return None
            read = vcrpy.read(document, Source(name, strict=True))
            found += [one.interaction for one in read if isinstance(one, Given)]
    except (yaml_read.NotSimpleError, ShapeError):
        return None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a file holds, or several of one folder that belong together: `name` is for messages, `document` its plain
    value."""

    name: str
    format: Format
    document: Any

    @property
    def tool(self) -> str:
        return self.format.TOOL

    @property
    def belongs_together(self) -> bool:
        """Whether the files of a folder are parts of one."""
        return self.format.TOOL == wiremock.TOOL

    def joined(self, others: Sequence["Holding"]) -> "Holding":
        """The same with those of other files of its folder."""
        return Holding(self.name, self.format, wiremock.joined([self.document, *(one.document for one in others)]))

    def exchanges(self, origin: str, beside: Callable[[str], bytes | None]) -> tuple[list[Given], list[Loss]]:
        """The exchanges in it, and what cannot be carried over. `origin` is that of those that name none; `beside`
        gives the bytes of a file by its name there. CassetteError where it is none of its format after all."""
        found: list[Given | Loss] = []
        try:
            found += self.format.read(self.document, Source(self.name, origin, beside))
        except ShapeError as error:
            raise CassetteError(f"{self.name}: {error.fault} {error.remedy}") from None
        return [one for one in found if isinstance(one, Given)], [one for one in found if isinstance(one, Loss)]


def holding(text: bytes, name: str) -> Holding:
    """What a file of another tool holds. UnknownFormatError where it is ours, or nobody here can tell."""
    if is_ours(text):
        raise UnknownFormatError(f"{name} is a cassette of Replayer already. Play it as it is.")
    document, node = documents.read(documents.text_of(text, name), name)
    format_ = _format_of(document)
    if format_ in (None, vcrpy):
        yaml_read.shaped(unread.check, document, node, name)
    if format_ is None:
        raise UnknownFormatError(f"{name}: no tool is known that writes such files. See 'replayer help moving'.")
    return Holding(name, format_, document)


def written(cassette: Cassette, to: str, version: str) -> str:
    """The cassette in the format of that name, `vcrpy`, `har` or `wiremock`; `version` is that of this program."""
    return WRITERS[to](cassette, version)


def _format_of(document: Any) -> Format | None:
    return next((one for one in FORMATS if one.recognises(document)), None)
