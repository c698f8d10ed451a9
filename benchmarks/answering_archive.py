"""Make the archives for ``answering.py``: registry, looks and captures as crawls leave them, and the judgements.

Our own reader reads five hundred generated reports, each with texts of its own; every edition gets one of these
readings, with a document of its own. So cells, notes, states and texts are as long as real ones, and every sum within a
report is right; sums over several reports mean nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import accumulate, chain
from pathlib import Path

from archive.forms.indicators import indicator_digits
from archive.parser.reader import read
from archive.projection.judge import duty_timeline
from archive.projection.searching import edition_texts
from benchmarks.answering_places import AGAIN, BORN, DutyHistory, MadePlace, histories, places
from benchmarks.reading_files import sample
from imitation.documents.kinds import WRITERS
from storage.capture_rows import ensure_run, insert_captures, warc_file_number
from storage.home import Home, init_home
from storage.judgements import PortalRows, StoredDocument, StoredFinding
from storage.observations import Observations
from storage.projections import MADE_KEY, ProjectionStore
from storage.records import (
    Binding,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Edition,
    Finding,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Reading,
    ReportKind,
    Run,
    RunOutcome,
    Section,
    Severity,
    WarcPlace,
)
from storage.registry import Registry

READINGS = 500
WORDS = 3_000  # words of the texts, a few of them frequent
LETTERS = 1_600  # characters of a text
_FOUND = 0.2  # share of the editions with a finding
_FILE, _RUN = "made.warc.gz", Run(id="0" * 32, portal="all", purpose="benchmark", started=BORN)
_FINDING = Finding(
    code="identity_broken", severity=Severity.WARNING, cells=("applications.received.total",), expected="12",
    found="11", zh="本年新收申请数量总计为11，各申请人之和为12。", en="The total is 11, its parts add up to 12.",
)  # fmt: skip
_REVISED = Finding(
    code="silent_revision", severity=Severity.WARNING, zh="报告内容变更。", en="The report changed without a word."
)
_COMMON_WORDS = (
    "政府 信息 公开 工作 申请 行政 复议 诉讼 部门 平台 依申请 主动公开 群众 服务 规范 监督 保障 管理 网站 制度"
)
_COMMON = _COMMON_WORDS.split()


@dataclass
class ArchiveContents:
    """What was made. ``revised``: some duty with two editions, ``last_report``: some duty with a report."""

    editions: int = 0
    duties: int = 0
    portals: int = 0
    revised: tuple[str, int] = ("", 0)
    last_report: tuple[str, int] = ("", 0)


def make(
    folder: Path, editions: int, *, database_url: str | None = None, texts: int = 0, simulated: bool = False
) -> tuple[Home, ArchiveContents]:
    """Make an archive of about ``editions`` editions. ``texts``: how many of them have a searchable text of their own
    (the others share five hundred texts); ``simulated``: imitation portals may be crawled into it.
    """
    home = init_home(folder, database_url=database_url, simulated=simulated)
    store = ProjectionStore(home, indicator_digits())
    with home.truth.begin() as connection:
        ensure_run(connection, _RUN)
        warc_file_number(connection, _FILE, _RUN.id, BORN)
    with store.building() as built:
        maker = _ArchiveMaker(home, built, texts)
        for place in places(editions):
            maker.add(place)
        built.set_meta(MADE_KEY, BORN.isoformat())
    Observations(home).finish_run(_RUN, finished=BORN, outcome=RunOutcome.OK)
    store.close()
    return home, maker.contents


@dataclass
class _PlaceRecords:
    """The captures, readings and judgements of one place."""

    captures: list[Capture] = field(default_factory=list)
    documents: list[StoredDocument] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    searched: dict[str, Reading] = field(default_factory=dict)
    editions: dict[tuple[str, int], list[Edition]] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    findings: list[StoredFinding] = field(default_factory=list)


class _ArchiveMaker:
    """Makes one place after another."""

    def __init__(self, home: Home, store: ProjectionStore, texts: int) -> None:
        self.contents = ArchiveContents()
        self._home, self._store, self._texts = home, store, texts
        self._draw, self._pool = random.Random(4), readings(READINGS)

    def add(self, place: MadePlace) -> None:
        """Make a portal with its agencies, their duties and reports."""
        portal, records = place.portal, _PlaceRecords()
        registry = Registry(self._home)
        registry.put_portal(portal)
        registry.put_agencies(place.agencies)
        url = f"http://{portal.hosts[0]}/xxgk/nb/"
        listing = Listing(
            id=f"{portal.name}:nb", portal=portal.name, url=url, form=ListingForm.COLUMN, recorded_at=BORN
        )
        registry.put_listings([listing])
        looks = [*self._looks(place, listing, records)]
        duties, statuses = [], []
        for history in histories(place, self._draw):
            cited = tuple(one.captures[0] for one in self._editions(place, history, records)[:1])
            duties.append(history.duty)
            statuses += [replace(one, captures=cited) if one.first_shown else one for one in history.statuses]
        with self._home.truth.begin() as connection:
            insert_captures(connection, records.captures, 1, _RUN.id)
        for look in looks:
            Observations(self._home).add_look(look)
        self._store.put_documents(records.documents)
        self._store.put_readings(records.readings)
        read_of, editions_of = records.searched, records.editions.items()
        searched = {report: [one for one in editions if one.main in read_of] for report, editions in editions_of}
        kinds = {agency.id: agency for agency in place.agencies}
        rows = PortalRows(
            bindings=records.bindings,
            editions=[*chain.from_iterable(records.editions.values())],
            duties=duties,
            statuses=statuses,
            duty_intervals=[*duty_timeline(duties, statuses, records.editions, ())],
            findings=records.findings,
            texts=edition_texts(searched, read_of, kinds),
        )
        self._store.replace_portal(portal.name, rows, note="made")
        self.contents.portals += 1
        self.contents.duties += len(duties)

    def _looks(self, place: MadePlace, listing: Listing, records: _PlaceRecords) -> Iterator[Look]:
        """Yield two looks at a portal's list, each of one page."""
        for days, name in zip((62, 69), place.looks(), strict=True):
            at, page_id = BORN + timedelta(days=days), f"{self._draw.getrandbits(128):032x}"
            page = self._make_capture(place, listing.url, page_id, document=page_id + page_id, role=CaptureRole.LISTING)
            records.captures.append(replace(page, fetched_at=at))
            yield Look(
                id=name, run=_RUN.id, portal=listing.portal, listing=listing.id, started=at, finished=at,
                outcome=LookOutcome.OK, captures=(page_id,),
            )  # fmt: skip

    def _make_capture(self, place: MadePlace, url: str, name: str, document: str, role: CaptureRole) -> Capture:
        return Capture(
            id=name, run=_RUN.id, portal=place.portal.name, role=role, url=url, requested=url, fetched_at=BORN,
            outcome=CaptureOutcome.PAGE, status=200, mime="text/html", size=21_000, document=document,
            payload_digest=document, warc=WarcPlace(file=_FILE, offset=self.contents.editions * 9_000, length=8_000),
            link_text="政府信息公开工作年度报告",
        )  # fmt: skip

    def _editions(self, place: MadePlace, history: DutyHistory, records: _PlaceRecords) -> list[Edition]:
        """Make the editions of one report, each with capture, document and reading."""
        duty, first_seen = history.duty, history.first_seen
        if first_seen is None:
            return []
        agency = duty.agency.rpartition("/")[2]
        url = f"http://{place.portal.hosts[0]}/xxgk/{agency}/{duty.year}/t{duty.year + 1}0115.html"
        editions: list[Edition] = []
        for number in range(2 if self._draw.random() < AGAIN else 1):
            at = first_seen + timedelta(days=30 * number)
            name, reading = f"{self._draw.getrandbits(128):032x}", self._draw.choice(self._pool)
            document = f"{self._draw.getrandbits(256):064x}"
            edition = Edition(
                id=f"{duty.agency}/{duty.year}@{document[:12]}", agency=duty.agency, year=duty.year, track=url,
                content_digest=document, main=document, cells_from=document, first_seen=at,
                last_seen=at + timedelta(days=30), known_from=at, captures=(name,), documents=(document,),
            )  # fmt: skip
            if editions:
                edition = replace(edition, former=editions[-1].id, former_last_seen=at, change="silent")
                edition = replace(edition, findings=(_REVISED,))
            if self._texts > 0:
                self._texts -= 1
                reading = _with_new_texts(reading, self._draw)
                records.searched[document] = replace(reading, document=document, cells={})
            page = self._make_capture(place, url, name, document, CaptureRole.REPORT)
            records.captures.append(replace(page, fetched_at=at))
            records.documents.append(
                StoredDocument(digest=document, capture=name, url=url, mime="text/html", size=21_000, first_seen=at)
            )
            records.readings.append(replace(reading, document=document))
            records.bindings.append(
                Binding(
                    document=document, url=url, is_report=True, reason="", agency=duty.agency, agency_name=None,
                    year=duty.year, report_kind=ReportKind.AGENCY, basis={"agency": "title", "year": "title"},
                )
            )  # fmt: skip
            if self._draw.random() < _FOUND:
                records.findings.append(
                    StoredFinding(
                        subject_kind="document", subject=document, agency=duty.agency, year=duty.year, finding=_FINDING
                    )
                )
            editions.append(edition)
            self.contents.editions += 1
        records.editions[duty.agency, duty.year] = editions
        self.contents.last_report = (duty.agency, duty.year)
        if len(editions) > 1:
            self.contents.revised = (duty.agency, duty.year)
        return editions


# ---------------------------------------------------------------------------------------------- readings


def readings(count: int) -> list[Reading]:
    """Return readings by our reader, with figures that add up and a text of their own."""
    draw = random.Random(2)
    reports = (sample(seed) for seed in range(count))
    return [_with_new_texts(read(WRITERS["html"](report.title, report.blocks)), draw) for report in reports]


def _with_new_texts(reading: Reading, draw: random.Random) -> Reading:
    """Return a reading with new texts in its long sections, and more sections at the end."""
    texts = [_random_text(draw, length) for length in (LETTERS // 2, LETTERS // 4, LETTERS // 4)]
    sections = [replace(one, text=texts.pop(0)) if texts and len(one.text) > 100 else one for one in reading.sections]
    sections += [Section(heading="", key="", text=text) for text in texts]
    text = "\n".join(f"{one.heading}\n{one.text}" for one in sections)
    return replace(reading, sections=tuple(sections), text=text)


@cache
def _weighted_words() -> tuple[Sequence[str], Sequence[float]]:
    draw = random.Random(3)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]
    words = [*_COMMON, *("".join(draw.choices(letters, k=draw.choice((1, 2, 2, 2, 3)))) for _ in range(WORDS))]
    return words, [*accumulate(1 / (2 + rank) for rank in range(len(words)))]


def _random_text(draw: random.Random, letters: int) -> str:
    """Return a text of ``letters`` characters in lines of sixty; a few of its words are frequent, most are rare."""
    words, weights = _weighted_words()
    text = "".join(draw.choices(words, cum_weights=weights, k=letters // 2))[:letters]
    return "\n".join(text[at : at + 60] + "。" for at in range(0, len(text), 60))
