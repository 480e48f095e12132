"""CODEOWNERS as GitHub reads it: the last line that matches decides, and a line with a fault is skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opsledger.codeowners.globs import Glob, NoGlob, gitignored, right_inside
from opsledger.codeowners.model import Dialect, Entry, Remark
from opsledger.codeowners.owners import Owners
from opsledger.finding import Severity

MOST_BYTES = 3_000_000
"""GitHub says *under 3 MB*; whichever megabyte it means, this is safe."""

_TOKEN = re.compile(r"(?a)(?:\\.|[^\s\\]|\\$)+")
_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_EMAIL = re.compile(r"(?a)[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")
_UNSAYABLE = "write the folders or files out, or use * and ?"


def parse_github(text: str) -> Owners:
    """What GitHub takes from a file."""
    if len(text.encode("utf-8", "surrogateescape")) >= MOST_BYTES:
        why = "the file has 3 MB or more, so GitHub loads none of it"
        return Owners(Dialect.GITHUB, (), (Remark(0, 1, why, "use wildcards in place of many lines"),), why)
    entries: list[Entry] = []
    remarks: list[Remark] = []
    last: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        found, said = _line(number, line)
        remarks += said
        if found is not None:
            remarks += _outdone(found, last)
            entries.append(found)
            last[found.text] = number
    return Owners(Dialect.GITHUB, tuple(entries), tuple(remarks))


def _line(number: int, line: str) -> tuple[Entry | None, list[Remark]]:
    """The rule of one line, if GitHub takes it for one, and what is odd about it."""
    tokens = [(found.start() + 1, found[0]) for found in _TOKEN.finditer(line)]
    if not tokens or tokens[0][1].startswith("#"):
        return None, []
    (column, pattern), *rest = tokens
    refused = _refused(pattern)
    if refused:
        return None, [Remark(number, column, *refused)]
    owners: list[str] = []
    for place, token in rest:
        if token.startswith("#"):
            break
        if not _OWNER.fullmatch(token) and not _EMAIL.fullmatch(token):
            said = f"{token} is neither an @user, an @organisation/team nor an e-mail address, so GitHub skips the line"
            return None, [Remark(number, place, said, "name an owner in one of these forms")]
        owners.append(token)
    try:
        glob = _glob(pattern)
    except NoGlob as why:
        said = f"GitHub skips this line: {why}"
        return None, [Remark(number, column, said, _UNSAYABLE)]
    entry = Entry(number, column, pattern, glob, tuple(dict.fromkeys(owners)))
    return entry, list(_odd(entry))


def _glob(pattern: str) -> Glob:
    # `docs/*` is about the files in docs/ alone, where a .gitignore would go on into its folders.
    if _is_shallow(pattern):
        return right_inside(pattern, has_classes=False)
    return gitignored(pattern, has_classes=False)


def _is_shallow(pattern: str) -> bool:
    return pattern.endswith("/*") and pattern != "**/*" and not pattern.endswith("/**/*")


def _refused(pattern: str) -> tuple[str, str] | None:
    """Why GitHub skips a line with this pattern, and what to do; `None` where it does not."""
    if pattern.startswith("!"):
        return "a pattern cannot be negated with ! at GitHub, which skips the line", (
            "put a line with other owners, or with none, behind the one it is an exception of"
        )
    if pattern.startswith("\\#"):
        return "\\# does not escape a pattern that starts with # at GitHub, which skips the line", (
            "name the folder that holds the file"
        )
    if "[" in pattern or "]" in pattern:
        return "brackets make no class of characters at GitHub, which skips the line", _UNSAYABLE
    if "***" in pattern:
        return "three stars in a row are no pattern at GitHub, which skips the line", "write ** or *"
    if "#" in pattern:
        return "what # means inside a pattern is nowhere written, so that nobody can rely on this line", (
            "name the folder that holds the file"
        )
    return None


def _odd(entry: Entry) -> Iterator[Remark]:
    """What GitHub reads otherwise than the line may be meant."""
    text = entry.text
    if text.strip("/") == "":
        yield Remark(entry.line, entry.column, f"{text} never matches anything", "write * for everything")
    elif text.startswith("@") or _EMAIL.fullmatch(text):
        said = f"{text} stands where the pattern belongs, so the line is about files of that name"
        yield Remark(entry.line, entry.column, said, "put a pattern before the owners")
    elif text.startswith(("./", "../")):
        said = f"{text} never matches: GitHub knows paths from the root of the repository only"
        yield Remark(entry.line, entry.column, said, f"write /{text.lstrip('./')}")
    elif not entry.owners:
        said = f"{text} has no owner, so changes of these files need nobody's approval"
        yield Remark(entry.line, entry.column, said, "name an owner, or remove the line", Severity.WARNING)
    if _is_shallow(text) and text != "/*":
        said = f"{text} is about the files right inside alone, and not about those in folders below"
        yield Remark(entry.line, entry.column, said, f"write {text[:-1]} for all of them", Severity.NOTE)


def _outdone(entry: Entry, last: Mapping[str, int]) -> Iterator[Remark]:
    """What an entry makes of those before it, of which each pattern is known with its last line."""
    if entry.text in last:
        said = f"line {last[entry.text]} has the same pattern, and GitHub asks only the owners of the last such line"
        yield Remark(entry.line, entry.column, said, "put all of their owners on one line", Severity.WARNING)
    elif entry.text in ("*", "**", "/**", "**/*") and last:
        said = f"{entry.text} is about every file, so that no line above it decides anything"
        yield Remark(entry.line, entry.column, said, "move it above the other lines", Severity.WARNING)
