"""Aliases: stable stand-ins for ids, a pure function of the origin, in the shape of what they stand for.

An alias certifies itself: its last characters are a checksum of the others. So an alias is known as one without
any table, an alias met in a recording stays as it is (recording from a replay gives the same file), and a file can be
audited for ids that are none. A minted id passes for an alias once in about a thousand million.
"""

import re
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b

from replayer.core.message import shapes
from replayer.core.naming import dated
from replayer.core.naming.dated import TimeForm

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SMALL = CROCKFORD.lower()
SORTED = re.compile(f"[0-7](?:[{CROCKFORD}]{{25}}|[{SMALL}]{{25}})")  # a ULID, or a UUID written like one
CHECK_BITS = 29  # base62: 5 of at least 14 characters, which leaves 53 bits to tell ids of one prefix apart
WORD = "0123456789abcdefghijklmnopqrstuvwxyz"
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
PREFIX = re.compile(r"_secret_|(?:[a-z]{2,10}_){1,3}|[A-Z]{1,4}_|(?:[a-z]{2,10}-){1,2}")
DIGITS = 64  # of one hash: of at most 6 bits each, they leave 128 bits against bias
UUID_VERSION = 14  # where a UUID says its version, as `...-Vxxx-...`
UUID_VARIANT = 19
CREDENTIAL = 24  # characters of a stand-in for a credential, as many as any other token's has
CREDENTIAL_CHECK = 5  # of these: as many as those of an id
RANK = 2  # of those of one second, in so many hexadecimal digits
KEY_SHAPE = "00000000-0000-4000-8000-000000000000"


def alias(shape: str, like: str, origin: str, head: str = "") -> str:
    """The alias of an id of that shape (see `shapes`), minted at that origin.

    `like` gives length, prefix, case and UUID version; nothing else of it is looked at. `head` is what it begins with
    behind these, if it is to be sorted by that.
    """
    fixed, alphabet, length = _form(shape, like)
    checked = _check_length(alphabet)
    body = head + _spell(f"{fixed}\0{length}\0{origin}", alphabet, length - checked)[len(head) :]
    return _assemble(shape, like, fixed, body + _checksum(fixed, body, alphabet, checked))


def minted_at(shape: str, text: str) -> int | None:
    """The millisecond since 1970 that an id holds, if it has the form of one that holds any."""
    form = _time_form(shape, text)
    return None if form is None else form.minted_at(_characters(shape, text))


def head(shape: str, like: str, second: int, rank: int) -> str:
    """What an alias begins with that is to be sorted: its second, and its rank of at most 256 in that."""
    form = _time_form(shape, like)
    return "" if form is None else form.begins(second, rank)


def own_head(shape: str, like: str) -> str:
    """What an id that holds a time begins with itself; empty for any other."""
    form = _time_form(shape, like)
    if form is None:
        return ""
    return _characters(shape, like)[: form.head - RANK * (shape == "object")]


def _time_form(shape: str, text: str) -> TimeForm | None:
    """How an id of that shape may hold a time."""
    match shape:
        case "uuid" if text[UUID_VARIANT] in "89abAB" and text[UUID_VERSION] in "67":
            form = dated.OF_UUID_7 if text[UUID_VERSION] == "7" else dated.OF_UUID_6
            return replace(form, alphabet=_hex_alphabet(text))
        case "ulid" | "prefixed":
            fixed, alphabet, _ = _form(shape, text)
            if len(alphabet) == len(CROCKFORD):
                return TimeForm("ulid", alphabet, 9, 9)
            return _time_form_behind(text[len(fixed) :])
        case "object":
            return replace(dated.OF_OBJECT, alphabet=_hex_alphabet(text))
        case "hex" if dated.IN_UUID_7.fullmatch(text):
            return dated.OF_UUID_7
    return None


def _time_form_behind(body: str) -> TimeForm | None:
    """The same of what stands behind a prefix."""
    if dated.IN_KSUID.fullmatch(body):
        return dated.KSUID
    if dated.IN_OBJECT.fullmatch(body):
        return dated.OF_OBJECT
    return dated.OF_UUID_7 if dated.IN_UUID_7.fullmatch(body) else None


def standing_origin(text: str) -> str:
    """The origin of what is older than the session: it is named by its own value."""
    return f"standing\0{text}"


def standing(shape: str, like: str) -> str:
    """The alias of such an id, which follows from it alone."""
    return alias(shape, like, standing_origin(like), own_head(shape, like))


def once_standing(shape: str, like: str) -> str:
    """The same as older cassettes have it, in which no order was kept."""
    return alias(shape, like, standing_origin(like))


@lru_cache(maxsize=65536)
def is_alias(shape: str, piece: str) -> bool:
    """Whether a piece of that shape certifies itself as an alias."""
    fixed, alphabet, length = _form(shape, piece)
    checked = _check_length(alphabet)
    characters = _characters(shape, piece)
    if len(characters) != length or length <= checked:
        return False
    body = characters[:-checked]
    return _assemble(shape, piece, fixed, body + _checksum(fixed, body, alphabet, checked)) == piece


def plain_alias(like: str, origin: str, alphabet: str = BASE62) -> str:
    """A stand-in as long as `like` for a token without a shape of its own. Too short ones cannot certify themselves."""
    return _spell(f"plain\0{len(like)}\0{origin}", alphabet, len(like))


def standing_token(like: str, alphabet: str, head: str = "") -> str:
    """The stand-in for a token of what is older than the session: it follows from the token alone."""
    return own_token(like, standing_origin(like), alphabet, head)


def own_token(like: str, origin: str, alphabet: str, head: str = "") -> str:
    """A stand-in for a token that is as long as that, and its own: it ends with a checksum. `head` is what it begins
    with if it is to be sorted by that."""
    if is_own(like, alphabet):
        return like
    body = head + plain_alias(like[:-CREDENTIAL_CHECK], origin, alphabet)[len(head) :]
    return body + _checksum("standing", body, alphabet, CREDENTIAL_CHECK)


def is_own(text: str, alphabet: str) -> bool:
    """Whether a token is such a stand-in."""
    return text[-CREDENTIAL_CHECK:] == _checksum("standing", text[:-CREDENTIAL_CHECK], alphabet, CREDENTIAL_CHECK)


def certified_alias(origin: str) -> str:
    """A stand-in for a credential: letters and digits that certify themselves, whatever it stands for looks like."""
    body = _spell(f"credential\0{origin}", BASE62, CREDENTIAL - CREDENTIAL_CHECK)
    return body + _checksum("credential", body, BASE62, CREDENTIAL_CHECK)


def certifies(text: str) -> bool:
    """Whether a text is the stand-in of a credential."""
    body, check = text[:-CREDENTIAL_CHECK], text[-CREDENTIAL_CHECK:]
    return len(text) == CREDENTIAL and check == _checksum("credential", body, BASE62, CREDENTIAL_CHECK)


def pictured(like: str, origin: str) -> str:
    """A stand-in for a value of any form, which follows from its origin and its kind alone: an id, a number, an address
    of mail or a word. What comes behind an `@` tells nobody apart, and stays."""
    piece = next(iter(shapes.ids(like)), None)
    if piece is not None and piece.text == like:
        return alias(piece.shape, like, origin)
    if NUMBER.fullmatch(like):
        return "1" + _spell(f"number\0{origin}", "0123456789", 9)
    _, at, domain = like.partition("@")
    return "v" + _spell(f"word\0{at}{domain}\0{origin}", WORD, 11) + at + domain


def _form(shape: str, like: str) -> tuple[str, str, int]:
    """What is fixed, the alphabet of the rest, and how many characters of it there are."""
    match shape:
        case "prefixed":
            prefix = PREFIX.match(like)
            fixed = prefix.group() if prefix else ""
            if SORTED.fullmatch(like, len(fixed)):
                return fixed + "0", CROCKFORD if like[len(fixed) :].upper() == like[len(fixed) :] else SMALL, 25
            return fixed, BASE62, len(like) - len(fixed)
        case "uuid":
            return f"uuid{_version(like)}", _hex_alphabet(like), 30
        case "ulid":
            return "ulid", CROCKFORD, 25
        case "hex" | "object":  # of an object it is half as long as any other, whoever made it
            return "hex", _hex_alphabet(like), len(like)
        case "numbered":  # `SM` and a number
            return like[:2], "0123456789abcdef", 32
    raise ValueError(f"no such shape: {shape}")


def _version(like: str) -> str:
    """The version of a UUID; random digits that only look like one have none that would be the same next time."""
    known = like[UUID_VERSION] in "12345678" and like[UUID_VARIANT] in "89abAB"
    return like[UUID_VERSION] if known else "4"


def _hex_alphabet(like: str) -> str:
    return "0123456789ABCDEF" if re.search("[A-F]", like) else "0123456789abcdef"


def _characters(shape: str, piece: str) -> str:
    match shape:
        case "prefixed":
            prefix = PREFIX.match(piece)
            body = piece[prefix.end() :] if prefix else piece
            return body[1:] if SORTED.fullmatch(body) else body
        case "uuid":
            plain = piece[:UUID_VERSION] + piece[UUID_VERSION + 1 : UUID_VARIANT] + piece[UUID_VARIANT + 1 :]
            return plain.replace("-", "")
        case "ulid":
            return piece[1:]
        case "numbered":
            return piece[2:]
        case _:
            return piece


def _assemble(shape: str, like: str, fixed: str, characters: str) -> str:
    match shape:
        case "prefixed" | "numbered":
            return fixed + characters
        case "uuid":
            c = characters
            version, variant = _version(like), _hex_alphabet(like)[8 + int(c[0], 16) % 4]  # RFC 9562: 8, 9, a or b
            return f"{c[:8]}-{c[8:12]}-{version}{c[12:15]}-{variant}{c[15:18]}-{c[18:]}"
        case "ulid":
            return "0" + characters  # a first digit over 7 would not be a ULID
        case _:
            return characters


def _check_length(alphabet: str) -> int:
    return -(-CHECK_BITS // (len(alphabet).bit_length() - 1 or 1)) if len(alphabet) < 62 else 5


def _checksum(fixed: str, body: str, alphabet: str, length: int) -> str:
    return _spell(f"check\0{fixed}\0{body}", alphabet, length)


def _spell(seed: str, alphabet: str, length: int) -> str:
    """That many characters, spread evenly, from a seed of any length."""
    if length > DIGITS:
        return "".join(alphabet[digit] for digit in _digits(seed, len(alphabet), length))
    pairs, left = _pairs(alphabet), _hashed(seed, 0) % len(alphabet) ** length
    parts = []
    for _ in range((length + 1) // 2):  # two characters at once: this is done three times for each id
        left, pair = divmod(left, len(pairs))
        parts.append(pairs[pair])
    return "".join(parts)[:length]


@lru_cache(8)
def _pairs(alphabet: str) -> tuple[str, ...]:
    """What two digits to that base are written as, the lower one first."""
    return tuple(low + high for high in alphabet for low in alphabet)


def _hashed(seed: str, block: int) -> int:
    digest = blake2b(seed.encode("utf-8", "surrogatepass"), salt=block.to_bytes(8, "big"), person=b"replayer").digest()
    return int.from_bytes(digest, "big")


def _digits(seed: str, base: int, length: int) -> list[int]:
    """`length` digits to that base, spread evenly, from a seed of any length."""
    digits: list[int] = []
    block = 0
    while len(digits) < length:
        number = _hashed(seed, block)
        for _ in range(min(length - len(digits), DIGITS)):
            number, digit = divmod(number, base)
            digits.append(digit)
        block += 1
    return digits


def key_alias(key: str, origin: str) -> str:
    """The stand-in of an idempotency key: always a UUID, whatever make of chance the client uses this time. A key too
    short to be chance stays as it is."""
    return alias("uuid", KEY_SHAPE, origin) if len(key) >= shapes.MIN_WORD else key
