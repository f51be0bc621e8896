"""What befalls a program: files that are damaged under each command, journals that are cut, kills, and crowds. Nothing
that was answered is lost, nobody is left without an answer, and what is said is said in words."""

import asyncio
import contextlib
import io
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory

from replayer import cassettes
from replayer.cassettes import Journal, folder
from replayer.cassettes.journal import COMPLETE, load_journal
from replayer.cli import run
from tests.forked import replayer
from tests.fuzz.noise import Noise
from tests.fuzz.over_ports import PATIENCE, SOUND, exchanged, playing
from tests.fuzz.seeds import examples, seeds
from tests.proxy.talking import Api, Wire, ask, request

SLOW = 2.0  # seconds of processor time for one command over one damaged file
COMMANDS = (("inspect",), ("inspect", "--causes"), ("audit",), ("check", "UPSTREAM"), ("learn", "UPSTREAM"))
CROWD = 400  # connections that are open at once; two descriptors each, for both ends are here
UNTIL_KILLED = 0.4  # seconds, at most


async def commands(noise: Noise, count: int) -> None:
    """Damaged cassettes under each command that reads one: it ends, with a code and without a traceback."""
    with TemporaryDirectory() as root:
        async with Api() as api:
            path = Path(root) / "a.yaml"
            for number in range(count):
                data = noise.damaged(noise.choice(seeds("cassette")), seeds("cassette"))
                path.write_bytes(data)
                name, *upstream = COMMANDS[number % len(COMMANDS)]
                words = [name, str(path), *(("--upstream", api.url) if upstream == ["UPSTREAM"] else upstream)]
                said, began = io.StringIO(), time.process_time()
                with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                    code = await asyncio.to_thread(run, words)
                assert code in (0, 1, 2), (words, data)
                assert "Traceback" not in said.getvalue(), (words, data)
                assert time.process_time() - began < SLOW, (words, data)


async def journals(noise: Noise, count: int) -> None:
    """A journal that is cut anywhere holds all that was complete, and is set aside whole by the next recording."""
    chance = noise.chance
    for _ in range(count):
        cassette = chance.choice(examples())
        assert cassette.facts is not None
        parts = [cassettes.head(cassette.facts), *map(cassettes.entry, cassette.interactions)]
        text = "".join(part + COMPLETE for part in parts).encode()
        cut = text[: chance.randrange(len((parts[0] + COMPLETE).encode()), len(text) + 1)]
        complete = cut.count(b"\n" + COMPLETE.encode()) - 1
        left = load_journal(cut, "a.yaml.journal")
        assert left.interactions == cassette.interactions[:complete], cut
        with TemporaryDirectory() as root:
            path = Path(root) / "a.yaml"
            Journal.path_of(path).write_bytes(cut)
            again = Journal.open(path)
            again.close(keep=False)
            assert (again.set_aside is not None) == (complete > 0), cut
            if again.set_aside is not None:
                assert folder.existing(again.set_aside).interactions == left.interactions, cut


@contextlib.asynccontextmanager
async def program(root: Path, *words: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A running command and where it listens."""
    started = await asyncio.create_subprocess_exec(
        *replayer(), *words, "--port", "0", cwd=root, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": os.getcwd()},  # noqa: PTH109 - our own program
    )  # fmt: skip
    try:
        assert started.stdout is not None
        line = (await started.stdout.readline()).decode()
        yield started, line.rpartition(" ")[2].strip()
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def kills(noise: Noise, count: int) -> None:
    """Recordings that are killed while several clients ask: what was answered is in the journal, and is answered
    again."""
    for _ in range(count):
        with TemporaryDirectory() as folder_name:
            root = Path(folder_name)
            async with Api() as api:
                words = ("record", "--upstream", api.url, "--cassette", "a.yaml")
                async with program(root, *words) as (recording, url):
                    answered: set[str] = set()
                    asking = [asyncio.create_task(_asking(url, client, answered)) for client in range(4)]
                    await asyncio.sleep(noise.chance.random() * UNTIL_KILLED)
                    recording.send_signal(signal.SIGKILL)
                    await recording.wait()
                    await asyncio.gather(*asking)
            path = root / "a.yaml.journal"
            if answered:
                kept = {each.request.target for each in folder.existing(path).interactions}
                assert answered <= kept, answered - kept


async def _asking(url: str, client: int, answered: set[str]) -> None:
    """One client that asks on and on, and notes what it was answered to the end."""
    number = 0
    while True:
        number += 1
        target = f"/v1/x/{client}/{number}"
        try:
            wire = await Wire.to(url)
            await wire.send(request(f"GET {target}", url))
            said = await wire.hear()
            await wire.close()
        except (ConnectionError, AssertionError):
            return
        if not said.endswith(b"{}"):
            return
        answered.add(target)


async def connections(noise: Noise, count: int) -> None:
    """Crowds that connect at once and say nothing, half of something, or a request; who asks well is answered."""
    half = (b"", b"GET", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhal")
    most = min(CROWD, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 128) // 2)
    with TemporaryDirectory() as root:
        async with playing(Path(root)) as proxy:
            for _ in range(count):
                crowd = [await Wire.to(proxy.url) for _ in range(most)]
                for wire in crowd:
                    with contextlib.suppress(ConnectionError):
                        await wire.send(noise.chance.choice(half))
                async with asyncio.timeout(PATIENCE):
                    assert (await ask(proxy.url, SOUND)).status == 421
                whole = noise.chance.sample(crowd, 5)
                for wire in crowd:
                    if wire not in whole:
                        wire.vanish()
                sound = request(SOUND, proxy.url)
                assert (await exchanged(proxy.url, sound)).startswith(b"HTTP/1.1 421")
                for wire in whole:
                    wire.vanish()


TARGETS: dict[str, Callable[[Noise, int], Coroutine[None, None, None]]] = {
    "commands": commands,
    "journals": journals,
    "kills": kills,
    "connections": connections,
}
ROUNDS = {"kills": 1, "connections": 1}  # in one turn, where one input is many things
EACH = {"connections": CROWD}  # what one input counts for
