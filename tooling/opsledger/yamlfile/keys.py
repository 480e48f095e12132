"""When two keys are one to a reader's eye: normal form, invisible characters, letters that look alike."""

from __future__ import annotations

import unicodedata

# Letters of other scripts that most fonts draw like a Latin one (a small part of Unicode's table of
# confusables, UTS 39): those with which a second `state` or `approver` can be written.
_LOOKS_LIKE = str.maketrans(
    {
        **dict(zip("асеорхуіјѕһԁԛԝѵӏгпкмтвн", "aceopxyijshdqwvlrnkmtbh", strict=True)),
        **dict(zip("АВЕКМНОРСТХУІЈЅԌԚԜҮ", "ABEKMHOPCTXYIJSGQWY", strict=True)),
        **dict(zip("ανοριυκτγχωε", "avopiuktyxwe", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        **dict(zip("օսոհցքզյ", "ounhgpqj", strict=True)),
        **dict(zip("ıɑɡɩʟᴏᴜᴠᴡᴢⅼ", "iagilouvwzl", strict=True)),
    }
)
_ALIKE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0")


def invisible(key: str) -> str | None:
    """The first character of a key that shows nothing: a zero-width, direction or filler character."""
    for character in key:
        category = unicodedata.category(character)
        if category in ("Cf", "Zl", "Zp", "Cc") or character in _INVISIBLE or "\ufe00" <= character <= "\ufe0f":
            return character
    return None


def mixed_scripts(key: str) -> tuple[str, str] | None:
    """Two scripts whose letters look alike and stand in one key, as `LATIN` and `CYRILLIC`; `None` if there is one."""
    seen: list[str] = []
    for character in key:
        if character.isalpha():
            script = unicodedata.name(character, "").partition(" ")[0]
            if script in _ALIKE_SCRIPTS and script not in seen:
                seen.append(script)
    return (seen[0], seen[1]) if len(seen) > 1 else None


def skeleton(key: str) -> str:
    """
    The text that all keys share which a reader takes for the same one.

    Source:
        BAD-026; the idea of a skeleton is Unicode's UTS 39, section 4.
    """
    if key.isascii():
        return key
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", key).translate(_LOOKS_LIKE))
