"""`replayer sandbox`: the embedded invoice API on a port."""

from typing import Any

import click

from replayer.cli import completion

EXAMPLES = (
    "\b\nExamples:\n  replayer sandbox --port 12111 --state shop.json\n"
    "  replayer sandbox --seed 1 --clock 2026-01-01 --step --switch deleted_cursor=positional"
)


class WithSwitches(click.Command):
    """Its help ends with the switches of the sandbox, which no other command needs to load."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.epilog = f"{EXAMPLES}\n\n\b\n{_switches()}"
        super().format_epilog(ctx, formatter)


def _switches() -> str:
    """Each switch, the default of its values first."""
    from replayer.sandbox import switches

    lines = ["Switches, each with its values, the default first:"]
    for name, switch in switches.SWITCHES.items():
        lines += [f"  {name} = {' | '.join(switch.answers)}", f"      {switch.question}"]
    return "\n".join(lines)


@click.command("sandbox", cls=WithSwitches, epilog=EXAMPLES)
@click.option(
    "--port", metavar="N", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1.  [default: any]"
)
@click.option("--seed", metavar="N", type=int, help="Mint the same ids in every run.  [default: chance]")
@click.option("--clock", metavar="ISO", help="Let it be that moment, and stay so.  [default: the real time]")
@click.option("--step", is_flag=True, help="Move the clock by a second with every write.")
@click.option(
    "--state",
    metavar="FILE",
    help="Keep what is made in that file.  [default: until it ends]",
    shell_complete=completion.of("--state", "FILE"),
)
@click.option("--switch", metavar="NAME=VALUE", multiple=True, help="Decide what is not known of the API: see below.")
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="Allow POST /__sandbox__/reset and /__sandbox__/clock to whoever sends that as Sandbox-Token; 'new' makes one "
    "and prints it on stderr.  [default: nobody]",
)
@click.option(
    "--webhooks", metavar="URL", help="Deliver every event there, besides to the endpoints that a program registers."
)
@click.option(
    "--webhook-secret", metavar="SECRET", help="Sign these with it.  [default: the one of 'replayer help webhooks']"
)
@click.option(
    "--deliver-to", metavar="HOST", multiple=True, help="Deliver events to that host, too, not to this machine alone."
)
def command(switch: tuple[str, ...], **options: Any) -> int:
    """Run the embedded invoice API.

    Customers, invoices and payments without an account. Any test key does as a credential. What is made lasts as long
    as the sandbox runs, or as its state file.
    """
    from replayer.cli import listening

    return listening.sandbox(switch, **options)
