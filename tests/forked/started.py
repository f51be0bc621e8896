"""What a test starts for `replayer`: see `__init__`. It imports what Python has built in, and little more."""

import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def as_people_do() -> None:
    os.execv(sys.executable, [sys.executable, "-m", "replayer", *sys.argv[2:]])  # noqa: S606 - our own program


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def main() -> None:
    if not all(is_open(number) for number in (0, 1, 2)):
        as_people_do()
    there = socket.socket(socket.AF_UNIX)
    try:
        there.connect(sys.argv[1])
    except OSError:
        as_people_do()
    text = repr((sys.argv[2:], os.getcwd(), dict(os.environ))).encode()  # noqa: PTH109 - pathlib is not there yet
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)  # until there is whom to pass them on to
    socket.send_fds(there, [len(text).to_bytes(4, "big")], [0, 1, 2])
    there.sendall(text)
    number = int.from_bytes(there.recv(4, socket.MSG_WAITALL), "big")
    if not number:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)  # or the command would never hear of them
        as_people_do()
    for each in PASSED_ON:
        signal.signal(each, lambda which, _: os.kill(number, which))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    for opened in (0, 1, 2):
        os.close(opened)  # whoever reads what the command writes reads to its end, not to this program's
    code = int.from_bytes(there.recv(4, socket.MSG_WAITALL), "big", signed=True)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
