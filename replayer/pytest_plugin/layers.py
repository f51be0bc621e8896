"""The settings of one test, and where each comes from.

later wins:   [tool.replayer]  <  REPLAYER_...  <  ini options  <  the fixture vcr_config  <  the fixture
replayer_config  <  markers, the farthest first  <  the command line
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from replayer.errors import UsageError
from replayer.pytest_plugin import names, options

if TYPE_CHECKING:
    from replayer.settings import Chosen, places

CONFIGS = ("vcr_config", "replayer_config")  # fixtures of the user's: pytest-recording's, and ours
FOR_YOU = "set by the plugin"
OF_PYTEST_RECORDING = "pytest_recording"


def chosen(request: pytest.FixtureRequest) -> "Chosen":
    """The settings of whoever asks for a fixture of ours; UsageError where one is wrong."""
    from replayer.cassettes.store import rooted
    from replayer.settings import Chosen, places

    node, config = request.node, request.config
    root, cassette = names.of_node(node)
    # A fixed port would be one for all tests.
    own: dict[str, Any] = {"root": root, "cassette": cassette, "port": 0}
    standing = places.standing(config.rootpath)
    if any(rooted.is_stored(str(given.get("root", ""))) for _, given in standing):
        del own["root"]  # a store is beside no test's file
    return Chosen.of(
        *standing,
        (FOR_YOU, own),
        ("ini file", options.in_ini_file(config)),
        *((f"fixture {name}", _config(request, name)) for name in CONFIGS),
        *_marked(node),
        ("command line", options.on_command_line(config)),
    )


def _config(request: pytest.FixtureRequest, name: str) -> Mapping[str, Any]:
    """What a fixture of that name gives, of any scope that the asking one can see; nothing where there is none."""
    try:
        given = request.getfixturevalue(name)
    except pytest.FixtureLookupError as error:
        if error.argname != name:
            raise
        return {}
    except pytest.fail.Exception as error:  # pytest says so of a fixture that is narrower than the one that asks
        if not str(error).startswith("ScopeMismatch"):
            raise
        if OF_PYTEST_RECORDING in str(error):  # its own, which gives nothing
            return {}
        raise UsageError(
            f"The fixture {name} is made anew for what is narrower than {request.fixturename}. To fix: give it "
            f'scope="{request.scope}"'
        ) from None
    if not isinstance(given, Mapping):
        raise UsageError(f"The fixture {name} must return a table of settings, not {given!r}.")
    return given


def _marked(node: "pytest.Item | pytest.Collector") -> "list[places.Place]":
    """The markers of a test and of what it stands in, the farthest first."""
    found = []
    for holder, marker in reversed(list(node.iter_markers_with_node("replayer"))):
        if marker.args:
            raise UsageError("The marker 'replayer' takes names only: @pytest.mark.replayer(cassette='x.yaml').")
        found.append((f"marker of {holder.name}", marker.kwargs))
    return found
