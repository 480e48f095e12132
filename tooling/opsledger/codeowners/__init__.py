"""Who owns a path at a forge: CODEOWNERS files read as GitHub, GitLab, Gitea and Forgejo read them, and written."""

from opsledger.codeowners.checking import Asking, check, known_owners
from opsledger.codeowners.estates import Estate, Estates, estates_of
from opsledger.codeowners.gaps import Gap, gaps, why_open
from opsledger.codeowners.generating import generate
from opsledger.codeowners.locations import EVERYWHERE, OWN, dialect_of, found_at, home, shadowed
from opsledger.codeowners.model import Demand, Dialect, Entry, Ownership, Remark
from opsledger.codeowners.owners import Owners
from opsledger.codeowners.parsing import parse

__all__ = [
    "EVERYWHERE",
    "OWN",
    "Asking",
    "Demand",
    "Dialect",
    "Entry",
    "Estate",
    "Estates",
    "Gap",
    "Owners",
    "Ownership",
    "Remark",
    "check",
    "dialect_of",
    "estates_of",
    "found_at",
    "gaps",
    "generate",
    "home",
    "known_owners",
    "parse",
    "shadowed",
    "why_open",
]
