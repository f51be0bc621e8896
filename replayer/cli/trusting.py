"""What a program has to be told so that it asks by our proxy and believes our certificate: in its environment, or in
words for whoever starts it.
"""

import os
import shlex
import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path

from replayer.core.rules import registry
from replayer.proxy.connect import Origins
from replayer.proxy.entrance import Entrance

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")  # curl reads the last one in small letters only
DIRECTLY = ("NO_PROXY", "no_proxy")
BUNDLES = (  # of all that is believed
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "PIP_CERT",
)  # fmt: skip
ADDED = "NODE_EXTRA_CA_CERTS"  # to what is believed anyway
NODE = "NODE_USE_ENV_PROXY"  # without it Node's own fetch reads none of these


def environment(entrance: Entrance, own: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What the child of `exec` is told besides the address. `own` is our environment. Whom it is to believe, us and all
    that we believe ourselves, is put into that folder."""
    found: dict[str, str] = {}
    if entrance.stands_for:
        found |= dict.fromkeys(PROXIES, entrance.url) | {NODE: "1"}
        found |= dict.fromkeys(DIRECTLY, ",".join(_directly(entrance, own)))
    if entrance.certificate is not None:
        bundle = folder / "bundle.pem"
        bundle.write_text(entrance.certificate.read_text("ascii") + _believed(), "ascii")
        found |= dict.fromkeys(BUNDLES, str(bundle)) | {ADDED: str(entrance.certificate)}
    return found


def _directly(entrance: Entrance, own: Mapping[str, str]) -> Iterator[str]:
    """The hosts that are asked without a proxy: this machine's own, and those that were before. What the session stands
    for is none of them, or the real one would be asked."""
    hosts = Origins(entrance.stands_for).names
    before = next((own[name] for name in DIRECTLY if own.get(name)), "").split(",")
    for entry in dict.fromkeys((*registry.LOOPBACK, *(each.strip() for each in before if each.strip()))):
        if not any(_covers(entry.lower(), host.strip("[]")) for host in hosts):
            yield entry


def _covers(entry: str, host: str) -> bool:
    """Whether an entry of NO_PROXY means that host, for any client: a name, the end of one, a network, or all."""
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        name = entry.partition(":")[0].lstrip("*.")
        return not name or host.endswith(name)  # some clients look at no dot
    try:
        return ip_address(host) in network
    except ValueError:
        return False


def _believed() -> str:
    """Whom we believe ourselves, in PEM."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, ssl.create_default_context().get_ca_certs(binary_form=True)))


def instructions(entrance: Entrance) -> Iterator[str]:
    """The same for people: what to set for a program, and a line to try it."""
    pairs = [(name, entrance.url) for name in PROXIES if entrance.stands_for]
    if entrance.stands_for:
        pairs += [(name, ",".join(_directly(entrance, os.environ))) for name in DIRECTLY]
    if entrance.certificate is not None:
        pairs += [(name, str(entrance.certificate)) for name in (*BUNDLES, ADDED)]
    if entrance.stands_for:
        pairs.append((NODE, "1"))
    if not pairs:
        return
    yield "for your program: " + " ".join(f"{name}={shlex.quote(value)}" for name, value in pairs)
    words = ["curl", "--proxy", entrance.url] if entrance.stands_for else ["curl"]
    if entrance.certificate is not None:
        words += ["--cacert", str(entrance.certificate)]
    yield "to try it: " + shlex.join([*words, entrance.origin])
