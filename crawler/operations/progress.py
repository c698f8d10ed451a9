"""How crawls are shown while they run: bars on a terminal, plain lines in a pipe, JSON lines by choice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from archive.exports.safe_text import safe_text
from crawler.operations.log_lines import Lines
from crawler.operations.runs import Progress as Told
from crawler.operations.runs import ProgressEvent
from crawler.run_summary import looks_by_outcome
from storage.home import Home
from storage.observations import Observations


def _in_english(done: int, expected: int | None) -> str:
    return f"{done} of about {expected} looks and visits" if expected else f"{done} looks and visits"


@dataclass(frozen=True, slots=True)
class Wording:
    """How progress is worded: ``event`` for what happened, ``steps`` for how many looks and visits of how many."""

    event: Callable[[ProgressEvent], str] = lambda event: event.sentence
    steps: Callable[[int, int | None], str] = _in_english


ENGLISH = Wording()


@contextmanager
def shown(home: Home, *, as_json: bool = False, wording: Wording = ENGLISH) -> Iterator[Told]:
    """What to call as crawls go on, during the block."""
    if as_json:
        yield Lines(sys.stderr, as_json=True, says=wording.event).said
    elif sys.stderr.isatty():
        with Bars(expected(home), wording=wording) as bars:
            yield bars.said
    else:
        yield lambda event: _plain(event, wording)


def expected(home: Home) -> dict[str, int]:
    """How many looks and visits the last crawl of each portal made that got through: about what the next will make."""
    found: dict[str, int] = {}
    for run in Observations(home).runs():
        made = run.counts.get("visits", 0) + sum(looks_by_outcome(run.counts).values())
        if made and run.counts.get("look_ok"):
            found[run.portal] = made
    return found


def _plain(event: ProgressEvent, wording: Wording) -> None:
    if not event.aside:
        sys.stderr.write(f"{event.portal}: {safe_text(wording.event(event))}\n")
        sys.stderr.flush()


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


class Bars:
    """A bar a portal: steps made (looks and visits), about how many there will be, rate and time left."""

    def __init__(
        self, expected: Mapping[str, int], console: Console | None = None, *, wording: Wording = ENGLISH
    ) -> None:
        self._expected = expected
        self._wording = wording
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[steps]}"), _Rate(),
            TimeRemainingColumn(compact=True), console=console or Console(stderr=True), transient=False,
        )  # fmt: skip

    def said(self, said: ProgressEvent) -> None:
        """Take what happened: move the bar, and print what people should hear above the bars."""
        if said.event == "mended":
            self._print(said)
            return
        if said.portal not in self._tasks:
            total = self._expected.get(said.portal)
            self._tasks[said.portal] = self._progress.add_task(escape(said.portal), total=total, steps="")
        task = self._tasks[said.portal]
        if said.done or said.event == "ended":
            about = self._expected.get(said.portal)
            steps = self._wording.steps(said.done, about if said.event != "ended" else None)
            total = max(said.done, 1) if said.event == "ended" else max(about, said.done) if about else None
            self._progress.update(task, completed=max(said.done, 1), total=total, steps=steps)
        if said.event in {"failed", "wait", "ended"}:
            self._print(said)

    def _print(self, said: ProgressEvent) -> None:
        self._progress.console.print(Text(f"{said.portal}: {safe_text(self._wording.event(said))}"), highlight=False)

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()
