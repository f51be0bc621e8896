"""The picture of the page in the README: what a browser shows of an example cassette that is played, with one miss.

`scripts/shoot` takes it. It keeps a digest of the page's files, so that a test can say when it was taken of others.
"""

import asyncio
import hashlib
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from replayer import Replayer
from replayer.cassettes import folder
from replayer.inspector import assets
from tests.inspector import browser

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "cassettes" / "life.yaml"
PICTURE = ROOT / "replayer" / "manual" / "inspector.png"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = len(SIGNATURE) + 25  # bytes to the end of the chunk that each picture begins with
KEYWORD = b"page"
OWN = ("host", "content-length", "transfer-encoding", "connection")


def digest() -> bytes:
    """That of all files of the page as they are now."""
    files = sorted(assets.assets().items())
    return hashlib.sha256(b"".join(name.encode() + asset.body for name, asset in files)).hexdigest()[:16].encode()


def stamped(png: bytes) -> bytes:
    """A picture that tells of which files it was taken."""
    chunk = b"tEXt" + KEYWORD + b"\0" + digest()
    return png[:HEAD] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[HEAD:]


def taken_of(png: bytes) -> bytes:
    """The digest of the files that a picture was taken of."""
    return png.partition(b"tEXt" + KEYWORD + b"\0")[2][:16]


async def shoot() -> bytes:
    """The picture, taken now."""
    with TemporaryDirectory() as place:
        (Path(place) / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
        async with Replayer(EXAMPLE.name, root=place, origin="") as replayer:
            async with httpx.AsyncClient(base_url=replayer.url, trust_env=False) as client:
                for one in folder.existing(EXAMPLE).interactions:
                    asked = one.request
                    headers = [(name, value) for name, value in asked.headers if name.lower() not in OWN]
                    await client.request(asked.method, asked.target, headers=headers, content=asked.body)
                await client.get("/v1/invoices", params={"status": "overdue"})
            async with browser.opened(replayer.inspector, height=720) as seen:
                page = seen.page
                await page.wait_for_selector(".row >> nth=17")
                await page.locator(".row >> nth=5").click()
                await page.locator(".mark.id >> nth=0").hover()
                await page.wait_for_selector("#told .places")
                return bytes(await page.screenshot())


def main() -> None:
    """Take it, and keep it."""
    if why := browser.lacking():
        raise SystemExit(f"scripts/shoot: {why}")
    PICTURE.write_bytes(stamped(asyncio.run(shoot())))


if __name__ == "__main__":
    main()
