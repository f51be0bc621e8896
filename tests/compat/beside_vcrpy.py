"""`python -m tests.compat.beside_vcrpy FOLDER`: all cassettes below a folder, played by vcrpy and by Replayer.

Each recorded request is asked in its turn: of vcrpy, and by urllib3 of Replayer, which stands as its proxy; so it is
asked for at the recorded address itself. What both answer is compared: status, body with its encoding undone, and the
headers that mean something. A cassette or an answer that Replayer refuses is counted with its reason, and so is one
that vcrpy refuses, which is not compared.
"""

import json
import logging
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
import vcr  # type: ignore[import-untyped]  # vcrpy has no types

from replayer import Replayer
from replayer.core.message import bodies
from replayer.errors import ReplayerError

# What belongs to one connection or to one way of packing a body: each side has its own.
OF_CONNECTIONS = frozenset(
    {
        "connection", "keep-alive", "content-length", "transfer-encoding", "content-encoding", "host",
        "accept-encoding", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade", "expect",
    }
)  # fmt: skip
OF_REPLAYER = ("replayer-", "date", "server", "content-type")  # added where the recording has none
SHOWN = 160  # characters of what differs


@dataclass(frozen=True)
class Heard:
    """An answer as its client reads it; `reason` says why there is none."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str = ""


@dataclass
class Figures:
    """What came of one cassette after the other."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return "\n".join([counted, *(f"{count} x {reason}" for reason, count in self.reasons.most_common())])


def compare(path: Path, figures: Figures) -> None:
    """One cassette, played by both."""
    try:
        held = vcr.cassette.Cassette.load(path=str(path), record_mode=vcr.mode.NONE)
        questions = [request for request, _ in held.data]
    except Exception as error:  # whatever its loader fails with
        figures.counts["cassettes that vcrpy does not read"] += 1
        figures.reasons[f"vcrpy: {type(error).__name__}"] += 1
        return
    figures.counts["cassettes"] += 1
    figures.counts["interactions"] += len(questions)
    theirs = list(_by_vcrpy(held, questions))
    try:
        with Replayer(path.name, root=path.parent, as_proxy=True) as replayer:
            certificate = replayer.certificate
            with urllib3.ProxyManager(replayer.url, ca_certs=str(certificate), retries=False, timeout=20) as pool:
                ours = [asked(pool, question) for question in questions]
    except ReplayerError as error:
        figures.counts["cassettes refused"] += 1
        figures.counts["interactions in them"] += len(questions)
        figures.reasons[f"cassette: {str(error).replace(path.name, '...')}"[:SHOWN]] += 1
        return
    for number, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        _count(f"{path}: [{number}] {questions[number].method} {questions[number].uri}", their, our, figures)


def _count(what: str, their: Heard, our: Heard, figures: Figures) -> None:
    if their.reason:
        figures.counts["refused by vcrpy"] += 1
        figures.reasons[f"vcrpy: {their.reason}"] += 1
    elif our.reason:
        figures.counts["refused"] += 1
        figures.reasons[our.reason] += 1
        figures.differences.append(f"{what}: {our.reason}")
    elif wrong := list(_differing(their, our)):
        figures.counts["differing"] += 1
        figures.differences.append(f"{what}: {'; '.join(wrong)}")
    else:
        figures.counts["equal"] += 1


def _differing(their: Heard, our: Heard) -> Iterator[str]:
    if their.status != our.status:
        yield f"status {their.status}, ours {our.status}"
    if their.body != our.body:
        at = next((n for n, (a, b) in enumerate(zip(their.body, our.body, strict=False)) if a != b), 0)
        yield f"body {their.body[at : at + SHOWN]!r}, ours {our.body[at : at + SHOWN]!r}"
    ours = Counter(our.headers)
    ours.subtract(their.headers)
    for pair, count in ours.items():
        if count and not (count > 0 and pair[0].startswith(OF_REPLAYER)):
            yield f"header {pair}, {'ours only' if count > 0 else 'not ours'}"


def _by_vcrpy(held: Any, questions: list[Any]) -> Iterator[Heard]:
    """What vcrpy plays. It is read as the stub of the client reads it that recorded it: so no client is asked that
    another one's recording would confuse."""
    for question in questions:
        try:
            answer = held.play_response(question)
            old = "status_code" in answer  # httpx, before vcrpy 6
            body = answer.get("content") if old else _content(answer["body"])
        except Exception as error:  # it finds none, or another tool has written what it found
            yield Heard(reason=f"{type(error).__name__}: {error}"[:SHOWN])
        else:
            raw = body.encode() if isinstance(body, str) else body or b""
            headers = [(str(name).lower(), str(value)) for name, value in _lines(answer.get("headers"))]
            yield _heard(answer["status_code"] if old else answer["status"]["code"], headers, raw)


def _content(body: Any) -> Any:
    packed = body.get("base64_string") if body else None
    return body and (b64decode(packed) if packed else body["string"])


def _lines(headers: Any) -> Iterator[tuple[Any, Any]]:
    """Each value of a header is one; vcrpy before 1.0 wrote lines, and for tornado pairs."""
    named = headers.items() if hasattr(headers, "items") else headers or ()
    for each in named:
        name, values = each.split(": ", 1) if isinstance(each, str) else each
        for value in values if isinstance(values, list | tuple) else [values]:
            yield name, value


def asked(pool: urllib3.PoolManager, question: Any) -> Heard:
    headers = {name: value for name, value in question.headers.items() if name.lower() not in OF_CONNECTIONS}
    try:
        answer: Any = pool.request(
            question.method, question.uri, body=_body(question.body), headers=headers,
            redirect=False, preload_content=False,
        )  # fmt: skip
        raw = answer.read(decode_content=False)
    except Exception as error:
        return Heard(reason=f"{type(error).__name__}: {error}"[:SHOWN])
    if "Replayer-Miss" in answer.headers:
        return Heard(reason=f"miss: {answer.headers['Replayer-Miss']}")
    return _heard(answer.status, [(name.lower(), value) for name, value in answer.headers.iteritems()], raw)


def _heard(status: int, kept: list[tuple[str, str]], raw: bytes) -> Heard:
    packed = [value for name, value in kept if name == "content-encoding"]
    plain = bodies.decode_content(raw, ", ".join(packed)) if packed else raw
    return Heard(
        status,
        tuple(sorted(pair for pair in kept if pair[0] not in OF_CONNECTIONS)),
        raw if plain is None else plain,
    )


def _body(body: Any) -> Any:
    """What was sent: vcrpy keeps a file or an iterator as such."""
    if hasattr(body, "read"):
        return body.read()
    if body is None or isinstance(body, bytes | str):
        return body
    with suppress(TypeError):
        return b"".join(body)
    return json.dumps(body)


def below(folder: Path) -> list[Path]:
    """All that may be a cassette."""
    return sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml", ".json") and path.is_file())


def main() -> None:
    logging.disable(logging.CRITICAL)
    figures = Figures()
    for path in below(Path(sys.argv[1])):
        compare(path, figures)
    sys.stdout.write("\n".join([*figures.differences, str(figures), ""]))


if __name__ == "__main__":
    main()
