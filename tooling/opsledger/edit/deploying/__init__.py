"""A deployment as the pipeline tells of it: begun, going on, ended or taken back, and what that writes."""

from opsledger.edit.deploying.acts import (
    Beginning,
    begun,
    debt_of,
    finished,
    in_glass,
    looked_at,
    problem_of,
    progressed,
    taken_back,
)
from opsledger.edit.deploying.journal import Journal, NoSuchJournal, Tampered, journals, kept, read_journal, saved
from opsledger.edit.deploying.landing import items_of, landing

__all__ = [
    "Beginning",
    "Journal",
    "NoSuchJournal",
    "Tampered",
    "begun",
    "debt_of",
    "finished",
    "in_glass",
    "items_of",
    "journals",
    "kept",
    "landing",
    "looked_at",
    "problem_of",
    "progressed",
    "read_journal",
    "saved",
    "taken_back",
]
