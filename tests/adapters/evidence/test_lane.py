"""Evidence that a pipeline pushes: one commit on the protected branch, within its lane, however many push beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.adapters.evidence.conftest import PACKAGE, Bench

from opsledger.adapters.evidence.store import keep
from opsledger.adapters.forges import ConnectionLost, Request, Response
from opsledger.edit.gathering import Upload
from opsledger.errors import Refused, Undecided

JUNIT = "<testsuite name='s' timestamp='2026-11-16T15:04:00Z'><testcase name='a'/></testsuite>"
SAID = ("--push", "--by", "PTY-pipeline", "--package-digest", PACKAGE, "--ci", "CI-payments")


@pytest.fixture
def remote(bench: Bench) -> Path:
    """The bare repository that the ledger is pushed to."""
    place = bench.repo.root.parent / "remote.git"
    bench.repo.git("init", "-q", "--bare", "-b", "main", str(place))
    bench.repo.git("remote", "add", "origin", str(place))
    bench.repo.git("push", "-q", "origin", "main")
    return place


def log(bench: Bench, remote: Path) -> list[str]:
    """Author, committer and subject of what landed on the branch, the newest first."""
    return bench.repo.git("--git-dir", str(remote), "log", "--format=%an <%ae> %s", "main").splitlines()


def files(bench: Bench, remote: Path) -> list[str]:
    """What the newest commit on the branch added."""
    return bench.repo.git("--git-dir", str(remote), "show", "--name-status", "--format=", "main").splitlines()


def test_a_pipeline_pushes_one_commit_in_its_lane(bench: Bench, remote: Path) -> None:
    ended = bench.run("junit", bench.report("a.xml", JUNIT), *SAID)

    assert (0, True, set()) == (ended.code, ended.out.startswith("pushed EVD-2026-"), bench.written()), ended.err
    assert "The pipeline <pipeline@example.org> evidence: import 1 report (junit)" == log(bench, remote)[0]
    assert ["A\tattachments", "A\trecords"] == [line.partition("/")[0] for line in files(bench, remote)]


def test_a_second_push_of_the_same_report_lands_nothing(
    bench: Bench, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = bench.report("a.xml", JUNIT)
    bench.run("junit", place, *SAID)
    before = log(bench, remote)
    monkeypatch.setenv("OPSLEDGER_NOW", "2027-01-02T00:00:00Z")

    ended = bench.run("junit", place, *SAID)

    assert (0, "nothing new: the ledger holds it already\n", before) == (ended.code, ended.out, log(bench, remote))


def test_what_a_pipeline_pushed_passes_the_check_of_a_push(bench: Bench, remote: Path) -> None:
    base = bench.repo.git("rev-parse", "HEAD")
    bench.run("junit", bench.report("a.xml", JUNIT), *SAID)
    bench.repo.git("pull", "-q", "--ff-only", "origin", "main")

    ended = bench.program("-C", bench.repo.root, "check", "--base", base, "--at", "HEAD", "--by", "PTY-pipeline")

    assert 0 == ended.code, ended.out + ended.err


def test_a_baseline_lands_with_its_bill_of_materials(bench: Bench, remote: Path) -> None:
    bill = '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a", "purl": "pkg:pypi/a@1"}]}'

    ended = bench.run("cyclonedx", bench.report("a.json", bill), *SAID, "--version", "4.2.1", "--baseline")

    folders = {line.rpartition("\t")[2].rpartition("/")[0] for line in files(bench, remote)}
    assert (0, True) == (ended.code, {"records/evidence/2026", "records/baselines/2026"} < folders), ended.err


@pytest.mark.parametrize("by", ["PTY-ada", ""], ids=["a person", "nobody"])
def test_whoever_has_no_lane_pushes_nothing(bench: Bench, remote: Path, by: str) -> None:
    before = log(bench, remote)

    ended = bench.run("junit", bench.report("a.xml", JUNIT), "--push", *(("--by", by) if by else ()))

    assert (2, before) == (ended.code, log(bench, remote))


def test_a_lane_without_attachments_says_which_file_it_does_not_take(bench: Bench, remote: Path) -> None:
    lane = bench.repo.root / "records/lanes/LAN-pipeline.yaml"
    lane.write_text(lane.read_text().replace("  - /attachments/**\n", ""))
    bench.repo.commit("A narrower lane")
    bench.repo.git("push", "-q", "origin", "main")

    ended = bench.run("junit", bench.report("a.xml", JUNIT), *SAID)

    assert (2, True) == (ended.code, "no lane lets PTY-pipeline add attachments/" in ended.err)


def test_a_remote_out_of_reach_is_undecided(bench: Bench, remote: Path) -> None:
    remote.rename(remote.with_name("gone.git"))

    assert 3 == bench.run("junit", bench.report("a.xml", JUNIT), *SAID).code


@pytest.mark.parametrize("status", [200, 201, 204, 409, 412])
def test_a_server_takes_a_report_by_its_fingerprint(status: int) -> None:
    asked: list[Request] = []

    def carry(request: Request) -> Response:
        asked.append(request)
        return Response(status, {}, b"")

    keep(Upload("https://store.example/ab/abcd", b"report"), carry)

    assert [("PUT", "https://store.example/ab/abcd", b"report")] == [(one.method, one.url, one.body) for one in asked]


@pytest.mark.parametrize(("status", "raised"), [(403, Refused), (404, Refused), (429, Undecided), (503, Undecided)])
def test_a_server_that_does_not_take_it_is_no_silent_loss(status: int, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        keep(Upload("https://store.example/ab/abcd", b"report"), lambda _: Response(status, {}, b""))


def test_a_server_out_of_reach_is_undecided() -> None:
    def carry(_: Request) -> Response:
        raise ConnectionLost("no connection")

    with pytest.raises(Undecided, match="the store cannot be reached: no connection"):
        keep(Upload("https://store.example/ab/abcd", b"report"), carry)


@pytest.mark.parametrize("address", ["ftp://store/ab", "/srv/ab", "http://store.example/ab"])
def test_an_address_that_is_no_store_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        keep(Upload(address, b"report"), lambda _: Response(200, {}, b""))
