"""Portals of one odd way of publishing each: added, crawled and asked through the command line alone."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loopback_web import Archive, Web
from made_up_portals import CHAPTERS, FURNITURE, Site, links

from tests import forking

ROOT = Path(__file__).parents[2]
DAYS = ("2026-02-02", "2026-04-10", "2026-04-20")
BUREAUS = ("司法局", "财政局", "民政局", "水利局", "审计局")


def text(who: str, year: int, title: str | None = None) -> str:
    """A report as a page: its title may leave out whose it is, or of which year."""
    head = f"{who}{year}年政府信息公开工作年度报告" if title is None else title
    said = f"统计期限自{year}年1月1日起至{year}年12月31日止。"
    return f"<h1>{head}</h1><div id='zoom'><p>{CHAPTERS}</p><p>{said}</p><p>收到申请{year % 7}件，{who}。</p></div>"


def entered(host: str, place: str, column: str = "/gk/nb/") -> Site:
    """A portal with a home page and the usual way to its column."""
    site = Site(host, place)
    site.put("/", FURNITURE + links([("/gk/", "政府信息公开")]))
    site.put("/gk/", links([("/gk/zn/", "政府信息公开指南"), (column, "政府信息公开年报")]), "政府信息公开")
    return site


@dataclass
class Told:
    """What a stranger sees: exit codes and words of each command, and the duties at the end."""

    exits: dict[str, int] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    duties: list[dict[str, Any]] = field(default_factory=list)

    def status(self, agency: str, year: int) -> str:
        found = [row for row in self.duties if (row["agency"], row["year"]) == (agency, year)]
        return found[0]["status"] if found else "nobody"

    def held(self) -> set[tuple[str, int]]:
        """Agency and year of all reports held."""
        return {(row["agency"], row["year"]) for row in self.duties if row["editions"]}


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00:00+08:00").astimezone(UTC)


def run(archive: Archive, *words: str, day: str = DAYS[0]) -> subprocess.CompletedProcess[str]:
    archive.web.server.RequestHandlerClass.date_time_string = lambda *_: f"{_at(day):%a, %d %b %Y %H:%M:%S} GMT"  # type: ignore[method-assign, assignment]
    environment = os.environ | {"NIANBAO_NOW": f"{day}T09:00:00+08:00", "COLUMNS": "300"}
    return forking.run("nianbao.cli.__main__", (*words, "--archive", str(archive.path)), environment, folder=ROOT)


def use(archive: Archive, web: Web, site: Site, days: Iterable[str] = DAYS[:1], name: str = "shown") -> Told:
    """Add a portal and crawl it on each day."""
    site.on(web)
    archive.map(*site.hosts)
    told = Told()

    def tell(step: str, ran: subprocess.CompletedProcess[str]) -> None:
        told.exits[step], told.said[step] = ran.returncode, ran.stdout + ran.stderr

    tell("add", run(archive, "portal", "add", site.url, "--yes", "--name", name))
    day = DAYS[0]
    for day in days:
        tell(f"crawl {day}", run(archive, "crawl", name, day=day))
    tell("coverage", run(archive, "coverage", "--json", day=day))
    exported = run(archive, "export", "duties", "--format", "jsonl", day=day)
    told.duties = [json.loads(line) for line in exported.stdout.splitlines() if line.startswith("{")]
    return told
