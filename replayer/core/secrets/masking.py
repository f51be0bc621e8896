"""Masking: a value as it may be shown where it was never scrubbed, and a request as it is written down and compared.

What looks like a credential is cut to its ends, or, in the query, the path or the body of a request, is MASK, however
long it is. What stands for a credential already stays.

An answer that is only compared is written nowhere; but what is said of it ends up in logs, and it may hold tokens that
no rule of its API knows. So the names and the forms that credentials have anywhere count here, whatever the rules are.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from replayer.core.message import Request, Response, bodies, edit, leaves
from replayer.core.rules import Rules, registry
from replayer.core.secrets import by_name
from replayer.core.secrets.guesses import plain_name
from replayer.core.secrets.scrub import scrub, scrub_wide

M = TypeVar("M", Request, Response)
MASK = "*" * 8  # of any length: that tells something, too, and a test has other passwords than whoever recorded it


def shown(value: Any, key: str = "") -> Any:
    """A JSON value that stands under that name, in an answer or a header, without what may be a credential in it."""
    if isinstance(value, dict):
        return {name: shown(child, name) for name, child in value.items()}
    if isinstance(value, list):
        return [shown(child, key) for child in value]
    return shown_text(value, key) if isinstance(value, str) else value


def shown_text(text: str, key: str = "") -> str:
    """The same for a text, with the parameters of the links in it."""
    plain, end = "", 0
    for start, stop in sorted(by_name.spans(key, text)):
        if start >= end:
            plain += text[end:start] + masked(text[start:stop])
            end = stop
    return scrub(plain + text[end:], registry.GENERIC_RULES, frozenset())


def shown_path(path: str, rules: Rules, credentials: frozenset[str] = frozenset()) -> str:
    """A path without secrets, however they are spelled in it."""
    whole = scrub(path, rules, credentials)
    if "%" not in whole:
        return whole
    plain = unquote(whole, errors="surrogateescape")
    scrubbed = scrub(plain, rules, credentials)
    return whole if scrubbed == plain else quote(scrubbed, safe="/*:", errors="surrogateescape")


def masked(text: str, prefix: str = "") -> str:
    """A value that may be real, so that its owner knows it again and nobody else: after its prefix the first two and
    the last two characters, never more than a third of it."""
    random = text.removeprefix(prefix)
    shown = min(4, len(random) // 3)
    first, last = shown - shown // 2, shown // 2
    return f"{prefix}{random[:first]}...{random[len(random) - last :]}"


def withheld(request: Request, rules: Rules, keep: Callable[[str], bool]) -> tuple[Request, frozenset[str]]:
    """The request without what opens something, and what that is. `keep` knows what only stands for a credential."""
    fields, wide = rules.secret_fields, rules.wide_secrets
    in_headers = any(plain_name(name) in fields for name, _ in request.headers) if fields else False
    whole = f"{request.target}\n{request.body.decode('latin-1')}"
    in_path = any(by_name.in_path(request.path))
    if not wide and not in_headers and not in_path and not by_name.may_stand_in(whole, fields):
        return request, frozenset()
    found: set[str] = set()

    def change(part: str, leaf: leaves.Leaf) -> str:
        return leaf.value if part == "path" else _masked(leaf, fields, keep, found)

    changed = edit.rewritten(request, change)
    changed = _path(changed, keep, found)
    changed = _body(changed, fields, keep, found)
    headers = tuple(
        (name, MASK if plain_name(name) in fields and not keep(value) else value) for name, value in changed.headers
    )
    found |= {value for name, value in changed.headers if plain_name(name) in fields and not keep(value)}
    if headers != changed.headers:
        changed = replace(changed, headers=headers)
    if wide:
        target = scrub_wide(changed.target, rules)
        changed = without_wide(replace(changed, target=target) if target != changed.target else changed, rules)
    return changed, frozenset(secret for secret in found if len(secret) >= by_name.SURE)


def without_wide(message: M, rules: Rules) -> M:
    """The message without the secrets that begin with the name of their field, in its body. A JSON text stays one."""
    content = message.content
    if content.text is None or not rules.wide_secrets:
        return message
    text = scrub_wide(content.text, rules)
    if text == content.text or (content.json is not None and bodies.parse_json(text) is None):
        return message
    return message.with_text(text)


def _masked(leaf: leaves.Leaf, fields: by_name.Names, keep: Callable[[str], bool], found: set[str]) -> str:
    text, end = "", 0
    for start, stop in by_name.leaf_spans(leaf, fields, asked=True):
        secret = leaf.value[start:stop]
        if keep(secret):
            continue
        found.add(secret)
        text += leaf.value[end:start] + (MASK if leaf.quoted else by_name.ZERO)
        end = stop
    return text + leaf.value[end:]


def _path(request: Request, keep: Callable[[str], bool], found: set[str]) -> Request:
    path = request.path
    for _, secret in by_name.in_path(path):
        if not keep(secret):
            found.add(secret)
            for spelled in (secret, quote(secret, safe="", errors="surrogateescape")):
                path = re.sub(rf"(?<=[/=:]){re.escape(spelled)}(?=[/;]|$)", MASK, path)
    return request if path == request.path else replace(request, target=path + request.target[len(request.path) :])


def _body(request: Request, fields: by_name.Names, keep: Callable[[str], bool], found: set[str]) -> Request:
    """What of a body no leaf shows: the parts of a form, and a form that nobody called one."""
    body = request.content
    if body.kind is bodies.BodyKind.MULTIPART:
        return _parts(request, fields, keep, found)
    if body.kind is bodies.BodyKind.TEXT and body.text and by_name.FORM.fullmatch(body.text.strip()):
        pairs = leaves.form_leaves(body.text)
        return request.with_text(
            edit.mapped(body.text, pairs, bodies.BodyKind.FORM, lambda leaf: _masked(leaf, fields, keep, found))
        )
    return request


def _parts(request: Request, fields: by_name.Names, keep: Callable[[str], bool], found: set[str]) -> Request:
    def part(match: re.Match[bytes]) -> bytes:
        name, value = (match[group].decode("utf-8", "surrogateescape") for group in (1, 2))
        masked = _masked(leaves.Leaf(name, name, value, 0, len(value)), fields, keep, found)
        return match[0] if masked == value else match[0][: -len(match[2])] + masked.encode("utf-8", "surrogateescape")

    body = by_name.PART.sub(part, request.body)
    return request if body == request.body else replace(request, body=body)
