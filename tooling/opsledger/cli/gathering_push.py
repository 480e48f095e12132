"""Evidence in the pipeline's lane: one commit on the protected branch, pushed until the remote takes it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsledger.api import Book, kinds_of
from opsledger.cli.caller import Caller
from opsledger.cli.gathering import Errand
from opsledger.cli.reviewed import _judge, _person
from opsledger.edit.gathering import plan_of
from opsledger.edit.importing import outside_lane
from opsledger.edit.judging import accept
from opsledger.errors import Refused
from opsledger.policy import policy_of, settings_of
from opsledger.report.plain import counted
from opsledger.store import Snapshot, land

if TYPE_CHECKING:
    from opsledger.cli.gathering_run import Brought


def landed(caller: Caller, book: Book, errand: Errand, reports: Sequence[Brought]) -> str:
    """
    Push the records of the reports as the machine that `--by` names.

    Returns:
        What was done, or nothing where the branch holds all of it already.

    Raises:
        Refused: no lane of the machine takes the files, or the remote does not.
        NotAccepted: the check would not pass.
        Undecided: the remote or the store cannot be reached.
    """
    from opsledger.cli.gathering_run import gathered, store

    by, remote = errand.stated.by, errand.remote or "origin"
    branch = settings_of(book.snapshot()).protected.removeprefix("refs/heads/").removeprefix("origin/")
    ids: list[str] = []

    def changes(tip: Snapshot) -> dict[str, bytes | None]:
        kinds = kinds_of(tip)
        ledger = book.load(tip, kinds, policy_of(tip, kinds, settings_of(tip).preset))
        made = gathered(caller, errand, tip, ledger, reports)
        plan = plan_of(made, tip)
        outside = outside_lane(_judge(tip), by, (write.path for write in plan.writes))
        if outside:
            raise Refused(f"no lane lets {by or 'nobody'} add {outside[0]}",
                          "name with --by a machine whose lane takes it, on the protected branch")  # fmt: skip
        accept(tip, plan, lambda snapshot: book.judge(snapshot, most=None).findings)
        if plan.writes:
            store(caller, [upload for one in made for upload in one.uploads])
        ids[:] = [one.id for one in made if one.files]
        return {write.path: write.after for write in plan.writes}

    done = land(
        book.repository, remote, branch, changes, message=_message(errand, reports), author=_person(book, by),
        when=caller.now, sleep=time.sleep, chance=random.random,
    )  # fmt: skip
    return f"pushed {', '.join(ids)} in {done.commit[:7]}" if ids and done.attempts else ""


def _message(errand: Errand, reports: Sequence[Brought]) -> str:
    about = errand.stated.digest or " ".join(errand.stated.cis) or "no package that is named"
    return f"evidence: import {counted(len(reports), 'report')} ({errand.form})\n\nAbout {about}.\n"
