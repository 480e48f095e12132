"""Whether a field map makes records that their kind would take: SYN983."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.finding import Fault
from opsledger.kind import Kind
from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Found, Reach, rule
from opsledger.yamlfile import parts

_FILLED_BY_THE_TOOL = frozenset({"id", "external", "source"})


@rule("SYN983", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'fieldmap'")
def field_without_its_map(ledger: Ledger) -> Iterator[Found]:
    """
    A field map leaves out a field that its kind asks of every record, or fills one that the kind does not have.

    ## Why
    An import that cannot make a whole record makes none, and a word of theirs that nobody translated must not be
    guessed. `opsledger import` says the same code of each row that its map does not know what to do with. Source:
    S0-8.6, S3-bundle-04.

    ## Examples
    ```yaml title="fails, a change must say its type"
    # records/fieldmaps/FMP-tracker.yaml
    system: tracker
    kind: change
    key: Id
    fields:
      - {to: /title, from: Summary}
      - {to: /state, from: Status, words: {New: draft}}
    ```

    ```yaml title="fails, no change has that state"
    # records/fieldmaps/FMP-tracker.yaml
    system: tracker
    kind: change
    key: Id
    fields:
      - {to: /title, from: Summary}
      - {to: /state, from: Status, words: {New: fresh}}
      - {to: /type, value: normal}
    ```

    ```yaml title="passes"
    # records/fieldmaps/FMP-tracker.yaml
    system: tracker
    kind: change
    key: Id
    fields:
      - {to: /title, from: Summary}
      - {to: /state, from: Status, words: {New: draft}}
      - {to: /type, value: normal}
    ```

    ```yaml title="passes, near miss: a state that is left out is the first one"
    # records/fieldmaps/FMP-tracker.yaml
    system: tracker
    kind: problem
    key: Id
    fields:
      - {to: /title, from: Summary}
      - {to: /severity, value: high}
    ```

    ## Fix
    Add the field that the message names, with the column that says it or the value that it always has; or correct the
    word. `opsledger kinds KIND` lists the fields and words of a kind.
    """
    rows = ledger.database.execute(
        "SELECT id FROM near_record WHERE kind = 'fieldmap' AND readable ORDER BY path"
    ).fetchall()
    for (id,) in rows:
        record = ledger.find(id)
        if record is not None:
            yield from _faults(record, ledger)


def _faults(record: Record, ledger: Ledger) -> Iterator[Found]:
    name = str(record.get("kind"))
    kind = ledger.kinds.get(name)
    if kind is None:
        yield _found(record, "/kind", f"makes records of kind {name!r}, and no schema defines it", "correct the kind")
        return
    filled = [parts(str(one.get("to"))) for _, one in record.items("/fields") if isinstance(one, dict)]
    given = {way[0] for way in filled if way}
    started = {kind.lifecycle.field} if kind.lifecycle is not None else set()
    for field in kind.schema.get("required", ()):
        if field not in given | started | _FILLED_BY_THE_TOOL:
            said = f"fills no {field}, which every {name} has"
            yield _found(record, "/fields", said, f"add an entry with to: /{field}")
    for pointer, one in record.items("/fields"):
        if isinstance(one, dict):
            yield from _of_field(record, kind, pointer, one)


def _of_field(record: Record, kind: Kind, pointer: str, one: dict[str, Any]) -> Iterator[Found]:
    to = str(one.get("to"))
    if parts(to)[0] not in kind.fields:
        said = f"fills {to}, and a {kind.name} has no such field"
        yield _found(record, f"{pointer}/to", said, "correct the field")
        return
    if ("from" in one) == ("value" in one):
        said = f"says of {to} neither which column fills it nor what it always says"
        both = f"says of {to} both which column fills it and what it always says"
        yield _found(record, pointer, both if "from" in one else said, "write one of `from` and `value`")
    lifecycle = kind.lifecycle
    if lifecycle is not None and to == f"/{lifecycle.field}":
        words = one.get("words")
        for theirs, ours in words.items() if isinstance(words, dict) else ():
            if ours not in lifecycle.states:
                said = f"calls {theirs!r} {ours!r}, and no {kind.name} has that state"
                yield _found(record, f"{pointer}/words", said, f"write one of {', '.join(lifecycle.states)}")


def _found(record: Record, pointer: str, said: str, fix: str) -> Found:
    return Found(record.path, Fault(pointer, "SYN983", f"{record.id} {said}", fix))
