"""The tool as a library: open a ledger, look at it, judge it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType

from opsledger import __version__, packaged
from opsledger.check import MOST, Base, Judgement, check
from opsledger.errors import NoSuchRevision, Undecided
from opsledger.finding import Finding, Place, Progress, Severity, silent
from opsledger.kind import Kinds, load_kinds, packaged_kinds
from opsledger.ledger import Ledger, load
from opsledger.policy import MARK, Policy, policy_of, preset_policy, settings_of
from opsledger.rules.register import record_faults, rule_called
from opsledger.store import Conflict, Repository, Snapshot

SCHEMAS = "schemas/"
MAX_SCHEMA = 1 << 20


def kinds_of(snapshot: Snapshot) -> Kinds:
    """The kinds of a snapshot: the packaged schemas with its own laid over them."""
    names = [
        path for path in snapshot.files if path.startswith(SCHEMAS) and path.count("/") == 1 and path.endswith(".json")
    ]
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
    return Book(Repository.open(directory, environment=environment), _cache_folder(environment))


class Book:
    """
    An open ledger, at whatever revision it is asked for.

    Args:
        repository: where it lives.
        cache: the folder for what earlier runs found out, or `None` for none.
    """

    def __init__(self, repository: Repository, cache: Path | None) -> None:
        self.repository = repository
        self._cache = cache

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
        return self._load(snapshot, kinds, policy_of(snapshot, kinds, settings_of(snapshot).preset), progress)

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
        most: int | None = MOST,
        with_coverage: bool = False,
        progress: Progress = silent,
    ) -> Judgement:
        """
        Judge a snapshot by itself or, with a base, the step from the base to the merge result.

        Args:
            at: the revision to judge; `None` for the work tree, or the index with `index`.
            base: the revision whose tip judges.
            most: how many findings to list; `None` for all.

        Raises:
            NoSuchRevision: no commit is called that.
            OtherVersion: the judge pins another version of the tool.
        """
        if base is None:
            return self.judge(self.snapshot(at, index=index), most=most, with_coverage=with_coverage, progress=progress)
        try:
            judging = self._base(base)
            result = self.repository.merge_result(base, at)
            if index and not isinstance(result, Conflict):
                result = self.repository.index()
        except Undecided as unknown:
            here = self.snapshot(at, index=index)
            said = f"the step from {base}: {unknown.missing}; {unknown.remedy}"
            return self.judge(here, most=most, undecided=(said,), with_coverage=with_coverage, progress=progress)
        if isinstance(result, Conflict):
            return _conflict(result, base)
        return self.judge(result, base=judging, most=most, with_coverage=with_coverage, progress=progress)

    def judge(
        self,
        snapshot: Snapshot,
        *,
        base: Base | None = None,
        most: int | None = MOST,
        undecided: tuple[str, ...] = (),
        with_coverage: bool = False,
        progress: Progress = silent,
    ) -> Judgement:
        """Judge any snapshot, also one that stands nowhere yet."""
        own = kinds_of(snapshot)
        judge = base.snapshot if base and base.is_ledger else snapshot
        settings = settings_of(judge)
        settings.admit(__version__)
        kinds = base.kinds.merged(own) if base else own
        policy = (
            policy_of(judge, kinds, settings.preset) if not base or base.is_ledger else preset_policy(settings.preset)
        )
        ledger = self._load(snapshot, kinds, policy, progress)
        subject = f"the {snapshot.name}" if snapshot.name in ("work tree", "index") else snapshot.name
        return check(
            ledger,
            policy,
            subject=subject,
            own_kinds=own,
            base=base,
            undecided=undecided,
            most=most,
            with_coverage=with_coverage,
        )

    def findings(self, snapshot: Snapshot) -> tuple[Finding, ...]:
        """What a check finds in a snapshot by itself."""
        return self.judge(snapshot).findings

    def _base(self, revision: str) -> Base:
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

    def _load(self, snapshot: Snapshot, kinds: Kinds, policy: Policy, progress: Progress) -> Ledger:
        return load(
            snapshot,
            kinds,
            cache=self._cache_file(),
            version=f"{__version__} {_build()} {policy.release_name} {policy.selects('SCH007')}",
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


def _cache_folder(environment: Mapping[str, str]) -> Path | None:
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
    folders: list[Path] = [here, here / "kind", here / "rules", here / "yamlfile"]
    times = [
        entry.stat().st_mtime_ns for folder in folders for entry in os.scandir(folder) if entry.name.endswith(".py")
    ]
    return str(max(times))
