"""Fill the templates of a release: README in two languages, citation, metadata for catalogues, and the codebook.

The codebook gives the meaning of every column: as CSV with both languages, and as a printable HTML page in each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from archive.assessment.measures import Measure, measures
from archive.assessment.scores import components, sources
from archive.exports.formats.columns import About, ExportColumn, Sheet, missing_letters, words
from archive.exports.formats.describing import DICTIONARY, RIGHTS, dictionary, stata_name
from archive.exports.panel_figures import DOUBT, HOW_JOINED, joined_forms
from archive.exports.plain_values import day_of, instant_text, json_text
from archive.exports.report_rows import gap_meanings
from archive.exports.writing import write_csv
from archive.findings import meanings_by_code
from archive.queries.bounds import data_file
from archive.queries.words import vocabulary, word

_FOLDER = "archive.exports.release"
_SPDX = re.compile(r"CC0-1\.0|CC-BY(?:-NC)?(?:-SA|-ND)?-[1-4]\.0|ODbL-1\.0|ODC-By-1\.0|PDDL-1\.0|MIT|Apache-2\.0")


def filled(template: str, lang: str = "en", **values: object) -> str:
    """Return the text of a template of this folder; in it ``t(name)`` is a text of ``texts.toml`` in ``lang``."""
    return _templates().get_template(template).render(lang=lang, t=partial(_text, lang), **values)


def _text(lang: str, name: str) -> str:
    return str(data_file("texts.toml", _FOLDER)[name][lang])


@cache
def _templates() -> Environment:
    """Return the templates of texts in a release, with the functions and filters that they may use."""
    environment = Environment(
        loader=PackageLoader(_FOLDER, ""), autoescape=select_autoescape(["html.template"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"json": json_text, "instant": instant_text, "day": day_of}
    environment.filters |= {"column_groups": column_groups, "comparability": comparability, "crossings": crossings}
    environment.filters |= {"licence_address": licence_address}
    environment.globals |= {"rights": RIGHTS, "word": word, "code_words": code_words, "text": _text}
    environment.globals |= {"gap_meanings": gap_meanings, "gap_totals": gap_totals}
    environment.globals |= {"stata_name": stata_name}
    environment.globals["stata_code"] = lambda name, word: next(one.number for one in words(name) if one.word == word)
    return environment


def licence_address(licence: str) -> str:
    """Return the address of a licence for data that SPDX lists (``CC-BY-4.0``); of others what was given."""
    return f"https://spdx.org/licenses/{licence}" if _SPDX.fullmatch(licence) else licence


def code_words(section: str, lang: str) -> list[tuple[str, str]]:
    """Return the codes of one ``section`` of the vocabulary (``reason``, ``mark``) with their meanings."""
    sections = ((*key.split(".", 1), entry[lang]) for key, entry in vocabulary().items())
    return [(code, meaning) for name, code, meaning in sections if name == section]


def gap_totals(gaps: Iterable[Mapping[str, Any]]) -> Mapping[str, Sequence[tuple[str, int, int]]]:
    """Return by kind of gap its reasons, each with how much is unknown and at how many portals; ``gaps``: its rows."""
    numbers, portals = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in gaps:
        numbers[row["gap"], row["reason"]] += row["number"]
        portals[row["gap"], row["reason"]] += 1
    totals: dict[str, list[tuple[str, int, int]]] = {}
    for (gap, reason), number in sorted(numbers.items()):
        totals.setdefault(gap, []).append((reason, number, portals[gap, reason]))
    return totals


# ---------------------------------------------------------------------------------------------- codebook


class ColumnGroup(NamedTuple):
    """The columns of one indicator in a table, or one other column; ``entry``: the first of them in the dictionary."""

    measure: Measure | None
    columns: Sequence[ExportColumn]
    entry: Mapping[str, str]


def column_groups(sheet: Sheet) -> Iterator[ColumnGroup]:
    """Yield the columns of a table, those of one indicator together."""
    pairs = zip(sheet.columns, dictionary(sheet), strict=True)
    for _, some in groupby(pairs, key=lambda pair: _measure(pair[0]) or pair[0]):
        together = [*some]
        first_column, meaning = together[0]
        yield ColumnGroup(_measure(first_column), [column for column, _ in together], meaning)


def _measure(column: ExportColumn) -> Measure | None:
    return measures().get(column.name.removesuffix(DOUBT).removesuffix(HOW_JOINED).removesuffix(".state"))


def comparability(measure: Measure) -> str:
    """Return how an indicator compares across forms: ``own`` (printed so), ``sum`` (derived), ``same`` or ``near``
    (joined with a form that counts the same, or nearly so).
    """
    joined = joined_forms(measure.id).values()
    return next((how for how in ("near", "same") if how in joined), "sum" if measure.derived else "own")


def crossings(measure: Measure, lang: str) -> str:
    """Return what the crosswalk says about an indicator and those of other forms, with sources; "" without entries."""
    return " ".join(
        f"{_text(lang, one.kind.value)} ({one.id} ~ {one.form} {'+'.join(one.places)}): "
        f"{one.zh if lang == 'zh' else one.en} [{one.source}]"
        for one in measure.crossings
    )


def _compared(column: ExportColumn) -> tuple[str, str, str]:
    """Return how a column compares across forms, and what the crosswalk says about it in Chinese and in English."""
    measure = _measure(column)
    return (comparability(measure), crossings(measure, "zh"), crossings(measure, "en")) if measure else ("", "", "")


def write_codebook(sheets: Sequence[Sheet], about: About, folder: Path) -> None:
    """Write ``codebook.csv``, ``codebook.en.html`` and ``codebook.zh.html`` to a folder."""
    names = (*DICTIONARY, "comparability", "comparability_zh", "comparability_en")
    pairs = (pair for sheet in sheets for pair in zip(sheet.columns, dictionary(sheet), strict=True))
    write_csv(folder / "codebook.csv", names, ((*row.values(), *_compared(column)) for column, row in pairs))
    definitions = data_file("scores.toml", "archive.assessment")
    for lang in ("en", "zh"):
        codes = {
            "reasons": code_words("reason", lang),
            "findings": [(code, getattr(one, lang)) for code, one in meanings_by_code().items()],
            "marks": code_words("mark", lang),
            "whys": [(code, texts[lang]) for code, texts in definitions["why"].items()],
        }
        page = filled(
            "codebook.html.template", lang, sheets=sheets, about=about, states=words("state"), codes=codes,
            letters=missing_letters(), components=components(), sources=sources(),
        )  # fmt: skip
        (folder / f"codebook.{lang}.html").write_text(page, encoding="utf-8")
