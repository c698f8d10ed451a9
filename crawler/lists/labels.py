"""Labels on the way to reports: where they stand, to what they lead, and what they say of the reports behind. Pure."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

from archive.identity.names import is_generic, looks_like_body, words_within
from crawler.lists.page import PageOfList
from crawler.lists.words import LABELS, RULES, WALK, squeeze
from storage.records import AgencyKind

MAX_LABEL_CHARS = 40
HOME, OPENNESS, GROUP, BODY, REPORTS = "home", "openness", "group", "body", "reports"
SURE = 100  # weight of what says that it is of reports
LABEL = 60  # characters of a label that are compared; what is longer is no name of a column
_DEPARTMENT, _TOWNSHIP = words_within("department"), words_within("township")
_SAID = (  # what a label says of who publishes behind it
    ((_DEPARTMENT,), (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)),
    ((_TOWNSHIP, LABELS["townships"]), (AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT)),
    ((LABELS["governments"],), (AgencyKind.GOVERNMENT,)),
)


def rule_for(label: str, context: str) -> tuple[str, int] | None:
    """Return to what a label leads from a context, and how soon it should be followed; None if it does not matter."""
    plain = squeeze(label)
    if not 1 < len(plain) <= MAX_LABEL_CHARS:
        return None
    for rule in RULES:
        refused = rule["label"] != "bodies" and WALK["not_reports"].search(plain)
        if context in rule["from"] and WALK[rule["label"]].fullmatch(plain) and not refused:
            return rule["to"], rule["weight"]
    return None


def labels_of(page: PageOfList) -> list[tuple[str, str]]:
    """Links of a page with their labels, those of menus in scripts too."""
    found = [
        (entry.title, entry.url)
        for block in page.blocks
        for entry in block.entries
        if entry.url and (not entry.is_crumb or WALK["reports"].fullmatch(squeeze(entry.title)))
    ]
    found += [(one.text, one.url) for one in page.controls if one.kind == "choice" and one.url]
    return found + labels_in_script(page.url, page.source)


def labels_in_script(base: str, text: str) -> list[tuple[str, str]]:
    """Labels and addresses of a menu that a script holds as data or as calls of a tree."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return [
        (name, urljoin(base, url))
        for name, url in LABELS["in_script"].findall(plain) + LABELS["in_call"].findall(plain)
    ]


def label(text: str) -> str:
    """Return a printed label as it is compared: without blanks, invisible marks, ornaments and numbering; bounded."""
    plain = LABELS["ornament"].sub("", LABELS["blank"].sub("", html.unescape(text[:2_000])))
    return LABELS["ornament"].sub("", LABELS["numbered"].sub("", plain))[: LABEL + 1]


def kinds_in_label(text: str) -> tuple[AgencyKind, ...]:
    """Return the kinds of bodies that, by its label, publish in a column; () where it does not say, or names one."""
    plain = LABELS["others"].sub("", LABELS["year"].sub("", label(text)))
    if looks_like_body(LABELS["report_words"].sub("", plain)[-40:]) and not _is_many(plain):
        return ()
    return tuple(kind for words, kinds in _SAID if any(one.search(plain) for one in words) for kind in kinds)


def names_a_year(text: str) -> bool:
    """Whether a label is that of one year (2023年): another year's column will be another. 2021年及以前 is of more."""
    return latest_year(text) is not None


def reporting_year(text: str) -> int | None:
    """Return the one year of the reports behind a label that says so (2024年度, 2024年政府信息公开年报); None for a
    mere year, which may be that of publication, and for several.
    """
    return latest_year(text) if LABELS["reporting"].search(label(text)) else None


def latest_year(text: str) -> int | None:
    """Return the year of a folder (2023年, 2023年部门年报): of publication or of the reports, none of which is on a
    later one; None where a label names none, or several (2020年以来).
    """
    shown = label(text)
    years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", shown))
    return int(years.pop()) if len(years) == 1 and not LABELS["span"].search(shown) else None


def body_in_label(text: str) -> str:
    """Return the one body that a label names (县财政局政府信息公开年报); "" if none."""
    plain = LABELS["report_words"].sub("", LABELS["year"].sub("", label(text)))
    return plain if looks_like_body(plain) and not _is_many(plain) else ""


def _is_many(plain: str) -> bool:
    return is_generic(plain) or any(one.search(plain) for one in (_DEPARTMENT, _TOWNSHIP, LABELS["groups"]))
