"""Who is measured side by side: each a process of its own that gives the same bytes, and answers as it does for its
users. Who is not installed is named as missing."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from aiohttp import web

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 100000000; default_type application/json; charset off;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""


class Peer:
    """A server process, its port, and its children's processor time and memory."""

    def __init__(self, name: str, command: Sequence[str], word: str = "ready", port: int = 0) -> None:
        self.name, self.began = name, time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = port
        if not port:
            assert self._process.stdout is not None
            line = next((line for line in self._process.stdout if word in line), "")
            if not line:
                raise SystemExit(f"{name} did not start: {' '.join(command)}")
            self.port = int(line.strip().rpartition(":")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """It is told to end, and has to after a while."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    @property
    def _all(self) -> list[int]:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def used(self) -> float:
        """Seconds of processor time so far (proc(5): utime and stime, in ticks)."""
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._all)
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS

    def resident(self) -> int:
        """Bytes of memory."""
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._all) * PAGE


def replayer(folder: Path, cassette: str) -> Peer:
    command = [sys.executable, "-m", "replayer", "replay", "--root", str(folder), "--cassette", cassette, "--quiet"]
    return Peer("replayer", [*command, "--port", "0"], word="listening")


def recorder(folder: Path, upstream: str, cassette: str) -> Peer:
    command = [sys.executable, "-m", "replayer", "record", "--root", str(folder), "--cassette", cassette, "--quiet"]
    return Peer("recorder", [*command, "--rules", "invoice", "--upstream", upstream, "--port", "0"], word="listening")


def nginx(folder: Path) -> Peer | None:
    """With a file for each path below `folder`/www; None where it is not installed."""
    command = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if command is None:
        return None
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port), "utf-8")
    (folder / "tmp").mkdir(exist_ok=True)
    folder.chmod(0o755)  # its worker is another user
    peer = Peer("nginx", [command, "-c", str(folder / "nginx.conf"), "-p", str(folder)], port=port)
    until_open(peer, 30)
    return peer


def aiohttp_server(kind: str, folder: Path, upstream: str = "") -> Peer:
    """`bare`, `low-level`, `upstream` or `pass-through`: see below."""
    command = [sys.executable, "-m", "tests.bench.peers", kind, str(folder), upstream]
    return Peer(NAMES[kind], command)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_open(peer: Peer, patience: float) -> None:
    """Wait until somebody listens there. RuntimeError, in words, where nobody does for so many seconds."""
    ends = time.monotonic() + patience
    while not peer.has_ended and time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", peer.port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("it ended at once" if peer.has_ended else f"it did not listen within {patience:.0f} s")


# -- the processes ----------------------------------------------------------------------------------------------------

NAMES = {
    "bare": "bare aiohttp handler",
    "low-level": "aiohttp web.Server, uvloop",
    "upstream": "an upstream",
    "pass-through": "pass-through proxy, uvloop",
}


def bodies(folder: Path) -> Callable[[str], bytes]:
    """The body for each path, read once."""
    known: dict[str, bytes] = {}

    def body(path: str) -> bytes:
        if path not in known:
            known[path] = (folder / "www" / path.lstrip("/")).read_bytes()
        return known[path]

    return body


async def _serve(kind: str, folder: Path, upstream: str) -> None:
    of = bodies(folder)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "GET":
            await request.read()
        return web.Response(body=of(request.path), content_type="application/json")

    async def invoice(request: web.BaseRequest) -> web.StreamResponse:
        from tests.bench.replay import body_of

        name = request.path.rpartition("/")[2]
        headers = {"Request-Id": f"req_{name[-14:]}"}
        return web.Response(body=body_of(name), content_type="application/json", headers=headers)

    if kind == "bare":
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", answer)
        runner: web.BaseRunner = web.AppRunner(application, access_log=None)
    elif kind == "pass-through":
        runner = web.ServerRunner(web.Server(await _passing(upstream)))
    else:
        runner = web.ServerRunner(web.Server(invoice if kind == "upstream" else answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
    print(f"ready:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


async def _passing(upstream: str) -> Callable[[web.BaseRequest], "asyncio.Future[web.StreamResponse]"]:
    import aiohttp

    client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
    )

    async def passing(request: web.BaseRequest) -> web.StreamResponse:
        sent = await request.read()
        url = upstream + request.raw_path
        async with client.request(request.method, url, headers=request.headers, data=sent) as reply:
            return web.Response(status=reply.status, headers=reply.headers, body=await reply.read())

    return passing  # type: ignore[return-value]


if __name__ == "__main__":
    import uvloop

    factory = None if sys.argv[1] == "bare" else uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as loops:
        loops.run(_serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
