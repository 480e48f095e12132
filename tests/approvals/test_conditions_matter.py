"""Every condition of a signature that counts: each scene differs from one that counts in that condition alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsledger.approvals import Asked, Authorship, ForgeAccount, counting

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
SEEN, GONE = "a" * 40, "b" * 40
PULL = "https://github.com/kestrel-pay/ledger/pull/12"
EDITED = "4.2.2"


def one(scene, **over):
    """The scene with its approval made another way."""
    return replace(scene, approvals=(scene.approval(**over),))


def copied(scene, **over):
    """The scene with a copied review instead of a signature, brought by the bot in its lane."""
    return replace(scene, approvals=(scene.copied(**over),), by="PTY-bot", lane=True)


def live(scene, **over):
    """The scene with a live review instead of a record."""
    return scene.reviewed(scene.review(**over))


def edited(scene):
    """The scene with its record edited inside the scope, after all was signed."""
    return replace(scene, subject=scene.subject.replace("4.2.1", EDITED))


def widened(scene, **over):
    """The scene with an approval that leaves a field of the scope out."""
    return one(scene, pointers=("/environment", "/items", "/package_digest", "/planned", "/release"), **over)


def then(scene, decision, **over):
    """The scene in which Grace says something else an hour later."""
    later = scene.approval(decision=decision, at=over.pop("at", NOON - HOUR / 2), id="APR-2026-ffff0000", **over)
    return replace(scene, approvals=(*scene.approvals, later))


def began(scene, at):
    """The scene in which the deployment began at some time."""
    return replace(scene, subject=f'{scene.subject}started: "{at.strftime("%Y-%m-%dT%H:%M:%SZ")}"\n')


COUNTS = {
    "a signature of an entitled person": lambda scene: scene,
    "a signature that the judge holds already": lambda scene: replace(scene, landed=True),
    "a copied review that a machine brought in its lane": copied,
    "a copied review that the judge holds already": lambda scene: replace(
        copied(scene), by="", lane=False, landed=True
    ),
    "a live review": live,
    "the repository written another way": lambda scene: replace(
        scene, repository="git@GitHub.com:kestrel-pay/ledger.git"
    ),
    "an approval of the pull request that is judged": lambda scene: replace(
        one(scene, pull_request=PULL), pull_request=scene.reviewed().pull_request
    ),
    "at the very second that is judged": lambda scene: one(scene, at=NOON),
    "at the very second that the act began": lambda scene: began(scene, NOON - HOUR),
    "at the very second of the last edit": lambda scene: replace(
        scene, authorship=Authorship(frozenset({"PTY-ada"}), last_edit=NOON - HOUR)
    ),
    "a live review of what stands, before it was written here": lambda scene: replace(
        live(scene), authorship=Authorship(frozenset({"PTY-ada"}), last_edit=NOON)
    ),
    "a landed one of what stands, before it was written here": lambda scene: replace(
        scene, landed=True, authorship=Authorship(frozenset({"PTY-ada"}), last_edit=NOON)
    ),
    "a landed one by who writes it now": lambda scene: replace(
        scene, landed=True, authorship=Authorship(frozenset({"PTY-grace"}), ("commit abc1234 is by who@example.org",))
    ),
    "an edit outside the scope": lambda scene: replace(scene, subject=f"{scene.subject}note: Looked at twice.\n"),
    "a review of an older commit that held the same": lambda scene: replace(
        live(scene), content={SEEN: f"{scene.subject}note: Older.\n"}
    ),
    "a narrower one that came in before the scope grew": lambda scene: replace(widened(scene), landed=True),
    "changes asked for and approved afterwards": lambda scene: then(scene, "revise", at=NOON - 2 * HOUR),
    "changes asked for by somebody else": lambda scene: replace(
        scene, approvals=(*scene.approvals, scene.approval("joan", decision="revise", at=NOON - HOUR / 2))
    ),
    "a renamed account": lambda scene: live(scene, name="hopper"),
    "a role that ended after it was exercised": lambda scene: replace(scene, landed=True).with_party(
        "PTY-grace",
        lambda text: text.replace("role: ROL-approver", 'role: ROL-approver, until: "2026-11-20T11:30:00Z"'),
    ),
    "a role chosen in the review": lambda scene: live(scene, body="Fine.\n\nopsledger: role=ROL-approver\n"),
}

AWAY = 'delegations: [{to: PTY-grace, from: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z"}]\n'


def asked_for_by(scene, party):
    """The scene with a record that says who asked for it."""
    return replace(scene, subject=f"{scene.subject}requested_by: {party}\n")


def stood_in_for(scene):
    """The scene in which Grace holds no role of her own, and stands in for Joan."""
    alone = scene.with_party("PTY-grace", lambda text: text.partition("roles:")[0] + "roles: []\n")
    return alone.with_party("PTY-joan", lambda text: text + AWAY)


COUNTS |= {
    "asked for by somebody else": lambda scene: asked_for_by(scene, "PTY-joan"),
    "asked for by somebody else than who is stood in for": lambda scene: asked_for_by(stood_in_for(scene), "PTY-ada"),
}

FAILS = {
    "another repository": ("SIG305", lambda scene: one(scene, repository="github.com/mallory/ledger")),
    "a live review of another repository": (
        "SIG305",
        lambda scene: scene.reviewed(scene.review(), repository="github.com/mallory/ledger"),
    ),
    "a repository that nobody told": ("SIG305", lambda scene: replace(scene, repository="")),
    "another pull request": (
        "SIG305",
        lambda scene: replace(one(scene, pull_request=f"{PULL}3"), pull_request=scene.reviewed().pull_request),
    ),
    "a second after what is judged": ("SIG309", lambda scene: one(scene, at=NOON + SECOND)),
    "a live review a second after what is judged": ("SIG309", lambda scene: live(scene, at=NOON + SECOND)),
    "a second after the act began": ("SIG309", lambda scene: began(scene, NOON - HOUR - SECOND)),
    "somebody whom no record names": ("SIG303", lambda scene: one(scene, name="stranger")),
    "a machine that signs": (
        "SIG303",
        lambda scene: scene.with_party("PTY-grace", lambda text: text.replace("type: person", "type: machine")),
    ),
    "a machine that reviews": ("SIG303", lambda scene: live(scene, name="bot[bot]", id="9")),
    "a bot by the forge's word": (
        "SIG303",
        lambda scene: live(scene, account=ForgeAccount("grace", "2", is_bot=True)),
    ),
    "an account that no party names": ("SIG303", lambda scene: live(scene, name="grace", id="77")),
    "an account that is gone": ("SIG303", lambda scene: live(scene, name="ghost", id="10137")),
    "a role that was never held": (
        "SIG303",
        lambda scene: scene.with_party("PTY-grace", lambda text: text.replace("ROL-approver", "ROL-of-plans")),
    ),
    "a role that had ended by then": (
        "SIG303",
        lambda scene: replace(scene, landed=True).with_party(
            "PTY-grace",
            lambda text: text.replace("role: ROL-approver", 'role: ROL-approver, until: "2026-11-20T10:30:00Z"'),
        ),
    ),
    "a role that has ended since, in a new signature": (
        "SIG303",
        lambda scene: scene.with_party(
            "PTY-grace",
            lambda text: text.replace("role: ROL-approver", 'role: ROL-approver, until: "2026-11-20T11:30:00Z"'),
        ),
    ),
    "a role for another kind": (
        "SIG303",
        lambda scene: replace(one(scene, role="ROL-of-releases"), asked=Asked("deployment", ("ROL-of-releases",))),
    ),
    "a role for another scope": (
        "SIG303",
        lambda scene: replace(one(scene, role="ROL-of-plans"), asked=Asked("deployment", ("ROL-of-plans",))),
    ),
    "a role that nobody asked for": ("SIG303", lambda scene: one(scene, role="ROL-change-manager")),
    "a role that the review chose and nobody asked for": (
        "SIG303",
        lambda scene: live(scene, body="opsledger: role=ROL-change-manager"),
    ),
    "a word of the content edited since": ("SIG302", edited),
    "a word edited since by the time it is landed": ("SIG302", lambda scene: replace(edited(scene), landed=True)),
    "a field left out": ("SIG302", widened),
    "a live review of other content": (
        "SIG302",
        lambda scene: replace(live(scene), content={SEEN: scene.subject.replace("4.2.1", EDITED)}),
    ),
    "a live review of a commit without the record": ("SIG302", lambda scene: replace(live(scene), content={SEEN: ""})),
    "a live review of a commit that is not here": ("SIG305", lambda scene: live(scene, commit=GONE)),
    "a live review that names no commit": ("SIG305", lambda scene: live(scene, commit="")),
    "a live review of a commit where the record cannot be read": (
        "SIG302",
        lambda scene: replace(live(scene), content={SEEN: "a: [\n"}),
    ),
    "a copied review of other content": (
        "SIG302",
        lambda scene: replace(copied(scene), content={SEEN: scene.subject.replace("4.2.1", EDITED)}),
    ),
    "an author of the content": (
        "DUT351",
        lambda scene: replace(scene, authorship=Authorship(frozenset({"PTY-ada", "PTY-grace"}))),
    ),
    "an author of the content by the record's own word": ("DUT351", lambda scene: one(scene, authors=("PTY-grace",))),
    "an author by the record's own word, landed": (
        "DUT351",
        lambda scene: replace(one(scene, authors=("PTY-grace",)), landed=True),
    ),
    "a live review by an author": (
        "DUT351",
        lambda scene: replace(live(scene), authorship=Authorship(frozenset({"PTY-grace"}))),
    ),
    "whoever asked for it": ("DUT351", lambda scene: asked_for_by(scene, "PTY-grace")),
    "whoever asked for it, landed": (
        "DUT351",
        lambda scene: asked_for_by(replace(scene, landed=True), "PTY-grace"),
    ),
    "whoever stands in for who asked for it": ("DUT351", lambda scene: asked_for_by(stood_in_for(scene), "PTY-joan")),
    "an author whom no record names": (
        "DUT351",
        lambda scene: replace(scene, authorship=Authorship(unknown=("commit abc1234 is by who@example.org",))),
    ),
    "an author whom no record names, by the record's own word": (
        "DUT351",
        lambda scene: one(scene, unknown_authors=1),
    ),
    "a history that is not here": (
        "DUT351",
        lambda scene: replace(scene, authorship=Authorship(undecided="this clone is shallow")),
    ),
    "a second before the last edit": (
        "SIG305",
        lambda scene: replace(scene, authorship=Authorship(frozenset({"PTY-ada"}), last_edit=NOON - HOUR + SECOND)),
    ),
    "a signature with another key": ("SIG305", lambda scene: one(scene, key="nobody")),
    "a signature with another person's key": ("SIG305", lambda scene: one(scene, key="joan")),
    "a record that was changed after it was signed": (
        "SIG305",
        lambda scene: replace(scene, approvals=(replace(scene.approvals[0], at=NOON - HOUR + SECOND),)),
    ),
    "a copied review that a person brought": ("SIG305", lambda scene: replace(copied(scene), by="PTY-joan")),
    "a copied review that nobody known brought": ("SIG305", lambda scene: replace(copied(scene), by="")),
    "a copied review outside the lane": ("SIG305", lambda scene: replace(copied(scene), lane=False)),
    "a copied review of another account": ("SIG305", lambda scene: copied(scene, id=3)),
    "no program to check with": ("SIG305", lambda scene: replace(scene, path="/nowhere")),
    "changes asked for": ("SIG301", lambda scene: one(scene, decision="revise")),
    "changes asked for afterwards": ("SIG301", lambda scene: then(scene, "revise")),
    "changes asked for in the same second": ("SIG301", lambda scene: then(scene, "revise", at=NOON - HOUR)),
    "a no afterwards": ("SIG301", lambda scene: then(scene, "rejected")),
    "withdrawn afterwards": ("SIG301", lambda scene: then(scene, "withdrawn")),
    "withdrawn by name, dated before": (
        "SIG301",
        lambda scene: then(scene, "withdrawn", at=NOON - 2 * HOUR, withdraws=scene.approvals[0].id),
    ),
    "a live review that asks for changes": ("SIG301", lambda scene: live(scene, decision="revise")),
    "a live review that was dismissed": ("SIG301", lambda scene: live(scene, decision="dismissed")),
    "a mere comment": ("SIG301", lambda scene: live(scene, decision="commented")),
    "changes asked for by the same account later": (
        "SIG301",
        lambda scene: scene.reviewed(scene.review(), scene.review(number="81", decision="revise", at=NOON - HOUR / 2)),
    ),
    "changes asked for live after a signature": (
        "SIG301",
        lambda scene: replace(
            scene.reviewed(scene.review(number="81", decision="revise", at=NOON - HOUR / 2)), approvals=scene.approvals
        ),
    ),
    "reviews that could not all be read": ("SIG305", lambda scene: scene.reviewed(scene.review(), is_whole=False)),
    "a scope that the approval is not of": ("", lambda scene: one(scene, scope="plan")),
}
UNDECIDED = {
    "a repository that nobody told",
    "an account that is gone",
    "a live review of a commit that is not here",
    "a history that is not here",
    "no program to check with",
    "reviews that could not all be read",
}


@pytest.mark.parametrize("name", COUNTS)
def test_it_counts(name, scene):
    found = COUNTS[name](scene).tally()

    assert found.is_met, found
    assert ["PTY-grace"] == [counted.party for counted in found.counted]


@pytest.mark.parametrize("name", FAILS)
def test_it_does_not_count_and_says_why(name, scene):
    code, change = FAILS[name]

    found = change(scene).tally()

    assert ("ROL-approver",) == found.missing or change(scene).asked.roles == found.missing
    assert () == found.counted
    assert ({code} if code else set()) == {one.fault.code for one in found.discounted[:1]}, found.discounted
    assert (name in UNDECIDED) == bool(found.undecided)


@pytest.mark.parametrize("name", [name for name in FAILS if FAILS[name][0]])
def test_the_reason_is_a_sentence_with_something_to_do(name, scene):
    for one in FAILS[name][1](scene).tally().discounted:
        assert one.fault.message[-1] not in ".!"
        assert one.fault.fix
        assert one.source.split("-")[-1] in one.fault.message or one.fault.code == "DUT351"


@pytest.mark.parametrize("condition", counting.CONDITIONS, ids=lambda condition: condition.__name__)
def test_without_a_condition_something_counts_that_must_not(condition, scene, monkeypatch):
    left = tuple(one for one in counting.CONDITIONS if one is not condition)
    monkeypatch.setattr(counting, "CONDITIONS", left)

    met = {name for name, (_, change) in FAILS.items() if change(scene).tally().is_met}

    assert met, f"no scene fails for want of {condition.__name__} alone"
