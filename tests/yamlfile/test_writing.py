"""Fresh records."""

from __future__ import annotations

import pytest

from opsledger.yamlfile import NotWritable, write


def test_a_record_is_written_as_people_write_it() -> None:
    data = {
        "id": "REL-2026-0001",
        "title": "It's here: at last",
        "version": "1.10",
        "when": "2026-11-20T12:00:00Z",
        "count": 3,
        "ratio": 0.5,
        "emergency": False,
        "owner": None,
        "text": "One line.\n\nAnother: line.\n",
        "changes": ["CHG-1", "no"],
        "plan": [{"do": "this", "by": ["PTY-ada"]}, {"do": "that", "note": "a\nb"}],
        "empty": [],
        "none": {},
    }

    expected = """\
id: REL-2026-0001
title: "It's here: at last"
version: "1.10"
when: "2026-11-20T12:00:00Z"
count: 3
ratio: 0.5
emergency: false
owner: null
text: |
  One line.

  Another: line.
changes:
  - CHG-1
  - "no"
plan:
  - do: this
    by:
      - PTY-ada
  - do: that
    note: |-
      a
      b
empty: []
none: {}
"""
    assert expected == write(data).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text", "plain text"),
        ("http://x.example/y#z", "http://x.example/y#z"),
        ("3 things", "3 things"),
        ("été", "été"),
        ("", '""'),
        ("yes", '"yes"'),
        ("NULL", '"NULL"'),
        ("1_000", '"1_000"'),
        ("12:30", '"12:30"'),
        ("1e3", '"1e3"'),
        ("0x1F", '"0x1F"'),
        (".inf", '".inf"'),
        ("- item", '"- item"'),
        ("a #b", '"a #b"'),
        ("ends:", '"ends:"'),
        (" blank", '" blank"'),
        ("tab\there", '"tab\\there"'),
        ("*bold*", '"*bold*"'),
        ('say "x" \\', 'say "x" \\'),
        ("bell\x07 \u2028", '"bell\\x07 \\u2028"'),
        ("  indented\nfirst", '"  indented\\nfirst"'),
        ("trailing \nblank", "|-\n  trailing \n  blank"),
        ("many\nends\n\n", '"many\\nends\\n\\n"'),
    ],
)
def test_text_is_quoted_only_where_it_must_be(text: str, expected: str) -> None:
    assert f"a: {expected}\n" == write({"a": text}).decode()


@pytest.mark.parametrize("value", [{1: 2}, {"": 1}, {"a": float("inf")}, {"a": 2**53}, {"a": "\ud800"}, {"a": {1}}])
def test_what_no_record_holds_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(NotWritable):
        write(value)
