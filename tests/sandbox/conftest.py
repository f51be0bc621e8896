"""A shop for each test."""

import pytest

from .asking import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()
