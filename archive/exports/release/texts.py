"""Make the texts of a release: README in two languages, and CITATION.cff (pure functions)."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from string import Template

from archive.exports.formats.columns import About, Row
from archive.exports.formats.describing import RIGHTS, ExportedFile
from archive.exports.plain_values import instant_text
from archive.queries.words import CHINA, vocabulary, word

#: words of the README in each language
_WORDS = tomllib.loads(files("archive.exports.release").joinpath("words.toml").read_text("utf-8"))


def readme(
    lang: str,
    name: str,
    about: About,
    written: Sequence[ExportedFile],
    gaps: Sequence[Row],
    part: str,
    command: str,
    *,
    template: str = "README",
    **more: str,
) -> str:
    """Return the README of a release in ``zh`` or ``en``. ``part``: its restrictions in words; ``command``: the command
    that makes it again; ``more``: additional values for its template.
    """
    words = _WORDS[lang]
    titles = {one.path: one.sheet.zh if lang == "zh" else one.sheet.en for one in written}
    text = files("archive.exports.release").joinpath(f"{template}.{lang}.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        more,
        name=name,
        simulated=words["simulated"] if about.simulated else "",
        as_of=instant_text(about.as_of),
        software=about.software,
        reader=about.reader,
        portals=len(about.sources),
        part=part or words["everything"],
        command=command,
        files="\n".join(f"| `{one.path}` | {one.rows} | {one.size} | {titles[one.path]} |" for one in written),
        gaps=_gaps(lang, gaps),
        reasons="\n".join(f"| `{code}` | {meaning} |" for code, meaning in code_words("reason", lang)),
        forms="\n".join(f"* {form}: {source} (`forms/{form}.toml`)" for form, source in about.forms),
        licence=about.licence or words["no_licence"],
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
    lines, at = list[str](), _WORDS[lang]["at"]
    for gap, reasons in groupby(sorted(counted), key=itemgetter(0)):
        lines.append(f"* `{gap}`: {meanings[gap]}")
        for _, code in reasons:
            meaning = word("reason", code, lang) or word("outcome", code, lang) or ""
            lines.append(f"  * `{code}` {meaning}: {counted[gap, code]} ({at.format(portals[gap, code])})")
    return "\n".join(lines) or _WORDS[lang]["no_gaps"]


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
