"""What proves that somebody approved: a signature by their own key, or the forge's own words."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from opsledger.approvals import armour, sign, statement, verify
from opsledger.approvals.evidence import payload_fault
from opsledger.approvals.programs import found, run
from opsledger.errors import Refused, Undecided

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE = {"PATH": os.environ["PATH"]}
PULL = "https://github.com/kestrel-pay/ledger/pull/12"


def said(approval, people, recorded=NOON, environment=HERE) -> str:
    fault = verify(approval, people, recorded, environment)
    return "" if fault is None else f"{fault.pointer} {fault.message}"


def with_signature(approval, text: str, type: str = "ssh-signature"):
    return replace(approval, evidence={"type": type, "signature": text})


@pytest.fixture
def approval(scene):
    return scene.approvals[0]


def test_a_signature_by_the_partys_own_key_holds(scene, approval):
    assert "" == said(approval, scene.people)


def test_a_signature_holds_whatever_stands_around_it(scene, approval):
    text = approval.evidence["signature"]

    assert "" == said(with_signature(approval, f"\n  {text}\n\n"), scene.people)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"repository": "github.com/mallory/ledger"}, id="repository"),
        pytest.param({"subject": "DEP-2026-ffff"}, id="subject"),
        pytest.param({"scope": "plan"}, id="scope"),
        pytest.param({"digest": "sha256:" + "0" * 64}, id="digest"),
        pytest.param({"pointers": ("/release",)}, id="pointers"),
        pytest.param({"role": "ROL-change-manager"}, id="role"),
        pytest.param({"decision": "rejected"}, id="decision"),
        pytest.param({"at": NOON}, id="time"),
        pytest.param({"withdraws": "APR-2026-a1b2"}, id="what it withdraws"),
        pytest.param({"conditions": ("At night only",)}, id="conditions"),
    ],
)
def test_a_signature_is_over_everything_that_is_decided(scene, approval, change):
    assert "over another statement" in said(replace(approval, **change), scene.people)


def test_what_a_signature_is_not_over_may_be_added(scene, approval):
    assert "" == said(replace(approval, authors=("PTY-ada",), pull_request=PULL), scene.people)


def test_a_key_of_nobody_is_named(scene):
    message = said(scene.approval(key="nobody"), scene.people)

    assert "signed with a key that is nobody's by the party records: SHA256:" in message


def test_a_key_of_somebody_else_names_them(scene, approval):
    assert f"/evidence/signature {approval.id} says that PTY-grace decided, but PTY-joan signed it" == said(
        scene.approval(key="joan"), scene.people
    )


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param(', until: "2026-11-20T10:59:00Z"', "had ended (2026-11-20T10:59:00Z)", id="ended before"),
        pytest.param(', until: "2026-11-20T11:00:00Z"', "had ended (2026-11-20T11:00:00Z)", id="ended that second"),
        pytest.param(', until: "2026-11-20T12:00:00Z"', "a back-dated signature would look the same", id="ended since"),
        pytest.param(', until: "2026-11-20T12:00:01Z"', "", id="ends a second later"),
    ],
)
def test_a_key_counts_between_its_dates_only(scene, term, expected):
    there = scene.with_party(
        "PTY-grace", lambda text: text.replace('"2026-01-01T00:00:00Z"', f'"2026-01-01T00:00:00Z"{term}')
    )

    message = said(scene.approvals[0], there.people)

    assert expected in message
    assert bool(expected) == bool(message)


def test_a_key_that_began_later_does_not_count_yet(scene, approval):
    there = scene.with_party("PTY-grace", lambda text: text.replace("2026-01-01", "2026-11-21"))

    assert "did not count yet (from 2026-11-21T00:00:00Z)" in said(approval, there.people)


def test_a_key_that_ended_after_it_was_recorded_still_proves_what_is_landed(scene, approval):
    ended = '"2026-01-01T00:00:00Z", until: "2026-11-20T11:30:00Z"'
    there = scene.with_party("PTY-grace", lambda text: text.replace('"2026-01-01T00:00:00Z"', ended))

    assert "" == said(approval, there.people, recorded=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "does not start with -----BEGIN", id="nothing"),
        pytest.param("hello", "does not start with -----BEGIN", id="no armour"),
        pytest.param("-----BEGIN SSH SIGNATURE-----\nAAAA", "does not end with -----END", id="no end"),
        pytest.param(
            "-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----", "not written in base64", id="no base64"
        ),
        pytest.param(
            "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----",
            "no SSH signature of version 1",
            id="no magic",
        ),
        pytest.param(
            "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----",
            "is cut short",
            id="cut short",
        ),
        pytest.param(
            "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAAAFhAAAACWI=\n-----END SSH SIGNATURE-----",
            "is cut short",
            id="cut short in its purpose",
        ),
        pytest.param("x" * 20001, "20,001 characters long", id="too long"),
    ],
)
def test_what_is_no_signature_is_told_as_such(scene, approval, text, expected):
    assert expected in said(with_signature(approval, text), scene.people)


def test_two_signatures_are_one_too_many(scene, approval):
    text = approval.evidence["signature"]

    assert "carries 2 signatures" in said(with_signature(approval, text + text), scene.people)


def test_a_signature_made_for_something_else_proves_nothing(scene, approval, keys, tmp_path):
    place = tmp_path / "said"
    place.write_bytes(statement(approval))
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", keys.private("grace"), str(place)], check=True)

    message = said(with_signature(approval, Path(f"{place}.sig").read_text()), scene.people)

    assert "was made for 'git' and not for an approval" in message


def test_a_program_in_a_relative_folder_is_not_run(scene, approval, tmp_path, monkeypatch):
    fake = tmp_path / "ssh-keygen"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(Undecided, match="ssh-keygen is not on the PATH"):
        verify(approval, scene.people, NOON, {"PATH": ".:"})


def test_a_program_that_does_not_run_is_undecided(tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("no program")

    with pytest.raises(Undecided, match="gave no answer"):
        run(str(broken), [], stdin=b"", home=tmp_path, environment={"TMPDIR": str(tmp_path)})


def test_a_program_sees_nothing_of_the_callers_keys(tmp_path):
    shown = run(found("env", HERE), [], stdin=b"", home=tmp_path, environment={**HERE, "SSH_AUTH_SOCK": "/x"})

    assert {"PATH", "HOME", "GNUPGHOME", "LC_ALL"} >= {
        line.partition("=")[0] for line in shown.output.decode().split()
    } - {"PWD"}


def test_who_cannot_sign_is_told_why(tmp_path):
    with pytest.raises(Refused, match="ssh-keygen could not sign with"):
        sign(b"said", key=str(tmp_path / "nothing"), environment=HERE)


def test_fingerprints_are_those_of_ssh_keygen(keys):
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{keys.private('ada')}.pub"], check=True, capture_output=True, text=True
    ).stdout.split()
    about = armour.read_ssh(keys.sign("ada", b"said"))

    assert (listed[1], "opsledger-approval") == (about.fingerprint, about.namespace)


# GPG


def gpg_scene(scene, gpg, names=("grace", "joan")):
    """The scene in which people have GPG keys instead."""
    for name in names:
        keys = gpg.keys(name)
        scene = scene.with_party(
            f"PTY-{name}",
            lambda text, keys=keys: "".join(
                keys if line.startswith("  keys:") else line for line in text.splitlines(keepends=True)
            ),
        )
    return scene


def gpg_signed(approval, gpg, name: str):
    text = sign(statement(approval), key=gpg.prints[name], type="gpg", environment=gpg.environment)
    return with_signature(approval, text, "gpg-signature")


def test_a_gpg_signature_by_the_partys_own_key_holds(scene, approval, gpg):
    there = gpg_scene(scene, gpg)

    assert "" == said(gpg_signed(approval, gpg, "grace"), there.people)


def test_a_gpg_signature_over_another_statement_does_not(scene, approval, gpg):
    signed = replace(gpg_signed(approval, gpg, "grace"), role="ROL-change-manager")

    assert "over another statement" in said(signed, gpg_scene(scene, gpg).people)


def test_a_gpg_key_of_somebody_else_names_them(scene, approval, gpg):
    assert "PTY-joan signed it" in said(gpg_signed(approval, gpg, "joan"), gpg_scene(scene, gpg).people)


def test_a_gpg_key_of_nobody_is_named(scene, approval, gpg):
    assert gpg.prints["nobody"] in said(gpg_signed(approval, gpg, "nobody"), gpg_scene(scene, gpg).people)


def test_a_gpg_signature_by_nobody_whom_a_record_names_is_told(scene, approval, gpg):
    stranger = replace(approval, party="PTY-stranger")

    assert "PTY-grace signed it" in said(gpg_signed(stranger, gpg, "grace"), gpg_scene(scene, gpg).people)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "no armoured GPG signature", id="nothing"),
        pytest.param(
            "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----",
            "none that gpg can read",
            id="no signature",
        ),
    ],
)
def test_what_is_no_gpg_signature_is_told_as_such(scene, approval, gpg, text, expected):
    assert expected in said(with_signature(approval, text, "gpg-signature"), gpg_scene(scene, gpg).people)


def test_two_gpg_signatures_in_one_block_are_one_too_many(scene, approval, gpg, tmp_path):
    place = tmp_path / "said"
    place.write_bytes(statement(approval))
    gpg.run(
        "--armor",
        "-u",
        gpg.prints["grace"],
        "-u",
        gpg.prints["joan"],
        "--detach-sign",
        "-o",
        f"{place}.asc",
        str(place),
    )

    message = said(
        with_signature(approval, Path(f"{place}.asc").read_text(), "gpg-signature"), gpg_scene(scene, gpg).people
    )

    assert "carries 2 signatures" in message


def test_a_gpg_key_that_is_another_than_the_record_says_proves_nothing(scene, approval, gpg):
    there = gpg_scene(scene, gpg).with_party(
        "PTY-grace", lambda text: text.replace(gpg.prints["grace"], gpg.prints["nobody"])
    )

    assert "over another statement" in said(gpg_signed(approval, gpg, "nobody"), there.people)


def test_a_gpg_key_that_was_taken_back_proves_nothing(scene, approval, new_ring, tmp_path):
    gpg = new_ring(tmp_path)
    for name in ("grace", "joan"):
        gpg.make(name)
    signed = gpg_signed(approval, gpg, "grace")
    revocation = (
        (gpg.home / "openpgp-revocs.d" / f"{gpg.prints['grace']}.rev").read_text().replace(":-----BEGIN", "-----BEGIN")
    )
    (tmp_path / "rev").write_text(revocation)
    gpg.run("--import", str(tmp_path / "rev"))

    message = said(signed, gpg_scene(scene, gpg).people)

    assert "signed with a key that PTY-grace took back" in message


@pytest.mark.parametrize(
    ("key", "signature"),
    [pytest.param("1d", "0", id="the key has ended"), pytest.param("0", "1d", id="the signature has ended")],
)
def test_a_gpg_signature_that_has_ended_by_its_own_word_proves_nothing(
    scene, approval, new_ring, tmp_path, key, signature
):
    gpg = new_ring(tmp_path)
    gpg.make("grace", key, "--faked-system-time", "20200101T000000")
    answer = subprocess.run(
        ["gpg", "--batch", "--armor", "--faked-system-time", "20200101T010000", "--default-sig-expire", signature,
         "--detach-sign"], env=gpg.environment, input=statement(approval), check=True, capture_output=True,
    )  # fmt: skip
    signed = with_signature(approval, answer.stdout.decode(), "gpg-signature")

    message = said(signed, gpg_scene(scene, gpg, ("grace",)).people)

    assert "has ended by what it says of itself" in message


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        pytest.param(None, "", id="landed while it counted"),
        pytest.param(NOON, "has ended by what it says of itself", id="brought since"),
    ],
)
def test_a_gpg_key_that_has_ended_since_proves_only_what_is_landed(
    scene, approval, new_ring, tmp_path, recorded, expected
):
    gpg = new_ring(tmp_path)
    gpg.make("grace", "1d", "--faked-system-time", "20200101T000000")
    old = replace(approval, at=datetime(2020, 1, 1, 1, tzinfo=UTC))
    answer = subprocess.run(
        ["gpg", "--batch", "--armor", "--faked-system-time", "20200101T010000", "--detach-sign"], env=gpg.environment,
        input=statement(old), check=True, capture_output=True,
    )  # fmt: skip
    there = gpg_scene(scene, gpg, ("grace",)).with_party(
        "PTY-grace", lambda text: text.replace("2026-01-01", "2019-01-01")
    )

    message = said(with_signature(old, answer.stdout.decode(), "gpg-signature"), there.people, recorded)

    assert (expected in message, bool(expected)) == (True, bool(message))


# What a forge said


def test_a_copied_review_in_the_forges_own_words_holds(scene):
    assert "" == said(scene.copied(), scene.people)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({"id": 81}, "/evidence/review", id="another review"),
        pytest.param({"commit_id": "b" * 40}, "/evidence/commit", id="another commit"),
        pytest.param(
            {"state": "CHANGES_REQUESTED"}, "says decision granted, and the forge says revise", id="changes asked for"
        ),
        pytest.param({"state": "COMMENTED"}, "and the forge says commented", id="a comment"),
        pytest.param({"state": "DISMISSED"}, "and the forge says dismissed", id="dismissed"),
        pytest.param({"dismissed": True}, "and the forge says dismissed", id="dismissed beside its state"),
        pytest.param({"state": "PENDING"}, "and the forge says something else", id="not sent yet"),
        pytest.param({"submitted_at": "2026-11-20T11:00:01Z"}, "/at", id="another second"),
        pytest.param(
            {"html_url": "https://github.com/kestrel-pay/ledger/pull/123#r"}, "/pull_request", id="another pull request"
        ),
        pytest.param({"user": None}, "is gone, so nobody can show whose it was", id="an account that is gone"),
        pytest.param({"user": {}}, "is gone, so nobody can show whose it was", id="an account without a name"),
        pytest.param({"user": {"login": "grace", "id": 2, "type": "Bot"}}, "which is a machine", id="a bot"),
        pytest.param(
            {"user": {"login": "grace", "id": 77}},
            "is one that no party record names",
            id="another account of that name",
        ),
        pytest.param({"user": {"login": "joan", "id": 3}}, "is PTY-joan's", id="somebody else's account"),
    ],
)
def test_a_copied_review_says_what_the_forge_said(scene, payload, expected):
    assert expected in said(scene.copied(payload=payload), scene.people)


@pytest.mark.parametrize(
    ("payload", "decision"),
    [
        pytest.param({"state": "CHANGES_REQUESTED"}, "revise", id="asked for changes"),
        pytest.param({"state": "REQUEST_CHANGES"}, "revise", id="asked for changes at Gitea"),
        pytest.param({"state": "CHANGES_REQUESTED"}, "rejected", id="said no"),
        pytest.param({"state": "DISMISSED"}, "withdrawn", id="dismissed"),
        pytest.param({"state": "approved"}, "granted", id="in small letters, as in a webhook"),
        pytest.param({"html_url": None, "web_url": f"{PULL}"}, "granted", id="the pull request itself"),
        pytest.param({"html_url": None}, "granted", id="without an address"),
        pytest.param({"id": None, "commit_id": None, "submitted_at": None}, "granted", id="with no more than a state"),
    ],
)
def test_other_decisions_are_told_in_other_words(scene, payload, decision):
    assert "" == said(scene.copied(payload=payload, decision=decision), scene.people)


WHEN = "2026-11-20T11:00:00Z"
NOTE = {"id": 80, "author": {"id": 2, "username": "grace"}, "created_at": WHEN}
VERSION = {"head_commit_sha": "a" * 40}
UPDATE = {"update": {"source": {"commit": {"hash": "a" * 12}}}}
BITBUCKET = {"account_id": "2", "nickname": "grace", "type": "user"}


@pytest.mark.parametrize(
    ("payload", "decision"),
    [
        pytest.param(
            {"approval": {"user": {"id": 2, "username": "grace"}, "approved_at": WHEN}, "version": VERSION},
            "granted",
            id="an approval of GitLab",
        ),
        pytest.param(
            {"approval": {"user": {"id": 2, "username": "grace"}}, "note": NOTE}, "granted", id="an older one of GitLab"
        ),
        pytest.param({"user": {"id": 2, "username": "grace"}, "approved_at": WHEN}, "granted", id="its entry alone"),
        pytest.param({"note": {**NOTE, "body": "approved this merge request"}}, "granted", id="a note of GitLab"),
        pytest.param({"note": {**NOTE, "body": "requested changes "}}, "revise", id="a note that asks for changes"),
        pytest.param(
            {"note": {**NOTE, "body": "unapproved this merge request"}}, "withdrawn", id="a note that takes back"
        ),
        pytest.param(
            {"user": BITBUCKET, "approved": True, "participated_on": "2026-11-20T11:00:00+00:00"},
            "granted",
            id="a participant of Bitbucket",
        ),
        pytest.param(
            {"approval": {"user": {"uuid": "2", "nickname": "grace"}, "date": WHEN}, "update": UPDATE},
            "granted",
            id="an entry of Bitbucket's activity",
        ),
        pytest.param(
            {"changes_requested": {"user": BITBUCKET, "date": WHEN}}, "revise", id="one that asks for changes"
        ),
        pytest.param(
            {
                "id": "80",
                "author": {"login": "grace"},
                "state": "APPROVED",
                "submittedAt": WHEN,
                "commit": {"oid": "a" * 40},
            },
            "granted",
            id="what gh prints",
        ),
    ],
)
def test_every_forge_is_read_in_its_own_words(scene, payload, decision):
    text = json.dumps(payload)
    stated = {"payload": text, "payload_digest": f"sha256:{sha256(text.encode()).hexdigest()}"}

    assert "" == said(scene.copied(evidence=stated, decision=decision), scene.people)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(
            {
                "approval": {"user": BITBUCKET, "date": WHEN},
                "update": {"update": {"source": {"commit": {"hash": "b" * 12}}}},
            },
            "/evidence/commit",
            id="another short commit",
        ),
        pytest.param(
            {
                "approval": {"user": BITBUCKET, "date": WHEN},
                "update": {"update": {"source": {"commit": {"hash": "a"}}}},
            },
            "/evidence/commit",
            id="a commit too short to be one",
        ),
        pytest.param(
            {"note": {**NOTE, "body": "looks good"}}, "the forge says something else", id="a note that is none"
        ),
        pytest.param({"user": {"login": "Ghost", "id": -1}, "state": "APPROVED"}, "that is gone", id="gone at Gitea"),
        pytest.param(
            {"user": {"login": "pipelines", "id": -2}, "state": "APPROVED"},
            "which is a machine",
            id="the pipelines of Gitea",
        ),
        pytest.param(
            {"author": {"login": "app/helper"}, "state": "APPROVED"}, "which is a machine", id="an app as gh prints it"
        ),
        pytest.param(
            {"author": {"login": "grace", "is_bot": True}, "state": "APPROVED"},
            "which is a machine",
            id="a bot as gh prints it",
        ),
        pytest.param(
            {"user": {"username": "grace", "bot": True}, "approved_at": WHEN},
            "which is a machine",
            id="a bot of GitLab",
        ),
    ],
)
def test_what_a_forge_says_otherwise_is_told(scene, payload, expected):
    text = json.dumps(payload)
    stated = {"payload": text, "payload_digest": f"sha256:{sha256(text.encode()).hexdigest()}"}

    assert expected in said(scene.copied(evidence=stated), scene.people)


def test_who_only_took_part_did_not_approve(scene):
    text = json.dumps({"user": {"account_id": "2", "nickname": "grace"}, "approved": False})
    stated = {"payload": text, "payload_digest": f"sha256:{sha256(text.encode()).hexdigest()}"}

    assert "the forge says something else" in said(scene.copied(evidence=stated), scene.people)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        pytest.param({"payload": ""}, "does not keep what the forge said", id="no words"),
        pytest.param({"payload": "{}"}, "are not those that its payload_digest stands for", id="other words"),
    ],
)
def test_a_copied_review_keeps_the_forges_words(scene, evidence, expected):
    assert expected in said(scene.copied(evidence=evidence), scene.people)


@pytest.mark.parametrize("text", ["no json", "[]", "3", '"APPROVED"', "[" * 100_000])
def test_what_is_no_answer_about_a_review_is_told_as_such(scene, text):
    stated = {"payload": text, "payload_digest": f"sha256:{sha256(text.encode()).hexdigest()}"}

    assert "is no forge's answer about a review" in payload_fault(scene.copied(evidence=stated), scene.people).message
