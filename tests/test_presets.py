"""What a preset promises: records that fit, names that lead somewhere, and values as the policy's page states them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest

from opsledger import packaged
from opsledger.edit import starting
from opsledger.errors import Refused
from opsledger.kind import Kind, Kinds, load_kinds
from opsledger.yamlfile import read

KINDS: Kinds = load_kinds(packaged.files("schemas"), {})
FILES = packaged.files("presets/small")
RECORDS: dict[str, Any] = {path: read(data) for path, data in FILES.items()}
STARTER = {path: data for path, data in RECORDS.items() if path.startswith("records/")}
DEFAULTS = RECORDS["policy.yaml"]
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
        return ", ".join(map(str, value))
    if isinstance(value, dict) and len(value) == 1:
        return spoken(next(iter(value.values())))
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return str(value)


PROMISED = dict(promised(KINDS["policy"].schema, KINDS["policy"].schema))


@pytest.mark.parametrize("path", sorted(RECORDS))
def test_each_record_of_the_preset_fits_its_schema(path: str) -> None:
    data = RECORDS[path]
    assert isinstance(data, dict), data

    assert [] == kind_of(path).faults(data, data["id"])


@pytest.mark.parametrize("path", sorted(STARTER))
def test_each_record_that_a_new_ledger_starts_with_lies_where_its_id_says(path: str) -> None:
    data = STARTER[path]
    kind = kind_of(path)

    assert f"{kind.folder}/{data['id']}.yaml" == path
    assert KINDS.of_id(data["id"]) is kind


GATES = (
    "intake plan build package pilot accept ready promote next-group verify close change-approve problem-close "
    "patch-close"
).split()


def test_a_new_ledger_starts_with_a_policy_a_role_fourteen_gates_and_two_lanes() -> None:
    expected = {"POL-policy", "ROL-approver", "LAN-approvals", "LAN-pipeline", *(f"GAT-{name}" for name in GATES)}

    assert expected == {PurePosixPath(path).stem for path in STARTER}


@pytest.mark.parametrize("path", sorted(RECORDS))
def test_the_preset_names_no_record_that_it_does_not_bring(path: str) -> None:
    brought = {data["id"] for data in STARTER.values()}

    named = {text for _, text, mark in kind_of(path).marks(RECORDS[path]) if mark.sort == "reference"}

    assert named <= brought


def test_one_role_is_enough_for_everything_in_preset_small() -> None:
    roles = {text for _, text, mark in KINDS["policy"].marks(DEFAULTS) if mark.sort == "reference"}

    assert {"ROL-approver"} == roles


@pytest.mark.parametrize("at", sorted(PROMISED), ids=".".join)
def test_the_preset_holds_what_the_description_of_a_threshold_says(at: tuple[str, ...]) -> None:
    value = value_at(DEFAULTS, at)

    if PROMISED[at].startswith(NOTHING):
        assert value is None
    else:
        assert PROMISED[at] == spoken(value)


def test_the_starter_policy_says_nothing_else_than_the_preset() -> None:
    starter = STARTER["records/policy/POL-policy.yaml"]
    stated = {section: value for section, value in starter.items() if section not in ("id", "title")}

    assert [] == [section for section, value in stated.items() if not is_part_of(value, DEFAULTS[section])]


def is_part_of(value: Any, whole: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(whole, dict) and all(is_part_of(inner, whole.get(key)) for key, inner in value.items())
    return bool(value == whole)


def test_rules_that_nobody_may_soften_are_locked() -> None:
    locked = ["SCH", "LCY", "SIG301", "SIG302", "SIG303", "DUT351", "DUT352", "GOV961", "GOV963"]

    assert locked == DEFAULTS["rules"]["locked"]


def test_the_limits_of_exceptions_tighten_as_the_risk_grows() -> None:
    days = [DEFAULTS["exceptions"]["max_days"][risk] for risk in KINDS.vocabularies["risk"]["enum"]]

    assert sorted(days, reverse=True) == days


def test_a_preset_that_does_not_travel_with_the_tool_is_refused_by_name() -> None:
    starting.refuse_preset("small")

    with pytest.raises(Refused, match="no preset is called 'tiny'"):
        starting.refuse_preset("tiny")
