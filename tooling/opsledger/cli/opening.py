"""Opens the pull request of a branch, or says how: by the forge's API, by its own program, or by its page."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from urllib.parse import quote

from opsledger.api import Book
from opsledger.cli.caller import Caller
from opsledger.cli.pulling import Pull
from opsledger.errors import Refused, Undecided

_PROGRAMS: Mapping[str, Callable[[str, str, str], str]] = {
    "github": lambda base, head, title: f"gh pr create --base {base} --head {head} --title {title} --body ''",
    "gitlab": lambda base, head, title: f"glab mr create --target-branch {base} --source-branch {head} --title {title}",
    "gitea": lambda base, head, title: f"tea pulls create --base {base} --head {head} --title {title}",
}
_PAGES: Mapping[str, str] = {
    "github": "https://{repository}/compare/{base}...{head}?expand=1",
    "gitlab": "https://{repository}/-/merge_requests/new?merge_request%5Bsource_branch%5D={head}",
    "gitea": "https://{repository}/compare/{base}...{head}",
    "forgejo": "https://{repository}/compare/{base}...{head}",
    "bitbucket": "https://{repository}/pull-requests/new?source={head}&dest={base}",
}


def opened(
    caller: Caller, book: Book, pull: Pull, branch: str, base: str, title: str, body: str, *, remote: str
) -> tuple[str, ...]:
    """Return what to tell of the pull request: where it is, or how it is opened."""
    from opsledger.cli.reaching import address_of, home_of, transport_of

    try:
        address = address_of(book.repository, pull.judge.snapshot)
        home = home_of(address, caller.environment)
    except Refused:
        return merging(f"{remote}/{branch}" if remote in book.repository.remotes() else branch, base)
    if home.token is None:
        return by_hand(home.sort, address, branch, base, title)
    from opsledger.adapters.forges import open_pull_request

    try:
        made = open_pull_request(
            home.sort, address, transport_of(caller.environment), head=branch, base=base, title=title, body=body,
            api=home.api,
        )  # fmt: skip
    except (Undecided, Refused) as failure:
        return (
            f"the forge did not open the pull request: {failure}",
            *by_hand(home.sort, address, branch, base, title),
        )
    return (f"{'opened' if made.is_new else 'updated'} {made.url}",)


def by_hand(sort: str, address: str, branch: str, base: str, title: str) -> tuple[str, ...]:
    """Return how somebody opens a pull request without a token."""
    page = _PAGES[sort].format(repository=address, base=quote(base, safe=""), head=quote(branch, safe=""))
    program = _PROGRAMS.get("gitea" if sort == "forgejo" else sort)
    if program is None:
        return ("open the pull request:", f"    {page}")
    words = [shlex.quote(word) for word in (base, branch, title)]
    return ("open the pull request, by one of", f"    {program(*words)}", f"    {page}")


def merging(branch: str, base: str) -> tuple[str, ...]:
    """Return how a branch is merged on a server that is no forge."""
    names = shlex.quote(base), shlex.quote(branch)
    return (
        "once nothing waits any more, anybody merges it:",
        f"    git switch {names[0]} && git pull && git merge --no-ff {names[1]} && git push",
    )
