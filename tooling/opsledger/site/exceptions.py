"""The register of exceptions: what is waived, for what, by whom, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from opsledger.approvals import approvals_on, digest_of
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.policy import Policy, policy_of, settings_of
from opsledger.site.atlas import Atlas, Entry, badge, chip, missing
from opsledger.site.heard import Use
from opsledger.site.text import moment as shown_moment
from opsledger.site.text import safe
from opsledger.waivers import demanded_level, renewals
from opsledger.waivers.limits import named, repeated

_ROOT = "../"
GROUPS = (
    ("ended", "Ended, and not closed", "The risk is accepted by nobody any more: end it, or have it accepted anew."),
    ("soon", "Ends soon", "What was accepted must be ended by then, or be renewed in time."),
    ("force", "In force", ""),
    ("asked", "Asked for", "Nothing passes by these yet."),
    ("over", "Over", ""),
)
"""How exceptions stand, in the order of the page: name, heading, what it means."""


@dataclass(frozen=True)
class Waived:
    """
    One exception, as its register shows it.

    Args:
        group: how it stands, as in `GROUPS`.
        rules: the codes that it waives, each with whether it has a page.
        lacking: the roles whose signature it needs and does not have.
        renewed: how often the risk was accepted before.
        left: how much time is left, or how long ago it ended, in words; empty where nobody knows.
        uses: where it lets something pass: the record with the part of its page, the gate in words, and the codes.
    """

    entry: Entry
    badge: Markup
    group: str
    type: str
    level: str
    rules: tuple[tuple[str, bool], ...]
    records: tuple[Markup, ...]
    environments: tuple[Markup, ...]
    asker: Markup
    signed: tuple[Markup, ...]
    lacking: tuple[Markup, ...]
    renewed: int
    ends: Markup
    left: str
    uses: tuple[tuple[Entry, str, str, str], ...]
    twin: Mapping[str, Any]


def exceptions_in(
    ledger: Ledger, atlas: Atlas, codes: frozenset[str], uses: Mapping[str, Sequence[Use]] | None = None
) -> list[Waived]:
    """
    Every exception of a ledger as of the time of its snapshot, the most pressing first.

    Who signed is what the approval records say of the content as it stands; a gate checks each signature anew.

    Args:
        codes: the rules that have a page.
        uses: where each exception lets something pass, by its id; `None` where nobody looked.
    """
    if "exception" not in ledger.kinds:
        return []
    policy = policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
    found = [
        _waived(one, ledger, atlas, policy, codes, (uses or {}).get(one.id, ()))
        for one in ledger.of("exception")
        if one.is_readable
    ]
    order = {name: place for place, (name, _, _) in enumerate(GROUPS)}
    return sorted(found, key=lambda one: (order[one.group], str(one.twin["expires"]), one.entry.id))


def _waived(
    record: Record, ledger: Ledger, atlas: Atlas, policy: Policy, codes: frozenset[str], uses: Sequence[Use]
) -> Waived:
    end, now = moment(record.get("expires")), ledger.snapshot.when
    level, _ = demanded_level(record.data, ledger)
    signed = dict(_signed(record, ledger))
    wanted = policy.at("exceptions", "signers", level, default=())
    lacking = tuple(role for role in map(str, wanted) if role not in signed.values())
    renewed = len({one.id for one in (*(renewals(record, ledger) or ()), *repeated(record, ledger))})
    group = _group(record, end, now, policy)
    entry = atlas.of(record)
    is_asking = group not in ("over",) and bool(lacking)
    return Waived(
        entry, badge(entry.state, entry.standing), group, str(record.get("type") or ""), level,
        tuple((code, code in codes) for code in named(record.data, "rules")),
        tuple(_chip(atlas, id) for id in named(record.data, "records")),
        tuple(_chip(atlas, id) for id in named(record.data, "environments")),
        _chip(atlas, str(record.get("requested_by"))) if record.get("requested_by") else Markup(""),
        tuple(_as(atlas, party, role) for party, role in signed.items()),
        tuple(_chip(atlas, role) for role in lacking) if is_asking else (),
        renewed, _end(record), _left(end, now) if group != "over" else "",
        tuple((atlas.of(one.record), one.where, one.words, ", ".join(one.codes)) for one in uses),
        {
            "id": record.id, "title": record.title, "state": record.state, "standing": group, "level": level,
            "rules": list(named(record.data, "rules")), "records": list(named(record.data, "records")),
            "environments": list(named(record.data, "environments")), "expires": str(record.get("expires") or ""),
            "requested_by": str(record.get("requested_by") or ""), "renewals": renewed,
            "signed": [{"party": party, "role": role} for party, role in signed.items()],
            "lacking": list(lacking) if is_asking else [],
            "lets_pass": [{"record": one.record.id, "gate": one.words, "rules": list(one.codes)} for one in uses],
        },
    )  # fmt: skip


def _group(record: Record, end: datetime | None, now: datetime | None, policy: Policy) -> str:
    if record.state in ("draft", "requested"):
        return "asked"
    if record.state != "active":
        return "over"
    days = policy.at("exceptions", "warn_days", default=0)
    if end is None or now is None:
        return "force"
    if end <= now:
        return "ended"
    return "soon" if isinstance(days, int) and end <= now + timedelta(days=days) else "force"


def _signed(record: Record, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Who signed what stands there now, and as what; the last word of each counts."""
    last = {}
    for one in approvals_on(ledger, record.id, landed={}):
        if one.scope == "exception":
            last[one.party] = one
    for party, one in sorted(last.items()):
        same = digest_of(record.kind.name, record.id, one.scope, one.pointers, record.data) == one.digest
        if one.decision == "granted" and same:
            yield party, one.role


def _left(end: datetime | None, now: datetime | None) -> str:
    if end is None or now is None:
        return ""
    days = abs(end - now) // timedelta(days=1)
    count = "less than a day" if not days else "1 day" if days == 1 else f"{days} days"
    return f"{count} left" if end > now else f"{count} ago"


def _end(record: Record) -> Markup:
    stated = record.get("expires")
    return (shown_moment(stated) or safe(stated)) if isinstance(stated, str) else Markup("")


def _chip(atlas: Atlas, id: str) -> Markup:
    entry = atlas.find(id)
    return chip(entry, _ROOT) if entry is not None else missing(id)


def _as(atlas: Atlas, party: str, role: str) -> Markup:
    return Markup("{} {}").format(_chip(atlas, party), _chip(atlas, role))
