"""Which exceptions count at a time, one condition after the other; each says why it does not hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, spoken
from opsledger.people import People
from opsledger.policy import Policy
from opsledger.waivers.limits import (
    demanded_level,
    is_longer,
    is_waivable,
    lasts,
    named,
    outside_limits,
    renewals,
    repeated,
)
from opsledger.waivers.model import Reason, Standing, Waiver

if TYPE_CHECKING:
    from opsledger.approvals.model import Tally
    from opsledger.approvals.situation import Situation

SCOPE = "exception"
DEVIATION = "emergency-deviation"
_OVER = ("closed", "rejected")
_MOST_TOLD = 5


@dataclass(frozen=True, eq=False)
class Waivers:
    """
    The exceptions of what is judged, held against people, policy and time.

    Args:
        ledger: what is judged.
        people: the judge's.
        policy: the judge's.
        situation: what signatures are counted in.
    """

    ledger: Ledger
    people: People
    policy: Policy
    as_of: datetime
    situation: Situation
    _known: dict[str, Standing] = field(default_factory=dict, repr=False)
    _tallies: dict[str, Tally] = field(default_factory=dict, repr=False)

    def covering(self, code: str, records: Collection[str], environment: str) -> Waiver | None:
        """
        The exception that waives a code for some records; of several, the one that lasts longest.

        Args:
            records: the gate's subject and every record that the finding is about; all of them must be named.
            environment: where, or empty; an exception that is limited to environments then does not count.
        """
        if not records or not is_waivable(code, self.policy):
            return None
        first = min(records)
        found = []
        for exception in self.ledger.naming(first, "exception", at="/scope/records/*", is_open=True):
            if self._names(exception, code, records, environment) is None:
                standing = self.standing(exception)
                if standing.reason is None and standing.until is not None:
                    found.append(Waiver(exception, standing.until, standing.is_owed))
        return max(found, key=lambda one: (one.until or self.as_of, one.exception.id), default=None)

    def refused(self, code: str, records: Collection[str], environment: str) -> tuple[str, ...]:
        """Why exceptions that name a code and some of the records do not count, a sentence each."""
        return tuple(reason.sentence for reason in self.reasons(code, records, environment))

    def reasons(self, code: str, records: Collection[str], environment: str) -> tuple[Reason, ...]:
        """As `refused`, each with the place in the exception and what to do."""
        return tuple(self._reasons(code, records, environment))[:_MOST_TOLD]

    def _reasons(self, code: str, records: Collection[str], environment: str) -> Iterator[Reason]:
        met = {
            exception.id: exception
            for id in sorted(records)
            for exception in self.ledger.naming(id, "exception", at="/scope/records/*")
            if exception.state not in _OVER and code in named(exception.data, "rules")
        }
        for _, exception in sorted(met.items()):
            if not is_waivable(code, self.policy):
                fix = "do what the rule asks, and take the code out of the exception"
                yield Reason(exception, "/scope/rules", f"cannot waive {code}: no exception may", fix)
                continue
            found = self._names(exception, code, records, environment) or self.standing(exception).reason
            if found is not None:
                yield found

    def _names(self, exception: Record, code: str, records: Collection[str], environment: str) -> Reason | None:
        """Why an exception is not about a question; `None` where it is."""
        stated = named(exception.data, "records")
        missing = sorted(set(records) - set(stated))
        if code not in named(exception.data, "rules"):
            return Reason(exception, "/scope/rules", f"does not name {code}", f"ask for an exception that names {code}")
        if missing:
            said = f"does not name {' and '.join(missing)}"
            return Reason(exception, "/scope/records", said, f"ask for an exception that names {' and '.join(missing)}")
        scope = exception.get("scope")
        if isinstance(scope, Mapping) and "environments" in scope:
            places = named(exception.data, "environments")
            if environment not in places:
                where = f"not in {environment}" if environment else "and the gate was asked for none"
                said = f"holds in {', '.join(places) or 'no environment'} {where}".replace(" not in", " and not in")
                fix = f"ask for an exception that holds in {environment}" if environment else "name it with --env"
                return Reason(exception, "/scope/environments", said, fix)
        return None

    def standing(self, exception: Record) -> Standing:
        """How an exception stands, whatever is asked of it; worked out once."""
        if exception.id not in self._known:
            self._known[exception.id] = self._stands(exception)
        return self._known[exception.id]

    def _stands(self, exception: Record) -> Standing:
        end, starts = moment(exception.get("expires")), moment(exception.get("starts"))
        retest = moment(exception.get("retest_by")) if exception.get("type") == DEVIATION else None
        until = min((at for at in (end, retest) if at is not None), default=None)
        for condition in _PLAIN:
            if (reason := condition(exception, self)) is not None:
                return Standing(exception, reason, until=until)
        assert until is not None
        tally = self.tally(exception)
        signed = tuple(f"{one.party} as {one.role}" for one in tally.counted) if tally is not None else ()
        lacking = unsigned(exception, self)
        if tally is None or lacking is not None:
            return Standing(exception, lacking, signed, until=until)
        since = starts or max((one.at for one in tally.counted), default=self.as_of)
        reason = _too_long(exception, self, since)
        return Standing(exception, reason, signed, since, until, is_owed=retest is not None)

    def tally(self, exception: Record) -> Tally | None:
        """What the signatures on an exception add up to; `None` where nobody is named who could sign it."""
        if exception.id not in self._tallies:
            from opsledger.approvals import tally
            from opsledger.approvals.model import Asked

            roles = self.signers(exception)
            if not roles:
                return None
            asked = Asked(SCOPE, roles, code="WVR923")
            self._tallies[exception.id] = tally(asked, exception, self.situation)
        return self._tallies[exception.id]

    def signers(self, exception: Record) -> tuple[str, ...]:
        """The roles that must all sign an exception, by its level; none where one of them is not described."""
        level, _ = demanded_level(exception.data, self.ledger)
        stated = self.policy.at("exceptions", "signers", level, default=())
        roles = tuple(map(str, stated)) if isinstance(stated, list | tuple) else ()
        return roles if all(role in self.people.roles for role in roles) else ()


def waivers_of(ledger: Ledger, people: People, policy: Policy, as_of: datetime, situation: Situation) -> Waivers:
    """
    The exceptions that may waive something.

    Args:
        ledger: what is judged: exceptions are read from there, and count by the judge's people and policy.
    """
    return Waivers(ledger, people, policy, as_of, situation)


_Condition = Callable[[Record, Waivers], Reason | None]


def _is_sound(exception: Record, waivers: Waivers) -> Reason | None:
    ledger = waivers.ledger
    is_doubtful = not exception.is_readable or exception.id in ledger.in_doubt
    faulty = ledger.database.execute(
        "SELECT fault.code, fault.pointer FROM fault JOIN record ON record.number = fault.record "
        "WHERE record.path = ? AND (fault.code LIKE 'SCH%' OR fault.code LIKE 'WVR%') ORDER BY fault.rowid",
        (exception.path,),
    ).fetchone()
    if not is_doubtful and faulty is None:
        return None
    code, pointer = faulty or ("SCH009", "")
    said = f"does not count while it has a finding of its own ({code})"
    return Reason(exception, pointer, said, "run `opsledger check`, and do what it says of the exception")


def _is_active(exception: Record, _: Waivers) -> Reason | None:
    if exception.state == "active":
        return None
    # Advancing it says who signs, and makes the move once they did.
    is_ahead = exception.state in ("draft", "requested")
    fix = f"have it signed, then `opsledger advance {exception.id}`" if is_ahead else "ask for another one"
    return Reason(exception, "/state", f"is {exception.state or 'in no state'} and not active", fix)


def _has_begun(exception: Record, waivers: Waivers) -> Reason | None:
    starts = moment(exception.get("starts"))
    if starts is None or starts <= waivers.as_of:
        return None
    return Reason(exception, "/starts", f"has no force before {spoken(starts)}", "wait until then")


def _has_not_ended(exception: Record, waivers: Waivers) -> Reason | None:
    end = moment(exception.get("expires"))
    if end is None:
        return Reason(exception, "/expires", "does not say when it ends", "set `expires`, and have it signed again")
    if end > waivers.as_of:
        return None
    fix = f"do what the rule asks, or ask for an exception that renews {exception.id}"
    return Reason(exception, "/expires", f"ended at {spoken(end)}", fix, is_expired=True)


def _is_not_overdue(exception: Record, waivers: Waivers) -> Reason | None:
    retest = moment(exception.get("retest_by"))
    if exception.get("type") != DEVIATION or retest is None or retest > waivers.as_of:
        return None
    said = f"let pass only what was made up for by {spoken(retest)}"
    return Reason(exception, "/retest_by", said, "make up for it now", is_expired=True)


def _is_not_renewed_too_often(exception: Record, waivers: Waivers) -> Reason | None:
    chain = renewals(exception, waivers.ledger)
    most = waivers.policy.at("exceptions", "max_renewals")
    if chain is None:
        return Reason(exception, "/renews", "renews what cannot be followed to its start", "correct `renews`")
    stated = {one.id for one in chain}
    alike = [one for one in repeated(exception, waivers.ledger) if one.id not in stated]
    count = len(chain) + len(alike)
    if isinstance(most, int) and count > most:
        first = min((*stated, *(one.id for one in alike)))
        said = f"is renewal {count} of what {first} accepted, and the policy allows {most}"
        return Reason(exception, "/renews", said, "do what the rule asks; it was put off often enough")
    return None


def _is_within_limits(exception: Record, waivers: Waivers) -> Reason | None:
    found = next(outside_limits(exception, waivers.ledger, waivers.policy), None)
    return Reason(exception, *found, "patch it, or change the policy on the base") if found else None


def _has_a_level(exception: Record, waivers: Waivers) -> Reason | None:
    if demanded_level(exception.data, waivers.ledger)[0]:
        return None
    return Reason(exception, "/level", "does not say how much risk it accepts", "set `level`, and have it signed")


def _too_long(exception: Record, waivers: Waivers, since: datetime) -> Reason | None:
    end = moment(exception.get("expires"))
    level, _ = demanded_level(exception.data, waivers.ledger)
    days = [waivers.policy.at("exceptions", "max_days", level)]
    if exception.get("type") == "unpatched-vulnerability":
        days.append(waivers.policy.at("exceptions", "unpatched", "max_days"))
    for most in days:
        if end is not None and is_longer(since, end, most):
            said = f"lasts {lasts(since, end)}, and at {level} risk the policy allows {most}"
            fix = "end it earlier, and have it signed again; or renew it in time"
            return Reason(exception, "/expires", said, fix)
    return None


def unsigned(exception: Record, waivers: Waivers) -> Reason | None:
    """Which signatures an exception lacks, and why those that it has do not count; `None` where it has them all."""
    tally = waivers.tally(exception)
    level, by = demanded_level(exception.data, waivers.ledger)
    if tally is None:
        fix = f"name under `exceptions.signers.{level or 'medium'}` of the policy, on the base, a role that there is"
        said = f"accepts {level or 'nobody knows how much'} risk, and the policy names nobody who can sign for that"
        return Reason(exception, "/level", said, fix)
    if tally.is_met:
        return None
    why = "".join(f"; {one.fault.message}" for one in tally.discounted[:_MOST_TOLD])
    able = list(dict.fromkeys(party for role in tally.missing for party in tally.holders.get(role, ())))
    fix = (
        f"ask {' or '.join(able[:_MOST_TOLD])} to approve the exception"
        if able
        else "have somebody named for that role on the base who neither wrote nor asked for it"
    )
    demand = f", as {by} of {level} severity demands" if by else ""
    said = f"is not signed by {' and '.join(tally.missing or tally.asked.roles)}{demand}{why}"
    return Reason(exception, "/state", said, fix)


_PLAIN: tuple[_Condition, ...] = (
    _is_sound,
    _is_active,
    _has_not_ended,
    _is_not_overdue,
    _has_begun,
    _has_a_level,
    _is_not_renewed_too_often,
    _is_within_limits,
)
"""Everything that an exception must be before its signatures are counted."""
