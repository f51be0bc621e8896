"""What happened to an account, as values: each event with what was before it, and who is yet to hear of it.

It sends nothing. A step of the ledger ends with `occur`: what it has changed becomes events, all of one step with the
objects as a retrieve shows them behind it. Whoever delivers them asks `due` what is to be sent now, and says how it
went with `answered`: what was not taken is due again, by the API's schedule, on whatever clock the sandbox has.
"""

from replayer.sandbox.events.delivering import Listener, Posting, answered, due, shuffled
from replayer.sandbox.events.occurring import Caller, occur

__all__ = ["Caller", "Listener", "Posting", "answered", "due", "occur", "shuffled"]
