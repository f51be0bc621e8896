"""Forks a process for each command that somebody starts, with all imported that commands import: see `__init__`."""

import ast
import contextlib
import gc
import importlib
import io
import os
import pkgutil
import random
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import replayer
from replayer.cli import main

# What changes how Python starts, or what it imports.
HOW = ("PYTHON", "LC_", "LANG", "MALLOC")
ANYWAY = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")  # these change nothing that a command writes
HOME = str(Path(replayer.__file__).parents[1])


def how(environment: Mapping[str, str]) -> dict[str, str]:
    """How Python would start in that environment."""
    told = {name: text for name, text in environment.items() if name.startswith(HOW) and name not in ANYWAY}
    return {"PYTHONPATH": HOME} | told


def import_all() -> None:
    for module in pkgutil.walk_packages(replayer.__path__, "replayer."):
        if "pytest" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def opened_anew(number: int, mode: str) -> io.TextIOWrapper:
    """What Python makes of it when it starts."""
    buffered = os.fdopen(number, f"{mode}b", closefd=False)
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(buffered, "utf-8", errors, line_buffering=number == 2 or os.isatty(number))


def run(words: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> NoReturn:
    """The command, in this process."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = opened_anew(0, "r"), opened_anew(1, "w"), opened_anew(2, "w")
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    sys.argv = ["replayer", *words]
    random.seed()
    gc.enable()
    main()


class Ready:
    """One loop: who asks for a command, who left, and which command ended."""

    def __init__(self, path: str) -> None:
        self.how = how(os.environ)
        self.loop = selectors.DefaultSelector()
        self.listens = socket.socket(socket.AF_UNIX)
        self.listens.bind(path)
        self.listens.listen(64)
        self.watch(self.listens.fileno(), self.start)
        self.watch(0, lambda: os._exit(0))  # nobody is there to ask any more

    def watch(self, number: int, then: Callable[[], object]) -> None:
        self.loop.register(number, selectors.EVENT_READ, then)

    def start(self) -> None:
        asks, _ = self.listens.accept()
        size, streams, *_ = socket.recv_fds(asks, 4, 3)
        words, folder, environment = ast.literal_eval(
            asks.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL).decode()
        )
        if how(environment) != self.how:
            asks.sendall(bytes(4))
            asks.close()
        else:
            number = os.fork()
            if not number:
                self.loop.close()
                self.listens.close()
                asks.close()
                run(words, folder, environment, streams)
            self.follow(asks, number)
        for stream in streams:
            os.close(stream)

    def follow(self, asks: socket.socket, number: int) -> None:
        """Until the command ends; where who asked for it was killed, it is killed too."""
        ends = os.pidfd_open(number)

        def ended() -> None:
            code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
            with contextlib.suppress(OSError):  # who was killed asks no more
                asks.sendall(code.to_bytes(4, "big", signed=True))
            for watched in (ends, asks.fileno()):
                self.loop.unregister(watched)
            os.close(ends)
            asks.close()

        self.watch(ends, ended)
        self.watch(asks.fileno(), lambda: os.kill(number, signal.SIGKILL))
        asks.sendall(number.to_bytes(4, "big"))

    def serve(self) -> NoReturn:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            for key, _ in self.loop.select():
                if key.fd in self.loop.get_map():
                    key.data()


if __name__ == "__main__":
    import_all()
    gc.disable()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Ready(sys.argv[1]).serve()
