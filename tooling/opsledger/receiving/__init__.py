"""What a server says to a push: the protected branch takes merges, machines in their lanes, and signed approvals."""

from opsledger.receiving.model import Court, Objection, Pusher, Ruling, Update, updates
from opsledger.receiving.pushers import pusher_of
from opsledger.receiving.pushes import receive

__all__ = ["Court", "Objection", "Pusher", "Ruling", "Update", "pusher_of", "receive", "updates"]
