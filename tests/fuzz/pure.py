"""Forms, JSON, headers and cassettes: bytes in, and either what they mean or a refusal in words. Each check raises
AssertionError, or whatever nobody foresaw."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from replayer import cassettes
from replayer.core.audit import audit, spoiling
from replayer.core.message import Request, Response, bodies, edit, leaves
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.rules import registry
from replayer.core.session import verdicts
from replayer.errors import CassetteError
from tests.core.build import FORM, JSON, NOW, ORIGIN, played, session

FIELD = re.compile(rb"^([0-9A-Za-z-]+):([^\0\r\n]*)$", re.MULTILINE)  # what gets through a parser of HTTP


def form(data: bytes) -> None:
    """Each leaf stands where it says, a form in which nothing is changed stays, and it means something by any rules."""
    body = bodies.read(FORM, data)
    text = body.text or ""
    for leaf in leaves.leaves(body):
        assert bodies.form_decoded(text[leaf.start : leaf.end]) == leaf.value
    assert leaves.edited(body, []) == text
    for last_counts in (True, False):
        json.dumps(bodies.tree(text, last_counts=last_counts))
    request = Request("POST", "/v1/x?" + _as_target(data), FORM, data, ORIGIN)
    _recorded(request, Response(200, "OK", JSON, b'{"id": "x"}'))


def _as_target(data: bytes) -> str:
    return "".join(chr(byte) for byte in data[:2000] if 32 < byte < 127 and byte != ord("#"))


def json_body(data: bytes) -> None:
    """Its leaves are its values; written anew it means the same; and it is answered on replay as while recording."""
    body = bodies.read(JSON, data)
    found = leaves.leaves(body)
    if body.json is not None and body.text is not None:
        for leaf in found:
            token = body.text[leaf.start : leaf.end]
            assert (json.loads(token, strict=False) == leaf.value) if leaf.quoted else token == leaf.value
        assert json.loads(leaves.edited(body, [(leaf, leaf.value) for leaf in found])) == body.json[0]
    _recorded(Request("POST", "/v1/x", JSON, b"{}", ORIGIN), Response(200, "OK", JSON, data))
    session().decide(Request("POST", "/v1/x", JSON, data, ORIGIN), NOW)


def headers(data: bytes) -> None:
    """Headers of an answer, then its body: it is answered on replay as while recording."""
    head, _, body = data.partition(b"\n\n")
    found = tuple(
        (match[1].decode(), match[2].strip().decode("utf-8", "surrogateescape")) for match in FIELD.finditer(head)
    )
    _recorded(Request("POST", "/v1/x", found, body, ORIGIN), Response(200, "OK", found, body))


def _recorded(request: Request, reply: Response) -> None:
    """What is recorded is on disk as it was, and is answered again as it was, by the rules of the invoice API and by
    those of any other."""
    for rules in (registry.INVOICE_RULES, registry.GENERIC_RULES):
        of = session(rules=rules)
        verdict = of.decide(request, NOW)
        if isinstance(verdict, verdicts.Refuse):
            continue
        assert isinstance(verdict, Forward)
        exchange = verdict.exchange
        taken = of.record(exchange, reply, NOW)
        of.recorder.keep(exchange, taken.interaction)
        cassette = of.cassette()
        assert cassette is not None
        again = cassettes.loads(cassettes.dumps(cassette).encode(), "a.yaml")
        assert again == cassette
        player = session(again, Mode.NONE, rules=rules)
        assert played(player, request) == taken.response


def cassette(data: bytes) -> None:
    """A file is a cassette or is refused in words. What it holds is answered or missed, looked through, and written so
    that it is the same again."""
    with TemporaryDirectory() as root:
        path = Path(root) / "a.yaml"
        path.write_bytes(data)
        try:
            found = cassettes.folder.existing(path)
        except CassetteError as error:
            said = str(error)
        else:
            said = ""
    if said:
        assert said.startswith(f"{path}:")
        assert "\n" not in said
        return
    text = data.decode("utf-8", "replace")
    list(spoiling(found, text))
    list(audit(found, text, registry.GENERIC_RULES))
    of = session(found, Mode.NONE, rules=registry.GENERIC_RULES)
    for interaction in found.interactions[:20]:
        assert not isinstance(of.decide(interaction.request, NOW), Forward)
        edit.mapped_text(interaction.response, lambda leaf: leaf.value)
    str(of.receipt())
    if found.facts is not None:
        assert cassettes.loads(cassettes.dumps(found).encode(), "a.yaml") == found


TARGETS: dict[str, Callable[[bytes], None]] = {
    "form": form,
    "json": json_body,
    "headers": headers,
    "cassette": cassette,
}
