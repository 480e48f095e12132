"""The tool as a library: open a ledger, look at it, judge it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from opsledger import __version__, packaged
from opsledger.check import MOST, Base, Judgement, check, found_in
from opsledger.errors import NoSuchRevision, Refused, Undecided
from opsledger.finding import Finding, Place, Progress, Severity, silent
from opsledger.gate.on_steps import gates_on_steps, makers_on_steps
from opsledger.kind import Kinds, load_kinds, packaged_kinds
from opsledger.ledger import Ledger, load
from opsledger.packages import digest_of
from opsledger.policy import MARK, Policy, policy_of, preset_policy, settings_of
from opsledger.question import Occasion
from opsledger.rules.register import Found, record_faults, rule_called
from opsledger.rules.schemas import schema_faults
from opsledger.steps import Step, steps_between
from opsledger.store import Conflict, Repository, Snapshot

if TYPE_CHECKING:
    from opsledger.approvals import PullRequest
    from opsledger.gate import Judge, Verdict
    from opsledger.gate.hindsight import Passage

SCHEMAS = "schemas/"
MAX_SCHEMA = 1 << 20


def kinds_of(snapshot: Snapshot) -> Kinds:
    """The kinds of a snapshot: the packaged schemas with its own laid over them."""
    names = [path for path in snapshot.below(SCHEMAS[:-1]) if path.count("/") == 1 and path.endswith(".json")]
    own = {path.removeprefix(SCHEMAS): snapshot.read(path, limit=MAX_SCHEMA) for path in names}
    return load_kinds(packaged.files("schemas"), own)


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
        kinds, policy = _in_force(snapshot, own, base)
        ledger = self.load(snapshot, kinds, policy, progress)
        subject = f"the {snapshot.name}" if snapshot.name in ("work tree", "index") else snapshot.name
        return check(
            ledger,
            policy,
            subject=subject,
            own_kinds=own,
            base=base,
            ask_gates=gates_on_steps(
                self.repository, base, policy, head, occasion, partial(self.let_through_again, base)
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

        judge, ledger, found, head = self._hearing(at, base, progress)
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

    def ci_check(
        self,
        cis: Sequence[str] = (),
        *,
        paths: Sequence[str] = (),
        belongs: Callable[[object], bool] | None = None,
        version: str = "",
        at: str = "HEAD",
        base: str | None = None,
        as_of: datetime | None = None,
        environment: str = "",
        progress: Progress = silent,
    ) -> Verdict:
        """
        Decide whether something may be built on components, before there is a release.

        Args:
            cis: their ids.
            paths: files that were changed: the components that they belong to are meant as well.
            belongs: whether the paths are of the repository that a component names; `None` where it names none.
            version: the one that is built, or empty.

        Raises:
            As `decide`.
        """
        from opsledger.gate import situation_of
        from opsledger.gate.ci_check import cis_at, verdict_on_cis

        judge, ledger, found, head = self._hearing(at, base, progress)
        touched = cis_at(ledger, paths, belongs or (lambda named: named is None)) if paths else ()
        situation = situation_of(self.repository, judge, ledger, Occasion(as_of), head=head)
        return verdict_on_cis(
            judge, ledger, situation, found, (*cis, *touched), environment=environment, version=version
        )

    def hindsight(
        self, gate: str, *, since: datetime, base: str | None = None, progress: Progress = silent
    ) -> tuple[Passage, ...]:
        """
        What a gate of today would have said of the moves that were made since a time, the newest first.

        Args:
            gate: its id, or its id without the prefix.
            base: the branch that is looked at and whose tip judges; `None` for the remote's main branch.

        Raises:
            Undecided: nobody knows who judges, or the clone does not reach back that far.
            NoSuchGate: the judge has none of that name.
        """
        from opsledger.gate import Judge, judge_of
        from opsledger.gate.hindsight import passages

        judging = self.base(base if base is not None else judge_of(self.repository, self.repository.resolve("HEAD")))
        if not judging.is_ledger:
            raise Undecided(f"{judging.name} holds no ledger, so no gate is in force", "name another one with --base")
        kinds, policy = _in_force(judging.snapshot, judging.kinds, judging)
        judge = Judge(judging.name, judging.snapshot, judging.kinds, policy)
        occasion = Occasion(environment=self.environment)
        found = passages(
            self.repository, judge, lambda there: self.load(there, kinds, policy), gate,
            since=since, occasion=occasion, progress=progress,
        )  # fmt: skip
        return tuple(found)

    def let_through(
        self,
        gate: str,
        subject: str,
        *,
        at: str,
        as_of: datetime,
        base: str = "",
        environment: str = "",
        group: str = "",
        emergency: bool = False,
    ) -> tuple[Verdict, dict[str, Any]]:
        """
        Decide at a commit of the protected branch, by that very commit, whether a record may pass a gate.

        Args:
            base: how people call that commit.

        Returns:
            The verdict, and what a deployment keeps of it.

        Raises:
            As `decide`.
        """
        from opsledger.gate.storing import stored

        verdict = self.decide(
            gate, subject, at=at, base=base or at, as_of=as_of, environment=environment, group=group,
            emergency=emergency,
        )  # fmt: skip
        ledger = self.ledger(at)
        package = digest_of(ledger.record(subject))
        return verdict, stored(verdict, package=package, judge=ledger.snapshot, kinds=ledger.kinds)

    def let_through_again(self, base: Base | None, kept: Mapping[str, Any]) -> dict[str, Any]:
        """
        Ask again for a verdict that a deployment keeps, at the commit and for the time that it names.

        Raises:
            Refused: the commit is not part of the base.
            Undecided: it is not in this clone.
        """
        commit, tip = str(kept.get("commit", "")), base.snapshot.commit if base is not None else None
        try:
            is_known = tip is not None and self.repository.is_ancestor(commit, tip)
        except NoSuchRevision:
            raise Undecided(f"commit {commit[:7]} is not in this clone", "fetch the whole history") from None
        if not is_known or tip is None:
            raise Refused(f"commit {commit[:7]} is not part of the protected branch", "ask the gate there")
        from opsledger.gate.tips import held_at

        as_of = datetime.fromisoformat(str(kept.get("as_of", "")))
        owed = [one for one in kept.get("answers", ()) if one.get("outcome") == "owed"]
        ask = partial(
            self.let_through, str(kept.get("gate", "")), str(kept.get("subject", "")), as_of=as_of,
            environment=str(kept.get("environment", "")), group=str(kept.get("group", "")),
            emergency=any(not one.get("waived_by") for one in owed),
        )  # fmt: skip
        held = held_at(self.repository, self.repository.resolve(commit), tip=tip, at=as_of)
        if held != self.repository.resolve(commit) and not ask(at=held)[0].is_open:
            said = f"the protected branch had gone on from {commit[:7]} to {held[:7]}, and there the gate is shut"
            raise Refused(said, "ask the gate at the tip of the protected branch")
        return ask(at=commit)[1]

    def _hearing(self, at: str, base: str | None, progress: Progress) -> tuple[Judge, Ledger, list[Found], str | None]:
        """
        What a question needs that is put at a revision.

        Returns:
            Who judges, what is judged, what the rules find there, and the commit that is to be merged if one is.

        Raises:
            As `decide`.
        """
        from opsledger.gate import Judge, judge_of

        commit = self.repository.resolve(at)
        judging = self.base(base if base is not None else judge_of(self.repository, commit))
        snapshot, is_step = self._merged(judging, commit)
        own = judging.kinds if snapshot is judging.snapshot else kinds_of(snapshot)
        kinds, policy = _in_force(snapshot, own, judging)
        ledger = self.load(snapshot, kinds, policy, progress)
        found = found_in(ledger, policy)
        if is_step:
            found += schema_faults(ledger, judging.snapshot, own)
        judge = Judge(judging.name, judging.snapshot, judging.kinds, policy)
        return judge, ledger, found, commit if is_step else None

    def _merged(self, judging: Base, commit: str) -> tuple[Snapshot, bool]:
        """
        What a gate judges: the commit, where it is part of the base, else what it would make of the base.

        Raises:
            Undecided: the base holds no ledger, or the two do not merge.
        """
        tip = judging.snapshot.commit or ""
        if not judging.is_ledger:
            raise Undecided(f"{judging.name} holds no ledger, so no gate is in force", "name another one with --base")
        # A forge's test merge names its base as its parent, also where a shallow clone knows nothing else.
        is_ahead = commit != tip and self.repository.is_ancestor(tip, commit)
        if not is_ahead and self.repository.is_ancestor(commit, tip):
            return self.repository.commit(commit), False
        result = self.repository.merge_result(tip, commit)
        if isinstance(result, Conflict):
            raise Undecided(
                f"{', '.join(result.paths)} {'does' if len(result.paths) == 1 else 'do'} not merge into {judging.name}",
                "merge the base into the branch, and solve the conflict there",
            )
        return result, True

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


def _in_force(snapshot: Snapshot, own: Kinds, base: Base | None) -> tuple[Kinds, Policy]:
    """
    The kinds and the policy under which a snapshot is judged.

    Raises:
        OtherVersion: the judge pins another version of the tool.
    """
    judge = base.snapshot if base and base.is_ledger else snapshot
    settings = settings_of(judge)
    settings.admit(__version__)
    kinds = base.kinds.merged(own) if base else own
    if base and not base.is_ledger:
        return kinds, preset_policy(settings.preset)
    return kinds, policy_of(judge, kinds, settings.preset)


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
    here = Path(__file__).parent
    if here.parent.name != "tooling":
        return ""
    folders: list[Path] = [here, here / "conditions", here / "kind", here / "rules", here / "yamlfile"]
    times = [
        entry.stat().st_mtime_ns for folder in folders for entry in os.scandir(folder) if entry.name.endswith(".py")
    ]
    return str(max(times))
