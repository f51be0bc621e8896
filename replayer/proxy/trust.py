"""Whom a session believes that it is the upstream, and who it says that it is itself. Nothing is sent here."""

import ssl
from collections.abc import Callable

import aiohttp

from replayer.errors import UsageError
from replayer.settings import Settings

PROTOCOLS = ("http/1.1",)  # what is offered: nobody here speaks another one
INSECURE = (
    "The upstream's certificate is not checked (insecure_upstream): whoever stands in between can read your keys and "
    "answer what he likes. Better name the authority that signed it, in the setting ca (--ca FILE)."
)
UNTRUSTED = "nobody who is trusted here has signed its certificate ({}). Name its authority: ca (--ca FILE)"
WRONG_NAME = "its certificate is of another host, or not of this time ({})"
NO_CLIENT = "it wants to be shown a certificate, or another one. Name the file in client_cert (--client-cert FILE)"
NO_TLS = "it does not speak TLS there: give an address that begins with http://"
# What a server says of a client's certificate, by OpenSSL's words for the alerts.
ABOUT_THE_CLIENT = ("ALERT_CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "HANDSHAKE_FAILURE")
WRONG_ISSUER = (2, 18, 19, 20, 21)  # OpenSSL's numbers for chains that end at nobody known


def context(settings: Settings) -> ssl.SSLContext | None:
    """How the upstream's TLS is checked; None where it is as everybody does. UsageError where a file cannot be used."""
    if not (settings.ca or settings.client_cert or settings.insecure_upstream):
        return None
    found = ssl.create_default_context()
    found.set_alpn_protocols(PROTOCOLS)
    if settings.ca:
        _load("ca", settings.ca, "a PEM file of certificates", lambda: found.load_verify_locations(settings.ca))
    if settings.client_cert:
        _load(
            "client_cert",
            settings.client_cert,
            "one PEM file that holds a certificate and its key, without a password",
            lambda: found.load_cert_chain(settings.client_cert, password=_no_password),
        )
    if settings.insecure_upstream:
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found


def _no_password() -> str:
    """A key with a password would have OpenSSL ask for it at the terminal."""
    return ""


def _load(name: str, path: str, wanted: str, load: Callable[[], None]) -> None:
    try:
        load()
    except FileNotFoundError:
        raise UsageError(f"The file {path} of the setting {name} does not exist. Give {wanted}.") from None
    except OSError as error:  # an ssl.SSLError is one, too
        why = "" if isinstance(error, ssl.SSLError) else f": {error.strerror}"
        raise UsageError(f"The file {path} of the setting {name} cannot be used{why}. Give {wanted}.") from None


def phrase(error: BaseException) -> str | None:
    """What is wrong between us and the upstream, and what helps; None where it is not TLS."""
    cause = error.certificate_error if isinstance(error, aiohttp.ClientConnectorCertificateError) else error
    cause = getattr(cause, "os_error", cause)
    if isinstance(cause, ssl.SSLCertVerificationError):
        words = cause.verify_message.rstrip(".")
        return (UNTRUSTED if cause.verify_code in WRONG_ISSUER else WRONG_NAME).format(words)
    if isinstance(cause, ssl.CertificateError):
        return WRONG_NAME.format("it says so itself")
    if isinstance(cause, ssl.SSLError):
        reason = cause.reason or ""
        if any(alert in reason for alert in ABOUT_THE_CLIENT):
            return NO_CLIENT
        return NO_TLS if "WRONG_VERSION_NUMBER" in reason else f"TLS failed ({reason.replace('_', ' ').lower()})"
    return None
