"""An older cassette, of an upstream that has new answers by now."""

from pathlib import Path

from .talking import JSON, Api, ask, files, on_disk, recorder, reply

NEW, OLD = reply(b'{"new": true}', JSON), reply(b'{"old": true}', JSON)


async def old_cassette(api: Api, root: Path, *lines: str) -> bytes:
    """A cassette of those requests, each answered with the old answer; the upstream has new ones from now on."""
    for line in lines:
        api[line.split(" ")[1]] = OLD
    async with recorder(api, root) as proxy:
        for line in lines:
            await ask(proxy.url, line)
    for line in lines:
        api[line.split(" ")[1]] = NEW
    api.arrived.clear()
    return files(root)["a.yaml"]


def targets(path: Path) -> list[str]:
    return [each.request.target for each in on_disk(path).interactions]
