"""The CODEOWNERS file that says at a forge what the roles say in the records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opsledger.codeowners.estates import Estate, Estates, People, estates_of, said
from opsledger.codeowners.model import Dialect
from opsledger.kind import Kinds

BEGIN = "# opsledger: what follows is generated, and every edit of it is lost"
END = "# opsledger: end of what is generated"


def generate(
    people: People,
    kinds: Kinds,
    dialect: Dialect,
    current: str | None = None,
    *,
    prefix: str = "",
    keeper: str = "",
    quorums: Mapping[str, int] | None = None,
) -> str:
    """
    The text of the file; the same records give the same text.

    What people wrote into it stays, above what is generated: at GitHub the last line decides, and no line of theirs
    may take a path away from those who judge.

    Args:
        current: the file as it is, or `None` where there is none.
        prefix: the ledger's root from the repository's; empty, or with a slash at its end.
        keeper: the role that owns what must be owned and no role's path covers.
        quorums: how many of a role must approve, where it is more than one; only GitLab can ask for it.
    """
    estates = estates_of(people, kinds, dialect, prefix=prefix, keeper=keeper)
    own = kept(current or "")
    lines = [*([*own, ""] if own else []), *_head(dialect), *_remarks(estates), *_body(estates, quorums or {}), END]
    return "\n".join(lines) + "\n"


def kept(current: str) -> list[str]:
    """What people wrote into a file, without what is generated and without blank lines around it."""
    lines = re.split(r"\r?\n", current)
    if BEGIN not in lines:
        return _trimmed(lines)
    start = lines.index(BEGIN)
    end = lines.index(END, start) + 1 if END in lines[start:] else len(lines)
    above, below = _trimmed(lines[:start]), _trimmed(lines[end:])
    return [*above, "", *below] if above and below else above or below


def _trimmed(lines: list[str]) -> list[str]:
    said = [index for index, line in enumerate(lines) if line.strip()]
    return lines[said[0] : said[-1] + 1] if said else []


def _head(dialect: Dialect) -> Iterator[str]:
    yield BEGIN
    yield f"# by `opsledger codeowners generate --dialect {dialect} --write`, from the roles under records/roles/."
    yield f"# {_manner(dialect)}"
    yield ""


def _manner(dialect: Dialect) -> str:
    """How the forge reads the lines, for whoever reads them too."""
    if dialect is Dialect.GITHUB:
        return "The last line that matches decides, and any one of its owners may approve."
    if dialect is Dialect.GITLAB:
        return "Every section that matches asks for its own approvals."
    return "Every line that matches asks its own owners."


def _remarks(estates: Estates) -> Iterator[str]:
    """What the file cannot say."""
    # As Python writes it, for a line break in it would start a line that counts.
    told = [f"# {one.role} also owns {one.text!r}, which cannot be said here: {one.why}." for one in estates.unsaid]
    told += [
        f"# Nobody owns {path}: no role has it, or the one that has it names no owner." for path in estates.unowned
    ]
    yield from [*told, ""] if told else []


def _body(estates: Estates, quorums: Mapping[str, int]) -> Iterator[str]:
    if estates.dialect is Dialect.GITLAB:
        yield from _sections(estates, quorums)
        return
    for pattern, roles, owners in _lines(estates):
        yield f"{pattern} {' '.join(owners)} # {', '.join(roles)}"


def _lines(estates: Estates) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each pattern once, with the roles behind it and all of their owners."""
    by_pattern: dict[str, list[Estate]] = {}
    for estate in estates.estates:
        for pattern in said(estate.area, estates.dialect):
            by_pattern.setdefault(pattern, []).append(estate)
            # What lies in a folder belongs to whoever owns the folder and whoever owns what is called like it.
            if estates.dialect is Dialect.GITHUB and estate.area.is_folder and estate.area.names:
                by_pattern[pattern] += [
                    other
                    for other in estates.estates
                    if other.area.names == estate.area.names and not other.area.is_folder
                ]
    for pattern, met in by_pattern.items():
        roles = sorted({estate.role for estate in met})
        owners = {owner: None for role in roles for estate in met if estate.role == role for owner in estate.owners}
        yield pattern, roles, list(owners)


def _sections(estates: Estates, quorums: Mapping[str, int]) -> Iterator[str]:
    by_role: dict[str, list[Estate]] = {}
    for estate in estates.estates:
        by_role.setdefault(estate.role, []).append(estate)
    for role, owned in sorted(by_role.items()):
        count = quorums.get(role, 1)
        yield f"[{role}]{f'[{count}]' if count > 1 else ''} {' '.join(owned[0].owners)}"
        yield from dict.fromkeys(pattern for estate in owned for pattern in said(estate.area, estates.dialect))
        yield ""
