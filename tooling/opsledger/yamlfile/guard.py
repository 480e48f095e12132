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

# Text that starts with a digit and goes on as no number can: days, times, versions, spans, counted things.
_COUNTED = rb"[0-9][0-9]*+(?:\.[0-9]++)?+(?:[acdf-np-wyzACDF-NP-WYZ/(-]|\.[0-9]|:[0-9]| [A-Za-z(])"

# A key is a name that means itself: `true` and `null` would be no text.
_KEY = rb"(?!(?:null|Null|NULL|true|True|TRUE|false|False|FALSE)[: ])[A-Za-z][A-Za-z0-9_.-]*+:"

# Lists and maps in brackets: on one line, three deep, a blank after each comma and colon, a value for each key.
_LETTERS = rb"[A-Za-z0-9_./@+()'=;<>~$&*!%?\x80-\xff -]*+"
_WORDS = _LETTERS + rb"(?:(?::(?=[A-Za-z0-9/])|(?<=[^ ])#)" + _LETTERS + rb")*+"
_LEAF = rb"(?:[A-Za-z/\x80-\xff]|%b)%b|%b|-?+%b|%b" % (_COUNTED, _WORDS, _DOUBLE, _DIGITS, _SINGLE)


def _brackets(inner: bytes) -> bytes:
    # Each level holds the next one twice. Once more would double the time to compile, 8 ms at each start.
    return rb"\[(?:(?:%b)(?:, (?!\])|(?=\])))*+\]|\{(?:%b (?:%b)(?:, (?!\})|(?=\})))*+\}" % (inner, _KEY, inner)


_FLOW = _brackets(_LEAF + rb"|" + _brackets(_LEAF + rb"|" + _brackets(_LEAF)))

_END = rb"(?:\n| *+(?:(?<= )#%b)?\n)" % _ANY
_SCALARS = (
    rb"[A-Za-z(/$\x80-\xff]" + _REST,
    _DOUBLE,
    _COUNTED + _REST,
    rb"-?+" + _DIGITS,
    _SINGLE,
    rb"<(?!<)" + _REST,
)
_SCALAR = rb"(?:%b)%b" % (rb"|".join(_SCALARS), _END)


def _field(deeper: bytes) -> bytes:
    # After `|` or `>`, whatever is indented deeper than the key is text, whatever it looks like. One line of it
    # shows something: of blank lines alone, yaml-rs makes one line feed, and YAML 1.2 nothing (8.1.1.2).
    start = rb"[|>]-?\n\n*+(?P=indent)%b *+[!-~\x80-\xff]%b\n" % (deeper, _ANY)
    block = rb"%b(?:(?P=indent)%b%b\n|\n)*+" % (start, deeper, _ANY)
    return _KEY + rb"(?:\n| ++(?:%b|%b|#%b\n|\n))" % (_SCALAR, block, _ANY)


# What a line may be after its indentation, the most common first. Deeper than 40 blanks, there could be more
# levels than a record may have.
_LINES = (
    _field(rb" "),
    rb"- (?:%b|%b)" % (_field(rb"   "), _SCALAR),
    rb"\n",
    rb"#%b\n" % _ANY,
    rb"(?:- (?:%b ++)?+|%b ++)(?:%b)%b" % (_KEY, _KEY, _FLOW, _END),
)
_PLAIN = re.compile(rb"(?:---\n)?+(?:(?P<indent> {0,40}+)(?:%b))*+" % rb"|".join(_LINES)).fullmatch

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
    if _PLAIN(data) is None:
        return False
    return data.isascii() or _ODD(data) is None
