"""Stand-ins of credentials in a recording of ours: what there looks like one, under the name of one, and is none."""

from collections.abc import Callable, Iterable

from replayer.core.message.interaction import Interaction, Request, Response
from replayer.core.message.shapes import ids
from replayer.core.naming.aliases import is_alias
from replayer.core.rules.registry import Rules
from replayer.core.secrets.by_name import Exposed, exposed


def stand_ins(interactions: Iterable[Interaction], rules: Rules) -> Callable[[Exposed, Request | Response], bool]:
    """Whether a value of one of the messages stands for a credential: it is an alias, or what the rules make of a
    token; in a request one that an answer told."""
    told: set[str] | None = None

    def is_one(one: Exposed, message: Request | Response) -> bool:
        nonlocal told
        found = list(ids(one.value))
        if found and all(is_alias(piece.shape, piece.text) for piece in found):
            return True
        if isinstance(message, Response):
            return _is_token(one, rules)
        if told is None:
            answered = (other for each in interactions for other in exposed(each.response))
            told = {other.value for other in answered if _is_token(other, rules)}
        return one.value in told

    return is_one


def _is_token(one: Exposed, rules: Rules) -> bool:
    """Whether it is as long as the stand-in that the rules have for it: that has no other mark."""
    matches = (rule for rule in rules.tokens if rule.key in (one.name, one.name.lower()))
    return any(
        (match := rule.pattern.search(one.text)) and len(match["token"]) == rule.length and match["token"].isalnum()
        for rule in matches
    )
