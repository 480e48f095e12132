"""What commands there are, for whom, and the page that `opsledger` alone prints; no library is needed for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Judge": {
        "check": "Judge the records of a snapshot, or of a step with --base.",
        "gate": "Decide whether a record may pass a gate.",
        "report": "Say what a pull request means, as the comment under it.",
        "receive": "Judge a push on a git server, as its pre-receive hook.",
        "approvals": "Turn reviews into records, list what counts, and see that it still stands.",
        "doctor": "Say whether the clone and the forge are as the flow needs them.",
        "prove": "Break one thing per rule in a copy, and see that each rule speaks.",
    },
    "Ask": {
        "list": "List the records of one kind.",
        "query": "Ask the ledger in SQL.",
        "show": "Show one record, its links and what it may become.",
        "trace": "Follow the links of a record, both ways.",
        "impact": "Name everything that depends on a record.",
        "calendar": "Show what is on the calendar, and say when work is open.",
        "who": "Say who owns a file, who must sign for a record, and why.",
        "codeowners": "Write the forge's list of owners from the roles, judge it, and explain it.",
        "export": "Write the ledger out as a SQLite database.",
    },
    "Write": {
        "init": "Make a ledger in this directory.",
        "upgrade": "Let this version of the tool judge the ledger.",
        "new": "Write a new record.",
        "set": "Change fields of a record.",
        "transition": "Move a record to another state.",
        "advance": "Make every move of a record whose gate is open.",
        "fmt": "Put the fields of records in the order of their schema.",
        "renumber": "Give a record another id, wherever it is named.",
        "import": "Make records of what tools and other systems wrote.",
        "propose": "Put your work on a branch, push it, and open the pull request.",
        "approve": "Sign what a record says, and push the signature to its pull request.",
        "deploy": "Start a deployment if its gate is open, and write down how it went.",
    },
    "Explain": {
        "rules": "Explain the rules.",
        "kinds": "Explain the kinds of record.",
        "site": "Build the site that an auditor reads.",
    },
}
OPTIONS: Mapping[str, str] = {
    "-C DIR": "Work as if started in DIR.",
    "--version": "Show the version and exit.",
    "-h, --help": "Show this page and exit.",
}
COMMANDS: Mapping[str, str] = {name: words for section in SECTIONS.values() for name, words in section.items()}


def overview() -> str:
    """Return the page that stands for the whole program."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    """Yield the page: usage, what it is, options, and the commands by what they are for."""
    yield "Usage: opsledger [-C DIR] COMMAND [OPTION]... [ARGUMENT]..."
    yield ""
    yield "  A git repository as the database of a team's service management."
    yield ""
    yield from _listed("Options", OPTIONS)
    for section, commands in SECTIONS.items():
        yield from _listed(section, commands)
    yield "`opsledger COMMAND --help` explains one. Every command exits 0 for yes, 1 for no, 2 when it could"
    yield "not look, 3 when it is undecided, and 70 when opsledger itself failed."


def _listed(section: str, words: Mapping[str, str]) -> Iterator[str]:
    """Yield one section of the page."""
    yield f"{section}:"
    yield from (f"  {name:<12}{sentence}" for name, sentence in words.items())
    yield ""
