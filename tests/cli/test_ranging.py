"""`new release --range`: what it writes, and when it writes nothing."""

from __future__ import annotations

import pytest

from .team import CHANGE, RELEASE, made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["problem", "--range", "a..b"], "a problem is not made from commits", id="another kind"),
        pytest.param(["release", "--range", "v4.2.0"], "no range of commits", id="one end"),
        pytest.param(["release", "--service", "CI-payments"], "go with --range", id="service without a range"),
        pytest.param(["release", "--range", "v4.2.0..v4.2.1", "--id", "REL-2026-0009"], "leave --id out", id="an id"),
        pytest.param(["release", "--range", "v4.2.0..v4.2.1", "--repository", "gone"], "no directory", id="no clone"),
        pytest.param(["release", "--range", "v4.2.0..v4.2.1", "--set", "risk=huge"], "may not be 'huge'", id="a value"),
    ],
)
def test_release_that_cannot_be_made_so_is_refused(team, call, words, said):
    done = call("-C", team.root, "new", *words)

    assert 2 == done.code
    assert said in done.err
    assert not (team.root / "records/releases").exists()


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        pytest.param("http://git.example.org/pay/payments", 2, "use https or ssh", id="in the clear"),
        pytest.param("https://ada:secret@git.example.org/pay", 2, "holds a password", id="with a password"),
        pytest.param("file:///nowhere/payments.git", 3, "/nowhere/payments.git", id="gone"),
    ],
)
def test_range_of_an_address_that_nobody_should_ask_or_that_is_gone_is_refused(team, call, address, code, said):
    done = made(team, call, "--repository", address)

    assert (code, True) == (done.code, said in done.err)
    assert not (team.root / "records/releases").exists()


@pytest.mark.parametrize("cache", ["off", "kept"])
def test_range_of_a_repository_elsewhere_is_read_without_its_contents(team, call, tmp_path, monkeypatch, cache):
    code = tmp_path / "code.git"
    team.git("clone", "-q", "--bare", ".", str(code))
    team.git("-C", str(code), "config", "uploadpack.allowFilter", "true")
    for tag in ("v4.2.0", "v4.2.1"):
        team.git("tag", "-d", tag)
    monkeypatch.setenv("OPSLEDGER_CACHE", "off" if cache == "off" else str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = made(team, call, "--repository", code.as_uri(), "--service", "CI-payments")
    text = (team.root / RELEASE).read_text() if done.code == 0 else done.err

    assert 0 == done.code, text
    assert "from: v4.2.0\n  to: v4.2.1\n" in text
    assert "title: Carry the key through retries\n" in text
    kept = [one for one in (tmp_path / "cache").glob("opsledger/ledgers/*") if one.is_dir()]
    sorts = [
        team.git("--git-dir", str(clone), "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
        for clone in kept
    ]
    assert [{"commit", "tree"}] * (cache == "kept") == [set(found.split()) for found in sorts]


def test_tag_that_a_repository_elsewhere_lacks_is_undecided_and_the_way_out_is_told(team, call):
    address = team.clone("code").root.as_uri()
    done = call("-C", team.root, "new", "release", "--range", "v4.2.0..v9.9.9", "--repository", address)

    assert 3 == done.code
    assert "no tag or commit is called 'v9.9.9' here" in done.err
    assert f"push it to {address} first" in done.err


def test_release_of_another_clone_asks_for_its_service_and_takes_it(team, call, tmp_path):
    ledger = team.clone("ops")
    lost = call("-C", ledger.root, "new", "release", "--range", "v4.2.0..v4.2.1", "--repository", "../ledger")
    for path in (RELEASE, CHANGE):
        (ledger.root / path).unlink(missing_ok=True)
    done = call(
        "-C", ledger.root, "new", "release", "--range", "v4.2.0..v4.2.1", "--repository", "../ledger",
        "--service", "CI-payments",
    )  # fmt: skip

    assert (2, 0) == (lost.code, done.code)
    assert "a new release needs name" in lost.err
    assert "service: CI-payments" in (ledger.root / RELEASE).read_text()


def test_release_and_its_change_and_the_version_on_its_way_are_written_in_one_step(team, call):
    done = made(team, call)

    assert 0 == done.code
    assert [f"wrote {RELEASE}", f"wrote {CHANGE}", "changed records/cis/CI-payments.yaml"] == done.out.splitlines()[:3]
    assert "next: opsledger propose REL-2026-0001" == done.out.splitlines()[-1]
    assert "release: REL-2026-0001" in (team.root / CHANGE).read_text()
    assert (
        'pending:\n  version: "4.2.1"\n  release: REL-2026-0001\n'
        in (team.root / "records/cis/CI-payments.yaml").read_text()
    )
    assert 0 == call("-C", team.root, "check").code


def test_release_that_is_only_shown_writes_nothing(team, call):
    done = made(team, call, "--dry-run")

    assert 0 == done.code
    assert f"would write {RELEASE}" in done.out
    assert "" == team.git("status", "--short")


def test_what_could_not_be_derived_is_said(team, call):
    team.delete("records/models/MDL-routine.yaml")
    done = made(team, call)

    assert "left to say: opsledger set REL-2026-0001 risk=low|medium|high|critical" in done.out
    assert "no published model fits it, so no change was made: opsledger new change" in done.out


def test_version_on_its_way_already_is_left_alone(team, call):
    path = team.root / "records/cis/CI-payments.yaml"
    path.write_text(path.read_text() + "pending: {version: 4.3.0}\n")
    done = made(team, call)

    assert "CI-payments waits for 4.3.0 already" in done.out
    assert "pending: {version: 4.3.0}" in path.read_text()
