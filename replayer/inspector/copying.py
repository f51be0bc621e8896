"""One exchange as others write it: a line of curl, a program, an entry of a cassette, a marker of pytest. Each can be
taken as it is into a shell or a file."""

import json
import shlex

from replayer import cassettes
from replayer.core.cassette import Interaction
from replayer.core.message import Request, wire

OWN = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})  # a client's own


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
    """A line for a POSIX shell."""
    words = ["curl", "--globoff", "-X", request.method, address]
    for name, value in _headers(request):
        words += ["-H", f"{name}: {value}"]
    if request.body:
        words += ["--data-raw" if _is_text(request) else "--data-binary", _text(request)]
    return shlex.join(words)


def python(request: Request, address: str) -> str:
    """A program that needs nothing but Python."""
    body = f", data={request.body!r}" if request.body else ""
    headers = dict(_headers(request))
    return (
        "from urllib.request import Request, urlopen\n\n"
        f"request = Request({address!r}, method={request.method!r}, headers={headers!r}{body})\n"
        "with urlopen(request) as answer:\n    print(answer.status, answer.read())\n"
    )


def _headers(request: Request) -> wire.Headers:
    return tuple(pair for pair in request.headers if pair[0].lower() not in OWN)


def _is_text(request: Request) -> bool:
    return request.content.text is not None


def _text(request: Request) -> str:
    return request.body.decode("utf-8", "backslashreplace")
