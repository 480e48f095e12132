"""From the bytes of a file to text that may be read as YAML, or the place of the byte that prevents it."""

from __future__ import annotations

import re

from opsledger.yamlfile.model import Refusal, quoted

BOM = b"\xef\xbb\xbf"

# Characters that no record holds raw. YAML 1.2.2 section 5.1 forbids the control characters; the line
# ends of other systems (a lone CR, NEL, LS, PS) are forbidden by us, because editors disagree whether
# they end a line, so that no line number would be right for everybody (BAD-008, BAD-010).
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")

CONFLICT = re.compile(r"^(<{7}|>{7}|\|{7})(?=[ \r\n]|\Z)", re.MULTILINE)
DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*%")

_UTF16 = "save the file as UTF-8"
_BINARY = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\x89PNG": "PNG",
    b"%PDF-": "PDF",
    b"\x7fELF": "ELF",
    b"SQLite format 3\x00": "SQLite",
    b"7z\xbc\xaf": "7-Zip",
}
_NAMES = {
    "\r": "a carriage return without a line feed",
    "\x85": "the line end NEL (U+0085)",
    "\u2028": "the line separator U+2028",
    "\u2029": "the paragraph separator U+2029",
    "\ufeff": "a byte order mark (U+FEFF) inside the text",
    "\x00": "a zero byte",
}


def decode(data: bytes, limit: int) -> str:
    """
    Turn the bytes of a file into text without its byte order mark.

    Raises:
        Refusal: the bytes cannot be a record's; its offset counts in the text before the mark.
    """
    if len(data) > limit:
        raise Refusal(
            0,
            f"the file has {len(data):,} bytes, and {limit:,} are the most that are read",
            "split it, or keep the long part in a file of its own and name that here",
        )
    if not data:
        raise Refusal(0, "the file is empty", "write the fields of the record into it, or delete it")
    _refuse_other_encodings(data)
    text = _utf8(data)
    _refuse_characters(text)
    _refuse_markers(text)
    return text


def start_of(data: bytes) -> str:
    """Decode as much of the bytes as is UTF-8, to count lines in; the rest is left out."""
    body = data.removeprefix(BOM)
    try:
        return body.decode()
    except UnicodeDecodeError as problem:
        return body[: problem.start].decode()


def _refuse_other_encodings(data: bytes) -> None:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")) or data[:3] == b"\0\0\0" or data[1:4] == b"\0\0\0":
        raise Refusal(0, "the file is in UTF-32, and records are in UTF-8", _UTF16)
    one_in_two = len(data) >= 4 and (data[0:4:2] == b"\0\0") != (data[1:4:2] == b"\0\0")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or one_in_two:
        raise Refusal(0, "the file is in UTF-16, and records are in UTF-8", _UTF16)
    for magic, name in _BINARY.items():
        if data.startswith(magic):
            raise Refusal(
                0,
                f"the file holds {name} data, not text",
                "put the record's text here, or restore it with `git checkout`",
            )


def _utf8(data: bytes) -> str:
    body = data.removeprefix(BOM)
    bare = body.rstrip(b"\0")
    if len(bare) < len(body):
        try:
            start = len(bare.decode())
        except UnicodeDecodeError:
            start = 0
        zeros = len(body) - len(bare)
        raise Refusal(
            start,
            f"the file ends in {zeros:,} zero bytes, as after a power cut"
            if zeros > 1
            else "the file ends in a zero byte",
            "restore the file with `git checkout`, or delete what follows its text",
        )
    try:
        return body.decode()
    except UnicodeDecodeError as problem:
        raise _not_utf8(body, problem) from None


def _not_utf8(body: bytes, problem: UnicodeDecodeError) -> Refusal:
    offset = len(body[: problem.start].decode())
    byte, after = body[problem.start], body[problem.start + 1 : problem.start + 2]
    if problem.reason == "unexpected end of data":
        return Refusal(
            offset,
            "the file breaks off inside a character",
            "restore the file with `git checkout`, or complete its end",
        )
    if byte == 0xED and after >= b"\xa0":
        return Refusal(
            offset,
            "half of a surrogate pair stands here, which UTF-8 does not have",
            "write the character itself, as UTF-8",
        )
    if byte in (0xC0, 0xC1) or (byte in (0xE0, 0xF0) and after < (b"\xa0" if byte == 0xE0 else b"\x90")):
        return Refusal(
            offset,
            "a character is written with more bytes than it needs, which UTF-8 forbids",
            "write the character anew and save as UTF-8",
        )
    return Refusal(offset, f"the byte 0x{byte:02X} is not UTF-8", "save the file as UTF-8")


def _refuse_characters(text: str) -> None:
    found = FORBIDDEN.search(text)
    if found is None:
        return
    character = found.group()
    if character in ("\r", "\x85", "\u2028", "\u2029"):
        fix = "end lines with a line feed; inside double quotes, write the character as an escape"
    elif character == "\ufeff":
        fix = "delete the invisible character that stands here"
    else:
        fix = "delete the character; where it is meant, write it as an escape inside double quotes"
    raise Refusal(
        found.start(), f"{_NAMES.get(character, f'the control character U+{ord(character):04X}')} stands here", fix
    )


def _refuse_markers(text: str) -> None:
    found = CONFLICT.search(text)
    if found is not None:
        raise Refusal(
            found.start(),
            f"a conflict marker stands here: {quoted(found.group())}",
            "choose between the two sides, and delete the lines with <<<<<<<, ======= and >>>>>>>",
        )
    directive = DIRECTIVE.match(text)
    if directive is not None:
        raise Refusal(
            directive.end() - 1,
            "records have no directives such as %YAML or %TAG",
            "delete the line: every record is YAML 1.2",
        )
