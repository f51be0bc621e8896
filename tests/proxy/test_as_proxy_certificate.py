"""The certificate of a proxy of its clients, and what it cannot do without."""

import sys
from pathlib import Path

import pytest

from replayer.errors import UsageError

from .talking import Api, files
from .tunnel import THERE, asked, back, front


async def test_a_cassette_that_names_no_host_needs_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\ninteractions: []\n", "utf-8")
    with pytest.raises(UsageError, match=r"Nobody knows for which host this is to be the proxy: a\.yaml names none"):
        async with back(tmp_path):
            pass
    async with back(tmp_path, origin=THERE) as proxy:
        assert (await asked(proxy, "GET /v1/x")).status == 421


async def test_without_cryptography_the_extra_is_named(
    secure_api: Api, ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "replayer.proxy.certificates", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(UsageError) as error:
        async with front(secure_api, ca, tmp_path):
            pass
    assert "pip install cryptography" in str(error.value)


@pytest.mark.parametrize("chosen", ["", "chosen.pem"])
async def test_the_certificate_goes_with_the_session(
    secure_api: Api, ca: Path, tmp_path: Path, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with front(secure_api, ca, tmp_path, certificate=chosen) as proxy:
        path = proxy.certificate
        assert path is not None
        assert path.read_bytes().count(b"BEGIN CERTIFICATE") == 1
        assert b"PRIVATE" not in path.read_bytes()
    assert not path.exists()
    assert path.parent.exists() == bool(chosen)


async def test_a_file_of_somebody_elses_is_not_written_over(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    before = files(ca.parent)
    with pytest.raises(UsageError, match="is there, and no certificate of Replayer's"):
        async with front(secure_api, ca, tmp_path, certificate=ca):
            pass
    assert files(ca.parent) == before
    left = tmp_path / "left.pem"  # by a run that was killed
    async with front(secure_api, ca, tmp_path, certificate=left):
        kept = left.read_bytes()
    left.write_bytes(kept)
    async with front(secure_api, ca, tmp_path, certificate=left):
        assert left.read_bytes() != kept


async def test_a_certificate_that_cannot_be_put_there_is_told(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere/ca\.pem: No such file or directory\. Choose another file\.$"):
        async with front(secure_api, ca, tmp_path, certificate=str(tmp_path / "nowhere/ca.pem")):
            pass
