"""The hand-written pages, and the frame that all other pages stand in; mkdocs lives here."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

Nav = Sequence[Mapping[str, Any]]

TITLE = "@@opsledger-title@@"
CONTENT = "<!-- opsledger-content -->"
_STUB = f"---\ntitle: '{TITLE}'\nshell: true\nhide: [toc]\n---\n{CONTENT}\n"

# What the theme brings and the site never asks for: its own search, maps of its sources, a list of pages for robots.
_UNUSED = re.compile(
    r"(sitemap\.xml(\.gz)?|404\.html|.*\.map|assets/javascripts/(lunr|workers)/.*|assets/images/favicon.*)"
)
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)
_INDENT = re.compile(r"[ \t]*\n\s*")
_NEIGHBOUR = re.compile(r'\s*<link rel="(?:prev|next)" href="[^"]*">')


@dataclass(frozen=True)
class Shell:
    """
    The frame of a page at one depth of the site: its navigation, head and foot, cut where the page goes in.

    Args:
        parts: the frame's text; a title goes between most of them, the content where `content_at` says.
        content_at: after which part the content stands.
    """

    parts: tuple[str, ...]
    content_at: int

    def wrap(self, title: str, content: str) -> str:
        """A whole page."""
        named = escape(title)
        pieces = [self.parts[0]]
        for at, part in enumerate(self.parts[1:]):
            pieces += [content if at == self.content_at else named, part]
        return "".join(pieces)


@dataclass(frozen=True)
class Frame:
    """
    What mkdocs made.

    Args:
        files: address to bytes of all that goes into the site as it is.
        shells: address of each page that the build fills to its shell.
    """

    files: Mapping[str, bytes]
    shells: Mapping[str, Shell]


def frame(sources: Mapping[str, bytes], nav: Nav, stubs: Sequence[str], foot: str) -> Frame:
    """
    Build the hand-written pages and the shells.

    Args:
        sources: the files of `site/`, by their path within it.
        nav: the navigation, as mkdocs reads it.
        stubs: addresses without suffix of the pages that the build fills.
        foot: the line at the end of each page, as HTML.
    """
    with TemporaryDirectory(prefix="opsledger-site-") as folder:
        work = Path(folder)
        _lay_out(work, sources, stubs)
        _run(work, nav, foot)
        built = {path: (work / "out" / path).read_bytes() for path in _files(work / "out")}
    files: dict[str, bytes] = {}
    shells: dict[str, Shell] = {}
    for path, content in built.items():
        if _UNUSED.fullmatch(path):
            continue
        if not path.endswith(".html"):
            files[path] = content
            continue
        page = _guarded(content.decode())
        if CONTENT in page:
            shells[path] = _shell(page)
        else:
            files[path] = page.encode()
    return Frame(files, shells)


def _lay_out(work: Path, sources: Mapping[str, bytes], stubs: Sequence[str]) -> None:
    for path, content in sources.items():
        place = work / path if not path.startswith("assets/") else work / "pages" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    for stub in stubs:
        place = work / "pages" / f"{stub}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_STUB, encoding="utf-8")


def _run(work: Path, nav: Nav, foot: str) -> None:
    """Run mkdocs in this process; what it warns of is a fault of ours, since users write none of its pages."""
    heard: list[str] = []
    log = logging.getLogger("mkdocs")
    ear = _Ear(heard)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException

        log.addHandler(ear)
        try:
            config = load_config(
                str(work / "mkdocs.yml"),
                docs_dir=str(work / "pages"),
                site_dir=str(work / "out"),
                nav=list(nav),
                copyright=foot,
            )
            build(config)
        except MkDocsException as failed:
            raise RuntimeError(f"the hand-written pages cannot be built: {failed}") from failed
        finally:
            log.removeHandler(ear)
    if heard:
        raise RuntimeError(f"the hand-written pages cannot be built: {'; '.join(heard)}")


class _Ear(logging.Handler):
    """Collects the warnings of mkdocs."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())


def _guarded(page: str) -> str:
    """
    The page with a policy that lets only the scripts run that the theme wrote, and nothing be fetched elsewhere.

    Should an escape ever be missing in a page, the browser still refuses what slipped through.
    """
    digests = sorted(
        {base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in _INLINE.findall(page)}
    )
    # To Firefox, a page on a disk is of no origin, so that `'self'` alone would refuse its own style sheet there.
    ours = "'self' file:"
    scripts = " ".join([ours, *(f"'sha256-{digest}'" for digest in digests)])
    policy = (
        f"default-src {ours}; script-src {scripts}; style-src {ours} 'unsafe-inline'; img-src {ours} data:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'"
    )
    meta = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<meta name="referrer" content="no-referrer">'
    )
    return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{meta}', 1)


def _shell(page: str) -> Shell:
    # The theme indents its HTML deeply, and every record's page repeats it: without that it is half as long.
    before, after = _INDENT.sub("\n", _NEIGHBOUR.sub("", page)).split(CONTENT)
    parts = before.split(TITLE)
    return Shell((*parts, *after.split(TITLE)), len(parts) - 1)
