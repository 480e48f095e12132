"""What a pull request means: which records change how, what it moves, touches, asks for and loosens."""

from __future__ import annotations

from opsledger.proposal.clashing import Glimpse, Other, glimpses
from opsledger.proposal.meaning import meaning
from opsledger.proposal.model import Proposal
from opsledger.proposal.proposing import Material, proposal_of
from opsledger.proposal.sentences import sentences

__all__ = ["Glimpse", "Material", "Other", "Proposal", "glimpses", "meaning", "proposal_of", "sentences"]
