"""Tests of unittest, and of Django: the same cassettes and verdicts, under their own runners and under pytest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import pypi

from .project import HOME, Project

CASE = """
    import unittest
    from replayer import Replayer

    class TestShop(unittest.TestCase):
        def setUp(self):
            self.replayer = Replayer.for_test(self)

        def test_one(self):
            self.assertEqual(ask(self.replayer.url, "/v1/customers", b"name=Ada")["name"], "Ada")
"""
SWALLOWED = """
        def test_that_swallows(self):
            ask(self.replayer.url, "/v1/customers", b"name=Ada")
            ask_quietly(self.replayer.url, "/v1/nothing")
"""
FAILING = """
        def test_one(self):
            ask_quietly(self.replayer.url, "/v1/nothing")
            self.assertEqual(1, 2, "its own fault")
"""
DJANGO = "django==5.2.19"


def unittest(project: Project, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(HOME), **variables}
    command = [sys.executable, "-m", "unittest", *words]
    return subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.long
def test_a_case_of_unittest_has_a_cassette_of_its_own(project: Project) -> None:
    project.write(CASE)
    lacking = unittest(project, "test_shop")
    assert lacking.returncode == 1
    told = "record it: REPLAYER_RECORD_MODE=once REPLAYER_UPSTREAM=sandbox python -m unittest"
    assert f"{told} test_shop.TestShop.test_one" in lacking.stderr
    recorded = unittest(project, "test_shop", REPLAYER_RECORD_MODE="once", REPLAYER_UPSTREAM="sandbox")
    assert recorded.returncode == 0, recorded.stderr
    assert project.cassettes() == ["cassettes/test_shop/TestShop.test_one.yaml"]
    assert unittest(project, "test_shop").returncode == 0


@pytest.mark.long
def test_a_case_that_fails_by_itself_shows_what_it_missed_too(project: Project) -> None:
    project.write(CASE)
    unittest(project, "test_shop", REPLAYER_RECORD_MODE="once", REPLAYER_UPSTREAM="sandbox")
    project.write(CASE.rpartition("        def test_one")[0] + FAILING)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: 1 != 2 : its own fault",
            "*replayer misses*",
            "No recorded interaction matches GET /v1/nothing.",
        ]
    )


@pytest.mark.long
def test_a_case_fails_for_what_its_client_swallowed_and_for_asking_nothing(project: Project) -> None:
    project.write(CASE)
    unittest(project, "test_shop", REPLAYER_RECORD_MODE="once", REPLAYER_UPSTREAM="sandbox")
    swallowed = SWALLOWED.replace("test_that_swallows", "test_one").replace("def test_one", "def test_one", 1)
    project.write(CASE.rpartition("    def test_one")[0] + swallowed)
    missed = unittest(project, "test_shop")
    assert missed.returncode == 1
    assert missed.stderr.count("No recorded interaction matches GET /v1/nothing.") == 1
    project.write(CASE.rpartition("    def test_one")[0] + "    def test_one(self):\n            pass\n")
    nothing = unittest(project, "test_shop")
    assert "replayer answered nothing: point the client at replayer.url, or set allow_unused." in nothing.stderr


@pytest.mark.parametrize("name", ["test_one", "test_that_swallows"])
def test_under_pytest_a_case_obeys_the_options_and_each_miss_stands_there_once(project: Project, name: str) -> None:
    project.write(CASE + SWALLOWED)
    recorded = project.record("-k", "test_one")
    recorded.assert_outcomes(passed=1)
    made = project.root / "cassettes/test_shop/TestShop.test_one.yaml"
    made.with_name("TestShop.test_that_swallows.yaml").write_bytes(made.read_bytes())
    result = project.run("-k", name)
    result.assert_outcomes(**{"passed" if name == "test_one" else "failed": 1})
    assert result.stdout.str().count("No recorded interaction matches GET /v1/nothing.") == (name != "test_one")


SITE = """
    import urllib.request
    from django.conf import settings
    from django.http import HttpResponse
    from django.urls import path

    def customers(request):
        form = request.POST["name"].encode()
        asked = urllib.request.Request(
            settings.INVOICE_API + "/v1/customers", b"name=" + form, {"Authorization": "Bearer sk_test_made_up"}
        )
        with urllib.request.urlopen(asked) as answer:
            return HttpResponse(answer.read(), content_type="application/json")

    urlpatterns = [path("customers", customers)]
"""
DJANGO_TEST = """
    from django.test import SimpleTestCase
    from replayer import Replayer

    class TestSite(SimpleTestCase):
        def setUp(self):
            self.replayer = Replayer.for_test(self)

        def test_a_customer_is_made(self):
            with self.settings(INVOICE_API=self.replayer.url):
                self.assertEqual(self.client.post("/customers", {"name": "Ada"}).json()["name"], "Ada")
"""
RUN = """
    import django
    from django.conf import settings
    from django.test.utils import get_runner

    settings.configure(ROOT_URLCONF="site_urls", SECRET_KEY="made up", INVOICE_API="", ALLOWED_HOSTS=["*"])
    django.setup()
    raise SystemExit(bool(get_runner(settings)().run_tests(["test_site"])))
"""


@pytest.mark.long
def test_the_test_client_of_django_asks_a_site_that_asks_the_replay(project: Project) -> None:
    if trouble := pypi.lacking(DJANGO, "asgiref==3.9.1", "sqlparse==0.5.3"):
        pytest.skip(trouble)
    for name, text in (("site_urls", SITE), ("test_site", DJANGO_TEST), ("run", RUN)):
        project.pytester.makepyfile(**{name: text})
    path = os.pathsep.join((str(HOME), str(pypi.folder(DJANGO)), str(project.root)))
    for variables in ({"REPLAYER_RECORD_MODE": "once", "REPLAYER_UPSTREAM": "sandbox"}, {}):
        done = subprocess.run(
            [sys.executable, Path("run.py")],
            cwd=project.root,
            env={**os.environ, "PYTHONPATH": path, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
    assert project.cassettes() == ["cassettes/test_site/TestSite.test_a_customer_is_made.yaml"]
