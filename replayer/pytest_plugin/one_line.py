"""An error of Replayer's own says all: the line that met it, and no way through our modules."""

import os
from pathlib import Path

import pytest

from replayer.errors import ReplayerError

OURS = Path(__file__).parents[1]


def of(item: pytest.Item, call: "pytest.CallInfo[None]") -> str:
    """How the failure of a test is told by such an error; empty for any other."""
    error = call.excinfo.value if call.excinfo is not None else None
    if not isinstance(error, ReplayerError) or isinstance(error, pytest.fail.Exception):
        return ""
    return f"{_line_of(item, error)}replayer: {error}"


def _line_of(item: pytest.Item, error: BaseException) -> str:
    """The last line of the user's own that an error went through: in the folder of the tests, and not in ours."""
    trace, found = error.__traceback__, ""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(item.config.rootpath) and not path.is_relative_to(OURS):
            found = f"{os.path.relpath(path, item.config.invocation_params.dir)}:{trace.tb_lineno}: "
        trace = trace.tb_next
    return found
