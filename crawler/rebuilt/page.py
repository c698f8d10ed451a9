"""One model for every page of a list: HTML, the DOM that a browser shows, CDATA and JSON turned into rows.

``read_page`` is the door. It only says what stands there; what that means is decided in ``engine``.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from lxml import etree, html

from archive.documents.charset import decode
from crawler.rebuilt import claims
from crawler.rebuilt.claims import Claim
from crawler.rebuilt.fetch import Answer
from crawler.rebuilt.words import (
    CHOICE,
    CONTROLS,
    DATE_KEYS,
    DISABLED,
    EMPTY,
    HEADS,
    NEXT_CLASS,
    NUMBER,
    REFUSAL,
    SAYS_NOTHING,
    SCRIPT,
    TITLE_KEYS,
    URL_KEYS,
    WALK,
    find_date,
    squeeze,
)

HIDDEN, HANDLE = "data-nb-hidden", "data-nb-n"  # attributes that the browser's snapshot gives to elements
MAX_LINKS, MAX_TITLE_CHARS, MAX_CONTROL_CHARS, MAX_ITEM_LINKS = 6_000, 300, 20, 8
_ITEMS = ("li", "tr", "dd", "dt")
_BLOCK_TAGS = frozenset(re.findall(r"\w+", """
    address article aside body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header li main nav ol option p section
    select table tbody td th tr ul"""))  # fmt: skip
_PRESSED = frozenset(re.findall(r"\w+", "a b button dd div dt em font h2 h3 h4 h5 i img li p span strong td th"))
_SILENT_TAGS = frozenset(("script", "style", "template", "noscript", "head", "textarea"))
_TARGET = re.compile(
    r"[\"'](?P<url>(?:https?://|\.{0,2}/|[\w-]+/)[^\"'\s]{1,300}|[\w-]+\.(?:s?html?|jspx?|do|aspx?))[\"']"
)
_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</record>", re.S)
_NEXT_GROUP = re.compile(r"<nextgroup>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</nextgroup>", re.S)
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']+)")
_PACKED = re.compile(r"[A-Za-z0-9+/]+={0,2}")
MIN_PACKED_CHARS = 60
_JSONP = re.compile(r"^\s*[\w.$]{1,80}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*$", re.S)
_ROUTE = re.compile(r"#(?:[!/].+|\d+)$")  # an address behind a hash, which a script of the page reads
_SESSION = re.compile(r";jsessionid=[^?#/]*", re.I)
_SESSION_KEY = re.compile(  # ``sid`` may be a section's number: only what is as long as a session's name is one
    r"(?:^|&)(?:(?:jsessionid|phpsessid|aspsessionid\w*|sessionid)=[^&]*|sid=[0-9a-z_.!-]{16,}(?=&|$))", re.I
)
_STAMP = re.compile(  # an instant of these years, in seconds or thousandths, or a random fraction: against caches
    r"(?:^|&)(?:_|_?t|ts|time|timestamp|rnd|rand|random|nocache)=(?:1[4-9]\d{8}(?:\d{3})?|0?\.\d{6,20})(?=&|$)",
    re.IGNORECASE,
)
IDLE = re.compile(r"^(?:javascript:)?\s*(?:void\s*\(?\s*0?\s*\)?|return\s+false|;|false)?\s*;?\s*$", re.IGNORECASE)
#: a script that goes to an address which it names whole: ``location.href = '/nb/1.html'``
GOES_TO = re.compile(
    r"""\blocation(?:\.href)?\s{0,9}(?:=|\.(?:assign|replace)\()\s{0,9}["']([^"'<>\s]{1,2000})["']\s{0,9}(?!\s|\+)"""
)
#: attributes in which an element holds the address to which a script of the page leads
ADDRESS_ATTRIBUTES = ("data-url", "data-href", "data-link")
_TAB = re.compile(r"(?:^|[\s_-])tabs?(?:$|[\s_-])", re.I)
_PAGER_NAMES = re.compile("pag|fenye|next|turn", re.I)
_DATED = re.compile(
    r"[\[(（]?\s*(?:发布(?:日期|时间)[:：]?)?\s*(?:19|20)\d\d\s?[-/.年∕]\s?\d{1,2}\s?[-/.月∕]\s?\d{1,2}日?(?:\s+\d\d?:\d\d(?::\d\d)?)?\s*[\])）]?"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list; ``url`` is "" where nothing says to where it leads, ``group`` a heading above it.

    ``row``: all text of the row, where it says more than the title (a column with the name of an agency).
    """

    title: str
    url: str
    date: str = ""
    group: str = ""
    handle: str = ""  # finds it in a browser, where it leads nowhere that could be read
    row: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Entries that stand side by side; ``shape`` is alike on all pages of a list.

    ``more``: to where a link 更多 beside them leads, of which they are the newest entries only.
    """

    shape: str
    entries: tuple[Entry, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What turns a list: ``kind`` next, number, last, more or choice; ``handle`` finds it in a browser."""

    kind: str
    text: str
    url: str = ""
    number: int = 0
    enabled: bool = True
    handle: str = ""
    form: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer shows. ``refusal``: why it is no page of a list at all; ``doubts``: what may hide entries."""

    url: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    claims: tuple[Claim, ...] = ()
    controls: tuple[Control, ...] = ()
    frames: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    refusal: str = ""
    says_empty: bool = False
    is_static: bool = False  # whole HTML in which nothing could change what is shown
    source: str = field(default="", repr=False)  # the decoded text, for idioms

    @property
    def is_scripted(self) -> bool:
        """Whether scripts make a list of it: what a plain answer shows need not be all."""
        return any(one.startswith("made by script") for one in self.doubts)

    @property
    def links(self) -> tuple[Entry, ...]:
        """All entries of all blocks, each address once."""
        return tuple({entry.url: entry for block in self.blocks for entry in block.entries if entry.url}.values())


def read_page(answer: Answer) -> Page:
    """Return what an answer shows."""
    if answer.status != 200:
        return Page(answer.url, refusal=f"status {answer.status}")
    decoded = decode(answer.body)
    if decoded.refused:
        return Page(answer.url, refusal="unreadable text")
    if answer.cut or not decoded.text.strip():
        return Page(answer.url, refusal="cut answer" if answer.cut else "empty answer")
    return read_text(answer.url, decoded.text)


def read_text(url: str, text: str) -> Page:
    """Return what a text shows: JSON, XML of records, or HTML."""
    value = parse_json(text)
    if value is not None:
        return _read_json(url, text, value)
    if text.lstrip()[:400].lower().find("<datastore>") >= 0:
        markup = "<ul>" + "".join(_RECORD.findall(text)) + "</ul>"
        return _Reading(url, markup, text).read(list(claims.read_xml(text)))
    return _Reading(url, text, text).read([])


def parse_json(text: str) -> Any:
    """Return the value of an answer in JSON or JSONP; None if it is neither."""
    wrapped = _JSONP.match(text) if text.rstrip()[-2:].strip(";)") != text.rstrip()[-2:] else None
    body = wrapped[1] if wrapped else text.strip()
    if not body.startswith(("{", "[")):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None


# ---------------------------------------------------------------------------------------------------------------- JSON


def _read_json(url: str, text: str, value: Any) -> Page:
    found: list[Claim] = []
    rows: list[list[Entry]] = []
    markup: list[str] = []
    _search_json(url, value, found, rows, markup)
    page = _Reading(url, "".join(markup), text).read(found) if markup else Page(url, claims=tuple(found), source=text)
    blocks = (*page.blocks, *(Block("json", tuple(one)) for one in rows))
    return Page(url, page.title, blocks, page.claims, page.controls, source=text, says_empty=page.says_empty)


def _search_json(url: str, value: Any, found: list[Claim], rows: list[list[Entry]], markup: list[str]) -> None:
    if isinstance(value, dict):
        found.extend(claims.read_members(value))
        for member in value.values():
            _search_json(url, member, found, rows, markup)
    elif isinstance(value, list):
        entries = [entry for one in value if isinstance(one, dict) and (entry := entry_of_json(url, one))]
        if entries and len(entries) == len(value):
            rows.append(entries)
        else:
            for one in value:
                _search_json(url, one, found, rows, markup)
    elif isinstance(value, str) and "<" in value and re.search(r"<(?:a|li|table|ul)\b", value, re.I):
        markup.append(value)


def entry_of_json(url: str, row: dict[str, Any]) -> Entry | None:
    """Return the entry that an object of an answer is, if it has a title and an address."""
    inner = next((row[name] for name in ("source", "_source", "fields") if isinstance(row.get(name), dict)), None)
    members = {name.lower(): value for name, value in (inner or row).items()}
    title = next((squeeze_tags(str(members[key])) for key in TITLE_KEYS if members.get(key)), "")
    target = next((members[key] for key in URL_KEYS if members.get(key)), "")
    if isinstance(target, str) and target.startswith("{"):
        target = parse_json(target) or ""
    if isinstance(target, dict):
        target = next((target[key] for key in URL_KEYS if target.get(key)), "")
    if not title or not isinstance(target, str) or not target:
        return None
    date = next((found for key in DATE_KEYS if (found := find_date(str(members.get(key) or "")))), "")
    return Entry(title[:MAX_TITLE_CHARS], _resolve(url, target), date)


def squeeze_tags(text: str) -> str:
    """Return a text without tags and outer blanks."""
    return re.sub(r"<[^>]{0,200}>", "", text).strip()


def _resolve(base: str, href: str) -> str:
    try:
        url = urljoin(base, href.strip().replace("\\", "/").replace(" ", "%20"))
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    address, mark, route = url.partition("#")
    return _without_session(address) + (mark + route if _ROUTE.search(url) else "")


def _without_session(url: str) -> str:
    """Return an address without what makes it a new one each time: session ids, and stamps against caches."""
    path, mark, query = url.partition("?")
    query = _STAMP.sub("", _SESSION_KEY.sub("", query)).lstrip("&")
    return _SESSION.sub("", path) + (mark if query else "") + query


# ---------------------------------------------------------------------------------------------------------------- HTML


class _Reading:
    """The parse of one page of HTML, walked once for each thing that is asked of it."""

    def __init__(self, url: str, markup: str, source: str) -> None:
        self.url, self.source = url, source
        self.scripts: list[str] = []
        self.root = parse_html(markup)
        base = self.root.find(".//base[@href]")
        self.base = urljoin(url, base.get("href", "")) if base is not None else url
        acts = "//script|//@*[starts-with(name(), 'on')]|//@href[starts-with(normalize-space(.), 'javascript')]"
        self.has_scripts = bool(self.root.xpath(acts))
        self._unwrap_records()
        self._unpack_markup()
        self._drop_silent()
        self.items: set[Any] = set()

    def read(self, found: list[Claim]) -> Page:
        """Return the page, with claims that were found elsewhere."""
        title = squeeze("".join(self.root.xpath("//title//text()")))[:MAX_TITLE_CHARS]
        blocks = self._blocks()
        text = self._visible_text()
        for script in self.scripts:
            found.extend(claims.read_script(script))
        for element in self.root.iter(etree.Element):
            if len(element.attrib) > 1:
                found.extend(claims.read_attributes({k.lower(): v for k, v in element.attrib.items()}))
        found.extend(claims.read_visible(text))
        return Page(
            self.url, title, blocks, tuple(dict.fromkeys(found)), tuple(self._controls()), tuple(self._frames()),
            self._doubts(), _refusal(text, self.source, any(block.entries for block in blocks)),
            bool(EMPTY.search(text)), self._is_static(), self.source,
        )  # fmt: skip

    def _unwrap_records(self) -> None:
        """Put the records that stand as CDATA in a script where a reader would see them."""
        for script in self.root.xpath("//script"):
            text = script.text or ""
            if "<record>" in text:
                records = parse_html(f"<div><ul>{''.join(_RECORD.findall(text))}</ul></div>").find(".//ul")
                if records is not None and script.getparent() is not None:
                    script.addnext(records)

    def _unpack_markup(self) -> None:
        """Put markup that a script would unpack (base64 of quoted HTML in an element) where a reader would see it."""
        if "atob" not in self.source:
            return
        for element in self.root.xpath("//*[not(self::script)]"):
            packed = squeeze(element.text)
            if len(packed) > MIN_PACKED_CHARS and _PACKED.fullmatch(packed):
                try:
                    markup = unquote(base64.b64decode(packed, validate=True).decode("ascii"))
                except (binascii.Error, UnicodeDecodeError):
                    continue
                element.addnext(parse_html(f"<div>{markup}</div>").find(".//div"))

    def _drop_silent(self) -> None:
        for element in list(self.root.iter(etree.Element)):
            parent = element.getparent()
            if parent is None:
                continue
            if element.tag == "script" and "<record>" not in (element.text or ""):
                self.scripts.append(element.text or "")
            if element.tag in _SILENT_TAGS - {"head"} or element.get(HIDDEN) is not None:
                element.drop_tree()

    # ------------------------------------------------------------------------------------------------------- entries

    def _blocks(self) -> tuple[Block, ...]:
        links = [(element, self._target(element)) for element in self.root.xpath("//a|//area|//*[@onclick]")][
            :MAX_LINKS
        ]
        links = [one for one in links if one[0].tag in ("a", "area") or one[1]]
        count: Counter[Any] = Counter()
        for element, _ in links:
            for above in element.iterancestors():
                count[above] += 1
        rows: dict[str, list[Entry]] = defaultdict(list)
        containers: dict[str, dict[Any, str]] = defaultdict(dict)
        for item, inside in _group(links, count).items():
            shape = _shape(item)
            titled = [one for one in inside if _says_something(one[0])]
            for element, target in titled or inside:
                title = _title(element, item, alone=bool(titled) or len(inside) == 1)
                if not title or _is_control_text(title) or _is_control_text(_text(element)):
                    continue
                if not target and CHOICE.fullmatch(squeeze(title)):
                    continue
                text = _text(item) if item.tag != "a" else _text(element)
                handle = "" if target else element.get(HANDLE, "")
                row = text if len(titled) < 2 and len(text) <= MAX_TITLE_CHARS else ""
                rows[shape].append(Entry(title[:MAX_TITLE_CHARS], target, find_date(text), _heading(item), handle, row))
                containers[shape].setdefault(item.getparent(), item.tag)
                self.items.add(item)
        for shape, above in containers.items():
            if any(entry.url for entry in rows[shape]):
                rows[shape].extend(self._unlinked(above))
        for container in self.root.iter("ul", "ol", "tbody"):
            if container.find(".//a") is None and container not in containers:
                rows[f"unlinked {_shape(container)}"].extend(self._unlinked({container: _tag_of_rows(container)}))
        return tuple(
            Block(shape, tuple(entries), self._more(containers.get(shape, {})))
            for shape, entries in rows.items()
            if entries
        )

    def _more(self, containers: dict[Any, str]) -> str:
        """Return to where the link 更多 of a box of newest entries leads."""
        for container in containers:
            above = container
            for _ in range(2):
                above = above.getparent() if above is not None else None
                if above is None or above.tag in ("body", "html"):
                    break
                for link in above.iter("a"):
                    if squeeze(_text(link)).lower() in CONTROLS["more"] and (target := self._target(link)):
                        return target
        return ""

    def _target(self, element: Any) -> str:
        """Return to where an element leads: its address, or the one that its script names."""
        href = (element.get("href") or "").strip()
        if href and not href.lower().startswith("javascript:") and not href.startswith("#"):
            return _resolve(self.base, href)
        for text in (
            href,
            element.get("onclick") or "",
            f"'{element.get('data-url') or element.get('data-href') or ''}'",
        ):
            found = _TARGET.search(text)
            if found and "__doPostBack" not in text:
                return _resolve(self.base, found["url"])
        return ""

    def _unlinked(self, containers: dict[Any, str]) -> Iterator[Entry]:
        """Rows beside the entries that name something and lead nowhere."""
        for container, tag in containers.items():
            if container is None or tag not in _ITEMS:
                continue
            for item in container.iterchildren(tag):
                text = _text(item).strip()
                if item in self.items or item.find(".//a") is not None or item.find("th") is not None:
                    continue
                if len(squeeze(text)) < 6 or HEADS.fullmatch(text) or EMPTY.search(text) or _is_pager_text(text):
                    continue
                yield Entry(text[:MAX_TITLE_CHARS], "", find_date(text), handle=item.get(HANDLE, ""))

    # ------------------------------------------------------------------------------------------------------ controls

    def _controls(self) -> Iterator[Control]:
        numbers: list[tuple[Any, Control]] = []
        in_items = {inner for item in self.items for inner in item.iter(etree.Element)}
        for element in self.root.iter(etree.Element):
            if element.tag == "option":
                yield from self._option(element)
                continue
            if element in in_items and not _is_control_text(_text(element)):
                continue
            text = _control_text(element)
            if not text or (len(element) and element.tag not in ("a", "button", "li")) or _holds_control(element):
                continue
            kind = next((kind for kind in ("next", "last", "more") if text in CONTROLS[kind]), "")
            number = NUMBER.fullmatch(text)
            if kind:
                control = self._control(kind, text, element)
                if kind != "next" or text.isalpha() or _in_pager(element):
                    yield control
            elif number and 0 < int(number[1]) < 2000:
                numbers.append((element, self._control("number", text, element, int(number[1]))))
            elif _is_choice(element, text):
                control = self._control("choice", text, element)
                if not control.url:
                    yield control
        yield from _in_rows(numbers)

    def _option(self, option: Any) -> Iterator[Control]:
        text, value = squeeze(_text(option)), option.get("value") or ""
        number = re.fullmatch(r"第?(\d{1,4})页?(?:/\d+页?)?", text)
        is_address = bool(re.search(r"[/.?]", value))
        enabled = option.get("selected") is None
        if number and (is_address or "页" in text):
            url = _resolve(self.base, value) if is_address else ""
            yield Control("number", text, url, int(number[1]), enabled, option.get(HANDLE, ""))
        elif CHOICE.fullmatch(text) or (WALK["bodies"].fullmatch(text) and not is_address):
            url = _resolve(self.base, value) if is_address else self._form_address(option, value)
            yield Control("choice", text, url, handle=option.get(HANDLE, ""))

    def _form_address(self, option: Any, value: str) -> str:
        """Return the address of a form of few fields, which an option completes."""
        select, form = option.getparent(), next(option.iterancestors("form"), None)
        if form is None or not select.get("name") or (form.get("method") or "get").lower() != "get":
            return ""
        fields = {one.get("name"): one.get("value") or "" for one in form.xpath(".//input[@type='hidden'][@name]")}
        fields[select.get("name")] = value or squeeze(_text(option))
        return _resolve(self.base, f"{form.get('action') or ''}?{urlencode(fields)}")

    def _control(self, kind: str, text: str, element: Any, number: int = 0) -> Control:
        near = [element, *list(element.iterancestors())[:2]]
        near += list(element.iterchildren("a"))[:1]
        link = next((one for one in near if one.tag == "a"), None)
        enabled = not any(
            one.get("disabled") is not None
            or one.get("aria-disabled") == "true"
            or DISABLED.search(one.get("class") or "")
            for one in near[:2]
        )
        url, form = "", None
        if link is not None:
            url, form = self._target(link), self._form(link)
        can_press = element.get(HANDLE) or element.tag in ("button", "input") or element.get("onclick")
        enabled = enabled and bool(can_press or url or form or (link is not None and link.get("href")))
        return Control(kind, text, url, number, enabled, (link if link is not None else element).get(HANDLE, ""), form)

    def _form(self, link: Any) -> tuple[tuple[str, str], ...] | None:
        """Return the fields that a button of a page of ASP.NET sends."""
        call = re.search(
            r"__doPostBack\('([^']*)','([^']*)'\)", f"{link.get('href') or ''} {link.get('onclick') or ''}"
        )
        if not call:
            return None
        fields = {one.get("name"): one.get("value") or "" for one in self.root.xpath("//input[@type='hidden'][@name]")}
        fields |= {"__EVENTTARGET": call[1].replace("\\", ""), "__EVENTARGUMENT": call[2]}
        return tuple((str(name), value) for name, value in fields.items())

    # --------------------------------------------------------------------------------------------------------- others

    def _frames(self) -> Iterator[str]:
        """What is shown within the page or in its place."""
        for meta in self.root.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh']/@content"):
            moved = re.search(r"^\s*[0-5]\s*;\s*url\s*=\s*[\"']?([^\"']+)", meta, re.I)
            if moved and (url := _resolve(self.base, moved[1])):
                yield url
        for frame in self.root.xpath("//iframe[@src]|//frame[@src]"):
            small = frame.get("width") in ("0", "1") or frame.get("height") in ("0", "1")
            url = _resolve(self.base, frame.get("src") or "")
            if url and not small and _site(url) == _site(self.url):
                yield url

    def _doubts(self) -> tuple[str, ...]:
        source = self.source.lower()
        found = [f"pager script: {mark}" for mark in SCRIPT["marks"] if mark in source]
        return tuple(found + [f"made by script: {mark}" for mark in SCRIPT["made"] if mark in source])

    def _is_static(self) -> bool:
        """Whether the page came whole, and no script, frame or form could show more of it."""
        is_whole = self.source.rstrip().lower().endswith("</html>")
        return is_whole and not self.has_scripts and not self.root.xpath("//iframe|//frame|//select|//object|//embed")

    def _visible_text(self) -> str:
        """Return the text outside of the entries, each block on a line of its own."""
        parts: list[str] = []

        def collect(element: Any) -> None:
            if element.tag in _BLOCK_TAGS:
                parts.append("\n")
            if element not in self.items and element.tag not in _SILENT_TAGS and isinstance(element.tag, str):
                parts.append(element.text or "")
                for child in element:
                    collect(child)
            if element.tag in _BLOCK_TAGS:
                parts.append("\n")
            parts.append(element.tail or "")

        collect(self.root)
        return re.sub(r"[ \t\xa0\u3000]+", " ", "".join(parts))


def parse_html(markup: str) -> Any:
    """Return the tree of markup, however broken it is."""
    cleaned = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, ValueError):
        return html.document_fromstring("<html><body></body></html>")
    for after in list(root.itersiblings()):  # what stands behind </html> is shown too
        root.append(after)
    return root


def _group(links: list[tuple[Any, str]], count: Counter[Any]) -> dict[Any, list[tuple[Any, str]]]:
    """Put each link into the row that it stands in: a list item or table row, else as far up as it is alone."""
    groups: dict[Any, list[tuple[Any, str]]] = defaultdict(list)
    for element, target in links:
        item = next((one for one in element.iterancestors(*_ITEMS) if count[one] <= MAX_ITEM_LINKS), None)
        if item is None:
            item = element
            for above in element.iterancestors():
                if count[above] > 1 or above.tag in ("body", "td", "form"):
                    break
                item = above
        groups[item].append((element, target))
    return groups


def _shape(item: Any) -> str:
    """Return what is alike of the places of rows of one list: tags and first classes on the way to them."""
    steps = [item.tag]
    for above in item.iterancestors():
        name = (above.get("id") or "") + "." + (above.get("class") or "").split(" ")[0]
        steps.append(f"{above.tag}{re.sub(r'[0-9]+', '', name)}")
    return "<".join(steps[:12])


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _tag_of_rows(container: Any) -> str:
    return "tr" if container.tag == "tbody" else "li"


def _says_something(link: Any) -> bool:
    text = squeeze(link.get("title") or link.get("alt") or "") or squeeze(_text(link))
    return len(text) >= 4 and not SAYS_NOTHING.fullmatch(text)


def _title(link: Any, item: Any, *, alone: bool) -> str:
    shown = " ".join(_DATED.sub(" ", _text(link)).split())
    titled = " ".join(_DATED.sub(" ", (link.get("title") or link.get("alt") or "")).split())
    if len(titled) > len(shown) and (not shown or shown.rstrip(".… ")[:6] in titled):
        shown = titled
    if _says_something(link) or item is link:
        return shown
    row = " ".join(_DATED.sub(" ", _text(item)).split())
    if alone:
        return row if len(row) <= MAX_TITLE_CHARS else shown
    first = next((text for one in item if (text := squeeze(_text(one))) and one is not link), "")
    return f"{first}{shown}" if first != squeeze(shown) else shown


def _heading(item: Any) -> str:
    """Return the heading above the list that a row stands in."""
    container = item.getparent()
    for _ in range(2):
        if container is None:
            return ""
        before = container.getprevious()
        if before is not None and before.tag in ("h1", "h2", "h3", "h4", "h5", "dt", "p", "div", "b", "strong"):
            text = squeeze(_text(before))
            if 0 < len(text) <= 30 and before.find(".//a") is None:
                return text
        container = container.getparent()
    return ""


def _control_text(element: Any) -> str:
    if element.tag == "input" and element.get("type") in ("button", "submit"):
        return squeeze(element.get("value")).lower()
    if element.tag not in _PRESSED:
        return ""
    if len(element) > 3:
        return ""
    text = squeeze("".join(element.itertext())).lower()
    if not text:
        text = squeeze(element.get("title") or element.get("aria-label") or element.get("alt")).lower()
        is_next = not text and element.tag != "span" and NEXT_CLASS.search(element.get("class") or "")
        text = "下一页" if is_next else text
    return text if len(text) <= MAX_CONTROL_CHARS else ""


def _is_choice(element: Any, text: str) -> bool:
    """Whether an element may show another part of the list: by its text, as a tab, or as a body that can be pressed."""
    if element.tag in ("td", "th") or len(text) < 2:
        return False
    near = [element, element.getparent()] if element.getparent() is not None else [element]
    is_tab = any(one.get("role") == "tab" or _TAB.search(one.get("class") or "") for one in near)
    can_press = element.tag in ("a", "button") or element.get("onclick") is not None
    return (
        bool(CHOICE.fullmatch(text) or WALK["years"].fullmatch(text))
        or is_tab
        or (can_press and bool(WALK["bodies"].fullmatch(text)))
    )


def _holds_control(element: Any) -> bool:
    """Whether an element inside this one says the same and can be pressed itself."""
    own = _control_text(element)
    return any(inner is not element and _control_text(inner) == own for inner in element.iter("a", "button", "span"))


def _site(url: str) -> list[str]:
    """Return the part of a host's name that its neighbours share."""
    return (urlsplit(url).hostname or "").split(".")[-3:]


def _in_pager(element: Any) -> bool:
    """Whether a sign such as > stands in what is named as a pager: it also stands between steps of a path."""
    near = [element, *list(element.iterancestors())[:3]]
    return any(_PAGER_NAMES.search(f"{one.get('class') or ''} {one.get('id') or ''}") for one in near)


def _is_control_text(text: str) -> bool:
    plain = squeeze(text).lower()
    return any(plain in words for words in CONTROLS.values()) or bool(NUMBER.fullmatch(plain))


def _is_pager_text(text: str) -> bool:
    return any(word in text for word in ("下一页", "上一页", "尾页", "末页", "共") if len(text) <= 60) and "页" in text


def _in_rows(numbers: list[tuple[Any, Control]]) -> Iterator[Control]:
    """Numbers are those of pages only where several stand in a row; that of the page shown may be plain text."""
    rows: dict[Any, list[Control]] = defaultdict(list)
    for element, control in numbers:
        levels = list(element.iterancestors())[:3]
        row = next((one for one in levels if len(one) > 1), levels[-1] if levels else element)
        rows[row].append(control)
    for controls in rows.values():
        seen = sorted({control.number for control in controls})
        steps = [after - before for before, after in itertools.pairwise(seen)]
        if len(seen) >= 2 and min(steps) <= 2 and seen[0] <= 2 + len(seen) * 100:
            yield from controls


def _refusal(text: str, source: str, has_rows: bool) -> str:
    low = source.lower()
    mark = next((one for one in REFUSAL["script"] if one in low), "")
    if mark and not has_rows:
        return f"access control: {mark}"
    plain = squeeze(text)
    if len(plain) <= REFUSAL["short"]:
        word = next((one for one in REFUSAL["words"] if squeeze(one) in plain.lower()), "")
        if word:
            return f"no page of a list: {word}"
    return ""


def next_group(source: str) -> str:
    """Return the address of the next group of records of a JCMS list, as it is printed; "" if there is none."""
    group = _NEXT_GROUP.search(source)
    href = _HREF.search(group[1]) if group else None
    return href[1] if href else ""
