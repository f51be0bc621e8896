"""What well-known clients read from their environment: the names under which they look for the API's address.

Only what was seen to work with the client itself. Where it reads no such name, the program has to hand the address on;
the note says how.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from replayer.errors import UsageError, unknown

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # POSIX: no shell knows another


@dataclass(frozen=True, slots=True)
class KnownClient:
    """The variables of one client, as templates with `{url}`, `{host}` and `{port}`; and how its address is given."""

    variables: Mapping[str, str]
    note: str


CLIENTS: Mapping[str, KnownClient] = {
    "generic": KnownClient({"API_BASE_URL": "{url}"}, "what most programs of your own call it"),
    "stripe-python": KnownClient(
        {"STRIPE_API_BASE": "{url}"},
        'reads none: StripeClient(key, base_addresses={"api": os.environ["STRIPE_API_BASE"]})',
    ),
    "stripe-node": KnownClient(
        {"STRIPE_API_HOST": "{host}", "STRIPE_API_PORT": "{port}"},
        "reads none: new Stripe(key, {host: process.env.STRIPE_API_HOST, port: process.env.STRIPE_API_PORT, "
        'protocol: "http"})',
    ),
    "openai": KnownClient({"OPENAI_BASE_URL": "{url}/v1"}, "read by the SDKs for Python and Node"),
    "anthropic": KnownClient({"ANTHROPIC_BASE_URL": "{url}"}, "read by the SDKs for Python and Node"),
    "github": KnownClient(
        {"GITHUB_API_URL": "{url}"},
        "read by @actions/github; Octokit and PyGithub read none: new Octokit({baseUrl}), Github(base_url=...)",
    ),
    "aws": KnownClient(
        {"AWS_ENDPOINT_URL": "{url}"},
        "read by boto3 and the SDK for JavaScript, of 2023 and later. They sign the proxy's address, "
        "which AWS itself refuses: record a stand-in such as moto or LocalStack",
    ),
}


def environment(url: str, wanted: Iterable[str], client: str | None) -> dict[str, str]:
    """What the child of `exec` finds in its environment: where the proxy is, under our names and under those that were
    asked for, `NAME` for the address or `NAME=TEMPLATE`. UsageError where one cannot be."""
    parts = urlsplit(url)
    places = {"url": url, "host": parts.hostname or "", "port": str(parts.port or "")}
    found = {f"REPLAYER_{name.upper()}": value for name, value in places.items()}
    if client:
        if client not in CLIENTS:
            said, there_are = str(unknown(client, "client", list(CLIENTS))), f"There are: {', '.join(CLIENTS)}."
            raise UsageError(said if there_are in said else f"{said} {there_are}")
        found |= {name: _filled(name, template, places) for name, template in CLIENTS[client].variables.items()}
    for pair in wanted:
        name, _, template = pair.partition("=")
        if not VARIABLE.fullmatch(name):
            raise UsageError(
                f"--env {pair!r} names no variable: a name is of letters, digits and underscores. "
                "Use NAME, or NAME=TEMPLATE with {url} in it."
            )
        found[name] = _filled(name, template or "{url}", places)
    return found


def _filled(name: str, template: str, places: Mapping[str, str]) -> str:
    try:
        return template.format_map(places)
    except (KeyError, ValueError, IndexError, AttributeError):
        raise UsageError(
            f"--env {name}={template} cannot be filled in. A template may hold {{url}}, {{host}} and {{port}}."
        ) from None


def clients_table() -> str:
    """The known clients in Markdown, as the manual shows them."""
    rows = (
        f"| `{name}` | {', '.join(f'`{key}={value}`' for key, value in client.variables.items())} | {client.note} |"
        for name, client in CLIENTS.items()
    )
    return "| `--for` | sets | |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
