"""BAD-001 to BAD-018: bytes that are no text, and text that was damaged."""

from __future__ import annotations

import pytest

from opsledger.api import open_book

PROBLEM = "records/problems/PRB-2026-0001.yaml"
SOUND = "id: PRB-2026-0001\ntitle: Payments time out\nstate: logged\nseverity: high\n"
BYTES = SOUND.encode()
CONFLICT = "id: PRB-2026-0001\ntitle: Slow\n<<<<<<< HEAD\nstate: logged\n=======\nstate: closed\n>>>>>>> topic\n"

REFUSED = [
    ("BAD-001 empty file", b"", "1:1 SCH009 the file is empty"),
    ("BAD-002 comments only", b"# nothing\n", "1:1 SCH009 the file holds no fields"),
    ("BAD-002 null document", b"---\n~\n", "2:1 SCH009 "),
    ("BAD-004 UTF-16 with mark", SOUND.encode("utf-16"), "1:1 SCH009 the file is in UTF-16"),
    ("BAD-005 UTF-16 without mark", SOUND.encode("utf-16-be"), "1:1 SCH009 the file is in UTF-16"),
    ("BAD-005 UTF-32", SOUND.encode("utf-32"), "1:1 SCH009 the file is in UTF-32"),
    ("BAD-006 byte", BYTES + b"description: \xc3\xa4\xff\n", "5:15 SCH009 the byte 0xFF is not UTF-8"),
    ("BAD-007 surrogate", BYTES + b"description: \xed\xa0\x80\n", "5:14 SCH009 half of a surrogate pair"),
    ("BAD-007 overlong", BYTES + b"description: x\xc0\xaf\n", "5:15 SCH009 a character is written with more bytes"),
    ("BAD-008 NUL", BYTES + b"description: x\0y\n", "5:15 SCH009 a zero byte stands here"),
    ("BAD-008 ESC", BYTES + b"description: x\x1b[0m\n", "5:15 SCH009 the control character U+001B stands here"),
    ("BAD-008 C1", BYTES + b"description: x\xc2\x9b\n", "5:15 SCH009 the control character U+009B stands here"),
    ("BAD-010 lone CR", BYTES.replace(b"\n", b"\r", 1), "1:18 SCH009 a carriage return without a line feed"),
    ("BAD-010 NEL", BYTES + b"description: a\xc2\x85b\n", "5:15 SCH009 the line end NEL (U+0085) stands here"),
    ("BAD-010 LS", BYTES + b"description: a\xe2\x80\xa8b\n", "5:15 SCH009 the line separator U+2028 stands here"),
    ("BAD-010 PS", BYTES + b"description: a\xe2\x80\xa9b\n", "5:15 SCH009 the paragraph separator U+2029"),
    ("BAD-011 gzip", b"\x1f\x8b\x08\0\0\0", "1:1 SCH009 the file holds gzip data, not text"),
    ("BAD-011 zip", b"PK\x03\x04\x14\0", "1:1 SCH009 the file holds zip data, not text"),
    ("BAD-014 mid-line", BYTES[:-8], "4:1 SCH009 the line that starts here has no ': ' after its key"),
    ("BAD-014 mid-character", BYTES + b"description: x\xe6\xbc", "5:15 SCH009 the file breaks off inside a character"),
    ("BAD-014 in quotes", BYTES + b'description: "tru', "5:14 SCH009 the quote that opens here is never closed"),
    ("BAD-015 zero bytes", BYTES + bytes(4096), "5:1 SCH009 the file ends in 4,096 zero bytes, as after a power cut"),
    ("BAD-016 conflict marker", CONFLICT.encode(), "3:1 SCH009 a conflict marker stands here"),
    ("BAD-017 second document", BYTES + b"---\n" + BYTES, "5:1 SCH009 a second document starts here"),
    ("BAD-017 after the end", BYTES + b"...\nx\n", "6:1 SCH009 a second document starts here"),
    ("BAD-018 tab", BYTES + b"known_error:\n\tsymptom: x\n", "6:1 SCH009 a tab stands here"),
]
ACCEPTED = [
    ("BAD-003 byte order mark", b"\xef\xbb\xbf" + BYTES),
    ("BAD-009 CRLF", BYTES.replace(b"\n", b"\r\n")),
    ("BAD-010 mixed line ends", BYTES.replace(b"\n", b"\r\n", 2)),
    ("BAD-012 no final newline", BYTES[:-1]),
    ("BAD-013 scripts", SOUND.replace("Payments time out", "Zahlungen – é 漢字 👩🏽‍🚀 שלום").encode()),
]


@pytest.mark.parametrize(("content", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_damaged_file_is_one_finding_at_its_place(sample, content, expected):
    sample.write(PROBLEM, content)

    found = sample.errors()

    assert [f"{PROBLEM}:{expected}"] == sample.cut(found, f"{PROBLEM}:{expected}")


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in ACCEPTED])
def test_odd_but_sound_file_says_the_same_as_the_plain_one(sample, content):
    sample.write(PROBLEM, content)

    found = sample.errors()

    assert [] == found
    with open_book(sample.root, environment=sample.repo.environment) as book:
        record = book.ledger().record("PRB-2026-0001")
        assert ["logged", "high"] == [record.state, record.get("severity")]


def test_damaged_file_is_neither_missing_to_others_nor_deleted(sample):
    sample.write("records/problems/PRB-2026-0002.yaml", SOUND.replace("0001", "0002") + "duplicate_of: PRB-2026-0001\n")
    sample.repo.commit()
    sample.write(PROBLEM, b"")

    found = sample.errors(base="HEAD")

    assert [f"{PROBLEM}:1:1 SCH009 the file is empty"] == found
