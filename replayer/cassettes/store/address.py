"""The name of a store: which kind of place, and where in it. It is read here and asked nowhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from replayer.errors import UsageError

FOLDER = "file"
KINDS = {
    FOLDER: "a folder",
    "s3": "Amazon S3 and what speaks like it",
    "gs": "Google Cloud Storage",
    "az": "Azure Blob",
}
LIKE = "Use one like s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or file:///folder."
SCHEME = "://"


@dataclass(frozen=True, slots=True)
class Address:
    """A store: `scheme` is one of KINDS, `bucket` is empty for a folder, `path` has no slash at its ends but for a
    folder, where it is absolute."""

    scheme: str
    bucket: str
    path: str

    @classmethod
    def of(cls, url: str) -> Self:
        """The store of that name; UsageError for what is none, or holds what belongs into the environment."""
        parts = urlsplit(url)
        if parts.scheme not in KINDS or SCHEME not in url:
            raise UsageError(f"{_shown(url)!r} is no store. {LIKE}")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise UsageError(
                f"The store {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path} has credentials or "
                "options in it. These come from the provider's own places, like AWS_PROFILE: give only its name."
            )
        if parts.scheme == FOLDER:
            return cls(FOLDER, "", _folder(parts.netloc, unquote(parts.path), url))
        if not parts.netloc:
            raise UsageError(f"The store {url!r} names no bucket. {LIKE}")
        return cls(parts.scheme, parts.netloc, parts.path.strip("/"))

    @property
    def url(self) -> str:
        """Its name, in one spelling."""
        return f"{self.scheme}{SCHEME}{self.bucket}{'/' if self.bucket and self.path else ''}{self.path}"

    @property
    def folder(self) -> Path | None:
        """Where it is, if it is a folder."""
        return Path(self.path) if self.scheme == FOLDER else None


def _folder(host: str, path: str, url: str) -> str:
    if host not in ("", "localhost") or not Path(path).is_absolute() or path.strip("/") == "":
        raise UsageError(f"The store {url!r} is no absolute folder: it has three slashes, as file:///srv/cassettes.")
    return str(Path(path))


def _shown(url: str) -> str:
    """What may be said of something that is no store's name: no more than its beginning, without what may be a key."""
    return url.rpartition("@")[2].partition("?")[0][:80]
