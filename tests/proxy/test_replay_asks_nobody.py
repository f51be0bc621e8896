"""Law 7 from below: a replay that would open a connection to anywhere is killed, by Python where Python would open it,
and by the system whoever would."""

import asyncio
import os
import platform
import sys
from pathlib import Path

import pytest

from tests.cli.servers import HOME, Server

from .talking import Api
from .test_several_hosts import Proxied, asked, program, recording

ENDED = 99  # the exit code of a program that Python ended
SIGSYS = 31
# Of connect, sendto and io_uring_setup, by what each processor calls them: asm/unistd.h.
NUMBERS = {"x86_64": (42, 44, 425), "aarch64": (203, 206, 425)}
BELOW = sys.platform == "linux" and platform.machine() in NUMBERS

# Is run before the program, in it: Python looks for a module of this name.
WATCHED = f"""
import ctypes, os, platform, struct, sys

def seen(event, given):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        os.write(2, f"WATCHED: {{event}} {{given}}\\n".encode())
        os._exit({ENDED})

def below(connect, sendto, io_uring_setup):
    # Classic BPF (seccomp(2)): who connects, or sends a datagram to an address, is killed; there is no io_uring.
    load, equal, give = 0x20, 0x15, 0x06
    kill, refuse, allow = 0x80000000, 0x00050000 | 38, 0x7FFF0000
    lines = [
        (load, 0, 0, 0),  # the number of the call
        (equal, 6, 0, connect),
        (equal, 6, 0, io_uring_setup),
        (equal, 0, 3, sendto),
        (load, 0, 0, 48),  # its fifth argument: the address, null where it is a connection's
        (equal, 1, 0, 0),
        (give, 0, 0, kill),
        (give, 0, 0, allow),
        (give, 0, 0, kill),
        (give, 0, 0, refuse),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0, ctypes.get_errno()  # PR_SET_SECCOMP, by a filter

if os.environ["WATCHED"] == "python":
    sys.modules["uvloop"] = None  # whose connections Python does not hear of
    sys.addaudithook(seen)
else:
    below(*{NUMBERS}[platform.machine()])
"""

WAYS = ["python", pytest.param("system", marks=pytest.mark.skipif(not BELOW, reason="needs seccomp of Linux"))]


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """The environment of a program that is watched."""
    folder = tmp_path / "watching"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCHED, "utf-8")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{HOME}"}


@pytest.mark.parametrize("way", WAYS)
async def test_two_upstreams_that_are_gone_are_replayed_and_no_socket_is_opened(
    two: tuple[Api, Api], ca: Path, tmp_path: Path, watched: dict[str, str], way: str
) -> None:
    one, other = two
    async with recording(two, ca, tmp_path) as proxy:
        recorded = await program(proxy, two)
    await one.stop()
    await other.stop()
    words = ("replay", "--cassette", "a.yaml", "--as-proxy", "--certificate", "believed.pem")
    server = await asyncio.to_thread(Server, tmp_path, *words, environment={**watched, "WATCHED": way})
    try:
        beside = Proxied(server.url, tmp_path / "believed.pem")
        assert await program(beside, two) == recorded
        assert (await asked(beside, "GET /v1/never", other)).status == 421
        async with Api() as third:
            assert (await asked(beside, "GET /v1/x", third)).status == 403
            assert third.arrived == []
    finally:
        code, _, told = await asyncio.to_thread(server.end)
        server.close()
    assert code == 1, told  # what was missed; not that it was ended or killed
    assert "0 recorded, 5 played" in told
    assert "WATCHED" not in told


@pytest.mark.parametrize("way", WAYS)
async def test_who_records_is_seen(tmp_path: Path, watched: dict[str, str], way: str) -> None:
    """Which shows that the test above would fail."""
    async with Api() as api:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "replayer", "record", "--upstream", api.url, "--cassette", "a.yaml"),
            cwd=tmp_path,
            env=os.environ | watched | {"WATCHED": way},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, told = await asyncio.wait_for(child.communicate(), 30)
        except TimeoutError:
            child.kill()
            raise
        assert api.arrived == []
    assert child.returncode in (ENDED, -SIGSYS), told
