"""One cause, one finding: which findings follow from another and are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Found
from opsledger.steps import Step

UNFIT = frozenset({"SCH009", "SCH010"})
SHAPE = frozenset({"SCH001", "SCH005", "SCH006"})
BROKEN_LINK = frozenset({"LNK101", "LNK102"})
OF_LINKS = frozenset({"LNK101", "LNK102", "LNK103", "LNK109", "LNK113", "LNK114"})
OF_STATE = frozenset({"LCY202", "LCY203", "LCY207", "LCY208"})


@dataclass(frozen=True)
class Quiet:
    """
    The causes among some findings.

    Args:
        unfit: files that cannot be read or that no record may be.
        twins: files whose id another file has as well.
        deleted: ids of records that were deleted.
        shape: file to the pointers at which its schema refuses it.
        broken: file to the pointers of links that lead nowhere or to another kind.
        ends: ids at either end of such a link.
        undeclared: name spaces and values that only deleted records declared.
        strayed: file whose state made an illegal move, to the codes that its kind's states ask.
        strays: the ids of the records in those files.
    """

    unfit: frozenset[str]
    twins: frozenset[str]
    deleted: frozenset[str]
    shape: Mapping[str, frozenset[str]]
    broken: Mapping[str, frozenset[str]]
    ends: frozenset[str]
    undeclared: frozenset[str]
    strayed: Mapping[str, frozenset[str]]
    strays: frozenset[str]

    @classmethod
    def of(cls, ledger: Ledger, found: Iterable[Found], steps: Iterable[Step] = ()) -> Quiet:
        """Gather the causes among what was found in a ledger and in the steps that led to it."""
        unfit, twins, deleted, ends = set(), set(), set(), set()
        shape: defaultdict[str, set[str]] = defaultdict(set)
        broken: defaultdict[str, set[str]] = defaultdict(set)
        strayed: dict[str, frozenset[str]] = {}
        for one in found:
            code = one.fault.code
            if code in UNFIT:
                unfit.add(one.path)
            elif code == "SCH003":
                twins.add(one.path)
            elif code in SHAPE:
                shape[one.path].add(one.fault.pointer)
            elif code in BROKEN_LINK:
                broken[one.path].add(one.fault.pointer)
                record = ledger.at_path(one.path)
                ends |= {one.about, record.id if record else ""}
            elif code == "LCY204" and one.about:
                deleted.add(one.about)
            elif code == "LCY201":
                strayed[one.path] = OF_STATE | _asked(ledger, one.path)
        return cls(
            frozenset(unfit),
            frozenset(twins),
            frozenset(deleted),
            _frozen(shape),
            _frozen(broken),
            frozenset(ends),
            _declared(step.before for step in steps if step.after is None),
            strayed,
            frozenset(record.id for path in strayed if (record := ledger.at_path(path))),
        )


def _declared(records: Iterable[Record | None]) -> frozenset[str]:
    """What records declare, as name space and value."""
    marks = (mark for record in records if record is not None for mark in record.kind.marks(record.data))
    return frozenset(f"{mark.space} {text}" for _, text, mark in marks if mark.sort == "declares")


def _asked(ledger: Ledger, path: str) -> frozenset[str]:
    """The codes that the states of a record's kind ask for."""
    kind = ledger.kinds.of_path(path)
    asked = kind.lifecycle.requires if kind and kind.lifecycle else ()
    return frozenset(requirement.code for requirement in asked)


def _frozen(pointers: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {path: frozenset(found) for path, found in pointers.items()}


def silenced(one: Found, quiet: Quiet) -> bool:
    """Whether a finding is a consequence of another one."""
    code, pointer = one.fault.code, one.fault.pointer
    if quiet.unfit and _lies_in(one, quiet.unfit):
        return True
    if (code == "SCH002" and one.path in quiet.twins) or (one.about and _is_gone(one, quiet)):
        return True
    if code not in UNFIT | SHAPE and _below(pointer, quiet.shape.get(one.path, frozenset())):
        return True
    if code in ("LNK109", "LNK113") and one.about in quiet.ends:
        return True
    # A closed record whose reference was misspelt was edited too, but to restore the one is to restore the other.
    if code in ("LNK109", "LNK113", "LCY203") and pointer in quiet.broken.get(one.path, ()):
        return True
    return code in quiet.strayed.get(one.path, ())


def _is_gone(one: Found, quiet: Quiet) -> bool:
    """Whether what a finding speaks of was deleted, or moved as it may not."""
    match one.fault.code:
        case "LNK105":
            return one.about in quiet.undeclared
        case "LCY208":
            return quiet.strays.issuperset(one.about.split())
        case "LNK103":
            return not (quiet.strays | quiet.deleted | quiet.ends).isdisjoint(one.about.split())
        case code:
            return code in OF_LINKS and one.about in quiet.deleted


def _lies_in(one: Found, unfit: frozenset[str]) -> bool:
    """Whether a finding is about a file that is none, or about one inside a folder that may not be there."""
    if one.path in unfit:
        return one.fault.code not in UNFIT
    return any(one.path[:end] in unfit for end, character in enumerate(one.path) if character == "/")


def _below(pointer: str, causes: frozenset[str]) -> bool:
    """Whether a pointer is one of the causes or stands below one."""
    return any(pointer == cause or pointer.startswith(f"{cause}/") for cause in causes if cause or not pointer)
