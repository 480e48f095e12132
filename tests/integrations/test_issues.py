"""Issues that were written with the form: what they say becomes fields, and what does not fit is refused."""

from __future__ import annotations

import json

import pytest

from opsledger.adapters.issues import MOST_BYTES, read_issue
from opsledger.errors import Refused

BODY = """\
### What is it?

problem

### Title

Refunds time out

### How bad is it?

high

### What should others know?

_No response_
"""


def event(body: object = BODY, **issue: object) -> bytes:
    return json.dumps({"action": "opened", "issue": {"number": 12, "body": body, **issue}}).encode()


def test_a_problem_gets_what_the_form_asked_for():
    wish = read_issue(event(html_url="https://github.com/pay/ledger/issues/12"))

    link = {"system": "github", "key": "12", "url": "https://github.com/pay/ledger/issues/12"}
    assert ("problem", {"title": "Refunds time out", "severity": "high", "external": [link]}) == (wish.kind, wish.data)


def test_a_change_says_how_urgent_and_what_it_is_good_for():
    body = BODY.replace("problem", "change").replace("_No response_", "It is slow.")

    data = read_issue(event(body)).data

    assert ("normal", "P2", "It is slow.") == (data["type"], data["priority"], data["business_need"])


def test_the_issue_itself_will_do_and_so_do_other_ends_of_lines():
    wish = read_issue(json.dumps({"number": 12, "body": BODY.replace("\n", "\r\n")}).encode())

    assert "Refunds time out" == wish.data["title"]


def test_characters_that_no_text_holds_are_left_out():
    body = BODY.replace("Refunds time out", "Refunds\x1b[31m time\u202e out")

    assert "Refunds[31m time out" == read_issue(event(body)).data["title"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", 7, "https://" + "a" * 500])
def test_an_address_that_is_none_is_left_out(url):
    assert [{"system": "github", "key": "12"}] == read_issue(event(html_url=url)).data["external"]


def test_a_heading_that_the_form_does_not_know_is_a_part_of_the_answer():
    body = BODY.replace("_No response_", "First\n\n### More\n\nSecond")

    assert "First\n\n### More\n\nSecond" == read_issue(event(body)).data["description"]


REFUSED = {
    "no JSON": b"{",
    "nested without end": b"[" * 100_000,
    "no issue": b"{}",
    "a list": b"[]",
    "an issue that is text": b'{"issue": "x", "body": "y"}',
    "no text": event(None),
    "free text": event("It is broken"),
    "a heading twice, so that an answer could fill another field": event(
        BODY.replace("_No response_", "Nothing.\n\n### How bad is it?\n\nlow")
    ),
    "headings in another order": event(
        BODY.replace("### Title", "### X").replace("### What should", "### Title\n\n### What should")
    ),
    "a kind that may not be proposed so": event(BODY.replace("problem", "role")),
    "longer than any": b" " * (MOST_BYTES + 1),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused(text):
    with pytest.raises(Refused):
        read_issue(text)
