"""What the messages of commits name, and what they do not."""

from __future__ import annotations

import pytest

from opsledger.edit.mentions import Told, mentions


def said(*messages: str) -> list[Told]:
    """Commits with these messages, the oldest first as people write them."""
    return [Told(f"{number:040x}", message) for number, message in enumerate(messages, 1)][::-1]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("See #12 for the reason", id="a number in a sentence"),
        pytest.param("Retry (#12) before it fails", id="brackets in the middle of the subject"),
        pytest.param("Retry\n\nas (#12) says\n", id="brackets below the subject"),
        pytest.param("Revert of merge request !12", id="an exclamation mark in a sentence"),
        pytest.param("Not a Merge pull request #12", id="words of a merge further on"),
    ],
)
def test_what_is_no_merged_pull_request_names_none(message):
    assert () == mentions(said(message)).pulls


@pytest.mark.parametrize(
    ("message", "number"),
    [
        pytest.param("Merge pull request #12 from ada/retries\n\nCarry the key", "12", id="merge commit of GitHub"),
        pytest.param("Carry the key through retries (#7)", "7", id="squash"),
        pytest.param("Carry the key (#7)\n\n* one\n* two", "7", id="squash with a body"),
        pytest.param("Merge branch 'x' into 'main'\n\nTitle\n\nSee merge request pay/api!31", "31", id="GitLab"),
        pytest.param("Merged in retries (pull request #4)", "4", id="Bitbucket"),
    ],
)
def test_merged_pull_request_is_named(message, number):
    assert (number,) == mentions(said(message)).pulls


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("Prepare for PRB-2026-0017", id="no word of ending"),
        pytest.param("This does not fix PRB-2026-0017", id="a word of ending inside a sentence"),
        pytest.param("Fixes the spelling", id="nothing named"),
        pytest.param("prefixes PRB-2026-0017", id="part of another word"),
    ],
)
def test_what_only_mentions_a_problem_does_not_end_it(message):
    assert () == mentions(said(message)).ends


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("Retry\n\nFixes: PRB-2026-0017", id="trailer"),
        pytest.param("Fixes PRB-2026-0017", id="subject"),
        pytest.param("Retry\n\nCloses: PRB-2026-0017, PAY-1", id="first of several"),
        pytest.param("Retry\n\nresolved PRB-2026-0017.", id="small letters and a stop"),
    ],
)
def test_commit_that_ends_a_problem_says_so(message):
    assert "PRB-2026-0017" in mentions(said(message)).ends


def test_key_inside_another_word_is_none():
    assert () == mentions(said("UTF-8x and XPAY-1042a and pay-1042")).keys


def test_keys_and_ids_are_found_anywhere_in_their_order():
    found = mentions(said("PAY-1042: retry", "Change: CHG-2026-0113\nRefs: PAY-7 and PAY-1042"))

    assert ("PAY-1042", "CHG-2026-0113", "PAY-7") == found.keys
    assert ("CHG-2026-0113",) == found.changes


def test_commit_that_was_taken_back_names_nothing():
    first = "Retry (#12)\n\nFixes: PRB-2026-0017"
    found = mentions(said(first, f'Revert "Retry (#12)"\n\nThis reverts commit {1:040x}.'))

    assert ((), (), ()) == (found.pulls, found.ends, found.keys)


def test_commit_whose_revert_was_taken_back_counts_again():
    first = "Retry (#12)\n\nFixes: PRB-2026-0017"
    second = f'Revert "Retry"\n\nThis reverts commit {1:040x}.'
    found = mentions(said(first, second, f'Revert "Revert"\n\nThis reverts commit {2:040x}.'))

    assert (("12",), ("PRB-2026-0017",)) == (found.pulls, found.ends)


def test_revert_of_a_commit_outside_the_range_leaves_the_others():
    found = mentions(said("Fixes PRB-2026-0017", f'Revert "x"\n\nThis reverts commit {"f" * 40}.'))

    assert ("PRB-2026-0017",) == found.ends


def test_long_message_is_read_in_no_time_that_grows_with_its_square():
    found = mentions(said("fixes " * 20_000 + "\n" + "A" * 100_000 + "-" * 1000))

    assert () == found.ends


def test_title_of_a_forges_merge_commit_is_that_of_its_pull_request():
    assert "Carry the key" == Told("1", "Merge pull request #12 from ada/x\n\nCarry the key").title
