"""The fast tier answers as the exact tier does, or leaves the answer to it."""

from __future__ import annotations

import builtins
import subprocess
import sys
from typing import Any

import pytest

from opsledger.yamlfile import read
from opsledger.yamlfile.fast import _parser, fast
from opsledger.yamlfile.guard import is_plain

PLAIN = """\
# A release.

id: REL-2026-0014
title: Let's ship it (v2) & more! 50% off, isn't it?
version: 1.10.2
day: 2026-11-20
when: 2026-11-20T12:00:00Z
quoted: "2026-11-20T12:00:00Z"   # with a comment
single: 'it''s'
takes: 10m
digest: 3fa94c
count: 42
ratio: -0.25
done: true
none: null
empty:
list:
  - CHG-2026-0031
  - {ci: CI-a, status: x y, url: https://x.example/a?b=1#c, n: [1, "2"]}
  - item: text
    note: |
      Anything: *goes* & here
        <<: !even %this

    last: x_1
text: >-
  folded
  text
"""


def test_a_usual_record_is_plain() -> None:
    assert is_plain(PLAIN.encode())


def test_a_usual_record_with_windows_line_ends_and_a_mark_is_read_by_the_fast_tier() -> None:
    expected = fast(PLAIN.encode())

    assert expected is not None
    assert expected == fast(b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"a: x\0y", id="NUL, where yaml-rs stops reading"),
        pytest.param(b"<<: {a: 1}", id="a merge key, which yaml-rs keeps"),
        pytest.param(b"a: _1", id="_1"),
        pytest.param(b"a: 1_000", id="1_000"),
        pytest.param(b"a: [1, 1_0]", id="1_0 in brackets"),
        pytest.param(b"a: 0b1", id="binary"),
        pytest.param(b"a: -0x1", id="a sign and a base"),
        pytest.param(b"a: 0O7", id="a capital O"),
        pytest.param(b"a: 1e400", id="overflow"),
        pytest.param(b"a: .inf", id="infinity"),
        pytest.param(b"a: 9007199254740993", id="past 2^53"),
        pytest.param(b"a: &x 1", id="an anchor"),
        pytest.param(b"a: !x 1", id="a tag, which yaml-rs drops"),
        pytest.param(b"a: 1\n---\nb: 1", id="two documents, which yaml-rs lists"),
        pytest.param(b"1: x", id="an integer key"),
        pytest.param(b"true: x", id="a boolean key"),
        pytest.param(b"a: {null: x}", id="a null key in brackets"),
        pytest.param(b"a: {x: 1, 2}", id="an integer key without a value"),
        pytest.param(b"a: {x: 1, [2]}", id="a list as a key, which yaml-rs makes a tuple"),
        pytest.param(b"a: \x1b", id="a control character"),
        pytest.param(b"a: \xc2\x85", id="NEL"),
        pytest.param(b"a: x\xef\xbb\xbf", id="a byte order mark inside"),
        pytest.param(b'a: "\\ud800"', id="half of a surrogate pair"),
        pytest.param("é: 1".encode(), id="a key past ASCII"),
        pytest.param(b"a: |\n\nb: 1", id="a block of blank lines, of which yaml-rs makes a line feed"),
        pytest.param(b"a:\tb", id="a tab"),
        pytest.param(b"a: |2\n    x", id="an indentation indicator"),
        pytest.param(b" " * 41 + b"a: 1", id="deep indentation"),
        pytest.param(b"a: " + b"x" * 60_000, id="a large record"),
    ],
)
def test_what_the_fast_parser_may_read_otherwise_is_doubtful(line: bytes) -> None:
    assert not is_plain(line + b"\n")


def test_a_block_at_the_end_without_line_end_is_doubtful() -> None:
    assert not is_plain(b"a: |\n  x")


def test_without_the_fast_parser_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(PLAIN.encode())
    load = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "yaml_rs":
            raise ImportError(name)
        return load(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    _parser.cache_clear()
    try:
        assert fast(PLAIN.encode()) is None
        assert expected == read(PLAIN.encode())
    finally:
        _parser.cache_clear()


def test_reading_a_plain_record_does_not_load_the_exact_parser() -> None:
    program = "import sys; from opsledger.yamlfile import read; read(b'a: 1\\n'); print('ruamel.yaml' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "False\n" == said.stdout
