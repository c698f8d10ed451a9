"""Write the codebook of a release: the meaning of every column, from the definitions of columns and indicators.

It is written as CSV with both languages side by side, and as a printable HTML page in each language.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from string import Template

from archive.assessment.data_files import data_file
from archive.assessment.measures import Measure, measures
from archive.assessment.scores import components
from archive.exports.formats.columns import About, ExportColumn, Sheet, missing_letters, words
from archive.exports.formats.describing import DICTIONARY, dictionary
from archive.exports.panel_figures import CLASS, DOUBT, joined_forms
from archive.exports.plain_values import instant_text, neutral
from archive.exports.release.texts import code_words
from archive.findings import meanings_by_code

_PAGE = Template("""<!doctype html>
<html lang="$lang"><head><meta charset="utf-8"><title>$title</title><style>
body { font: 10pt/1.4 sans-serif; margin: 2em auto; max-width: 60em; color: #111; background: #fff }
table { border-collapse: collapse; width: 100%; margin: 1em 0 } thead { display: table-header-group }
th, td { border-bottom: 1px solid #bbb; padding: .3em .5em; text-align: left; vertical-align: top }
tr { break-inside: avoid } code { font-size: 9pt; overflow-wrap: anywhere }
@page { size: A4; margin: 15mm }
</style></head><body><h1>$title</h1>
$body
</body></html>
""")


@cache
def _word(name: str, lang: str) -> str:
    text = files("archive.exports.release").joinpath("codebook.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)[name][lang])


def comparability(measure: Measure | None) -> str:
    """Return how an indicator compares across forms: ``own`` (printed so), ``sum`` (derived), ``same`` or ``near``
    (joined with a form that counts the same, or nearly so); "" for a column without an indicator.
    """
    if measure is None:
        return ""
    joined = joined_forms(measure.id).values()
    return next((how for how in ("near", "same") if how in joined), "sum" if measure.derived else "own")


def _measure(column: ExportColumn) -> Measure | None:
    return measures().get(column.name.removesuffix(DOUBT).removesuffix(CLASS).removesuffix(".state"))


def write_codebook(sheets: Sequence[Sheet], about: About, folder: Path) -> None:
    """Write ``codebook.csv``, ``codebook.en.html`` and ``codebook.zh.html`` to a folder."""
    with (folder / "codebook.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((*DICTIONARY, "comparability", "comparability_zh", "comparability_en"))
        for sheet in sheets:
            for column, row in zip(sheet.columns, dictionary(sheet), strict=True):
                measure = _measure(column)
                more = (comparability(measure), *(_crossings(measure, lang) for lang in ("zh", "en")))
                writer.writerow([neutral(text) for text in (*(row[name] for name in DICTIONARY), *more)])
    for lang in ("en", "zh"):
        (folder / f"codebook.{lang}.html").write_text(_page(sheets, about, lang), encoding="utf-8")


def _crossings(measure: Measure | None, lang: str) -> str:
    """Return what the crosswalk says about an indicator on other forms, with sources; "" without entries."""
    own = measure.crossings if measure else ()
    return " ".join(
        f"{_word(one.kind.value, lang)} ({one.form} {'+'.join(one.places)}): {one.zh if lang == 'zh' else one.en}"
        f" [{one.source}]"
        for one in own
    )


def _page(sheets: Sequence[Sheet], about: About, lang: str) -> str:
    parts = [f"<p>{_word('as_of', lang)} {instant_text(about.as_of)} · {escape(about.software)}</p>"]
    for sheet in sheets:
        parts += _part(
            f"{sheet.name}: {_text(sheet, lang)}", ("column", "meaning", "compared"), _rows(sheet, lang), lang
        )
    states = ((f"<code>{one.word}</code>", escape(_text(one, lang)), _letter(one.word)) for one in words("state"))
    parts += _part(_word("states", lang), ("column", "meaning", "stata"), states, lang)
    parts += _part(_word("reasons", lang), ("column", "meaning"), iter(code_words("reason", lang)), lang)
    findings = ((code, _text(one, lang)) for code, one in meanings_by_code().items())
    whys = ((code, texts[lang]) for code, texts in data_file("scores.toml")["why"].items())
    for title, codes in (("findings", findings), ("marks", code_words("mark", lang)), ("whys", whys)):
        rows = ((f"<code>{code}</code>", escape(meaning)) for code, meaning in codes)
        parts += _part(_word(title, lang), ("column", "meaning"), rows, lang)
    parts += _part(_word("scores", lang), ("column", "one", "zero", "unknown", "source"), _definitions(lang), lang)
    title = f"nianbao · {_word('title', lang)}" + (" · SIMULATED" if about.simulated else "")
    return _PAGE.substitute(lang=lang, title=title, body="\n".join(parts))


def _letter(state: str) -> str:
    return f".{missing_letters()[state]}" if state in missing_letters() else ""


def _text(one: object, lang: str) -> str:
    return str(getattr(one, lang))


def _part(title: str, heads: Sequence[str], rows: Iterator[Sequence[str]], lang: str) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2><table><thead><tr>"
    yield "".join(f"<th>{_word(one, lang)}</th>" for one in heads) + "</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"


def _rows(sheet: Sheet, lang: str) -> Iterator[Sequence[str]]:
    """Yield the rows of a table in the codebook, as HTML: one for each column, or for all columns of an indicator."""
    by_measure = groupby(
        zip(sheet.columns, dictionary(sheet), strict=True), key=lambda pair: _measure(pair[0]) or pair[0]
    )
    for _, pairs in by_measure:
        own = [*pairs]
        column, entry = own[0]
        measure = _measure(column)
        names = "<br>".join(f"<code>{escape(one.heading)}</code>" for one, _ in own)
        unit = f" ({column.unit})" if column.unit else ""
        listed = "" if measure or not column.words else "<br>" + escape(_words_of(column, lang))
        how = comparability(measure)
        compared = f"{_word(how, lang)} · {' '.join(column.forms)}. {_crossings(measure, lang)}" if how else ""
        about_column = f"{escape(_text(column, lang) + unit)}<br>{entry['type']} · <code>{entry['stata_name']}</code>"
        yield names, about_column + listed, escape(compared)


def _words_of(column: ExportColumn, lang: str) -> str:
    return "; ".join(f"{one.number} {one.word}: {_text(one, lang)}" for one in column.words)


def _definitions(lang: str) -> Iterator[Sequence[str]]:
    sources = data_file("scores.toml")["source"]
    for one in components():
        texts = (one[value][lang] for value in ("one", "zero", "unknown"))
        sources_of_one = "; ".join(sources[name][lang] for name in one["source"])
        yield f"<code>score.{one['id']}</code><br>{escape(one[lang])}", *map(escape, texts), escape(sources_of_one)
