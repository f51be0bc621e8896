"""An upstream for each test, and what is told of the requests."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from .talking import Api, Lines


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
