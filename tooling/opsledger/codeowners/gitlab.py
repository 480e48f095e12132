"""CODEOWNERS as GitLab reads it: in sections, each of which asks by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsledger.codeowners.globs import Glob, NoGlob, everything, fnmatched
from opsledger.codeowners.model import Dialect, Entry, Remark
from opsledger.codeowners.owners import Owners
from opsledger.finding import Severity

_BLANKS = " \t\r\n\v\f\0"
_HEADING = re.compile(r"(?a)(?P<optional>\^)?\[(?P<name>[^\]]*)\](?:\[(?P<count>\d*)\])?(?P<owners>\s+[@\w.\-/\s+]*)?")
_PATTERN = re.compile(r"(?a)(?:\\\s|[^\s])+")
_BLANK = re.compile(r"(?a)\\\s+")
_NAME = re.compile(r"(?a)(?<![\w@])@(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)")
_EMAIL = re.compile(r"(?a)[^@\s]{1,100}@[^@\s]{1,255}(?<!\W)")
_ROLE = re.compile(r"(?i)@@(?:developer|maintainer|owner)s?")
_OWNER_SORTS = "a @user, a @group/subgroup, a @@role or an e-mail address"


@dataclass(frozen=True)
class _Section:
    name: str = ""
    is_optional: bool = False
    count: int = 1
    owners: tuple[str, ...] = ()


def parse_gitlab(text: str) -> Owners:
    """What GitLab takes from a file."""
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(_BLANKS)
        if stripped and not stripped.startswith("#"):
            reading.take(number, len(line) - len(line.lstrip(_BLANKS)) + 1, stripped)
    return Owners(Dialect.GITLAB, tuple(reading.entries), tuple(reading.remarks))


class _Reading:
    """What was read so far, and the section that the next line belongs to."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.remarks: list[Remark] = []
        self._section = _Section()
        self._headings: dict[str, _Section] = {}
        self._last: dict[tuple[str, str], int] = {}

    def take(self, line: int, column: int, text: str) -> None:
        """Read one line that is neither empty nor a comment."""
        heading = _HEADING.match(text)
        if heading is None:
            self._entry(line, column, text)
        else:
            self._heading(line, column, text, heading)

    def _say(self, line: int, column: int, message: str, fix: str, severity: Severity = Severity.ERROR) -> None:
        self.remarks.append(Remark(line, column, message, fix, severity))

    def _heading(self, line: int, column: int, text: str, found: re.Match[str]) -> None:
        count = int(found["count"] or 0) if len(found["count"] or "") < 6 else 0
        owners = tuple(_references(found["owners"] or ""))
        before = self._headings.get(found["name"].casefold())
        name = before.name if before else found["name"]
        self._section = _Section(name, bool(found["optional"]), max(1, count), owners)
        for message, fix in self._odd_heading(text, found, count, before):
            self._say(line, column, message, fix)
        self._headings.setdefault(name.casefold(), self._section)

    def _odd_heading(
        self, text: str, found: re.Match[str], count: int, before: _Section | None
    ) -> Iterator[tuple[str, str]]:
        """What GitLab makes of a heading that its writer may not expect."""
        rest = text[found.end() :]
        if not found["name"].strip():
            yield "GitLab does not allow a section without a name", "give it a name between the brackets"
        if rest.startswith("[") and not found["count"]:
            yield f"{rest} is no number of approvals, so GitLab asks for one", "write a whole number from 1 on"
        elif found["count"] is not None and not count:
            yield f"[{found['count']}] is read as one approval", "write [1], or a larger number"
        elif rest and not rest.startswith("["):
            said = f"GitLab takes this line for a heading and ignores {rest!r}"
            yield said, "escape the bracket with a backslash if it is a path; name owners with @"
        if found["optional"] and count:
            yield "an optional section cannot ask for a number of approvals", "remove the ^ or the number"
        if (found["owners"] or "").strip() and not self._section.owners:
            yield f"{found['owners'].strip()!r} names no owner that GitLab knows", f"name {_OWNER_SORTS}"
        if before is not None and before.is_optional != self._section.is_optional:
            yield (
                f"[{before.name}] stands twice, once optional and once not, and GitLab requires all of it",
                ("write both headings alike"),
            )

    def _entry(self, line: int, column: int, text: str) -> None:
        found = _PATTERN.match(text)
        pattern = found[0] if found else text
        rest = text[len(pattern) :].strip(_BLANKS)
        if re.match(r"\^?\[", pattern):
            # As a path it has a bracket without an end, and matches nothing.
            said = "GitLab cannot read this heading and takes the line for a path in the section above"
            self._say(line, column, said, "close the bracket of the heading")
            return
        excludes = pattern.startswith("!")
        owners = () if excludes else self._owners(line, column, pattern, rest, text)
        try:
            glob = _glob(pattern.removeprefix("!") if excludes else pattern)
        except NoGlob as why:
            self._say(line, column, f"{pattern} matches nothing at GitLab: {why}", "correct the pattern")
            return
        entry = Entry(
            line, column, pattern, glob, owners, self._section.name, self._section.count,
            self._section.is_optional, excludes,
        )  # fmt: skip
        self._say_odd(entry)
        self.entries.append(entry)

    def _owners(self, line: int, column: int, pattern: str, rest: str, text: str) -> tuple[str, ...]:
        if not rest:
            if not self._section.owners:
                said = f"{pattern} has no owner, so GitLab approves changes of it by itself"
                self._say(line, column, said, "name an owner, or exclude it with ! if that is meant")
            return self._section.owners
        place = column + text.index(rest, len(pattern))
        for token in re.finditer(r"\S+", rest):
            if token[0].startswith("#"):
                said = "GitLab knows no comments behind owners, and asks whoever is named in this one"
                self._say(line, place + token.start(), said, "put the comment on a line of its own")
                break
            if not list(_references(token[0])):
                said = f"GitLab ignores {token[0]}, which is no owner"
                self._say(line, place + token.start(), said, f"name {_OWNER_SORTS}")
        owners = tuple(_references(rest))
        if not owners:
            said = f"no owner is left of {rest!r}, so GitLab approves changes of {pattern} by itself"
            self._say(line, place, said, f"name {_OWNER_SORTS}")
        return owners

    def _say_odd(self, entry: Entry) -> None:
        text = entry.text
        same, barred = self._last.get((entry.section, text)), self._last.get((entry.section, f"!{text}"))
        if same:
            said = f"line {same} has the same pattern in this section, and GitLab uses the last one"
            self._say(entry.line, entry.column, said, "keep one of the two lines", Severity.WARNING)
        if barred:
            said = f"line {barred} excludes {text} from this section, and nothing takes it in again"
            self._say(entry.line, entry.column, said, "move it to another section", Severity.WARNING)
        self._last[entry.section, text] = entry.line
        if text.endswith("/**"):
            said = f"{text} is about the files right inside alone: ** goes through folders only before a slash"
            self._say(entry.line, entry.column, said, f"write {text[:-2]} for all of them", Severity.WARNING)


def _glob(pattern: str) -> Glob:
    """The pattern as GitLab completes it: from the root, and with all that a folder holds."""
    if pattern == "*":
        return everything()
    plain = _BLANK.sub(" ", pattern.removeprefix("\\") if pattern.startswith("\\#") else pattern)
    if not plain.startswith("/"):
        plain = f"/**/{plain}"
    return fnmatched(f"{plain}**/*" if plain.endswith("/") else plain)


def _references(text: str) -> Iterator[str]:
    """The owners that GitLab finds in a text, in the order of the text and each once."""
    found = [(one.start(), one[0]) for one in _EMAIL.finditer(text)]
    found += [(one.start(), f"@{one['name'].rstrip('.')}") for one in _NAME.finditer(text)]
    found += [(one.start(), one[0]) for one in re.finditer(r"\S+", text) if _ROLE.fullmatch(one[0])]
    yield from dict.fromkeys(owner for _, owner in sorted(found))
