"""Make the texts of a release: README in two languages, CITATION.cff, and the codebook.

The codebook gives the meaning of every column: as CSV with both languages, and as a printable HTML page in each.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import Template

from archive.assessment.measures import Measure, measures
from archive.assessment.scores import components
from archive.exports.formats.columns import About, ExportColumn, Row, Sheet, missing_letters, words
from archive.exports.formats.describing import DICTIONARY, RIGHTS, ExportedFile, dictionary
from archive.exports.panel_figures import CLASS, DOUBT, joined_forms
from archive.exports.plain_values import instant_text, neutral
from archive.findings import meanings_by_code
from archive.queries.bounds import data_file
from archive.queries.words import CHINA, vocabulary, word

_FOLDER = "archive.exports.release"


def _word(name: str, lang: str) -> str:
    return str(data_file("texts.toml", _FOLDER)[name][lang])


def template(name: str) -> Template:
    """Return a template of this folder."""
    return Template(files(_FOLDER).joinpath(name).read_text(encoding="utf-8"))


def readme(
    lang: str,
    name: str,
    about: About,
    written: Sequence[ExportedFile],
    gaps: Sequence[Row],
    part: str,
    command: str,
    *,
    of: str = "README",
    **more: str,
) -> str:
    """Return the README of a release in ``zh`` or ``en``. ``part``: its restrictions in words; ``command``: the command
    that makes it again; ``of``: the template, with ``more`` values for it.
    """
    titles = {one.path: one.sheet.zh if lang == "zh" else one.sheet.en for one in written}
    return template(f"{of}.{lang}.md").substitute(
        more,
        name=name,
        simulated=_word("simulated", lang) if about.simulated else "",
        as_of=instant_text(about.as_of),
        software=about.software,
        reader=about.reader,
        portals=len(about.sources),
        part=part or _word("everything", lang),
        command=command,
        files="\n".join(f"| `{one.path}` | {one.rows} | {one.size} | {titles[one.path]} |" for one in written),
        gaps=_gaps(lang, gaps),
        reasons="\n".join(f"| `{code}` | {meaning} |" for code, meaning in code_words("reason", lang)),
        forms="\n".join(f"* {form}: {source} (`forms/{form}.toml`)" for form, source in about.forms),
        licence=about.licence or _word("no_licence", lang),
        rights=RIGHTS,
        day=day_of(about.as_of),
    )


def code_words(section: str, lang: str) -> list[tuple[str, str]]:
    """Return the codes of one ``section`` of the vocabulary (``reason``, ``mark``) with their meanings."""
    sections = ((*key.split(".", 1), entry[lang]) for key, entry in vocabulary().items())
    return [(code, meaning) for name, code, meaning in sections if name == section]


def _gaps(lang: str, gaps: Sequence[Row]) -> str:
    """Return the gaps as a Markdown list by kind and reason, summed over all portals."""
    counted: Counter[tuple[str, str]] = Counter()
    portals: Counter[tuple[str, str]] = Counter()
    meanings: dict[str, str] = {}
    for row in gaps:
        key, number = (str(row["gap"]), str(row["reason"])), row["number"]
        assert isinstance(number, int)
        counted[key] += number
        portals[key] += 1
        meanings[key[0]] = str(row[f"said_{lang}"])
    lines, at = list[str](), _word("at", lang)
    for gap, reasons in groupby(sorted(counted), key=itemgetter(0)):
        lines.append(f"* `{gap}`: {meanings[gap]}")
        for _, code in reasons:
            meaning = word("reason", code, lang) or word("outcome", code, lang) or ""
            lines.append(f"  * `{code}` {meaning}: {counted[gap, code]} ({at.format(portals[gap, code])})")
    return "\n".join(lines) or _word("no_gaps", lang)


def citation(name: str, about: About, publisher: str, part: str) -> str:
    """Return CITATION.cff (Citation File Format 1.2.0). ``part``: the release's restrictions in words, "" for none."""
    title = "nianbao 政府信息公开工作年度报告数据集 (annual open-government reports of China)"
    title += f": {part}" if part else ""
    fields: Mapping[str, str] = {
        "title": f"SIMULATED: {title}" if about.simulated else title,
        "version": name,
        "date-released": day_of(about.as_of),
        **({"license": about.licence} if about.licence else {}),
    }
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this data set, cite it as below; cells are cited by their edition ids.",
        "type: dataset",
        *(f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in fields.items()),
        "authors:",
        f"  - name: {json.dumps(publisher or 'operator of the nianbao archive', ensure_ascii=False)}",
        f"abstract: {json.dumps(f'{about.software}, reader {about.reader}, as of {instant_text(about.as_of)}')}",
    ]
    return "\n".join(lines) + "\n"


def day_of(at: datetime) -> str:
    """Return the day in China at a time, in ISO form."""
    return at.astimezone(CHINA).date().isoformat()


# ---------------------------------------------------------------------------------------------- codebook


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
    findings = ((code, _text(one, lang)) for code, one in meanings_by_code().items())
    whys = ((code, texts[lang]) for code, texts in data_file("scores.toml", "archive.assessment")["why"].items())
    reasons, marks = (code_words(section, lang) for section in ("reason", "mark"))
    for title, codes in (("reasons", reasons), ("findings", findings), ("marks", marks), ("whys", whys)):
        rows = ((f"<code>{code}</code>", escape(meaning)) for code, meaning in codes)
        parts += _part(_word(title, lang), ("column", "meaning"), rows, lang)
    parts += _part(_word("scores", lang), ("column", "one", "zero", "unknown", "source"), _definitions(lang), lang)
    title = f"nianbao · {_word('title', lang)}" + (" · SIMULATED" if about.simulated else "")
    return template("codebook.html.template").substitute(lang=lang, title=title, body="\n".join(parts))


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
    sources = data_file("scores.toml", "archive.assessment")["source"]
    for one in components():
        texts = (one[value][lang] for value in ("one", "zero", "unknown"))
        sources_of_one = "; ".join(sources[name][lang] for name in one["source"])
        yield f"<code>score.{one['id']}</code><br>{escape(one[lang])}", *map(escape, texts), escape(sources_of_one)
