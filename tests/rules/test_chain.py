"""GOV961: from a problem over its change and release to where that was deployed."""

from __future__ import annotations

import pytest

from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.prove.examples import staged
from opsledger.rules.register import Example, register
from opsledger.store import in_memory

CLOSE = "REL-2026-9001 -> closed"
DIGEST, OTHER = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"
BROKEN = "id: [\n"
KINDS = packaged_kinds()


def problem(more: str, *, state: str = "closed") -> str:
    return f"\n# records/problems/PRB-2026-9001.yaml\nstate: {state}\n{more}\n"


def ended(path: str = "change", change: str = ", change: CHG-2026-9001") -> str:
    return f'resolution: {{path: {path}, resolved: "2026-02-01T10:00:00Z"{change}}}'


def change(more: str = "", *, number: int = 9001) -> str:
    return f"\n# records/changes/CHG-2026-{number}.yaml\nstate: closed\n{more}\n"


def release(more: str = "changes: [CHG-2026-9001]", *, state: str = "closed") -> str:
    package = f'package: {{digest: "{DIGEST}"}}'
    return f"\n# records/releases/REL-2026-9001.yaml\nstate: {state}\n{package}\n{more}\n"


def deployment(state: str = "succeeded", digest: str = DIGEST, *, number: int = 1) -> str:
    return (
        f"\n# records/deployments/DEP-2026-900{number}abcd.yaml\nstate: {state}\nrelease: REL-2026-9001\n"
        f'package_digest: "{digest}"\n'
    )


FIXES = "fixes: [PRB-2026-9001]\nchanges: [CHG-2026-9001]"
NAMES = "problems: [PRB-2026-9001]"
STILL = problem("", state="fix-deployed")


def told(book, text: str) -> list[str]:
    return [finding.message for finding in book(text).findings if finding.code == "GOV961"]


# What a check finds.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (problem(ended(change="")), "PRB-2026-9001 was ended by a change, and names none"),
        (problem(ended()) + change(), "PRB-2026-9001 was ended by CHG-2026-9001, which no release carries"),
        (
            problem(ended() + "\nfix: {changes: [CHG-2026-9002]}") + change() + change(number=9002)
            + release("changes: [CHG-2026-9002]") + deployment(),
            "PRB-2026-9001 was ended by CHG-2026-9001, which no release carries",
        ),
        (
            release(FIXES) + change() + STILL + deployment(),
            "REL-2026-9001 fixes PRB-2026-9001, but none of the changes that it ships names PRB-2026-9001",
        ),
        (release(), f"no deployment that succeeded brought the package {DIGEST[:19]}… of REL-2026-9001"),
        (
            release() + deployment("failed"),
            f"no deployment that succeeded brought the package {DIGEST[:19]}… of REL-2026-9001",
        ),
        (
            release() + deployment(digest=OTHER),
            f"no deployment that succeeded brought the package {DIGEST[:19]}… of REL-2026-9001; "
            "DEP-2026-9001abcd brought another",
        ),
        (
            release() + deployment() + deployment(digest=OTHER, number=2),
            f"REL-2026-9001 brought the package {DIGEST[:19]}…, but DEP-2026-9002abcd brought another under its name",
        ),
    ],
    ids=["no change", "no release", "the change that ended it", "a fix without its change", "no deployment",
         "failed only", "another package", "another package too"],
)  # fmt: skip
def test_gap_in_the_chain_is_told(book, text, expected):
    assert [expected] == told(book, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(problem(ended()) + change() + release() + deployment(), id="named by the release"),
        pytest.param(
            problem(ended()) + change("release: REL-2026-9001") + release("") + deployment(), id="naming the release"
        ),
        pytest.param(
            problem(ended(change="") + "\nfix: {changes: [CHG-2026-9001]}") + change() + release() + deployment(),
            id="by the fix",
        ),
        pytest.param(problem(ended("not_reproducible", "")), id="ended by no change"),
        pytest.param(problem(ended(), state="resolved") + change(), id="not closed yet"),
        pytest.param(release(FIXES) + change(NAMES) + STILL + deployment(), id="named by the change"),
        pytest.param(release(FIXES) + change("fault: PRB-2026-9001") + STILL + deployment(), id="as its fault"),
        pytest.param(
            release(FIXES) + change() + problem("fix: {changes: [CHG-2026-9001]}", state="fix-deployed") + deployment(),
            id="naming the change",
        ),
        pytest.param(
            release(FIXES) + change("patches: [PAT-2026-9001]") + STILL + deployment()
            + "# records/patches/PAT-2026-9001.yaml\nproblems: [PRB-2026-9001]\n", id="through a patch",
        ),
        pytest.param(release(state="deploying"), id="still on its way"),
        pytest.param(release() + deployment() + deployment("backed-out", OTHER, number=2), id="taken back"),
        pytest.param(release() + deployment("handed-over"), id="handed over"),
    ],
)  # fmt: skip
def test_whole_chain_is_passed(book, text):
    assert [] == told(book, text)


def test_change_that_does_not_exist_is_the_one_finding(book):
    codes = book(problem(ended())).codes

    assert ("LNK101" in codes, "GOV961" in codes) == (True, False)


def test_file_that_cannot_be_read_is_the_one_finding(book):
    text = release() + f"# raw: records/deployments/DEP-2026-9009abcd.yaml\n{BROKEN}"

    codes = book(text).codes

    assert ("SCH009" in codes, "GOV961" in codes) == (True, False)


@pytest.mark.parametrize(
    ("whole", "path", "old", "new"),
    [
        (
            problem(ended()) + change() + release() + deployment(),
            "releases/REL-2026-9001", b"CHG-2026-9001", b"CHG-2026-9002",
        ),
        (release() + change() + deployment(), "deployments/DEP-2026-9001abcd", b"succeeded", b"failed"),
        (release(FIXES) + change(NAMES) + STILL + deployment(), "changes/CHG-2026-9001", b"-9001", b"-9002"),
    ],
    ids=["the release lets its change go", "the deployment comes undone", "the change forgets the problem"],
)  # fmt: skip
def test_chain_that_tears_later_is_told_by_a_check_that_looks_near_only(tmp_path, whole, path, old, new):
    files = {**staged(Example("", whole.strip()), KINDS).head, ".opsledger.yaml": b"preset: small\n"}
    torn = {**files, f"records/{path}.yaml": files[f"records/{path}.yaml"].replace(old, new)}
    kept = tmp_path / "cache.sqlite"
    first = load(in_memory(files, name="before"), KINDS, cache=kept, version="1")
    before = list(register()["GOV961"].ask(first))
    first.call_sound()
    first.database.close()
    second = load(in_memory(torn, name="after"), KINDS, cache=kept, version="1")

    after = list(register()["GOV961"].ask(second))

    assert ([], False, True) == (before, second.is_whole, bool(after))
    second.database.close()


# What gates ask.


def test_release_is_asked_before_it_is_closed(ask):
    open_text = release(state="early-life-support") + change()

    assert ("blocked", "met") == (
        ask("GOV961", CLOSE, open_text).outcome.value,
        ask("GOV961", CLOSE, open_text + deployment()).outcome.value,
    )


def test_problem_is_asked_before_it_is_closed(ask):
    asked, text = "PRB-2026-9001 -> closed", problem(ended(), state="resolved") + change()

    assert ("blocked", "met") == (
        ask("GOV961", asked, text).outcome.value,
        ask("GOV961", asked, text + release() + deployment()).outcome.value,
    )


@pytest.mark.parametrize(
    ("more", "outcome"),
    [("changes: [CHG-2026-9001]", "blocked"), ("", "blocked")],
    ids=["a change that no release carries", "no change"],
)
def test_patch_is_asked_for_the_release_that_brought_it(ask, more, outcome):
    patch = f"\n# records/patches/PAT-2026-9001.yaml\nstate: deployed\n{more}\n"

    assert outcome == ask("GOV961", "PAT-2026-9001 -> verified", patch + change()).outcome.value


def test_patch_that_a_release_brought_is_passed(ask):
    patch = "\n# records/patches/PAT-2026-9001.yaml\nstate: deployed\nchanges: [CHG-2026-9001]\n"

    assert "met" == ask("GOV961", "PAT-2026-9001 -> verified", patch + change() + release()).outcome.value


def test_deployment_that_cannot_be_read_leaves_the_chain_undecided(ask):
    text = release(state="early-life-support") + change() + deployment()
    raw = {"records/deployments/DEP-2026-9009abcd.yaml": BROKEN}

    assert "undecided" == ask("GOV961", CLOSE, text, raw=raw).outcome.value


def test_policy_cannot_soften_it(ask):
    soft = "# records/policy/POL-own.yaml\nrules: {severity: {GOV961: note}}\n"

    assert "blocked" == ask("GOV961", CLOSE, release(state="early-life-support") + change() + soft).outcome.value


def test_a_release_that_ships_no_change_has_no_chain_to_break_until_a_gate_asks_for_it(book):
    open_problem, out = problem("", state="logged"), deployment()
    alone = release("fixes: [PRB-2026-9001]") + open_problem + out
    shipping = release("changes: [CHG-2026-9001]\nfixes: [PRB-2026-9001]") + change() + open_problem + out

    assert "GOV961" not in book(alone.lstrip("\n")).codes
    assert "GOV961" in book(shipping.lstrip("\n")).codes
