"""Archives of any number of editions for ``answering.py``: real divisions, made-up bodies and figures, every year's
statuses with their histories. What is judged of a portal is written as rows: nobody could crawl two million reports.

Readings are those of our own reader for five hundred printed reports, each with texts of its own; an edition takes one
of them, with a document of its own. So cells, notes, states and texts are as long as real ones are, and every identity
of the form holds; sums over many reports mean nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any

from archive.assessment.sentences import sentence
from archive.assessment.status_inputs import Verdict
from archive.identity.division_codes import LAST_YEAR, Division, divisions
from archive.parser.reader import read
from benchmarks.reading_files import sample
from imitation.documents.kinds import WRITERS
from storage.records import (
    Agency,
    AgencyKind,
    Duty,
    EvidenceGrade,
    Portal,
    Reading,
    Section,
    Status,
)

YEARS = range(2019, 2026)
BODIES = 92  # per division; 3,200 divisions then hold two million editions of seven years
HELD, AGAIN = 0.94, 0.05  # shares of duties with a report, and of reports with a second edition
READINGS = 500
WORDS = 3_000  # words of the texts, a few of them frequent
LETTERS = 1_600  # of a text
BORN = datetime(2024, 12, 1, tzinfo=UTC)  # the archive's first look
NOW = datetime(2026, 6, 1, tzinfo=UTC)

_OFFICES = (
    *("发展和改革", "教育和体育", "科学技术", "工业和信息化", "公安", "民政", "司法", "财政", "人力资源和社会保障"),
    *("自然资源", "生态环境", "住房和城乡建设", "交通运输", "水利", "农业农村", "商务", "文化和旅游", "卫生健康"),
    *("退役军人事务", "应急管理", "审计", "市场监督管理", "统计", "医疗保障", "信访", "综合行政执法", "行政审批服务"),
    *(
        "林业",
        "畜牧",
        "粮食和物资储备",
        "地震",
        "档案",
        "机关事务",
        "供销",
        "国有资产监督管理",
        "乡村振兴",
        "体育",
        "气象",
    ),
)
_TOWNS = [
    "太平",
    "永安",
    "兴隆",
    "新华",
    "和平",
    "胜利",
    "东关",
    "西关",
    "南关",
    "北关",
    "石桥",
    "大安",
    "双河",
    "龙泉",
    "白云",
    "青山",
]


@dataclass(frozen=True)
class Place:
    """A portal with its bodies."""

    portal: Portal
    agencies: Sequence[Agency]


def places(editions: int) -> Iterator[Place]:
    """So many divisions, drawn from all that stand, that their bodies hold about ``editions`` reports."""
    standing = [one for one in divisions() if one.stands(LAST_YEAR)]
    random.Random(1).shuffle(standing)
    each = BODIES * len(YEARS) * HELD * (1 + AGAIN)
    for number in range(round(editions / each)):
        yield _place(standing[number % len(standing)], number // len(standing))


def _place(division: Division, again: int) -> Place:
    name = f"d{division.code}" + (f"_{again}" if again else "")
    portal = Portal(
        name=name, place=division.name, division=division.code, hosts=(f"www.{name}.gov.cn",), family="generic",
        first_year=YEARS[0], recorded_at=BORN,
    )  # fmt: skip
    return Place(portal, [_agency(name, division.name, number) for number in range(BODIES)])


def _agency(portal: str, place: str, number: int) -> Agency:
    if number == 0:
        name, kind = f"{place}人民政府", AgencyKind.GOVERNMENT
    elif number == 1:
        name, kind = f"{place}人民政府办公室", AgencyKind.OFFICE
    elif number % 4 == 2:
        town = _TOWNS[number // 4 % len(_TOWNS)] + ("" if number < 66 else "二")
        kind = AgencyKind.TOWNSHIP if number % 8 == 2 else AgencyKind.SUBDISTRICT
        name = f"{place}{town}{'镇人民政府' if kind is AgencyKind.TOWNSHIP else '街道办事处'}"
    else:
        office = _OFFICES[number % len(_OFFICES)]
        name = f"{place}{office}{'局' if number < 50 else '中心'}"
        kind = AgencyKind.DEPARTMENT if number < 80 else AgencyKind.OTHER
    return Agency(id=f"{portal}/a{number}", portal=portal, name=name, kind=kind, source="benchmark", recorded_at=BORN)


# ---------------------------------------------------------------------------------------------- duties


@dataclass(frozen=True)
class Course:
    """How a duty went, ``weight`` times in a hundred: verdicts from when on (days after the due date; None: as the
    archive was born, or earlier than the first look).
    """

    weight: float
    verdicts: Sequence[tuple[int | None, Status, EvidenceGrade, int, str]]

    @property
    def held(self) -> bool:
        """Whether a report is held at last."""
        return self.verdicts[-1][1] not in {Status.MISSING, Status.UNKNOWN, Status.NOT_FOUND, Status.NOT_EXPECTED}


_S, _E = Status, EvidenceGrade
_WAIT = (None, _S.NOT_YET_DUE, _E.NONE, 11, "before_due")
_SINCE = (1, _S.UNKNOWN, _E.NONE, 12, "not_since")
_ONCE, _TWICE = (2, _S.MISSING, _E.ONE_LOOK, 14, "absent_once"), (9, _S.MISSING, _E.PROVEN, 13, "absent_twice")
_GONE = (None, _S.UNKNOWN, _E.NONE, 12, "gone_or_never")
#: Years that were over when the archive was born: nothing but what pages say of themselves.
FORMER = (
    Course(80.0, [(None, _S.ON_TIME, _E.CLAIMED, 9, "dated_in_time")]),
    Course(9.0, [(None, _S.LATE, _E.CLAIMED, 8, "dated_late")]),
    Course(5.0, [(None, _S.UNDETERMINED, _E.NONE, 10, "no_date")]),
    Course(6.0, [_GONE]),
)
#: Years of which the archive saw the due date.
WATCHED = (
    Course(76.0, [_WAIT, (-9, _S.ON_TIME, _E.PROVEN, 3, "seen_by_due")]),
    Course(7.0, [_WAIT, _SINCE, _ONCE, _TWICE, (25, _S.LATE, _E.PROVEN, 4, "absent_twice_then_shown")]),
    Course(4.0, [_WAIT, _SINCE, _ONCE, (6, _S.LATE, _E.PROVEN, 5, "absent_and_dated_late")]),
    Course(5.0, [_WAIT, _SINCE, (3, _S.ON_TIME, _E.CLAIMED, 9, "dated_in_time")]),
    Course(6.0, [_WAIT, _SINCE, _ONCE, _TWICE]),
    Course(2.0, [_WAIT, (1, _S.UNKNOWN, _E.NONE, 12, "unreachable")]),
)
_TOWN_WORDS = {
    "absent_once": (_S.NOT_FOUND, "not_found_once"),
    "absent_twice": (_S.NOT_FOUND, "not_found_twice"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One duty; its history as rows, without what all have in common; when a report was first seen, if one is held."""

    duty: Duty
    history: Sequence[dict[str, Any]]
    first_seen: datetime | None


def duties(place: Place, draw: random.Random) -> Iterator[Told]:
    """Every duty of a place's bodies, agency after agency, year after year."""
    looks = json.dumps([*looks_of(place)])
    for agency in place.agencies:
        for year in YEARS:
            courses, weights = _courses(year)
            course = draw.choices(courses, cum_weights=weights)[0]
            duty = _duty(agency.id, agency.kind, year)
            shown = _shown(duty, course, draw)
            yield Told(duty, [*_history(duty, agency.name, course, shown, looks)], shown)


def looks_of(place: Place) -> tuple[str, str]:
    """The ids of the two looks at a place's list that its statuses rest on."""
    first, second = (hashlib.md5(f"{place.portal.name}/{one}".encode()).hexdigest() for one in (1, 2))
    return first, second


@cache
def _courses(year: int) -> tuple[Sequence[Course], Sequence[float]]:
    courses = WATCHED if year >= 2024 else FORMER
    return courses, [*accumulate(one.weight for one in courses)]


@cache
def _due(kind: AgencyKind, year: int) -> date:
    return date(year + 1, 3, 31) if kind is AgencyKind.GOVERNMENT else date(year + 1, 1, 31)


def _is_town(kind: AgencyKind) -> bool:
    return kind in {AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT}


def _duty(agency: str, kind: AgencyKind, year: int) -> Duty:
    town, due = _is_town(kind), _due(kind, year)
    return Duty(
        agency=agency, year=year, kind=kind, due=None if town else due, practice=due if town else None,
        basis="practice" if town else "条例第四十九条",
    )  # fmt: skip


def _shown(duty: Duty, course: Course, draw: random.Random) -> datetime | None:
    if not course.held:
        return None
    if duty.year < 2024:
        return BORN + timedelta(seconds=draw.randrange(86_400))
    days = course.verdicts[-1][0] or 0
    return _day(duty) + timedelta(days=days, seconds=draw.randrange(40_000))


@cache
def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(duty: Duty) -> datetime:
    due = duty.due or duty.practice
    assert due is not None
    return _midnight(due)


def _history(duty: Duty, name: str, course: Course, shown: datetime | None, looks: str) -> Iterator[dict[str, Any]]:
    """Rows of :class:`storage.records.StatusInterval`."""
    last = len(course.verdicts) - 1
    since: datetime | None = None
    for at, (days, status, grade, rule, reason) in reversed([*enumerate(course.verdicts)]):
        until, since = since, _since(duty, days, shown if at == last else None)
        if _is_town(duty.kind):
            status, reason = _of_town(status, reason)  # noqa: PLW2901 - what a township's is called
        seen = shown if at == last else None
        absent = _day(duty) + timedelta(days=min(days, 9)) if days and days > 1 and grade is not _E.CLAIMED else None
        declared = (duty.due or duty.practice) if "dated" in reason else None
        if declared is not None and "late" in reason:
            declared += timedelta(days=12)
        zh, en = _sentence(reason, duty.year, duty.kind, _hour(seen), _hour(absent), declared)
        yield {
            "agency": duty.agency, "year": duty.year, "since": since, "until": until, "status": status.value,
            "evidence": grade.value, "rule": rule, "reason": reason, "zh": zh.replace("@@", name),
            "en": en.replace("@@", name), "first_shown": seen, "last_absent": absent, "declared": declared,
            "days_late": 12 if reason == "dated_late" else None, "looks": looks if absent or rule == 11 else "[]",
        }  # fmt: skip


def _of_town(status: Status, reason: str) -> tuple[Status, str]:
    """Townships publish by practice: seen is published, and nothing is late or missing."""
    if status in {Status.ON_TIME, Status.LATE, Status.UNDETERMINED}:
        return Status.PUBLISHED, "shown"
    return _TOWN_WORDS.get(reason, (status, reason))


def _since(duty: Duty, days: int | None, shown: datetime | None) -> datetime:
    if shown is not None:
        return shown
    return BORN if days is None else _day(duty) + timedelta(days=days)


def _hour(at: datetime | None) -> datetime | None:
    """An instant to the hour, so that few sentences have to be made."""
    return at.replace(minute=0, second=0) if at else None


@cache
def _sentence(
    reason: str, year: int, kind: AgencyKind, shown: datetime | None, absent: datetime | None, declared: date | None
) -> tuple[str, str]:
    verdict = Verdict(
        rule=0, status=Status.UNKNOWN, evidence=EvidenceGrade.NONE, reason=reason, first_shown=shown,
        last_absent=absent, declared=declared, days_late=12,
    )  # fmt: skip
    return sentence(verdict, _duty("", kind, year), "@@")


# ---------------------------------------------------------------------------------------------- readings


def readings(count: int) -> list[Reading]:
    """Readings by our reader, with figures that add up, each with a text of its own."""
    draw = random.Random(2)
    made = []
    for seed in range(count):
        report = sample(seed)
        made.append(_worded(read(WRITERS["html"](report.title, report.blocks)), draw))
    return made


def again(held: Sequence[Reading], count: int) -> Iterator[Reading]:
    """So many of the readings held, in turn, with other texts."""
    draw = random.Random(5)
    for number in range(count):
        yield _worded(held[number % len(held)], draw)


def _worded(reading: Reading, draw: random.Random) -> Reading:
    texts = [text_of(draw, length) for length in (LETTERS // 2, LETTERS // 4, LETTERS // 4)]
    sections = [replace(one, text=texts.pop(0)) if texts and len(one.text) > 100 else one for one in reading.sections]
    sections += [Section(heading="", key="", text=text) for text in texts]
    text = "\n".join(f"{one.heading}\n{one.text}" for one in sections)
    return replace(reading, document=f"{draw.getrandbits(256):064x}", sections=tuple(sections), text=text)


@cache
def _words() -> tuple[Sequence[str], Sequence[float]]:
    draw = random.Random(3)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]
    common = [
        "政府",
        "信息",
        "公开",
        "工作",
        "申请",
        "行政",
        "复议",
        "诉讼",
        "部门",
        "平台",
        "依申请",
        "主动公开",
        "群众",
        "服务",
        "规范",
        "监督",
        "保障",
        "管理",
        "网站",
        "制度",
    ]
    words = [*common, *("".join(draw.choices(letters, k=draw.choice((1, 2, 2, 2, 3)))) for _ in range(WORDS))]
    return words, [*accumulate(1 / (2 + rank) for rank in range(len(words)))]


def text_of(draw: random.Random, letters: int) -> str:
    """A text in which some words are frequent and most are rare, of about so many letters in lines of sixty."""
    words, weights = _words()
    text = "".join(draw.choices(words, cum_weights=weights, k=letters // 2))[:letters]
    return "\n".join(text[at : at + 60] + "。" for at in range(0, len(text), 60))
