"""Describe an answer (columns, sources, freshness, what is unknown, citation) as a Data Package, and write it with the
rows to a zip file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from archive.exports.citations import gbt7714_of_answer
from archive.exports.formats.columns import Content, ExportColumn, FileFormat, Sheet, answer_formats, declared_columns
from archive.exports.formats.describing import note, package, resource, table_resource
from archive.exports.plain_values import instant_text, json_of
from archive.exports.release.texts import filled
from archive.exports.safe_text import safe_text
from archive.exports.writing import described, write_zip
from archive.queries import citing
from archive.queries.coverage_of_answer import known_of
from archive.queries.figure_answers import IndicatorLine, indicator_line, measures_of
from archive.queries.figures import governments_or_agencies
from archive.queries.freshness import Freshness, PlaceFreshness, freshness_of
from archive.queries.tallies import count_duties
from archive.queries.where import Where, choose, instant_of_question, one_agency
from nianbao.answer_tables import AnswerTable, for_stata
from nianbao.messages import say
from nianbao.parameters import Narrowed, Parameters
from nianbao.questions import Question
from storage.home import Home

_PAGED = {"limit", "cursor"}
_MAX_PLACES = 12  # places with their freshness in a README
_CSV = FileFormat.CSV


def freshness_of_answer(home: Home, parameters: Parameters) -> Freshness | None:
    """Return when the lists behind an answer were last read; None if the answer is about no agencies."""
    where, named = where_of_answer(home, parameters), getattr(parameters, "agencies", None)
    if named:
        portals = {agency.portal for agency in governments_or_agencies(home, named)}
        return freshness_of(home, where or Where(as_of=parameters.as_of), portals)
    return None if where is None else freshness_of(home, where)


def where_of_answer(home: Home, parameters: Parameters) -> Where | None:
    """Return the place or portal whose looks say how fresh an answer is; for an agency or a report, its portal. None if
    the answer compares ``agencies`` anywhere, or is about no place, portal or agency. ``agency`` may be an id, a name,
    or the permanent address of a report or a cell.
    """
    if isinstance(parameters, Narrowed):  # a list of agencies: its filters say where
        return parameters.where()
    fields_given = {name: getattr(parameters, name, None) for name in ("portal", "place", "agency")}
    if agency := fields_given.pop("agency"):
        name = citing.parse_address(agency).agency if agency.startswith(citing.SCHEME) else agency
        return Where(portal=one_agency(home, name).portal, as_of=parameters.as_of)
    if getattr(parameters, "agencies", None) or not any(fields_given.values()):
        return None
    return Where(**fields_given, as_of=parameters.as_of)


@dataclass(frozen=True)
class DescribedAnswer(AnswerTable):
    """An answer with its metadata and citation. ``site``: the base address of the server, without a slash."""

    site: str = ""

    @classmethod
    def at(cls, site: str, home: Home, question: Question, parameters: Parameters) -> DescribedAnswer:
        """Create it as of ``as_of``, or as of now without fractions of a second, because addresses hold seconds."""
        as_of = instant_of_question(home, parameters.as_of)
        as_of = as_of if parameters.as_of else as_of.replace(microsecond=0)
        return cls(home, question, parameters.model_copy(update={"as_of": as_of}), site)

    @property
    def title(self) -> str:
        """Return what the question answers, in both languages."""
        return f"{self.question.zh} / {self.question.en}"

    def address(self, suffix: str) -> str:
        """Return the API's address of this answer (all lines) in a format, as of its instant if it has ``as_of``."""
        values = self.parameters.model_dump(mode="json", exclude_defaults=True, exclude=_PAGED)
        plain = {key: sorted(value) if isinstance(value, list) else value for key, value in values.items()}
        if self.question.has_as_of:
            plain["as_of"] = instant_text(self.parameters.as_of)
        return f"{self.site}/api/v1/{self.question.name}.{suffix}?{urlencode(plain, doseq=True)}"

    def metadata(self, tables: list[dict[str, object]] | None = None) -> Mapping[str, Any]:
        """Return the description of a Data Package with ``tables`` (None: one table, at the API's address for CSV)."""
        if tables is None:
            tables = [table_resource(_with_meanings(self.sheet), _CSV, self.address(_CSV))]
        kinds = [one.name for one in answer_formats().values() if one.content is not Content.PICTURE]
        return package(
            self.question.name.replace("_", "-"), tables, self.about, title=self.title,
            question={"name": self.question.name, "zh": self.question.zh, "en": self.question.en},
            known=self.knowledge, freshness=freshness_of_answer(self.home, self.parameters), citation=self.citation,
            indicators=self._indicators(),
            licence=note("licence"), formats={name: self.address(name) for name in kinds},
        )  # fmt: skip

    def _indicators(self) -> list[IndicatorLine]:
        """Return the indicators that were asked for, with meaning, unit and forms."""
        names = getattr(self.parameters, "indicator", None) or ()
        return [*map(indicator_line, measures_of([names] if isinstance(names, str) else names))]

    @property
    def citation(self) -> str:
        """Return the citation of the answer in GB/T 7714."""
        at, simulated = self.parameters.as_of, self.home.simulated
        return gbt7714_of_answer(self.title, at, self.address(_CSV), simulated=simulated)

    def write_package(self, target: Path) -> None:
        """Write rows, README and metadata (also beside it) into a zip file. Raises OSError and a question's errors."""
        folder, name = target.parent, f"{self.question.name}.{_CSV}"
        written = self.write(_CSV, folder / name)
        file = described(_with_meanings(self.sheet), _CSV, folder / name, written, name)
        metadata = self.metadata([resource(file)])
        (folder / "datapackage.json").write_text(json_of(metadata, indent=1) + "\n", encoding="utf-8")
        (folder / "README.md").write_text(self._readme(metadata, written.rows), encoding="utf-8")
        write_zip(target, {one: folder / one for one in ("README.md", name, "datapackage.json")})

    def _readme(self, metadata: Mapping[str, Any], rows: int) -> str:
        """Return the text that explains a packed answer: what was asked, how fresh it is, what is unknown."""
        lang, counts = self.parameters.lang, metadata["known"]
        known_text = say("web", lang, "answer.not_about_reports")
        if counts is not None:
            law = law_words(counts.by_law, counts.duties, lang)
            known_text = say("web", lang, "answer.known", duties=counts.duties, unknown=counts.unknown, by_law=law)
        return filled(
            f"ANSWER.{lang}.md", lang, metadata=metadata, about=metadata["nianbao"], question=self.question, rows=rows,
            asked=safe_text(str(metadata["description"])), simulated=note("simulated"), known=known_text,
            freshness=[*self._freshness_lines(metadata["freshness"], lang)],
        )  # fmt: skip

    @staticmethod
    def _freshness_lines(freshness: Freshness | None, lang: str) -> Iterator[str]:
        places = freshness.places or () if freshness else ()
        yield from (f"* {freshness_sentence(one, lang)}" for one in places[:_MAX_PLACES])
        if freshness and freshness.portals > min(len(places), _MAX_PLACES):
            yield "* " + say("web", lang, "answer.more_places", count=freshness.portals)


def freshness_sentence(one: PlaceFreshness, lang: str) -> str:
    """Return a sentence: when the lists of a place were last read to their end, and how much is not known."""
    at = instant_text(one.complete_as_of) if one.complete_as_of else say("web", lang, "overview.never")
    open_lists, open_addresses = one.lists - one.lists_complete, one.addresses - one.addresses_answered
    values = {"place": one.place, "at": at, "unknown": one.unknown, "addresses": one.addresses}
    # some portals have no lists but an address for each agency and year
    key = "answer.fresh_addresses" if one.addresses else "answer.fresh"
    return say("web", lang, key, open=open_lists, open_addresses=open_addresses, **values)


def law_words(by_law: int, duties: int, lang: str | None) -> str:
    """Return how many of some due reports are due by law, in brackets; "" if all are."""
    return say("web", lang, "answer.by_law", count=by_law) if by_law != duties else ""


def words_on_law(home: Home, portals: Collection[str], duties: int) -> str:
    """Return :func:`law_words` on the ``duties`` of some portals."""
    tallies = [one for one in count_duties(choose(home), by_year=False) if one.portal in portals]
    return law_words(known_of(tallies).by_law, duties, None)


def _with_meanings(sheet: Sheet) -> Sheet:
    """Return the table with the labels that ``columns.toml`` declares for its columns and for their words."""
    return replace(sheet, columns=tuple(map(_with_meaning, for_stata(sheet).columns)))


def _with_meaning(one: ExportColumn) -> ExportColumn:
    declared = declared_columns().get(one.name)
    return replace(declared, title=one.title) if declared and declared.kind is one.kind and not one.place else one
