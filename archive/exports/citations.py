"""A citation as GB/T 7714-2015 and as BibTeX write it."""

from __future__ import annotations

import re
from datetime import datetime

from archive.queries.results import Absence, Citation
from archive.queries.words import CHINA

#: BibTeX counts braces even behind a backslash.
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "%": r"\%", "&": r"\&",
    "#": r"\#", "_": r"\_", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

_FINDER = "年报存档 (nianbao)"  # who says that a report was not found


def gbt7714(found: Citation) -> str:
    """GB/T 7714-2015 §8.1, electronic resource: author. title[R/OL]. (published)[accessed]. access path.

    "Accessed" is the day of our capture in China; what is not known is left out.
    """
    published = f"({found.published})" if found.published else ""
    accessed = f"[{_day(found.record.fetched_at)}]" if found.record else ""
    where = f" {found.record.url}." if found.record else ""
    dates = f" {published}{accessed}." if published or accessed else ""
    return f"{found.agency}. {_title(found)}[R/OL].{dates}{where} 存档: {found.address}, SHA-256 {found.digest}."


def bibtex(found: Citation) -> str:
    """A BibTeX entry; ``year`` is that of publication, and left out where the site declares no date."""
    fields = {
        "author": f"{{{_tex(found.agency)}}}",
        "title": f"{{{_tex(_title(found))}}}",
        "year": found.published[:4] if found.published else "",
        "howpublished": f"\\url{{{_url(found.record.url)}}}" if found.record else "",
        "urldate": _day(found.record.fetched_at) if found.record else "",
        "note": f"{_tex(found.address)}, SHA-256 {found.digest}",
    }
    key = f"nianbao-{found.year}-{found.edition.id.rpartition('@')[2].replace('.', '-')}"
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}"


def gbt7714_of_absence(found: Absence) -> str:
    """GB/T 7714-2015 for what is not there: the list on which it was looked for, and when. The finding is ours, so
    its author is this archive and no agency.
    """
    lists = " ".join(dict.fromkeys(look.url for look in found.looks))
    days = "][".join(_day(look.started) for look in found.looks)
    digests = ", ".join(_digests(found))
    return (
        f"{_FINDER}. {_absence_title(found)}[DB/OL]. ({_day(found.as_of)})[{days}]. {lists}. "
        f"存档: {found.address}, SHA-256 {digests}."
    )


def bibtex_of_absence(found: Absence, *, chinese: bool = False) -> str:
    """A BibTeX entry for the list on which a report was looked for; its note in Chinese or English."""
    told = _tex(found.zh if chinese else found.en)
    fields = {
        "author": f"{{{_FINDER}}}",
        "title": f"{{{_tex(_absence_title(found))}}}",
        "year": _day(found.as_of)[:4],
        "howpublished": f"\\url{{{_url(found.looks[0].url)}}}" if found.looks else "",
        "urldate": _day(found.as_of),
        "note": f"{_tex(found.address)}; {told} SHA-256 {', '.join(_digests(found))}",
    }
    digests = _digests(found)
    key = f"nianbao-absent-{found.year}-{digests[0][:12] if digests else 'none'}"
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}"


def _absence_title(found: Absence) -> str:
    return f"{found.agency}{found.year}年政府信息公开工作年度报告（查找未见）"


def _digests(found: Absence) -> list[str]:
    """The SHA-256 of the first page of each look."""
    return [next((one.document for one in look.captures if one.document), "") for look in found.looks if look.captures]


def _title(found: Citation) -> str:
    if found.withheld:
        return f"（已隐藏）{found.year}年政府信息公开工作年度报告"
    return found.title or f"{found.agency}{found.year}年政府信息公开工作年度报告"


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).date().isoformat()


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def _url(text: str) -> str:
    """An address as BibTeX may hold it: a brace or backslash would end the field."""
    return re.sub(r"[\\{}\s%]", lambda found: f"\\%{ord(found[0]):02X}" if found[0] != "%" else r"\%", text)
