"""What settings may say, and the few things that nobody sets and all servers have in common."""

from replayer.core.modes import Mode

SANDBOX = "sandbox"  # as an upstream, or for what was missed: the embedded invoice API
FROZEN, SHIFTED = "frozen", "shifted"
MISS = "miss"
TEST = "test"  # as who takes webhooks: the test itself
SYNONYMS = {"rewrite": Mode.ALL.value}  # pytest-recording's name of it
WARN, FAIL, RECORD = ON_EXPIRY = ["warn", "fail", "record"]
HOST = "127.0.0.1"  # to listen on, unless somebody says so: nobody outside of this machine is to reach the servers
LINE_LIMIT = 1 << 16  # bytes of a request line or a header, theirs or the upstream's: cursors and policies are long
CLOSING = 0.4  # seconds that requests under way are given when a server closes; aiohttp waits for them twice
