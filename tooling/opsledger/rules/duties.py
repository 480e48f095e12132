"""Who does what together with what, and whether anybody does it: DUT353 and DUT354."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from opsledger.finding import Fault, Severity
from opsledger.ledger import Ledger, Record
from opsledger.policy import policy_of, settings_of
from opsledger.rules.acts import Act, Clash, acts_of_several_roles, acts_on, clashes, kept_apart, whole_of
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule

if TYPE_CHECKING:
    from opsledger.people import People, Role
    from opsledger.question import Question

_OF_DUTIES = "'approval', 'deployment', 'release', 'change', 'party', 'role', 'policy'"
_ACTING = "SELECT count(*) FROM record WHERE kind IN ('approval', 'deployment', 'release')"


@rule("DUT353", Reach.LINK, counts=_ACTING)
def roles_that_do_not_go_together(ledger: Ledger) -> Iterator[Found]:
    """
    One party acts in two roles on one matter that the policy or a role record keeps apart.

    ## Why
    Two pairs of eyes are two only if they sit in two heads. Which duties nobody may combine stands in `incompatible`
    of a role and in `duties.incompatible` of the policy, with the matter that it is about: the same release, the same
    deployment, the same problem. Who approved, who carries out a deployment and who works on a release are told by the
    records; of whoever carries out a deployment, every role counts that they hold then. Where a condition (`when`) is
    stated, only what it holds of counts. Whoever approves a deployment and carries it out is told so by DUT352. Source:
    S0-7.2, S3-role-01.

    ## Examples
    ```yaml title="fails"
    # records/roles/ROL-tester.yaml
    title: Tester
    incompatible: [{role: ROL-builder, on: same-release}]
    # records/roles/ROL-builder.yaml
    title: Builder
    # records/parties/PTY-ada.yaml
    type: person
    # records/releases/REL-2026-9001.yaml
    state: draft
    team:
      - {party: PTY-ada, role: ROL-builder}
      - {party: PTY-ada, role: ROL-tester}
    ```

    ```yaml title="passes"
    # records/roles/ROL-tester.yaml
    title: Tester
    incompatible: [{role: ROL-builder, on: same-release}]
    # records/roles/ROL-builder.yaml
    title: Builder
    # records/parties/PTY-ada.yaml
    type: person
    # records/parties/PTY-grace.yaml
    type: person
    # records/releases/REL-2026-9001.yaml
    state: draft
    team:
      - {party: PTY-ada, role: ROL-builder}
      - {party: PTY-grace, role: ROL-tester}
    ```

    ## Fix
    Have somebody else take one of the two roles; if the approval is the one to go, withdraw it.
    """
    near = ledger.database.execute(f"SELECT 1 FROM near_record WHERE kind IN ({_OF_DUTIES}) LIMIT 1").fetchone()
    if near is None:
        return
    several = list(acts_of_several_roles(ledger))
    if not several:
        return
    people = _kept_apart(ledger)
    for acts in several:
        for clash in clashes(acts, people, partial(_kind_of, ledger), None):
            if not _is_self_authorised(clash):
                yield from _told(clash, ledger, clash.second.path, clash.second.pointer)


@asked_at_gates("DUT353")
def signer_in_a_role_that_does_not_go_with_it(question: Question) -> Iterator[Found]:
    """The signatures that count at a gate, beside everything else that was done on the matter."""
    done = acts_on(question.ledger, question.subject.id)
    whole = whole_of(done, question.subject.id)
    signed = list(_signatures(question, whole))
    sources = {act.id for act in signed}
    others = [act for act in done if act.id not in sources]
    people = kept_apart(question.people, question.policy)
    for clash in clashes([*signed, *others], people, partial(_kind_of, question.ledger), question.as_of):
        if not sources.isdisjoint((clash.first.id, clash.second.id)):
            yield from _told(clash, question.ledger, question.subject.path, question.state_pointer, question.place)


@rule("DUT354", Reach.GLOBAL, counts="SELECT count(*) FROM record WHERE kind = 'role'")
def role_with_too_few_or_too_many_holders(ledger: Ledger) -> Iterator[Found]:
    """
    A role is held by fewer people than it must be, or by more than it may be.

    ## Why
    What nobody answers for is not done, and what several answer for each leaves to the other. A check knows no time:
    it counts as holder whoever ever holds the role, and as one too many whoever holds it without an end. It looks at
    the roles that say `least` or `most`. A gate asks for its own time, of every role whose signature it wants.
    Somebody who stands in for a holder is none more. Source: S2-role-rdm-01, S3-def-relmgr, S3-role-01.

    ## Examples
    ```yaml title="fails"
    # records/roles/ROL-change-manager.yaml
    least: 1
    ```

    ```yaml title="fails, too many"
    # records/roles/ROL-release-manager.yaml
    most: 1
    holders: [{party: PTY-ada}, {party: PTY-grace}]
    # records/parties/PTY-ada.yaml
    type: person
    # records/parties/PTY-grace.yaml
    type: person
    ```

    ```yaml title="fails, a machine holds nothing"
    # records/roles/ROL-change-manager.yaml
    least: 1
    holders: [{party: PTY-robot}]
    # records/parties/PTY-robot.yaml
    type: machine
    ```

    ```yaml title="passes"
    # records/roles/ROL-release-manager.yaml
    least: 1
    most: 1
    holders: [{party: PTY-ada, until: "2026-06-01T00:00:00Z"}, {party: PTY-grace, from: "2026-06-01T00:00:00Z"}]
    # records/parties/PTY-ada.yaml
    type: person
    # records/parties/PTY-grace.yaml
    type: person
    ```

    ## Fix
    Name who holds it under `holders` of the role or under `roles` of the person, or correct `least` and `most`.
    """
    near = ledger.database.execute("SELECT 1 FROM near_record WHERE kind IN ('party', 'role') LIMIT 1").fetchone()
    stating = [record for record in _roles(ledger) if {"least", "most"} & record.data.keys()] if near else []
    if not stating:
        return
    from opsledger.people import people_of  # only a ledger that changed pays for it

    people = people_of(ledger.snapshot, ledger.kinds)
    for record in stating:
        role = people.roles.get(record.id)
        if role is not None:
            yield from _ever_too_few(record, role, people)
            yield from _always_too_many(record, role, people)


@asked_at_gates("DUT354")
def signature_of_a_role_that_is_not_filled(question: Question) -> Iterator[Found | Remark]:
    """The roles whose signature a gate wants, with those who hold them at its time."""
    for id in sorted({role for asked in question.asked for role in asked.roles}):
        role = question.people.roles[id]
        holding = question.people.holders(id, question.as_of, matter=question.matter)
        held = tuple(one.party for one in holding if not one.delegated_by)
        acting = tuple(one.party for one in holding)
        if len(acting) < role.least:
            said = f"{id} must sign for {question.subject.id} and needs {_people(role.least)}, but {_held_by(acting)}"
            yield _at_gate(question, said, f"name who holds {id}, in {role.path} or in their party records")
        elif role.most is not None and len(held) > role.most:
            said = f"{id} may be held by {_people(role.most)} at once, but {_held_by(held)}"
            yield _at_gate(question, said, f"end it for somebody, in {role.path} or in their party records")
        else:
            yield Remark(f"{id}: {_held_by(acting)}")


def _roles(ledger: Ledger) -> Iterable[Record]:
    return ledger.of("role") if "role" in ledger.kinds else ()


def _ever_too_few(record: Record, role: Role, people: People) -> Iterator[Found]:
    """A role that at no time has the holders it needs; a gate stops at that, a check only warns."""
    if "least" not in record.data or people.unreadable:
        return
    held = _in_person(role, people)
    if len(held) < role.least:
        said = f"{role.id} needs {_people(role.least)}, but {_held_by(held)}"
        fix = f"name who holds it: set `roles: [{{role: {role.id}}}]` in their party records, or `holders` here"
        yield Found(role.path, Fault("/least", "DUT354", said, fix), severity=Severity.WARNING)


def _always_too_many(record: Record, role: Role, people: People) -> Iterator[Found]:
    """A role that in the end more people hold than may."""
    held = _in_person(role, people, endless=True)
    if role.most is not None and len(held) > role.most:
        said = f"{role.id} may be held by {_people(role.most)} at once, but without an end {_held_by(held)}"
        fix = "say until when the others hold it, in `until`, or take it from them"
        yield Found(record.path, Fault("/most", "DUT354", said, fix))


def _in_person(role: Role, people: People, *, endless: bool = False) -> tuple[str, ...]:
    """Who holds a role without standing in for anybody; with `endless`, everywhere and for good."""
    held = (one for one in people.holdings(role.id) if not one.delegated_by)
    return tuple(sorted({one.party for one in held if not endless or (one.term.until is None and not one.on)}))


def _kept_apart(ledger: Ledger) -> People:
    from opsledger.people import people_of  # as above

    policy = policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
    return kept_apart(people_of(ledger.snapshot, ledger.kinds), policy)


def _signatures(question: Question, whole: str) -> Iterator[Act]:
    subject = question.subject
    for asked in question.asked:
        for one in question.tally(asked).counted:
            says = f"approved {subject.id} as {one.role}"
            yield Act(whole, subject.id, one.party, one.role, asked.scope, says, subject.path, "", one.source, one.at)


def _is_self_authorised(clash: Clash) -> bool:
    """Whether somebody approved a deployment and carried it out, which DUT352 says whatever their roles are."""
    return {"", "deployment"} == {clash.first.scope, clash.second.scope} and "" in (clash.first.role, clash.second.role)


def _told(clash: Clash, ledger: Ledger, path: str, pointer: str, place: Record | None = None) -> Iterator[Found]:
    """A clash, where what keeps the two roles apart holds; where nobody can tell, that the condition says nothing."""
    if not clash.apart.when:
        yield _clashing(clash, path, pointer)
        return
    from opsledger.rules.duty_conditions import holds_of, unjudged

    holds = holds_of(clash, ledger, place)
    if holds is True:
        yield _clashing(clash, path, pointer)
    elif holds is not False:
        yield unjudged(clash, ledger, holds)


def _clashing(clash: Clash, path: str, pointer: str) -> Found:
    first, second, apart = clash.first, clash.second, clash.apart
    said = f"{first.party} {first.says} and {second.says}"
    said += f", but {clash.role} and {apart.role} do not go together on the {apart.on.replace('-', ' ')}"
    fix = "have somebody else do one of the two"
    return Found(path, Fault(pointer, "DUT353", said, fix), f"{first.id} {second.id}")


def _kind_of(ledger: Ledger, id: str) -> str:
    record = ledger.find(id)
    return record.kind.name if record else ""


def _at_gate(question: Question, said: str, fix: str) -> Found:
    """What stands against a role at a gate; undecided where a file that may name a holder cannot be read."""
    doubt = question.people.unreadable
    if doubt:
        said += f"; {', '.join(doubt)} cannot be read as it should be"
    fault = Fault(question.state_pointer, "DUT354", said, f"mend {doubt[0]} on the base" if doubt else fix)
    return Found(question.subject.path, fault, undecided=bool(doubt))


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _held_by(parties: tuple[str, ...]) -> str:
    """Who holds it, as the end of a sentence."""
    *first, last = parties or ("nobody",)
    holds = "hold" if first else "holds"
    return f"{', '.join(first)} and {last} {holds} it" if first else f"{last} {holds} it"
