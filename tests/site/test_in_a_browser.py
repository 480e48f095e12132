"""The site in a headless Chromium: nothing overflows, nothing is fetched elsewhere, and finding works from a disk."""

from __future__ import annotations

import functools
import html
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from opsledger.rules.register import register

pytestmark = pytest.mark.browser

LONG = "A very long word: " + "Donaudampfschifffahrtsgesellschaft" * 6
PAGES = (
    "index.html", "records/release/REL-1.html", "records/release/index.html", "records/problem/PRO-1.html",
    "overviews/release-problem.html", "overviews/known-errors.html", "overviews/exceptions.html", "kinds/release.html",
    "kinds/index.html", "rules/LNK101.html", "auditors.html", "extend.html", "templates.html", "glossary.html",
    "overviews/calendar.html", "overviews/shipped-without-a-yes.html", "../gated/index.html",
    "../gated/records/release/REL-2026-9001.html", "../gated/records/deployment/DEP-2026-00000001.html",
    "../gated/records/deployment/DEP-2026-00000002.html", "../gated/overviews/shipped-without-a-yes.html",
    "../gated/overviews/exceptions.html", "../gated/records/gate/GAT-promote.html",
)  # fmt: skip
GATED = """
# records/gates/GAT-promote.yaml
moves: [{kind: release, from: ready, to: deploying}, {kind: deployment, from: planned, to: authorised}]
needs: [environment]
codes: [LCY202, FLT751, PKG506, SIG301, CAL901]
signatures: [{scope: deployment, roles: [ROL-approver]}]
# records/roles/ROL-approver.yaml
title: Approver
# records/environments/ENV-prod-eu.yaml
production: true
# records/problems/2026/PRB-2026-9001.yaml
title: WORDS
state: known-error
severity: critical
known_error: {symptom: WORDS, workaround: WORDS}
# records/releases/2026/REL-2026-9001.yaml
title: WORDS
state: ready
known_problems: [PRB-2026-9001]
rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
# records/approvals/ROL-approver/APR-2026-9e41c07b.yaml
subject: REL-2026-9001
scope: deployment
decision: granted
# records/deployments/2026/DEP-2026-00000001.yaml
state: succeeded
release: REL-2026-9001
environment: ENV-prod-eu
break_glass: {reason: WORDS, by: PTY-ada, at: "2026-01-01T09:00:00Z", owed_until: "2026-01-01T10:00:00Z"}
# records/deployments/2026/DEP-2026-00000002.yaml
state: succeeded
release: REL-2026-9001
environment: ENV-prod-eu
verdict:
  gate: promote
  outcome: open
  as_of: "2026-01-01T09:00:00Z"
  commit: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
  package_digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  answers: [{code: FLT751, outcome: waived, waived_by: [EXC-2026-9001]}]
# records/exceptions/EXC-2026-9001.yaml
title: WORDS
state: active
type: emergency-deviation
scope: {records: [REL-2026-9001, DEP-2026-00000001], rules: [FLT751]}
"""

# Opens each page in a frame as wide as a telephone, in both palettes, and says how wide the page turned out to be.
MEASURE = """<pre id="said"></pre><script>
addEventListener("message", () => {});
(async () => {
  const said = [];
  for (const page of %s) for (const dark of [false, true]) {
    const frame = document.createElement("iframe");
    frame.style = "width: 390px; height: 800px; border: 0";
    frame.src = `/site/${page}`;
    document.body.append(frame);
    await new Promise((resolve) => { frame.onload = resolve; });
    const inside = frame.contentDocument;
    inside.body.dataset.mdColorScheme = dark ? "slate" : "default";
    const words = inside.querySelector("article").innerText.trim().length;
    said.push([page, dark, inside.documentElement.scrollWidth, words]);
    frame.remove();
  }
  document.getElementById("said").textContent = JSON.stringify(said);
})();
</script>"""

# Types into the search box of a page, narrows and sorts a list, and says what came of it.
USE = """<pre id="said"></pre><script>
const wait = (test) => new Promise((resolve) => {
  const again = () => { const found = test(); if (found) resolve(found); else setTimeout(again, 20); };
  again();
});
(async () => {
  const frame = document.createElement("iframe");
  frame.src = "/site/records/release/index.html";
  document.body.append(frame);
  await new Promise((resolve) => { frame.onload = resolve; });
  const page = frame.contentDocument;
  const find = await wait(() => page.querySelector(".find input"));
  find.focus();
  find.dispatchEvent(new frame.contentWindow.Event("focus"));
  find.value = "pro-1";
  find.dispatchEvent(new frame.contentWindow.Event("input"));
  const link = await wait(() => page.querySelector(".find li a"));
  const narrow = page.querySelector("[data-sieve] input");
  narrow.value = "rel-10";
  narrow.dispatchEvent(new frame.contentWindow.Event("input"));
  const left = [...page.querySelectorAll("table.sortable tbody tr")].filter((row) => !row.hidden).length;
  narrow.value = "";
  narrow.dispatchEvent(new frame.contentWindow.Event("input"));
  page.querySelector("table.sortable th button").click();
  const rows = [...page.querySelectorAll("table.sortable tbody tr")];
  document.getElementById("said").textContent = JSON.stringify({
    found: new URL(link.href).pathname, left, first: rows[0].cells[0].innerText, last: rows.at(-1).cells[0].innerText,
  });
})();
</script>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser; without one the tests are skipped, but never in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        assert os.environ.get("CI") != "true", "no Chromium is installed, and CI must not go without it"
        pytest.skip("no Chromium is installed")
    return found


@pytest.fixture(scope="module")
def folder(new_desk: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site of a ledger in it whose texts are as long as they get."""
    desk = new_desk()
    releases = [f"REL-{number}" for number in range(1, 12)]
    for name in releases:
        release = {
            "id": name, "title": LONG, "state": "planned", "version": "4.2.1-" + "9" * 40,
            "scope": f"{LONG}\n\n```\n{LONG}\n```", "fixes": ["PRO-1"],
            "steps": [{"id": "a", "action": LONG}, {"id": "b", "action": LONG[:90]}],
        }  # fmt: skip
        desk.write(f"records/releases/{name}.yaml", json.dumps(release))
    problem = {
        "id": "PRO-1", "title": LONG, "state": "known-error", "known_error": {"symptom": LONG, "workaround": LONG},
        "blocks": releases,
    }  # fmt: skip
    desk.write("records/problems/PRO-1.yaml", json.dumps(problem))
    desk.commit(LONG)
    made = tmp_path_factory.mktemp("browser")
    desk.build(made / "site")
    gated = new_desk()
    gated.write_records(GATED.replace("WORDS", json.dumps(LONG)))
    gated.commit(LONG)
    gated.build(made / "gated", with_gates=True, rules=tuple(register().values()))
    (made / "measure.html").write_text(MEASURE % json.dumps(PAGES), encoding="utf-8")
    (made / "use.html").write_text(USE, encoding="utf-8")
    return made


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where that folder is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def opened(chromium: str, address: str, home: Path, *options: str) -> tuple[str, str]:
    """What a page holds after its scripts ran, and what the browser complained of."""
    answer = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage",
            f"--user-data-dir={home / 'profile'}", "--enable-logging=stderr", "--virtual-time-budget=20000", *options,
            "--dump-dom", address,
        ],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    complaints = [line for line in answer.stderr.splitlines() if "CONSOLE" in line]
    return answer.stdout, "\n".join(complaints)


def said(page: str) -> Any:
    """What one of the pages above found out."""
    return json.loads(html.unescape(page.split('<pre id="said">')[1].split("</pre>", maxsplit=1)[0]))


def test_no_page_is_wider_than_a_telephone_and_none_is_empty(chromium: str, address: str, tmp_path: Path) -> None:
    page, _ = opened(chromium, f"{address}/measure.html", tmp_path)

    measured = said(page)
    assert len(measured) == 2 * len(PAGES)
    assert [(name, dark, width) for name, dark, width, _ in measured if width > 390] == []
    assert [name for name, _, _, words in measured if words < 80] == []


def test_finding_narrowing_and_sorting_work(chromium: str, address: str, tmp_path: Path) -> None:
    page, complaints = opened(chromium, f"{address}/use.html", tmp_path)

    assert said(page) == {"found": "/site/records/problem/PRO-1.html", "left": 1, "first": "REL-1", "last": "REL-11"}
    assert complaints == ""


@pytest.mark.parametrize("page", ["records/release/REL-1.html", "index.html"])
def test_the_browser_asks_nobody_but_the_site(chromium: str, address: str, tmp_path: Path, page: str) -> None:
    log = tmp_path / "net.json"
    nobody = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

    _, complaints = opened(chromium, f"{address}/site/{page}", tmp_path, f"--log-net-log={log}", nobody)

    asked = set(_asked_by(address, log))
    assert len(asked) >= 5
    assert {url for url in asked if not url.startswith(address)} == set()
    assert complaints == ""


def _asked_by(address: str, log: Path) -> Iterator[str]:
    """What pages of an origin asked for; the browser's own questions to its maker have no such initiator."""
    for event in json.loads(log.read_text(encoding="utf-8"))["events"]:
        told = event.get("params", {})
        if "url" in told and str(told.get("initiator", "")).startswith(address):
            yield told["url"]


def test_the_site_opens_from_a_disk_without_a_complaint(chromium: str, folder: Path, tmp_path: Path) -> None:
    page, complaints = opened(chromium, (folder / "site/records/release/REL-1.html").as_uri(), tmp_path)

    assert 'class="find"' in page
    assert complaints == ""
