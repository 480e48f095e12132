"""The contests behind `make bench`: each sets up its files and times programs side by side."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from timing import Contender, Run, contest, fresh_cache, peak_memory

HERE = Path(__file__).resolve().parent
WARM_IMPORTS = "import sqlite3, yaml_rs, jsonschema_rs"
GATE_TIME = "2026-11-20T12:00:00Z"
"""A Friday noon at which exceptions of the generated ledger are in force and a window is open."""


@dataclass(frozen=True)
class Row:
    """
    One line of the table.

    Args:
        measured: a ratio, or an amount with its unit.
        bar: what it is held against, `<=` or `>=`.
        required: whether missing it fails the run; the others are aims.
        met: `None` when it is not judged.
    """

    what: str
    measured: str
    bar: str
    met: bool | None
    required: bool
    detail: str


@dataclass(frozen=True)
class Arena:
    """Where the contests take place, how large they are and how often each program runs."""

    directory: Path
    environment: Mapping[str, str]
    records: int
    large: int
    pages: int
    runs: int

    def ledger(self, records: int, *, bad: int = 0, pages: int = 0) -> Path:
        """A generated ledger, made once."""
        target = self.directory / f"ledger-{records}-{bad}-{pages}"
        if not target.exists():
            options = ["--records", records, "--bad", bad, "--pages", pages]
            command = [sys.executable, HERE / "corpus.py", target, *options]
            subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
        return target

    def check(self, ledger: Path, *, name: str = "check", codes: frozenset[int] = frozenset({0})) -> Contender:
        """A check of the work tree that finds no cache."""
        return Contender(name, [opsledger(ledger, "check")], fresh_cache(self.directory), codes)

    def contest(self, *contenders: Contender) -> dict[str, Run]:
        """The medians of the contenders, by name."""
        return contest(contenders, self.runs, self.environment)


def opsledger(directory: Path, *arguments: str) -> list[str]:
    """The command line of the tool as this interpreter runs it."""
    return [sys.executable, "-m", "opsledger", "-C", str(directory), *arguments]


def cold(arena: Arena) -> Iterator[Row]:
    """A first check against the bare reading of the same files, and what line numbers of bad files cost."""
    good, bad = arena.ledger(arena.records), arena.ledger(arena.records, bad=arena.records // 100)
    taken = arena.contest(
        arena.check(good),
        Contender("load", [[sys.executable, str(HERE / "yardsticks" / "load_yaml.py"), str(good / "records")]]),
        arena.check(bad, name="bad", codes=frozenset({1})),
    )
    check, load = taken["check"], taken["load"]
    yield _ratio("cold check / PyYAML CSafeLoader load", check.wall / load.wall, "<=", 0.6, _pair(check, load))
    spent = check.processor / load.processor
    yield Row("  the same, in processor time", f"{spent:.2f}", "-", None, required=False, detail=_spent(check, load))
    added = taken["bad"].wall - check.wall
    what = f"{arena.records // 100:,} bad files among {arena.records:,} add"
    yield Row(what, f"{added:.2f} s", "<= 0.6 s", added <= 0.6, required=False, detail=_pair(taken["bad"], check))


def schema_peer(arena: Arena) -> Iterator[Row]:
    """The same check against check-jsonschema as it installs, one call for each kind."""
    ledger = arena.ledger(arena.records)
    schemas = HERE.parent / "schemas"
    calls = []
    for folder in sorted((ledger / "records").iterdir()):
        schema = next(path for path in sorted(schemas.glob("*.json")) if _folder(path) == folder.name)
        files = sorted(str(path) for path in folder.rglob("*.yaml"))
        calls.append([sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), *files])
    taken = arena.contest(arena.check(ledger), Contender("peer", calls))
    check, peer = taken["check"], taken["peer"]
    yield _ratio("check-jsonschema / cold check", peer.wall / check.wall, ">=", 40, _pair(peer, check))


def warm(arena: Arena) -> Iterator[Row]:
    """A check after a commit of three records against the bare imports that it cannot do without."""
    ledger = arena.ledger(arena.records)
    cache = arena.directory / "warm-cache"
    cache.mkdir(exist_ok=True)
    variables = {"XDG_CACHE_HOME": str(cache)}
    environment = {**arena.environment, **variables}
    subprocess.run(opsledger(ledger, "check"), env=environment, check=True, stdout=subprocess.DEVNULL)
    push = _pusher(ledger, variables)
    taken = arena.contest(
        Contender("warm", [opsledger(ledger, "check")], push),
        Contender("step", [opsledger(ledger, "check", "--base", "HEAD~1")], push),
        Contender("imports", [[sys.executable, "-c", WARM_IMPORTS]]),
    )
    warm, imports = taken["warm"], taken["imports"]
    yield _ratio("warm check after 3 records / its imports", warm.wall / imports.wall, "<=", 2.5, _pair(warm, imports))
    step = taken["step"]
    what = "warm check --base after 3 records / imports"
    yield Row(what, f"{step.wall / imports.wall:.2f}", "-", None, required=False, detail=_pair(step, imports))


def start(arena: Arena) -> Iterator[Row]:
    """`--help` against the bare interpreter."""
    taken = arena.contest(
        Contender("help", [[sys.executable, "-m", "opsledger", "--help"]]),
        Contender("python", [[sys.executable, "-c", "pass"]]),
    )
    helped, python = taken["help"], taken["python"]
    yield _ratio("--help / python -c pass", helped.wall / python.wall, "<=", 5, _pair(helped, python), required=False)


def gate(arena: Arena) -> Iterator[Row]:
    """Gates asked of one release among very many, against a check that finds nothing new; all find the same cache."""
    ledger = arena.ledger(arena.large)
    cache = arena.directory / "gate-cache"
    cache.mkdir(exist_ok=True)
    variables = {"XDG_CACHE_HOME": str(cache), "OPSLEDGER_NOW": GATE_TIME}
    environment = {**arena.environment, **variables}
    for _ in range(2):  # the first fills the cache, and the second finds that all is sound
        subprocess.run(opsledger(ledger, "check"), env=environment, check=True, stdout=subprocess.DEVNULL)
    asked = {
        "promote": ("promote", _newest(ledger, "ready"), "--env", "ENV-production"),
        "ready": ("ready", _newest(ledger, "ready")),
        "close": ("close", _newest(ledger, "early-life-support")),
    }
    taken = arena.contest(
        Contender("check", [opsledger(ledger, "check")], lambda: variables),
        *(
            Contender(name, [opsledger(ledger, "gate", *words)], lambda: variables, frozenset({0, 1}))
            for name, words in asked.items()
        ),
    )
    check = taken["check"]
    for name in asked:
        added = taken[name].processor - check.processor
        what = f"gate {name} among {arena.large:,} adds to a warm check"
        detail = f"{_spent(taken[name], check)} of processors, {_pair(taken[name], check)}"
        yield Row(what, f"{added * 1000:.0f} ms", "<= 50 ms", added <= 0.05, required=True, detail=detail)


def growth(arena: Arena) -> Iterator[Row]:
    """Ten times the records: time and memory."""
    taken = arena.contest(
        arena.check(arena.ledger(arena.records), name="small"), arena.check(arena.ledger(arena.large), name="large")
    )
    small, large = taken["small"], taken["large"]
    what = f"cold check of {arena.large:,} / {arena.records:,}"
    yield _ratio(what, large.wall / small.wall, "<=", 12, _pair(large, small))
    environment = {**arena.environment, **fresh_cache(arena.directory)()}
    peak = peak_memory(opsledger(arena.ledger(arena.large), "check"), environment)
    what = f"peak memory, cold check of {arena.large:,}"
    yield Row(what, f"{peak:.0f} MiB", "<= 300 MiB", peak <= 300, required=True, detail="all its processes together")


def site(arena: Arena) -> Iterator[Row]:
    """The site of a ledger against mkdocs with as many record pages, out of its navigation."""
    ledger = arena.ledger(arena.pages, pages=arena.pages)
    settings = arena.directory / "mkdocs.yml"
    (ledger / "pages" / "index.md").write_text("# Records\n")
    options = {
        "site_name": "Records",
        "docs_dir": str(ledger / "pages"),
        "site_dir": str(arena.directory / "mkdocs-site"),
        "theme": {"name": "material", "font": False},
        "nav": ["index.md"],
    }
    settings.write_text(json.dumps(options))
    taken = arena.contest(
        Contender("site", [opsledger(ledger, "site", "build")], fresh_cache(arena.directory)),
        Contender("mkdocs", [[sys.executable, "-m", "mkdocs", "build", "--quiet", "--clean", "-f", str(settings)]]),
    )
    ours, theirs = taken["site"], taken["mkdocs"]
    what = f"mkdocs, {arena.pages:,} pages out of nav / site build"
    yield _ratio(what, theirs.wall / ours.wall, ">=", 10, _pair(theirs, ours), required=False)


CONTESTS: Mapping[str, Callable[[Arena], Iterator[Row]]] = {
    "start": start,
    "cold": cold,
    "warm": warm,
    "gate": gate,
    "growth": growth,
    "site": site,
    "schema_peer": schema_peer,
}


def _pusher(ledger: Path, variables: Mapping[str, str]) -> Callable[[], Mapping[str, str]]:
    """A preparation that commits another wording in three changes that may still be changed."""
    every = sorted((ledger / "records" / "changes").rglob("*.yaml"))
    records = [path for path in every if "\nstate: closed\n" not in path.read_text()]
    # A kept ledger has seen pushes before; each wording must be new.
    history = subprocess.run(["git", "-C", str(ledger), "rev-list", "--count", "HEAD"], check=True, capture_output=True)
    turns = count(int(history.stdout))

    def push() -> Mapping[str, str]:
        turn = next(turns)
        for path in (records[(turn * 3 + at) % len(records)] for at in range(3)):
            text = re.sub(r"(?m)^title: .*", f"title: Wording number {turn}", path.read_text(), count=1)
            path.write_text(text)
        git = ["git", "-C", str(ledger), "-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
        subprocess.run([*git, "commit", "--quiet", "-am", f"Push {turn}"], check=True)
        return variables

    return push


def _newest(ledger: Path, state: str) -> str:
    """The id of the newest release in a state."""
    every = (ledger / "records" / "releases").rglob("*.yaml")
    newest = sorted(every, key=lambda path: (path.parent.name, len(path.stem), path.stem), reverse=True)
    return next(path.stem for path in newest if f"\nstate: {state}\n" in path.read_text())


def _folder(schema: Path) -> str:
    kind = json.loads(schema.read_text()).get("x-kind", {})
    return str(kind.get("folder", ""))


def _ratio(what: str, measured: float, sign: str, bar: float, detail: str, *, required: bool = True) -> Row:
    met = measured <= bar if sign == "<=" else measured >= bar
    return Row(what, f"{measured:.2f}", f"{sign} {bar:g}", met, required, detail)


def _pair(one: Run, other: Run) -> str:
    return f"{_seconds(one.wall)} / {_seconds(other.wall)}"


def _spent(one: Run, other: Run) -> str:
    return f"{_seconds(one.processor)} / {_seconds(other.processor)}"


def _seconds(wall: float) -> str:
    return f"{wall * 1000:.0f} ms" if wall < 1 else f"{wall:.2f} s"
