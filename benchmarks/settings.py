"""What the `.opsledger.yaml` of a benchmark's ledger says: this checkout's version of the tool, and little else."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def ledger_settings() -> bytes:
    """The file's text; a tool of another version would refuse the ledger."""
    source = (CHECKOUT / "tooling" / "opsledger" / "__init__.py").read_text()
    version = re.search(r'__version__ = "([^"]+)"', source)
    if version is None:
        raise RuntimeError("tooling/opsledger/__init__.py states no version")
    return f'tool: "{version[1]}"\npreset: small\nprotected: main\n'.encode()
