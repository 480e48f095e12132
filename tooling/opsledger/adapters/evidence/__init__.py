"""Reports of tools as evidence: one module a format, each from bytes to a `Reading`, with no file, clock or network."""

from __future__ import annotations

import importlib

from opsledger.edit.evidence import NotRead, Reading
from opsledger.finding import Finding, Place

MOST_BYTES = 32 << 20
"""The longest report that is read."""

FORMS = {
    "junit": "junit",
    "cyclonedx": "cyclonedx",
    "spdx": "spdx",
    "sarif": "sarif",
    "in-toto": "in_toto",
    "csv": "sheet",
}
"""Each form with the module that reads it."""


def read_report(form: str, data: bytes, name: str) -> Reading | Finding:
    """
    Read a report, or say where it cannot be read.

    Args:
        form: one of `FORMS`.
        name: of the file, as the finding is to call it.
    """
    try:
        if len(data) > MOST_BYTES:
            said = f"the report is longer than {MOST_BYTES >> 20} MiB, and none so long is read"
            raise NotRead(said, "split it, for example by test suite, and import each part")
        if not data.strip():
            raise NotRead("the file is empty", "look whether the tool that was to write it ran to its end")
        module = importlib.import_module(f"opsledger.adapters.evidence.{FORMS[form]}")
        reading: Reading = module.read(data)
    except NotRead as fault:
        return Finding(Place(name, *fault.place), fault.code, fault.sentence, fault.fix)
    return reading
