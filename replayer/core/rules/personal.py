"""What is personal, by the names that it stands under: `email`, `address.*`, `billing_details.name`.

A name is the end of a place: `email` stands for `customer_email`s neither, but for `data[0].email` and
`billing_details[email]`. `*` stands for whatever comes there.
"""

import re
from functools import lru_cache

STEP = re.compile(r"[^.\[\]]+")


def is_personal(names: tuple[str, ...], place: str) -> bool:
    """Whether what stands at that place, in JSON or in a form, is one of these."""
    return bool(names) and _is(names, place)


@lru_cache(8192)
def _is(names: tuple[str, ...], place: str) -> bool:
    steps = "." + ".".join(step for step in STEP.findall(place) if not step.isdecimal()).lower()
    return _pattern(names).search(steps) is not None


@lru_cache(64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """It is looked for in a place whose steps each have a dot before them."""
    plain = (".".join(STEP.findall(name.lower())) for name in names)
    ends = "|".join(re.escape(name).replace(r"\*", ".+") for name in plain)
    return re.compile(rf"\.(?:{ends})$")
