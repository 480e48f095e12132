"""The tool as a library: open a ledger, look at it, judge it."""

from opsledger import __version__
from opsledger.api.book import Book, cache_folder, open_book
from opsledger.api.gates import ci_check, hindsight, let_through, let_through_again
from opsledger.api.in_force import kinds_of

__all__ = [
    "Book",
    "__version__",
    "cache_folder",
    "ci_check",
    "hindsight",
    "kinds_of",
    "let_through",
    "let_through_again",
    "open_book",
]
