"""Find the bodies that a text's sentences speak of: the subjects of its clauses, and those named as its author."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from archive.forms.spelling import simplify
from archive.identity import names
from archive.identity.division_lists import has_no_counties, longest_listed
from archive.identity.divisions import is_township, split
from archive.identity.inner_offices import without_office
from archive.identity.text import squeeze
from archive.identity.titles import judge
from storage.records import Section

_MOST = 12
_TEXT = 20_000  # characters of a section that are looked at
# Signs that an ending may begin with are looked for first: twice as fast.
_RUNNING = re.compile(
    r"(?<![\u4e00-\u9fff])(?>(?:(?<=\d)年度?)?)([\u4e00-\u9fff]{2,26}?(?=[局委办厅人管中署县市区旗供镇乡街研])(?:局|委员会|办公室|(?<!大)(?<!办公)厅|人民政府|办事处|管委会|中心|(?<![部签连公官])署|[县区市旗]委|(?<=卫健|卫计|发改|住建|经信|国资|民宗)委|(?<=政府)研究室|供销社|供销合作(?:联合?)?社(?:联合社)?|镇|乡|街道))"
    r"(?=(?:[(（]以下?简?称[^()（）]{1,14}[)）])?(?:坚持|认真|深入|严格|按照|高度|积极|主动|不断|承担|始终|全年|根据|进一步|切实|紧紧|持续|党组|未收[到取]|共收|本年|新收到|通过|政府信息|的?(?:政务|政府)?信息公开工作(?!领导|小组|机构|主管)|依申请|聚焦|围绕|贯彻|落实|立足|强化|牢固|秉承|秉持|着力|扎实|充分|依法|全面|严格|紧扣|紧密|共|在|以))"
)
# What may stand glued before a body: a heading of the form's first section, words before 政府信息公开工作.
_BEFORE_BODY = re.compile(
    "^(?:(?:政府信息)?(?:总体|主动公开|依申请公开|政府信息管理|政府信息公开平台建设|平台建设|监督保障)(?:工作)?(?:情况)?(?=.{3})"
    "|请?(?:直接|及时)?(?:与|向|联系|致电|咨询)|政府信息公开(?:工作)?年度报告由|由|和|及|在|为?(?:进一步|切实|认真|扎实)?(?:做好|推进|加强|规范))"
)
_ZONE_BEFORE = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,16}区\([\u4e00-\u9fff]{2,10}[县市区旗]\)$")
_ZONE_LONGEST = 30
_NO_NAME = re.compile(r"[我本各全]|^[份件条]|^(?:建立|成立|完善|形成|制定)|做好")  # 收到1份区政府办公室…, 建立局党组…
_SELF = re.compile("我[省市县区旗州盟局委办院镇乡街站部署处]")
_ADDRESS = re.compile(r"地址[:：]?([\u4e00-\u9fff\d]{4,40})")
_SITES = ("官网", "网站")
_OWN_SITE = re.compile(
    r"[我本](?P<kind>[局委办院站镇乡])[^。,;]{0,12}?(?:在|通过|于|依托|利用)[\"“]?(?P<body>[\u4e00-\u9fff]{3,24}?(?P=kind))(?:的)?"
    r"(?:官网|官方网站|门户网站|政府网站|网站)"
)
_ABOVE = re.compile(
    r"([\u4e00-\u9fff]{2,9}[县区旗市])(?=(?:人民)?政府(?:办公室|办)?关于|(?:人民)?政府(?:办公室)?(?:门户|官方)?网|(?:政府)?门户网站"
    r"|(?:(?:人民)?政府)?(?:政务|政府信息|信息)公开(?:信息)?(?:平台|系统|专栏|专网|网))"
)
_ABOVE_WORDS = ("关于", "网", "公开平台", "公开系统", "公开专栏", "公开信息平台")
_DIVISION = 12  # characters of a division's name at the most


def running(parts: Sequence[Section], beginning: str, named: Sequence[str], contacts: Sequence[str] = ()) -> list[str]:
    """Names of bodies at the start of clauses, most frequent first.

    Behind them, bodies that are named so that the report is theirs if anybody's; ``named``: titles and statements;
    ``contacts``: whom the text says to ask.
    """
    names: Counter[str] = Counter()
    texts = texts_on_the_work(parts)
    names.update([_with_zone(text, match) for text in texts for match in _RUNNING.finditer(text)])
    plain = (without_office(_BEFORE_BODY.sub("", name)) for name, _ in names.most_common(_MOST))
    found = [name for name in plain if not _NO_NAME.search(name)]
    addressed = list(_addressed(beginning, (*named, *contacts, *found)))
    addressed = addressed or list(_below_its_county((beginning, *texts), (*named, *contacts, *found)))
    if addressed:  # the same township with its county: named once
        found = [name for name in found if not any(one.endswith((split(name)[0] or ("?",))[0]) for one in addressed)]
    others = (*_own_sites(texts), *addressed, *_government_above(texts, named), *_self(texts, named))
    return list(dict.fromkeys((*found, *others)))


def texts_on_the_work(parts: Sequence[Section]) -> list[str]:
    """What the sections say of the work that was done, simplified. Section five speaks of next year: left out."""
    return [simplify(part.text[:_TEXT]) for part in parts if part.key != "problems"]


def _with_zone(text: str, match: re.Match[str]) -> str:
    """A subject with the zone whose bracket ends right before it (武汉经济技术开发区(汉南区)医疗保障局)."""
    at = match.start(1)
    zone = _ZONE_BEFORE.search(text, max(0, at - _ZONE_LONGEST), at) if text[at - 1 : at] == ")" else None
    return zone[0] + match[1] if zone else match[1]


def _self(texts: Sequence[str], named: Sequence[str]) -> Iterator[str]:
    """What a text calls its body most often (我镇, 我局), where no title names any: this tells whose it cannot be."""
    if any(judge(text).agency for text in named):
        return
    called = Counter(one for text in texts for one in _SELF.findall(text))
    yield from (one for one, _ in called.most_common(1))


def _own_sites(texts: Sequence[str]) -> Iterator[str]:
    """Bodies on whose own site a body of that kind says that it publishes (我局在句容市住房和城乡建设局官网上)."""
    for text in texts:
        if any([word in text for word in _SITES]):  # noqa: C419 — a generator costs twice as much
            yield from (match["body"] for match in _OWN_SITE.finditer(text))


def _government_above(texts: Sequence[str], named: Sequence[str]) -> Iterator[str]:
    """The government whose notices a body follows, or on whose site it publishes, if it is one county's alone (or one
    city's that has no counties) and neither title nor statement says of which place the body is
    (《平武县人民政府办公室关于…的通知》).
    """
    if any(names.complete(judge(text).agency or text).county for text in named):
        return
    telling = [text for text in texts if any([word in text for word in _ABOVE_WORDS])]  # noqa: C419 — half the cost
    above = {longest_listed(match[1]) for text in telling for match in _ABOVE.finditer(text)} - {""}
    found = {name for name in above if has_no_counties(name)}
    cities = [name for name in above if name.endswith("市")]  # of which of two may 市水利局 be?
    if len(found) == 1 and not (found <= set(cities) and len(cities) > 1):
        yield f"{found.pop()}人民政府"


def _addressed(beginning: str, named: Sequence[str]) -> Iterator[str]:
    """Townships with the county that an address in the opening prints before them (地址：微山县两城镇人民政府驻地), of
    those that the title, a statement or a clause names: other bodies have their seat in some township, too.
    """
    if "地址" not in beginning:
        return
    for match in _ADDRESS.finditer(beginning):
        for above, township in pairwise(split(squeeze(match[1]))[0]):
            if is_township(township) and not is_township(above) and any(township in text for text in named):
                yield above + township


def _below_its_county(texts: Sequence[str], named: Sequence[str]) -> Iterator[str]:
    """The township that titles, statements and clauses name, none of them with its county, with the one county or city
    without counties that stands right before it elsewhere (《商都县卯都乡人民政府信息发布审核表》).
    """
    bodies = [names.complete(judge(text).agency or text) for text in named]
    towns = {one.township for one in bodies} - {""}
    if len(towns) != 1 or any(one.county for one in bodies):
        return
    town = towns.pop()
    before = (text[max(0, at - _DIVISION) : at] for text in texts for at in _places(text, town))
    found = {above for printed in before if (above := longest_listed(printed)) and has_no_counties(above)}
    if len(found) == 1:
        yield found.pop() + town


def _places(text: str, word: str) -> Iterator[int]:
    """Where a word stands in a text."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))
