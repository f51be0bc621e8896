"""`replayer help`: the list of the pages, one page, or what the pages say of a word."""

import errno
import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from replayer.cli.output import has_no_colour
from replayer.errors import UsageError

if TYPE_CHECKING:
    from replayer.manual import Hit

SECTIONS = 5  # that are shown of a search; the pages of all others are named
WIDTH = 100  # columns: longer lines are not read
STYLES = {"markdown.code": "bold cyan", "markdown.code_block": "cyan"}  # no background: terminals are dark or light


def _topics(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    from replayer.manual import pages

    return [CompletionItem(page.name, help=page.first) for page in pages() if page.name.startswith(begun)]


@click.command(
    "help",
    epilog="\b\nExamples:\n  replayer help\n  replayer help pytest\n  replayer help used-up\n"
    "  replayer help -- --volatile",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("words", metavar="[TOPIC|WORD]...", nargs=-1, shell_complete=_topics)
def command(words: tuple[str, ...]) -> int:
    """Show the manual, one of its pages, or what they say of a word.

    WORD may be anything that Replayer prints or reads: an option, a setting, an error code, the reason of a miss.
    """
    _show(_text(words))
    return 0


def _text(words: tuple[str, ...]) -> str:
    from replayer.manual import TOPICS, page, pages, search, suggestions

    asked = " ".join(words).strip()
    if not asked:
        return _contents()
    topic = asked.lower().replace(" ", "-")
    if topic in TOPICS:
        return page(topic).shown
    found = search(asked, pages())
    if found:
        return _found(asked, found)
    close = suggestions(asked, pages())
    hint = f"Did you mean {' or '.join(map(repr, close))}?" if close else "'replayer help' lists its pages."
    raise UsageError(f"The manual says nothing of {asked!r}. {hint}")


def _contents() -> str:
    from replayer.manual import pages

    rows = "".join(f"| `{page.name}` | {page.first} |\n" for page in pages())
    return (
        "# The manual of Replayer\n\n"
        f"| page | what it answers |\n| --- | --- |\n{rows}\n"
        "`replayer help PAGE` shows one, `replayer help WORD` what they say of an option, a setting, an error code, "
        "the reason of a miss, or any other word.\n"
    )


def _found(asked: str, hits: "list[Hit]") -> str:
    shown = hits[:SECTIONS]
    parts = [f"## {hit.page}: {hit.title}\n\n" + "\n\n".join(hit.blocks) for hit in shown]
    names = list(dict.fromkeys(hit.page for hit in islice(hits, SECTIONS, None)))
    if names:
        parts.append(f"Also in: {', '.join(names)}.")
    parts.append(f"The whole page: `replayer help {shown[0].page}`.")
    return f"# {asked}\n\n" + "\n\n".join(parts) + "\n"


def _show(markdown: str) -> None:
    """For people laid out, in a pager; for programs as it is written."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    if not sys.stdout.isatty():
        click.echo(markdown, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    from replayer.cli.console import show_in_pager

    width = min(WIDTH, Console().width)
    console = Console(width=width, force_terminal=True, highlight=False, theme=Theme(STYLES), no_color=has_no_colour())
    with console.capture() as laid_out:
        console.print(Markdown(markdown, code_theme="ansi_dark", hyperlinks=False))
    show_in_pager(laid_out.get())
