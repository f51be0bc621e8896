"""The files of the page, by their names, and what a browser is told of them. Nothing else is ever read by a name that
somebody sends."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "page"
INDEX = "index.html"
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}

# Only our own files run, and only our own address is asked; no other page shows this one, nor reads it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page: its bytes, and its media type."""

    body: bytes
    kind: str


@cache
def assets() -> dict[str, Asset]:
    """All of them by their names: `page.js`."""
    found = sorted(path for path in FOLDER.iterdir() if path.suffix in KINDS)
    return {path.name: Asset(path.read_bytes(), KINDS[path.suffix]) for path in found}


def asset(name: str) -> Asset | None:
    """The file of that name; None where there is none."""
    return assets().get(name)
