"""Whether the proof in an approval is what it should be: a signature over its statement, or a forge's own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from opsledger.approvals import armour, keys
from opsledger.approvals.model import Approval
from opsledger.approvals.payloads import Payload, read_payload
from opsledger.approvals.statements import NAMESPACE, statement
from opsledger.finding import Fault
from opsledger.moments import written
from opsledger.people import Key, People

CODE = "SIG305"
_SIGNATURE = "/evidence/signature"
_SHORTEST = 7
_ANEW = "sign it again with `opsledger approve`"


def verify(
    approval: Approval, people: People, recorded: datetime | None, environment: Mapping[str, str]
) -> Fault | None:
    """
    What is wrong with the proof in an approval; `None` where anyone can check it and it holds.

    Args:
        people: the judge's: nobody proves anything by a key that the same pull request brings.
        recorded: when the approval came in; its key must have counted then as well. `None` for one that the judge
            holds already.
        environment: where to look for ssh-keygen and gpg.

    Raises:
        Undecided: the program that would tell is not there.
    """
    if approval.evidence.get("type") == "forge-review":
        return payload_fault(approval, people)
    shape = shape_fault(approval)
    if shape is not None:
        return shape
    if approval.evidence.get("type") == "gpg-signature":
        return _gpg_fault(approval, people, recorded, environment)
    return ssh_key_fault(approval, people, recorded) or _ssh_fault(approval, people, environment)


def shape_fault(approval: Approval) -> Fault | None:
    """What is wrong with a signature before anybody asks whose it is."""
    text = str(approval.evidence.get("signature") or "")
    count = armour.how_many(text)
    if len(text) > armour.LONGEST:
        said = f"the signature of {approval.id} is {len(text):,} characters long, and none is longer than 20,000"
    elif count > 1:
        said = f"{approval.id} carries {count} signatures, and an approval is signed once"
    elif approval.evidence.get("type") == "gpg-signature":
        if count == 1 and text.strip().startswith("-----BEGIN PGP SIGNATURE-----"):
            return None
        said = f"the signature of {approval.id} is no armoured GPG signature"
    elif isinstance(about := armour.read_ssh(text), str):
        said = f"the signature of {approval.id} {about}"
    elif about.namespace != NAMESPACE:
        said = f"the signature of {approval.id} was made for {about.namespace!r} and not for an approval"
    else:
        return None
    return Fault(_SIGNATURE, CODE, said, _ANEW)


def ssh_key_fault(approval: Approval, people: People, recorded: datetime | None) -> Fault | None:
    """What is wrong with the key behind an SSH signature whose shape is sound, by the party records alone."""
    about = armour.read_ssh(str(approval.evidence.get("signature") or ""))
    assert not isinstance(about, str)
    return _key_fault(approval, about.fingerprint, people, recorded)


def _key_fault(approval: Approval, fingerprint: str, people: People, recorded: datetime | None) -> Fault | None:
    owner = people.by_key(fingerprint, at=approval.at)
    if owner is None:
        said = f"{approval.id} is signed with a key that is nobody's by the party records: {fingerprint}"
        fix = f"add the key to {approval.party} on the base branch first, if it is theirs"
        return Fault(_SIGNATURE, CODE, said, fix)
    party, key = owner
    if party.id != approval.party:
        said = f"{approval.id} says that {approval.party} decided, but {party.id} signed it"
        return Fault(_SIGNATURE, CODE, said, f"let {approval.party} sign, or write party: {party.id}")
    if not key.term.holds(approval.at):
        said = f"{approval.id} is dated {written(approval.at)}, when the key of {party.id} {_lapsed(key, approval.at)}"
        return Fault(_SIGNATURE, CODE, said, "sign it with a key that counts today")
    later = people.by_key(fingerprint, at=recorded) if recorded is not None else None
    if recorded is not None and later is not None and not later[1].term.holds(recorded):
        said = (
            f"{approval.id} came in at {written(recorded)}, when the key of {party.id} {_lapsed(later[1], recorded)}: "
            "a back-dated signature would look the same"
        )
        return Fault(_SIGNATURE, CODE, said, "sign it with a key that counts today")
    return None


def _lapsed(key: Key, at: datetime) -> str:
    if key.term.until is not None and key.term.until <= at:
        return f"had ended ({written(key.term.until)})"
    assert key.term.since is not None
    return f"did not count yet (from {written(key.term.since)})"


def _ssh_fault(approval: Approval, people: People, environment: Mapping[str, str]) -> Fault | None:
    signature = str(approval.evidence["signature"])
    about = armour.read_ssh(signature)
    assert not isinstance(about, str)
    owner = people.by_key(about.fingerprint, at=approval.at)
    assert owner is not None
    good = keys.ssh_is_good(
        signature, about, statement(approval), principal=approval.party, key=owner[1], environment=environment
    )
    return None if good else _other_statement(approval)


def _gpg_fault(
    approval: Approval, people: People, recorded: datetime | None, environment: Mapping[str, str]
) -> Fault | None:
    signature, claimed = str(approval.evidence["signature"]), people.parties.get(approval.party)
    own = keys.gpg_keys(claimed) if claimed else ()
    said = keys.ask_gpg(signature, statement(approval), own, environment=environment)
    if said.is_of_other_bytes:
        return _other_statement(approval)
    if said.count > 1 or not said.fingerprint:
        several = f"{approval.id} carries {said.count} signatures, and an approval is signed once"
        none = f"the signature of {approval.id} is none that gpg can read"
        return Fault(_SIGNATURE, CODE, several if said.count > 1 else none, _ANEW)
    return _key_fault(approval, said.fingerprint, people, recorded) or _gpg_end(approval, said, recorded or approval.at)


def _gpg_end(approval: Approval, said: keys.GpgAnswer, at: datetime) -> Fault | None:
    """What is wrong with a GPG signature by a key that counts, by what the key and the signature say themselves."""
    if said.is_revoked:
        text = f"{approval.id} is signed with a key that {approval.party} took back"
    elif said.has_ended or (said.until is not None and said.until <= at):
        text = f"{approval.id} is signed with a key of {approval.party} that has ended by what it says of itself"
    else:
        return None if said.is_good else _other_statement(approval)
    return Fault(_SIGNATURE, CODE, text, "sign it with a key that counts today")


def _other_statement(approval: Approval) -> Fault:
    said = f"the signature of {approval.id} is over another statement than the record makes"
    return Fault(_SIGNATURE, CODE, said, f"restore what was signed, or {_ANEW}")


def payload_fault(approval: Approval, people: People) -> Fault | None:
    """What is wrong with a copied review: its words must be there, unchanged, and say what the record says."""
    text, stated = approval.evidence.get("payload"), str(approval.evidence.get("payload_digest") or "")
    if not isinstance(text, str) or not text:
        said = f"{approval.id} names a review and does not keep what the forge said of it"
        return Fault("/evidence", CODE, said, "import the review again with `opsledger approvals import`")
    if "sha256:" + sha256(text.encode()).hexdigest() != stated:
        said = f"the words of the forge that {approval.id} keeps are not those that its payload_digest stands for"
        return Fault("/evidence/payload", CODE, said, "import the review again with `opsledger approvals import`")
    payload = read_payload(text)
    if payload is None:
        said = f"what {approval.id} keeps is no forge's answer about a review"
        return Fault("/evidence/payload", CODE, said, "import the review again with `opsledger approvals import`")
    return _told_otherwise(approval, payload, people)


def _told_otherwise(approval: Approval, payload: Payload, people: People) -> Fault | None:
    """Where the record and the forge's words differ."""
    evidence = approval.evidence
    pairs = (
        ("/evidence/review", "review", str(evidence.get("review") or ""), payload.id),
        ("/evidence/commit", "commit", _as_short(str(evidence.get("commit") or ""), payload.commit), payload.commit),
        ("/decision", "decision", _as_forge(approval.decision), payload.decision or "something else"),
        ("/at", "time", written(approval.at), written(payload.at) if payload.at else ""),
    )
    for pointer, what, stated, told in pairs:
        if told and stated != told:
            said = f"{approval.id} says {what} {stated or 'none'}, and the forge says {told}"
            return Fault(pointer, CODE, said, "import the review again with `opsledger approvals import`")
    if approval.pull_request and payload.url and not _leads_into(payload.url, approval.pull_request):
        said = f"{approval.id} says that it was given in {approval.pull_request}, and the forge says {payload.url}"
        return Fault("/pull_request", CODE, said, "import the review again with `opsledger approvals import`")
    return _account_fault(approval, payload, people)


def _account_fault(approval: Approval, payload: Payload, people: People) -> Fault | None:
    account, forge = payload.account, str(approval.evidence.get("forge") or "")
    if account is None:
        said = f"{approval.id} is by an account of {forge} that is gone, so nobody can show whose it was"
        return Fault("/evidence/payload", CODE, said, f"ask {approval.party} to approve again")
    if account.is_bot:
        said = f"{approval.id} copies a review by {account.login}, which is a machine"
        return Fault("/evidence/payload", CODE, said, "ask a person to approve")
    party = people.by_account(forge, login=account.login, id=account.id, at=approval.at)
    if party is None or party.id != approval.party:
        whose = f"{party.id}'s" if party else "one that no party record names"
        said = (
            f"{approval.id} says that {approval.party} decided, but the account {account.login} of {forge} is {whose}"
        )
        return Fault("/party", CODE, said, "correct the account in the party record on the base branch, or the party")
    return None


def _as_short(commit: str, told: str) -> str:
    """A commit as short as the forge writes it, where it is that one: Bitbucket shortens ids."""
    return told if len(told) >= _SHORTEST and commit.startswith(told) else commit


def _as_forge(decision: str) -> str:
    return {"withdrawn": "dismissed", "rejected": "revise"}.get(decision, decision)


def _leads_into(url: str, pull_request: str) -> bool:
    return url == pull_request or url.startswith((f"{pull_request}#", f"{pull_request}/", f"{pull_request}?"))
