"""How evidence is imported: reports are read, their records made and judged, then written or landed in a lane."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePath

from opsledger.adapters.evidence import MOST_BYTES, read_report
from opsledger.adapters.evidence.tying import Ties, tied_by, ties_in
from opsledger.adapters.forges import plain_address
from opsledger.api import Book, kinds_of
from opsledger.cli.brought import bytes_brought
from opsledger.cli.caller import Caller
from opsledger.cli.gathering import Errand
from opsledger.cli.screen import show, tell, watched
from opsledger.cli.writing import finish
from opsledger.edit.evidence import NotRead, Reading
from opsledger.edit.gathering import INLINE_KB, Clerk, Gathered, Keeping, Stated, Upload, plan_of
from opsledger.edit.judging import accept
from opsledger.edit.plan import Plan
from opsledger.errors import Refused
from opsledger.finding import Finding, Place
from opsledger.ledger import Ledger
from opsledger.policy import policy_of, settings_of
from opsledger.report.plain import counted, escape
from opsledger.store import Snapshot

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_RUN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}/[!-~]{1,150}")
_DAY = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True)
class Brought:
    """One report: the name of its file, its bytes, and what it says."""

    name: str
    content: bytes
    reading: Reading


def completed(caller: Caller, stated: Stated, package: str) -> Stated:
    """
    Add to what was said what the pipeline says that this runs in, and the fingerprint of the package.

    Args:
        package: its file, or empty.

    Raises:
        Refused: something said is not what it should be.
    """
    if stated.digest and not _DIGEST.fullmatch(stated.digest):
        said = f"{stated.digest!r} is no fingerprint of a package"
        raise Refused(said, "write sha256: and its 64 digits, or give --package")
    if stated.run and not _RUN.fullmatch(stated.run):
        raise Refused(f"{stated.run!r} names no run of a pipeline", "write SYSTEM/ID, such as github/17342001")
    if stated.kept_until and not _DAY.fullmatch(stated.kept_until):
        raise Refused(f"{stated.kept_until!r} is no day", "write it as 2031-12-31")
    own = _digest_of(caller, package) if package else ""
    if stated.digest and own and stated.digest != own:
        said = f"{package} has the fingerprint {own}, and not {stated.digest}"
        raise Refused(said, "give one of --package and --package-digest")
    around = caller.environment
    return replace(
        stated, digest=stated.digest or own, checked_out=_commit(around), run=stated.run or _run(around)
    )  # fmt: skip


def carried_out(caller: Caller, errand: Errand) -> int:
    """
    Import the reports: all of them, or none where one cannot be read.

    Returns:
        0 when the records stand, 1 when a report cannot be read.
    """
    try:
        with caller.book() as book, watched("reading") as progress:
            ties = _ties(caller, errand.case_map)
            reports = [_brought(caller, errand, name, ties) for name in errand.files]
            faults = [one for one in reports if isinstance(one, Finding)]
            if faults:
                return _told(faults)
            whole = [one for one in reports if isinstance(one, Brought)]
            progress(len(whole), len(whole), "reports")
            return _kept(caller, book, errand, whole)
    except _Contradicted as fault:
        return _told([fault.finding])


def gathered(
    caller: Caller, errand: Errand, snapshot: Snapshot, ledger: Ledger, reports: Sequence[Brought]
) -> list[Gathered]:
    """Make the records of the reports, for a ledger as it stands in a snapshot."""
    titles = {record.id: str(record.get("title") or record.id) for record in ledger.of("ci")}
    stated = errand.stated if errand.stated.cis else replace(errand.stated, cis=_components(caller, ledger))
    clerk = Clerk(ledger.kinds, snapshot, titles, _keeping(snapshot), caller.now)
    made = []
    for one in reports:
        try:
            found = clerk.evidence(one.reading, one.content, PurePath(one.name).name, stated)
            made.append(clerk.baseline(found, one.reading, stated) if errand.is_baseline else found)
        except NotRead as fault:
            raise _Contradicted(_finding(one.name, fault)) from None
    return made


def _kept(caller: Caller, book: Book, errand: Errand, reports: Sequence[Brought]) -> int:
    """Write the records, here or in the lane."""
    if errand.remote is not None and not errand.dry_run:
        from opsledger.cli.gathering_push import landed

        number = landed(caller, book, errand, reports)
        show([number or "nothing new: the ledger holds it already"])
        return 0
    ledger = book.ledger()
    snapshot = ledger.snapshot
    made = gathered(caller, errand, snapshot, ledger, reports)
    plan = plan_of(made, snapshot)
    for finding in accept(snapshot, plan, lambda planned: book.judge(planned, most=None).findings):
        tell(f"note: {finding.place}: {finding.code} {escape(finding.message)}")
    for id in dict.fromkeys(id for one in made for id in one.known):
        tell(f"note: {escape(id)} stands already and is left as it is")
    if not plan.writes:
        show(["nothing new: the ledger holds it already"])
        return 0
    if not errand.dry_run:
        store(caller, [upload for one in made for upload in one.uploads])
    finish(_readable(plan) if errand.dry_run else plan, book.repository.root, dry_run=errand.dry_run)
    return 0


def store(caller: Caller, uploads: Sequence[Upload]) -> None:
    """Put long reports into the store, before a record speaks of them."""
    if uploads:
        from opsledger.adapters.evidence.store import keep
        from opsledger.cli.reaching import transport_of

        for upload in dict.fromkeys(uploads):
            keep(upload, transport_of(caller.environment))


def _readable(plan: Plan) -> Plan:
    """Without the reports themselves, which nobody wants to see on a screen; their names are told."""
    shown = tuple(one for one in plan.writes if one.path.startswith("records/"))
    return Plan(shown, tuple(f"would write {one.path}" for one in plan.writes if one not in shown))


class _Contradicted(Exception):
    """A report says something else than what was said of it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def _finding(name: str, fault: NotRead) -> Finding:
    return Finding(Place(name, *fault.place), fault.code, fault.sentence, fault.fix)


def _told(faults: Sequence[Finding]) -> int:
    for one in faults:
        tell(f"{escape(str(one.place))}: {one.code} {escape(one.message)}")
        tell(f"    fix: {escape(one.fix)}")
    tell(f"{counted(len(faults), 'report')} cannot be imported, so nothing was written")
    return 1


def _brought(caller: Caller, errand: Errand, name: str, ties: Ties) -> Brought | Finding:
    content = bytes_brought(caller, name, most=MOST_BYTES, what="report")
    found = read_report(errand.form, content, name)
    return found if isinstance(found, Finding) else Brought(name, content, tied_by(ties, found))


def _ties(caller: Caller, file: str) -> Ties:
    if not file:
        return ()
    try:
        return ties_in(bytes_brought(caller, file, most=1 << 20, what="map of cases"))
    except NotRead as fault:
        raise _Contradicted(_finding(file, fault)) from None


def _keeping(snapshot: Snapshot) -> Keeping:
    """Where the policy keeps reports."""
    policy = policy_of(snapshot, kinds_of(snapshot), settings_of(snapshot).preset)
    most, years = policy.at("evidence", "inline_max_kb"), policy.at("evidence", "store_years")
    return Keeping(
        most if isinstance(most, int | float) else INLINE_KB,
        str(policy.at("evidence", "store", default="")),
        float(years) if isinstance(years, int | float) else None,
    )


def _components(caller: Caller, ledger: Ledger) -> tuple[str, ...]:
    """The one component whose source is the repository that this pipeline is of, where the environment says which."""
    address = _repository(caller.environment)
    if not address:
        return ()
    found = tuple(one.id for one in ledger.of("ci") if plain_address(str(one.get("repository") or "")) == address)
    if len(found) > 1:
        tell(f"note: {', '.join(map(escape, found))} all come from {escape(address)}: say with --ci which it is about")
        return ()
    return found


def _repository(environment: Mapping[str, str]) -> str:
    if environment.get("GITHUB_REPOSITORY"):
        server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
        return plain_address(f"{server}/{environment['GITHUB_REPOSITORY']}")
    return plain_address(environment.get("CI_PROJECT_URL", ""))


def _run(environment: Mapping[str, str]) -> str:
    for name, system in (("GITHUB_RUN_ID", "github"), ("CI_PIPELINE_ID", "gitlab")):
        found = f"{system}/{environment.get(name, '')}"
        if _RUN.fullmatch(found):
            return found
    return ""


def _commit(environment: Mapping[str, str]) -> str:
    found = environment.get("GITHUB_SHA") or environment.get("CI_COMMIT_SHA") or ""
    return found if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", found) else ""


def _digest_of(caller: Caller, file: str) -> str:
    try:
        made = sha256()
        with (caller.directory / file).open("rb") as opened:
            while piece := opened.read(1 << 20):
                made.update(piece)
    except OSError as failure:
        why = (failure.strerror or "the machine refused").lower()
        raise Refused(f"no package can be read from {file}: {why}", "name a file that is there") from None
    return f"sha256:{made.hexdigest()}"
