"""What each operation of the API does to a ledger. One table leads from method and path to the command.

A command has checked parameters, the object that its path names and the second in which it arrived; it asks `states`
whether it may, changes the ledger and gives what is shown. Nothing here reads bytes or writes them.
"""

from replayer.sandbox.commands import clocks, collecting, expanding
from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.operations import OPERATIONS, Operation, Route, route

__all__ = ["OPERATIONS", "Command", "Operation", "Route", "clocks", "collecting", "expanding", "route"]
