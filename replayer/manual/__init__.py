"""The manual: pages in Markdown that are packed with the program, and a search in them.

A page answers one question, which its first sentence names. What is explained anywhere is found by its name: the word
that a user has in front of him, an option, a setting, a code, is the word that he looks up. Nothing here knows what the
pages are about; tests hold them against the code.

    search("used-up", pages())     [Hit("misses", "Reasons", ...), ...]
"""

from replayer.manual.pages import TOPICS, ManualPage, Section, page, pages
from replayer.manual.search import Hit, search, suggestions

__all__ = ["TOPICS", "Hit", "ManualPage", "Section", "page", "pages", "search", "suggestions"]
