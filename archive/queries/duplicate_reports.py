"""Whose report is another agency's as well: the same document, the same figures, or for the most part the same text.

Candidates are found by the fingerprints that were stored with the editions, in whatever portal; texts are only read of
reports of which the fingerprints agree. One body that two portals list is no two agencies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_FLOOR
from typing import Any

from sqlalchemy import Table, and_, exists, or_, select

from archive.assessment.contradictions import data
from archive.assessment.passages import Passage, likeness, names_of, sentences
from archive.findings import finding
from archive.queries.figures_bodies import bodies
from archive.queries.selected_agencies import known_portals
from archive.queries.stored import holds_at
from archive.queries.where import Chosen
from storage.home import Home
from storage.judgements import Fingerprint
from storage.mapping import shape
from storage.projections import ProjectionStore
from storage.records import Agency, Finding, Portal, Section
from storage.registry import agencies_by_id

_BATCH = 500
_READ = 200  # reports whose texts are in memory at once, with those that they may be like
_MOST_NAMED = 3  # agencies named in a sentence
_TEXTS = ("text1", "text2", "text3")
_CODES = {"same_document": "content", "same_figures": "figures"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A report that others are like. ``agencies``: those of ``others``, of which none is withheld; ``secret``: a ruling
    withholds it itself, or all that it is like.
    """

    own: Fingerprint
    others: tuple[Fingerprint, ...]
    agencies: tuple[Agency, ...]
    portals: Mapping[str, Portal]
    finding: Finding
    secret: bool = False


def twins(
    store: ProjectionStore,
    home: Home,
    portals: Sequence[str],
    agencies: Collection[str] | None,
    years: Sequence[int] | None,
    as_of: datetime,
    codes: Collection[str],
    hidden: Collection[str],
) -> Iterator[Twin]:
    """Give the twins of the reports of ``agencies`` (None: all) at ``portals``, for each report one a code, others in
    the order of their ids.
    """
    asking = _TwinSearch(store, home, portals, agencies, years, as_of, hidden)
    for code, column in _CODES.items():
        if code in codes:
            yield from asking.exact(code, column)
    if "same_text" in codes:
        yield from asking.alike()


@dataclass
class _TwinSearch:
    store: ProjectionStore
    home: Home
    portals: Sequence[str]
    agencies: Collection[str] | None
    years: Sequence[int] | None
    as_of: datetime
    hidden: Collection[str]
    _known: dict[str, Agency] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = known_portals(self.home)

    def exact(self, code: str, column: str) -> Iterator[Twin]:
        """Reports with an equal mark."""
        for own, others in self._groups(column):
            alike = others
            if code == "same_figures":
                alike = [one for one in others if self._says_enough(own, one) and not _is_same_document(own, one)]
            yield from self._twin(own, alike, code, {"count": own.different})

    def alike(self) -> Iterator[Twin]:
        """Reports with a key of their texts in common, of which the texts are the same for the most part."""
        most = data()["twins"]["text"]["most_agencies"]
        met: dict[str, tuple[Fingerprint, dict[str, Fingerprint]]] = {}
        for column in _TEXTS:
            for own, others in self._groups(column):
                if len({one.agency for one in (own, *others)}) <= most:  # what more have is boilerplate
                    met.setdefault(own.edition, (own, {}))[1].update({one.edition: one for one in others})
        every = [(own, [held[name] for name in sorted(held)]) for own, held in met.values()]
        for start in range(0, len(every), _READ):
            some = every[start : start + _READ]
            texts = self._sentences(one for own, others in some for one in (own, *others))
            for own, candidates in some:
                found = [
                    (same, other)
                    for other in candidates
                    if not _is_same_document(own, other)
                    and (same := likeness(texts[own.edition], texts[other.edition])).enough
                ]
                if found:
                    best = max((same for same, _ in found), key=lambda same: (same.share, same.letters))
                    share = (best.share * 100).to_integral_value(rounding=ROUND_FLOOR)
                    values = {"letters": best.letters, "share": f"{share:f}"}
                    yield from self._twin(own, [other for _, other in found], "same_text", values)

    # ------------------------------------------------------------------------------------ candidates

    def _groups(self, column: str) -> Iterator[tuple[Fingerprint, list[Fingerprint]]]:
        """Each report asked about that has the mark of another agency's on the same year, with those others."""
        table = self.store.tables.fingerprints
        asked = self.agencies
        mine = [one for one in self._having_twins(table, column) if asked is None or one.agency in asked]
        keys = sorted({(getattr(one, column), one.year) for one in mine})
        by_key: dict[tuple[int, int], list[Fingerprint]] = {}
        for one in self._with_marks(table, column, keys):
            by_key.setdefault((getattr(one, column), one.year), []).append(one)
        self._learn({one.agency for found in (mine, *by_key.values()) for one in found})
        for own in mine:
            members = by_key.get((getattr(own, column), own.year), [])
            others = [one for one in members if one.agency != own.agency]
            if others:
                yield own, others

    def _having_twins(self, table: Table, column: str) -> list[Fingerprint]:
        other = table.alias("other")
        has = exists().where(
            other.c[column] == table.c[column],
            other.c.year == table.c.year,
            other.c.agency != table.c.agency,
            *holds_at(other, self.as_of),
        )
        conditions = [table.c.portal.in_(self.portals), table.c[column].is_not(None), *holds_at(table, self.as_of), has]
        if self.years is not None:
            conditions.append(table.c.year.in_(self.years))
        return self._fetch(select(table).where(*conditions).order_by(table.c.edition))

    def _with_marks(self, table: Table, column: str, keys: Sequence[tuple[int, int]]) -> Iterator[Fingerprint]:
        for start in range(0, len(keys), _BATCH):
            by_year: dict[int, list[int]] = {}
            for mark, year in keys[start : start + _BATCH]:
                by_year.setdefault(year, []).append(mark)
            wanted = or_(*(and_(table.c[column].in_(marks), table.c.year == year) for year, marks in by_year.items()))
            yield from self._fetch(select(table).where(wanted, *holds_at(table, self.as_of)).order_by(table.c.edition))

    def _fetch(self, query: Any) -> list[Fingerprint]:
        described = shape(Fingerprint)
        with self.store.read() as connection:
            return [described.record(row) for row in connection.execute(query).mappings()]

    # ------------------------------------------------------------------------------------ judgement

    def _says_enough(self, own: Fingerprint, other: Fingerprint) -> bool:
        """Whether so many figures are no chance: of two portals of the many more is asked for."""
        here = own.agency.partition("/")[0] == other.agency.partition("/")[0]
        least = data()["twins"]["figures"]["bits_here" if here else "bits_elsewhere"]
        return min(own.bits, other.bits) >= int(least)

    def _twin(
        self, own: Fingerprint, alike: Sequence[Fingerprint], code: str, values: Mapping[str, object]
    ) -> Iterator[Twin]:
        others = self._of_other_bodies(own, alike)
        if not others:
            return
        told_of = [one for one in others if one.edition not in self.hidden]
        agencies = tuple(self._known[one.agency] for one in told_of if one.agency in self._known)
        names = [agency.name for agency in agencies]
        yield Twin(
            own=own,
            others=tuple(told_of),
            agencies=agencies,
            portals=self._places,
            finding=finding(
                code, values, found="、".join(names[:_MOST_NAMED]), year=own.year, others=_few_names(names)
            ),
            secret=not told_of or own.edition in self.hidden,
        )

    def _of_other_bodies(self, own: Fingerprint, others: Sequence[Fingerprint]) -> list[Fingerprint]:
        """Those of agencies that are registered and are not the same body on another portal."""
        involved = {one.agency for one in (own, *others)}
        agencies = {name: self._known[name] for name in sorted(involved) if name in self._known}
        keys = {name: body.key for name, body in bodies(Chosen(portals=self._places, agencies=agencies), None).items()}
        return [one for one in others if one.agency in keys and keys[one.agency] != keys.get(own.agency)]

    def _learn(self, agencies: Collection[str]) -> None:
        """Read those of the agencies that are not known yet."""
        unknown = set(agencies) - self._known.keys()
        self._known.update({one.id: one for one in agencies_by_id(self.home, unknown)})

    def _sentences(self, reports: Iterable[Fingerprint]) -> dict[str, tuple[Passage, ...]]:
        """The sentences of reports, by edition; none of one that is not read."""
        wanted = {one.edition: one for one in reports}
        read = self.store.readings(sorted({one.document for one in wanted.values() if one.document is not None}))
        sections = {reading.document: reading.sections for reading in read}
        return {name: self._passages(one, sections.get(one.document or "", ())) for name, one in wanted.items()}

    def _passages(self, one: Fingerprint, sections: Sequence[Section]) -> tuple[Passage, ...]:
        agency = self._known.get(one.agency)
        if agency is None:
            return ()
        names = names_of(agency.name, agency.aliases, self._places[agency.portal].place)
        return sentences(sections, one.year, names)


def _is_same_document(own: Fingerprint, other: Fingerprint) -> bool:
    return own.content is not None and own.content == other.content


def _few_names(names: Iterable[str]) -> tuple[str, str]:
    """A few names, in Chinese and in English, and how many there are besides."""
    every = list(names)
    first, more = every[:_MOST_NAMED], len(every) - _MOST_NAMED
    zh, en = "、".join(first), ", ".join(first)
    return (f"{zh}等{len(every)}个机关", f"{en} and {more} more") if more > 0 else (zh, en)
