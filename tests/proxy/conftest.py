"""An upstream for each test, and what is told of the requests."""

from collections.abc import AsyncIterator

import pytest

from .talking import Api, Lines


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with Api() as started:
        yield started


@pytest.fixture
def lines() -> Lines:
    return Lines()
