"""Labels of links on the way to reports: where they stand on a page or in its scripts, and to what they lead. Pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from crawler.lists.page import Page
from crawler.lists.words import WALK, squeeze

MAX_LABEL_CHARS = 40
HOME, OPENNESS, GROUP, BODY, REPORTS = "home", "openness", "group", "body", "reports"
SURE = 100  # weight of what says that it is of reports
# which labels lead on from where, to what, and how much sooner than others
_RULES: tuple[tuple[str, frozenset[str], str, int], ...] = (
    ("reports", frozenset((HOME, OPENNESS, GROUP, BODY, REPORTS)), REPORTS, SURE),
    ("years", frozenset((REPORTS,)), REPORTS, 84),
    ("groups", frozenset((REPORTS,)), REPORTS, 82),
    ("bodies", frozenset((REPORTS,)), REPORTS, 76),
    ("openness", frozenset((HOME, OPENNESS, GROUP, BODY)), OPENNESS, 66),
    ("groups", frozenset((HOME, OPENNESS, GROUP)), GROUP, 56),
    ("bodies", frozenset((OPENNESS, GROUP)), BODY, 48),
    ("maps", frozenset((HOME,)), HOME, 30),
)
_IN_SCRIPT = re.compile(
    r"[\"']?(?:name|title|text|label)[\"']?\s*:\s*[\"']([^\"']{2,40})[\"'][^{}]{0,200}?"
    r"[\"']?(?:url|href|link|path)[\"']?\s*:\s*[\"']([^\"'\s]{1,200})[\"']"
)
_IN_CALL = re.compile(
    r"[\"']([^\"'<>\n]{2,40})[\"']\s*,\s*[\"']([\w./-]{1,80}\.(?:s?html?|jspx?|do|aspx?|php)[^\"'\s]{0,80})[\"']"
)


def rule_for(label: str, context: str) -> tuple[str, int] | None:
    """Return to what a label leads from a context, and how soon it should be followed; None if it does not matter."""
    plain = squeeze(label)
    if not 1 < len(plain) <= MAX_LABEL_CHARS:
        return None
    for name, contexts, leads, weight in _RULES:
        refused = name != "bodies" and WALK["not_reports"].search(plain)
        if context in contexts and WALK[name].fullmatch(plain) and not refused:
            return leads, weight
    return None


def labels_of(page: Page) -> list[tuple[str, str]]:
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
    return [(name, urljoin(base, url)) for name, url in (*_IN_SCRIPT.findall(plain), *_IN_CALL.findall(plain))]
