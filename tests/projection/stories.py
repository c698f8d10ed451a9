"""Stories of portals, all of a module played in one archive: each is a generator that plays days of its portal and
yields where what was captured is read and judged.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from archive.projection.update import update
from archive.queries.review import review
from archive.queries.verdict import status
from tests.projection.small_archive import InProcess, SmallSite, at, new_archive, title

__all__ = ["title"]

SFJ, CZJ, MZJ = "汶上县司法局", "汶上县财政局", "汶上县民政局"


class StoryPortal(SmallSite):
    """A portal of its own, asked by the keys of its agencies."""

    def verdict(self, key: str = "sfj", year: int = 2025, when: str | None = None):  # type: ignore[no-untyped-def]
        return status(self.home, f"{self.name}/{key}", year, as_of=None if when is None else at(when))

    def told(self, key: str = "sfj", year: int = 2025, when: str | None = None) -> tuple[str, str, str]:
        duty = self.verdict(key, year, when).duty
        return duty.status.value, duty.evidence.value, duty.reason

    def codes(self, key: str = "sfj", year: int = 2025, when: str | None = None) -> set[str]:
        found = self.verdict(key, year, when)
        return {one.code for one in found.findings} | {*found.duty.findings}

    def held(self, key: str = "sfj", year: int = 2025) -> list[str]:
        return [edition.main for edition in self.verdict(key, year).editions]

    def review(self):  # type: ignore[no-untyped-def]
        return [line for line in review(self.home) if line.portal == self.name]

    def visit(self, day: str, path: str, body: bytes, **more: object) -> None:
        """Fetch in the crawl of a day: crawls of several pages are one run."""
        moment = datetime.fromisoformat(f"{day}T09:01:00+08:00")
        run = self._runs.setdefault(moment, self.run(moment)) if moment not in self._runs else self._runs[moment]
        self.fetch(f"{day} 09:01", path, body, run=run, **more)  # type: ignore[arg-type]


Tale = Iterator[None]
Stories = dict[str, tuple[Callable[..., Tale], tuple[object, ...], int]]  # by name: the story, its case and first year


def story(*cases: tuple[object, ...], first_year: int = 2025) -> Callable[[Callable[..., Tale]], Callable[..., None]]:
    """Make a test of a story, or of one for each of ``cases`` (what it takes besides its portal)."""

    def register(play: Callable[..., Tale]) -> Callable[..., None]:
        known: Stories
        known = sys.modules[play.__module__].__dict__.setdefault("STORIES", {})
        keys = [f"{play.__name__}-{number}" for number in range(len(cases or ((),)))]
        known |= {key: (play, case, first_year) for key, case in zip(keys, cases or ((),), strict=True)}

        def told(key: str, outcomes: Mapping[str, Exception]) -> None:
            if key in outcomes:
                raise outcomes[key]

        told.__name__, told.__doc__ = play.__name__, play.__doc__
        return pytest.mark.parametrize("key", keys)(told)

    return register


def play(
    stories: Mapping[str, tuple[Callable[..., Tale], tuple[object, ...], int]], folder: Path
) -> dict[str, Exception]:
    """Play all stories side by side; give what went wrong, by story."""
    wrong: dict[str, Exception] = {}
    with new_archive(folder) as home:
        running = {}
        for number, (key, (tell, case, year)) in enumerate(stories.items()):
            running[key] = tell(StoryPortal(home, name=f"county{number}", first_year=year), *case)
        while running:
            for key, tale in list(running.items()):
                try:
                    next(tale)
                except StopIteration:
                    del running[key]
                except Exception as error:  # noqa: BLE001 - told by the test of the story
                    wrong[key] = error
                    del running[key]
            update(home, pool=InProcess())
    return wrong
