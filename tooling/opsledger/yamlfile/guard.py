"""
Which records the fast parser reads exactly as the YAML 1.2 core schema does.

The guard is a list of what is plain, not of what is suspicious: one regular expression that a whole
record must match, line by line. What yaml-rs 0.1.6 reads otherwise needs no line of its own here, and
what nobody has thought of is doubtful by itself. Possessive quantifiers throughout: no input makes it
look twice at a byte of a line.
"""

from __future__ import annotations

import re

# What may stand in text: no control character, no tab. Bytes past ASCII are looked at again in `is_plain`.
_ANY = rb"[^\x00-\x1f\x7f]*+"

# Plain text goes on without `: ` and ` #`. It starts with nothing that may start a number, an indicator
# or `_1`, which yaml-rs takes for 1.
_RUN = rb"[^\x00-\x1f\x7f:#]*+"
_REST = _RUN + rb"(?:(?::(?=[^\s])|(?<=[^\s])#)" + _RUN + rb")*+"

# Quoted text, with the escapes that JSON and every YAML parser agree on. Others could spell half of a
# surrogate pair, or a key's twin.
_DOUBLE = rb'"[^"\\\x00-\x1f\x7f]*+(?:\\["\\/nt][^"\\\x00-\x1f\x7f]*+)*+"'
_SINGLE = rb"'[^'\x00-\x1f\x7f]*+(?:''[^'\x00-\x1f\x7f]*+)*+'"

# Numbers of at most 15 digits, which no parser rounds; no underscore, base or exponent, for yaml-rs reads
# 1_000, 0b1, 0O7 and -0x1 as numbers and 1e400 as infinity.
_DIGITS = rb"[0-9]{1,15}+(?:\.[0-9]{1,15}+)?+(?=[ \n,\]}])"
_NUMBER = _DIGITS + rb"|-" + _DIGITS

# Text that starts with a digit and goes on as no number can: days, times, versions, spans, counted things.
_COUNTED = rb"[0-9][0-9]*+(?:\.[0-9]++)?+(?:[acdf-np-wyzACDF-NP-WYZ/(-]|\.[0-9]|:[0-9]| [A-Za-z(])"

# A key is a name that means itself: `true` and `null` would be no text.
_KEY = rb"(?!(?:null|Null|NULL|true|True|TRUE|false|False|FALSE)[: ])[A-Za-z][A-Za-z0-9_.-]*+:"

# Lists and maps in brackets: on one line, a blank after each comma and colon. Only neighbours are looked at,
# for an expression of all that may nest takes 150 ms to compile; that brackets pair up, yaml-rs sees to.
_LETTERS = rb"[A-Za-z0-9_./@+()'=;<>~$&*!%?\x80-\xff -]*+"
_WORDS = _LETTERS + rb"(?:(?::(?=[A-Za-z0-9/])|(?<=[^ ])#)" + _LETTERS + rb")*+"
_LEAF = (
    rb"[A-Za-z/\x80-\xff]" + _WORDS + rb"|" + _DOUBLE + rb"|" + _COUNTED + _WORDS + rb"|" + _NUMBER + rb"|" + _SINGLE
)
_FLOW = rb"[\[{](?:%b)*+(?<=[\]}])" % rb"|".join(
    (
        # A value behind its key; an item, which stands where no key without a value can: that might be no text.
        _KEY + rb" (?:(?:%b)(?=, |[\]}])|(?=[\[{]))" % _LEAF,
        rb"(?:%b)(?=, (?!%b )|\])" % (_LEAF, _KEY),
        rb", (?=[^\s,\]}])",
        rb"[\]}](?=, |[\]}\n ])",
        rb"[\[{]",
    )
)
_TOO_DEEP = re.compile(rb"(?:[\[{][^\[{\n]*+){21}").search

_VALUE = rb"(?:%b)(?:\n| *+(?:(?<= )#%b)?\n)" % (
    rb"|".join(
        (
            rb"[A-Za-z(/$\x80-\xff]" + _REST,
            _DOUBLE,
            _COUNTED + _REST,
            _FLOW,
            _NUMBER,
            _SINGLE,
            rb"<(?!<)" + _REST,
        )
    ),
    _ANY,
)


def _field(deeper: bytes) -> bytes:
    # After `|` or `>`, whatever is indented deeper than the key is text, whatever it looks like. One line of it
    # shows something: of blank lines alone, yaml-rs makes one line feed, and YAML 1.2 nothing (8.1.1.2).
    start = rb"[|>]-?\n\n*+(?P=indent)%b *+[!-~\x80-\xff]%b\n" % (deeper, _ANY)
    block = rb"%b(?:(?P=indent)%b%b\n|\n)*+" % (start, deeper, _ANY)
    return _KEY + rb"(?:\n| ++(?:%b|%b|#%b\n|\n))" % (_VALUE, block, _ANY)


# Deeper than 40 blanks, or behind more than 20 brackets, there could be more levels than a record may have.
_LINE = rb"(?P<indent> {0,40}+)(?:%b|- (?:%b|%b)|\n|#%b\n)" % (_field(rb" "), _field(rb"   "), _VALUE, _ANY)
_PLAIN = re.compile(rb"(?:---\n)?+(?:%b)*+" % _LINE).fullmatch

# NEL and other C1 control characters, LS, PS, a byte order mark inside, and two that are no characters.
_ODD = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]").search

MAX_PLAIN = 60_000
"""A larger record could hold more values than a record may: each takes three bytes at least."""


def is_plain(data: bytes) -> bool:
    """Whether the fast parser may be trusted with a record, whose lines end in a line feed."""
    if len(data) > MAX_PLAIN:
        return False
    if not data.endswith(b"\n"):
        # yaml-rs ends a block of text with a line feed even if the file ends without one.
        if b"|" in data or b">" in data:
            return False
        data += b"\n"
    if _PLAIN(data) is None or (data.count(b"[") + data.count(b"{") > 20 and _TOO_DEEP(data)):
        return False
    return data.isascii() or _ODD(data) is None
