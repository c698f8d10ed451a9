"""Find the government, or its office, that is the subject of a report's first sentence (2024年,番禺区人民政府…).

Every report speaks of governments and their offices, so that one named somewhere is nobody's. With whose work the
first sentence of the first section begins, that one's report it is, where nothing else names a body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.forms.spelling import simplify
from archive.identity.divisions import is_zone
from archive.identity.evidence import claims, is_publisher_of_all, is_real, title_of
from archive.identity.naming import complete, kind_of
from archive.parser.contact_lines import ACTING
from storage.records import AgencyKind, IdentityEvidence, Section

_BEGINS = re.compile(
    r"20\d\d年(?:度|来|以来)?,?(?P<who>[\u4e00-\u9fff]{2,24}?"
    rf"(?:人民政府(?:办公[室厅])?|管委会|管理委员会|[省市县区旗州盟]))(?={ACTING})"
)
_SENTENCE = 80  # characters in which it stands
_OTHERS = re.compile("本(?:局|院|镇|乡|街|站|处|校|馆)")
_LEVELS = frozenset("省市县区旗州盟")


def first_subject(evidence: IdentityEvidence, parts: Sequence[Section], contacts: Sequence[str]) -> str:
    """Return the full name of the body with which the text begins; "" where it begins otherwise, calls itself or names
    another body, or the title or page does. ``contacts``: whom the text says to ask: a bureau's report may begin
    with its city's work.
    """
    overview = next((part.text for part in parts if part.key == "overview"), "")
    begins = _BEGINS.match(simplify(overview[:_SENTENCE])) if overview else None
    if begins is None or _OTHERS.search(overview):
        return ""
    name = complete(begins["who"])
    if not name.county or not is_real(name.county) or name.township or not (is_publisher_of_all(name)):
        return ""
    own = {called[1] for called in evidence.running if called.startswith("我")}
    office = kind_of(name) is AgencyKind.OFFICE
    if own - (frozenset("办") if office else frozenset({*_LEVELS, *("委" if is_zone(name.county) else "")})):
        return ""
    others = (complete(text) for text in (*contacts, *evidence.running) if not text.startswith("我"))
    if any(one.text and not is_publisher_of_all(one) for one in others) or claims(evidence, *title_of(evidence), None):
        return ""
    return name.text
