"""`python -m opsledger`, and the script that the package installs."""

from __future__ import annotations

import sys

from opsledger.cli.main import run


def main() -> None:
    """Run the command that the process was started with, and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
