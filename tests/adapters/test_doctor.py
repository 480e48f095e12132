"""`opsledger doctor`: the clone and the forge, and what is kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.adapters.desk import Desk
from tests.adapters.server import Server, answers
from tests.cli.conftest import Call, Ended

from opsledger.yamlfile import Unreadable, read

START = "/repos/kestrel-pay/ledger"
STRICT = {
    "required_status_checks": {"strict": True, "contexts": ["opsledger"], "checks": []},
    "required_pull_request_reviews": {"dismiss_stale_reviews": True, "require_code_owner_reviews": True},
    "enforce_admins": {"enabled": True}, "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": False},
}  # fmt: skip


def serve(forge: Server, protection: dict[str, Any] | None = None) -> None:
    if protection is not None:
        forge.answers[f"{START}/branches/main/protection"] = answers(200, json.dumps(protection).encode())
    forge.answers[f"{START}/rules/branches/main?per_page=100"] = answers(200, b"[]")


def outcomes(ended: Ended) -> dict[str, str]:
    return {line["name"]: line["outcome"] for line in map(json.loads, ended.out.splitlines())}


def test_a_clone_by_itself_is_looked_at_without_a_forge(desk: Desk, call: Call) -> None:
    ended = call("-C", desk.repo.root, "doctor", "--format", "json")

    assert 0 == ended.code
    assert {
        "history": "enforced", "grafts": "enforced", "address": "enforced", "base": "enforced", "version": "enforced",
        "hook": "missing",
    } == outcomes(ended)  # fmt: skip


def test_a_shallow_clone_is_told_how_to_get_its_history(desk: Desk, call: Call) -> None:
    shallow = desk.repo.clone("shallow", "--depth=1")

    ended = call("-C", shallow.root, "doctor")

    assert 1 == ended.code
    assert (
        "history        missing: history was cut off in this clone\n      fix: run `git fetch --unshallow`" in ended.out
    )


def test_a_clone_with_another_history_than_its_commits_tell_is_named(desk: Desk, call: Call) -> None:
    desk.repo.git("replace", "main", "main~1")

    ended = call("-C", desk.repo.root, "doctor", "--format", "json")

    assert (1, "missing") == (ended.code, outcomes(ended)["grafts"])


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        pytest.param("preset: small\nprotected: main\nrepository: github.com/a/b\n", "version", id="no version"),
        pytest.param('tool: "9.9.9"\nrepository: github.com/a/b\n', "version", id="another version"),
        pytest.param('tool: "0.1.0"\nprotected: trunk\nrepository: github.com/a/b\n', "base", id="no such branch"),
        pytest.param('tool: "0.1.0"\nprotected: main\n', "address", id="no address"),
    ],
)
def test_each_setting_that_lacks_is_named_with_what_to_do(desk: Desk, call: Call, settings: str, name: str) -> None:
    desk.repo.write(".opsledger.yaml", settings)

    ended = call("-C", desk.repo.root, "doctor", "--format", "json")

    assert (1, "missing") == (ended.code, outcomes(ended)[name])
    assert all(line["fix"] for line in map(json.loads, ended.out.splitlines()) if line["outcome"] != "enforced")


@pytest.mark.parametrize(
    "address",
    ["https://user:secret@github.com/kestrel-pay/ledger.git", "git@github.com:kestrel-pay/ledger.git",
     "ssh://git@github.com:22/kestrel-pay/ledger", "https://GitHub.com/kestrel-pay/ledger/"],
)  # fmt: skip
def test_the_address_follows_from_the_remote_without_its_credentials(desk: Desk, call: Call, address: str) -> None:
    desk.repo.write(".opsledger.yaml", 'tool: "0.1.0"\nprotected: main\n')
    desk.repo.git("remote", "set-url", "origin", address)

    ended = call("-C", desk.repo.root, "doctor")

    assert "this ledger is github.com/kestrel-pay/ledger\n" in ended.out
    assert "secret" not in ended.out + ended.err


def test_a_strict_forge_is_enough(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge, STRICT)

    ended = call("-C", desk.repo.root, "doctor", "--live", "--format", "json")

    assert (0, {"enforced"}) == (ended.code, {word for name, word in outcomes(ended).items() if name != "hook"})


def test_a_forge_that_lets_administrators_pass_is_not(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge, STRICT | {"enforce_admins": {"enabled": False}})

    ended = call("-C", desk.repo.root, "doctor", "--live")

    assert 1 == ended.code
    assert "bypass         missing: the rules can be passed by: administrators" in ended.out


def test_what_opsledger_notices_itself_is_advice(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge, STRICT | {"required_pull_request_reviews": {"dismiss_stale_reviews": False}})

    ended = call("-C", desk.repo.root, "doctor", "--live")

    assert 0 == ended.code
    assert "stale-reviews  missing (advice): " in ended.out


def test_a_token_that_may_not_read_the_protection_is_undecided(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge)

    ended = call("-C", desk.repo.root, "doctor", "--live")

    assert 3 == ended.code
    assert "protection     unknown: " in ended.out
    assert "Administration: read" in ended.out


def test_a_forge_that_does_not_answer_is_undecided(desk: Desk, call: Call, forge: Server) -> None:
    forge.answers[f"{START}/branches/main/protection"] = answers(500)

    assert 3 == call("-C", desk.repo.root, "doctor", "--live").code


def test_a_forge_that_nobody_knows_is_asked_for(desk: Desk, call: Call) -> None:
    desk.repo.write(
        ".opsledger.yaml", 'tool: "0.1.0"\nprotected: main\nrepository: git.example.org/kestrel-pay/ledger\n'
    )

    ended = call("-C", desk.repo.root, "doctor", "--live")

    assert 2 == ended.code
    assert "set OPSLEDGER_FORGE to" in ended.err


@pytest.mark.parametrize(
    ("protection", "result"),
    [
        pytest.param(STRICT, "passed", id="strict"),
        pytest.param(STRICT | {"allow_deletions": {"enabled": True}}, "failed", id="deletion"),
        pytest.param(STRICT | {"required_pull_request_reviews": {}}, "passed-with-issues", id="advice"),
        pytest.param(None, "not-run", id="not shown"),
    ],
)
def test_the_answer_is_kept_as_evidence_that_passes_check(
    desk: Desk, call: Call, forge: Server, protection: dict[str, Any] | None, result: str
) -> None:
    serve(forge, protection)

    call("-C", desk.repo.root, "doctor", "--live", "--store", "--by", "PTY-bot")

    [path] = desk.repo.root.glob("records/evidence/2026/*.yaml")
    record = read(path.read_bytes())
    assert not isinstance(record, Unreadable)
    assert ("protection", result, "2026-11-20T12:00:00Z") == (record["type"], record["result"], record["at"])
    assert [{"party": "PTY-bot"}] == record["performed_by"]
    assert path.stem == record["id"]
    assert path.stem not in call("-C", desk.repo.root, "check").out


def test_a_stored_answer_needs_a_forge(desk: Desk, call: Call) -> None:
    assert 2 == call("-C", desk.repo.root, "doctor", "--store").code


def test_a_dry_run_keeps_nothing(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge, STRICT)

    ended = call("-C", desk.repo.root, "doctor", "--live", "--store", "--dry-run")

    assert 0 == ended.code
    assert "would write records/evidence/2026/EVD-2026-" in ended.out
    assert not (desk.repo.root / "records/evidence").exists()
