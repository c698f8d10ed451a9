"""Find the body that a text gives as contact for its report (请与汶上县水利局联系), and whether it is the author.

Reports of governments name the office or bureau that compiled them, so that whom to ask is whose it is only where
no other is named, and where the text does not speak as somebody else; it contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archive.identity.evidence import agree, is_publisher_of_all
from archive.identity.inner_offices import is_inner
from archive.identity.naming import Name, complete, has_level, kind_of, looks_like_body
from archive.identity.titles import judge
from archive.parser.mentioned_bodies import texts_on_the_work
from archive.parser.named_bodies import BODY, OPENING, reporters
from storage.records import AgencyKind, Section

_WORDS = ("联系", "致电", "咨询", "反映")
_REACHED = "[(（](?:办公|联系|通讯|通信|电子|咨询|邮政|具体|受理)?(?:地址|电话|邮编|邮箱|编码|方式|传真|人)"
_ASKED = re.compile(
    rf"(?:与|向|致电|联系)(?P<with>{BODY}?)(?:联系|咨询|反映|{_REACHED})"
    rf"|(?:请(?:直接|及时)?(?:联系|致电|咨询|拨打)|联系(?:单位|部门|机构|机关)[:：])(?P<body>{BODY})(?=[，。,；;]|$)",
    re.MULTILINE,
)
_BELOW_A_BUREAU = re.compile("(?<=[\u4e00-\u9fff]{2}局)[\u4e00-\u9fff]{2,12}(?P<kind>处|中心)$")
_SELF = re.compile("我(.)")
_LEVELS = frozenset("省市县区旗州盟")
#: How the work of a year is told, behind whose it is.
ACTING = "坚持|认真|深入|严格|按照|高度|积极|全面|始终|切实|紧紧|持续|聚焦|围绕|贯彻|落实|不断|扎实|立足"
_AREA = re.compile(rf"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{{2,12}}[省市县区旗州盟])(?:人民政府)?(?={ACTING})")


def contact_bodies(beginning: str) -> list[str]:
    """The bodies that a text says to ask; an office that may be any body's (党政综合办) is none."""
    if not any([word in beginning for word in _WORDS]):  # noqa: C419 — a generator costs twice as much
        return []
    found = (_outer(match["with"] or match["body"], beginning) for match in _ASKED.finditer(beginning[:OPENING]))
    return list(dict.fromkeys(reporters(one for one in found if not is_inner(one))))


def _outer(name: str, text: str) -> str:
    """A name without the 处 or 中心 of a bureau that it ends with, unless the text speaks as one (我处)."""
    found = _BELOW_A_BUREAU.search(name)
    return name if found is None or any(f"{we}{found['kind']}" in text for we in "我本") else name[: found.start()]


def contact_body(
    contacts: Sequence[str], named: Sequence[str], running: Sequence[str], parts: Sequence[Section]
) -> Iterator[str]:
    """Yield the body that the text gives as contact, where it must be the author. ``named``: titles and statements;
    ``running``: the bodies of which the text speaks, and what it calls its own (我局).
    """
    bodies = [complete(one) for one in contacts]
    if not bodies or not all(agree(bodies[0], one) for one in bodies[1:]):
        return
    body = max(bodies, key=lambda one: one.complete)
    others = [complete(judge(text).agency or (text if looks_like_body(text) else "")) for text in named]
    others = [one for one in others if one.text]
    if not all(agree(one, body) for one in others) or (not body.complete and any(one.county for one in others)):
        return
    subjects = [one for text in running if not text.startswith("我") and (one := complete(text)).county]
    if not all(agree(one, body) for one in subjects if not is_publisher_of_all(one)):
        return
    own = [match[1] for text in running if (match := _SELF.fullmatch(text))]
    if own and not _LEVELS.intersection(own):
        if all(one in body.township + body.local for one in own):
            yield body.text
        return
    whole = bool(own) or _speaks_of_its_area(body, parts)
    if kind_of(body) is AgencyKind.GOVERNMENT or not (whole or is_publisher_of_all(body)):
        yield body.text
    elif whole and is_publisher_of_all(body) and body.county:
        yield complete(body.county).text


def _speaks_of_its_area(body: Name, parts: Sequence[Section]) -> bool:
    """Whether the text's sentences are on what the place or the government of a body did (2020年,武汉市坚持…)."""
    areas = {match[1] for text in texts_on_the_work(parts) for match in _AREA.finditer(text)}
    if body.county:
        return any(area.endswith(body.county) for area in areas)
    return has_level(body.text) and any(area.endswith(body.text[0]) for area in areas)
