"""A project for each test of the plugin."""

import pytest

from .project import HOME, Project


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("PYTHONPATH", str(HOME))
    for name in ("CI", "BUILD_NUMBER"):  # there pytest says all that a test said once more in its summary
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # or each run would load all that is installed here
    return Project(pytester)
