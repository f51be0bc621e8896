"""Whom a session believes that it is the upstream: what it refuses, it refuses at the start, with what helps."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from replayer.errors import UsageError
from replayer.proxy import trust
from replayer.settings import Settings

from .talking import Api, Lines, ask, recorder


async def test_an_upstream_that_nobody_vouches_for_is_refused_with_the_remedy(secure_api: Api, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        async with recorder(secure_api, tmp_path):
            pass
    assert str(error.value).startswith(f"The upstream {secure_api.url} cannot be asked: nobody who is trusted here has")
    assert str(error.value).endswith("Name its authority: ca (--ca FILE).")
    assert secure_api.arrived == []


async def test_an_authority_of_ones_own_is_believed(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    async with recorder(secure_api, tmp_path, ca=ca) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 200


async def test_without_any_check_it_is_asked_and_that_is_said(
    secure_api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with recorder(secure_api, tmp_path, insecure_upstream=True) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
    assert trust.INSECURE in caplog.text


async def test_a_certificate_of_another_host_is_refused(authority: trustme.CA, ca: Path, tmp_path: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("elsewhere.example").configure_cert(tls)
    async with Api(tls) as api:
        with pytest.raises(UsageError, match="its certificate is of another host, or not of this time"):
            async with recorder(api, tmp_path, ca=ca):
                pass


async def test_a_client_certificate_is_shown(authority: trustme.CA, ca: Path, tmp_path: Path, lines: Lines) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.configure_trust(tls)
    tls.verify_mode = ssl.CERT_REQUIRED
    mine = tmp_path / "me.pem"
    authority.issue_cert("me@tests.example").private_key_and_cert_chain_pem.write_to_path(str(mine))
    async with Api(tls) as api:
        async with recorder(api, tmp_path, ca=ca, client_cert=mine) as proxy:
            assert (await ask(proxy.url, "GET /v1/x")).status == 200
        async with recorder(api, tmp_path, "b.yaml", ca=ca, tell=lines) as proxy:
            assert (await ask(proxy.url, "GET /v1/x")).status == 502


async def test_an_upstream_without_tls_is_said_to_have_none(tmp_path: Path) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UsageError, match=r"does not speak TLS there: give an address that begins with http://\.$"):
            async with recorder(f"https://127.0.0.1:{port}", tmp_path):
                pass


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"ca": "nowhere.pem"}, "The file nowhere.pem of the setting ca does not exist. Give a PEM file"),
        (
            {"client_cert": "nowhere.pem"},
            "The file nowhere.pem of the setting client_cert does not exist. Give one",
        ),
        ({"ca": "empty.pem"}, "The file empty.pem of the setting ca cannot be used. Give a PEM file"),
        ({"client_cert": "empty.pem"}, "The file empty.pem of the setting client_cert cannot be used. Give one PEM"),
        ({"client_cert": "locked.pem"}, "The file locked.pem of the setting client_cert cannot be used. Give one PEM"),
        ({"ca": "."}, "The file . of the setting ca cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    settings: dict[str, str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    from cryptography.hazmat.primitives import serialization as forms

    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.pem").write_text("")
    mine = authority.issue_cert("me@tests.example")
    key = forms.load_pem_private_key(mine.private_key_pem.bytes(), None)
    locked = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.BestAvailableEncryption(b"pass"))
    (tmp_path / "locked.pem").write_bytes(locked + mine.cert_chain_pems[0].bytes())
    with pytest.raises(UsageError) as error:
        trust.context(Settings(**settings))  # type: ignore[arg-type]
    assert str(error.value).startswith(says)


def test_without_such_settings_nothing_is_otherwise_than_for_everybody() -> None:
    assert trust.context(Settings()) is None
