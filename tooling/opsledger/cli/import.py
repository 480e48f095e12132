"""`opsledger import`: what tools and other systems wrote becomes records."""  # noqa: N999  # commands are called after their modules

from __future__ import annotations

import click

from opsledger.cli import (
    import_csv,
    import_cyclonedx,
    import_in_toto,
    import_json,
    import_junit,
    import_sarif,
    import_spdx,
)


@click.group("import")
def command() -> None:
    """
    Make records of what tools and other systems wrote.

    Test reports, bills of materials, scans and provenance become evidence, bound to the package by its fingerprint,
    so they may arrive before the release exists. The same file again writes nothing new. Without --push the records
    are written into the work tree, for a pull request; a pipeline pushes them in its lane.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """


for one in (import_junit, import_cyclonedx, import_spdx, import_sarif, import_in_toto, import_csv, import_json):
    command.add_command(one.command)
