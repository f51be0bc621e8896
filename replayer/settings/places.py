"""Where settings stand: in the project, and in the environment."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from replayer.errors import UsageError

PREFIX = "REPLAYER_"
AUTHORIZATION = "REPLAYER_AUTHORIZATION"  # the only place for a key: files and command lines are read by others
OF_EXEC = frozenset(f"{PREFIX}{name}" for name in ("URL", "HOST", "PORT", "TOKEN"))  # what the child of `exec` is told

Place = tuple[str, Mapping[str, Any]]
"""Where settings stand, as its user knows it or "", and what stands there."""
PROJECT, ENVIRONMENT, PASSED, DEFAULT = "[tool.replayer]", "environment", "", "default"


def standing(folder: Path, environment: Mapping[str, str] | None = None) -> tuple[Place, Place]:
    """What stands in the project of a folder, and in the environment, for whoever runs there."""
    return (
        (PROJECT, _from_project(folder)),
        (ENVIRONMENT, _from_environment(os.environ if environment is None else environment)),
    )


def authorization(environment: Mapping[str, str] | None = None, name: str = AUTHORIZATION) -> str:
    """The `Authorization` that the environment gives to whoever asks an upstream on his own, under that name; empty
    where it gives none.

    A bare key is one for `Bearer`. It is no part of the settings: these are printed and passed around.
    """
    given = (os.environ if environment is None else environment).get(name, "").strip()
    if not given.isprintable() or not given.isascii():
        raise UsageError(f"{name} cannot be sent: it holds characters that no header may have.")
    return given if " " in given or not given else f"Bearer {given}"


def _from_project(folder: Path) -> dict[str, Any]:
    """The table `[tool.replayer]` of the nearest pyproject.toml, from that folder upwards."""
    for place in (folder, *folder.parents):
        path = place / "pyproject.toml"
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("replayer", {})
            except (OSError, ValueError) as error:
                raise UsageError(f"{path} cannot be read: {error}.") from None
            if not isinstance(table, dict):
                raise UsageError(f"{path}: [tool.replayer] must be a table of settings.")
            return table
    return {}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    told = {AUTHORIZATION, *(OF_EXEC if PREFIX + "URL" in environment else ())}  # where another Replayer listens
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name not in told and value != ""
    }
