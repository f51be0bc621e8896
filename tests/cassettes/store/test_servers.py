"""The same over servers that others wrote: moto's for S3, Azurite for Azure Blob. What speaks Google's protocol and can
be installed as a package knows only its JSON half, and the store speaks the other one: that one is not tried here."""

import base64
import hashlib
import hmac
import os
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from replayer.cassettes.store.packing import key_of, packed
from replayer.cassettes.store.remote import PATIENCE
from replayer.cassettes.store.survey import Fate
from tests import packages
from tests.cassettes.store.bucket import Bucket, Wrong
from tests.cassettes.store.workplace import Workplace, text
from tests.scale import moto

pytestmark = pytest.mark.installs

AZURITE = "azurite@3.37.0"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # of all emulators


@pytest.fixture(scope="module")
def moto_environment() -> Iterator[dict[str, str]]:
    if why := moto.lacking():
        pytest.skip(why)
    with moto.server() as environment:
        yield environment


def set_all(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def s3(moto_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    set_all(monkeypatch, moto_environment)
    return f"s3://{moto.BUCKET}/{tmp_path.name}"


@pytest.fixture
def az(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    if why := packages.lacking_of_npm(AZURITE, patience=400.0):
        pytest.skip(why)
    port = moto.free_port()
    program = packages.npm_folder(AZURITE) / "node_modules" / ".bin" / "azurite-blob"
    options = ["--blobPort", str(port), "--location", str(tmp_path / "az"), "--silent", "--skipApiVersionCheck"]
    command = [str(program), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            moto.await_port(port)
            _make_container(port)
            url = f"http://127.0.0.1:{port}"
            set_all(monkeypatch, {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": url})
            yield "az://box/some/prefix"
        finally:
            started.terminate()


def _make_container(port: int) -> None:
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    facts = f"x-ms-date:{date}\nx-ms-version:2021-08-06\n/{ACCOUNT}/{ACCOUNT}/box\nrestype:container"
    signed = hmac.new(base64.b64decode(KEY), f"PUT{chr(10) * 12}{facts}".encode(), hashlib.sha256).digest()
    headers = {
        "x-ms-date": date,
        "x-ms-version": "2021-08-06",
        "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(signed).decode()}",
        "Content-Length": "0",
    }
    url = f"http://127.0.0.1:{port}/{ACCOUNT}/box?restype=container"
    urlopen(Request(url, method="PUT", headers=headers)).close()


@pytest.mark.parametrize("kind", ["s3", "az"])
def test_a_store_keeps_what_is_pushed_lists_it_and_never_changes_it(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url: str = request.getfixturevalue(kind)
    ada, bob = (Workplace(tmp_path / name, url, PATIENCE) for name in ("ada", "bob"))
    names = [f"{number}/ü {number}.yaml" for number in range(40)]
    for name in names:
        ada.write(name, name)
    assert set(ada.push().values()) == {Fate.PUSHED}
    bob.home.mkdir()
    bob.takes_lock_of(ada)
    assert set(bob.pull().values()) == {Fate.PULLED}
    assert [bob.read(name) for name in names] == [text(name) for name in names]
    remote, key = ada.remote, key_of(ada.checkout.lock().pins[names[0]].digest)
    assert len(list(remote.listed("sha256"))) == len(names)
    assert not remote.put_new(key, b"other")
    found = remote.look(key)
    assert found is not None
    assert found.size == len(packed(text(names[0])))
    remote.delete([key, key])
    assert remote.look(key) is None
    assert remote.get(key) is None
    assert ada.push(names[0], forced=True) == {names[0]: Fate.PUSHED}
    assert remote.get(key) == packed(text(names[0]))


def test_what_goes_wrong_in_front_of_a_real_server_is_mended_by_pushing_and_pulling_again(
    s3: str, moto_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every fourth request goes wrong, each in another way."""
    wrongs = [Wrong(status=500), Wrong(silent=True), Wrong(cut=9), Wrong(status=403), Wrong(other=b"?")]
    chance = random.Random(1)

    def judge(_method: str, _key: str) -> Wrong | None:
        return chance.choice(wrongs) if chance.random() < 0.25 else None

    with Bucket(wrong=judge, behind=moto_environment["AWS_ENDPOINT_URL"].removeprefix("http://")).open() as bucket:
        set_all(monkeypatch, bucket.environment)
        ada, bob = (Workplace(tmp_path / name, s3) for name in ("ada", "bob"))
        names = [f"{number}.yaml" for number in range(20)]
        for name in names:
            ada.write(name, name)
        for _ in range(60):
            fates = set(ada.push().values())
            if fates == {Fate.UNCHANGED}:
                break
        assert fates == {Fate.UNCHANGED}
        bob.home.mkdir()
        bob.takes_lock_of(ada)
        for _ in range(60):
            fates = set(bob.pull().values())
            if fates == {Fate.UNCHANGED}:
                break
        assert [bob.read(name) for name in names] == [text(name) for name in names]
    assert os.environ["AWS_ACCESS_KEY_ID"] == "made-up"
