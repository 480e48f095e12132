"""What a forge enforces on the protected branch, asked of the forge itself."""

from __future__ import annotations

from opsledger.adapters.forges.addresses import place_of
from opsledger.adapters.forges.guards import bitbucket, gitea, github, gitlab
from opsledger.adapters.forges.guards.model import Protection
from opsledger.adapters.forges.wire import Line, Transport


def protection(
    forge: str, repository: str, branch: str, transport: Transport, *, check: str = "opsledger", api: str = ""
) -> Protection:
    """
    Ask a forge how far it guards a branch.

    What the token may not read is answered *unknown*, each for itself: one closed door hides no open one.

    Args:
        forge: *github*, *gitlab*, *gitea*, *forgejo* or *bitbucket*.
        repository: its address, for example github.com/kestrel-pay/ledger.
        check: the name of the status that must be green before a merge.
        api: where programs ask, if that does not follow from the host.

    Raises:
        Refused: the address is none.
        Undecided: the forge cannot be reached, or asks to be left alone for a while.
    """
    line = Line(place_of(forge, repository, api=api), transport)
    ask = {"github": github.guards, "gitlab": gitlab.guards, "bitbucket": bitbucket.guards}.get(forge, gitea.guards)
    return Protection(line.place.host, line.place.repository, branch, tuple(ask(line, branch, check)))
