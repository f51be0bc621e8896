"""One exchange as others write it: a line of curl, a program, an entry of a cassette, a marker of pytest. Each can be
taken as it is into a shell or a file."""

import json
import shlex
from base64 import b64encode
from textwrap import wrap
from urllib.parse import urlsplit

from replayer import cassettes
from replayer.core.cassette import Interaction
from replayer.core.message import Request, wire

OWN = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})  # a client's own
LONGEST = 100_000  # bytes of a body on a command line: Linux takes 131,072 of one word
WIDTH = 76  # characters of Base64 in a line


def copies(interaction: Interaction, url: str, cassette: str) -> dict[str, str]:
    """The exchange in each way. `url` is where a session listens, empty where none does: then the API itself is
    named."""
    request = interaction.request
    address = f"{url}{request.target}" if url else request.uri
    return {
        "curl": curl(request, address),
        "python": python(request, address),
        "vcrpy": cassettes.entry(interaction),
        "pytest": f"@pytest.mark.replayer(cassette={json.dumps(cassette)})",
    }


def curl(request: Request, address: str) -> str:
    """A line for a POSIX shell; of a body that is no text, or none for a line, several."""
    method = ["--head"] if request.method == "HEAD" else ["-X", request.method]
    words = ["curl", "--globoff", "--path-as-is", *method, address]
    given = _headers(request)
    for name, value in given:
        words += ["-H", f"{name}: {value}" if value else f"{name};"]  # curl leaves one out that ends with a colon
    if not request.body:
        return shlex.join(words)
    if not any(name.lower() == "content-type" for name, _ in given):
        words += ["-H", "Content-Type:"]  # curl would say that it is a form
    text = _text(request)
    if text is not None:
        return shlex.join([*words, "--data-raw", text])
    coded = "\n".join(wrap(b64encode(request.body).decode(), WIDTH))
    return f"base64 -d <<'END' | {shlex.join([*words, '--data-binary', '@-'])}\n{coded}\nEND"


def python(request: Request, address: str) -> str:
    """A program that needs nothing but Python."""
    url = urlsplit(address)
    made = f"HTTP{'S' * (url.scheme == 'https')}Connection"
    target = address.removeprefix(f"{url.scheme}://{url.netloc}") or "/"
    body = f", body={request.body!r}" if request.body else ""
    headers: dict[str, str] = {}
    for name, value in _headers(request):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return (
        f"from http.client import {made}\n\n"
        f"connection = {made}({url.netloc!r})\n"
        f"connection.request({request.method!r}, {target!r}{body}, headers={headers!r})\n"
        "answer = connection.getresponse()\n"
        'print(answer.status, answer.read().decode(errors="replace"))\n'
    )


def _headers(request: Request) -> wire.Headers:
    return tuple(pair for pair in request.headers if pair[0].lower() not in OWN)


def _text(request: Request) -> str | None:
    """The body as a word of a command line; None where it cannot stand there."""
    try:
        text = request.body.decode()
    except UnicodeError:
        return None
    return None if "\0" in text or len(request.body) > LONGEST else text
