"""One sandbox in time: born with chance and a clock, perhaps from a kept state, and born again by a reset."""

import random
from collections.abc import Callable

from replayer.core.message import Request, Response
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.events import Listener
from replayer.sandbox.ledger import switches
from replayer.sandbox.serving.state_file import StateFile


class Life:
    """An API that knows what time it is. `step` moves its clock by a second with every write."""

    def __init__(
        self,
        *,
        seed: int | None,
        clock: Callable[[], float],
        step: bool,
        switches: switches.Switches,
        file: StateFile | None,
        listener: Listener | None = None,
    ) -> None:
        self._listener = listener
        self._seed = seed
        self._clock = clock
        self._step = step
        self._switches = switches
        self._file = file
        self.api = self._born()
        if file is not None:
            file.load(self.api)
            self._grow_up()

    def __repr__(self) -> str:
        return f"<Life {self.api!r}>"

    def now(self) -> int:
        return int(self._clock()) + self.api.advanced + (self.api.writes if self._step else 0)

    def pass_time(self) -> None:
        """It is now: what was to come by itself comes."""
        self.api.pass_time(self.now())

    def move_to(self, second: int) -> None:
        """Let it be that second, if it is later than now."""
        self.api.advanced += max(0, second - self.now())
        self.pass_time()

    def next_moment(self) -> int | None:
        """The second in which something comes by itself next, or a webhook is to be sent; None where nothing is."""
        return min((at for at in (self.api.next_step(), self.api.next_due()) if at is not None), default=None)

    def answer(self, request: Request, *, busy: bool) -> Response:
        return self.api.answer(request, self.now(), busy=busy)

    def reset(self) -> None:
        """As it was when it was born, but for what its file is told: that this was a change too."""
        self.api = self._born()

    def save(self) -> bool:
        return self._file is not None and self._file.save(self.api)

    def _born(self) -> InvoiceApi:
        chance = random.SystemRandom() if self._seed is None else random.Random(self._seed)  # noqa: S311 - ids that must come out the same again, and protect nothing
        return InvoiceApi(chance, int(self._clock()), self._switches, self._listener)

    def _grow_up(self) -> None:
        """A kept state goes on with other chance than it began with: else ids would come twice."""
        if self._seed is not None and self.api.writes:
            self.api.chance.seed(f"{self._seed} {self.api.writes}")
