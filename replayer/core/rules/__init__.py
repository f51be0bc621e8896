"""What is known of an API, as data: chosen by host, extended by a table. It runs nothing.

ruleset     what rules can say: ids, times, tokens, secrets, how lists are paged
generic     any JSON API             registry   which rules an API has, by its host
table       rules extended by what a user writes into pyproject.toml
"""

from replayer.core.rules import generic, registry, ruleset, table
from replayer.core.rules.api import Api
from replayer.core.rules.ruleset import Positional, Rules, Token

__all__ = ["Api", "Positional", "Rules", "Token", "generic", "registry", "ruleset", "table"]
