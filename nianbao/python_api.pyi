"""Made from nianbao/questions.py by ``make reference``: nothing is changed here by hand."""

from collections.abc import Collection, Iterable
from datetime import datetime
from inspect import Parameter
from pathlib import Path

from archive.exports.tables import Export
from archive.queries.bounds import NotKnownError
from archive.queries.check import Check
from archive.queries.citing import CitingWork
from archive.queries.figure_answers import (
    AgencyComparison,
    IndicatorLine,
    Ranking,
    Series,
    SumTable,
    YearComparison,
)
from archive.queries.find import FindAnswer
from archive.queries.frames import Lines
from archive.queries.freshness import PlaceFreshness
from archive.queries.news import News
from archive.queries.registry import RegistryEntry, RuleLine
from archive.queries.results import (
    AgencyDuties,
    CitableAbsence,
    Citation,
    Coverage,
    Difference,
    DutyList,
    NonReport,
    PortalLine,
    Report,
    RunLine,
    Totals,
    Verdict,
)
from archive.queries.revisions import Revisions
from archive.queries.rollup import RollUpAnswer
from archive.queries.scores import Scores
from archive.queries.search import SearchAnswer
from nianbao.paging import Page
from nianbao.questions import Question
from storage.home import Home

__all__ = ["Archive", "NotKnownError", "open_archive"]

NOT_TAKEN: frozenset[str]

def answer_type(one: Question) -> str: ...
def method_parameters(one: Question) -> list[Parameter]: ...
def arguments_of(one: Question) -> tuple[str, ...]: ...
def open_archive(path: str | Path | None = None) -> Archive: ...

class Archive:
    home: Home
    def __init__(self, home: Home) -> None: ...
    def __enter__(self) -> Archive: ...
    def __exit__(self, *error: object) -> None: ...
    def export(self, table: str, *indicators: str, wide: bool = False, **filters: object) -> Export: ...
    def page(self, name: str, **parameters: object) -> Page: ...
    def find(self, query: str, *, as_of: datetime | str | None = ...) -> FindAnswer: ...
    def coverage(
        self,
        place: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        evidence: str | Collection[str] | None = ...,
    ) -> Coverage: ...
    def totals(
        self,
        place: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        evidence: str | Collection[str] | None = ...,
    ) -> Totals: ...
    def scores(
        self,
        place: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
    ) -> Scores: ...
    def missing(
        self,
        year: int,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        evidence: str | Collection[str] | None = ...,
    ) -> DutyList: ...
    def late(
        self,
        year: int,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        evidence: str | Collection[str] | None = ...,
        min_days: int = ...,
    ) -> DutyList: ...
    def unknown(
        self,
        year: int,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
    ) -> DutyList: ...
    def backdated(
        self,
        year: int,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
    ) -> DutyList: ...
    def search(
        self,
        query: str,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        all_editions: bool = ...,
        snippets: int = ...,
        around: int = ...,
        limit: int | None = ...,
        offset: int | None = ...,
    ) -> SearchAnswer: ...
    def news(
        self,
        since: datetime | str | None = ...,
        until: datetime | str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        evidence: str | Collection[str] | None = ...,
    ) -> News: ...
    def status(self, agency: str, year: int | None = ..., *, as_of: datetime | str | None = ...) -> Verdict: ...
    def agency_duties(
        self,
        agency: str,
        *,
        as_of: datetime | str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        evidence: str | Collection[str] | None = ...,
    ) -> AgencyDuties: ...
    def show(
        self, agency: str, year: int | None = ..., edition: str | None = ..., *, reader: str | None = ...
    ) -> Report: ...
    def diff(self, agency: str, year: int, a: str | None = ..., b: str | None = ...) -> Difference: ...
    def cite(
        self, agency: str, year: int | None = ..., edition: str | None = ..., cell: str | None = ...
    ) -> Citation | CitableAbsence: ...
    def cite_absence(
        self, agency: str, year: int | None = ..., *, as_of: datetime | str | None = ...
    ) -> CitableAbsence: ...
    def series(
        self,
        *indicator: str | Collection[str],
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agencies: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        codes: int | None = ...,
        edition: str = ...,
        stated: bool = ...,
    ) -> Series: ...
    def table(
        self,
        *indicator: str | Collection[str],
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        no_governments: bool = ...,
        by: str = ...,
        level: str = ...,
        years: int | str | Iterable[int] | None = ...,
        codes: int | None = ...,
        edition: str = ...,
        stated: bool = ...,
    ) -> SumTable: ...
    def rank(
        self,
        indicator: str,
        year: int,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        no_governments: bool = ...,
        level: str = ...,
        ascending: bool = ...,
        min_n: int = ...,
        codes: int | None = ...,
        edition: str = ...,
    ) -> Ranking: ...
    def compare(
        self,
        indicator: str,
        *agencies: str | Collection[str],
        as_of: datetime | str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        edition: str = ...,
    ) -> AgencyComparison: ...
    def compare_years(
        self,
        indicator: str,
        before: int,
        after: int,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        no_governments: bool = ...,
        level: str = ...,
        codes: int | None = ...,
        edition: str = ...,
    ) -> YearComparison: ...
    def rollup(self, place: str, year: int, *, as_of: datetime | str | None = ...) -> RollUpAnswer: ...
    def check(
        self,
        place: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        code: str | Collection[str] | None = ...,
        severity: str = ...,
    ) -> Check: ...
    def indicators(self, text: str | None = ...) -> Lines[IndicatorLine]: ...
    def revisions(
        self,
        place: str | None = ...,
        year: int | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        since: datetime | str | None = ...,
        change: str | Collection[str] | None = ...,
    ) -> Revisions: ...
    def non_reports(
        self, place: str | None = ..., *, portal: str | None = ..., kind: str | Collection[str] | None = ...
    ) -> Lines[NonReport]: ...
    def cited_by(
        self,
        place: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
    ) -> Lines[CitingWork]: ...
    def agency(self, agency: str, *, as_of: datetime | str | None = ...) -> RegistryEntry: ...
    def rules(self) -> Lines[RuleLine]: ...
    def portals(
        self, place: str | None = ..., *, portal: str | None = ..., kind: str | Collection[str] | None = ...
    ) -> Lines[PortalLine]: ...
    def freshness(
        self,
        place: str | None = ...,
        *,
        as_of: datetime | str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
    ) -> Lines[PlaceFreshness]: ...
    def runs(self, portal: str | None = ...) -> Lines[RunLine]: ...
    def duties(
        self,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        evidence: str | Collection[str] | None = ...,
        status: str | Collection[str] | None = ...,
    ) -> Export: ...
    def leads(
        self,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
    ) -> Export: ...
    def agencies(
        self,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
    ) -> Export: ...
    def editions(
        self,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
    ) -> Export: ...
    def cells(
        self,
        *indicator: str | Collection[str],
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
    ) -> Export: ...
    def figures(
        self,
        *indicator: str | Collection[str],
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
        codes: int | None = ...,
        edition: str = ...,
    ) -> Export: ...
    def findings(
        self,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
    ) -> Export: ...
    def gaps(
        self,
        *,
        as_of: datetime | str | None = ...,
        place: str | None = ...,
        portal: str | None = ...,
        kind: str | Collection[str] | None = ...,
        agency: str | None = ...,
        years: int | str | Iterable[int] | None = ...,
    ) -> Export: ...
