"""Law 5 for secrets: what no file may hold, whoever wrote it, by its form in any encoding, or by its name.

Bodies that are no text are searched too: a scalar of base64 is taken apart first. A line tells where, never what.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote_plus

from replayer.core.audit.view import Binary, Places, apart
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response, bodies, leaves, shapes
from replayer.core.naming import aliases, tokens
from replayer.core.rules import Rules, Token
from replayer.core.secrets import Finding, by_name, decodings, guesses, scan

OPENS = "what opens a link"
StandIn = Callable[[by_name.Exposed, Request | Response], bool]
"""Whether a credential of a message only stands for one."""


def leaks(cassette: Cassette, text: str, rules: Rules, places: Places) -> Iterator[Finding]:
    """What no cassette may hold, whoever wrote it."""
    rest, binaries = apart(text)
    private = replace(rules, secrets=tuple(secret for secret in rules.secrets if not secret.public))
    yield from scan(rest, private, is_real=_none)
    wrapped: dict[int, int] = {}  # by message, the line of its body
    for binary in binaries:
        message = places.message(cassette, binary.line)
        wrapped.setdefault(id(message), binary.line)
        yield from _in_binary(binary, message, private)
    yield from _by_name(cassette, rules, places, wrapped)
    if cassette.facts:
        yield from _opening(cassette, rules, places)


def _opening(cassette: Cassette, rules: Rules, places: Places) -> Iterator[Finding]:
    """Links of answers that open by what chance made of their path or their fragment: in a file of ours it stands
    for what does. What a request brought is the client's own."""
    rulebook = _rulebook(rules)
    # The tokens of a rule are looked at where it has them; so is what else holds one of them.
    brought = set(tokens.tokens_told((interaction.response for interaction in cassette.interactions), rulebook))

    def is_harmless(segment: str) -> bool:
        return segment in brought or aliases.certifies(segment) or is_secret_by_form(segment, rules)

    for index, interaction in enumerate(cassette.interactions):
        asked = _texts(interaction.request)
        brought.update(text[start:end] for text in asked for start, end in guesses.opening_spans(text))
        for segment in _segments(interaction.response, rulebook, is_harmless):
            yield Finding(OPENS, "raw", places.line(index, segment, answered=True))


def revealed(interaction: Interaction, rules: Rules, is_name: Callable[[str], bool]) -> Iterator[str]:
    """What an audit would find in that interaction by its name or in its links: no recording may write it. `is_name`
    knows what stands for a value of the upstream, and what the client wrote itself."""
    for message in (interaction.request, interaction.response):
        for one in by_name.exposed(message, rules.secret_fields):
            value = one.value.strip("\"'")
            if is_secret_by_form(one.text, rules) or tokens.stands_in(value) or _is_aliased(value) or is_name(value):
                continue
            yield f"a credential ({one.name})"
    if any(_segments(interaction.response, _rulebook(rules), lambda one: aliases.certifies(one) or is_name(one))):
        yield OPENS


def _rulebook(rules: Rules) -> dict[str, list[Token]]:
    found: dict[str, list[Token]] = {}
    for rule in rules.tokens:
        found.setdefault(rule.key, []).append(rule)
    return found


def _segments(response: Response, rulebook: tokens.Rulebook, is_harmless: Callable[[str], bool]) -> Iterator[str]:
    """What opens the links of an answer, but for the tokens that a rule has and for what `is_harmless`."""
    body = response.content
    texts = (body.text or "", *(value for _, value in response.headers))
    if not any(guesses.may_lead(text.replace("\\/", "/")) for text in texts):
        return
    # Where nothing is escaped the whole shows all links, and hardly one has to be looked at in its place.
    if body.kind is not bodies.BodyKind.FORM and not any("\\" in text for text in texts):
        found = (text[start:end] for text in texts for start, end in guesses.opening_spans(text))
        if all(map(is_harmless, found)):
            return
    for leaf in (*leaves.header_leaves(response.headers), *response.leaves):
        for start, end in guesses.opening_spans(leaf.value) if leaf.quoted else ():
            held = tokens.held(leaf.value, leaf.key, rulebook)  # a rule has its token, and it is looked at as one
            segment = leaf.value[start:end]
            if not is_harmless(segment) and not any(one.start < end and start < one.end for one in held):
                yield segment


def _is_aliased(value: str) -> bool:
    found = list(shapes.ids(value))
    return bool(found) and all(aliases.is_alias(piece.shape, piece.text) for piece in found)


def _texts(request: Request) -> Iterator[str]:
    yield unquote_plus(request.target)
    yield from (leaf.value for leaf in (*leaves.form_leaves(request.query), *request.leaves))
    yield from (value for _, value in request.headers)


def _by_name(cassette: Cassette, rules: Rules, places: Places, wrapped: Mapping[int, int]) -> Iterator[Finding]:
    """Credentials that only their names show: not what its form shows already, nor what stands for one."""
    is_stand_in = stand_ins(cassette.interactions, rules) if cassette.facts else _never
    fields = rules.secret_fields
    for index, interaction in enumerate(cassette.interactions):
        for message in (interaction.request, interaction.response):
            for one in by_name.exposed(message, fields):
                if is_secret_by_form(one.text, rules) or is_stand_in(one, message):
                    continue
                values = (one.value,) if id(message) in wrapped else (one.value, one.name)
                line = places.line(index, *values, answered=message is interaction.response)
                hidden = id(message) in wrapped and not places.stands(line, one.value)
                what = f"a credential ({one.name})"
                yield Finding(what, "base64", wrapped[id(message)]) if hidden else Finding(what, "raw", line)


def _never(_: by_name.Exposed, __: Request | Response) -> bool:
    return False


def _none(_: str) -> bool:
    return False


def is_secret_by_form(text: str, rules: Rules) -> bool:
    """Whether a text holds what its form alone shows to be a secret."""
    return any(secret.pattern.search(text) for secret in rules.secrets)


def _in_binary(binary: Binary, message: Request | Response | None, rules: Rules) -> Iterator[Finding]:
    """The secrets in a scalar of base64, each kind as the outermost reading shows it."""
    headers = message.headers if message else ()
    texts = decodings.texts_in(headers, binary.raw)
    if message and message.body != binary.raw:  # its reader undid what its headers said that it is in
        texts += [("compressed", text) for _, text in decodings.texts_in(headers, message.body)]
    seen: set[str] = set()
    for encoding, text in texts:
        new = [finding for finding in scan(text, rules, is_real=_none) if finding.what not in seen]
        seen |= {finding.what for finding in new}
        for finding in dict.fromkeys(replace(finding, line=0) for finding in new):
            names = dict.fromkeys(name for name in ("base64", encoding, finding.encoding) if name != "raw")
            for line in _lines(binary, finding, rules):
                yield replace(finding, encoding=", ".join(names), line=line)


def _lines(binary: Binary, finding: Finding, rules: Rules) -> list[int]:
    """Where what was found begins; where that does not show, the line that begins the scalar."""
    plain = binary.raw.decode("ascii", "replace")  # a character for each byte
    named = (secret.pattern for secret in rules.secrets if secret.name == finding.what)
    starts = [match.start() for pattern in named for match in pattern.finditer(plain)]
    return sorted({binary.line_at(start) for start in starts}) or [binary.line]


def stand_ins(
    interactions: Iterable[Interaction], rules: Rules
) -> Callable[[by_name.Exposed, Request | Response], bool]:
    """Whether a value of one of the messages stands for a credential: it is an alias, or what the rules make of a
    token, wherever it stands; in a request one that an answer gave out."""
    cursors: set[str] | None = None
    given_out: set[str] | None = None

    def is_one(one: by_name.Exposed, message: Request | Response) -> bool:
        nonlocal cursors, given_out
        if tokens.stands_in(one.value.strip("\"'")):
            return True
        if _is_aliased(one.value):
            return True
        if isinstance(message, Response) and _is_token(one, rules):
            return True
        if cursors is None:
            cursors = set(handed_on(interactions, rules))
        if one.value in cursors:  # what leads to a page may stand where a key would
            return True
        if isinstance(message, Response):
            return False
        if given_out is None:
            answered = (other for each in interactions for other in by_name.exposed(each.response))
            given_out = {other.value for other in answered if _is_token(other, rules)}
        return one.value in given_out

    return is_one


def handed_on(interactions: Iterable[Interaction], rules: Rules) -> Iterator[str]:
    """The tokens in answers that are no credentials by their names, as cursors, and have the form of a stand-in: what
    is named at such a place first is called so wherever it stands. What has another form no recording wrote."""
    plain = {key: found for key, found in _rulebook(rules).items() if not guesses.names_credential(key)}
    for leaf in (leaf for each in interactions for leaf in each.response.leaves if leaf.quoted):
        for found in tokens.held(leaf.value, leaf.key, plain, place=leaf.place):
            if found.rule and tokens.may_stand_in(found.token, found.rule, leaf):
                yield found.token


def _is_token(one: by_name.Exposed, rules: Rules) -> bool:
    """Whether it is as long as the stand-in that the rules have for it: that has no other mark."""
    matches = (rule for rule in rules.tokens if rule.key in (one.name, one.name.lower()))
    return any(
        (match := rule.pattern.search(one.text)) and len(match["token"]) == rule.length and match["token"].isalnum()
        for rule in matches
    )
