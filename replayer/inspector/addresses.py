"""What an address says beyond its path: numbers within their bounds, or a UsageError that names them."""

from collections.abc import Mapping

from replayer.errors import UsageError

DIGITS = 9  # of a number in an address
LONGEST = 100  # characters of a wrong one that are told

Parameters = Mapping[str, str]


def number_of(
    parameters: Parameters, name: str, least: int, most: int | None = None, default: int | None = None
) -> int:
    """A number of the address; where there is none the default, which is the least unless somebody says otherwise."""
    text = parameters.get(name, str(least if default is None else default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else least - 1
    if number < least or (most is not None and number > most):
        bounds = f"from {least} on" if most is None else f"from {least} to {most}"
        raise UsageError(f"{name} is a number {bounds}, and not {text[:LONGEST]!r}.")
    return number
