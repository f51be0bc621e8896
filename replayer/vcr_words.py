"""The settings of vcrpy: which mean here what they mean there, and why the others are refused, with what to do instead.

Values only: vcrpy itself, which reads them, is imported where a session uses one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from replayer.errors import UsageError, unknown

FUNCTION, LISTED, YES_NO, MATCHERS = "a function", "a list", "true or false", "a list of names and functions"
TAKEN = {
    "additional_matchers": MATCHERS,
    "allow_playback_repeats": YES_NO,
    "before_record": FUNCTION,
    "before_record_request": FUNCTION,
    "before_record_response": FUNCTION,
    "decode_compressed_response": YES_NO,
    "filter_headers": LISTED,
    "filter_nested_post_data_parameters": YES_NO,
    "filter_post_data_parameters": LISTED,
    "filter_query_parameters": LISTED,
    "ignore_hosts": LISTED,
    "ignore_localhost": YES_NO,
    "match_on": MATCHERS,
}
TABLE = "vcrpy"  # the setting of ours that holds them all
RENAMED = {"record_on_exception": "record_on_failure", "path": "cassette"}
NAMES = ("method", "scheme", "host", "port", "path", "query", "uri", "url", "body", "raw_body")
REFUSED = {
    "after_load_interaction": "Edit the file, or use before_record_request, which sees what is loaded.",
    "before_save_interaction": "Each interaction is on disk before it is answered. Use before_record_request and "
    "before_record_response, or rules.",
    "cassette_library_dir": "Use root for the folder, or cassette for a path below it.",
    "custom_patches": "Nothing is patched here: the program is given the address of the proxy.",
    "drop_unused_requests": "Record anew with the mode all, which leaves out what is not asked any more.",
    "filter_sensitive_data": "Secrets are found by form and by name. Declare others in the rules: "
    'secrets = [{ field = "..." }].',
    "func_path_generator": "Use cassette, or let pytest name it after the test.",
    "inject_cassette": "Take the fixture replayer, or the value of the with block: it has play_count and misses.",
    "path_transformer": "Use cassette for the whole name.",
    "persister": "Cassettes are files: see root and cassette.",
    "skip_patchers": "Nothing is patched here: the program is given the address of the proxy.",
}
SERIALIZER, JSON = "serializer", "json"
SERIALIZERS = ("yaml", JSON)
HEADERS = (
    "match_on cannot have 'headers': of a request only those are recorded that choose an answer, and these are part of "
    "the question anyway. Name one in a function: lambda one, other: one.headers.get('x') == other.headers.get('x')."
)


def sorted_out(given: Mapping[str, Any], place: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of ours, under our names, and those of vcrpy, checked. UsageError for one that is refused."""
    ours, theirs = dict[str, Any](), dict[str, Any]()
    where = f" (in {place})" if place else ""
    for name, value in given.items():
        if name in REFUSED:
            raise UsageError(f"vcrpy's {name}{where} means nothing here. {REFUSED[name]}")
        if name == SERIALIZER:
            if value not in SERIALIZERS:
                raise unknown(str(value), f"serializer{where}", list(SERIALIZERS))
            if value == JSON:
                theirs[SERIALIZER] = JSON
        elif name == TABLE and isinstance(value, Mapping):
            theirs |= sorted_out(value, place)[1]
        elif name in TAKEN:
            theirs[name] = _checked(name, value, where)
        else:
            ours[RENAMED.get(name, name)] = value
    return ours, theirs


def _checked(name: str, value: Any, where: str) -> Any:
    kind = TAKEN[name]
    if not _fits(kind, value):
        raise UsageError(f"vcrpy's {name}{where} must be {kind}, not {value!r}.")
    if kind != MATCHERS:
        return value
    for each in value:
        if each == "headers":
            raise UsageError(HEADERS)
        if not callable(each) and each not in NAMES:
            raise UsageError(
                f"{each!r} is not a matcher{where}. There are {', '.join(NAMES)}; of your own give the function itself."
            )
    return tuple(value)


def _fits(kind: str, value: Any) -> bool:
    is_list = isinstance(value, Iterable) and not isinstance(value, str | Mapping)
    if kind == YES_NO:
        return isinstance(value, bool)
    return (kind == FUNCTION and callable(value)) or is_list
