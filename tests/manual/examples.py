"""README and manual as a test reads them: their examples, their tables, and how a reader would run a command."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from replayer.manual import pages
from tests import forked

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
TEXTS = {"README": README, **{page.name: page.text for page in pages()}}
ALL = "\n".join(TEXTS.values())

BLOCK = re.compile(r"<!-- (?:file|run|text): (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
TABLE = re.compile(r"<!-- table: (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)
CODE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def _once(pattern: re.Pattern[str]) -> dict[str, str]:
    """What has a name, by it; what stands in two places is the same in both."""
    found: dict[str, str] = {}
    for name, content in pattern.findall(ALL):
        assert found.setdefault(name, content) == content, f"there are two of {name}, and they differ"
    return found


BLOCKS = _once(BLOCK)
TABLES = _once(TABLE)


def section(text: str, title: str) -> str:
    """What stands under that heading, in one line."""
    return " ".join(re.split(rf"^#+ {re.escape(title)}$", text, flags=re.M)[1].partition("\n## ")[0].split())


def code(text: str, language: str) -> list[str]:
    """The blocks of code in that language."""
    return [content for _, named, content in CODE.findall(text) if named == language]


def write(folder: Path) -> Path:
    """Have the files that are shown in a folder."""
    for name, content in BLOCKS.items():
        if "." in name:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, "utf-8")
    return folder


def promised(name: str) -> list[str]:
    """What a program prints, as the comments behind its prints have it."""
    return re.findall(r"print\(.*\)  # (.+)", BLOCKS[name])


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, in a folder of its own."""
    environment = os.environ | {"PATH": ":".join([forked.path(), str(Path(sys.executable).parent), os.environ["PATH"]])}
    for name in ("PYTEST_ADDOPTS", "STRIPE_API_KEY"):
        environment.pop(name, None)
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as started:
        try:
            output, errors = started.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)  # servers that it left behind
    return subprocess.CompletedProcess(command, started.returncode, output, errors)
