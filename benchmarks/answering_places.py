"""The places in the archives of ``answering.py``: real divisions, invented agencies, and the history of their duties.

What is judged of a portal is generated directly as records: nobody could crawl two million reports.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate

from archive.assessment.deadlines import due
from archive.assessment.facts import RuleVerdict
from archive.assessment.sentences import sentence
from archive.identity.divisions import LAST_YEAR, Division, divisions
from storage.records import Agency, AgencyKind, Duty, EvidenceGrade, Portal, Status, StatusInterval

YEARS = range(2019, 2026)
AGENCIES_OF_PLACE = 92  # agencies per division; then 3,200 divisions have two million editions in seven years
HELD, AGAIN = 0.94, 0.05  # share of duties with a report, share of reports with a second edition
BORN = datetime(2024, 12, 1, tzinfo=UTC)  # the archive's first look
NOW = datetime(2026, 6, 1, tzinfo=UTC)
_LATE = 12  # days by which a late report is late, by its own date

_OFFICE_NAMES = (
    "发展和改革 教育和体育 科学技术 工业和信息化 公安 民政 司法 财政 人力资源和社会保障 自然资源 "
    "生态环境 住房和城乡建设 交通运输 水利 农业农村 商务 文化和旅游 卫生健康 退役军人事务 应急管理 "
    "审计 市场监督管理 统计 医疗保障 信访 综合行政执法 行政审批服务 林业 畜牧 粮食和物资储备 地震 "
    "档案 机关事务 供销 国有资产监督管理 乡村振兴 体育 气象"
)
_OFFICES = _OFFICE_NAMES.split()
_TOWN_NAMES = "太平 永安 兴隆 新华 和平 胜利 东关 西关 南关 北关 石桥 大安 双河 龙泉 白云 青山"
_TOWNS = _TOWN_NAMES.split()


@dataclass(frozen=True)
class MadePlace:
    """A portal with its agencies."""

    portal: Portal
    agencies: Sequence[Agency]

    def looks(self) -> tuple[str, str]:
        """Return the ids of the two looks that are the evidence for the place's statuses."""
        first, second = (hashlib.md5(f"{self.portal.name}/{one}".encode()).hexdigest() for one in (1, 2))
        return first, second


def places(editions: int) -> Iterator[MadePlace]:
    """Yield as many places as have about ``editions`` editions; the divisions are drawn from all existing ones."""
    present_divisions = [one for one in divisions() if one.stands(LAST_YEAR)]
    random.Random(1).shuffle(present_divisions)
    editions_per_place = AGENCIES_OF_PLACE * len(YEARS) * HELD * (1 + AGAIN)
    for number in range(round(editions / editions_per_place)):
        yield _make_place(present_divisions[number % len(present_divisions)], number // len(present_divisions))


def _make_place(division: Division, again: int) -> MadePlace:
    name = f"d{division.code}" + (f"_{again}" if again else "")
    portal = Portal(
        name=name, place=division.name, division=division.code, hosts=(f"www.{name}.gov.cn",), family="generic",
        first_year=YEARS[0], recorded_at=BORN,
    )  # fmt: skip
    return MadePlace(portal, [_make_agency(name, division.name, number) for number in range(AGENCIES_OF_PLACE)])


def _make_agency(portal: str, place: str, number: int) -> Agency:
    if number == 0:
        name, kind = "人民政府", AgencyKind.GOVERNMENT
    elif number == 1:
        name, kind = "人民政府办公室", AgencyKind.OFFICE
    elif number % 4 == 2:
        town = _TOWNS[number // 4 % len(_TOWNS)] + ("" if number < 66 else "二")
        kind = AgencyKind.TOWNSHIP if number % 8 == 2 else AgencyKind.SUBDISTRICT
        name = f"{town}{'镇人民政府' if kind is AgencyKind.TOWNSHIP else '街道办事处'}"
    else:
        name = f"{_OFFICES[number % len(_OFFICES)]}{'局' if number < 50 else '中心'}"
        kind = AgencyKind.DEPARTMENT if number < 80 else AgencyKind.OTHER
    own = f"{portal}/a{number}"
    return Agency(id=own, portal=portal, name=place + name, kind=kind, source="benchmark", recorded_at=BORN)


# ---------------------------------------------------------------------------------------------- duties

#: a verdict: days after the due date when it begins (None: at the first look, or before the due date); status …
Step = tuple[int | None, Status, EvidenceGrade, int, str]


@dataclass(frozen=True)
class Course:
    """A possible history of a duty: its verdicts in order. ``weight``: how often it occurs, in percent."""

    weight: float
    verdicts: Sequence[Step]

    @property
    def has_report(self) -> bool:
        """Return whether a report was found in the end."""
        return self.verdicts[-1][1] not in {Status.MISSING, Status.UNKNOWN}


_S, _E = Status, EvidenceGrade
_WAIT: Step = (None, _S.NOT_YET_DUE, _E.NONE, 11, "before_due")
_SINCE: Step = (1, _S.UNKNOWN, _E.NONE, 12, "not_since")
_ONCE: Step = (2, _S.MISSING, _E.ONE_LOOK, 14, "absent_once")
_TWICE: Step = (9, _S.MISSING, _E.PROVEN, 13, "absent_twice")
#: for years that had ended before the archive's first look: known only from the dates on pages
FORMER = (
    Course(80.0, [(None, _S.ON_TIME, _E.CLAIMED, 9, "dated_in_time")]),
    Course(9.0, [(None, _S.LATE, _E.CLAIMED, 8, "dated_late")]),
    Course(5.0, [(None, _S.UNDETERMINED, _E.NONE, 10, "no_date")]),
    Course(6.0, [(None, _S.UNKNOWN, _E.NONE, 12, "gone_or_never")]),
)
#: for years whose due date the archive observed
WATCHED = (
    Course(76.0, [_WAIT, (-9, _S.ON_TIME, _E.PROVEN, 3, "seen_by_due")]),
    Course(7.0, [_WAIT, _SINCE, _ONCE, _TWICE, (25, _S.LATE, _E.PROVEN, 4, "absent_twice_then_shown")]),
    Course(4.0, [_WAIT, _SINCE, _ONCE, (6, _S.LATE, _E.PROVEN, 5, "absent_and_dated_late")]),
    Course(5.0, [_WAIT, _SINCE, (3, _S.ON_TIME, _E.CLAIMED, 9, "dated_in_time")]),
    Course(6.0, [_WAIT, _SINCE, _ONCE, _TWICE]),
    Course(2.0, [_WAIT, (1, _S.UNKNOWN, _E.NONE, 12, "unreachable")]),
)
_WATCHED_SINCE = 2024
#: townships publish by practice: a report that was seen is ``published``, none is late or missing
_OF_TOWNS = {"absent_once": (_S.NOT_FOUND, "not_found_once"), "absent_twice": (_S.NOT_FOUND, "not_found_twice")}


@dataclass(frozen=True, slots=True)
class DutyHistory:
    """One duty with its statuses, newest first, and when its report was first seen, None without a report."""

    duty: Duty
    statuses: Sequence[StatusInterval]
    first_seen: datetime | None


def histories(place: MadePlace, draw: random.Random) -> Iterator[DutyHistory]:
    """Yield all duties of a place, by agency and year."""
    for agency in place.agencies:
        for year in YEARS:
            courses, weights = _courses(year)
            course = draw.choices(courses, cum_weights=weights)[0]
            day = due(agency.kind, year)
            duty = Duty(
                agency=agency.id, year=year, kind=agency.kind, due=day.due, practice=day.practice, basis=day.basis
            )
            first_seen = _first_seen(duty, course, draw) if course.has_report else None
            statuses = [*_statuses(duty, agency.name, course, first_seen, place.looks())]
            yield DutyHistory(duty, statuses, first_seen)


@cache
def _courses(year: int) -> tuple[Sequence[Course], Sequence[float]]:
    courses = WATCHED if year >= _WATCHED_SINCE else FORMER
    return courses, [*accumulate(one.weight for one in courses)]


def _limit(duty: Duty) -> date:
    limit = duty.due or duty.practice
    return limit if limit is not None else date(duty.year + 1, 1, 31)


def _after_limit(duty: Duty, days: int) -> datetime:
    return datetime.combine(_limit(duty), datetime.min.time(), UTC) + timedelta(days=days)


def _first_seen(duty: Duty, course: Course, draw: random.Random) -> datetime:
    if duty.year < _WATCHED_SINCE:
        return BORN + timedelta(seconds=draw.randrange(86_400))
    return _after_limit(duty, course.verdicts[-1][0] or 0) + timedelta(seconds=draw.randrange(40_000))


def _statuses(
    duty: Duty, name: str, course: Course, first_seen: datetime | None, looks: tuple[str, ...]
) -> Iterator[StatusInterval]:
    """Yield the statuses of one duty, newest first, as its course says."""
    until: datetime | None = None
    shown_at = first_seen
    for days, own_status, grade, rule, own_reason in reversed(course.verdicts):
        since = shown_at or (BORN if days is None else _after_limit(duty, days))
        status, reason = own_status, own_reason
        if duty.due is None:
            status, reason = (_S.PUBLISHED, "shown") if shown_at else _OF_TOWNS.get(reason, (status, reason))
        absent = _after_limit(duty, min(days, 9)) if days and days > 1 and grade is not _E.CLAIMED else None
        declared = _limit(duty) + timedelta(days=_LATE * ("late" in reason)) if "dated" in reason else None
        zh, en = _sentence(reason, duty.year, duty.kind, _rounded_to_hour(shown_at), _rounded_to_hour(absent), declared)
        yield StatusInterval(
            agency=duty.agency, year=duty.year, since=since, until=until, status=status, evidence=grade, rule=rule,
            reason=reason, zh=zh.replace("@@", name), en=en.replace("@@", name), first_shown=shown_at,
            last_absent=absent, declared=declared, days_late=_LATE if reason == "dated_late" else None,
            looks=looks if absent or rule == _WAIT[3] else (),
        )  # fmt: skip
        until, shown_at = since, None


def _rounded_to_hour(at: datetime | None) -> datetime | None:
    """Return an instant rounded to the hour, so that sentences can be shared."""
    return at.replace(minute=0, second=0) if at else None


@cache
def _sentence(
    reason: str, year: int, kind: AgencyKind, seen_at: datetime | None, absent: datetime | None, declared: date | None
) -> tuple[str, str]:
    verdict = RuleVerdict(
        rule=0, status=_S.UNKNOWN, evidence=_E.NONE, reason=reason, first_shown=seen_at, last_absent=absent,
        declared=declared, days_late=_LATE,
    )  # fmt: skip
    day = due(kind, year)
    duty = Duty(agency="", year=year, kind=kind, due=day.due, practice=day.practice, basis=day.basis)
    return sentence(verdict, duty, "@@")
