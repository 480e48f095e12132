"""Form and identity of records: the SCH family."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsledger import packaged
from opsledger.finding import Fault, Severity
from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy
from opsledger.rules.register import Found, Reach, rule, stated

SCHEMAS = "schemas/"
MAX_SCHEMA = 1 << 20
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


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
            other = f", or write `id: {stem}`" if _PLAIN.fullmatch(stem) and stem.startswith(kind.prefix) else ""
            yield Fault("/id", "SCH002", said, f"rename the file to {data['id']}.yaml{other}")
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
        "SELECT id, kind, path, EXISTS (SELECT 1 FROM fault WHERE fault.record = record.number AND code = 'SCH002') "
        "AS misplaced FROM record WHERE id IN (SELECT near.id FROM near_record near WHERE EXISTS "
        "(SELECT 1 FROM record twin WHERE twin.id = near.id AND twin.number <> near.number)) "
        "ORDER BY id, misplaced, path"
    )
    first: dict[str, str] = {}
    for id, kind, path, _ in rows:
        if ledger.kinds[kind].id_from == "/id" and not path.endswith(f"/{id}.yaml"):
            continue  # SCH002 says so: this one took the id of another by mistake
        said = f"{id} is the id of {first.setdefault(id, path)} as well"
        if path != first[id]:
            fix = f"run `opsledger renumber {id}`, or remove one of the two"
            yield Found(path, Fault("/id", "SCH003", said, fix), id)


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
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    name: payments-4.2.1+prb.2026-9001
    service: CI-payments
    version: 4.2.1
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # records/cis/CI-payments.yaml
    title: Payments
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
    state: logged
    severity: high
    ```

    ## Fix
    Do what the message says at the line and column it names.
    """
    for path, finding in ledger.unreadable.items():
        yield Found(path, Fault("", "SCH009", finding.message, finding.fix))


@rule("SCH011", Reach.GLOBAL, counts="SELECT count(DISTINCT kind) FROM record")
def schema_that_is_unsound(ledger: Ledger) -> Iterator[Found]:
    """
    A schema or one of its annotations is not sound, or refuses records that were there before.

    ## Why
    A misspelt keyword checks nothing and says nothing. And a schema that is narrowed before the records are moved
    leaves a ledger that no longer passes its own check. Source: S0-8.6.

    ## Examples
    ```yaml title="fails"
    # raw: schemas/lesson.json
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Lesson", "description": "What was learnt.",
     "x-kind": {"name": "lesson", "plural": "lessons", "family": "Ground", "folder": "lessons", "prefix": "LSN"},
     "type": "object", "additionalProperties": false, "requird": ["id", "title"],
     "properties": {"id": {"type": "string", "maxLength": 60, "pattern": "^LSN-[a-z0-9]+$", "description": "Its name."},
                    "title": {"$ref": "common.json#/$defs/line", "description": "One line for lists."}}}
    ```

    ```yaml title="passes"
    # raw: schemas/lesson.json
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Lesson", "description": "What was learnt.",
     "x-kind": {"name": "lesson", "plural": "lessons", "family": "Ground", "folder": "lessons", "prefix": "LSN"},
     "type": "object", "additionalProperties": false, "required": ["id", "title"],
     "properties": {"id": {"type": "string", "maxLength": 60, "pattern": "^LSN-[a-z0-9]+$", "description": "Its name."},
                    "title": {"$ref": "common.json#/$defs/line", "description": "One line for lists."}}}
    ```

    ## Fix
    Correct the schema at the line that is named. To narrow one: widen it, move the records, then narrow it, in three
    pull requests.
    """
    packed = packaged.files("schemas")
    snapshot = ledger.snapshot
    below = snapshot.below(SCHEMAS.rstrip("/"))
    names = [path.removeprefix(SCHEMAS) for path in below if path.endswith(".json")]
    own = {name: snapshot.read(f"{SCHEMAS}{name}", limit=MAX_SCHEMA) for name in names if "/" not in name}
    altered = {name for name, source in own.items() if packed.get(name) != source}
    if not altered:
        return
    from opsledger.kind.lint import lint  # heavy, and needed only where a ledger brings schemas

    for finding in lint({**packed, **own}, altered):
        yield Found(finding.place.path, Fault("", finding.code, finding.message, finding.fix), place=finding.place)
