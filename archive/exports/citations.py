"""Format citations in the styles GB/T 7714-2015 and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from archive.exports.plain_values import day_of
from archive.queries.results import CitableAbsence, Citation
from archive.queries.withholding import HIDDEN

#: Braces become commands, because BibTeX counts braces even behind a backslash.
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "%": r"\%", "&": r"\&",
    "#": r"\#", "_": r"\_", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

_FINDER = "年报存档 (nianbao)"  # the author of citations of absences
_SIMULATED = "（演示数据 SIMULATED）"  # before titles from imitation portals


def gbt7714(citation: Citation, page: str = "") -> str:
    """Return a citation by GB/T 7714-2015 §8.1, electronic resource: author. title[R/OL]. (published)[accessed]. path.
    ``page``: the public address of its page in this archive, if any. "Accessed" is the day of our capture in China;
    unknown parts are left out.
    """
    published = f"({citation.published})" if citation.published else ""
    accessed = f"[{day_of(citation.record.fetched_at)}]" if citation.record else ""
    where = f" {citation.record.url}." if citation.record else ""
    dates = f" {published}{accessed}." if published or accessed else ""
    title, place = _title(citation), f"{_with_page(page, citation.address)}, SHA-256 {citation.digest}"
    return f"{citation.agency}. {title}[R/OL].{dates}{where} 存档: {place}."


def bibtex(citation: Citation, page: str = "") -> str:
    """Return a BibTeX entry; its ``year`` is that of publication, left out if the site prints no date."""
    fields = {
        "author": f"{{{_tex(citation.agency)}}}",
        "title": f"{{{_tex(_title(citation))}}}",
        "year": citation.published[:4] if citation.published else "",
        "howpublished": f"\\url{{{_url(citation.record.url)}}}" if citation.record else "",
        "urldate": day_of(citation.record.fetched_at) if citation.record else "",
        "note": f"{_tex(citation.address)}, SHA-256 {citation.digest}",
        "url": _url(page),
    }
    key = [str(citation.year), citation.edition.id.rpartition("@")[2], *([citation.cell.id] if citation.cell else [])]
    return _entry("-".join(key).replace(".", "-"), fields)


def gbt7714_of_absence(absence: CitableAbsence, page: str = "") -> str:
    """Return a GB/T 7714-2015 citation of an absence: the lists on which the report was looked for, and when. The
    author is this archive, not the agency, because the claim is ours.
    """
    lists = " ".join(dict.fromkeys(look.url for look in absence.looks))
    days = "；".join(day_of(look.started) for look in absence.looks)
    digests = ", ".join(_digests(absence))
    return (
        f"{_FINDER}. {_absence_title(absence)}[DB/OL]. ({day_of(absence.as_of)})[{day_of(absence.as_of)}]. {lists}. "
        f"查看: {days}; 存档: {_with_page(page, absence.address)}, SHA-256 {digests}."
    )


def gbt7714_of_answer(title: str, as_of: datetime, address: str, *, simulated: bool = False) -> str:
    """Return a GB/T 7714-2015 citation of an answer's rows at a time (``simulated``: the title says so)."""
    day = day_of(as_of)
    return f"{_FINDER}. {_SIMULATED if simulated else ''}{title}[DS/OL]. ({day})[{day}]. {address}."


def bibtex_of_absence(absence: CitableAbsence, page: str = "", *, chinese: bool = False) -> str:
    """Return a BibTeX entry of an absence, with its note in Chinese or English."""
    sentence, digests = _tex(absence.zh if chinese else absence.en), _digests(absence)
    fields = {
        "author": f"{{{_FINDER}}}",
        "title": f"{{{_tex(_absence_title(absence))}}}",
        "year": day_of(absence.as_of)[:4],
        "howpublished": f"\\url{{{_url(absence.looks[0].url)}}}" if absence.looks else "",
        "urldate": day_of(absence.as_of),
        "note": f"{_tex(absence.address)}; {sentence} SHA-256 {', '.join(digests)}",
        "url": _url(page),
    }
    return _entry(f"absent-{absence.year}-{digests[0][:12] if digests else 'none'}", fields)


def _entry(key: str, fields: Mapping[str, str]) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{nianbao-{key},\n{lines}}}"


def _with_page(page: str, address: str) -> str:
    """Return the permanent address, after that of the page if there is one."""
    return f"{page} ({address})" if page else address


def _absence_title(absence: CitableAbsence) -> str:
    mark = _SIMULATED if absence.simulated else ""
    return f"{mark}{absence.agency}{absence.year}年政府信息公开工作年度报告（查找未见）"


def _digests(absence: CitableAbsence) -> list[str]:
    """Return the SHA-256 of the first document of each look."""
    return [
        next((one.document for one in look.captures if one.document), "") for look in absence.looks if look.captures
    ]


def _title(citation: Citation) -> str:
    mark = _SIMULATED if citation.simulated else ""
    if citation.withheld:
        return f"{mark}{HIDDEN}{citation.year}年政府信息公开工作年度报告"
    return mark + (citation.title or f"{citation.agency}{citation.year}年政府信息公开工作年度报告")


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def _url(text: str) -> str:
    """Escape an address for BibTeX, where a brace or backslash would end the field."""
    return re.sub(r"[\\{}\s%]", lambda found: f"\\%{ord(found[0]):02X}" if found[0] != "%" else r"\%", text)
