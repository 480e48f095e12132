"""A second process that does half of a long computation, where the machine has a second core."""

from __future__ import annotations

import marshal
import os
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Any

_LENGTH = struct.Struct("<q")


class Companion:
    """
    A copy of this process that turns each piece it is handed into a result; use it in a `with`.

    What goes through the pipes must be plain data: numbers, text, bytes, `None`, and tuples, lists and mappings of
    these. It shares no file and no connection with this process: what it needs to look at must be in the piece.

    Args:
        work: what it does with a piece.
    """

    def __init__(self, work: Callable[[Any], Any]) -> None:
        to_companion, from_us = os.pipe()
        to_us, from_companion = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(from_us)
            os.close(to_us)
            _serve(work, to_companion, from_companion)
        os.close(to_companion)
        os.close(from_companion)
        self._out = os.fdopen(from_us, "wb")
        self._in = os.fdopen(to_us, "rb")

    def __enter__(self) -> Companion:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()
        self._in.close()
        os.waitpid(self._process, 0)

    def hand(self, piece: Any) -> None:
        """Give it a piece; one at a time, for it reads the next only when the last result was taken."""
        data = marshal.dumps(piece)
        self._out.write(_LENGTH.pack(len(data)) + data)
        self._out.flush()

    def take(self) -> Any:
        """
        The result of the piece that it was handed.

        Raises:
            EOFError: it could not do it; do the piece here, and see why.
        """
        head = self._in.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise EOFError
        return marshal.loads(self._in.read(_LENGTH.unpack(head)[0]))  # noqa: S302 - written by our own copy


def is_worth_it() -> bool:
    """Whether this machine has a second core for this process, and can copy processes at all."""
    return hasattr(os, "fork") and hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1


def _serve(work: Callable[[Any], Any], source: int, sink: int) -> None:
    """Be the companion, and never return: what the other process would do at its end is not ours to do."""
    try:
        with os.fdopen(source, "rb") as pieces, os.fdopen(sink, "wb") as results:
            while head := pieces.read(_LENGTH.size):
                data = marshal.dumps(work(marshal.loads(pieces.read(_LENGTH.unpack(head)[0]))))  # noqa: S302
                results.write(_LENGTH.pack(len(data)) + data)
                results.flush()
    except BaseException:  # noqa: BLE001 - the other process does the piece again, and says what is wrong
        os._exit(1)
    os._exit(0)
