"""import, export and clean with what they cannot do: one line with the remedy, exit code 2, and nothing is changed."""

import os
import subprocess
from pathlib import Path

import pytest

from replayer.cli import run
from tests.forked import replayer

from .har_files import entry, har

CASSETTE = "made.yaml"


@pytest.fixture
def made(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A cassette, a file of another tool, a folder, a pipe, and what is none of them."""
    har(here / "made.har", entry())
    assert run(["import", "made.har", "--out", "."]) == 0
    (here / "folder").mkdir()
    os.mkfifo(here / "pipe.har")
    (here / "empty.json").write_text("", "utf-8")
    (here / "broken.har").write_text('{"log": {"entries": [', "utf-8")
    (here / "other.yaml").write_text("hello: 1\n", "utf-8")
    (here / "merge.yml").write_text("<<<<<<< ours\na: 1\n=======\n", "utf-8")
    (here / "deep.json").write_text("[" * 100_000, "utf-8")
    capsys.readouterr()
    return here


WRONG = [
    (["import", "missing.har", "--out", "o"], "There is no file missing.har. Give the path of one."),
    (
        ["import", "folder", "--out", "o"],
        "There is no file to import in the folder folder (.yaml, .yml, .json, .har). Name ",
    ),
    (["import", "pipe.har", "--out", "o"], "pipe.har is no file. Name a file, or a folder of them."),
    (["import", "empty.json", "--out", "o"], "empty.json:1: the file is empty. Delete it and record again."),
    (["import", "broken.har", "--out", "o"], "broken.har:1: this is not JSON: Expecting value. Save it again."),
    (
        ["import", "other.yaml", "--out", "o"],
        "other.yaml: no tool is known that writes such files. See 'replayer help ",
    ),
    (["import", CASSETTE, "--out", "o"], "made.yaml is a cassette of Replayer already. Play it as it is."),
    (["import", "merge.yml", "--out", "o"], "merge.yml:1: '<<<<<<<' is a merge conflict marker. Resolve the merge, "),
    (["import", "deep.json", "--out", "o"], "deep.json:1: this is not YAML: exceeded maximum nesting depth. Correct "),
    (["import", "made.har", "--out", CASSETTE], "made.yaml is no folder. Choose another one with --out."),
    (
        ["import", "made.har", "--out", "o", "--origin", "x"],
        "The origin 'x' is no address. Use one like https://api.stripe.com.",
    ),
    (["import", "made.har"], "Missing option '--out'. See 'replayer import --help'."),
    (["export", "missing.yaml", "--to", "har", "--out", "o"], "There is no cassette missing.yaml."),
    (["export", "folder", "--to", "har", "--out", "o"], "folder: is a folder. Name a cassette in it."),
    (["export", CASSETTE, "--to", "hra", "--out", "o"], "Invalid value for '--to': 'hra' is not one of "),
    (["export", CASSETTE, "--to", "har", "--out", "made.har"], "made.har is there already, and stays. Delete it, or "),
    (
        ["export", CASSETTE, "--to", "har", "--out", "made.har/x"],
        "made.har is there already, and stays. Delete it, or ",
    ),
    (["export", "made.har", "--to", "har", "--out", "o"], "made.har:1: this is HAR's format, and no cassette. Import "),
    (["clean", "missing.yaml"], "There is no cassette missing.yaml."),
    (["clean", "folder"], "There is no cassette in the folder folder."),
    (["clean", "made.har"], "made.har:1: this is HAR's format, and no cassette. Import it: replayer import made.har "),
    (["clean", "pipe.har"], "pipe.har: is no file. Name another cassette."),
    (
        ["inspect", "made.har"],
        "made.har:1: this is HAR's format, and no cassette. Import it: replayer import made.har ",
    ),
    (["audit", "made.har"], "made.har:1: this is HAR's format, and no cassette. Import it: replayer import made.har "),
]


@pytest.mark.parametrize(("words", "line"), WRONG, ids=lambda each: " ".join(each) if isinstance(each, list) else "")
def test_bad_usage_is_one_line_with_the_remedy_and_exit_code_2(
    words: list[str], line: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {each: each.stat().st_mtime_ns for each in made.iterdir()}
    assert run(words) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"replayer: {line}")
    assert {each: each.stat().st_mtime_ns for each in made.iterdir()} == before


@pytest.mark.parametrize(
    "words", [["import", "made.har", "--out", "o"], ["export", CASSETTE, "--to", "har"], ["clean"]]
)
@pytest.mark.usefixtures("made")
def test_a_file_that_may_not_be_read_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    more = {"export": ["--out", "o"], "clean": [CASSETTE]}.get(words[0], [])
    assert run([*words, *more]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "cannot be read: Permission denied. Check " in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "words", [["import", "made.har", "--out", "o"], ["export", CASSETTE, "--to", "har", "--out", "o.har"]]
)
def test_before_a_full_disk_it_is_said_and_a_narrow_terminal_cuts_nothing(words: list[str], made: Path) -> None:
    program = [*replayer(), *words]
    narrow = os.environ | {"COLUMNS": "20", "NO_COLOR": "1"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            program, stdout=full, stderr=subprocess.PIPE, text=True, cwd=made, env=narrow, check=False
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (
        done.stderr == "replayer: Nothing can be written to stdout: No space left on device. Redirect it elsewhere.\n"
    )
