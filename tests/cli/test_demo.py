"""`replayer demo`: with and without the official SDK, everything is identical."""

import sys

import pytest

from replayer.cli import run


def test_the_demo_ends_with_everything_identical(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "identical: 16/16"
    assert any(line.startswith("upstream stopped: http://127.0.0.1:") for line in lines)
    assert "  version: 1" in lines
    assert "  16 recorded, 0 played, 0 synthesized, 0 missed, 0 unused" in lines
    assert any(line.startswith("  0 recorded, 16 played, 0 synthesized, 0 missed, 0 unused, ") for line in lines)


def test_the_demo_needs_no_stripe_sdk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stripe", None)
    assert run(["demo"]) == 0
    printed = capsys.readouterr().out
    assert "The client is Python's http.client." in printed
    assert printed.endswith("identical: 16/16\n")
