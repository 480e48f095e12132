"""Which kinds and which policy hold for a snapshot."""

from __future__ import annotations

from opsledger import __version__, packaged
from opsledger.check import Base
from opsledger.kind import Kinds, load_kinds
from opsledger.policy import Policy, policy_of, preset_policy, settings_of
from opsledger.store import Snapshot

SCHEMAS = "schemas/"
MAX_SCHEMA = 1 << 20


def kinds_of(snapshot: Snapshot) -> Kinds:
    """The kinds of a snapshot: the packaged schemas with its own laid over them."""
    names = [path for path in snapshot.below(SCHEMAS[:-1]) if path.count("/") == 1 and path.endswith(".json")]
    own = {path.removeprefix(SCHEMAS): snapshot.read(path, limit=MAX_SCHEMA) for path in names}
    return load_kinds(packaged.files("schemas"), own)


def in_force(snapshot: Snapshot, own: Kinds, base: Base | None) -> tuple[Kinds, Policy]:
    """
    The kinds and the policy under which a snapshot is judged.

    Raises:
        OtherVersion: the judge pins another version of the tool.
    """
    judge = base.snapshot if base and base.is_ledger else snapshot
    settings = settings_of(judge)
    settings.admit(__version__)
    kinds = base.kinds.merged(own) if base else own
    if base and not base.is_ledger:
        return kinds, preset_policy(settings.preset)
    return kinds, policy_of(judge, kinds, settings.preset)
