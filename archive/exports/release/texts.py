"""What a release says of itself in words: README in two languages, and how to cite it. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Template

from archive.exports.formats.columns import About, Row
from archive.exports.formats.describing import RIGHTS, ExportedFile
from archive.exports.json_values import instant_text
from archive.queries.words import CHINA


@cache
def _template(name: str) -> Template:
    return Template(files("archive.exports.release").joinpath(name).read_text(encoding="utf-8"))


def readme(
    lang: str,
    name: str,
    about: About,
    files: Sequence[ExportedFile],
    gaps: Sequence[Row],
    part: str,
    command: str,
    *,
    template: str = "README",
    **more: str,
) -> str:
    """The README of a release in ``zh`` or ``en``. ``part``: what it is narrowed to, in words; ``command``: the one
    that makes it again; ``more``: what its template takes besides.
    """
    simulated = {
        "en": "\n**Simulated**: the portals are imitations on one machine; no agency published any of this.\n",
        "zh": "\n**模拟数据**：各门户为本机仿制，并非任何机关所公布。\n",
    }
    return _template(f"{template}.{lang}.md").substitute(
        more,
        name=name,
        simulated=simulated[lang] if about.simulated else "",
        as_of=instant_text(about.as_of),
        software=about.software,
        reader=about.reader,
        portals=len(about.sources),
        part=part or {"en": "everything", "zh": "全部"}[lang],
        command=command,
        files="\n".join(_file_line(lang, one) for one in files),
        gaps=_gaps(lang, gaps),
        forms="\n".join(f"* {form}: {source} (`forms/{form}.toml`)" for form, source in about.forms),
        licence=about.licence or {"en": "none given", "zh": "未指定"}[lang],
        rights=RIGHTS,
        day=day_of(about.as_of),
    )


def _file_line(lang: str, one: ExportedFile) -> str:
    title = one.sheet.zh if lang == "zh" else one.sheet.en
    return f"| `{one.path}` | {one.rows} | {one.size} | {title} |"


def _gaps(lang: str, gaps: Sequence[Row]) -> str:
    """The gaps by sort and reason, over all portals."""
    counted: Counter[tuple[str, str]] = Counter()
    portals: Counter[tuple[str, str]] = Counter()
    meanings: dict[str, str] = {}
    for row in gaps:
        key = (str(row["gap"]), str(row["reason"]))
        number = row["number"]
        assert isinstance(number, int)
        counted[key] += number
        portals[key] += 1
        meanings[key[0]] = str(row[f"said_{lang}"])
    lines = []
    for gap in dict.fromkeys(key[0] for key in sorted(counted)):
        lines.append(f"* `{gap}`: {meanings[gap]}")
        at = {"en": "at {} portals", "zh": "{} 个门户"}[lang]
        lines += [
            f"  * {reason}: {counted[gap, reason]} ({at.format(portals[gap, reason])})"
            for name, reason in sorted(counted)
            if name == gap
        ]
    return "\n".join(lines) or {"en": "None known.", "zh": "未知有缺漏。"}[lang]


def citation(name: str, about: About, publisher: str, part: str) -> str:
    """CITATION.cff (Citation File Format 1.2.0). ``part``: what the release is narrowed to, in words; "" of a whole."""
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
    """The day of an instant in China."""
    return at.astimezone(CHINA).date().isoformat()
