"""The word that all of the sandbox's rooms share: what a wire object is."""

from typing import Any, TypeAlias

Wire: TypeAlias = dict[str, Any]
"""An object as the API shows it: `id` and `object` first, then its keys in alphabetical order.

Once stored it is never changed in place: a change stores a new one. So an answer may hold parts of it.
"""
