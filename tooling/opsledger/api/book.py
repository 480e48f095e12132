"""An open ledger: its snapshots, and what a check and a gate say of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from opsledger import __version__
from opsledger.api.gates import let_through_again
from opsledger.api.hearing import hearing
from opsledger.api.in_force import in_force, kinds_of
from opsledger.check import MOST, Base, Judgement, check
from opsledger.errors import NoSuchRevision, Undecided
from opsledger.finding import Finding, Place, Progress, Severity, silent
from opsledger.gate.on_steps import gates_on_steps, makers_on_steps
from opsledger.kind import Kinds, packaged_kinds
from opsledger.ledger import Ledger, load
from opsledger.policy import MARK, Policy, policy_of, settings_of
from opsledger.question import Occasion
from opsledger.rules.register import record_faults, rule_called
from opsledger.steps import Step, steps_between
from opsledger.store import Conflict, Repository, Snapshot

if TYPE_CHECKING:
    from opsledger.approvals import PullRequest
    from opsledger.gate import Verdict


def open_book(directory: Path, *, environment: Mapping[str, str]) -> Book:
    """
    Open the ledger around a directory; use it in a `with`.

    Args:
        environment: where git, the home and the cache are looked for; nothing else is taken from it.

    Raises:
        NoLedger: none stands there.
        NoRepository: the directory lies in no repository.
    """
    return Book(Repository.open(directory, environment=environment), cache_folder(environment), environment)


class Book:
    """
    An open ledger, at whatever revision it is asked for.

    Args:
        repository: where it lives.
        cache: the folder for what earlier runs found out, or `None` for none.
        environment: where programs that verify signatures are looked for.
    """

    def __init__(
        self, repository: Repository, cache: Path | None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.repository = repository
        self._cache = cache
        self.environment = environment or {}

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the repository."""
        self.repository.close()

    def snapshot(self, at: str | None = None, *, index: bool = False) -> Snapshot:
        """
        The files of a revision, of the index, or of the work tree.

        Raises:
            NoSuchRevision: no commit is called that.
        """
        if at is not None:
            return self.repository.commit(at)
        if index:
            return self.repository.index()
        if self.repository.is_bare:
            return self.repository.commit("HEAD")
        return self.repository.work_tree()

    def ledger(self, at: str | None = None, *, index: bool = False, progress: Progress = silent) -> Ledger:
        """The ledger at a revision, in the index, or in the work tree, under its own schemas."""
        snapshot = self.snapshot(at, index=index)
        kinds = kinds_of(snapshot)
        return self.load(snapshot, kinds, policy_of(snapshot, kinds, settings_of(snapshot).preset), progress)

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of the work tree."""
        return kinds_of(self.snapshot())

    def check(
        self,
        at: str | None = None,
        *,
        index: bool = False,
        base: str | None = None,
        as_of: datetime | None = None,
        pull_request: PullRequest | None = None,
        by: str = "",
        is_timed: bool = False,
        is_landed: bool = False,
        most: int | None = MOST,
        with_coverage: bool = False,
        progress: Progress = silent,
    ) -> Judgement:
        """
        Judge a snapshot by itself or, with a base, the step from the base to the merge result.

        Args:
            at: the revision to judge; `None` for the work tree, or the index with `index`.
            base: the revision whose tip judges; each gate on the way of the step is asked.
            as_of: the time for which they are asked; `None` for the time of what is judged.
            pull_request: the open one, whose reviews count as they stand; `None` where nobody brought it.
            by: id of the party that makes the step, or empty.
            is_timed: whether to tell what is overdue at `as_of` as well.
            is_landed: whether the step has landed, so that each commit of it must have come by a pull request or lane.
            most: how many findings to list; `None` for all.

        Raises:
            NoSuchRevision: no commit is called that.
            OtherVersion: the judge pins another version of the tool.
        """
        if base is None:
            return self.judge(self.snapshot(at, index=index), most=most, with_coverage=with_coverage, progress=progress)
        try:
            judging = self.base(base)
            result = self.repository.merge_result(base, at)
            if index and not isinstance(result, Conflict):
                result = self.repository.index()
        except Undecided as unknown:
            here = self.snapshot(at, index=index)
            said = f"the step from {base}: {unknown.missing}; {unknown.remedy}"
            return self.judge(here, most=most, undecided=(said,), with_coverage=with_coverage, progress=progress)
        if isinstance(result, Conflict):
            return _conflict(result, base)
        occasion = Occasion(as_of, pull_request, by, self.environment, is_timed, is_landed)
        head = self.repository.resolve(at) if at is not None else self.repository.head()
        return self.judge(
            result, base=judging, head=head, occasion=occasion, most=most, with_coverage=with_coverage,
            progress=progress,
        )  # fmt: skip

    def judge(
        self,
        snapshot: Snapshot,
        *,
        base: Base | None = None,
        head: str | None = None,
        occasion: Occasion | None = None,
        most: int | None = MOST,
        undecided: tuple[str, ...] = (),
        with_coverage: bool = False,
        progress: Progress = silent,
    ) -> Judgement:
        """
        Judge any snapshot, also one that stands nowhere yet.

        Args:
            head: full id of the commit that is to be merged; of a work tree, the one that it grew from.
            occasion: when and for whom the gates on the way from the base are asked; `None` asks none.
        """
        own = kinds_of(snapshot)
        kinds, policy = in_force(snapshot, own, base)
        ledger = self.load(snapshot, kinds, policy, progress)
        subject = f"the {snapshot.name}" if snapshot.name in ("work tree", "index") else snapshot.name
        return check(
            ledger,
            policy,
            subject=subject,
            own_kinds=own,
            base=base,
            ask_gates=gates_on_steps(
                self.repository, base, policy, head, occasion, partial(let_through_again, self, base)
            ),
            ask_makers=makers_on_steps(self.repository, base, policy, head, occasion),
            undecided=undecided,
            most=most,
            with_coverage=with_coverage,
        )

    def decide(
        self,
        gate: str,
        subject: str,
        *,
        at: str = "HEAD",
        base: str | None = None,
        as_of: datetime | None = None,
        environment: str = "",
        group: str = "",
        pull_request: PullRequest | None = None,
        by: str = "",
        emergency: bool = False,
        progress: Progress = silent,
    ) -> Verdict:
        """
        Decide whether a record may pass a gate.

        Args:
            gate: its id, or its id without the prefix.
            subject: the record's id.
            at: the revision to judge; if it is not part of the base, what the base would hold after the merge.
            base: whose tip judges; `None` for the remote's main branch, as `opsledger.gate.judge_of` says.
            as_of: the time that is judged for; `None` for the time of what is judged.
            environment: id of the environment that is asked about, or empty.
            group: the rollout group that is asked about, or empty.
            pull_request: the open one, whose reviews count as they stand; `None` where nobody brought it.
            by: id of the party that makes the step, or empty.
            emergency: whether what the policy lets be met afterwards is to be owed.

        Raises:
            Undecided: nobody knows who judges, or what is judged cannot be read.
            NoSuchGate: the judge has none of that name.
            NoSuchRecord: the ledger has no such record.
            Refused: the gate stands before no move of such a record, or wants to be told more; or this is no
                emergency.
            OtherVersion: the judge pins another version of the tool.
        """
        from opsledger.gate import situation_of, verdict_on

        judge, ledger, found, head = hearing(self, at, base, progress)
        occasion = Occasion(as_of, pull_request, by, self.environment)
        step = None
        if head is not None:
            record = ledger.record(subject)
            steps = steps_between(judge.snapshot, ledger)
            step = next((one for one in steps if one.record == subject), Step(subject, record, record))
        situation = situation_of(self.repository, judge, ledger, occasion, head=head)
        return verdict_on(
            judge, ledger, situation, found, gate, subject, step=step, environment=environment, group=group,
            emergency=emergency,
        )  # fmt: skip

    def findings(self, snapshot: Snapshot) -> tuple[Finding, ...]:
        """What a check finds in a snapshot by itself."""
        return self.judge(snapshot).findings

    def base(self, revision: str) -> Base:
        """
        The judge: the tip of a branch with its schemas.

        Raises:
            Undecided: the clone does not have it.
        """
        try:
            snapshot = self.repository.commit(revision)
        except NoSuchRevision:
            raise Undecided(
                f"no commit is named {revision!r}", f"fetch it: git fetch origin {revision.removeprefix('origin/')}"
            ) from None
        name = f"base {revision} {(snapshot.commit or '')[:7]}"
        if MARK not in snapshot.files:
            return Base(name, snapshot, packaged_kinds(), is_ledger=False)
        return Base(name, snapshot, kinds_of(snapshot))

    def load(self, snapshot: Snapshot, kinds: Kinds, policy: Policy, progress: Progress = silent) -> Ledger:
        """Any snapshot as a ledger, under the kinds and the policy of whoever judges it."""
        return load(
            snapshot,
            kinds,
            cache=self._cache_file(),
            version=f"{__version__} {_build()} {policy.of_records}",
            judge=lambda record, data: record_faults(record, data, policy),
            progress=progress,
        )

    def _cache_file(self) -> Path | None:
        if self._cache is None:
            return None
        where = hashlib.sha256(os.fsencode(self.repository.root)).hexdigest()[:24]
        return self._cache / f"{where}.sqlite"


def _conflict(conflict: Conflict, base: str) -> Judgement:
    found = rule_called("LCY209").ask(conflict.paths)
    findings = tuple(
        Finding(Place(one.path), one.fault.code, one.fault.message, one.fault.fix, Severity.ERROR) for one in found
    )
    return Judgement(findings, "the merge result", f"base {base}", 0)


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """The user's own folder for caches; never one inside a repository that a pull request could write to."""
    if environment.get("OPSLEDGER_CACHE") == "off":
        return None
    stated = environment.get("XDG_CACHE_HOME") or (f"{environment['HOME']}/.cache" if environment.get("HOME") else "")
    return Path(stated) / "opsledger" if stated.startswith("/") else None


def _build() -> str:
    """What tells one state of a checkout's code from another; a release has one state."""
    here = Path(__file__).parent.parent
    if here.parent.name != "tooling":
        return ""
    folders: list[Path] = [here, here / "api", here / "conditions", here / "kind", here / "rules", here / "yamlfile"]
    times = [
        entry.stat().st_mtime_ns for folder in folders for entry in os.scandir(folder) if entry.name.endswith(".py")
    ]
    return str(max(times))
