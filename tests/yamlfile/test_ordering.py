"""Top-level keys in order, with their comments."""

from __future__ import annotations

import pytest

from opsledger.yamlfile import CannotEdit, order_keys


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("b: 1\na: 2\n", "a: 2\nb: 1\n", id="two keys"),
        pytest.param("z: 0\nb: 1\ny: 3\na: 2\n", "a: 2\nb: 1\nz: 0\ny: 3\n", id="unknown keys behind, as they were"),
        pytest.param("b: 1\n# about a\na: 2\n", "# about a\na: 2\nb: 1\n", id="a comment travels"),
        pytest.param("# top\nb: 1\na: 2\n", "# top\na: 2\nb: 1\n", id="the header stays"),
        pytest.param("# top\n\n# about b\nb: 1\na: 2\n", "# top\n\na: 2\n# about b\nb: 1\n", id="below the header"),
        pytest.param("---\nb: 1\na: 2\n", "---\na: 2\nb: 1\n", id="the document mark stays"),
        pytest.param("b: 1\na: 2\n# the end\n", "a: 2\nb: 1\n# the end\n", id="what stands below stays"),
        pytest.param("b:\n  - x\n  # more\na: 2\n", "a: 2\nb:\n  - x\n  # more\n", id="a deeper comment belongs above"),
        pytest.param("b: |\n  x\n\n  y\n\na: 'q' # c\n", "\na: 'q' # c\nb: |\n  x\n\n  y\n", id="a block"),
        pytest.param("b: 1\r\na: 2", "a: 2\r\nb: 1", id="line ends"),
        pytest.param('{"b": 1, "a": 2}\n', '{"b": 1, "a": 2}\n', id="JSON is left alone"),
        pytest.param("b: 1\na: |\n  x", "b: 1\na: |\n  x", id="a move that would change the data"),
        pytest.param("a: 1\nb: 2\n", "a: 1\nb: 2\n", id="in order already"),
    ],
)
def test_keys_move_with_what_belongs_to_them(source: str, expected: str) -> None:
    ordered = order_keys(source.encode(), ["a", "b"])

    assert expected == ordered.decode()
    assert ordered == order_keys(ordered, ["a", "b"])


def test_a_text_that_is_no_record_is_refused() -> None:
    with pytest.raises(CannotEdit):
        order_keys(b"- a\n", ["a"])
