"""Each documented sentence of the forges about CODEOWNERS, as a file, a path and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from opsledger.codeowners import Dialect, found_at, parse, shadowed, why_open

HERE = Path(__file__).parent
DIALECTS = {
    "github": [Dialect.GITHUB],
    "gitlab": [Dialect.GITLAB],
    "gitea": [Dialect.GITEA, Dialect.FORGEJO],
}
VECTORS = [
    pytest.param(dialect, vector, id=f"{dialect}: {vector['sentence']}")
    for name, dialects in DIALECTS.items()
    for vector in yaml.safe_load((HERE / f"vectors-{name}.yaml").read_text())
    for dialect in dialects
    if dialect in vector.get("at", dialects)
]


def test_there_are_as_many_vectors_as_were_promised():
    assert 150 <= len(VECTORS)


def test_no_sentence_stands_twice():
    sentences = [(dialect, vector["sentence"]) for dialect, vector in (one.values for one in VECTORS)]

    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("name", DIALECTS)
def test_each_vector_names_where_the_sentence_stands(name: str):
    vectors = yaml.safe_load((HERE / f"vectors-{name}.yaml").read_text())

    assert [] == [vector["sentence"] for vector in vectors if ", " not in vector["source"]]


@pytest.mark.parametrize(("dialect", "vector"), VECTORS)
def test_it_is_as_documented(dialect: Dialect, vector: dict):
    expected = vector["expect"]

    assert expected == _seen(dialect, vector, expected)


def _seen(dialect: Dialect, vector: dict, expected: dict) -> dict:
    """What comes of a vector, as far as it says what should."""
    if "files" in vector:
        found = found_at(vector["files"], dialect)
        return {"found": found, "shadowed": list(shadowed(vector["files"], dialect))}
    owners = parse(vector["file"], dialect)
    met = owners.of(vector["path"])
    seen = {
        "owners": list(met.owners),
        "lines": [demand.entry.line for demand in met.demands],
        "sections": {
            demand.section: {
                "owners": list(demand.owners), "count": demand.count, "optional": demand.is_optional,
            }
            for demand in met.demands
        },
        "undecided": [entry.line for entry in met.undecided],
        "remarks": [
            [remark.line, said[1]] if said and said[0] == remark.line and said[1] in remark.message
            else [remark.line, remark.message]
            for remark, said in _paired(owners.remarks, expected.get("remarks", []))
        ],
    }  # fmt: skip
    shown = {key: value for key, value in seen.items() if key in expected}
    known = vector.get("known")
    why = met.fails_open if known is None else why_open(met, lambda owner: owner in known)[0]
    if "open" in expected or why:
        wanted = expected.get("open", "")
        shown["open"] = wanted if wanted and wanted in why else why
    return shown


def _paired(remarks, expected):
    said = [*expected, *([None] * max(0, len(remarks) - len(expected)))]
    return zip(remarks, said, strict=False)
