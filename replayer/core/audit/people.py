"""What is personal by the rules and stands for nobody: it was recorded before the rules said so, or by another tool."""

from collections.abc import Iterator

from replayer.core.audit.view import Places
from replayer.core.cassette import Cassette
from replayer.core.message import leaves
from replayer.core.naming import personal
from replayer.core.rules import Rules
from replayer.core.secrets import Finding, FindingKind


def people(cassette: Cassette, rules: Rules, places: Places) -> Iterator[Finding]:
    """Each value of a request or an answer that is somebody's, as far as its form shows."""
    for index, interaction in enumerate(cassette.interactions):
        asked = (*leaves.form_leaves(interaction.request.query), *interaction.request.leaves)
        for leaf in (*asked, *interaction.response.leaves):
            if leaf.quoted and rules.is_personal(leaf.place) and personal.may_be_real(leaf.value):
                what = f"what is personal ({leaf.place})"
                yield Finding(what, "raw", places.line(index, leaf.value), FindingKind.PERSONAL)
