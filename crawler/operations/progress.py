"""Progress of crawls and long-running programs: events, and one line for each, for people or as JSON."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from archive.exports.safe_text import safe_text
from storage.records import SHANGHAI, Note


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """An event in a crawl, a reading or the archive, with a note for people.

    ``event``: ``begun``, ``run``, ``look``, ``visits``, ``failed`` (an address, or something else), ``wait``,
    ``ended``, ``read`` or ``mended``. ``portal`` is ``archive`` if the event is about no portal.
    """

    note: Note
    portal: str = "archive"
    event: str = "mended"
    run: str | None = None

    @property
    def url(self) -> str:
        """The address that the event is about; "" if there is none."""
        return str(self.note.values.get("url") or "")


Progress = Callable[[ProgressEvent], None]


class ProgressLines(logging.Handler):
    """Writes one line for each event to a stream, from any thread; as a log handler, also for each logged warning.

    Plain: ``2026-02-01T09:00:00+08:00 wenshang: begun``, without the time unless ``dated``. JSON: ``time`` (UTC),
    ``level``, ``portal``, ``message``, and where known ``event``, ``run`` and ``url``. ``says`` words an event.
    """

    def __init__(
        self, stream: IO[str], *, as_json: bool = False, says: Callable[[ProgressEvent], str], dated: bool = True
    ) -> None:
        """``as_json``: each line is a JSON object; ``says``: words an event; ``dated``: with the time."""
        super().__init__(logging.WARNING)
        self._stream, self._as_json, self._with_time, self._says = stream, as_json, dated, says
        self._writing = threading.Lock()

    def write_event(self, event: ProgressEvent) -> None:
        """Write an event; the event ``run``, which has only a run's id, is written only as JSON."""
        if event.event != "run" or self._as_json:
            is_warning = event.event == "failed" and not event.url  # a single address needs no attention
            about = {"event": event.event, "run": event.run, "url": event.url}
            self.tell(event.portal, self._says(event), "warning" if is_warning else "info", **about)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a log record, with the type and text of its exception if it has one."""
        message = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            message += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
        self.tell(record.name, message, record.levelname.lower())

    def tell(self, portal: str, sentence: str, level: str = "info", **about: str | None) -> None:
        """Write one line (text, or JSON with ``about``). A portal's text cannot break it or control a terminal."""
        now = datetime.now(UTC)
        if self._as_json:
            time = now.isoformat(timespec="seconds").replace("+00:00", "Z")
            row = {"time": time, "level": level, "portal": portal, "message": sentence, **about}
            line = json.dumps({name: value for name, value in row.items() if value}, ensure_ascii=False)
        else:
            time = f"{now.astimezone(SHANGHAI).isoformat(timespec='seconds')} " if self._with_time else ""
            line = f"{time}{portal}: {' '.join(safe_text(sentence).split())}"
        with self._writing:
            self._stream.write(line + "\n")
            self._stream.flush()
