"""A ledger where there is none yet: its settings and what editors need, beside whatever stands there already."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from opsledger import packaged
from opsledger.edit.creating import plan_new
from opsledger.edit.editors import SETTINGS, associations, merged_settings, schema_files
from opsledger.edit.plan import Plan, Write
from opsledger.errors import Refused
from opsledger.kind import Kinds
from opsledger.yamlfile import set_values, write

MARK = ".opsledger.yaml"
RECORDS = "records"
_PERSON = re.compile(r"(?P<name>[^<>\n]*[^<>\s])\s*<(?P<email>[^<>@\s]+@[^<>@\s]+)>")


def plan_init(
    kinds: Kinds, *, top: Path, root: Path, version: str, preset: str, protected: str, name: str = "", me: str = ""
) -> Plan:
    """
    Plan the files of a new ledger; every path in the plan is relative to the top of the work tree.

    Args:
        kinds: that the tool brings along.
        top: of the git work tree, which is what editors open.
        root: of the ledger, the top or a folder below it.
        version: of the tool that is to judge this ledger.
        preset: the packaged policy that holds where the ledger has none of its own.
        protected: the branch that others rely on.
        name: what people call the ledger, or empty.
        me: the first person, `Ada <ada@example.org>`, who then holds the roles of the preset; empty for nobody.

    Raises:
        Refused: a ledger stands there already, or around it; or nobody is called as `me` says.
    """
    _refuse_second(top, root)
    prefix = "" if root == top else f"{root.relative_to(top).as_posix()}/"
    settings = {"tool": version, "preset": preset, "protected": protected, **({"name": name} if name else {})}
    starters = _starters(preset)
    if me:
        starters |= _first_person(kinds, me, starters)
    # What stands there already is somebody's own, and stays.
    wanted = ((prefix + path, text) for path, text in starters.items() if not os.path.lexists(root / path))
    writes = [Write(prefix + MARK, None, write(settings)), *(Write(path, None, text) for path, text in wanted)]
    plan = plan_editors(kinds, top=top, prefix=prefix)
    return Plan((*writes, *plan.writes), (*plan.said, *_next_steps(prefix, me)))


def _starters(preset: str) -> dict[str, bytes]:
    """Return the records that a ledger of a preset starts with, by path."""
    try:
        found = packaged.files(f"presets/{preset}/{RECORDS}")
    except FileNotFoundError:
        return {}
    return {f"{RECORDS}/{path}": text for path, text in found.items()}


def _first_person(kinds: Kinds, me: str, starters: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the record of the first person, who holds every role and owns every model that the ledger starts with."""
    said = _PERSON.fullmatch(me.strip())
    if said is None:
        raise Refused(f"{me!r} names no person", "write it as git does: --me 'Ada <ada@example.org>'")
    roles = [Path(path).stem for path in starters if kinds.of_path(path) is kinds["role"]]
    data = {
        "name": said["name"], "type": "person", "state": "active",
        "identities": {"emails": [said["email"]]},
        "roles": [{"role": role} for role in roles],
    }  # fmt: skip
    party, plan = plan_new(kinds["party"], data, taken=(), year=1)
    person = {one.path: one.after for one in plan.writes if one.after is not None}
    return person | {
        path: set_values(text, {"/state": "published", "/owner": party}, order=kinds["model"].fields)
        for path, text in starters.items()
        if kinds.of_path(path) is kinds["model"]
    }


def refuse_preset(name: str) -> None:
    """Refuse a preset that does not travel with the tool."""
    known = sorted({path.partition("/")[0] for path in packaged.files("presets")})
    if name not in known:
        raise Refused(f"no preset is called {name!r}", f"choose one of {', '.join(known)}")


def plan_editors(kinds: Kinds, *, top: Path, prefix: str) -> Plan:
    """
    Plan the files by which editors complete and judge records, or bring them up to the schemas in force.

    Args:
        kinds: of the ledger.
        top: of the git work tree.
        prefix: where the ledger stands in it (`""` or `"sub/"`).
    """
    wanted: dict[str, bytes] = {prefix + path: text for path, text in schema_files(kinds).items()}
    schemas = associations(kinds, prefix)
    present = _present(top / SETTINGS)
    merged = merged_settings(present, schemas)
    said: tuple[str, ...] = ()
    if merged is None:
        said = (f"{SETTINGS} has comments or cannot be read, so it stays as it is;",
                "    opsledger kinds --editor vscode prints what to add to it")  # fmt: skip
    else:
        wanted[SETTINGS] = merged
    return Plan(tuple(_differing(top, wanted)), said)


def _differing(top: Path, wanted: Mapping[str, bytes]) -> Iterator[Write]:
    """Yield a write for each file that is not as it should be."""
    for path, text in sorted(wanted.items()):
        before = _present(top / path)
        if before != text:
            yield Write(path, before, text)


def _present(path: Path) -> bytes | None:
    """Return the bytes of a plain file, or None."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _refuse_second(top: Path, root: Path) -> None:
    """Refuse where a ledger is."""
    for folder in (root, *root.parents):
        mark = folder / MARK
        if os.path.lexists(mark):
            where = "here" if folder == root else f"in {os.path.relpath(folder, root)}"
            raise Refused(f"a ledger stands {where} already: {MARK}", "use it, or choose another directory with -C")
        if folder == top:
            return


def _next_steps(prefix: str, me: str) -> Iterator[str]:
    """Yield what to do first."""
    inside = f" -C {prefix.rstrip('/')}" if prefix else ""
    yield "next:"
    yield f"    opsledger{inside} kinds               what a ledger can hold"
    if me:
        yield f"    opsledger{inside} new party           a second person, who can approve what the first one writes"
    else:
        yield f"    opsledger{inside} new party           the first record of your own: somebody who can approve"
    yield f"    opsledger{inside} who ROL-approver    whose approval counts, and why"
    yield f"    opsledger{inside} check               judge what there is"
