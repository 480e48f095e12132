"""What holds for all records: both tiers and the oracle agree, writing is undone by reading, edits do no harm."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger.yamlfile import Located, order_keys, pointer, read, read_exact, set_values, write
from opsledger.yamlfile.editing import same
from opsledger.yamlfile.fast import fast


def _fuzzer() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "fuzz" / "fuzz_yamlfile.py"
    spec = importlib.util.spec_from_file_location("fuzz_yamlfile", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FUZZ = _fuzzer()

TOKENS = st.sampled_from([token for token in FUZZ.SCALARS if token.isprintable()])
TEXTS = st.one_of(st.text(max_size=12), TOKENS, st.lists(TOKENS, max_size=3).map("\n".join))
KEYS = st.one_of(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), TOKENS.filter(bool).filter(str.isascii))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(1 - 2**53, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
RECORDS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)
ONCE = settings(max_examples=120, deadline=None, derandomize=True)


@ONCE
@given(RECORDS)
def test_what_is_written_is_read_back(data: dict[str, Any]) -> None:
    assert same(data, read(write(data)))


@ONCE
@given(RECORDS)
def test_both_tiers_and_the_oracle_read_a_written_record_alike(data: dict[str, Any]) -> None:
    source = write(data)

    exact = read_exact(source)
    quick = fast(source)
    judged = FUZZ.oracle(source.decode())

    assert isinstance(exact, Located)
    assert quick is None or same(quick, exact.data)
    assert judged is None or same(judged[0], exact.data)


@ONCE
@given(RECORDS, VALUES, st.data())
def test_a_change_sets_its_value_and_leaves_the_other_lines(data: dict[str, Any], value: Any, draw: Any) -> None:
    key = draw.draw(st.sampled_from(sorted(data)))
    source = b"# top\n\n" + write(data).replace(b"\n", b" \n") if draw.draw(st.booleans()) else write(data)
    before = read(source)
    assert isinstance(before, dict)

    changed = set_values(source, {pointer([key]): value})

    assert same({**before, key: value}, read(changed))
    others = b"".join(_lines_of(source, other) for other in before if other != key)
    assert others == b"".join(_lines_of(changed, other) for other in before if other != key)


def _lines_of(source: bytes, key: str) -> bytes:
    located = read_exact(source)
    assert isinstance(located, Located)
    lines = source.splitlines(keepends=True)
    starts = [located.key_at(pointer([name]))[0] - 1 for name in located.data]
    first = located.key_at(pointer([key]))[0] - 1
    after = [start for start in starts if start > first]
    return b"".join(lines[first : after[0] if after else len(lines)])


@ONCE
@given(RECORDS, st.randoms(use_true_random=False))
def test_ordering_keeps_data_and_is_done_after_once(data: dict[str, Any], chance: Any) -> None:
    order = list(data)
    chance.shuffle(order)

    ordered = order_keys(write(data), order)

    found = read(ordered)
    assert same(data, found)
    assert isinstance(found, dict)
    assert order == list(found)
    assert ordered == order_keys(ordered, order)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_slice_of_the_fuzzing_finds_nothing(seed: int) -> None:
    run: Callable[..., tuple[int, int, list[str]]] = FUZZ.run

    tried, plain, found = run(60, seed, most=400)

    assert [] == found
    assert tried == 400
    assert plain > 50
