"""Form and identity of records: the SCH family."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from opsledger import packaged
from opsledger.finding import Fault, Severity
from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy
from opsledger.rules.register import Found, Reach, rule, stated

RECORDS = "records/"
SCHEMAS = "schemas/"
MAX_SCHEMA = 1 << 20
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"\\|?*]|[ .]$|^[ -]")
_LONGEST = 400


@rule("SCH001", Reach.RECORD)
def record_against_its_schema(ledger: Ledger) -> Iterator[Found]:
    """
    A record does not have the shape that its kind's schema gives it.

    ## Why
    A misspelt field is a fact that nobody hears. The schema says which fields there are, and every other rule
    relies on their shape. Source: S2-def-change, S2-def-ci, S3-def-rfc.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    titel: Payments time out
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    ```

    ## Fix
    Correct the field that is named; `opsledger kinds KIND` lists the fields and what they mean.
    """
    return stated(ledger, "SCH001")


@rule("SCH002", Reach.RECORD)
def id_unlike_its_path_in(ledger: Ledger) -> Iterator[Found]:
    """
    A record's id, its file name and its folder disagree.

    ## Why
    The file name is the id: so two people who take one id get a conflict in git, and everybody finds a record
    without searching. Source: S2-def-cms.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9002
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    ```

    ## Fix
    Rename the file, or correct the id. `opsledger renumber` does both, with all references.
    """
    return stated(ledger, "SCH002")


def id_unlike_its_path(record: Record, data: Mapping[str, Any]) -> Iterator[Fault]:
    """The part of SCH002 that is asked of each record as it is read."""
    kind = record.kind
    inside = record.path.removeprefix(f"{kind.folder}/").split("/")
    if kind.id_from == "/id":
        stem = inside[-1].removesuffix(".yaml")
        if isinstance(data.get("id"), str) and data["id"] != stem:
            said = f"{data['id']} lies in a file that is called {inside[-1]}"
            yield Fault("/id", "SCH002", said, f"rename the file to {data['id']}.yaml, or write `id: {stem}`")
            return
    if kind.id_from == "/id" and len(inside) > 1:
        yield from _misplaced(record, data, inside[:-1])


def _misplaced(record: Record, data: Mapping[str, Any], folders: list[str]) -> Iterator[Fault]:
    kind = record.kind
    if kind.shards == "year":
        year = record.id.split("-")[1] if record.id.count("-") > 1 else ""
        wanted = [year] if year.isdigit() else []
    elif kind.shards:
        owner = data.get(kind.shards.strip("/"))
        wanted = [owner] if isinstance(owner, str) else []
    else:
        wanted = []
    if folders != wanted:
        right = "/".join([kind.folder, *wanted])
        said = f"{record.id} lies in {kind.folder}/{'/'.join(folders)}, where no {kind.name} of its sort belongs"
        yield Fault("/id", "SCH002", said, f"move it to {right}/")


@rule("SCH003", Reach.GLOBAL)
def id_taken_twice(ledger: Ledger) -> Iterator[Found]:
    """
    Two records claim one id.

    ## Why
    A reference to that id could mean either. Source: S3-bundle-03.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    # records/problems/2026/PRB-2026-9001.yaml
    id: PRB-2026-9001
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    # records/problems/PRB-2026-9002.yaml
    id: PRB-2026-9002
    ```

    ## Fix
    Run `opsledger renumber` on the newer of the two, or remove the copy.
    """
    rows = ledger.database.execute(
        "SELECT id, path, (SELECT min(path) FROM record first WHERE first.id = record.id) FROM record "
        "WHERE id IN (SELECT id FROM record GROUP BY id HAVING count(*) > 1) ORDER BY path"
    )
    for id, path, first in rows:
        if path != first:
            said = f"{id} is the id of {first} as well"
            yield Found(path, Fault("/id", "SCH003", said, f"run `opsledger renumber {id}`, or remove one of the two"), id)


@rule("SCH004", Reach.GLOBAL)
def file_of_no_kind(ledger: Ledger) -> Iterator[Found]:
    """
    A file under `records/` belongs to no kind.

    ## Why
    A file that nothing judges looks like a record and is none: a backup, a misspelt folder, a file that ends in
    `.yml`. Source: S0-8.6, S2-def-cms.

    ## Examples
    ```yaml title="fails"
    # records/relases/REL-2026-9001.yaml
    id: REL-2026-9001
    ```

    ```yaml title="fails, another ending"
    # records/problems/PRB-2026-9001.yml
    id: PRB-2026-9001
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    ```

    ## Fix
    Move it into the folder of its kind, rename it so that it ends in `.yaml`, or remove it.
    """
    kinds = ledger.kinds
    for path in ledger.snapshot.files:
        is_record = path.endswith(".yaml")
        if path in ledger.snapshot.odd or (is_record and kinds.of_path(path)):
            continue
        if path.startswith(RECORDS) or (path.endswith(".yml") and kinds.of_path(path)):
            yield Found(path, _unknown(ledger, path))


def _unknown(ledger: Ledger, path: str) -> Fault:
    kind = ledger.kinds.of_path(path)
    if kind is None:
        folders = ", ".join(sorted(kind.folder for kind in ledger.kinds.values()))
        return Fault("", "SCH004", f"{path} lies in the folder of no kind", f"move it to the folder of its kind ({folders}), or remove it")
    if path.endswith(".yml"):
        twin = f"{path[:-4]}.yaml"
        also = f", beside {twin}" if twin in ledger.snapshot.files else ""
        return Fault("", "SCH004", f"{path} ends in .yml{also}, and records end in .yaml", f"rename it to {twin}, or remove it")
    return Fault("", "SCH004", f"{path} is no record: records end in .yaml", "remove it from records/, or rename it")


@rule("SCH005", Reach.RECORD)
def word_outside_the_vocabulary(ledger: Ledger) -> Iterator[Found]:
    """
    A shared field holds a word outside the common vocabulary, or a computed field another value than it must.

    ## Why
    *High* must mean the same in a problem, an incident and a release, or no gate can compare them. And what follows
    from other fields is not typed by hand. Source: S0-8.6, S2-def-asset, S4-evt-13.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    severity: enormous
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    severity: high
    ```

    ## Fix
    Use one of the words that the message lists; remove a field that is computed.
    """
    return stated(ledger, "SCH005")


@rule("SCH006", Reach.RECORD)
def time_without_offset_or_order(ledger: Ledger) -> Iterator[Found]:
    """
    A time has no offset or is none at all, or an end comes before its start.

    ## Why
    `14:00` is another moment in Dublin than in Berlin, and a span that ends before it starts spoils every duration
    that is computed from it. Source: S0-8.6.

    ## Examples
    ```yaml title="fails"
    # records/incidents/INC-2026-9001.yaml
    started_at: 2026-03-01T10:00:00
    ```

    ```yaml title="fails, ends before it starts"
    # records/incidents/INC-2026-9001.yaml
    started_at: 2026-03-01T10:00:00Z
    detected_at: 2026-03-01T09:00:00Z
    ```

    ```yaml title="passes"
    # records/incidents/INC-2026-9001.yaml
    started_at: 2026-03-01T10:00:00Z
    detected_at: 2026-03-01T10:05:00+00:00
    ```

    ## Fix
    Write date, time and offset (`2026-11-20T14:30:00Z`), and put the two times in order.
    """
    return stated(ledger, "SCH006")


@rule("SCH007", Reach.RECORD, severity=Severity.WARNING, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def release_name_off_template_in(ledger: Ledger) -> Iterator[Found]:
    """
    A release's name does not follow the naming template of the policy.

    ## Why
    A name that carries service, version and the problems that it fixes tells an operator at night what is about to
    change. Source: S0-1.6.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    name: big-bang
    service: CI-payments
    version: 4.2.1
    fixes: [PRB-2026-0017]
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    name: payments-4.2.1+prb.2026-0017
    service: CI-payments
    version: 4.2.1
    fixes: [PRB-2026-0017]
    ```

    ## Fix
    Use the name that the message gives, or change `naming.release` in the policy.
    """
    return stated(ledger, "SCH007")


def release_name_off_template(record: Record, data: Mapping[str, Any], policy: Policy) -> Iterator[Fault]:
    """The part of SCH007 that is asked of each release as it is read."""
    name, service, version = (data.get(field) for field in ("name", "service", "version"))
    if record.kind.name != "release" or not policy.release_name or not policy.selects("SCH007"):
        return
    if isinstance(name, str) and isinstance(service, str) and isinstance(version, str):
        fixes = data.get("fixes")
        wanted = release_name(policy.release_name, service, version, fixes if isinstance(fixes, list) else [])
        if name != wanted:
            said = f"{record.id} is named {name!r}, where its service, version and fixes make it {wanted!r}"
            yield Fault("/name", "SCH007", said, f"write `name: {wanted}`")


def release_name(template: str, service: str, version: str, fixes: list[Any]) -> str:
    """
    The name that a template gives a release.

    >>> release_name("{service}-{version}[+prb.{ids}]", "CI-payments", "4.2.1", ["PRB-2026-0017"])
    'payments-4.2.1+prb.2026-0017'
    >>> release_name("{service}-{version}[+prb.{ids}]", "CI-payments", "4.2.1", [])
    'payments-4.2.1'
    """
    problems = sorted(fix.removeprefix("PRB-") for fix in fixes if isinstance(fix, str) and fix.startswith("PRB-"))
    template = re.sub(r"\[([^\]]*)\]", r"\1" if problems else "", template)
    filled = {"{service}": service.removeprefix("CI-"), "{version}": version, "{ids}": ".".join(problems)}
    return re.sub(r"\{[a-z]+\}", lambda found: filled.get(found[0], found[0]), template)


@rule("SCH009", Reach.RECORD)
def record_that_cannot_be_read(ledger: Ledger) -> Iterator[Found]:
    """
    A record is not one YAML mapping in UTF-8, within the strict subset and the size that records have.

    ## Why
    Parsers differ in what they make of anchors, tags, repeated keys and odd numbers. A record must mean the same to
    everybody who reads it. Source: S0-8.6.

    ## Examples
    ```yaml title="fails"
    # raw: records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    title: Payments time out
    title: Refunds time out
    ```

    ```yaml title="passes"
    # raw: records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    title: Payments and refunds time out
    ```

    ## Fix
    Do what the message says at the line and column it names.
    """
    for path, finding in ledger.unreadable.items():
        yield Found(path, Fault("", "SCH009", finding.message, finding.fix))


@rule("SCH010", Reach.GLOBAL)
def path_that_records_may_not_have(ledger: Ledger) -> Iterator[Found]:
    """
    A record's file is no plain file, or its name would not survive on every file system.

    ## Why
    A symbolic link can show another file's content as a record, and names that differ only by case are one file on
    some machines and two on others. Source: S0-8.6.

    ## Examples
    ```yaml title="fails"
    # records/problems/aux.yaml
    id: aux
    ```

    ```yaml title="fails, twice but for case"
    # records/cis/CI-Payments.yaml
    id: CI-Payments
    # records/cis/CI-payments.yaml
    id: CI-payments
    ```

    ```yaml title="passes"
    # records/cis/CI-payments.yaml
    id: CI-payments
    ```

    ## Fix
    Replace it by a plain file with a plain name.
    """
    concerned = [path for path in {**ledger.snapshot.files, **ledger.snapshot.odd} if _is_concerned(ledger, path)]
    yield from (found for path in concerned if (found := _unfit(ledger, path)))
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for path in concerned:
        alike[unicodedata.normalize("NFC", path).casefold() if not path.isascii() else path.lower()].append(path)
    for paths in alike.values():
        for path in sorted(paths)[1:]:
            said = f"{path} differs from {min(paths)} by case or form of letters alone"
            yield Found(path, Fault("", "SCH010", said, "rename one of the two"))


def _is_concerned(ledger: Ledger, path: str) -> bool:
    return path.startswith(RECORDS) or ledger.kinds.of_path(path) is not None


def _unfit(ledger: Ledger, path: str) -> Found | None:
    why = ledger.snapshot.odd.get(path)
    if why is not None:
        return Found(path, Fault("", "SCH010", f"{path} is no plain file: {why}", "replace it by a plain file with mode 644"))
    if path.isascii() and len(path) < _LONGEST and not _UNSAFE.search(path) and not _RESERVED.search(path.rpartition("/")[2]):
        return None
    if len(path) >= _LONGEST:
        return Found(path, Fault("", "SCH010", f"the path has {len(path)} characters, and {_LONGEST} is the most", "move it up, or shorten its name"))
    for part in path.split("/"):
        if _UNSAFE.search(part) or _RESERVED.match(part) or not part.isascii():
            said = f"{part!r} is a name that some file systems refuse or show otherwise"
            return Found(path, Fault("", "SCH010", said, "use ASCII letters, digits, hyphens, dots and underscores"))
    return None


@rule("SCH011", Reach.GLOBAL, counts="SELECT count(DISTINCT kind) FROM record")
def schema_that_is_unsound(ledger: Ledger) -> Iterator[Found]:
    """
    A schema or one of its annotations is not sound, or refuses records that were there before.

    ## Why
    A misspelt keyword checks nothing and says nothing. And a schema that is narrowed before the records are moved
    leaves a ledger that no longer passes its own check. Source: S0-8.6.

    ## Examples
    ```yaml title="fails"
    # raw: schemas/problem.json
    {"x-kind": {"name": "problem", "folder": "problems"}, "requird": ["id"]}
    ```

    ## Fix
    Correct the schema at the line that is named. To narrow one: widen it, move the records, then narrow it, in three
    pull requests.
    """
    from opsledger.kind.lint import lint  # heavy, and needed only where a ledger brings schemas

    packed = packaged.files("schemas")
    snapshot = ledger.snapshot
    names = [path.removeprefix(SCHEMAS) for path in snapshot.files if path.startswith(SCHEMAS) and path.endswith(".json")]
    own = {name: snapshot.read(f"{SCHEMAS}{name}", limit=MAX_SCHEMA) for name in names if "/" not in name}
    altered = {name for name, source in own.items() if packed.get(name) != source}
    for finding in lint({**packed, **own}, altered) if altered else ():
        yield Found(finding.place.path, Fault("", finding.code, finding.message, finding.fix), place=finding.place)
