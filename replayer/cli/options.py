"""Options that several commands share. They are texts here: `Settings` reads and checks them, as it does for the
environment and for [tool.replayer].
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from replayer.cli import completion

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])


def setting(name: str, metavar: str, text: str) -> Callable[[AnyCommand], AnyCommand]:
    """An option that is a setting: None where it is left out, so that the other places count."""
    return click.option(name, metavar=metavar, help=text, shell_complete=completion.of(name, metavar))


def switch(name: str, text: str) -> Callable[[AnyCommand], AnyCommand]:
    """A setting that is on where it is named."""
    return click.option(name, is_flag=True, default=None, help=text)


def several(option: str, metavar: str, text: str, name: str = "") -> Callable[[AnyCommand], AnyCommand]:
    """A setting of several values, one each time that the option is given. `name` is the setting's, where the option
    has another."""
    names = (option, name) if name else (option,)
    return click.option(
        *names, metavar=metavar, multiple=True, help=text, callback=lambda _, __, values: list(values) or None
    )


def _first_of(context: click.Context, _: click.Parameter, origins: tuple[str, ...]) -> str | None:
    """The first is the setting `upstream`, the others are `more_upstreams`."""
    context.params["more_upstreams"] = list(origins[1:]) or None
    return origins[0] if origins else None


def upstreams(text: str) -> Callable[[AnyCommand], AnyCommand]:
    """One API to record, or several."""
    complete = completion.of("--upstream", "URL")
    return click.option(
        "--upstream", metavar="URL", multiple=True, callback=_first_of, help=text, shell_complete=complete
    )


# -- of what reads ----------------------------------------------------------------------------------------------------


def path_argument(name: str, metavar: str) -> Callable[[AnyCommand], AnyCommand]:
    """A cassette by its path."""
    return click.argument(name, metavar=metavar, shell_complete=completion.cassettes)


one_cassette = path_argument("path", "CASSETTE")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document; see 'replayer help json'.")


# -- of what listens --------------------------------------------------------------------------------------------------

cassette = setting("--cassette", "FILE", "The cassette, a relative name below --root.")
root = setting("--root", "DIR", "The folder that cassettes live in.  [default: the current one]")
port = setting("--port", "N", "Port to listen on.  [default: 0, any free one]")
listen = setting("--listen", "ADDRESS", "Address to listen on, 0.0.0.0 for all.  [default: 127.0.0.1]")
hosts = several(
    "--host",
    "NAME",
    "A name by which the proxy may be asked, besides 127.0.0.1 and localhost; may be repeated.",
    "hosts",
)
certificate = setting(
    "--certificate", "FILE", "Where to put the certificate that clients are to believe.  [default: a temporary file]"
)
https = switch("--https", "Speak TLS, by a certificate that is made for this session.  [default: HTTP]")
as_proxy = switch("--as-proxy", "Be the proxy that clients ask for the API under its own address, TLS included.")
rules = setting(
    "--rules",
    "NAME",
    "What ids, times and tokens of the API look like: invoice, or generic for any JSON API.  [default: those of the "
    "cassette, or else of the upstream's host]",
)
time = setting(
    "--time", "HOW", "Show times frozen, as they are recorded, or shifted: counted from now.  [default: frozen]"
)
volatile = several(
    "--volatile",
    "FIELD",
    "A field of requests that holds something new in every run, like metadata[order_id]; may be repeated.",
)
cors = several("--cors", "ORIGIN", "The origin of a page that may use the proxy from a browser; may be repeated.")
ignore_header = several(
    "--ignore-header",
    "NAME",
    "A request header that is left out of what is asked, like Stripe-Version; may be repeated.",
    "ignore_headers",
)
faults = several(
    "--fault",
    "RULE",
    "What goes wrong on purpose, like 'POST /v1/invoices/*/pay status=429 times=2'; may be repeated. See "
    "'replayer help faults'.",
    "faults",
)
latency = setting("--latency", "MS", "Hold each answer back so long, by chance: normal:MS,SD, or as recorded.")
token_file = setting("--token-file", "FILE", "The file with the token of control calls; made where there is none.")
rate = setting("--rate", "N", "Requests that leave for the upstream in a second, at most.  [default: any number]")
keep_429 = switch("--keep-429", "Record an answer 429 as any other.  [default: wait, and ask again]")
receipt = setting("--receipt", "FILE", "Write what came of it to that file, as JSON; see 'replayer help receipts'.")
inspector = click.option(
    "--no-inspector",
    "inspector",
    is_flag=True,
    flag_value=False,
    default=None,
    help="Show no page for browsers at /__replayer__/.  [default: shown]",
)
quiet = click.option("--quiet", is_flag=True, help="No line for each request; only what is missing, and the receipt.")
upstream_auth = setting(
    "--upstream-auth",
    "env:NAME",
    "The variable that the upstream's real key stands in, like env:STRIPE_API_KEY: it goes to the upstream instead of "
    "the key that is sent here, and nowhere else.",
)
ca = setting("--ca", "FILE", "Authorities that vouch for the upstream, in PEM, besides those of this machine.")
client_cert = setting("--client-cert", "FILE", "The certificate to show to the upstream, and its key, in one PEM file.")
insecure = switch("--insecure-upstream", "Ask an upstream whose certificate nobody vouches for.  [default: refused]")
timeout = setting("--timeout", "S", "Seconds to wait for the upstream.  [default: 80]")


def reached(command: AnyCommand) -> AnyCommand:
    """How a session is reached by its clients."""
    for option in (certificate, as_proxy, https, hosts, listen, port):
        command = option(command)
    return command


def trusted(command: AnyCommand) -> AnyCommand:
    """Whom we believe that it is the upstream, and who we are to it."""
    for option in (insecure, client_cert, ca):
        command = option(command)
    return command


def paced(command: AnyCommand) -> AnyCommand:
    """How fast the upstream is asked."""
    for option in (keep_429, rate, timeout):
        command = option(command)
    return command


webhooks = setting(
    "--webhooks", "URL", "The program's own endpoint for webhooks, which is handed what the API says by itself."
)
webhook_retries = setting(
    "--webhook-retries", "N", "How often a webhook is delivered again where the program fails.  [default: 3]"
)
webhook_port = setting(
    "--webhook-port", "N", "Port on which the API delivers its webhooks while recording.  [default: 0, any free one]"
)
webhook_secret = setting(
    "--webhook-secret",
    "env:NAME",
    "The variable that the secret of the API's endpoint stands in: what is not signed with it is refused.",
)


def heard(command: AnyCommand) -> AnyCommand:
    """How the webhooks of an API are recorded and handed to the program."""
    for option in (webhook_retries, webhook_secret, webhook_port, webhooks):
        command = option(command)
    return command


def delivered(command: AnyCommand) -> AnyCommand:
    """How recorded webhooks are handed to the program."""
    for option in (webhook_retries, webhooks):
        command = option(command)
    return command


# -- of what plays a cassette against an API --------------------------------------------------------------------------

cassettes = click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True, shell_complete=completion.cassettes)
live_upstream = setting("--upstream", "URL", "The API to ask: its origin, or 'sandbox' for a fresh embedded one.")
writes = click.option("--allow-writes", is_flag=True, help="Play writes too; else only reads are played.")
live_keys = switch("--allow-live", "Let a live key through, which can move real money.  [default: refused]")


# -- of what keeps cassettes outside of git ---------------------------------------------------------------------------

store = setting(
    "--store", "URL", "Where the cassettes are: s3://bucket/prefix, gs://bucket, az://container or file:///folder."
)
names = click.argument("names", metavar="[CASSETTE...]", nargs=-1, shell_complete=completion.below_root)


def stored(command: AnyCommand) -> AnyCommand:
    """Which cassettes, of which root, and in which store."""
    for option in (root, store, names):
        command = option(command)
    return command
