"""The page that shows what the proxy knows, and its JSON. It reads and tells; it decides and changes nothing.

    Inspected what there is to look at: a session that listens, or a file
    Feed      the requests of a session as they come, each a row; nobody who looks costs nothing
    Desk      documents of a source, by the path and the parameters of their address
    assets    the files of the page: modules that no build has touched, and one style sheet

How these are asked for, and by whom, is the business of `proxy`.
"""

from replayer.inspector import assets, rows
from replayer.inspector.desk import Desk, RowTexts
from replayer.inspector.feed import PLAYED, Feed, FeedRow
from replayer.inspector.inspected import Inspected

__all__ = ["PLAYED", "Desk", "Feed", "FeedRow", "Inspected", "RowTexts", "assets", "rows"]
