"""How one text stands in YAML, so that any YAML reader gives back exactly that text.

Nothing here knows what a cassette is. The text is written directly, not through a YAML emitter: that is eight times
faster, which a recorder feels on every response, and no release of a library can change a byte of it.
"""

import base64
import json
import re

# What YAML 1.1 lets stand as it is and no reader takes for a line break: no control characters, no U+0085, U+2028,
# U+2029, no byte order mark, no surrogates.
_VISIBLE = " -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_ONE_LINE = re.compile(f"[{_VISIBLE}]*")
_LINES = re.compile(f"[\t\n{_VISIBLE}]*")
_HIDDEN = re.compile(f"[^{_VISIBLE}]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# A letter or a slash first, so that it is no number, date or indicator; no ": ", no " #", no ":" at the end; nor a
# space, for which `inline` looks itself. What is not plain is searched for: a pattern of all that is would keep a way
# back at each letter.
_BEGINS_PLAIN = re.compile(r"[A-Za-z/]")
_NOT_PLAIN = re.compile(r"[^ -~]|:(?![!-~])| (?![ -\"$-~])")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})  # not texts, to some YAML reader

_FILLED_LINE = re.compile(r"\n(?=[^\n])")


def inline(text: str) -> str:
    """`text` on one line: plain, in single quotes, in double quotes, or `!!binary` where it holds undecoded bytes."""
    if _is_plain(text):
        return text
    if _ONE_LINE.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    if _SURROGATE.search(text):  # bytes of a header that were not UTF-8: YAML has no text for them
        return f'!!binary "{base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()}"'
    return quoted(text)


def _is_plain(text: str) -> bool:
    """Whether a text may stand as it is."""
    if text.endswith(" ") or not _BEGINS_PLAIN.match(text) or _NOT_PLAIN.search(text):
        return False
    return text.lower() not in _WORDS


def quoted(text: str) -> str:
    """`text` in double quotes, everything that cannot be seen escaped."""
    # JSON's escapes are all YAML's too; what JSON leaves bare and YAML does not is escaped here.
    return _HIDDEN.sub(lambda hidden: f"\\u{ord(hidden[0]):04x}", json.dumps(text, ensure_ascii=False))


def block(content: bytes, indent: int) -> str:
    """`content` as the value of a key, with its last line break: a literal block of lines wherever that is exact.

    `indent` is where the lines of the block start: two columns right of the key.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return "!!binary |" + _indented(base64.encodebytes(content).decode(), indent)
    if not text:
        return "''\n"
    if not _is_block(text):
        return quoted(text) + "\n"
    return f"|{_mark(text)}" + _indented(text, indent)


def _is_block(text: str) -> bool:
    # YAML would keep a space at the end of a line, but editors and pre-commit hooks take it away unseen.
    if text[-1] in " \t" or " \n" in text or "\t\n" in text or not text.strip("\n"):
        return False
    # `isprintable` is stricter than the pattern and much faster: it spares most texts the pattern.
    return text.replace("\n", "").isprintable() or _LINES.fullmatch(text) is not None


def _mark(text: str) -> str:
    """A block's indentation where its first line would not show it, then what becomes of its last line breaks."""
    first = "2" if text[0] in " \t\n" else ""
    if not text.endswith("\n"):
        return first + "-"
    return first + "+" if text.endswith("\n\n") else first


def _indented(text: str, indent: int) -> str:
    margin = "\n" + " " * indent
    if "\n\n" in text or text[0] == "\n":  # an empty line stays empty
        lines = _FILLED_LINE.sub(margin, "\n" + text)
    else:
        lines = margin + text.removesuffix("\n").replace("\n", margin)
    return lines if lines.endswith("\n") else lines + "\n"
