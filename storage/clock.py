"""The current time. Code that needs "now" asks a :class:`Clock`; only an imitation archive may set it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.errors import HomeError

NOW = "NIANBAO_NOW"
#: A look during which our clock and the server's differ by more than this proves nothing (docs/status-rules.md).
MOST_SKEW = timedelta(minutes=5)
OFFSET = "NIANBAO_CLOCK_OFFSET"  # "<NIANBAO_NOW>|<seconds>": passes a parent's clock on to its child processes


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock. ``offset`` is zero for the real time."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return the current time in UTC, with time zone."""
        return datetime.now(UTC) + self.offset


def clocks_agree(skew: float | None) -> bool:
    """Return whether our clock and a server's, ``skew`` seconds apart (None: unknown), count as showing one time."""
    return skew is None or abs(skew) <= MOST_SKEW.total_seconds()


def clock_for(simulated: bool) -> Clock:
    """Return the clock of an archive. A simulated one starts at ``NIANBAO_NOW`` (ISO 8601 with offset) and runs on.

    The first process that asks writes its offset into its environment, so that child processes continue the same
    clock. Raises :class:`HomeError` if ``NIANBAO_NOW`` is set for a real archive, or is not an instant.
    """
    text = os.environ.get(NOW, "").strip()
    if not text:
        return Clock()
    if not simulated:
        raise HomeError(code="clock.real", name=NOW)
    offset_text, _, seconds = os.environ.get(OFFSET, "").rpartition("|")
    if offset_text == text:
        return Clock(timedelta(seconds=float(seconds)))
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        raise HomeError(code="clock.no_instant", name=NOW, text=text)
    offset = start - datetime.now(UTC)
    os.environ[OFFSET] = f"{text}|{offset.total_seconds():.6f}"
    return Clock(offset)
