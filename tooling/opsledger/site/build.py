"""`opsledger site build`: the whole site from one ledger, page by page, the same bytes for the same commit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from markupsafe import escape

from opsledger import packaged
from opsledger.errors import Refused
from opsledger.finding import Progress, silent
from opsledger.gate.ahead import Hearing
from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Rule
from opsledger.site import lookup
from opsledger.site.atlas import Atlas, home
from opsledger.site.exceptions import GROUPS, Waived, exceptions_in
from opsledger.site.heard import aheads_in, standings_of, unheard_in, uses_of
from opsledger.site.known_errors import known_error
from opsledger.site.lists import Listing
from opsledger.site.matrix import matrix
from opsledger.site.overviews import Tally, recent, tallies
from opsledger.site.planned import ADDRESS as _CALENDAR
from opsledger.site.planned import write_calendar
from opsledger.site.press import SCHEMA_VERSION, Press, as_json, guests_in, templates_in
from opsledger.site.records import Pages, shapes
from opsledger.site.reference import title_of, write_kinds, write_rules
from opsledger.site.shell import Nav, frame
from opsledger.site.shipped import ADDRESS as _SHIPPED
from opsledger.site.shipped import TITLE as _SHIPPED_TITLE
from opsledger.site.shipped import passages_in, write_shipped
from opsledger.site.slugs import slug
from opsledger.site.sources import Built, Trails
from opsledger.site.text import minute, opening

MANIFEST = "manifest.json"
_BATCH = 500
_MATRIX, _ERRORS = "overviews/release-problem", "overviews/known-errors"
_EXCEPTIONS = "overviews/exceptions"
_FILLED = ("records/index", _MATRIX, _ERRORS, _CALENDAR, _EXCEPTIONS, _SHIPPED, "kinds/index", "rules/index")

Counted = Sequence[tuple[str, list[Tally]]]


def build(
    ledger: Ledger,
    trails: Trails | None,
    rules: Sequence[Rule],
    target: Path,
    *,
    field_history: bool = True,
    progress: Progress = silent,
    sources: Mapping[str, bytes] | None = None,
    hearing: Hearing | None = None,
) -> Built:
    """
    Write the site of a ledger into a folder, in place of the site that stood there.

    Args:
        trails: file to the commits that touched it, newest first; `None` where the history cannot be read.
        rules: the rules that the reference explains.
        target: a folder that does not exist, is empty, or holds an earlier site.
        field_history: whether the history says which fields went from what to what; commits alone are quicker.
        sources: the files of `site/`, or `None` for those that travel with the tool.
        hearing: asks the next gates of releases, at the ledger's commit; `None` where nobody could ask them again.

    Raises:
        Refused: the target holds something else, or a template of the ledger cannot be filled.
    """
    target = target.absolute()
    _refuse_what_is_not_ours(target)
    sources = packaged.files("site") if sources is None else sources
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".opsledger-site-", dir=target.parent) as folder:
        fresh = Path(folder, "site")
        fresh.mkdir()
        press, atlas, counted = _begin(ledger, fresh, sources)
        pages = Pages(
            ledger, atlas, press, trails,
            field_history=field_history and ledger.snapshot.commit is not None,
            at=ledger.snapshot.commit or "HEAD",
            aheads=aheads_in(ledger, hearing),
            unheard=unheard_in(ledger) if hearing is None else (),
            passages=passages_in(ledger),
            titles={rule.code: title_of(rule) for rule in rules},
        )  # fmt: skip
        _fill(pages, rules, sources, counted, progress)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return Built(press.pages, len(atlas), press.files)


def _refuse_what_is_not_ours(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise Refused(f"{target} is no folder", "name a folder that does not exist yet")
    if target.is_dir() and any(target.iterdir()) and not _is_site(target):
        raise Refused(
            f"{target} holds files that no site build wrote", "name an empty folder, or one that does not exist yet"
        )


def _is_site(folder: Path) -> bool:
    """Whether a build of ours wrote the folder: others have a file of that name as well."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and {"files", "schema_version", "snapshot"} == set(told)


def _begin(ledger: Ledger, target: Path, sources: Mapping[str, bytes]) -> tuple[Press, Atlas, Counted]:
    """Build the frame, and write what needs no more than that."""
    atlas = Atlas(ledger)
    counted = tallies(ledger, atlas)
    facts = _snapshot(ledger)
    lists = [f"{home(kind)}/index" for kind in ledger.kinds.values()]
    framed = frame(sources, _navigation(ledger, counted), [*_FILLED, *lists], _foot(facts))
    press = Press(
        target,
        framed.shells,
        templates_in(sources),
        guests_in(ledger.snapshot.files, ledger.kinds, ledger.snapshot.read),
        context={"snapshot": facts},
        twin={"snapshot": facts, "schema_version": SCHEMA_VERSION},
    )
    for path, content in framed.files.items():
        press.put(path, content)
    press.pages += sum(path.endswith(".html") for path in framed.files)
    return press, atlas, counted


def _fill(
    pages: Pages, rules: Sequence[Rule], sources: Mapping[str, bytes], counted: Counted, progress: Progress
) -> None:
    """Write every page that the frame holds no text of, then what lists them all."""
    ledger, atlas, press = pages.ledger, pages.atlas, pages.press
    errors = _write_records(pages, progress)
    write_kinds(ledger, atlas, shapes(ledger), press, tallies=counted, explained={rule.code for rule in rules})
    write_rules(rules, press)
    _write_overviews(ledger, atlas, press, errors)
    write_calendar(ledger, atlas, press)
    pressing = _write_exceptions(pages)
    owed = write_shipped(pages.passages, atlas, press, pages.titles)
    told = {"kinds": {name: dict(states) for name, states in atlas.counts.items()}}
    standings = standings_of(pages.aheads, atlas)
    total = len(atlas)
    press.page("records/index", "records", "Records", told, families=counted, total=total)
    press.page(
        "index", "today", "Today", told | {"next_gates": [one.twin for one in standings]},
        families=counted, total=total, recent=recent(pages.trails, atlas),
        has_history=pages.trails is not None, unreadable=_unreadable(ledger, atlas),
        pressing=pressing, owed=[(one, atlas.of(one.record)) for one in owed],
        standings=standings,
    )  # fmt: skip
    found = chain(
        lookup.of_guide(sources),
        lookup.of_kinds(ledger.kinds.values()),
        lookup.of_rules(rules),
        lookup.of_records(atlas.entries()),
    )
    press.put("assets/index.js", f"opsledgerIndex(-1,{lookup.write(found, press)});\n".encode())
    manifest = {"schema_version": SCHEMA_VERSION, "snapshot": press.context["snapshot"], "files": press.files}
    press.put(MANIFEST, as_json(manifest))


def _snapshot(ledger: Ledger) -> dict[str, Any]:
    """What every page says of where it comes from: the commit and the commit's own time, never the clock."""
    snapshot = ledger.snapshot
    return {
        "commit": snapshot.commit,
        "name": snapshot.name,
        "short": snapshot.commit[:10] if snapshot.commit else snapshot.name,
        "when": snapshot.when.isoformat() if snapshot.when else None,
        "time": minute(snapshot.when) if snapshot.when else "not committed yet",
        "records": len(ledger),
    }


def _foot(facts: Mapping[str, Any]) -> str:
    where = f"commit {facts['commit']}" if facts["commit"] else str(facts["name"])
    return str(escape(f"This ledger as of {where}, {facts['time']}"))


_PIPELINE = [
    {"Import evidence": "importing-evidence.md"},
    {"What a gate asks of it": "evidence-and-deployments.md"},
    {"Deploy": "deploying.md"},
    {"One ledger for sixty repositories": "sixty-repositories.md"},
]
_APPROVALS = [
    {"In ten minutes": "set-up-approvals.md"},
    {"What an approval is": "approvals.md"},
    {"Gates": "gates.md"},
    {"Exceptions": "exceptions.md"},
    {"People and roles": "people.md"},
    {"Code owners": "codeowners.md"},
    {"The comment": "reading-the-comment.md"},
    {"What your forge guards": "forges.md"},
    {"A server of your own": "self-hosted.md"},
]


def _navigation(ledger: Ledger, counted: Counted) -> Nav:
    kinds = ledger.kinds
    families = [
        {family: [{opening(kinds[tally.name].plural): f"{home(kinds[tally.name])}/index.md"} for tally in group]}
        for family, group in counted
    ]
    return [
        {"Today": "index.md"},
        {"Records": [{"All records": "records/index.md"}, *families]},
        {
            "Overviews": [
                {"Releases and problems": f"{_MATRIX}.md"},
                {"Known errors": f"{_ERRORS}.md"},
                {"Calendar": f"{_CALENDAR}.md"},
                {"Exceptions": f"{_EXCEPTIONS}.md"},
                {_SHIPPED_TITLE: f"{_SHIPPED}.md"},
            ]
        },
        {
            "Reference": [
                {"Kinds": "kinds/index.md"},
                {"Rules": "rules/index.md"},
                {"Concepts": "concepts.md"},
                {"Glossary": "glossary.md"},
            ]
        },
        {
            "Guide": [
                {"Ship on Thursday": "ship-on-thursday.md"},
                {"Propose a release": "teams.md"},
                {"Bring in what exists": "moving-in.md"},
                {"Run it in CI": "ci.md"},
                {"The pipeline": _PIPELINE},
                {"Calendar": "calendar.md"},
                {"Policy": "policy.md"},
                {"Read it as an auditor": "auditors.md"},
                {"Extend it": [{"A kind, a field, a page": "extend.md"}, {"Templates": "templates.md"}]},
                {"Approvals": _APPROVALS},
            ]
        },
    ]


def _write_records(pages: Pages, progress: Progress) -> list[Any]:
    """Write every record's page, and the lists as their kinds are done; what is known of problems comes back."""
    ledger, total, done = pages.ledger, len(pages.atlas), 0
    shaped, errors = shapes(ledger), []
    for name, kind in ledger.kinds.items():
        listing = Listing(kind, shaped[name])
        for record, data in _with_data(ledger, ledger.of(name)):
            entry = pages.atlas.of(record)
            pages.write(record, data, shaped[name])
            trail = pages.trails.get(record.path, ()) if pages.trails is not None else ()
            listing.add(entry, data, minute(trail[0].when) if trail else "")
            if name == "problem" and (error := known_error(entry, data)) is not None:
                errors.append(error)
            done += 1
            progress(done, total, "pages")
        listing.write(pages.atlas, pages.press)
    return errors


def _with_data(ledger: Ledger, records: Sequence[Record]) -> Iterator[tuple[Record, Mapping[str, Any]]]:
    """Records with their content, some hundred at a time; a file that cannot be read has none."""
    for start in range(0, len(records), _BATCH):
        batch = records[start : start + _BATCH]
        found = {record.path: data for record, data in ledger.data_of(batch)}
        yield from ((record, found.get(record.path, {})) for record in batch)


def _unreadable(ledger: Ledger, atlas: Atlas) -> list[tuple[str, str]]:
    return [(path, entry.href) for path in ledger.unreadable if (entry := atlas.at_path(path)) is not None]


def _write_overviews(ledger: Ledger, atlas: Atlas, press: Press, errors: Sequence[Any]) -> None:
    table = matrix(ledger, atlas) if {"release", "problem"} <= set(ledger.kinds) else None
    facts = (
        [{"release": release, "problem": problem, "says": word} for release, problem, word in table.facts]
        if table
        else []
    )
    press.page(_MATRIX, "matrix", "Releases and problems", {"facts": facts}, table=table)
    told = [{"id": error.entry.id, "affected": error.affected, "fixed_in": error.fixed} for error in errors]
    shown = sorted(errors, key=lambda error: (error.entry.standing == "done", error.entry.id))
    press.page(_ERRORS, "known-errors", "Known errors", {"known_errors": told}, errors=shown)


def _write_exceptions(pages: Pages) -> list[Waived]:
    """Write the register of exceptions; those that have ended or soon will come back."""
    uses = uses_of(pages.aheads, pages.passages, pages.ledger)
    waived = exceptions_in(pages.ledger, pages.atlas, frozenset(pages.titles), uses)
    told = {"exceptions": [one.twin for one in waived]}
    pages.press.page(_EXCEPTIONS, "exceptions", "Exceptions", told, waived=waived, groups=GROUPS, slug=slug)
    return [one for one in waived if one.group in ("ended", "soon")]
