"""Every fault of bytes, damage and structure is one refusal, at its line and column, in the reader's words."""

from __future__ import annotations

import time
from typing import Any

import pytest

from opsledger.yamlfile import MAX_BYTES, Located, Unreadable, read, read_exact

CUT = "restore the file with `git checkout`"

REFUSED = [
    ("BAD-001 empty file", b"", "1:1 the file is empty"),
    ("BAD-002 comments only", b"# nothing\n", "1:1 the file holds no fields, only blank lines or comments"),
    ("BAD-002 a document mark only", b"---\n", "1:1 the file holds no fields, only blank lines or comments"),
    ("BAD-004 UTF-16 with mark", "a: 1\n".encode("utf-16"), "1:1 the file is in UTF-16, and records are in UTF-8"),
    ("BAD-005 UTF-16 without", "a: 1\n".encode("utf-16-be"), "1:1 the file is in UTF-16, and records are in UTF-8"),
    ("BAD-005 UTF-32", "a: 1\n".encode("utf-32-le"), "1:1 the file is in UTF-32, and records are in UTF-8"),
    ("BAD-006 invalid byte", b"a: 1\nb: \xc3\xa4\xffy\n", "2:5 the byte 0xFF is not UTF-8"),
    ("BAD-007 surrogate", b"a: \xed\xa0\x80\n", "1:4 half of a surrogate pair stands here, which UTF-8 does not have"),
    (
        "BAD-007 overlong",
        b"a: x\xc0\xaf\n",
        "1:5 a character is written with more bytes than it needs, which UTF-8 forbids",
    ),
    ("BAD-008 NUL", b"a: x\0y\n", "1:5 a zero byte stands here"),
    ("BAD-008 escape", b"a: 1\nb: \x1b[0m\n", "2:4 the control character U+001B stands here"),
    ("BAD-008 C1", b"a: x\xc2\x9by\n", "1:5 the control character U+009B stands here"),
    ("BAD-008 delete", b"a: x\x7f\n", "1:5 the control character U+007F stands here"),
    ("BAD-010 lone CR", b"a: 1\r\nb: 2\rc: 3\r\n", "2:5 a carriage return without a line feed stands here"),
    ("BAD-010 NEL", b"a: x\xc2\x85y\n", "1:5 the line end NEL (U+0085) stands here"),
    ("BAD-010 LS", b"a: x\xe2\x80\xa8y\n", "1:5 the line separator U+2028 stands here"),
    ("BAD-010 PS", b"a: x\xe2\x80\xa9y\n", "1:5 the paragraph separator U+2029 stands here"),
    ("BAD-011 gzip", b"\x1f\x8b\x08\0\0\0", "1:1 the file holds gzip data, not text"),
    ("BAD-011 zip", b"PK\x03\x04\x14", "1:1 the file holds zip data, not text"),
    ("BAD-014 inside quotes", b'a: 1\nb: "tru', "2:4 the quote that opens here is never closed"),
    ("BAD-014 mid-character", b"a: x\xe6\xbc", "1:5 the file breaks off inside a character"),
    ("BAD-014 mid-line", b"a: 1\nb:\n  c: 2\nd", "4:1 the line that starts here has no ': ' after its key"),
    ("BAD-014 inside brackets", b"a: [1,\n", "1:4 the list that opens here with '[' is never closed"),
    ("BAD-015 zero bytes", b"a: 1\nb: 2\n\0\0\0\0", "3:1 the file ends in 4 zero bytes, as after a power cut"),
    ("BAD-016 conflict", b"a: 1\n<<<<<<< HEAD\nb: 1\n=======\n", "2:1 a conflict marker stands here: '<<<<<<<'"),
    ("BAD-016 its end", b"a: 1\n>>>>>>> topic\n", "2:1 a conflict marker stands here: '>>>>>>>'"),
    ("BAD-017 documents", b"a: 1\n---\nb: 1\n", "2:1 a second document starts here, and a file holds one record"),
    ("BAD-017 after the end", b"a: 1\n...\nb: 1\n", "3:1 a second document starts here, and a file holds one record"),
    ("BAD-018 tab", b"a:\n\tb: 1\n", "2:1 a tab stands here, where YAML allows only blanks"),
    ("BAD-018 blanks and a tab", b"a:\n  \tb: 1\n", "2:3 a tab stands here, where YAML allows only blanks"),
    ("BAD-023 same value", b"a: 1\nb: 2\na: 1\n", "3:1 the key 'a' stands here again, after line 1"),
    ("BAD-024 other value", b"b:\n  c: 1\n  c: 2\n", "3:3 the key 'c' stands here again, after line 2"),
    ("BAD-025 quoted", b"a: 1\n'a': 2\n", "2:1 the key 'a' stands here again, after line 1"),
    ("BAD-025 escaped", b'state: 1\n"st\\x61te": 2\n', "2:1 the key 'state' stands here again, after line 1"),
    ("BAD-025 in brackets", b"a: {b: 1, b: 2}\n", "1:11 the key 'b' stands here again, after line 1"),
    (
        "BAD-026 normal form",
        "\u00e9: 1\ne\u0301: 2\n".encode(),
        "2:1 the key 'e\u0301' looks the same as '\u00e9' on line 1, with other characters",
    ),
    (
        "BAD-026 zero width",
        "state: 1\nsta\u200bte: 2\n".encode(),
        "2:1 the key 'sta\u200bte' holds the invisible character U+200B",
    ),
    (
        "BAD-026 mixed scripts",
        "st\u0430te: 1\n".encode(),
        "1:1 the key 'st\u0430te' mixes Latin and Cyrillic letters that look alike",
    ),
    (
        "BAD-026 whole script",
        "cope: 1\n\u0441\u043e\u0440\u0435: 2\n".encode(),
        "2:1 the key '\u0441\u043e\u0440\u0435' looks the same as 'cope' on line 1, with other characters",
    ),
    ("BAD-027 merge", b"a: 1\n<<: {b: 2}\n", "2:1 records have no merge keys (<<)"),
    ("BAD-028 anchor", b"a: &x 1\n", "1:4 records have no anchors such as '&x'"),
    ("BAD-028 anchored map", b"a: &x\n  b: 1\n", "1:4 records have no anchors such as '&x'"),
    ("BAD-028 alias", b"a: *x\n", "1:4 records have no aliases such as '*x'"),
    ("BAD-029 recursive", b"a: &x [*x]\n", "1:4 records have no anchors such as '&x'"),
    ("BAD-033 version", b"%YAML 1.1\n---\na: no\n", "1:1 records have no directives such as %YAML or %TAG"),
    (
        "BAD-033 tag",
        b"# c\n%TAG ! tag:x,2000:\n---\na: 1\n",
        "2:1 records have no directives such as %YAML or %TAG",
    ),
    ("BAD-034 python", b"a: !!python/object:os.x {}\n", "1:4 records have no tags such as '!!python/object:os.x'"),
    ("BAD-034 include", b"a: !include x.yaml\n", "1:4 records have no tags such as '!include'"),
    ("BAD-034 set", b"a: !!set {b}\n", "1:4 records have no tags such as '!!set'"),
    ("BAD-034 verbatim", b"a: !<tag:x> b\n", "1:4 records have no tags such as '!<tag:x>'"),
    ("BAD-035 int", b"a: !!int abc\n", "1:4 records have no tags such as '!!int'"),
    (
        "BAD-037 digits",
        b"a: " + b"9" * 5000,
        "1:4 the number 999999999999... of 5000 characters is larger than 9007199254740991, "
        "the largest that a record can hold exactly",
    ),
    (
        "BAD-037 hexadecimal",
        b"a: 0x" + b"f" * 100_000,
        "1:4 the number ffffffffffff... of 100000 characters is larger than 9007199254740991, "
        "the largest that a record can hold exactly",
    ),
    ("BAD-038 nan", b"a: .nan\n", "1:4 .nan is no number that a record can hold"),
    ("BAD-038 infinity", b"a: -.inf\n", "1:4 -.inf is no number that a record can hold"),
    ("BAD-038 overflow", b"a: 1e400\n", "1:4 the number 1e400 is too large to hold"),
    ("BAD-039 list", b"? [a]\n: b\n", "1:3 a list stands here as a key, and keys are text"),
    ("BAD-039 map", b"{a: 1}: b\n", "1:1 a map stands here as a key, and keys are text"),
    ("BAD-039 question mark", b"? a\n: b\n", "1:1 records have no keys that start with '? '"),
    ("BAD-039 integer", b"a:\n  1: x\n", "2:3 the key '1' is a number, and keys are text"),
    ("BAD-039 too large", b"1e999: x\n", "1:1 the key '1e999' is a number, and keys are text"),
    ("BAD-039 boolean", b"true: x\n", "1:1 the key 'true' is true or false, and keys are text"),
    ("BAD-039 null", b"~: x\n", "1:1 the key '~' is nothing (null), and keys are text"),
    ("BAD-039 none", b": x\n", "1:1 a key is missing here"),
    ("BAD-039 empty", b'"": x\n', "1:1 a key is empty here"),
    ("BAD-040 half", b'a: "\\ud800"\n', "1:4 half of a surrogate pair is escaped here, which is no character"),
    ("BAD-041 list", b"- a\n", "1:1 the file holds a list, and a record is a map of fields"),
    ("BAD-041 text", b"# c\nabc\n", "2:1 the file holds one value, and a record is a map of fields"),
    ("BAD-047 over the cap", b"a: " + b"b" * MAX_BYTES, "1:1 the file has 131,075 bytes, and 131,072 are the most"),
    ("unknown escape", b'a: "\\q"\n', "1:6 no escape of this name exists in double quotes"),
    ("escape past Unicode", b'a: "\\U00FFFFFF"\n', "1:5 an escape names a character past U+10FFFF here"),
    ("reserved start", b"a: @x\n", "1:4 text may not start with '@'"),
    ("colon before a bracket", b"a: {b:}\n", "1:6 a ':' touches a bracket or comma here"),
    ("colon in text", b"a: b: c\n", "1:5 a ': ' stands here where no key may stand"),
    ("text after quotes", b'a: "x" y\n', "1:8 text goes on here after the end of a value"),
    ("bad indentation", b"a:\n  b: 1\n c: 2\n", "3:2 this line does not align with the lines above it"),
    ("bracket unopened", b"a: 1\n}\n", "2:1 a '}' closes here what nothing opened"),
]

ACCEPTED = [
    ("BAD-003 mark", b"\xef\xbb\xbfa: 1\n", {"a": 1}),
    ("BAD-009 CRLF", b"a: 1\r\nb: |\r\n  x\r\n  y\r\n", {"a": 1, "b": "x\ny\n"}),
    ("BAD-010 mixed line ends", b"a: 1\r\nb: 2\n", {"a": 1, "b": 2}),
    ("BAD-010 as an escape", b'a: "x\\Ly"\n', {"a": "x\u2028y"}),
    ("BAD-012 no final newline", b"a: 1", {"a": 1}),
    ("BAD-013 scripts", "a: é 漢字 👩🏽‍🚀 שלום\n".encode(), {"a": "é 漢字 👩🏽‍🚀 שלום"}),
    ("BAD-013 key in another script", "состояние: 1\n状态: 2\n".encode(), {"состояние": 1, "状态": 2}),
    ("BAD-036 impossible day", b"a: 2026-13-45\n", {"a": "2026-13-45"}),
    ("BAD-042 day", b"a: 2026-01-02\nb: 2026-01-02T00:00:00Z\n", {"a": "2026-01-02", "b": "2026-01-02T00:00:00Z"}),
    ("BAD-043 words of 1.1", b"a: no\nb: on\nc: y\n", {"a": "no", "b": "on", "c": "y"}),
    ("BAD-043 numbers of 1.1", b"a: 1:30\nb: 010\nc: 0o10\n", {"a": "1:30", "b": 10, "c": 8}),
    ("underscores", b"a: 1_000\nb: _1\nc: 0b1\nd: .1e3\n", {"a": "1_000", "b": "_1", "c": "0b1", "d": 100.0}),
    ("BAD-044 JSON", b'{"a": 1, "b": [true, null, "\\u00e9"]}', {"a": 1, "b": [True, None, "é"]}),
    (
        "BAD-044 JSON with tabs",
        b'{\n\t"a":\t1,\n\t"b":\t"x\\ty",\n\t"c": [1,\t2]\n}\n',
        {"a": 1, "b": "x\ty", "c": [1, 2]},
    ),
    ("BAD-044 JSON surrogates", b'{"a": "\\ud83d\\ude00\\/"}', {"a": "😀/"}),
    ("BAD-045 switches", b"# yamllint disable\na: 1 # noqa\n# yaml-language-server: $schema=x\n", {"a": 1}),
    ("one document with both marks", b"---\na: 1\n...\n", {"a": 1}),
    ("quoted merge key", b"'<<': 1\n", {"<<": 1}),
    ("the largest integer", b"a: 9007199254740991\nb: -9007199254740991\n", {"a": 2**53 - 1, "b": 1 - 2**53}),
    ("conflict marker in a block", b"a: |\n  <<<<<<< HEAD\n", {"a": "<<<<<<< HEAD\n"}),
    ("no value", b"a:\nb: ~\n", {"a": None, "b": None}),
]


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_what_is_no_record_is_refused_at_its_place(data: bytes, expected: str) -> None:
    refusal = read(data)

    assert isinstance(refusal, Unreadable)
    assert refusal.fix
    assert f"{refusal.line}:{refusal.column} {refusal.message}".startswith(expected)


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ACCEPTED])
def test_what_is_odd_but_right_is_accepted(data: bytes, expected: dict[str, Any]) -> None:
    located = read_exact(data)

    assert isinstance(located, Located)
    assert repr(expected) == repr(located.data)
    assert repr(expected) == repr(read(data))


_ROOM = MAX_BYTES - 10
HOSTILE = [
    ("BAD-030 alias bomb", b"a: &a [x,x]\n" + b"".join(b"%c: [*a,*a,*a]\n" % c for c in range(98, 110))),
    ("BAD-031 quadratic alias", b"a: &a " + b"x" * 100_000 + b"\nb: [" + b"*a," * 2000 + b"]\n"),
    ("BAD-032 brackets", b"a: " + b"[" * _ROOM),
    ("BAD-032 braces", b"a: " + b"{" * _ROOM),
    ("BAD-032 brackets on lines", b"a: " + b"[\n" * (_ROOM // 2)),
    ("BAD-032 list items", b"- " * (_ROOM // 2)),
    ("BAD-032 questions", b"? " * (_ROOM // 2)),
    ("BAD-032 stairs", b"\n".join(b" " * depth + b"a:" for depth in range(300))),
    ("BAD-032 deep brackets, closed", b"a: " + b"[" * 300 + b"]" * 300),
    ("BAD-048 20 MB block", b"a: |\n" + b"  line\n" * 3_000_000),
    ("BAD-048 5 MB line", b"a: " + b"x" * 5_000_000),
    ("BAD-049 many items", b"a: [" + b"1," * 60_000 + b"]"),
    ("BAD-049 many keys", b"".join(b"k%05d:\n" % key for key in range(16_000)) + b"a: [" + b"1," * 9_000 + b"]"),
    ("BAD-049 many lists", b"a: [" + b"[[[[[[]]]]]]," * 9_000 + b"]"),
    ("colons", b"a" + b":" * _ROOM),
    ("quotes", b"a: ['" + b"','" * (_ROOM // 3)),
]


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in HOSTILE])
def test_hostile_input_is_refused_soon(data: bytes) -> None:
    started = time.process_time()

    refusal = read(data)

    assert isinstance(refusal, Unreadable)
    assert time.process_time() - started < 2


LARGE = [
    ("one long text", b"a: " + b"b " * (_ROOM // 2)),
    ("many comments", b"a: 1\n" + b"#\n" * (_ROOM // 2)),
    ("blank lines", b"\n" * _ROOM + b"a: 1\n"),
    ("a long block", b"a: |\n" + b"  text and text\n" * (_ROOM // 16)),
    ("a long quote", b'a: "' + b"\n" * _ROOM + b'"'),
    ("many escapes", b'a: "' + b"\\n" * (_ROOM // 2) + b'"'),
    ("many values", b"a: [" + b"1, " * 19_000 + b"1]\n"),
    ("many keys", b"".join(b"k%05d: %d\n" % (key, key) for key in range(9_000))),
]


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in LARGE])
def test_large_records_are_read_in_time(data: bytes) -> None:
    started = time.process_time()

    located = read_exact(data)

    assert isinstance(located, Located)
    assert time.process_time() - started < 2


def test_sixty_four_levels_are_read_and_one_more_is_refused() -> None:
    fits = b"a: " + b"[" * 63 + b"]" * 63
    too_deep = b"a: " + b"[" * 64 + b"]" * 64

    assert isinstance(read(fits), dict)
    assert Unreadable(1, 67, "maps and lists are nested more than 64 deep here", "flatten the record") == read(too_deep)


def test_a_larger_limit_reads_a_larger_file() -> None:
    data = b'{"a": "' + b"x" * MAX_BYTES + b'"}'

    assert isinstance(read_exact(data), Unreadable)
    assert isinstance(read_exact(data, limit=1 << 20), Located)
