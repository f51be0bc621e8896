"""The authority of one run. It vouches for a few hosts for a day; its key never leaves the memory of this program, and
it is in no trust store: whoever is to believe it is handed its certificate.

authority (only these hosts, no others)  --- signs --->  one certificate for all of them, which the listening side shows

Only who speaks TLS imports this: it needs the package cryptography.
"""

import os
import secrets
import ssl
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from replayer.core.rules import registry

VALID = timedelta(days=1)
SKEW = timedelta(hours=1)  # the clock of a container may be behind
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
PROTOCOLS = ("http/1.1",)  # what clients are offered: nobody here speaks another one


@dataclass(frozen=True, slots=True)
class Authority:
    """Vouches for `hosts`, names or addresses, this machine's own among them. `certificate` is its own in PEM, for
    clients to believe; `tls` is the listening side that shows what it signed."""

    hosts: tuple[str, ...]
    certificate: bytes
    tls: ssl.SSLContext

    @classmethod
    def of(cls, hosts: Iterable[str]) -> Self:
        """A new authority, valid from now on for a day. Its own key is forgotten when it has signed once."""
        names = tuple(dict.fromkeys((*registry.LOOPBACK, *map(_plain, hosts))))
        now = datetime.fromtimestamp(time.time(), UTC)
        own, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority = _authority(own, names, now)
        return cls(names, authority.public_bytes(Encoding.PEM), _listening(_signed(own, key, names, now), key))


def _plain(host: str) -> str:
    """A host as certificates have it: letters beyond ASCII encoded, no brackets around an address."""
    host = host.strip("[]").lower()
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _authority(own: ec.EllipticCurvePrivateKey, names: Sequence[str], now: datetime) -> x509.Certificate:
    permitted = [_subtree(name) for name in names]
    return (
        _begun("Replayer, for this run alone", own, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(own, hashes.SHA256())
    )


def _signed(
    own: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey, names: Sequence[str], now: datetime
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key())
    return (
        _begun("Replayer", key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .sign(own, hashes.SHA256())
    )


def _begun(subject: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.CertificateBuilder:
    """What both certificates have."""
    issuer = "Replayer, for this run alone"
    return (
        x509.CertificateBuilder(_called(issuer), _called(subject), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*uses: str) -> x509.KeyUsage:
    """These uses of a key, and no others."""
    return x509.KeyUsage(**{name: name in uses for name in USES})


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subtree(host: str) -> x509.GeneralName:
    """The same as a constraint: an address alone, not its network."""
    try:
        return x509.IPAddress(ip_network(host))
    except ValueError:
        return x509.DNSName(host)


def _listening(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    """The listening side of TLS. OpenSSL takes a key only from a file: in that one it is encrypted by a password that
    is nowhere else, and the file is gone at once."""
    password = secrets.token_bytes(32)
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.set_alpn_protocols(PROTOCOLS)
    descriptor, path = tempfile.mkstemp(prefix="replayer-")  # readable by its owner alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(encrypted + certificate.public_bytes(Encoding.PEM))
        found.load_cert_chain(path, password=password)
    finally:
        Path(path).unlink()
    return found
