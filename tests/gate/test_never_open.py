"""A gate is never open over what nobody can read or judge: every gate of every preset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from opsledger import packaged
from opsledger.api import open_book
from opsledger.approvals import Situation
from opsledger.check import found_in
from opsledger.errors import Undecided
from opsledger.gate import Verdict, verdict_on
from opsledger.ledger import load
from opsledger.prove.at_gate import answers_at_gate
from opsledger.prove.examples import staged
from opsledger.rules.register import Example, record_faults, register
from opsledger.store import in_memory
from opsledger.yamlfile import read, write

from .conftest import KINDS, NOON, files_of, judge_of_files

PRESETS = ("small", "standard", "regulated")
UNREADABLE = b"id: [\n"
UNSOUND = b"colour: blue\n"
PLACE = "ENV-prod-eu"
POLICY = "records/policy/POL-policy.yaml"
EVIDENCE = "records/evidence/2026/EVD-2026-deadbeef.yaml"
WINDOW = "records/windows/WIN-2026-9999.yaml"
ENVIRONMENT = f"records/environments/{PLACE}.yaml"
UNKNOWN = "XYZ999"

STARTERS: Mapping[str, Mapping[str, bytes]] = {
    preset: {path: data for path, data in packaged.files(f"presets/{preset}").items() if path.startswith("records/")}
    for preset in PRESETS
}
GATES = [(preset, path) for preset in PRESETS for path in sorted(STARTERS[preset]) if "/gates/" in path]
each_gate = pytest.mark.parametrize(
    ("preset", "path"), [pytest.param(*one, id=f"{one[0]} {one[1].rpartition('/')[2][4:-5]}") for one in GATES]
)


def subject_of(preset: str, path: str) -> tuple[str, Mapping[str, bytes]]:
    """The least record that may ask a gate, by its id, and the files of a ledger that has it and the preset."""
    move = read(STARTERS[preset][path])["moves"][0]
    kind = KINDS[move["kind"]]
    id = f"{kind.prefix}-2026-9001"
    files = files_of(f"""
        # {kind.folder}/{id}.yaml
        state: {move.get("from", kind.lifecycle.initial)}
        # {ENVIRONMENT}
        production: true
    """)
    return id, {**files, **STARTERS[preset], ".opsledger.yaml": f"preset: {preset}\n".encode()}


def decide(preset: str, path: str, harm: Mapping[str, bytes]) -> Verdict:
    """What a gate of a preset says of the least record, with these files laid over the ledger."""
    subject, sound = subject_of(preset, path)
    files = {**sound, **harm}
    judge = judge_of_files(files)
    ledger = load(
        in_memory(files, name="the ledger"), KINDS, judge=lambda record, data: record_faults(record, data, judge.policy)
    )
    situation, gate = Situation(ledger, judge.people, NOON), path.rpartition("/")[2].removesuffix(".yaml")
    found = found_in(ledger, judge.policy)
    return verdict_on(judge, ledger, situation, found, gate, subject, environment=PLACE, group="all")


def asking(preset: str, path: str, *codes: str) -> bytes:
    """The gate as the preset has it, with these codes in place of its own, and nobody's signature."""
    gate = {key: value for key, value in read(STARTERS[preset][path]).items() if key not in ("signatures", "later")}
    return write({**gate, "codes": list(codes)})


def doubtful(verdict: Verdict) -> list[str]:
    return [answer.code for answer in verdict.answers if answer.outcome.value == "undecided"]


@each_gate
def test_a_gate_that_asks_an_unknown_code_is_not_open(preset: str, path: str) -> None:
    asks = [*read(STARTERS[preset][path])["codes"], UNKNOWN]

    verdict = decide(preset, path, {path: asking(preset, path, *asks)})

    assert not verdict.is_open
    assert UNKNOWN in doubtful(verdict)


@each_gate
def test_an_unknown_code_alone_leaves_a_gate_undecided(preset: str, path: str) -> None:
    verdict = decide(preset, path, {path: asking(preset, path, UNKNOWN)})

    assert UNKNOWN in doubtful(verdict)
    assert not verdict.is_open


@pytest.mark.parametrize("text", [UNREADABLE, UNSOUND], ids=["unreadable", "unsound"])
@each_gate
def test_a_gate_that_nobody_can_read_is_undecided(preset: str, path: str, text: bytes) -> None:
    assert "undecided" == decide(preset, path, {path: text}).outcome


@pytest.mark.parametrize("text", [UNREADABLE, UNSOUND], ids=["unreadable", "unsound"])
@each_gate
def test_a_gate_is_undecided_under_a_policy_that_nobody_can_read(preset: str, path: str, text: bytes) -> None:
    assert "undecided" == decide(preset, path, {POLICY: text}).outcome


def test_a_gate_is_left_to_its_codes_under_a_policy_that_can_be_read() -> None:
    path = "records/gates/GAT-build.yaml"

    verdict = decide("small", path, {path: asking("small", path, "LNK111")})

    assert ["LNK111"] == [answer.code for answer in verdict.answers if answer.outcome.value == "met"]
    assert [] == doubtful(verdict)


HARMS = {"evidence": EVIDENCE, "window": WINDOW, "environment": ENVIRONMENT}


@pytest.mark.parametrize("kind", HARMS)
@each_gate
def test_a_gate_is_not_open_with_a_file_that_nobody_can_read(preset: str, path: str, kind: str) -> None:
    verdict = decide(preset, path, {HARMS[kind]: UNREADABLE})

    assert not verdict.is_open


LOOKS_AT: Mapping[str, tuple[str, ...]] = {
    EVIDENCE: ("GOV963", "PKG505", "PKG506", "TES601", "TES603", "TES604", "TES612", "TES613"),
    WINDOW: ("CAL901", "CAL902", "CAL909"),
    "records/environments/ENV-broken.yaml": ("DPL709",),
    "records/problems/PRB-2026-9999.yaml": (
        "FLT751", "FLT754", "FLT755", "PKG506", "PKG514", "TES602",
    ),
    "records/deployments/2026/DPM-2026-9999.yaml": ("CAL903", "DPL701", "DPL703", "DPL705", "GOV961", "PKG509"),
}  # fmt: skip


def met() -> Iterator[object]:
    """Each example in which a code is met, with a path at which a file may lie that would make it otherwise."""
    for path, codes in LOOKS_AT.items():
        kind = KINDS.of_path(path)
        for code in codes:
            for example in register()[code].examples:
                if not example.fails and example.text.startswith("# asks: "):
                    yield pytest.param(code, example, path, id=f"{code} {example.title}, {kind and kind.name}")


@pytest.mark.parametrize(("code", "example", "path"), list(met()))
def test_a_code_that_is_met_is_undecided_beside_a_file_that_may_say_otherwise(
    code: str, example: Example, path: str
) -> None:
    sound = staged(example, KINDS)
    harmed = replace(sound, head={**sound.head, path: UNREADABLE})

    outcomes = [answers_at_gate(stage, (code,), KINDS)[code].outcome.value for stage in (sound, harmed)]

    assert ["met", "undecided"] == outcomes


@pytest.mark.parametrize("preset", PRESETS)
def test_no_gate_decides_without_a_judge(repo, preset: str) -> None:
    subjects = {}
    for path in (path for preset_of, path in GATES if preset_of == preset):
        subjects[path], files = subject_of(preset, path)
        for file, data in files.items():
            repo.write(file, data)
    repo.commit("The ledger")
    repo.git("branch", "-m", "main", "trunk")

    with open_book(repo.root, environment=repo.environment) as book:
        for path, subject in subjects.items():
            with pytest.raises(Undecided, match="so nobody knows who judges"):
                book.decide(path.rpartition("/")[2][:-5], subject, as_of=NOON, environment=PLACE, group="all")
