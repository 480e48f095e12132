"""SARIF 2.1.0 logs: what a scanner found, each with its place and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsledger.adapters.evidence.cyclonedx import result_of
from opsledger.adapters.evidence.json_text import place_of, read_json
from opsledger.adapters.evidence.words import commit, line, mappings, moment
from opsledger.edit.evidence import Issue, NotRead, Reading

_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": ""}
_ORDER = ("critical", "high", "medium", "low", "")
_SEVERITIES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
_NOT_FOUND = ("pass", "notApplicable", "informational")


def read(data: bytes) -> Reading:
    """
    Read a log.

    A scan failed where something of severity high or critical is open (an `error` is high, unless the rule gives a
    `security-severity`), or where the tool says that it did not run to its end.

    Raises:
        NotRead: it is none.
    """
    found = read_json(data, "a SARIF log")
    if found.get("version") != "2.1.0" or not isinstance(found.get("runs"), list):
        said = f"the file is not a SARIF log of version 2.1.0: its version is {line(str(found.get('version')), 20)}"
        raise NotRead(said, "have the scanner write SARIF 2.1.0", place=place_of(data, "version"))
    runs = list(mappings(found["runs"]))
    if not runs:
        raise NotRead("the log holds no run, so nobody knows whether anything was scanned",
                      "look whether the scanner ran to its end", place=place_of(data, "runs"))  # fmt: skip
    results = [(run, one) for run in runs for one in mappings(run.get("results"))]
    open_ones = [(run, one) for run, one in results if _is_open(one)]
    issues = sorted(
        (_issue(run, one) for run, one in open_ones), key=lambda one: (_ORDER.index(one.severity), one.issue)
    )
    return _reading(runs, tuple(issues), len(results) - len(open_ones))


def _reading(runs: list[Mapping[str, Any]], issues: tuple[Issue, ...], settled: int) -> Reading:
    calls = [one for run in runs for one in mappings(run.get("invocations"))]
    broken = [one for one in calls if one.get("executionSuccessful") is False]
    silent = [run for run in runs if not isinstance(run.get("results"), list)]
    ends = [found for one in calls if (found := moment(one.get("endTimeUtc"))[0])]
    tools = dict.fromkeys(filter(None, (_tool(run) for run in runs)))
    commits = dict.fromkeys(
        filter(None, (commit(one.get("revisionId")) for run in runs
                      for one in mappings(run.get("versionControlProvenance"))))
    )  # fmt: skip
    notes = [f"{settled:,} results are suppressed, gone or no findings; the file says which."] if settled else []
    if broken:
        notes.append("The scanner says that it did not run to its end.")
    if silent:
        notes.append(f"{len(silent):,} runs hold no list of results, so they looked at nothing.")
    named = line(", ".join(tools), 120)
    is_undone = broken or len(silent) == len(runs)
    return Reading(
        "sarif", "scan", f"Scan ({named})" if named else "Scan", "failed" if is_undone else result_of(issues),
        "application/sarif+json", max(ends, default=None), commit=next(iter(commits)) if len(commits) == 1 else "",
        issues=issues, counts={"results": len(issues)}, notes=tuple(notes),
    )  # fmt: skip


def _is_open(result: Mapping[str, Any]) -> bool:
    if result.get("kind", "fail") in _NOT_FOUND or result.get("baselineState") == "absent":
        return False
    return not any(one.get("status", "accepted") == "accepted" for one in mappings(result.get("suppressions")))


def _issue(run: Mapping[str, Any], result: Mapping[str, Any]) -> Issue:
    rule = _rule(run, result)
    message = result.get("message")
    words = line(message.get("text") if isinstance(message, dict) else None, 140)
    name = line(result.get("ruleId") or rule.get("id"), 60) or "no rule"
    where = _where(result)
    return Issue(line(f"{name}: {words}" if words else name, 240 - len(where)) + where, _severity(rule, result))


def _rule(run: Mapping[str, Any], result: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = list(mappings(_mapping(_mapping(run.get("tool")).get("driver")).get("rules")))
    index = result.get("ruleIndex", _mapping(result.get("rule")).get("index"))
    if isinstance(index, int) and 0 <= index < len(rules):
        return rules[index]
    return next((one for one in rules if one.get("id") == result.get("ruleId")), {})


def _severity(rule: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    for one in (result, rule):
        stated = _mapping(one.get("properties")).get("security-severity")
        try:
            score = float(stated) if isinstance(stated, str | int | float) else -1.0
        except ValueError:
            continue
        if score >= 0:
            return next((word for least, word in _SEVERITIES if score >= least), "")
    level = result.get("level") or _mapping(rule.get("defaultConfiguration")).get("level") or "warning"
    return _LEVELS.get(level, "medium") if isinstance(level, str) else "medium"


def _where(result: Mapping[str, Any]) -> str:
    first = next(mappings(result.get("locations")), {})
    physical = _mapping(first.get("physicalLocation"))
    path = line(_mapping(physical.get("artifactLocation")).get("uri"), 80)
    number = _mapping(physical.get("region")).get("startLine")
    return f" ({path}{f':{number}' if isinstance(number, int) else ''})" if path else ""


def _tool(run: Mapping[str, Any]) -> str:
    driver = _mapping(_mapping(run.get("tool")).get("driver"))
    return " ".join(filter(None, (line(driver.get("name"), 60), line(driver.get("version"), 30))))


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}
