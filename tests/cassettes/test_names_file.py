"""What only whoever recorded may see."""

import stat
from pathlib import Path

import pytest

from replayer.cassettes import names_file
from replayer.core.clock import facts
from replayer.core.naming import Memory
from replayer.errors import CassetteError, UsageError

MEMORY = Memory("https://api.stripe.com", facts.ClockState(1), names=(("in_alias", "in_real"),))


def test_it_is_read_back_and_its_owner_alone_may_read_it(tmp_path: Path) -> None:
    assert names_file.read(tmp_path, "a/b.yaml") is None
    names_file.write(tmp_path, "a/b.yaml", MEMORY)
    assert names_file.read(tmp_path, "a/b.yaml") == MEMORY
    path = names_file.place(tmp_path, "a/b.yaml")
    assert path == tmp_path / ".replayer/a/b.yaml.names.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / ".replayer").stat().st_mode) & 0o077 == 0


def test_version_control_leaves_it_out(tmp_path: Path) -> None:
    names_file.write(tmp_path, "a.yaml", MEMORY)
    assert (tmp_path / ".replayer/.gitignore").read_text().splitlines()[-1] == "*"


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    names_file.write(tmp_path, "a.yaml", Memory("x", facts.ClockState(1)))
    names_file.place(tmp_path, "a.yaml").chmod(0o644)
    names_file.write(tmp_path, "a.yaml", MEMORY)
    assert stat.S_IMODE(names_file.place(tmp_path, "a.yaml").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"upstream": 1}'])
def test_a_broken_file_is_named_with_the_remedy(content: str, tmp_path: Path) -> None:
    names_file.write(tmp_path, "a.yaml", MEMORY)
    names_file.place(tmp_path, "a.yaml").write_text(content)
    with pytest.raises(CassetteError, match=r"a\.yaml\.names\.json: .*Delete it; then record all of it again\."):
        names_file.read(tmp_path, "a.yaml")


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/.replayer").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="leads out of"):
        names_file.write(tmp_path / "root", "a.yaml", MEMORY)
