"""What all tests share: how hard hypothesis looks, and that no event loop stands still."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.watchdog import Watchdog

pytest_plugins = ["pytester"]  # for the tests of the plugin

QUIET = (HealthCheck.too_slow,)  # machines differ; a test that takes long is no wrong test
settings.register_profile("any", deadline=None, suppress_health_check=QUIET, print_blob=True)  # how to have it again
EACH = settings.get_profile("any")

settings.register_profile("quick", EACH, max_examples=60)
settings.register_profile("steady", EACH, max_examples=60, derandomize=True)
settings.register_profile("ci", EACH, max_examples=2_000, derandomize=True)
settings.register_profile("thorough", EACH, max_examples=100_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


gc.disable()  # until all tests are collected: what is made meanwhile, modules and thousands of tests, stays


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there now stays to the end: nobody need look through thousands of tests for what has become free. Nor so
    often: a program of the laws leaves thousands of values and hardly a circle among them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # of more, a look takes so long that the watchdog finds it
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was found out about large cassettes is kept in a folder of these tests."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """No test lets a loop stand still, unless it says why it may: `@pytest.mark.stands_still("...")`."""
    watchdog = Watchdog()
    with watchdog.watching():
        yield
    if watchdog.complaint and item.get_closest_marker("stands_still") is None:
        pytest.fail(watchdog.complaint, pytrace=False)
