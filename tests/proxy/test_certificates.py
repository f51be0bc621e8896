"""The authority of one run: whom it vouches for, for how long, and that its key is nowhere."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest
from cryptography import x509

from replayer.proxy.certificates import Authority


def handshake(authority: Authority, host: str, believed: bytes) -> ssl.SSLObject:
    """A client that asks for that host and believes that certificate; in memory. The client's side of it."""
    context = ssl.create_default_context(cadata=believed.decode("ascii"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(back, there, server_hostname=host)
    server = authority.tls.wrap_bio(there, back, server_side=True)
    done = set[ssl.SSLObject]()
    while len(done) < 2:
        for side in (client, server):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                continue
    return client


@pytest.mark.parametrize(
    "host", ["api.example.com", "127.0.0.1", "localhost", "::1", "10.1.2.3", "xn--bcher-kva.example"]
)
def test_it_vouches_for_the_hosts_that_it_was_made_for_and_for_this_machine(host: str) -> None:
    authority = Authority.of(["api.example.com", "10.1.2.3", "bücher.example"])
    client = handshake(authority, host, authority.certificate)
    assert client.selected_alpn_protocol() == "http/1.1"


def test_for_another_host_it_is_believed_by_nobody() -> None:
    authority = Authority.of(["api.example.com"])
    with pytest.raises(ssl.SSLCertVerificationError, match=r"evil\.example"):
        handshake(authority, "evil.example", authority.certificate)


def test_it_is_of_one_run() -> None:
    one, other = Authority.of([]), Authority.of([])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(one, "localhost", other.certificate)


def test_what_it_may_sign_is_bound_by_names_and_by_a_day() -> None:
    made = x509.load_pem_x509_certificate(Authority.of(["API.example.com"]).certificate)
    constraints = made.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.excluded_subtrees is None
    assert [each.value for each in constraints.value.permitted_subtrees or ()] == [
        IPv4Network("127.0.0.1"), "localhost", IPv6Network("::1"), "api.example.com"
    ]  # fmt: skip
    basic = made.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert made.not_valid_before_utc < datetime.now(UTC) < made.not_valid_after_utc
    assert made.not_valid_after_utc - made.not_valid_before_utc <= timedelta(hours=25)


def test_no_key_is_left_on_disk_and_none_was_there_in_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen, load = list[bytes](), ssl.SSLContext.load_cert_chain

    def looked_at(self: ssl.SSLContext, path: str, password: bytes) -> None:
        seen.append(Path(path).read_bytes())
        assert Path(path).stat().st_mode & 0o777 == 0o600
        load(self, path, password=password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", looked_at)
    Authority.of([])
    assert list(tmp_path.iterdir()) == []
    assert [b"BEGIN ENCRYPTED PRIVATE KEY" in text for text in seen] == [True]
    assert not any(b"BEGIN PRIVATE KEY" in text or b"BEGIN EC PRIVATE" in text for text in seen)
