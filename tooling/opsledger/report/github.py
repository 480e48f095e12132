"""A judgement as workflow commands, from which GitHub and Forgejo make annotations beside the lines of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsledger.finding import Finding, Severity
from opsledger.report.plain import escape
from opsledger.report.text import summary

if TYPE_CHECKING:
    from opsledger.check import Judgement

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github(judgement: Judgement, *, prefix: str = "") -> Iterator[str]:
    """
    Yield one workflow command a finding, and a last line for people.

    GitHub shows ten annotations of each sort and step, so the first of each sort are those that count most: they
    come in the order of files, errors before warnings before notices.

    Args:
        judgement: what a check says.
        prefix: where the ledger stands in its repository (`""` or `"sub/"`); annotations want paths from the top.
    """
    for missing in judgement.undecided:
        yield f"::error title=undecided::{_data(missing)}"
    for finding in sorted(judgement.findings, key=lambda one: (-one.severity, one)):
        yield _command(finding, prefix)
    for note in judgement.notes:
        yield f"::notice title=note::{_data(note)}"
    yield summary(judgement)


def _command(finding: Finding, prefix: str) -> str:
    """Return a finding as a command; its fix stands on a line of its own in the annotation."""
    place = finding.place
    properties = {
        "file": _property(prefix + place.path), "line": str(place.line), "col": str(place.column),
        "title": _property(finding.code),
    }  # fmt: skip
    stated = ",".join(f"{name}={value}" for name, value in properties.items())
    fix = f"%0Afix: {_data(finding.fix)}" if finding.fix else ""
    return f"::{_COMMANDS[finding.severity]} {stated}::{_data(finding.message)}{fix}"


def _data(text: str) -> str:
    """Return a text as the part of a command behind its second pair of colons."""
    return escape(text).translate(_DATA)


def _property(text: str) -> str:
    """Return a text as the value of a property, in which a comma or a colon would end it."""
    return escape(text).translate(_PROPERTY)
