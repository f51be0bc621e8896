"""One publisher: a root with cassettes, the lock beside it, a cache of its own, and a store that it shares."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from replayer.cassettes.store.address import Address
from replayer.cassettes.store.cache import Cache
from replayer.cassettes.store.checkout import Checkout
from replayer.cassettes.store.pulling import pull
from replayer.cassettes.store.pushing import Looked, push
from replayer.cassettes.store.remote import Patience, Remote
from replayer.cassettes.store.survey import Fate, survey

SHORT = Patience(tries=0)  # what fails is told at once
RECORDED = 1_700_000_000


def text(content: str) -> bytes:
    """A cassette, as far as a store looks into it."""
    return f"version: 1\ninteractions:\n- request: {content}\n".encode()


@dataclass
class Workplace:
    """`home` is where its user stands, and the root is `home/cassettes`."""

    home: Path
    url: str
    patience: Patience = SHORT

    @property
    def checkout(self) -> Checkout:
        return Checkout(self.home / "cassettes", self.home)

    @property
    def cache(self) -> Cache:
        return Cache(self.home / "cache")

    @property
    def remote(self) -> Remote:
        return Remote.open(Address.of(self.url), makes=True, patience=self.patience)

    def write(self, name: str, content: str) -> None:
        path = self.home / "cassettes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text(content))

    def read(self, name: str) -> bytes | None:
        path = self.home / "cassettes" / name
        return path.read_bytes() if path.exists() else None

    def push(
        self, *names: str, look: Callable[[str], Looked] = lambda _: Looked("", RECORDED, "v1"), forced: bool = False,
        drops: bool = False,
    ) -> dict[str, Fate]:  # fmt: skip
        ended = push(
            self.checkout, self.remote, names, look, lambda: None, forced=forced, drops=drops, cache=self.cache
        )
        self.why = {each.name: each.why for each in ended}
        return {each.name: each.outcome for each in ended}

    def pull(self, *names: str, forced: bool = False) -> dict[str, Fate]:
        ended = pull(self.checkout, lambda: self.remote, names, lambda: None, forced=forced, cache=self.cache)
        self.why = {each.name: each.why for each in ended}
        return {each.name: each.outcome for each in ended}

    @property
    def states(self) -> dict[str, str]:
        checkout = self.checkout
        return {each.name: each.state.value for each in survey(checkout, checkout.lock(), (), self.cache)}

    def takes_lock_of(self, other: "Workplace") -> None:
        """What `git pull` does."""
        (self.home / "cassettes.lock").write_bytes((other.home / "cassettes.lock").read_bytes())
