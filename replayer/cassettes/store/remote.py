"""The store itself: objects put, got, listed and deleted, nothing more. What a provider says of a fault becomes one
sentence that names the remedy, and never repeats an address: there may be a signature in it.

Only who has the extra `store` imports this: it needs the package obstore.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import obstore
from obstore import exceptions
from obstore.store import LocalStore, from_url

from replayer.cassettes.store.address import FOLDER, Address
from replayer.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

T = TypeVar("T")
AGENT = "replayer"
PLAIN = re.compile(r"http://", re.IGNORECASE)
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT",
             "GOOGLE_BASE_URL")  # fmt: skip
STATUS = re.compile(r"status code: (\d{3})|(?:status client|status server) error \((\d{3})|HTTP status .*?\((\d{3})")
NO_PLACE = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)
KEYS = re.compile(r"169\.254\.|metadata\.google|TokenRequest|MissingCredential|credentials? (?:are|is|not|error)", re.I)
UNSAID = re.compile(r"must be specified|not found in config", re.IGNORECASE)
SLOW = re.compile(r"kind: Timeout|TimedOut|operation timed out")
CUT = re.compile(r"kind: (?:Interrupted|Decode)|Incomplete(?:Message|Body)|UnexpectedEof|connection closed")
UNHEARD = re.compile(r"kind: Connect|dns error|error sending request")
REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a store is waited for, in seconds: for a connection, for the next bytes of an answer, for a whole
    request, and for all tries of one."""

    connect: float = 5.0
    silence: float = 30.0
    whole: float = 900.0  # a cassette of 100 MB at a megabit a second
    tries: int = 4
    trying: float = 60.0

    @property
    def client(self) -> "ClientConfig":
        config: ClientConfig = {
            "connect_timeout": _span(self.connect),
            "timeout": _span(self.whole),
            "user_agent": AGENT,
        }
        if any(PLAIN.match(os.environ.get(name, "")) for name in ENDPOINTS):
            config["allow_http"] = True  # its user says so: an emulator, or what stands in the same rack
        return config

    @property
    def retry(self) -> "RetryConfig":
        return {"max_retries": self.tries, "retry_timeout": _span(self.trying)}


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


PATIENCE = Patience()


class StoreError(CassetteError):
    """A store that did not do what it was asked. `everywhere` tells that it would do nothing else, either."""

    def __init__(self, message: str, *, everywhere: bool = False) -> None:
        super().__init__(message)
        self.everywhere = everywhere


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the store lists it: its place, its bytes, and when it was put there, in seconds since 1970."""

    key: str
    size: int
    at: float


class Remote:
    """One store. Each method is one request, tried again where that can help; StoreError where it did not."""

    def __init__(self, name: str, reading: "ObjectStore", writing: "ObjectStore") -> None:
        self.name = name
        self._reading, self._writing = reading, writing

    def __repr__(self) -> str:
        return f"<Remote {self.name}>"

    @classmethod
    def open(cls, address: Address, *, makes: bool = False, patience: Patience = PATIENCE) -> Self:
        """The store of that name; nothing is asked yet. `makes` tells that a folder is to be made where there is none:
        else it is a UsageError."""
        if address.scheme == FOLDER:
            if address.folder is None or not (makes or address.folder.is_dir()):
                raise UsageError(
                    f"There is no store {address.url}: no such folder. Push to it first, or mend the name."
                )
            try:
                folder = LocalStore(address.folder, mkdir=True)
            except (exceptions.BaseError, OSError, ValueError):
                raise UsageError(f"The store {address.url} is no folder that can be used.") from None
            return cls(address.url, folder, folder)
        more: dict[str, Any] = {"credential_provider": keys} if (keys := _profile(address)) else {}
        client, retry = patience.client, patience.retry
        try:
            # Silence is no fault while an object is sent: the answer comes behind it.
            writing = from_url(address.url, client_options=client, retry_config=retry, **more)
            client = {**client, "read_timeout": _span(patience.silence)}
            reading = from_url(address.url, client_options=client, retry_config=retry, **more)
        except (exceptions.BaseError, ValueError) as error:
            raise UsageError(f"The store {address.url} {_reason(error)[0]}.") from None
        return cls(address.url, reading, writing)

    def put_new(self, key: str, content: bytes) -> bool:
        """Whether it is there now and was not: an object that is there is never changed by this, whoever is quicker."""
        try:
            self._asked(lambda: obstore.put(self._writing, key, content, mode="create", use_multipart=False))
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            return False
        return True

    def put(self, key: str, content: bytes) -> None:
        """Have it there, as if it were new, whatever was there before."""
        self._asked(lambda: obstore.put(self._writing, key, content, use_multipart=False))

    def get(self, key: str) -> bytes | None:
        """What is in an object; None where there is none."""
        try:
            return self._asked(lambda: bytes(obstore.get(self._reading, key).bytes()))
        except FileNotFoundError:
            return None

    def look(self, key: str) -> StoredObject | None:
        """An object as it is listed; None where there is none."""
        try:
            found = self._asked(lambda: obstore.head(self._reading, key))
        except FileNotFoundError:
            return None
        return StoredObject(key, found["size"], found["last_modified"].timestamp())

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        """All objects below a place, some thousand with each request."""
        batches = iter(obstore.list(self._reading, f"{prefix}/", chunk_size=1000))
        while (batch := self._asked(lambda: next(batches, None))) is not None:
            for each in batch:
                yield StoredObject(each["path"], each["size"], each["last_modified"].timestamp())

    def delete(self, keys: Iterable[str]) -> None:
        """Have them no more; what is not there is no fault."""
        for key in keys:
            with suppress(FileNotFoundError):
                self._asked(partial(obstore.delete, self._writing, key))

    def _asked(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            raise
        except FileNotFoundError as error:
            if NO_PLACE.search(str(error)):
                raise self._fault(error) from None
            raise
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise self._fault(error) from None

    def _fault(self, error: Exception) -> StoreError:
        reason, everywhere = _reason(error)
        return StoreError(f"the store {self.name} {reason}", everywhere=everywhere)


def _reason(error: Exception) -> tuple[str, bool]:
    """What a provider's error means, in words of ours, and whether all else would fail alike."""
    text = str(error)
    status = next((int(group) for found in STATUS.finditer(text) for group in found.groups() if group), 0)
    if KEYS.search(text):
        return "has no credentials here: 'replayer help store' tells where the providers look for them", True
    if UNSAID.search(text):
        return "has to be told more in the environment, as its account or region: see 'replayer help store'", True
    if NO_PLACE.search(text):
        return "is not there: no such bucket or container. Mend its name, or make it", True
    if status in REFUSED or isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError):
        return (
            f"refuses it ({status or 'no permission'}): look whether the provider's own credentials are there, are of "
            "today, and may do this. S3 says 403 for a missing object, too, to who may not list the bucket"
        ), True
    if status:
        return f"answered {status}, however often it was asked. What is done stays done: run it again later", False
    if SLOW.search(text):
        return "took too long to answer. What is done stays done: run it again", False
    if CUT.search(text):
        return "broke off its answer. What is done stays done: run it again", False
    if isinstance(error, OSError) or "LocalFileSystem" in text:
        return f"cannot be used: {_of_system(error, text)}", False
    if UNHEARD.search(text):
        return "cannot be reached: look at the network, and at the endpoint if one is set", True
    return f"did not do it ({type(error).__name__}). Run it again", False


def _of_system(error: Exception, text: str) -> str:
    """What the system says of a folder."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    found = re.search(r'message: "([^"]+)"|: ([A-Z][\w ]+ \(os error \d+\))', text)
    return next((group for group in found.groups() if group), "it cannot be written") if found else "no permission"


def _profile(address: Address) -> Any:
    """What reads the profiles of the AWS command line, which only boto3 can; None where it is not needed or not there.
    All other places of AWS, Google and Azure are found without."""
    if address.scheme != "s3" or "AWS_ACCESS_KEY_ID" in os.environ or "AWS_WEB_IDENTITY_TOKEN_FILE" in os.environ:
        return None
    try:
        import boto3  # type: ignore[import-not-found, unused-ignore]
        from obstore.auth.boto3 import Boto3CredentialProvider

        session = boto3.session.Session()
        return Boto3CredentialProvider(session) if session.get_credentials() else None
    except Exception:  # a profile that boto3 cannot read is none; the store will say that keys lack
        return None
