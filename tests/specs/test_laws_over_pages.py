"""Laws 1 to 3 over APIs that tell their lists in other styles of pages, and pages in sizes that were never recorded,
through the real proxy: links lead to it, never to the upstream."""

import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

import aiohttp
import pytest

from replayer import Replayer
from tests.apis.things import DIALECTS, Dialect, Things

ORIGIN = "https://api.things.test"
COUNT = 20
RULES = {"base": "generic", "paging": [{"style": "page-number", "where": "page", "size": "limit", "first": 1}]}
LINK = re.compile(r"""(?:https?://[^\s"<>/]*)?/things\?[^\s"<>]*""")
TOKEN = re.compile(r'(?<=oken": ")[^"]+|(?<=ursor": ")[^"]+|(?<=cursor=)[^"&]+')


def api(name: str, seed: int) -> Things:
    return Things(DIALECTS[name], COUNT, random.Random(seed))


def following(dialect: Dialect, told: dict[str, str], body: Any, size: int, start: int) -> str | None:
    """What a client asks for next: a link that it is told, a token, or the next number."""
    links: Any = body.get("links", body.get("_links", body)) if isinstance(body, dict) else {}
    in_header = re.search(r'<([^>]*)>; rel="next"', told.get("Link", ""))
    link = in_header[1] if in_header else links.get("next")
    if link:
        return str(link["href"] if isinstance(link, dict) else link)
    if dialect.where == "token":
        token = body.get("nextPageToken") or body.get("next_cursor")
        return f"/things?{dialect.size}={size}&{dialect.position}={quote(token, safe='')}" if token else None
    if start + size >= COUNT or dialect.name in ("django", "drf", "github", "hal", "json:api"):
        return None
    where = (start + size) // size + dialect.where if isinstance(dialect.where, int) else start + size
    return f"/things?{dialect.size}={size}&{dialect.position}={where}"


async def walk(url: str, dialect: Dialect, size: int) -> tuple[list[str], list[str]]:
    """All answers of a walk, without what differs by the port of the proxy, and the names of the things in them."""
    transcript: list[str] = []
    names: list[str] = []
    target: str | None = f"/things?{dialect.size}={size}"
    async with aiohttp.ClientSession() as session:
        while target:
            assert target.startswith(("/", url)), target
            async with session.get(urljoin(url, target)) as answer:
                text, told, body = await answer.text(), dict(answer.headers), await answer.json()
            assert answer.status == 200, text
            for link in LINK.findall(text + told.get("Link", "")):
                assert link.startswith(("/", f"{url}/")), link
            kept = {name: value for name, value in told.items() if name not in ("Date", "Server", "Content-Length")}
            transcript.append(f"{kept} {text}".replace(url, "PROXY"))
            target = following(dialect, told, body, size, len(names))
            names += re.findall(r'"name": "([^"]*)"', text)
    return transcript, names


def replayer(root: Path, name: str = "a.yaml", **more: Any) -> Replayer:
    return Replayer(name, root=root, rules=RULES, **more)


async def recorded(root: Path, upstream: str, dialect: Dialect, name: str = "a.yaml") -> list[str]:
    async with replayer(root, name, upstream=upstream, origin=ORIGIN, record_mode="all") as proxy:
        transcript, names = await walk(proxy.url, dialect, 7)
    assert names == [f"Thing {number}" for number in range(COUNT)]
    return transcript


@pytest.mark.parametrize("name", sorted(DIALECTS))
async def test_a_walk_is_replayed_as_it_was_and_recorded_again_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    dialect = DIALECTS[name]
    async with api(name, 1).open() as upstream:
        transcript = await recorded(tmp_path, upstream.origin, dialect)
    first = (tmp_path / "a.yaml").read_bytes()
    async with replayer(tmp_path) as proxy:  # the upstream is gone
        assert (await walk(proxy.url, dialect, 7))[0] == transcript
        assert (proxy.misses, proxy.receipt.synthesized, proxy.receipt.unused) == ([], 0, 0)
    async with replayer(tmp_path) as replay:
        assert await recorded(tmp_path, replay.url, dialect, "b.yaml") == transcript
    assert (tmp_path / "b.yaml").read_bytes() == first
    async with api(name, 2).open() as upstream:
        assert await recorded(tmp_path, upstream.origin, dialect) == transcript
    assert (tmp_path / "a.yaml").read_bytes() == first


@pytest.mark.parametrize("name", sorted(DIALECTS))
async def test_a_walk_in_other_pages_is_the_one_that_the_api_would_have_told(name: str, tmp_path: Path) -> None:
    dialect = DIALECTS[name]
    async with api(name, 1).open() as upstream:
        await recorded(tmp_path, upstream.origin, dialect)
        expected, names = await walk(upstream.origin, dialect, 5)
    async with replayer(tmp_path) as proxy:
        told, found = await walk(proxy.url, dialect, 5)
        assert found == names
        assert [plain(text) for text in told] == [plain(text) for text in expected]
        assert (proxy.receipt.synthesized, proxy.misses) == (4, [])


def plain(text: str) -> str:
    """Without its tokens, which are other ones each time, and without the mark."""
    return unquote(TOKEN.sub("TOKEN", text)).replace(", 'Replayer-Synthesized': 'page'", "")
