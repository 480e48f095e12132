"""What callers do wrong, as exceptions that carry their data; a user's mistake in a record is a finding."""

from __future__ import annotations


class OpsledgerError(Exception):
    """Something that the caller must put right; its text is one sentence for people."""

    exit_code = 2


class NoLedger(OpsledgerError):
    """No ledger stands at or above a directory."""

    def __init__(self, directory: str) -> None:
        super().__init__(directory)
        self.directory = directory

    def __str__(self) -> str:
        return f"no .opsledger.yaml stands in {self.directory} or above it; `opsledger init` makes a ledger"


class NoRepository(OpsledgerError):
    """A directory lies in no git repository that can be read."""

    def __init__(self, directory: str, why: str = "") -> None:
        super().__init__(directory, why)
        self.directory = directory
        self.why = why

    def __str__(self) -> str:
        return f"{self.directory} lies in no git repository" + (f": {self.why}" if self.why else "")


class NoSuchRevision(OpsledgerError, LookupError):
    """The repository has no commit of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"no commit is named {self.name!r}"


class NoSuchRecord(OpsledgerError, LookupError):
    """The ledger holds no record of that id."""

    def __init__(self, id: str, nearest: str = "") -> None:
        super().__init__(id, nearest)
        self.id = id
        self.nearest = nearest

    def __str__(self) -> str:
        return f"no record is called {self.id!r}" + (f"; did you mean {self.nearest}?" if self.nearest else "")


class NoSuchKind(OpsledgerError, LookupError):
    """No schema defines a kind of that name."""

    def __init__(self, name: str, nearest: str = "") -> None:
        super().__init__(name, nearest)
        self.name = name
        self.nearest = nearest

    def __str__(self) -> str:
        return f"no kind is called {self.name!r}" + (f"; did you mean {self.nearest}?" if self.nearest else "")


class GitFailed(OpsledgerError):
    """Git could not do what was asked of it."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(command, said)
        self.command = command
        self.said = said

    def __str__(self) -> str:
        return f"git {self.command} failed: {self.said.strip() or 'it said nothing'}"


class Undecided(OpsledgerError):
    """What is needed for an answer cannot be read, so there is none."""

    exit_code = 3

    def __init__(self, missing: str, remedy: str) -> None:
        super().__init__(missing, remedy)
        self.missing = missing
        self.remedy = remedy

    def __str__(self) -> str:
        return f"undecided: {self.missing}; {self.remedy}"


class Refused(OpsledgerError):
    """A command was asked for something that would break the ledger; nothing was written."""

    def __init__(self, sentence: str, fix: str = "") -> None:
        super().__init__(sentence, fix)
        self.sentence = sentence
        self.fix = fix

    def __str__(self) -> str:
        return self.sentence + (f"\nfix: {self.fix}" if self.fix else "")
