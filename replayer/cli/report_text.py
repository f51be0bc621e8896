"""A report as people and CI systems read it: as text, as Markdown for a summary, as JUnit XML."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree

from replayer.cli.output import counted, printable
from replayer.cli.report_document import SuiteReport
from replayer.core.suite import GATES, SuiteFinding

LINES = 10  # of one finding that are shown: --json has all
FINDINGS = 100  # of one gate
DAY = 86_400  # seconds


def _head(report: SuiteReport) -> str:
    totals = report.totals
    cassettes, tests = counted(totals["cassettes"], "cassette"), counted(totals["tests"], "test")
    words = ("recorded", "played", "synthesized", "missed", "unused")
    return f"{cassettes}, {tests}: " + ", ".join(f"{totals[word]:,} {word}" for word in words)


def _by_gate(report: SuiteReport) -> Iterator[tuple[str, list[SuiteFinding]]]:
    for gate, found in groupby(report.findings, key=lambda each: each.gate):
        yield gate, list(found)


def _cut(lines: Sequence[str], most: int) -> list[str]:
    """The first ones, and how many more there are."""
    more = [f"and {len(lines) - most:,} more"] if len(lines) > most else []
    return [*map(printable, lines[:most]), *more]


def _age(seconds: int) -> str:
    return f"{seconds / DAY:.1f} days"


def _verdict(report: SuiteReport) -> str:
    if report.failed:
        return f"failed: {', '.join(report.failed)}"
    return f"passed: {', '.join(report.fail_on)}" if report.fail_on else "no gate was asked for"


# -- as text ----------------------------------------------------------------------------------------------------------


def text(report: SuiteReport) -> str:
    """The report for a terminal."""
    return "\n".join((*_as_text(report), ""))


def _as_text(report: SuiteReport) -> Iterator[str]:
    yield _head(report)
    for gate, found in _by_gate(report):
        yield f"\n{gate}: {GATES[gate]}"
        for each in found[:FINDINGS]:
            yield f"  {printable(each.cassette)}"
            if gate != "orphans":
                yield from (f"    {line}" for line in _cut(each.lines, LINES))
        if len(found) > FINDINGS:
            yield f"  and {len(found) - FINDINGS:,} more"
    yield from _list("slowest tests", ((f"{seconds:.3f} s", test) for test, seconds in report.slowest))
    yield from _list("oldest cassettes", ((_age(age), cassette) for cassette, age in report.oldest))
    yield f"\n{_verdict(report)}"


def _list(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    found = list(rows)
    if found:
        yield f"\n{title}"
        wide = max(len(first) for first, _ in found)
        yield from (f"  {first:>{wide}}  {printable(second)}" for first, second in found)


# -- as Markdown ------------------------------------------------------------------------------------------------------


def markdown(report: SuiteReport) -> str:
    """The report for a summary of a forge, whatever stands in it: nothing of it is read as Markdown or HTML."""
    return "\n".join((*_as_markdown(report), ""))


def _as_markdown(report: SuiteReport) -> Iterator[str]:
    yield f"## Replayer: {_verdict(report)}\n"
    totals = report.totals
    yield f"| {' | '.join(totals)} |"
    yield f"|{' ---: |' * len(totals)}"
    yield f"| {' | '.join(f'{number:,}' for number in totals.values())} |"
    for gate, found in _by_gate(report):
        yield f"\n### {gate}: {GATES[gate].replace('`', '')}\n"
        for each in found[:FINDINGS]:
            yield f"- {_code(each.cassette)}"
            if gate != "orphans":
                yield from (f"  - {_code(line)}" for line in _cut(each.lines, LINES))
        if len(found) > FINDINGS:
            yield f"- and {len(found) - FINDINGS:,} more"
    yield from _details("slowest tests", ((f"{seconds:.3f} s", test) for test, seconds in report.slowest))
    yield from _details("oldest cassettes", ((_age(age), cassette) for cassette, age in report.oldest))


SAID_AS_NUMBERS = {ord(character): f"&#{ord(character)};" for character in "&<>\"'\\`*_[]~|:!"}


def _code(text: str) -> str:
    """A text that is shown as it is: whatever means anything in Markdown or HTML is a number there."""
    return f"<code>{printable(text).translate(SAID_AS_NUMBERS)}</code>"


def _details(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    found = list(rows)
    if found:
        yield f"\n<details><summary>{title}</summary>\n"
        yield from (f"- {first} {_code(second)}" for first, second in found)
        yield "\n</details>"


# -- as JUnit XML -----------------------------------------------------------------------------------------------------


def junit(report: SuiteReport) -> str:
    """The report as tests, one a cassette: it fails where its gates do, and says what else was found."""
    found: dict[str, list[SuiteFinding]] = {
        each: [] for each in sorted({*report.suite.cassettes, *report.suite.present})
    }
    for each in report.findings:
        found[each.cassette].append(each)
    failed = [name for name, several in found.items() if any(each.gate in report.fail_on for each in several)]
    suite = ElementTree.Element("testsuite", name="replayer", tests=str(len(found)), failures=str(len(failed)))
    for name, several in found.items():
        sums = report.suite.cassettes.get(name)
        seconds = f"{(sums.milliseconds if sums else 0) / 1000:.3f}"
        folder, _, cassette = name.rpartition("/")
        case = ElementTree.SubElement(
            suite, "testcase", classname=printable(folder.replace("/", ".")), name=printable(cassette), time=seconds
        )
        _fill(case, several, report.fail_on)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _fill(case: ElementTree.Element, found: Sequence[SuiteFinding], fail_on: Sequence[str]) -> None:
    besides = []
    for each in found:
        lines = "\n".join(_cut(each.lines, LINES))
        if each.gate not in fail_on:
            besides.append(f"{each.gate}: {lines}")
            continue
        first = f"{each.gate}: {printable(each.lines[0])}"
        ElementTree.SubElement(case, "failure", type=each.gate, message=first).text = lines
    if besides:
        ElementTree.SubElement(case, "system-out").text = "\n".join(besides)
