"""What a user decides of requests and answers by functions of his own, as vcrpy has it: what of them is recorded and
compared, and which recorded request one is. The functions come from outside; whoever has none pays nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response


@dataclass(frozen=True, slots=True)
class Customs:
    """`asked` is a request as it is recorded and compared, None for one that is neither; `answered` the same of an
    answer. `matches` tells whether a request is the recorded one; where it is set, that alone decides, and each
    recorded answer is given once, or with `repeats` as often as it is asked for. `words` are the settings, as the user
    knows them; empty where there are none."""

    words: str = ""
    asked: Callable[[Request], Request | None] = lambda request: request
    answered: Callable[[Response], Response | None] = lambda response: response
    matches: Callable[[Request, Request], bool] | None = None
    repeats: bool = False

    def loaded(self, cassette: Cassette | None) -> Cassette | None:
        """What was recorded, by today's functions: as vcrpy does, so that what an older recording holds is found."""
        if cassette is None or not self.words:
            return cassette
        kept = list[Interaction]()
        for each in cassette.interactions:
            request, response = self.asked(each.request), self.answered(each.response)
            if request is not None and response is not None:
                same = request is each.request and response is each.response
                kept.append(each if same else replace(each, request=request, response=response))
        return replace(cassette, interactions=tuple(kept))


NONE = Customs()
