"""What vcrpy recorded, from requests, urllib3, httpx, aiohttp or tornado, in this version or an older one; and what is
plain of other tools' files.

Such a file has no facts. Its responses are made servable: the headers that are left say what the body is.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from yaml.nodes import Node

from replayer.cassettes import dialects, shape, yaml_read
from replayer.cassettes.shape import ShapeError, YamlPath, member
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response, bodies, wire

# The Python types that vcrpy ever wrote and its own loader makes again: texts, pairs and the contents of open files.
# Nothing else may reach it, because vcrpy before 8 made whatever a tag asked for.
_PYTHON_TAGS = frozenset(
    f"tag:yaml.org,2002:python/{name}"
    for name in ("str", "unicode", "tuple", "object/new:_io.BytesIO", "object/apply:builtins.iter")
)
_BINARY = "tag:yaml.org,2002:binary"
_RUBY_BINARY = "!binary"  # as Ruby's writer has it
_RUBY_OBJECT = re.compile(r"!ruby/\w+:VCR\b")
_BODILESS = frozenset({204, 304})


def loads(text: bytes, name: str) -> Cassette:
    """The cassette in a file of another tool; `name` is for messages. CassetteError where it is not sound."""
    readable = yaml_read.decoded(text, name)
    yaml_read.check(readable, name)
    if found := yaml_read.json_document(readable):
        document, node = found
    else:
        _check_ruby(readable, name)
        node = yaml_read.compose(readable, name, yaml_read.SAFE_TAGS | _PYTHON_TAGS | {_RUBY_BINARY})
        document = _constructed(node, readable, name)
    return Cassette(yaml_read.shaped(_interactions, document, node, name))


def _interactions(document: object) -> tuple[Interaction, ...]:
    return shape.interactions(dialects.as_vcrpy(document), _interaction)


def _check_ruby(text: str, name: str) -> None:
    if match := _RUBY_OBJECT.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise yaml_read.fault(name, line, "Ruby VCR wrote this before its version 2.", dialects.ANEW)


def _constructed(node: Node, text: str, name: str) -> object:
    tags = set()
    for each in yaml_read.walk(node):
        tags.add(each.tag)
        if each.tag == _RUBY_BINARY:
            each.tag = _BINARY
    return yaml_read.construct(node, name) if tags.isdisjoint(_PYTHON_TAGS) else _vcrpy(text, name)


def _vcrpy(text: str, name: str) -> object:
    """What vcrpy's own loader makes of it. Every tag in it is one of ours or of `_PYTHON_TAGS`."""
    from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # vcrpy has no types; late: 0.3 s

    try:
        return yamlserializer.deserialize(text)
    except Exception as error:  # its makers of old types expect what vcrpy once wrote, and fail in any way
        wrong = f"vcrpy cannot read it: {' '.join(str(error).split())}."
        raise yaml_read.fault(name, 1, wrong, "Delete the file and record again.") from None


def _interaction(value: object, place: YamlPath) -> Interaction:
    request = _request(*member(value, place, "request"))
    return Interaction(request, servable(_response(*member(value, place, "response")), request.method))


def _request(value: object, place: YamlPath) -> Request:
    method = shape.text(*member(value, place, "method"))
    origin, target = shape.address(*member(value, place, "uri"))
    headers = _headers(*member(value, place, "headers"))
    body, at = member(value, place, "body")
    sent = _sent(body, wire.media_type(headers), at)
    if not wire.media_type(headers) and _is_form(body):  # aiohttp added this header after vcrpy had looked
        headers = (*headers, ("Content-Type", wire.FORM_TYPE))
    return Request(method, target, headers, sent, origin)


def _response(value: object, place: YamlPath) -> Response:
    found = shape.mapping(value, place)
    headers = _headers(*member(found, place, "headers"))
    if "status_code" in found:  # as vcrpy before 6 wrote it for httpx
        code = shape.number(*member(found, place, "status_code"))
        return Response(code, "", headers, _received(*member(found, place, "content")))
    status, at = member(found, place, "status")
    reason = shape.mapping(status, at).get("message")
    body, body_at = member(found, place, "body")
    received, string_at = _held(shape.mapping(body, body_at), body_at)
    return Response(
        shape.number(*member(status, at, "code")),
        "" if reason is None else shape.text(reason, (*at, "message")),
        headers,
        _received(received, string_at),
    )


def _held(body: Mapping[object, object], place: YamlPath) -> tuple[object, YamlPath]:
    """The content of a response's body. aiohttp's responses without one have nothing there; what is written under
    another name than vcrpy's is not taken for no body."""
    if "base64_string" in body:
        at = (*place, "base64_string")
        try:
            return base64.b64decode(shape.text(body["base64_string"], at), validate=True), at
        except ValueError:
            raise ShapeError(at, f"{shape.named(at)} is no base64.") from None
    if "string" not in body and body.keys() - {"encoding"}:
        names = ", ".join(map(repr, sorted(map(str, body))))
        raise ShapeError(place, f"{shape.named(place)} has no 'string', but {names}.")
    return body.get("string"), (*place, "string")


def _headers(value: object, place: YamlPath) -> wire.Headers:
    if value is None:
        return ()
    return tuple(
        (shape.text(name, at), _header(each, at))
        for name, values in _named_values(value, place)
        for at in [(*place, str(name))]
        for each in (values if isinstance(values, list | tuple) else [values])
    )


def _named_values(value: object, place: YamlPath) -> Iterator[tuple[object, object]]:
    """Names with their values. vcrpy before 1.0 wrote a list of lines, and for tornado one of pairs."""
    if not isinstance(value, list | tuple):
        yield from shape.mapping(value, place).items()
        return
    for index, each in enumerate(value):
        if isinstance(each, dict):
            yield from each.items()
        elif isinstance(each, list | tuple) and len(each) == 2:
            yield each[0], each[1]
        else:
            name, colon, rest = shape.text(each, (*place, index)).partition(":")
            if not colon:
                raise ShapeError((*place, index), f"{shape.named(place)} is a list with something that is no header.")
            yield name.strip(), rest.strip()


def _header(value: object, place: YamlPath) -> str:
    return str(value) if isinstance(value, int | float) else shape.text(value, place)


def _received(value: object, place: YamlPath) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else shape.text(value, place).encode()


def _sent(value: Any, media: str, place: YamlPath) -> bytes:
    """A request's body in whatever form the client library held it: aiohttp's stand as they were passed to it."""
    if value is None:
        return b""
    if isinstance(value, bytes | str):
        return _received(value, place)
    if hasattr(value, "read"):
        return bytes(value.read())
    if isinstance(value, dict | list | tuple | bool | int | float):
        return _written(value, media, place)
    if isinstance(value, Iterable):  # what a generator gave
        return _joined(list(value), place)
    raise ShapeError(place, f"{shape.named(place)} is {shape.kind(value)}, which is no body.")


def _written(value: Any, media: str, place: YamlPath) -> bytes:
    """A form where the request says so, or where it can be one; else JSON, as aiohttp writes it."""
    if isinstance(value, list) and value and all(isinstance(each, bytes) for each in value):
        return _joined(value, place)
    try:
        if media == wire.FORM_TYPE or (not media.endswith("json") and _is_form(value)):
            return urlencode(_pairs(value)).encode()
        return json.dumps(value).encode()
    except (TypeError, ValueError):
        fault = f"{shape.named(place)} is neither a form nor JSON."
        raise ShapeError(place, fault) from None


def _is_form(value: Any) -> bool:
    return isinstance(value, dict | list | tuple) and bool(value) and all(map(_is_field, _pairs(value)))


def _pairs(value: Any) -> list[Any]:
    pairs = value.items() if isinstance(value, dict) else value
    return [tuple(pair) if isinstance(pair, list) else pair for pair in pairs]


def _is_field(pair: Any) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(each, str | bytes) for each in pair)


def _joined(chunks: list[Any], place: YamlPath) -> bytes:
    if chunks and all(isinstance(chunk, int) for chunk in chunks):
        return bytes(chunks)
    return b"".join(_received(chunk, place) for chunk in chunks)


def servable(response: Response, method: str) -> Response:
    """The response with its body decoded where that can be done, and without the headers that became untrue."""
    headers = wire.without(response.headers, ("transfer-encoding",))
    if method == "HEAD" or response.status in _BODILESS:
        return replace(response, headers=headers)  # they speak of a body that is not here, and rightly so
    body = _decoded(response.body, ", ".join(v for k, v in headers if k.lower() == "content-encoding"))
    if body is not None:
        headers = wire.without(headers, ("content-encoding",))
    else:
        body = response.body
    if wire.header(headers, "content-length") != str(len(body)):
        headers = wire.without(headers, ("content-length",))
    return replace(response, headers=headers, body=body)


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """The plain body; None where it is still in an encoding that cannot be undone here."""
    if not body or not encoding:
        return body
    decoded = bodies.decode_content(body, encoding)
    if decoded is not None:
        return decoded
    return body if _is_plain(body, encoding) else None


def _is_plain(body: bytes, encoding: str) -> bool:
    if _is_text(body):  # no encoding gives text
        return True
    decodable = bodies.encode_content(b"", encoding) is not None
    return decodable and not body.startswith(bodies.GZIP_MAGIC)  # a damaged gzip is not plain


def _is_text(body: bytes) -> bool:
    try:
        return bool(body.decode())
    except UnicodeDecodeError:
        return False
