"""Find reports that equal another agency's report: the same document, the same figures, or mostly the same text.

Candidates on all portals are found by the fingerprints that are stored with editions; only texts of reports with equal
fingerprints are read. An agency that two portals list does not count as two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR
from operator import attrgetter, itemgetter

from sqlalchemy import Table, exists, select

from archive.assessment.contradictions import data
from archive.assessment.passages import Passage, likeness, names_of, sentences
from archive.findings import finding
from archive.queries.agency_divisions import agency_divisions
from archive.queries.selection import Selection, known_portals
from archive.queries.stored import group_by, records
from storage.judgements import Fingerprint
from storage.records import Agency, Finding
from storage.registry import agencies_by_id
from storage.statements import batches

_BATCH_REPORTS = 200  # with texts in memory at once, besides the candidates for each
_MAX_NAMED = 3  # agencies named in a sentence
_TEXTS = ("text1", "text2", "text3")
_EQUAL_MARKS = {"same_document": "content", "same_figures": "figures"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A report (``own``) that equals others. ``others``: those not withheld; ``agencies``: their agencies; ``secret``:
    a ruling withholds the report itself, or all the others.
    """

    own: Fingerprint
    others: tuple[Fingerprint, ...]
    agencies: tuple[Agency, ...]
    finding: Finding
    secret: bool = False


class TwinSearch:
    """Finds twins for the reports of ``agencies`` (None: all) of ``portals``; the twins may be on any portal."""

    def __init__(self, chosen: Selection, portals: Sequence[str], agencies: Collection[str] | None) -> None:
        self._chosen, self._store, self._asked_portals, self._agencies = chosen, chosen.store, portals, agencies
        self._portals = known_portals(chosen.home)
        self._agency_by_id: dict[str, Agency] = {}

    def twins(self, codes: Collection[str]) -> Iterator[Twin]:
        """Yield at most one twin for each report asked about and code: it, and other agencies' reports on its year that
        equal it, ordered by edition. ``codes``: what is equal: ``same_document``; ``same_figures``, if too many for
        chance; ``same_text``, most of the text. If the documents are equal, only ``same_document`` says so.
        """
        for code, column in _EQUAL_MARKS.items():
            if code in codes:
                for own, others in self._groups(column):
                    alike = others
                    if code == "same_figures":
                        alike = [one for one in others if _is_no_chance(own, one) and not _is_same_document(own, one)]
                    yield from self._twin(own, alike, code, {"count": own.different})
        if "same_text" in codes:
            yield from self._with_same_text()

    def _with_same_text(self) -> Iterator[Twin]:
        """Yield reports that have mostly the same text as others; texts are loaded for a batch of reports at once."""
        candidates = self._text_candidates()
        for start in range(0, len(candidates), _BATCH_REPORTS):
            batch = candidates[start : start + _BATCH_REPORTS]
            texts = self._sentences(one for own, others in batch for one in (own, *others))
            for own, others in batch:
                yield from self._compare_texts(own, others, texts)

    def _text_candidates(self) -> list[tuple[Fingerprint, list[Fingerprint]]]:
        """Return each report asked about with those that share one of its three text keys, ordered by edition (content
        for a time). A key that more than ``most_agencies`` agencies share stands for boilerplate and is ignored.
        """
        most = data()["twins"]["text"]["most_agencies"]
        pairs: dict[str, tuple[Fingerprint, dict[str, Fingerprint]]] = {}
        for column in _TEXTS:
            for own, others in self._groups(column):
                if len({one.agency for one in (own, *others)}) <= most:
                    pairs.setdefault(own.edition, (own, {}))[1].update({one.edition: one for one in others})
        return [(own, [by_edition[name] for name in sorted(by_edition)]) for own, by_edition in pairs.values()]

    def _compare_texts(
        self, own: Fingerprint, others: Sequence[Fingerprint], texts: Mapping[str, tuple[Passage, ...]]
    ) -> Iterator[Twin]:
        """Yield a twin (a report that equals others) if some of ``others`` have mostly the text of ``own`` and are not
        the very same document. ``texts``: the sentences, by edition (content for a time).
        """
        compared = [
            (likeness(texts.get(own.edition, ()), texts.get(other.edition, ())), other)
            for other in others
            if not _is_same_document(own, other)
        ]
        if same_texts := [(same, other) for same, other in compared if same.enough]:
            best = max((same for same, _ in same_texts), key=lambda same: (same.share, same.letters))
            share = (best.share * 100).to_integral_value(rounding=ROUND_FLOOR)
            values = {"letters": best.letters, "share": f"{share:f}"}
            yield from self._twin(own, [other for _, other in same_texts], "same_text", values)

    # ------------------------------------------------------------------------------------ candidates

    def _groups(self, column: str) -> Iterator[tuple[Fingerprint, list[Fingerprint]]]:
        """Yield each report asked about with others on its year whose fingerprint (hashes) is equal in ``column``."""
        table, agencies = self._store.tables.fingerprints, self._agencies
        mine = [one for one in self._having_twins(table, column) if agencies is None or one.agency in agencies]
        keys = sorted(set(map(attrgetter(column, "year"), mine)))
        by_key = group_by(self._with_marks(table, column, keys), attrgetter(column, "year"))
        unknown = {one.agency for group in (mine, *by_key.values()) for one in group} - self._agency_by_id.keys()
        self._agency_by_id.update({one.id: one for one in agencies_by_id(self._chosen.home, unknown)})
        for own in mine:
            members = by_key.get((getattr(own, column), own.year), [])
            if others := [one for one in members if one.agency != own.agency]:
                yield own, others

    def _having_twins(self, table: Table, column: str) -> list[Fingerprint]:
        """Return the fingerprints asked about whose ``column`` equals another agency's of that year, on any portal."""
        other = table.alias("other")
        alike = (other.c[column] == table.c[column], other.c.year == table.c.year, other.c.agency != table.c.agency)
        query = select(table).where(
            table.c.portal.in_(self._asked_portals),
            table.c[column].is_not(None),
            *self._chosen.conditions_then(table),
            exists().where(*alike, *self._chosen.conditions_then(other)),
            *self._chosen.year_conditions(table),
        )
        return records(self._store, Fingerprint, query.order_by(table.c.edition))

    def _with_marks(self, table: Table, column: str, keys: Iterable[tuple[int, int]]) -> Iterator[Fingerprint]:
        """Yield fingerprints, on any portal, with one of ``keys`` (value of ``column``, year): of reports alike."""
        for year, of_year in group_by(keys, itemgetter(1)).items():
            for some in batches(mark for mark, _ in of_year):
                has_mark = (table.c[column].in_(some), table.c.year == year, *self._chosen.conditions_then(table))
                yield from records(self._store, Fingerprint, select(table).where(*has_mark).order_by(table.c.edition))

    # ------------------------------------------------------------------------------------ judgement

    def _twin(
        self, own: Fingerprint, alike: Sequence[Fingerprint], code: str, values: Mapping[str, object]
    ) -> Iterator[Twin]:
        """Yield that ``own`` equals the reports ``alike`` (a twin); not if all are its own agency's, which is listed
        twice. ``code``, ``values``: of the finding that says so.
        """
        others = self._of_other_agencies(own, alike)
        if not others:
            return
        withheld = self._chosen.out.editions
        told_of = [one for one in others if one.edition not in withheld]
        agencies = tuple(self._agency_by_id[one.agency] for one in told_of if one.agency in self._agency_by_id)
        names = [agency.name for agency in agencies]
        first_names = "、".join(names[:_MAX_NAMED])
        yield Twin(
            own=own,
            others=tuple(told_of),
            agencies=agencies,
            finding=finding(code, values, found=first_names, year=own.year, others=_few_names(names)),
            secret=not told_of or own.edition in withheld,
        )

    def _of_other_agencies(self, own: Fingerprint, others: Sequence[Fingerprint]) -> list[Fingerprint]:
        """Return the reports of other registered agencies, without second listings of the same agency."""
        involved = sorted({one.agency for one in (own, *others)} & self._agency_by_id.keys())
        divisions = agency_divisions({name: self._agency_by_id[name] for name in involved}, self._portals)
        keys = {name: one.key for name, one in divisions.items()}
        return [one for one in others if one.agency in keys and keys[one.agency] != keys.get(own.agency)]

    def _sentences(self, reports: Iterable[Fingerprint]) -> dict[str, tuple[Passage, ...]]:
        """Return the sentences of reports, by edition; unread reports and unregistered agencies are left out."""
        by_edition = {one.edition: one for one in reports}
        read = self._store.readings(sorted({one.document for one in by_edition.values() if one.document is not None}))
        sections = {reading.document: reading.sections for reading in read}
        texts: dict[str, tuple[Passage, ...]] = {}
        for edition, one in by_edition.items():
            if agency := self._agency_by_id.get(one.agency):
                names = names_of(agency.name, agency.aliases, self._portals[agency.portal].place)
                texts[edition] = sentences(sections.get(one.document or "", ()), one.year, names)
        return texts


def _is_no_chance(own: Fingerprint, other: Fingerprint) -> bool:
    """Whether two reports share too many figures for chance; across portals more are needed, as more pairs exist."""
    here = own.agency.partition("/")[0] == other.agency.partition("/")[0]
    least = data()["twins"]["figures"]["bits_here" if here else "bits_elsewhere"]
    return min(own.bits, other.bits) >= int(least)


def _is_same_document(own: Fingerprint, other: Fingerprint) -> bool:
    return own.content is not None and own.content == other.content


def _few_names(names: Sequence[str]) -> tuple[str, str]:
    """Return the first names and how many more there are, as text in Chinese and in English."""
    first, more = names[:_MAX_NAMED], len(names) - _MAX_NAMED
    zh, en = "、".join(first), ", ".join(first)
    return (f"{zh}等{len(names)}个机关", f"{en} and {more} more") if more > 0 else (zh, en)
