"""
Throws random records at the yamlfile room and reports whatever is not an answer.

`python tests/fuzz/fuzz_yamlfile.py --seconds 600 --seed 1` runs for ten minutes and exits 1 when it found something:
an exception, an answer that took more than two seconds, a jump in memory, the two tiers disagreeing, the exact
tier disagreeing with the oracle (the core schema's regular expressions over the events of PyYAML), or an edit
that did harm.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from opsledger.yamlfile import Located, NothingThere, Unreadable, order_keys, read_exact, set_values, write
from opsledger.yamlfile.editing import REMOVE, same
from opsledger.yamlfile.fast import fast

SLOW = 2.0
MEMORY_JUMP = 300 * 1024  # KiB, as getrusage counts on Linux


def _table(text: str) -> list[str]:
    return [token for line in text.strip("\n").split("\n") for token in line.split("|")]


KEYS = _table("""
id|title|state|plan|a|b|c-d|e.f|true|null|no|1|_1|x_1|n|é|<<|~|"a"|'b'|"\\x61"|? a|Null|NULL|nullable|true_x
key with blanks|0x1|.nan|-|=|a:b
""")
SCALARS = _table("""
1|_1|1_|1_000|1__0|+1|-1|+_1|.1|.1e3|1.|1e3|1E3|1e400|-1e400|1_0.5|01|010|-0|0.0|-0.0|0o14|0o18|-0o14|0O14|0x1F|0X1F
-0x1|0x1_F|0b101|.nan|.NaN|nan|.inf|-.inf|inf|null|Null|NULL|~|true|True|TRUE|tRue|yes|no|on|off|12:30|12:30:45
190:20:30|2024-01-02|2024-13-45|2024-01-02T08:00:00Z|2024-01-02 08:00:00|9007199254740991|9007199254740992
9007199254740993|123456789012345678901234567890|1.2.3|1-2|10m|16.3 loses|3 things|1d|1f|0f|1e5a|5e|0b|0x|0o|1,000
1 000|<<|=|a|two words|with: colon|with:colon|ends:|a #b|a# b|#c|- x|-x|--|---|...|?|? x|?x|:|:x|: x|&a|&a x|*a|!t
!!int 1|! x|%x|@x|`x`|'q'|'it''s'|"d"|"d\\n"|"\\x41"|"\\u00e9"|"\\ud83d\\ude00"|"\\ud83d"|"\\q"|"\\/"|"a" b|'a' b
"open|'open|[]|{}|[a]|[a, b]|[a,b]|[a, ]|[ a ]|[,]|[a b]|[a: b]|{a: 1}|{a: 1, a: 2}|{a}|{a, b}|{a:1}|{"a":1}
{a: [1, {b: c}]}|[[1]]|[a]b|{a: b}c|[a] #c|[1_0]|[0b1]|[1e400]|[a?b]|[?a]|[a, # c|[it's, x]|{a: it's}|[a:b]
[http://x.y/z]|{u: http://x/y?z=1#f}|[-]|[- a]|[-1]|[--]|[a - b]|[null]|{null: 1}|{1: 1}|{true: 1}|{? a}|{a: }|{: a}
{"": 1}|["a" b]|['a'b]|['a', "b"]|[10m, 1d]|[1 2]|[a # b]|[!x]|[*x]|[&x y]|[a&b]|- |>|>-|\\|2|>+|(x)|/x|$x|<x|<<x
x_1|sha256_1|e1|E1|_|__|a_1|1a_1|1e_3|1e1_0|٣|１|naïve|漢字|👩‍🚀|\xa0x|x\xa0|\u3000|x\u200b|a\u0301|\ufeff|>1-
""")
SCALARS += ["|", "|-", ">", ">-", "|+", "|2", ">1-", "| # c", "|x", ""]
GLUE = _table(r"""
\n|\n  |\n    |\n- |\n  - | |  |: |:| #|# |, |[|]|{|}|"|'|\\|>|-|?|&|*|!|\r\n|\r|\t|\x00|\x1b|\x7f|\x85|\u2028
\ufeff|---\n|...\n|\n---\n|\n...\n|%YAML 1.1\n|<<<<<<< a\n|\n\n|é|\xa0|0|_|e9
""")
GLUE = [token.replace("é", "\\xe9").encode("ascii", "backslashreplace").decode("unicode_escape") for token in GLUE] + [
    "|"
]


def documents(chance: random.Random, seeds: list[bytes]) -> Iterator[bytes]:
    """Endlessly: records from a grammar that stays near what is plain, and mutations of real records."""
    while True:
        data = grown(chance) if not seeds or chance.random() < 0.6 else chance.choice(seeds)
        for _ in range(chance.choice([0, 0, 1, 1, 2, 5])):
            data = mutated(chance, data)
        yield data


def grown(chance: random.Random) -> bytes:
    """A record of a few lines."""
    lines: list[str] = []
    if chance.random() < 0.05:
        lines.append("---")
    indent = 0
    for _ in range(chance.randint(1, 9)):
        roll = chance.random()
        blanks = " " * max(0, indent)
        value = chance.choice(SCALARS) if chance.random() < 0.8 else bracketed(chance)
        key = chance.choice(KEYS[:8] if chance.random() < 0.8 else KEYS)
        if chance.random() < 0.5:
            key = key + str(chance.randint(0, 99)) if key[-1].isalnum() else key
        if roll < 0.45:
            lines.append(f"{blanks}{key}: {value}")
        elif roll < 0.55:
            lines.append(f"{blanks}{key}:")
            indent += chance.choice([0, 1, 2, 2, 2, 4])
            continue
        elif roll < 0.7:
            lines.append(f"{blanks}- {value}")
        elif roll < 0.78:
            lines.append(f"{blanks}- {key}: {value}")
        elif roll < 0.88:
            header = chance.choice(["|", "|-", ">", ">-", "|", ">"])
            lines.append(f"{blanks}{chance.choice(['', '- '])}{key}: {header}")
            for _ in range(chance.randint(0, 4)):
                lines.append(
                    blanks
                    + " " * chance.choice([0, 1, 2, 2, 2, 3, 4, 5])
                    + chance.choice(["", value, "text", "# c", " more", "- x", "a: b"])
                )
        elif roll < 0.93:
            lines.append(chance.choice(["", " ", blanks + "# note", "# note", "   # deep"]))
        else:
            lines.append(blanks + "  " + value)
        if chance.random() < 0.3:
            indent = chance.choice([0, 0, 2, indent - 2, indent + 2])
    return ("\n".join(lines) + chance.choice(["\n", "\n", "\n", "", "\n\n"])).encode("utf-8", "surrogatepass")


def bracketed(chance: random.Random) -> str:
    """A list or map in brackets, whose pieces neighbour each other rightly and pair up now and then."""
    pieces = [
        "[",
        "{",
        "]",
        "}",
        ", ",
        "a: ",
        "b: ",
        "1: ",
        "x",
        "y z",
        "1",
        "-2.5",
        "10m",
        '"q"',
        "'s'",
        "null",
        "1_0",
        "true: ",
    ]
    if chance.random() < 0.5:
        return (
            chance.choice("[{")
            + "".join(chance.choice(pieces) for _ in range(chance.randint(1, 12)))
            + chance.choice("]}")
        )
    depth = 0
    text = ""
    while depth < 6 and (not text or chance.random() < 0.6):
        text = chance.choice(["[x, %s]", "{a: %s}", "[%s]", "{a: 1, b: %s}", "[%s, y]", "{a: [%s]}"]) % (
            text or chance.choice(pieces[8:])
        )
        depth += 1
    return text


def mutated(chance: random.Random, data: bytes) -> bytes:
    """A record with one thing changed."""
    at = chance.randint(0, len(data))
    stop = min(len(data), at + chance.choice([1, 1, 2, 5, 40]))
    roll = chance.random()
    if roll < 0.4:
        return data[:at] + chance.choice(GLUE + SCALARS).encode("utf-8", "surrogatepass") + data[at:]
    if roll < 0.6:
        return data[:at] + data[stop:]
    if roll < 0.7:
        return data[:at] + data[at:stop] * chance.choice([2, 3, 50]) + data[stop:]
    if roll < 0.75:
        return data[:at] + bytes([chance.randrange(256)]) + data[stop:]
    lines = data.split(b"\n")
    line = chance.randrange(len(lines))
    if roll < 0.85:
        lines.insert(chance.randrange(len(lines) + 1), lines[line])
    elif roll < 0.95:
        lines[line] = b" " * chance.choice([0, 1, 2, 4]) + lines[line].lstrip()
    else:
        return data.replace(b"\n", b"\r\n")
    return b"\n".join(lines)


def complaints(data: bytes, chance: random.Random) -> Iterator[str]:
    """What is wrong with the answers to one record; nothing, as it should be."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    try:
        exact = read_exact(data)
        quick = fast(data)
    except Exception as raised:  # noqa: BLE001 - any exception is a finding
        yield f"raised {raised!r}"
        return
    if time.monotonic() - started > SLOW:
        yield f"took {time.monotonic() - started:.1f} s"
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before > MEMORY_JUMP:
        yield "took more than 300 MiB"
    if isinstance(exact, Unreadable):
        yield from _odd_refusal(exact, data)
        if quick is not None:
            yield f"the fast tier reads {quick!r}, the exact tier refuses: {exact}"
        return
    if quick is not None and not same(quick, exact.data):
        yield f"the fast tier reads {quick!r}, the exact tier {exact.data!r}"
    judged = oracle(exact.text)
    if judged is not None and not same(judged[0], exact.data):
        yield f"the oracle reads {judged[0]!r}, the exact tier {exact.data!r}"
    yield from _edits(data, exact, chance)


def _odd_refusal(refusal: Unreadable, data: bytes) -> Iterator[str]:
    lines = data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").split("\n")
    if not (1 <= refusal.line <= len(lines) and 1 <= refusal.column <= len(lines[refusal.line - 1]) + 1):
        yield f"refused outside of the file: {refusal}"
    if not refusal.message or not refusal.fix or re.search(r"[\x00-\x1f]|\.$", refusal.message):
        yield f"refused without a sentence: {refusal}"


def _edits(data: bytes, exact: Located, chance: random.Random) -> Iterator[str]:
    changes = dict([_change(exact, chance)])
    order = list(exact.data)
    chance.shuffle(order)
    try:
        set_values(data, changes, order=order)
        once = order_keys(data, order)
        if once != order_keys(once, order):
            yield f"ordering twice by {order} differs from ordering once"
        again = read_exact(write(exact.data))
        if not (isinstance(again, Located) and same(again.data, exact.data)):
            yield f"written and read back, {exact.data!r} is {again!r}"
    except NothingThere:
        pass
    except Exception as raised:  # noqa: BLE001 - any exception is a finding
        yield f"editing by {changes} and {order} raised {raised!r}"


def _change(exact: Located, chance: random.Random) -> tuple[str, Any]:
    here, path = exact.data, ""
    while isinstance(here, dict | list) and here and chance.random() < 0.8:
        step = chance.choice(list(here)) if isinstance(here, dict) else chance.randrange(len(here))
        path += "/" + str(step).replace("~", "~0").replace("/", "~1")
        here = here[step]
    if isinstance(here, list) and chance.random() < 0.5:
        path += "/-"
    elif isinstance(here, dict) and chance.random() < 0.5:
        path += "/" + chance.choice(["new", "title", "two words", "no", "é"])
    values: list[Any] = [
        "text",
        "two\nlines\n",
        "a: b",
        "",
        7,
        None,
        True,
        1.5,
        [],
        {},
        [1, {"k": "v"}],
        {"m": {"n": ["x", "2026-01-01"]}},
        REMOVE,
    ]
    return (path or "/new", chance.choice(values))


NULL = re.compile(r"null|Null|NULL|~|")
TRUE, FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
BASES = ((re.compile(r"[-+]?[0-9]+"), 10), (re.compile(r"0o[0-7]+"), 8), (re.compile(r"0x[0-9a-fA-F]+"), 16))
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def oracle(text: str) -> tuple[Any] | None:
    """The data by PyYAML's events and the tables of YAML 1.2.2, 10.3.2; `None` where PyYAML cannot follow."""
    stack: list[list[Any]] = [[]]
    try:
        for event in yaml.parse(text.replace("\r\n", "\n"), Loader=yaml.SafeLoader):
            name = type(event).__name__
            if name == "ScalarEvent":
                stack[-1].append(_meaning(event.value) if event.style is None else _joined(event.value))
            elif name in ("MappingStartEvent", "SequenceStartEvent"):
                stack.append([])
            elif name == "SequenceEndEvent":
                stack[-2].append(stack.pop())
            elif name == "MappingEndEvent":
                flat = stack.pop()
                stack[-1].append(dict(zip(flat[::2], flat[1::2], strict=True)))
    except (yaml.YAMLError, ValueError, TypeError):
        return None
    return (stack[0][0],) if len(stack[0]) == 1 else None


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _meaning(text: str) -> Any:
    if NULL.fullmatch(text):
        return None
    if TRUE.fullmatch(text) or FALSE.fullmatch(text):
        return TRUE.fullmatch(text) is not None
    for pattern, base in BASES:
        if pattern.fullmatch(text):
            return int(text if base == 10 else text[2:], base)
    return float(text) if FLOAT.fullmatch(text) else text


def seeds() -> list[bytes]:
    """The project's own records."""
    folder = Path(__file__).resolve().parents[2] / "records"
    return [path.read_bytes() for path in sorted(folder.rglob("*.yaml"))]


def run(seconds: float, seed: int, most: int = 1_000_000_000) -> tuple[int, int, list[str]]:
    """Fuzz for some seconds or some records; how many were tried, how many were plain, and what was found."""
    chance = random.Random(seed)
    until = time.monotonic() + seconds
    tried = plain = 0
    found: list[str] = []
    for data in documents(chance, seeds()):
        if tried >= most or time.monotonic() > until or len(found) >= 20:
            break
        # Where the tiers could differ is where the guard lets a record through: it costs little to look there more.
        is_plain = fast(data) is not None
        if not is_plain and chance.random() < 0.7:
            continue
        tried += 1
        plain += is_plain
        found.extend(f"{data!r}: {complaint}" for complaint in complaints(data, chance))
    return tried, plain, found


def main() -> int:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tried, plain, found = run(options.seconds, options.seed)
    for line in found:
        print(line)
    print(f"seed {options.seed}: {tried} records, {plain} of them read by the fast tier, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
