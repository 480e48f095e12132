"""
Makes a ledger of generated records in a git repository, the same one for the same seed.

    python benchmarks/corpus.py TARGET [--records N] [--bad K] [--seed S] [--pages P]

`--bad K` puts one schema fault into each of K files. `--pages P` also writes P Markdown pages for a site
generator to chew on, outside of the ledger's records, under `pages/`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus_proofs import Proofs, starters
from corpus_records import Company
from emit import yaml_text
from settings import ledger_settings

AUTHOR = b"Corpus <corpus@example.org> 1767225600 +0000"
_FAULTS = (
    (b"\nstate: ", b"\nstate: almost-"),
    (b"\ntitle: ", b"\ntitel: "),
    (b"\nowner: ", b"\nowner: 7 # "),
    (b"\nid: ", b"\nextra: 1\nid: "),
)


def main() -> int:
    """Generate, and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("target", type=Path, help="the directory to make; must not exist or be empty")
    parser.add_argument("--records", type=int, default=10_000, metavar="N")
    parser.add_argument("--bad", type=int, default=0, metavar="K")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--pages", type=int, default=0, metavar="P")
    options = parser.parse_args()
    if options.target.exists() and any(options.target.iterdir()):
        print(f"{options.target} is not empty; name a new directory", file=sys.stderr)
        return 2
    made = make(options.target, options.records, seed=options.seed, bad=options.bad, pages=options.pages)
    print(f"{made} files in {options.target}")
    return 0


def make(target: Path, records: int, *, seed: int = 1, bad: int = 0, pages: int = 0) -> int:
    """Write the repository with one commit on main; the number of record files."""
    company = Company(records, seed)
    made = list(company.records())
    contents = spoilt([(path, yaml_text(data)) for path, data in made], bad)
    contents += [(path, yaml_text(data)) for path, data in Proofs(company).records()]
    contents += starters()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(target)], check=True)
    extra = [(f"pages/{number:05}.md", page(*made[number])) for number in range(min(pages, len(made)))]
    command = ["git", "-C", str(target), "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as importer:
        if importer.stdin is None:
            raise RuntimeError("git fast-import has no standard input")
        importer.stdin.writelines(_commit([(".opsledger.yaml", ledger_settings()), *contents, *extra]))
        importer.stdin.close()
    if importer.returncode:
        raise subprocess.CalledProcessError(importer.returncode, command)
    subprocess.run(["git", "-C", str(target), "reset", "--quiet", "--hard", "main"], check=True)
    return len(contents)


def spoilt(files: list[tuple[str, bytes]], many: int) -> list[tuple[str, bytes]]:
    """The files with one schema fault in each of so many of them, spread evenly."""
    dated = [at for at, (path, _) in enumerate(files) if path.count("/") == 3]
    for turn in range(many):
        at = dated[turn * len(dated) // many]
        path, content = files[at]
        old, new = next(pair for pair in (*_FAULTS[turn % len(_FAULTS) :], *_FAULTS) if pair[0] in b"\n" + content)
        files[at] = path, (b"\n" + content).replace(old, new, 1).removeprefix(b"\n")
    return files


def page(path: str, data: dict[str, Any]) -> bytes:
    """A Markdown page about a record: a table of its plain fields, a table for each list, the texts."""
    lines = [f"# {data['id']}", "", f"*{path}*", "", "| Field | Value |", "|--|--|"]
    lines += [f"| {key} | {value} |" for key, value in data.items() if isinstance(value, str) and "\n" not in value]
    for key, value in data.items():
        if isinstance(value, list):
            lines += ["", f"## {key}", "", "| What | Where |", "|--|--|"]
            lines += [f"| {item} | [{key}](index.md) |" for item in value]
        elif isinstance(value, str) and "\n" in value:
            lines += ["", f"## {key}", "", value]
    return "\n".join([*lines, ""]).encode()


def _commit(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    yield b"commit refs/heads/main\ncommitter %s\ndata 8\nA corpus\n" % AUTHOR
    for path, content in files:
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
    yield b"\ndone\n"


if __name__ == "__main__":
    sys.exit(main())
