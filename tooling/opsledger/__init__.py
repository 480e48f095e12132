"""A git repository as the database of a team's service management."""

__version__ = "0.1.0"
