"""Forges: what they export and answer about pull requests, and what is asked of them."""

from __future__ import annotations

from opsledger.adapters.forges.addresses import SORTS, plain_address, pull_request_address, sort_of
from opsledger.adapters.forges.commenting import Commented, comment
from opsledger.adapters.forges.export import read_export
from opsledger.adapters.forges.fetching import fetch_pull_request
from opsledger.adapters.forges.guards.asking import protection
from opsledger.adapters.forges.guards.model import Guard, Outcome, Protection
from opsledger.adapters.forges.proposing import Proposed, open_pull_request
from opsledger.adapters.forges.wire import ConnectionLost, NotAnswered, Request, Response, Transport

__all__ = [
    "SORTS",
    "Commented",
    "ConnectionLost",
    "Guard",
    "NotAnswered",
    "Outcome",
    "Proposed",
    "Protection",
    "Request",
    "Response",
    "Transport",
    "comment",
    "fetch_pull_request",
    "open_pull_request",
    "plain_address",
    "protection",
    "pull_request_address",
    "read_export",
    "sort_of",
]
