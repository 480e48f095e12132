"""CODEOWNERS as Gitea and Forgejo read it: regular expressions of Go, each of which asks by itself."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.codeowners.automaton import Expression
from opsledger.codeowners.expressions import NoExpression, NotJudged
from opsledger.codeowners.model import Dialect, Entry, Remark
from opsledger.codeowners.owners import Owners
from opsledger.finding import Severity


def parse_gitea(text: str, dialect: Dialect) -> Owners:
    """What Gitea or Forgejo takes from a file."""
    entries: list[Entry] = []
    remarks: list[Remark] = []
    for number, line in enumerate(text.split("\n"), start=1):
        tokens = list(_tokens(line))
        if tokens:
            found, said = _line(number, tokens, dialect)
            remarks += said
            entries += [found] if found is not None else []
    return Owners(dialect, tuple(entries), tuple(remarks))


def _tokens(line: str) -> Iterator[tuple[int, str]]:
    """The words of a line with their columns; a backslash keeps the character behind it, and is itself dropped."""
    word, start, is_escaped = "", 0, False
    skipped = len(line) - len(line.lstrip())
    for column, character in enumerate(line.strip(), start=skipped + 1):
        if is_escaped:
            word, is_escaped = word + character, False
        elif character == "\\":
            is_escaped, start = True, start or column
        elif character == "#":
            break
        elif character in " \t":
            if word:
                yield start, word
            word, start = "", 0
        else:
            word, start = word + character, start or column
    if word:
        yield start, word


def _line(number: int, tokens: list[tuple[int, str]], dialect: Dialect) -> tuple[Entry | None, list[Remark]]:
    (column, pattern), *rest = tokens
    forge = dialect.forge
    if not rest:
        said = f"the line names no owner, so {forge} skips it"
        return None, [Remark(number, column, said, "name an @user or an @organisation/team")]
    remarks: list[Remark] = []
    owners: list[str] = []
    for place, token in rest:
        if why := _no_owner(token):
            remarks.append(Remark(number, place, f"{forge} ignores {token}: {why}", "name an @user or an @org/team"))
        else:
            owners.append(token if token.startswith("@") else f"@{token}")
    if not owners:
        said = f"no owner is left, so {forge} skips the line"
        return None, [*remarks, Remark(number, column, said, "name an @user or an @organisation/team")]
    is_negative = pattern.startswith("!")
    plain = pattern.removeprefix("!")
    doubt = ""
    if plain.startswith("/"):
        remarks.append(_rooted(number, column, plain, dialect))
        doubt = "" if dialect is Dialect.GITEA else f"{forge} may look for a slash at the start of the path"
        plain = plain.removeprefix("/")
    expression: Expression | None = None
    try:
        # Where nobody knows whether the slash counts, a negated line may be about any path.
        expression = Expression(f"^{plain}$") if not (doubt and is_negative) else None
    except NoExpression as why:
        return None, [*remarks, Remark(number, column, f"{forge} skips this line: {why}", "correct the expression")]
    except NotJudged as why:
        doubt = str(why)
        remarks.append(Remark(number, column, f"{plain} cannot be judged here: {why}", "write it with plainer means"))
    remarks += _odd(number, column, plain)
    entry = Entry(
        number, column, pattern, expression, tuple(dict.fromkeys(owners)), is_negative=is_negative, doubt=doubt
    )
    return entry, remarks


def _no_owner(token: str) -> str:
    """Why a word is no owner; empty where it is one."""
    name = token.removeprefix("@")
    if not name:
        return "it has no name"
    if "@" in name:
        return "an e-mail address is no user"
    if name.count("/") > 1 or name.startswith("/") or name.endswith("/"):
        return "a team is written @organisation/team"
    return ""


def _rooted(number: int, column: int, plain: str, dialect: Dialect) -> Remark:
    if dialect is Dialect.GITEA:
        said = f"Gitea before 1.26 never finds {plain}: paths have no slash at their start"
        return Remark(number, column, said, f"write {plain.lstrip('/')}", Severity.WARNING)
    said = f"{plain} may never be found: paths have no slash at their start"
    return Remark(number, column, said, f"write {plain.lstrip('/')}")


def _odd(number: int, column: int, plain: str) -> Iterator[Remark]:
    """What takes other paths than its writer may think."""
    if plain.endswith("/"):
        said = f"{plain} matches no file: the expression must match the whole path"
        yield Remark(number, column, said, f"write {plain}.*")
    elif plain == "*":
        said = "this is a regular expression and no glob, in which * repeats what stands before it"
        yield Remark(number, column, said, "write .* for everything", Severity.WARNING)
    elif "|" in plain and _is_split(plain):
        said = f"the | in {plain} parts the whole expression, so that each side is tied to one end only"
        yield Remark(number, column, said, f"write ({plain})", Severity.WARNING)
    elif plain.startswith("*."):
        said = f"{plain} is read as an expression, in which the star repeats nothing and the dot takes anything"
        yield Remark(number, column, said, f"write .*\\\\{plain[1:]}", Severity.WARNING)


def _is_split(plain: str) -> bool:
    """Whether an alternative stands outside of any group."""
    depth, at, in_class = 0, 0, False
    while at < len(plain):
        character = plain[at]
        if character == "\\":
            at += 1
        elif in_class:
            in_class = character != "]"
        elif character == "|" and depth == 0:
            return True
        else:
            depth += {"(": 1, ")": -1}.get(character, 0)
            in_class = character == "["
        at += 1
    return False
