"""`replayer doctor`: what of this machine, of this folder and of its settings may keep Replayer from doing its work. It
changes nothing, asks nobody, and prints no secret.

0   nothing is wrong; there may be advice
1   something is wrong
"""

import click

from replayer.cli import options

SIGNS = {"ok": "ok  ", "advice": "note", "wrong": "BAD "}
COLOURS = {"ok": "green", "advice": "yellow", "wrong": "red"}
INDENT = " " * 6


@click.command("doctor", epilog="\b\nExamples:\n  replayer doctor\n  replayer doctor --root tests/cassettes")
@options.root
@options.as_json
def command(root: str | None, as_json: bool) -> int:
    """Look at what may keep Replayer from working here.

    At versions, settings and where they come from, the root and its files, the port, the clock, proxies and keys of the
    environment. Prints no secret. Exits with 1 where something is wrong.
    """
    import shutil
    import textwrap

    from replayer.cli import doctor_checks
    from replayer.cli.output import print_json, printable, styled

    report = doctor_checks.examined(root)
    wrong = any(each.state == "wrong" for each in report.checks)
    if as_json:
        print_json({"checks": report.checks_as_json(), "settings": report.settings, "sound": not wrong})
        return int(wrong)
    width = shutil.get_terminal_size().columns
    for each in report.checks:
        sign = styled(SIGNS[each.state], COLOURS[each.state], bold=each.state == "wrong")
        lines = textwrap.wrap(printable(f"{each.name}: {each.found}"), max(width, 40) - len(INDENT))
        click.echo(f"{sign}  {f'{chr(10)}{INDENT}'.join(lines)}")
        if each.remedy:
            advice = textwrap.wrap(printable(each.remedy), max(width, 40) - len(INDENT) - 2, break_on_hyphens=False)
            click.echo(
                "\n".join(f"{INDENT}{'> ' if number == 0 else '  '}{line}" for number, line in enumerate(advice))
            )
    if report.settings:
        click.echo("\nSettings that are not the default:")
    for setting in report.settings:
        click.echo(printable(f"  {setting['setting']} = {setting['value']!r}  ({setting['origin']})"))
    return int(wrong)
