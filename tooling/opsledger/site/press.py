"""Templates filled and files written, one page at a time; jinja2 lives here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from opsledger.errors import Refused
from opsledger.site.shell import Shell
from opsledger.site.text import finish, minute, opening

FOLDER = "templates/"
GUESTS = f"site/{FOLDER}"
PAGES = frozenset({
    "record", "records", "list", "today", "matrix", "known-errors", "calendar", "kind", "kinds", "rule",
    "rules", "macros", "exceptions", "shipped", "verdicts",
})  # fmt: skip
SCHEMA_VERSION = 1

_MANNERS: dict[str, Any] = {
    "finalize": finish,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
}


@dataclass
class Press:
    """
    Writes the pages of one build into one folder.

    Args:
        target: the folder, which must exist.
        shells: the frames by the address of the page that they were made for.
        templates: the tool's own templates, text by file name.
        guests: templates of the ledger, each for one kind; they run shut in, since whoever opens a pull request
            may have written them.
        context: what every template sees.
        twin: what every JSON twin says beside its own.
    """

    target: Path
    shells: Mapping[str, Shell]
    templates: Mapping[str, str]
    guests: Mapping[str, str]
    context: Mapping[str, Any]
    twin: Mapping[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    _folders: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._own = Environment(autoescape=True, loader=DictLoader(self.templates), **_MANNERS)
        # A guest may import the tool's macros.
        self._shut_in = ImmutableSandboxedEnvironment(
            autoescape=True, loader=DictLoader({**self.templates, **self.guests}), **_MANNERS
        )
        for environment in (self._own, self._shut_in):
            environment.filters["minute"] = minute
            environment.filters["sentence"] = opening
            environment.globals.update(self.context)

    def page(
        self, address: str, template: str, title: str, about: Mapping[str, Any], /, *, within: str = "", **context: Any
    ) -> None:
        """
        Write a page and its JSON twin.

        Args:
            address: from the site's root, without suffix.
            about: what the twin says.
            within: the address of the page whose frame this one shares, itself by default.
            context: what the template sees; `root` leads from the page to the site's root.
        """
        root = "../" * address.count("/")
        chosen = self._template(template)
        try:
            content = chosen.render(root=root, address=address, twin=f"{address.rpartition('/')[2]}.json", **context)
        except TemplateError as refusal:
            if chosen.name is None or chosen.name not in self.guests:
                raise
            raise _refused(chosen.name, refusal) from refusal
        frame = self.shells[f"{within or address}.html"]
        self.put(f"{address}.html", frame.wrap(finish(title), content).encode())  # type: ignore[arg-type]
        self.put(f"{address}.json", as_json({**self.twin, **about}))
        self.pages += 1

    def put(self, path: str, content: bytes) -> None:
        """Write one file and remember its digest."""
        place = self.target / path
        if place.parent not in self._folders:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(place.parent)
        place.write_bytes(content)
        self.files[path] = hashlib.sha256(content).hexdigest()

    def _template(self, name: str) -> Template:
        """The template of a name; of `kind|common`, the kind's own where one is there."""
        kind, _, common = name.partition("|")
        own = f"{kind}.html.j2"
        if not common:
            return self._own.get_template(own)
        if own in self.guests:
            try:
                return self._shut_in.get_template(own)
            except TemplateError as refusal:
                raise _refused(own, refusal) from refusal
        return self._own.get_template(own if own in self.templates and kind not in PAGES else f"{common}.html.j2")


def _refused(name: str, refusal: TemplateError) -> Refused:
    line = getattr(refusal, "lineno", None)
    where = f"{GUESTS}{name}:{line}" if line else f"{GUESTS}{name}"
    return Refused(f"{where} cannot be filled: {refusal.message}", "correct the template, or remove it")


def guests_in(files: Collection[str], kinds: Collection[str], read: Callable[[str], bytes]) -> dict[str, str]:
    """The templates that a ledger brings for kinds of record, by file name."""
    wanted = {f"{GUESTS}{kind}.html.j2": f"{kind}.html.j2" for kind in kinds if kind not in PAGES}
    return {name: read(path).decode("utf-8", "replace") for path, name in wanted.items() if path in files}


def templates_in(sources: Mapping[str, bytes]) -> dict[str, str]:
    """The templates among the sources of the site, by file name."""
    return {
        path.removeprefix(FOLDER): text.decode()
        for path, text in sources.items()
        if path.startswith(FOLDER) and path.endswith(".html.j2")
    }


def as_json(value: Any) -> bytes:
    """A JSON text that also stands safely inside a page: ASCII alone, and no sign that ends a script."""
    return json.dumps(value, sort_keys=True).replace("<", "\\u003c").encode() + b"\n"
