"""Small archives for tests: a portal's days played straight into storage, pages printed from the forms."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.forms.loader import form
from archive.forms.printer import tables
from archive.parser.reader import read
from archive.projection.update import update
from archive.projection.workers import Failure, Pool
from storage.captures import CaptureWriter, Exchange
from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import (
    Agency,
    AgencyKind,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Link,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Portal,
    Reading,
    Ruling,
    RulingKind,
    Run,
)
from storage.registry import Registry

LONG_AGO = datetime.fromisoformat("2025-12-01T09:00:00+08:00")


def at(text: str) -> datetime:
    """An instant in Asia/Shanghai: "2026-02-01 09:00"."""
    return datetime.fromisoformat(f"{text.replace(' ', 'T')}:00+08:00")


class InProcess(Pool):
    """Reads in this process: the documents are our own, and a process costs more than the few read at a time."""

    def read(self, documents: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Reading | Failure, float]]:
        """In the order given."""
        for name, data in documents:
            began = time.process_time()
            yield name, read(data), time.process_time() - began


def new_archive(path: Path, database_url: str | None = None, now: str = "2026-04-02 09:00") -> Home:
    """A simulated archive whose clock stands at ``now``."""
    home = init_home(path, simulated=True, database_url=database_url)
    home.clock = FixedClock(at(now))  # type: ignore[assignment]
    return home


@dataclass
class FixedClock:
    instant: datetime
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.instant


def title(agency: str, year: int = 2025) -> str:
    return f"{agency}{year}年政府信息公开工作年度报告"


def report_page(
    agency: str, year: int, cells: Mapping[str, int] | None = None, *, published: str | None = None, text: str = ""
) -> bytes:
    """A report as a page: title, a chapter of text, the form's tables filled with ``cells`` (others 0)."""
    name = title(agency, year)
    plan = form("2021" if year >= 2021 else "2019")
    values = dict.fromkeys(plan.ids, 0) | dict(cells or {})
    grids = "".join(_markup(grid) for grid in tables(plan, values))
    meta = f'<meta name="PubDate" content="{published}">' if published else ""
    return (
        f'<html><head><meta charset="utf-8"><title>{name}</title><meta name="ArticleTitle" content="{name}">{meta}'
        f"</head><body><h1>{name}</h1><h2>一、总体情况</h2><p>{agency}按照规定编制本报告。{text}统计期限自{year}年1月1日起至"
        f"{year}年12月31日止。</p>{grids}<h2>五、存在的主要问题及改进情况</h2><p>公开内容还不够细。</p>"
        f"<h2>六、其他需要报告的事项</h2><p>无。</p></body></html>"
    ).encode()


def _markup(grid: object) -> str:
    rows: dict[int, list[str]] = {}
    for cell in grid.cells:  # type: ignore[attr-defined]
        rows.setdefault(cell.row, []).append(f'<td rowspan="{cell.rowspan}" colspan="{cell.colspan}">{cell.text}</td>')
    return "<table border=1>" + "".join(f"<tr>{''.join(rows[row])}</tr>" for row in sorted(rows)) + "</table>"


NOTHING = "<html><head><title>页面不存在</title></head><body>您访问的页面不存在</body></html>".encode()


@dataclass
class SmallSite:
    """One portal's truth under construction. Everything takes the instant at which it happens."""

    home: Home
    name: str = "wenshang"
    place: str = "汶上县"
    division: str | None = "370830"
    first_year: int = 2023
    _runs: dict[datetime, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.portal = Portal(
            name=self.name,
            place=self.place,
            division=self.division,
            hosts=(f"www.{self.name}.gov.cn",),
            family="test",
            first_year=self.first_year,
            recorded_at=LONG_AGO,
        )
        Registry(self.home).put_portal(self.portal)

    def agency(self, key: str, name: str, kind: AgencyKind = AgencyKind.DEPARTMENT, **more: object) -> Agency:
        agency = Agency(
            id=f"{self.name}/{key}", portal=self.name, name=name, kind=kind,
            **{"source": "test", "recorded_at": LONG_AGO, **more},  # type: ignore[arg-type]
        )  # fmt: skip
        Registry(self.home).put_agencies([agency])
        return agency

    def departments(self, **names: str) -> None:
        """Departments by key."""
        for key, name in names.items():
            self.agency(key, name)

    def column(
        self, key: str = "nb", covers: Sequence[AgencyKind] = (AgencyKind.DEPARTMENT,), **more: object
    ) -> Listing:
        return self._listing(
            key, f"http://www.{self.name}.gov.cn/{key}/", ListingForm.COLUMN, covers=tuple(covers), **more
        )

    def addressed(self, agency: Agency, year: int) -> Listing:
        key = agency.id.partition("/")[2]
        url = f"http://www.{self.name}.gov.cn/xxgk.jsp?area={key}&fbtime={year}"
        return self._listing(f"annual-{key}-{year}", url, ListingForm.ADDRESSED, agency=agency.id, year=year)

    def _listing(self, key: str, url: str, form: ListingForm, **more: object) -> Listing:
        listing = Listing(
            id=f"{self.name}:{key}", portal=self.name, url=url, form=form, recorded_at=LONG_AGO, **more  # type: ignore[arg-type]
        )  # fmt: skip
        Registry(self.home).put_listings([listing])
        return listing

    def url(self, path: str) -> str:
        return f"http://www.{self.name}.gov.cn/{path}"

    def run(self, when: datetime) -> Run:
        run = Run(id=uuid.uuid4().hex, portal=self.name, purpose="test", started=when)
        Observations(self.home).start_run(run)
        return run

    def fetch(
        self, when: str, path: str, body: bytes | None, *, requested: str | None = None, run: Run | None = None,
        status: int = 200, mime: str = "text/html", tls: str | None = None, **more: Any,
    ) -> Capture:  # fmt: skip
        """One answer, or with ``body`` None a failure; ``more``: role, outcome, via, link_text, reason."""
        moment, url = at(when), path if "://" in path else self.url(path)
        given = {"role": CaptureRole.REPORT, "outcome": CaptureOutcome.PAGE, "requested": requested or url, **more}
        with CaptureWriter(self.home, run or self.run(moment)) as writer:
            if body is None:
                return writer.write(None, **{"reason": "test", "fetched_at": moment, **given})
            headers = [("Content-Type", mime), ("Content-Length", str(len(body)))]
            answer = Exchange(
                url=url, request_headers=[("User-Agent", "test")], status=status, response_headers=headers, body=body,
                fetched_at=moment, tls=tls,
            )  # fmt: skip
            return writer.write(answer, **given)

    def look(
        self, when: str, listing: Listing, links: Iterable[tuple[str, ...]] = (),
        outcome: LookOutcome = LookOutcome.OK, *, clock_skew: float | None = None, body: bytes | None = None,
        run: Run | None = None, tls: str | None = None, reason: str = "", total: int | None = None,
    ) -> Look:  # fmt: skip
        """A look at a column: ``links`` are (path, title[, listed date]), ``body`` its page."""
        run, extraction, captures = run or self.run(at(when)), None, ()
        look_id, found = uuid.uuid4().hex, list(links)
        if outcome in (LookOutcome.OK, LookOutcome.PARTIAL, LookOutcome.CHANGED):
            text = repr(found).encode() if body is None else body
            page = self.fetch(when, listing.url, text, role=CaptureRole.LISTING, run=run, tls=tls).id
            shown = tuple(self._link(number, page, *one) for number, one in enumerate(found))
            captures, extraction = (page,), Extraction(look=look_id, extractor="test", made_at=at(when), links=shown)
        return self._keep(
            look_id, run, when, listing, extraction, outcome=outcome, captures=captures, clock_skew=clock_skew,
            reason=reason, total=total,
        )  # fmt: skip

    def publish(
        self, day: str, path: str, agency: str, year: int = 2025, *, listed: str | None = None,
        listing: Listing | None = None, **page: Any,
    ) -> Capture:  # fmt: skip
        """Show one report on a column at nine, and fetch it; ``page``: as of :func:`report_page`."""
        entry = (path, title(agency, year), *([listed] if listed else []))
        self.look(f"{day} 09:00", listing or self.column(), [entry])
        return self.fetch(f"{day} 09:01", path, report_page(agency, year, **page))

    def _link(self, position: int, page: str, url: str, title: str, day: str | None = None) -> Link:
        address = url if "://" in url else self.url(url)
        return Link(url=address, text=title, listed=day, position=position, capture=page)

    def ask(self, when: str, listing: Listing, body: bytes | None, control: Capture | None = None) -> Look:
        """A look at an address that is the report; ``body`` None: it answers without one."""
        run, outcome = self.run(at(when)), CaptureOutcome.PAGE if body else CaptureOutcome.SOFT_404
        page = self.fetch(when, listing.url, body or NOTHING, role=CaptureRole.LISTING, outcome=outcome, run=run)
        more = {"outcome": LookOutcome.OK, "captures": (page.id,), "control": control.id if control else None}
        return self._keep(uuid.uuid4().hex, run, when, listing, None, **more)

    def _keep(
        self, look_id: str, run: Run, when: str, listing: Listing, extraction: Extraction | None, **more: Any
    ) -> Look:
        look = Look(
            id=look_id, run=run.id, portal=self.name, listing=listing.id, started=at(when),
            finished=at(when) + timedelta(minutes=1), **more,
        )  # fmt: skip
        Observations(self.home).add_look(look, extraction)
        return look

    def rule(self, when: str, kind: RulingKind, subject: str, **decision: str | int | bool | None) -> Ruling:
        ruling = Ruling(
            id=uuid.uuid4().hex, made_at=at(when), by="tester", kind=kind, subject=subject, decision=decision,
            reason="test",
        )  # fmt: skip
        Observations(self.home).add_ruling(ruling)
        return ruling


def play_one_report(home: Home, agency: str, cells: Mapping[str, Any]) -> None:
    """A department's report on 2025, listed and fetched on one day, and judged."""
    site = SmallSite(home, first_year=2025)
    site.agency("sfj", agency)
    site.publish("2026-01-20", "nb/0.html", agency, cells=cells)
    update(home)
