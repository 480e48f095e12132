"""What a preset promises: records that fit, names that lead somewhere, and values as the policy's page states them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest

from opsledger import packaged
from opsledger.conditions.stated import stated_in
from opsledger.edit import starting
from opsledger.errors import Refused
from opsledger.finding import Severity
from opsledger.kind import Kind, Kinds, load_kinds
from opsledger.ledger import Record
from opsledger.policy import preset_policy
from opsledger.store import in_memory
from opsledger.yamlfile import read

KINDS: Kinds = load_kinds(packaged.files("schemas"), {})
PRESETS = ("small", "standard", "regulated")
BY_PRESET: dict[str, dict[str, Any]] = {
    preset: {path: read(data) for path, data in packaged.files(f"presets/{preset}").items()} for preset in PRESETS
}
RECORDS = BY_PRESET["small"]
STARTER = {path: data for path, data in RECORDS.items() if path.startswith("records/")}
DEFAULTS = RECORDS["policy.yaml"]
EACH_RECORD = [
    pytest.param(preset, path, id=f"{preset} {path}") for preset in PRESETS for path in sorted(BY_PRESET[preset])
]
EACH_STARTER = [one for one in EACH_RECORD if str(one.values[1]).startswith("records/")]
PROMISE = "Preset small: "

# The policy's page says of these that preset small asks for nothing.
NOTHING = ("none", "never")


def kind_of(path: str) -> Kind:
    kind = KINDS.of_path(path) if path.startswith("records/") else KINDS["policy"]
    assert kind is not None, path
    return kind


def resolved(stated: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = stated.get("$ref", "").rpartition("/")[2]
    return {**schema["$defs"][name], **stated} if name else stated


def promised(
    stated: dict[str, Any], schema: dict[str, Any], at: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each field of the policy whose description names a value of the preset, with that value as text."""
    stated = resolved(stated, schema)
    description = stated.get("description", "")
    if PROMISE in description:
        yield at, description.partition(PROMISE)[2].removesuffix(".")
    for name, inner in stated.get("properties", {}).items():
        yield from promised(inner, schema, (*at, name))


def value_at(data: Any, at: tuple[str, ...]) -> Any:
    for part in at:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def spoken(value: Any) -> str:
    """A value as the descriptions write it; a mapping with one key is spoken of by its value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(spoken, value))
    if isinstance(value, dict) and len(value) == 1:
        return spoken(next(iter(value.values())))
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return str(value)


PROMISED = dict(promised(KINDS["policy"].schema, KINDS["policy"].schema))


@pytest.mark.parametrize(("preset", "path"), EACH_RECORD)
def test_each_record_of_a_preset_fits_its_schema(preset: str, path: str) -> None:
    data = BY_PRESET[preset][path]
    assert isinstance(data, dict), data

    assert [] == kind_of(path).faults(data, data["id"])


@pytest.mark.parametrize(("preset", "path"), EACH_RECORD)
def test_each_condition_of_a_preset_speaks_only_of_what_there_is(preset: str, path: str) -> None:
    stated = list(stated_in(kind_of(path).name, BY_PRESET[preset][path], KINDS))

    assert [one.text for one in stated] == [one.condition().text for one in stated]


@pytest.mark.parametrize(("preset", "path"), EACH_STARTER)
def test_each_record_that_a_new_ledger_starts_with_lies_where_its_id_says(preset: str, path: str) -> None:
    data = BY_PRESET[preset][path]
    kind = kind_of(path)

    assert f"{kind.folder}/{data['id']}.yaml" == path
    assert KINDS.of_id(data["id"]) is kind


GATES = [
    "intake",
    "plan",
    "build",
    "package",
    "pilot",
    "accept",
    "ready",
    "promote",
    "next-group",
    "verify",
    "close",
    "change-approve",
    "problem-close",
    "patch-close",
    "exception",
]


def test_a_new_ledger_starts_with_a_policy_a_role_a_model_fifteen_gates_and_two_lanes() -> None:
    expected = {
        "POL-policy", "ROL-approver", "LAN-approvals", "LAN-pipeline", "MDL-routine-release",
        *(f"GAT-{name}" for name in GATES),
    }  # fmt: skip

    assert expected == {PurePosixPath(path).stem for path in STARTER}


@pytest.mark.parametrize(("preset", "path"), EACH_RECORD)
def test_a_preset_names_no_record_that_it_does_not_bring(preset: str, path: str) -> None:
    brought = {data["id"] for data in BY_PRESET[preset].values()}

    named = {text for _, text, mark in kind_of(path).marks(BY_PRESET[preset][path]) if mark.sort == "reference"}

    assert named <= brought


def test_one_role_is_enough_for_everything_in_preset_small() -> None:
    roles = {text for _, text, mark in KINDS["policy"].marks(DEFAULTS) if mark.sort == "reference"}

    assert {"ROL-approver"} == roles


@pytest.mark.parametrize("at", sorted(PROMISED), ids=".".join)
def test_the_preset_holds_what_the_description_of_a_threshold_says(at: tuple[str, ...]) -> None:
    value = value_at(DEFAULTS, at)

    if at == ("rules", "severity"):
        assert ["FLT752", "GOV964", "GOV966"] == sorted(value)
    elif PROMISED[at].startswith(NOTHING):
        assert value is None
    else:
        assert PROMISED[at] == spoken(value)


def leaves(stated: dict[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each value that a policy can set, with what its description says."""
    for name, inner in stated.get("properties", {}).items():
        if inner.get("type") == "object" and "properties" in inner:
            yield from leaves(inner, (*at, name))
        elif at or name not in ("id", "title", "preset", "owner", "review_by"):
            yield (*at, name), inner.get("description", "")


EACH_LEAF = dict(leaves(KINDS["policy"].schema))


@pytest.mark.parametrize("at", sorted(EACH_LEAF), ids=".".join)
def test_the_description_of_a_threshold_says_what_preset_small_holds(at: tuple[str, ...]) -> None:
    assert PROMISE in EACH_LEAF[at]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_starter_policy_says_nothing_else_than_the_preset(preset: str) -> None:
    starter = BY_PRESET[preset]["records/policy/POL-policy.yaml"]
    stated = {section: value for section, value in starter.items() if section not in ("id", "title")}
    defaults = BY_PRESET[preset]["policy.yaml"]

    assert [] == [section for section, value in stated.items() if not is_part_of(value, defaults[section])]


def paths_of(data: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(data, dict):
        for key, inner in data.items():
            yield from paths_of(inner, (*at, key))
    else:
        yield at


@pytest.mark.parametrize("preset", ["standard", "regulated"])
def test_a_larger_preset_leaves_open_nothing_that_preset_small_states(preset: str) -> None:
    assert set() == set(paths_of(DEFAULTS)) - set(paths_of(BY_PRESET[preset]["policy.yaml"]))


def test_the_regulated_preset_states_whatever_the_standard_one_states() -> None:
    standard, regulated = (BY_PRESET[preset]["policy.yaml"] for preset in ("standard", "regulated"))

    assert set(paths_of(standard)) == set(paths_of(regulated)) - {("events", "coverage", "medium")}


STRICTER = [
    ("backout", "hours"), ("cmdb", "update_hours"), ("debt", "workaround_days"), ("emergency", "retest_hours"),
    ("exceptions", "max_days", "critical"), ("exceptions", "max_days", "low"), ("exceptions", "max_renewals"),
    ("pir", "due_days"), ("recurrence", "threshold"), ("snapshot", "max_age_hours"), ("stability", "limit_weighted"),
]  # fmt: skip


@pytest.mark.parametrize("at", STRICTER, ids=".".join)
def test_the_regulated_preset_is_stricter(at: tuple[str, ...]) -> None:
    standard, regulated = (value_at(BY_PRESET[preset]["policy.yaml"], at) for preset in ("standard", "regulated"))

    assert regulated < standard


def test_only_the_regulated_preset_wants_every_commit_signed() -> None:
    signed = [value_at(BY_PRESET[preset]["policy.yaml"], ("approvals", "require_signed_commits")) for preset in PRESETS]

    assert [False, False, True] == signed


def test_the_release_that_is_not_verified_stops_only_where_a_regulator_looks() -> None:
    policy = preset_policy("small")
    places = [environment(text) for text in ("{regulated: true}", "{regulated: false}", "{}")]

    weights = [policy.severity("FLT752", Severity.ERROR, place) for place in (*places, None)]

    assert [Severity.ERROR, Severity.WARNING, Severity.WARNING, Severity.WARNING] == weights


def environment(text: str) -> Record:
    snapshot = in_memory({"records/environments/ENV-x.yaml": text.encode()}, name="x")
    return Record("ENV-x", KINDS["environment"], "records/environments/ENV-x.yaml", "", None, "", snapshot)


def is_part_of(value: Any, whole: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(whole, dict) and all(is_part_of(inner, whole.get(key)) for key, inner in value.items())
    return bool(value == whole)


@pytest.mark.parametrize("preset", PRESETS)
def test_rules_that_nobody_may_soften_are_locked(preset: str) -> None:
    locked = ["SCH", "LCY", "SIG301", "SIG302", "SIG303", "DUT351", "DUT352", "GOV961", "GOV963", "CAL909"]

    assert locked == BY_PRESET[preset]["policy.yaml"]["rules"]["locked"]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_limits_of_exceptions_tighten_as_the_risk_grows(preset: str) -> None:
    days = [
        BY_PRESET[preset]["policy.yaml"]["exceptions"]["max_days"][risk] for risk in KINDS.vocabularies["risk"]["enum"]
    ]

    assert sorted(days, reverse=True) == days


def test_a_preset_that_does_not_travel_with_the_tool_is_refused_by_name() -> None:
    for preset in PRESETS:
        starting.refuse_preset(preset)

    with pytest.raises(Refused, match="no preset is called 'tiny'"):
        starting.refuse_preset("tiny")
