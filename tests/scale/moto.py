"""A real server of the S3 protocol on loopback: moto's, installed once into a folder of its own below .venv."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from tests import packages

PACKAGES = ("moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5")  # a third of what moto[server] would bring
BUCKET = "bucket"
STARTS = 30.0  # seconds


def lacking() -> str:
    """Why it cannot be used; empty where it can."""
    return packages.lacking_of_pip(*PACKAGES, patience=240.0)


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """It, with an empty bucket: what a client finds it by."""
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(packages.pip_folder(*PACKAGES))}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            await_port(port)
            url = f"http://127.0.0.1:{port}"
            urlopen(Request(f"{url}/{BUCKET}", method="PUT")).close()  # noqa: S310 - on loopback
            yield {
                "AWS_ENDPOINT_URL": url,
                "AWS_ACCESS_KEY_ID": "made-up",
                "AWS_SECRET_ACCESS_KEY": "made-up",
                "AWS_REGION": "us-east-1",
            }
        finally:
            started.terminate()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def await_port(port: int) -> None:
    ends = time.monotonic() + STARTS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
        else:
            return
