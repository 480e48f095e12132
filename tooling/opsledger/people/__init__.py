"""Who is who, and who may decide what at which time, read from the party and role records of the judge."""

from opsledger.people.explaining import absent, lasting, why
from opsledger.people.model import (
    Account,
    Claim,
    Delegation,
    Grant,
    Holding,
    Incompatibility,
    Key,
    Party,
    Role,
    Term,
)
from opsledger.people.owning import Ownership, owners_of
from opsledger.people.people import People
from opsledger.people.reading import people_of

__all__ = [
    "Account",
    "Claim",
    "Delegation",
    "Grant",
    "Holding",
    "Incompatibility",
    "Key",
    "Ownership",
    "Party",
    "People",
    "Role",
    "Term",
    "absent",
    "lasting",
    "owners_of",
    "people_of",
    "why",
]
