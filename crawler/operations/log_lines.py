"""What crawls and long-running programs say: one line an event, for people or, by choice, as JSON."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

from archive.exports.safe_text import safe_text
from crawler.operations.runs import ProgressEvent
from storage.records import SHANGHAI

Says = Callable[[ProgressEvent], str]


class Lines:
    """Writes lines to a stream, each whole, from any thread.

    Plain, ``wenshang: begun``; with ``dated`` after the time in Beijing: ``2026-02-01T09:00:00+08:00 wenshang: begun``.
    JSON: ``time`` (UTC), ``level``, ``portal``, ``message``, and where they are known ``event``, ``run`` and ``url``.
    ``says``: what an event is in words; without it, as logs say it.
    """

    def __init__(self, stream: IO[str], *, as_json: bool = False, says: Says | None = None, dated: bool = True) -> None:
        self._stream, self._as_json, self._dated = stream, as_json, dated
        self._says = says or (lambda event: event.sentence)
        self._lock = threading.Lock()
        self.handler: logging.Handler = TellingHandler(self.tell)

    def said(self, said: ProgressEvent) -> None:
        """Write what happened in a crawl; the name of a run is for programs alone."""
        if said.event != "run" or self._as_json:
            level = "warning" if said.event == "failed" and not said.url else "info"  # one address is nobody's alarm
            self.tell(said.portal, self._says(said), level, event=said.event, run=said.run, url=said.url)

    def tell(self, portal: str, sentence: str, level: str = "info", **about: str | None) -> None:
        """Write one line. What a portal sent in it cannot break the line or steer a terminal."""
        now = datetime.now(UTC)
        if self._as_json:
            time = now.isoformat(timespec="seconds").replace("+00:00", "Z")
            row: dict[str, object] = {"time": time, "level": level, "portal": portal, "message": sentence}
            row |= {name: value for name, value in about.items() if value}
            line = json.dumps(row, ensure_ascii=False)
        else:
            time = f"{now.astimezone(SHANGHAI).isoformat(timespec='seconds')} " if self._dated else ""
            line = f"{time}{portal}: {' '.join(safe_text(sentence).split())}"
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()


class TellingHandler(logging.Handler):
    """Tells warnings of libraries and of our own code as lines."""

    def __init__(self, tell: Callable[[str, str, str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one record, with the last line of its error if it has one."""
        message = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            message += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
        self._tell(record.name, message, record.levelname.lower())
