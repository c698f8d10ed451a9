"""The words and patterns in ``words.toml``, compiled once; and what they say of a page, a text or a label of a link: to
what kind of page it leads, which agencies and years have their reports there. Pure.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Any, NamedTuple

from archive.identity.names import is_generic, looks_like_agency, words_within
from crawler.lists.page import Entry, PageOfList
from storage.records import AgencyKind

_DATA: dict[str, Any] = tomllib.loads(resources.files("crawler.lists").joinpath("words.toml").read_text("utf-8"))

CONTROLS: dict[str, list[str]] = {kind: one for kind, one in _DATA["controls"].items() if isinstance(one, list)}
_NAMES = sorted((name for names in CONTROLS.values() for name in names), key=len, reverse=True)
_ANY_NAME = re.compile("|".join(map(re.escape, _NAMES)), re.I)
NUMBER, _IN_PAGER = (re.compile(_DATA["controls"][name], re.I) for name in ("number", "in_pager"))
NEXT_CLASS = re.compile(_DATA["controls"]["next_class"], re.I)
DISABLED = re.compile(_DATA["controls"]["disabled"], re.I)
TOTALS = tuple(re.compile(one) for one in _DATA["visible"]["total"])
PAGES = tuple(re.compile(one) for one in _DATA["visible"]["pages"])
EMPTY = re.compile(_DATA["visible"]["empty"])
SCRIPT: dict[str, Any] = _DATA["script"]
_ROWS = _DATA["rows"]
TITLE_KEYS, URL_KEYS, DATE_KEYS = (tuple(_ROWS[name]) for name in ("title_keys", "url_keys", "date_keys"))
_HEADS, DATED = (re.compile(_ROWS[name]) for name in ("heads", "dated"))
SAYS_NOTHING = re.compile(_ROWS["says_nothing"].replace("{to_view}", _ROWS["to_view"]), re.I)
TO_VIEW = re.compile(rf"(?:{_ROWS['to_view']})\s*$")
ADDRESSED: dict[str, Any] = _DATA["addressed"]
SEARCH: dict[str, Any] = _DATA["search"]
CHOICE, WHOLE, NO_CHOICE = (re.compile(_DATA["choices"][name]) for name in ("text", "whole", "never"))
REASONS: dict[str, str] = _DATA["reasons"]
RULES: list[dict[str, Any]] = _DATA["rules"]["rows"]
WALK, LABELS = ({name: re.compile(one) for name, one in _DATA[table].items()} for table in ("walk", "labels"))
MERE_YEAR = re.compile(r"(?:19|20)\d\d年?度?")
DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年∕]\s?(\d{1,2})\s?[-/.月∕]\s?(\d{1,2})(?:日|(?!\d))")
DAY_BEFORE_YEAR = re.compile(r"(?<!\d)(\d{1,2}[-/.]\d{1,2})\s*((?:19|20)\d\d)(?!\d|年)")
MAX_LABEL_CHARS = 40
HOME, OPENNESS, GROUP, AGENCY, REPORTS = "home", "openness", "group", "agency", "reports"
UNNAMED = "unnamed"  # a list of reports that is known by its entries only, as no label has led to it
SURE = 100  # weight of a label that names annual reports
LEAST_IN_MENU = 3  # so many agencies make a list of links a menu of agencies
LABEL = 60  # characters of a label that are compared; longer ones are no names of columns
_DEPARTMENT, _TOWNSHIP = words_within("department"), words_within("township")
_KINDS_BY_WORDS = (  # patterns in a label, and the kinds of agencies that publish in such a column
    ((_DEPARTMENT,), (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)),
    ((_TOWNSHIP, LABELS["townships"]), (AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT)),
    ((LABELS["governments"],), (AgencyKind.GOVERNMENT,)),
)


def squeeze(text: str | None) -> str:
    """Return a text without any blanks."""
    return "".join((text or "").replace("\ufeff", "").split())


def is_furniture(text: str) -> bool:
    """Whether the text of a row is no entry's: the head of a table, 暂无数据, or a whole pager, which has names of
    controls or sizes of the list, with numbers beside them.
    """
    if _HEADS.fullmatch(text) or EMPTY.search(text):
        return True
    rest = text
    for pattern in (*PAGES, *TOTALS, _ANY_NAME):
        rest = pattern.sub(" ", rest)
    return rest != text and not squeeze(_IN_PAGER.sub(" ", NUMBER.sub(" ", rest)))


def find_date(text: str) -> str:
    """Return the first printed date of a text as ISO, or "" if it has none."""
    match = DATE.search(text) or DATE.search(DAY_BEFORE_YEAR.sub(r"\2-\1", text))
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return ""
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"


def is_scripted(page: PageOfList) -> bool:
    """Whether scripts make a list on a page, so that the plain answer may lack entries."""
    source = page.source.lower()
    return any(mark in source for mark in SCRIPT["made"])


# ------------------------------------------------------------------------------------------------ labels of links


def plain_label(text: str) -> str:
    """Return a printed label without blanks, invisible marks, ornaments (选择其他公开单位>>) and numbering, and cut."""
    plain = LABELS["ornament"].sub("", LABELS["blank"].sub("", html.unescape(text[:2_000])))
    return LABELS["ornament"].sub("", LABELS["numbered"].sub("", plain))[: LABEL + 1]


class LinkRule(NamedTuple):
    """To what kind of page (HOME, OPENNESS, GROUP …) a label leads; pages of the highest weight are visited first."""

    page_kind: str
    weight: int


def rule_for(text: str, page_kind: str) -> LinkRule | None:
    """Return the rule for a label on a page of ``page_kind``; None if there is none."""
    plain = plain_label(text)
    if not 1 < len(plain) <= MAX_LABEL_CHARS:
        return None
    for rule in RULES:
        refused = rule["label"] != "agencies" and WALK["not_reports"].search(plain)
        if page_kind in rule["from"] and WALK[rule["label"]].fullmatch(plain) and not refused:
            return LinkRule(rule["to"], rule["weight"])
    return None


def leads_to_reports(text: str) -> bool:
    """Whether a label, on a page about open government, leads to a column of annual reports."""
    rule = rule_for(text, OPENNESS)
    return rule is not None and rule.page_kind == REPORTS


def labels_of(page: PageOfList) -> list[tuple[str, str]]:
    """Return the labels and addresses of a page's links (of the path to it only reports) and choices."""
    labels = [  # of the path to the page (当前位置) only what names reports: the rest leads back
        (_with_heading(entry), entry.url)
        for block in page.blocks
        for entry in block.entries
        if entry.url and (not entry.is_crumb or WALK["reports"].fullmatch(squeeze(entry.title)))
    ]
    return labels + [(one.text, one.url) for one in page.controls if one.kind == "choice" and one.url]


def in_menus(page: PageOfList, names: Sequence[str], least: int, *, of_half: bool) -> set[str]:
    """Return the addresses in lists of links of which ``least``, and with ``of_half`` half, have a label of one of the
    ``names`` of [walk]: the others may lead to the like, whatever they are called (台创园 among the units of
    www.jsxishan.gov.cn).
    """
    found = set[str]()
    for block in page.blocks:
        links = {one.url: plain_label(one.title) for one in block.entries if one.url and not one.date}
        known = sum(any(WALK[name].fullmatch(label) for name in names) for label in links.values())
        found |= links.keys() if known >= least and (known * 2 >= len(links) or not of_half) else set()
    return found


def _with_heading(entry: Entry) -> str:
    """Return the label of a link, behind the heading above it if that names reports (县直单位政府信息公开年报)."""
    title, heading = squeeze(entry.title), squeeze(entry.group)
    is_part = WALK["years"].fullmatch(title) or WALK["groups"].fullmatch(title)
    return title + heading if is_part and WALK["reports"].fullmatch(heading) else entry.title


def kinds_in_label(text: str) -> tuple[AgencyKind, ...]:
    """Return the kinds of agencies that a column's label names; () if it names none, or a single agency."""
    plain = LABELS["others"].sub("", LABELS["year"].sub("", plain_label(text)))
    if looks_like_agency(LABELS["report_words"].sub("", plain)[-40:]) and not _is_many(plain):
        return ()
    return tuple(kind for words, kinds in _KINDS_BY_WORDS if any(one.search(plain) for one in words) for kind in kinds)


def reporting_year(text: str) -> int | None:
    """Return the reporting year that a label names (2024年度, 2024年政府信息公开年报); None for a mere year, which may
    be that of publication, and for several years.
    """
    return latest_year(text) if LABELS["reporting"].search(plain_label(text)) else None


def latest_year(text: str) -> int | None:
    """Return the one year in a label (2023年, 2023年部门年报); None if there is none, or several (2020年以来). It may
    be that of publication or of the reports; in both cases no report there is on a later year.
    """
    plain = plain_label(text)
    years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", plain))
    return int(years.pop()) if len(years) == 1 and not LABELS["span"].search(plain) else None


def year_above(heading: str, trail: Sequence[str]) -> str:
    """Return the year in the heading over a row, else in the last two labels of the trail, as ``2024年>``; "" for none.
    It is ``2024年度>`` if it is that of the reports (2024年政府信息公开年报); a mere year may be that of publication.
    """
    above = (one for one in reversed(trail[-2:]) if MERE_YEAR.fullmatch(one) or reporting_year(one))
    label = next((one for one in (heading, *above) if MERE_YEAR.search(one)), "")
    return f"{MERE_YEAR.findall(label)[0][:4]}{'年度' if reporting_year(label) else '年'}>" if label else ""


def agency_in_label(text: str) -> str:
    """Return the one agency that a label names (县财政局政府信息公开年报); "" if it names none, or several."""
    plain = LABELS["report_words"].sub("", LABELS["year"].sub("", plain_label(text)))
    return plain if looks_like_agency(plain) and not _is_many(plain) else ""


def names_column(text: str) -> bool:
    """Whether a text only names a column of reports: 政府信息公开年报, 部门信息公开年报; no year and no one agency."""
    plain = squeeze(text)
    is_general = CHOICE.fullmatch(plain) or not LABELS["report_words"].sub("", plain)
    return bool(is_general) and not any(map(str.isdigit, plain))


def _is_many(plain: str) -> bool:
    return is_generic(plain) or any(one.search(plain) for one in (_DEPARTMENT, _TOWNSHIP, LABELS["groups"]))
