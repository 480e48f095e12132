"""What tests say that forges answer and take, held against the names and values that the forges describe."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.adapters.payload import HERE, payload
from tests.adapters.test_requests import asked_by, matches


def description(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "api" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def part(value: Any, path: str) -> Any:
    for name in path.split("/")[1:]:
        value = value[name]
    return value


def properties(data: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an object, those of what it is made of among them."""
    found: dict[str, Any] = {}
    for one in schema.get("allOf", ()):
        found |= properties(data, resolved(data, one))
    return found | schema.get("properties", {})


def resolved(data: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return part(data, schema["$ref"].removeprefix("#")) if "$ref" in schema else schema


def unknown(data: Mapping[str, Any], schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """Yield where a value has a name, a type or a choice that a schema does not know."""
    schema = resolved(data, schema)
    if value is None or not schema:
        return
    sorts = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if "type" in schema and not isinstance(value, sorts[schema["type"]]):
        yield f"{at} is no {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} may not be {value}"
    if isinstance(value, list):
        for one in value:
            yield from unknown(data, schema.get("items", {}), one, at)
    known = properties(data, schema)
    if isinstance(value, dict) and known:
        for name, inner in value.items():
            if name in known:
                yield from unknown(data, known[name], inner, f"{at}/{name}")
            else:
                yield f"{at}/{name} is not described"


@pytest.mark.parametrize(
    ("forge", "name", "path", "schema"),
    [
        ("gitlab", "gitlab", "/merge_request", "MergeRequest"),
        ("gitlab", "gitlab", "/approvals", "MergeRequestApprovals"),
        ("gitlab", "gitlab", "/approval_state", "ApprovalState"),
        ("gitlab", "gitlab", "/notes", "Note"),
        ("gitlab", "gitlab", "/versions", "MergeRequestDiff"),
        ("gitea", "forgejo", "/pull_request", "PullRequest"),
        ("gitea", "forgejo", "/reviews", "PullReview"),
        ("bitbucket", "bitbucket", "/pull_request", "Pullrequest"),
        ("bitbucket", "bitbucket", "/commits", "Commit"),
    ],
)
def test_answers_that_we_made_up_hold_nothing_that_the_forge_does_not_describe(
    forge: str, name: str, path: str, schema: str
) -> None:
    data, value = description(forge), part(payload(name), path)
    one = {"$ref": f"#/components/schemas/{schema}"}
    found = set(unknown(data, {"type": "array", "items": one} if isinstance(value, list) else one, value))

    assert set() == {fault for fault in found if not fault.endswith(UNDESCRIBED)}


# Gitea writes the name of an account twice, and its description knows of one of them. Bitbucket's own examples say of a
# commit that it is one.
UNDESCRIBED = ("/user/username is not described", "/commit/type is not described")


@pytest.mark.parametrize(("sort", "forge"), [("gitlab", "gitlab"), ("forgejo", "gitea"), ("bitbucket", "bitbucket")])
def test_what_is_sent_holds_no_name_that_the_forge_does_not_describe(sort: str, forge: str) -> None:
    data = description(forge)
    sent = [request for request in asked_by(sort) if request.body]

    assert {"POST", "PUT" if sort != "forgejo" else "PATCH"} == {request.method for request in sent}
    for request in sent:
        [schema] = (
            operations[request.method.lower()]["requestBody"]["content"]["application/json"]["schema"]
            for path, operations in data["paths"].items()
            if request.method.lower() in operations and matches(path, urlsplit(request.url).path, data)
        )
        assert [] == list(unknown(data, schema, json.loads(request.body)))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"state": "OKAY"}, "/state may not be OKAY"),
        ({"approved": "yes"}, "/approved is no boolean"),
        ({"approver": {}}, "/approver is not described"),
        ({"user": {"nick": "lena"}}, "/user/nick is not described"),
    ],
)
def test_a_slip_in_an_answer_is_noticed(value: dict[str, Any], fault: str) -> None:
    data = description("bitbucket")

    assert [fault] == list(unknown(data, {"$ref": "#/components/schemas/Participant"}, value))
