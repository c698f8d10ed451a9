"""Rounds: from a known state something of ours is killed, taken up again, and held against what it gives undisturbed.

Each round is drawn from its number and a seed, so that it can be played again. A kill comes after a request, or at a
named point (see ``points/``), of those that the same work makes or passes undisturbed.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.projection.update import update
from imitation.records import ImPortal, Scenario
from imitation.registry import register_agencies
from imitation.scenario import load
from imitation.server import MAP, ImitationPortals
from storage.home import init_home, open_home
from tests.crash import holds
from tests.crash.holds import Fault
from tests.crash.killing import Ended, command
from tests.played import Ran, nianbao

COLUMNS, ADDRESSED = "luoyang", "wenshang"  # one portal reads lists with pages, the other asks agency by year
PORTALS = (COLUMNS, ADDRESSED)
_BODIES = {COLUMNS: ("czj", "sfj", "jtj"), ADDRESSED: ("xzfb", "cqz")}


def scenario() -> Scenario:
    """Reports of a few agencies only, some with attachments; lists of several pages."""
    whole = load()
    return replace(whole, portals=tuple(_small(whole.portal(name), _BODIES[name]) for name in PORTALS))


def _small(portal: ImPortal, agencies: tuple[str, ...]) -> ImPortal:
    return replace(
        portal,
        page_size=4,
        agencies=tuple(agency for agency in portal.agencies if agency.id in agencies),
        reports=tuple(report for report in portal.reports if report.agency.id in agencies),
        faults=(),
    )


class RoundPortals(ImitationPortals):
    """The portals, serving one archive after the other on a day that does not go on between rounds."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, scenario())
        self.day = self.scenario.days[1]

    def serve(self, archive: Path) -> None:
        """Let an archive find the portals."""
        shutil.copy(self.folder / MAP, archive / MAP)
        self.set_now(self.day)

    def asked(self) -> list[tuple[str, str]]:
        """(host, path) of each request since this was last called."""
        told = [(one.host, one.path) for one in self.log]
        self.log.clear()
        return told


KINDS = ("crawl", "crawl_point", "process", "mend", "read", "program", "rebuild", "crawl_point")
_ASKED_AGAIN = 4  # reports of a portal that a cut run was busy with, and a control
_HALVES = {"pwrite", "write"}
_CRAWL = ("pwrite", "fsync", "write", "link", "unlink", "COMMIT", "INSERT", "UPDATE", "BEGIN", "open")
_STORE = ("COMMIT", "INSERT", "DELETE", "CREATE", "BEGIN", "symlink", "replace", "rename", "fsync", "open", "unlink")
_SWAP = ("symlink", "replace", "rename", "fsync", "unlink")


@dataclass
class Round:
    """``told``: what was done; ``kills``: how often a kill came; ``acknowledged``: captures in the database then."""

    number: int
    kind: str
    archive: Path
    chance: random.Random
    told: list[str] = field(default_factory=list)
    kills: int = 0
    acknowledged: int = 0
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)


class Rounds:
    """Plays rounds below ``folder``. Use as a context manager: the portals are served meanwhile.

    ``thorough``: what a cut crawl brought in the end is read, and rebuilt, too; that takes most of the time.
    """

    def __init__(self, folder: Path, seed: int, *, thorough: bool) -> None:
        self.folder, self.seed, self.thorough = folder, seed, thorough
        self.web = RoundPortals(folder / "web")
        self.day = self.web.day.isoformat()
        self.fresh, self.whole, self.unread, self.cut = (folder / one for one in ("fresh", "whole", "unread", "cut"))
        self.points: dict[str, Counter[tuple[str, str]]] = {}

    def __enter__(self) -> Rounds:
        self.web.__enter__()
        self._prepare()
        return self

    def __exit__(self, *error: object) -> None:
        self.web.__exit__(*error)

    def play(self, number: int, kind: str | None = None) -> Round:
        """One round."""
        kind, began = kind or KINDS[number % len(KINDS)], time.monotonic()
        this = Round(number, kind, self.folder / f"round-{number}", random.Random(f"{self.seed}/{number}/{kind}"))
        getattr(self, f"_{kind}")(this)
        shutil.rmtree(this.archive, ignore_errors=True)
        this.seconds = time.monotonic() - began
        return this

    # --------------------------------------------------------------------------------------- states to begin from

    def _prepare(self) -> None:
        """The states from which rounds begin, and which points each command passes undisturbed."""
        with init_home(self.fresh, simulated=True) as home:
            register_agencies(home, scenario())
        self.web.asked()
        self._undisturbed("crawl", ("crawl", *PORTALS, "--no-read"), self._from(self.fresh, self.unread))
        self.asked = self.web.asked()
        self._undisturbed("read", ("reread", "--workers", "1"), self._from(self.unread, self.whole))
        self.points["rebuild"] = self.points["read"] | Counter({("command", name): 1 for name in _SWAP})
        with open_home(self.whole) as home:
            self.result, self.content = holds.result(home), holds.content(home)

    def _prepare_cut(self) -> None:
        """A state in which a crawl left files unsealed and torn, with records that have no row."""
        if not self.cut.exists():
            self._from(self.fresh, self.cut)
            point = "crawl:pwrite:9:half:group"
            command("crawl", *PORTALS, "--no-read", archive=self.cut, day=self.day, point=point)
            self._undisturbed("mend", ("doctor",), self._from(self.cut, self.folder / "mended"))

    def _undisturbed(self, name: str, words: tuple[str, ...], archive: Path) -> None:
        count = self.folder / f"points-{name}"
        ended = command(*words, archive=archive, day=self.day, count=count)
        if ended.code not in (0, 1):
            raise RuntimeError(f"{words} ended with {ended.code}: {ended.err[-2000:]}")
        lines = (line.split() for line in count.read_text().splitlines())
        self.points[name] = Counter((role, point) for role, point in lines)

    def _from(self, state: Path, to: Path) -> Path:
        shutil.copytree(state, to, symlinks=True)
        self.web.serve(to)
        return to

    # --------------------------------------------------------------------------------------- kinds of rounds

    def _crawl(self, this: Round, whom: str = "group") -> None:
        self._from(self.fresh, this.archive)
        self._killed_crawl(this, whom=whom)
        if whom == "group" and this.chance.random() < 0.4:
            self._killed_crawl(this)
        self._to_the_end(this)

    def _crawl_point(self, this: Round) -> None:
        self._from(self.fresh, this.archive)
        point = self._point(this, "crawl", "crawl", _CRAWL, this.chance.choice(("group", "self")))
        self._killed_crawl(this, point=point)
        self._to_the_end(this)

    def _process(self, this: Round) -> None:
        self._crawl(this, whom="crawl")

    def _program(self, this: Round) -> None:
        self._crawl(this, whom="command")

    def _mend(self, this: Round) -> None:
        self._prepare_cut()
        self._from(self.cut, this.archive)
        with open_home(this.archive) as home:
            before = holds.held(home)
        passed = {name for role, name in self.points["mend"] if role == "command"}
        names = tuple(sorted(passed & {*_CRAWL, "ftruncate"}))
        point = self._point(this, "mend", "command", names, "group")
        this.told.append(f"doctor {point}")
        ended = command("doctor", archive=this.archive, day=self.day, point=point)
        this.kills += ended.killed
        self._after_a_kill(this, ended)
        if self.thorough and this.chance.random() < 0.5:
            self._to_the_end(this)
        else:
            nianbao("doctor", archive=this.archive, now=self.day)
        with open_home(this.archive) as home:
            this.faults += holds.afterwards(home, before, ())

    def _read(self, this: Round) -> None:
        self._from(self.unread, this.archive)
        self._killed(this, "read", "reread", "--workers", "1")
        self._end(this, "reread", "--workers", "1")
        with open_home(this.archive) as home:
            this.faults += holds.same(self.content, holds.content(home))
            this.faults += holds.rebuilt(home)

    def _rebuild(self, this: Round) -> None:
        self._from(self.whole, this.archive)
        self._killed(this, "rebuild", "rebuild", "--workers", "1")
        with open_home(this.archive) as home:
            this.faults += holds.same(self.content, holds.content(home))
        self._end(this, "rebuild", "--workers", "1")
        with open_home(this.archive) as home:
            this.faults += holds.same(self.content, holds.content(home))
        this.faults += holds.litter(this.archive)

    # --------------------------------------------------------------------------------------- steps

    def _killed_crawl(self, this: Round, *, whom: str = "group", point: str = "") -> None:
        """Kill a crawl at a point, or after one of the requests that it makes undisturbed."""
        number = this.chance.randint(1, len(self.asked))
        this.told.append(f"crawl {whom} {point or f'request {number}'}")
        self.web.asked()
        ended = command(
            "crawl", *PORTALS, "--no-read", archive=this.archive, day=self.day, whom=whom, point=point,
            when=None if point else lambda: len(self.web.log) >= number,
        )  # fmt: skip
        this.kills += ended.killed or whom == "crawl" or point.endswith("self")
        self._after_a_kill(this, ended)

    def _killed(self, this: Round, name: str, *words: str) -> None:
        """Kill a command of the archive at a point."""
        point = self._point(this, name, "command", _STORE, "group")
        this.told.append(f"{name} {point}")
        ended = command(*words, archive=this.archive, day=self.day, point=point)
        this.kills += ended.killed
        self._after_a_kill(this, ended)

    def _after_a_kill(self, this: Round, ended: Ended) -> None:
        if ended.left:
            this.faults.append(("half", f"processes ran on: {ended.left}"))
        with open_home(this.archive) as home:
            this.acknowledged += len(holds.held(home).captures)
            this.faults += holds.at_once(home, ended.seen)

    def _to_the_end(self, this: Round) -> None:
        """Take a cut crawl up again; what it says, what is there then, and what that is read as."""
        with open_home(this.archive) as home:
            before = holds.held(home)
        self.web.asked()
        again = self._end(this, "crawl", *PORTALS, "--no-read")
        cut = [run for run in before.runs.values() if run.finished is None]
        said = again.err.count("was interrupted after")
        if said != len(cut):
            this.faults.append(("untold", f"{len(cut)} runs were cut, {said} are told: {again.err[-600:]}"))
        with open_home(this.archive) as home:
            this.faults += holds.afterwards(home, before, ())
            this.faults += self._asked_again(before, holds.held(home))
            if not self.thorough:
                home.config = home.config.model_copy(update={"reading_seconds": 0})  # nothing is read
            update(home, workers=1)
            this.faults += holds.differing(home, self.result, everything=self.thorough)
            if self.thorough:
                this.faults += holds.rebuilt(home)

    def _asked_again(self, before: holds.Held, now: holds.Held) -> Iterator[Fault]:
        """No more than what the cut run was busy with is fetched a second time."""
        pages = {one.requested for one in before.captures.values() if holds.is_report(one)}
        again = [one for name, one in now.captures.items() if name not in before.captures and holds.is_report(one)]
        twice = Counter(one.portal for one in again if one.requested in pages)
        cuts = sum(run.outcome in {None, "cut", "failed"} for run in before.runs.values())
        for portal, count in twice.items():
            if count > _ASKED_AGAIN * max(1, cuts):
                yield "again", f"{count} reports of {portal} were fetched again, though they had just been"

    def _end(self, this: Round, *words: str) -> Ran:
        """Run a command undisturbed, which must end well."""
        ended = nianbao(*words, archive=this.archive, now=self.day, NIANBAO_DELAY="0")
        if ended.code != 0:
            this.faults.append(("half", f"taken up again it ended with {ended.code}: {(ended.out + ended.err)[-900:]}"))
        return ended

    def _point(self, this: Round, name: str, role: str, names: tuple[str, ...], whom: str) -> str:
        """A point that this work passes: any of its functions alike, so that those it seldom calls come too."""
        passed = {point: count for (by, point), count in self.points[name].items() if by == role and point in names}
        point = this.chance.choice(sorted(passed))
        most = passed[point] if role == "command" else max(1, passed[point] // len(PORTALS))
        how = this.chance.choice(("before", "after", "half") if point in _HALVES else ("before", "after"))
        return f"{role}:{point}:{this.chance.randint(1, most)}:{how}:{whom}"
