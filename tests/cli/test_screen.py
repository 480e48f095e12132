"""Colour is asked for, and long work shows how far it is."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest

from opsledger.cli.screen import wants_colour, watched
from opsledger.finding import silent


class Terminal(io.StringIO):
    """A screen that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({}, True, id="a terminal"),
        pytest.param({"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param({"NO_COLOR": ""}, True, id="an empty NO_COLOR"),
        pytest.param({"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, id="NO_COLOR against FORCE_COLOR"),
    ],
)
def test_terminal_gets_colour_unless_somebody_minds(environment: dict[str, str], expected: bool) -> None:
    assert expected == wants_colour(environment, Terminal())


def test_file_gets_colour_only_when_it_is_forced() -> None:
    assert [False, True] == [wants_colour(given, io.StringIO()) for given in ({}, {"FORCE_COLOR": "1"})]


def seconds(*moments: float) -> Iterator[float]:
    """Tell these times one after the other, and the last for ever."""
    yield from moments
    while True:
        yield moments[-1]


def shown(screen: io.StringIO, monkeypatch: pytest.MonkeyPatch, *moments: float) -> str:
    """Return what work of three reports leaves on a screen."""
    monkeypatch.setattr(sys, "stderr", screen)
    clock = seconds(*moments)
    with watched("reading", now=lambda: next(clock)) as progress:
        for done in (1, 2, 3):
            progress(done, 3, "records")
    return screen.getvalue()


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "" == shown(Terminal(), monkeypatch, 0, 0.2, 0.5, 0.9)


def test_long_work_shows_a_bar_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(Terminal(), monkeypatch, 0, 0.5, 2, 3)

    assert (
        "\r\x1b[Kreading [################        ] 2 of 3 records"
        "\r\x1b[Kreading [########################] 3 of 3 records\r\x1b[K"
    ) == screen


def test_long_work_in_a_log_is_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "reading: 3 records …\nreading: done\n" == shown(io.StringIO(), monkeypatch, 0, 2, 3, 4)


def test_closed_screen_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    with watched("reading") as progress:
        progress(1, 1, "records")

    assert silent is progress
