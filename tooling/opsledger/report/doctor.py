"""What `doctor` found, for eyes and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from opsledger.report.json_lines import line
from opsledger.report.plain import escape


class Seen(Protocol):
    """One thing that was looked at: enforced, missing or unknown."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def outcome(self) -> Any:
        """Its `value` is *enforced*, *missing* or *unknown*."""
        ...

    @property
    def sentence(self) -> str:
        """What was seen."""
        ...

    @property
    def fix(self) -> str:
        """What to do about it, or empty."""
        ...

    @property
    def is_advice(self) -> bool:
        """Whether the flow holds without it."""
        ...


def doctor_text(sections: Mapping[str, Iterable[Seen]]) -> Iterator[str]:
    """Yield one line a thing, under the heading of what was asked, and a fix below where there is one."""
    for heading, seen in sections.items():
        yield escape(heading)
        for one in seen:
            word = f"{one.outcome.value} (advice)" if one.is_advice and one.outcome.value != "enforced" \
                else one.outcome.value  # fmt: skip
            yield f"  {one.name:<15}{word}: {escape(one.sentence)}"
            if one.fix:
                yield f"      fix: {escape(one.fix)}"


def doctor_json(sections: Mapping[str, Iterable[Seen]]) -> Iterator[str]:
    """Yield one line a thing."""
    for heading, seen in sections.items():
        for one in seen:
            yield line({
                "sort": "guard", "of": heading, "name": one.name, "outcome": one.outcome.value,
                "sentence": one.sentence, "fix": one.fix, "is_advice": one.is_advice,
            })  # fmt: skip


def exit_code(seen: Iterable[Seen]) -> int:
    """0 if all that is needed is enforced, 1 if something is missing, 3 if something is not known."""
    outcomes = {one.outcome.value for one in seen if not one.is_advice}
    return 1 if "missing" in outcomes else 3 if "unknown" in outcomes else 0
