"""An upstream for each test, and what is told of the requests."""

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from .talking import JSON, Api, Lines, reply

FILE = "file_1MtHbELkdIwHu7ixl4OzzPMv"  # as the second of two upstreams calls it


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who vouches for the upstreams of tests that speak TLS, and nobody else knows."""
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate, for `--ca`."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
async def secure_api(authority: trustme.CA) -> AsyncIterator[Api]:
    """An upstream that speaks TLS."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(tls)
    async with Api(tls) as started:
        yield started


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with Api() as started:
        yield started


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
async def two(authority: trustme.CA) -> AsyncIterator[tuple[Api, Api]]:
    """An API and another one, which knows the objects of the first."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    async with Api(tls) as one, Api() as other:
        one["/v1/x"] = reply(b'{"from": "one"}', JSON)
        other["/v1/x"] = reply(b'{"from": "other"}', JSON)
        other["/v1/files"] = reply(json.dumps({"id": FILE, "object": "file"}).encode(), JSON)
        link = f"{other.url}/v1/files/{FILE}/contents"
        one["/v1/links"] = reply(json.dumps({"url": link, "file": FILE, "self": f"{one.url}/v1/x"}).encode(), JSON)
        yield one, other
