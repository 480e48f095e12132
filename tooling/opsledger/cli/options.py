"""Options that several commands share, each spelled and explained once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from opsledger.errors import NoSuchKind

if TYPE_CHECKING:
    from opsledger.kind import Kind, Kinds

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


WORK_TREE = "work tree"
INDEX = "index"


def format_option(*forms: str) -> Callable[[Decorated], Decorated]:
    """Choose among forms of output; the first is the default."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True,
                        help="The form of the output.")  # fmt: skip


def at_option(function: Decorated) -> Decorated:
    """Choose the snapshot that is looked at."""
    return click.option("--at", default=WORK_TREE, show_default=True, metavar="REVISION",
                        help="Look at this commit, or at the `index`.")(function)  # fmt: skip


def set_option(function: Decorated) -> Decorated:
    """Give fields of a record."""
    words = "Give a field its value, such as plan.owner=PTY-ada (+= adds to a list)."
    return click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help=words)(function)


def base_option(function: Decorated) -> Decorated:
    """Name the branch whose ids are taken."""
    return click.option("--base", metavar="REVISION",
                        help="The branch that others rely on.  [default: the protected one]")(function)  # fmt: skip


def dry_run_option(function: Decorated) -> Decorated:
    """Show what would be written, and write nothing."""
    return click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")(function)


def kind_called(kinds: Kinds, name: str) -> Kind:
    """
    Return the kind of a name, of its plural or of its prefix.

    Raises:
        NoSuchKind: none is called that.
    """
    spellings = {spelling: kind for kind in kinds.values() for spelling in _spellings(kind)}
    if name in kinds:
        return kinds[name]
    if name in spellings:
        return spellings[name]
    import difflib  # only a mistyped kind pays for it

    raise NoSuchKind(name, next(iter(difflib.get_close_matches(name, spellings, n=1)), ""))


def _spellings(kind: Kind) -> Iterable[str]:
    """Return what people call a kind."""
    return (kind.name, kind.plural, *([kind.prefix] if kind.prefix else []))
