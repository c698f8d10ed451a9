"""Lists that a script in the page asks an interface for: which request it makes, and what stands in the answer (pure).

``$.ajax({url: "/api/list", data: {channelId: channelId, pageNo: p}, success: …})``, ``$.get``, ``$.post``,
``$.getJSON``, ``fetch``, ``axios``, ``XMLHttpRequest`` and ``table.render`` of layui. The request is made where all
that it sends is known (:mod:`crawler.lists.script_values`); whatever else it is, the page stays one whose list
scripts make. What is needed to read an answer (how its rows become addresses, which field counts pages) goes with the
request, behind the ``#`` of its address: an answer is read by itself, today and when it is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode

import lxml.html

from crawler.lists.addresses import joined
from crawler.lists.entry_patterns import REPORT
from crawler.lists.list_page import ListPage, Page, is_full
from crawler.lists.list_requests import ListRequest
from crawler.lists.pager_idioms import answer_names
from crawler.lists.reasons import END_NOT_SAID
from crawler.lists.script_values import Scripts, closing, divided, members, summands
from crawler.lists.scripts.answers import (
    Entry,
    changed,
    day_of,
    entries,
    json_of,
    number_of,
    plain,
    query_of,
    with_query,
)
from crawler.lists.scripts.template_tabs import has_template_tabs

_MARK = "asked?"
_CALL = re.compile(
    r"(?:\$|jQuery|axios|layui\.table|table)\.(ajax|get|post|getJSON|request|render)\s{0,9}(?=\()|\b(fetch|axios)\s{0,9}(?=\()"
    r"|\.(open)\s{0,9}(?=\(\s{0,9}[\"'](?:GET|POST)[\"'])"
)
_CALLS = 40
_BEHIND = 4_000  # characters behind a call in which its answer is read
_CHAINED = re.compile(r"\)\s{0,20}\.(?:then|done|success)\b")
_PAGE = re.compile(
    r"page|page_?(?:no|num|number|index|now)|(?:curr?|current|now|c)_?page(?:no|num)?|current|pn|p", re.IGNORECASE
)
_SIZE = re.compile(r"page_?size|size|limit|rows|per_?page|page_?count|num|pagenums?", re.IGNORECASE)
_STAMP = re.compile(r"Date\b|Math\.random|\bnow\(")
COUNTERS = re.compile(  # requests that bring no list
    r"count(?:er)?\b|hits?\b|click|visit|weather|tianqi|login|captcha|token|statistic|/stat\b", re.IGNORECASE
)
_GAP = re.compile(
    r"(?P<end>[\"'])\s{0,9}\+\s{0,9}(?P<what>[^\"'+;{}]{1,120}(?:\[[\"']\w{1,60}[\"']\])?)\s{0,9}\+\s{0,9}(?P=end)"
)
_TEMPLATE = re.compile(r"\$\{([^{}]{1,120})\}|\{\{[#=\-\s]{0,4}([^{}]{1,120}?)\s{0,4}\}\}")
_UNREAD = re.compile(r"""(?<![:\w-])href\s{0,4}=\s{0,4}\\?["']?[^"'<>\s]{0,200}["']\s{0,9}\+""")
_BOUND = re.compile(r"""(?:v-bind)?:href\s{0,4}=\s{0,4}"([^"<>]{1,300})\"""")
_MEMBER = re.compile(r"[A-Za-z_$][\w$]{0,40}(?:\[\w{1,20}\])?(?:\.|\[[\"'])([A-Za-z_]\w{0,60})(?:[\"']\])?")
_FIELD = re.compile(r"\{(\w{1,60})\}")
_TITLES = (
    "title",
    "doctitle",
    "articletitle",
    "infotitle",
    "contenttitle",
    "newstitle",
    "subject",
    "headline",
    "name",
    "docname",
    "topic",
)
_HREFS = (
    "url",
    "href",
    "link",
    "linkurl",
    "weburl",
    "docpuburl",
    "pageurl",
    "docurl",
    "contenturl",
    "arturl",
    "path",
    "staticurl",
    "puburl",
)
_DAYS = (re.compile(r"pub|release|issue|fabu|fbsj|fbrq|display|show", re.I), re.compile(r"time|date|day|sj$|rq$", re.I))
_LATER = re.compile(r"update|modif|edit|end|expire|xgsj", re.IGNORECASE)
_WORD, _WORDS = re.compile(r"(?<![\w$.\"'])[A-Za-z_$][\w$]{1,60}"), 60
_MOST = 200  # pages
_SHORT = 200  # characters of a call in which its address stands
_DEEP = 6


@dataclass(frozen=True, slots=True)
class _Call:
    """A request as a script makes it: GET or, ``posted``, POST; ``then``: the script that reads its answer.
    ``of_table``: a component does that.
    """

    url: str
    fields: tuple[tuple[str, str], ...]
    posted: bool
    then: str
    of_table: bool = False


def is_asked(url: str) -> bool:
    """Whether an address is one that such a request was made of."""
    return urldefrag(url).fragment.startswith(_MARK)


def asked_list(page: Page) -> ListRequest | None:
    """Return the one request by which a page's script has its list; None where there is none, or several, or not all
    that it sends is known, or tabs of the page send something else.
    """
    if (tree := page.tree) is None or has_template_tabs(page.text, tree):
        return None
    scripts = Scripts.of(tree)
    found: dict[str, ListRequest] = {}
    for call in islice(_calls(scripts), _CALLS):
        if call is None:
            return None  # one that may be that of the list
        href = _address_of_rows(call.then, scripts, tree)
        unknown = href is None or (call.of_table and not href)
        step = None if unknown else _step(page, call, href or "")
        if step is None:
            return None
        found.setdefault(f"{step.url} {step.form}", step)
    return next(iter(found.values())) if len(found) == 1 else None


def request_to(address: str, tree: lxml.html.HtmlElement | None) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Return the one request of a page's scripts whose address holds ``address``, as written, and the fields that it
    sends; None where there is none, there are several, or not all that they send is known.
    """
    every = [one for one in islice(_calls(Scripts.of(tree)), _CALLS) if one] if tree is not None else []
    found = {(one.url, one.fields) for one in every if address in one.url}
    return found.pop() if len(found) == 1 else None


def _step(page: Page, call: _Call, href: str) -> ListRequest | None:
    url = joined(page.base, call.url)
    if url is None or not url.startswith(("http://", "https://")):
        return None
    own = tuple(query_of(url).items())
    if call.posted and any(_PAGE.fullmatch(name) for name, _ in own):
        return None  # which of its numbers is the page's is not known
    fields = call.fields if call.posted else (*own, *(one for one in call.fields if one[0] not in dict(own)))
    counts = next((name for name, _ in fields if _PAGE.fullmatch(name)), "")
    size = next((value for name, value in fields if _SIZE.fullmatch(name)), "")
    told = {"rows": href, "page": counts, "size": size, "first": dict(fields).get(counts, "")}
    if call.posted:
        return ListRequest(f"{url}#{_MARK}{urlencode(told | {'form': urlencode(fields)})}", fields)
    return ListRequest(f"{with_query(url, dict(fields)) if fields else url}#{_MARK}{urlencode(told)}")


def _calls(scripts: Scripts) -> Iterator[_Call | None]:
    """The requests of scripts; None for one of which not all that it sends is known. Counters and the like are left
    out.
    """
    for match in islice(_CALL.finditer(scripts.text), _CALLS):
        end = closing(scripts.text, match.end())
        written = scripts.text[match.end() + 1 : max(end, 0)]
        how = next(one for one in match.groups() if one)
        if end > 0 and COUNTERS.search(written[:_SHORT]):
            continue
        behind = scripts.text[end : end + _BEHIND] if how == "open" or _CHAINED.match(scripts.text, end) else ""
        yield _made(how, [one.strip() for one in divided(written, ",")], scripts, behind) if end > 0 else None


def _made(how: str, given: Sequence[str], scripts: Scripts, behind: str) -> _Call | None:
    """A call as a request. ``given``: its arguments as written; ``behind``: what follows it."""
    options: dict[str, str] = {}
    if how in {"ajax", "request", "render"} or (how == "axios" and given[:1] and given[0].startswith("{")):
        options = dict(members(given[0])) if given else {}
        address, data = options.get("url", ""), options.get("where" if how == "render" else "data", "")
        data = options.get("params", data)
    elif how == "open":
        options, address, data = {"type": given[0]}, given[1] if len(given) > 1 else "", ""
    else:
        address, data = (given[0] if given else ""), (given[1] if len(given) > 1 else "")
        if how in {"fetch", "axios"} or (how == "get" and data.startswith("{") and "params" in data):
            options = dict(members(data))
            data = options.get("params", "")
        if data.startswith(("function", "(", "async")) or re.fullmatch(r"[\w$.]{1,80}", data):
            data = ""  # what reads the answer
    method = (scripts.value(options.get("type", options.get("method", "''"))) or "").upper()
    posted = how == "post" or method == "POST"
    if any(name in options for name in ("headers", "contentType", "body", "jsonp")) or "jsonp" in options.get(
        "dataType", ""
    ):
        return None
    url, fields = _address(address, scripts), _fields(data, scripts)
    if not url or fields is None or (how == "axios" and posted):
        return None
    if how == "render":
        fields = (*fields, ("page", "1"), ("limit", scripts.value(options.get("limit", "'10'")) or "10"))
    then = " ".join((*given, behind))
    return _Call(url, fields, posted, f"{then} {_named(then, scripts)}", of_table=how == "render")


def _named(written: str, scripts: Scripts) -> str:
    """The bodies of the page's functions that a piece of script names."""
    names = islice(dict.fromkeys(_WORD.findall(written)), _WORDS)
    return " ".join(next(iter(scripts.functions(name)), ("", ""))[1] for name in names)


def _address(written: str, scripts: Scripts) -> str:
    """The address of a request; a number of a page in it that is not known is the first. "" where it is not known."""
    pieces: list[str] = []
    for one in summands(written):
        value = scripts.value(one)
        name = re.search(r"[?&](\w{1,40})=$", "".join(pieces))
        if name and _PAGE.fullmatch(name.group(1)) and not (value or "").isdigit():
            value = "1"
        if value is None:
            return ""
        pieces.append(value)
    return "".join(pieces).strip()


def _fields(written: str, scripts: Scripts) -> tuple[tuple[str, str], ...] | None:
    """What a request sends; None where not all of it is known."""
    if not written:
        return ()
    if not written.startswith("{"):
        value = scripts.value(written)
        return tuple(parse_qsl(value, keep_blank_values=True)) if value and "=" in value else None
    found: list[tuple[str, str]] = []
    for name, expression in members(written):
        value = scripts.value(expression)
        if _PAGE.fullmatch(name) and not (value or "").isdigit():
            value = "1"
        elif _SIZE.fullmatch(name) and not (value or "").isdigit():
            value = "20"
        elif value is None and _STAMP.search(expression):
            continue
        if value is None:
            return None
        found.append((name, value))
    return tuple(found)


def _address_of_rows(then: str, scripts: Scripts, tree: lxml.html.HtmlElement) -> str | None:
    """How the script that reads an answer makes the address of a row, as ``/show/{id}.html``; "" where it does not
    say so, None where it makes it in a way that is not known.
    """
    templates = (
        node.text or ""
        for node in islice(tree.iter("script"), 60)
        if "template" in (node.get("type") or "") or "html" in (node.get("type") or "")
    )
    for text in (then, *templates):
        flat = _TEMPLATE.sub(lambda one: f"\x01{one.group(1) or one.group(2)}\x02", _GAP.sub("\x01\\g<what>\x02", text))
        flat = re.sub("\x01[^\x02]{0,200}\x02", lambda one: one.group(0).replace(" ", "").replace('"', "'"), flat)
        for found in islice(
            re.finditer(
                "(?<![:\\w-])href\\s{0,4}=\\s{0,4}\\\\?[\"']?((?:\x01[^\x02]{1,200}\x02|[^\"'\\s<>\\\\\x01]){1,300})",
                flat,
            ),
            20,
        ):
            if "\x01" not in found.group(1) or found.group(1).lower().startswith(("javascript:", "#")):
                continue  # a link of the page itself, a button
            return _with_fields(found.group(1), scripts)
        if _UNREAD.search(flat):
            return None
    bound = _BOUND.search(lxml.html.tostring(tree, encoding="unicode")[:400_000])
    if bound is not None:
        pieces = (one.strip() for one in divided(bound.group(1), "+"))
        return _with_fields(
            "".join(one[1:-1] if one[:1] in {"'", '"', "`"} else f"\x01{one}\x02" for one in pieces), scripts
        )
    return ""


def _with_fields(template: str, scripts: Scripts) -> str | None:
    """A template whose gaps are fields of a row, or what is known of the page; None where one is neither."""
    made = ""
    for at, piece in enumerate(re.split("\x01([^\x02]{1,200})\x02", template)):
        if at % 2 == 0:
            made += piece.replace("{", "%7B")
        elif member := _MEMBER.fullmatch(piece.strip("()")):
            made += f"{{{member.group(1)}}}"
        elif (value := scripts.value(piece)) is not None:
            made += value
        else:
            return None
    return made


def answered(page: Page) -> ListPage | None:
    """Return what stands in the answer to such a request; None where it is no data, but markup."""
    told = dict(parse_qsl(urldefrag(page.url).fragment[len(_MARK) :], keep_blank_values=True))
    answer = json_of(page.text)
    if answer is None:
        return changed("answer_not_understood") if page.text.lstrip()[:1] in {"{", "["} else None
    found = max(_lists(answer, ()), key=lambda one: len(one[0]), default=None)
    if found is None:
        return changed("answer_without_entry")
    rows, over = found
    total = next((number for box in reversed(over) if (number := _number(box, "total")) is not None), None)
    title = _title_key(rows)
    read = entries((_entry(row, title, told.get("rows", "")) for row in rows), urldefrag(page.url).url)
    if not read.links:
        return changed("answer_without_entry")
    whole = total - read.twice if total == len(rows) else total
    pages = next((number for box in reversed(over) if (number := _number(box, "pages")) is not None), None)
    pages = -(-total // len(rows)) if total is not None else pages
    further, doubt = _further(page, told, len(rows), pages)
    said = pages if total is None else None
    return ListPage(links=read.links, total=whole, pages=said or None, following=further, doubt=read.doubt or doubt)


def _lists(
    value: Any, over: tuple[dict[str, Any], ...]
) -> Iterator[tuple[list[dict[str, Any]], tuple[dict[str, Any], ...]]]:
    """The lists of rows with titles in an answer, with the objects that hold each."""
    if len(over) > _DEEP:
        return
    if isinstance(value, str) and value[:1] in {"{", "["}:
        value = json_of(value)
    if isinstance(value, list):
        rows = [row for row in value[:5_000] if isinstance(row, dict)]
        if rows and _title_key(rows):
            yield rows, over
    elif isinstance(value, dict):
        for inner in islice(value.values(), 100):
            yield from _lists(inner, (*over, value))


def _title_key(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which member of rows is their title: by its name, else the one that speaks of reports; "" for none."""
    names = {str(name).lower(): str(name) for name in rows[0]}
    known = next((names[one] for one in _TITLES if one in names), "")
    if known:
        return known
    return next((name for name in names.values() if REPORT.search(plain(rows[0].get(name)))), "")


def _number(box: Mapping[str, Any], role: str) -> int | None:
    known = {str(name).lower(): value for name, value in islice(box.items(), 200)}
    return next((number for name in answer_names(role) if (number := number_of(known.get(name))) is not None), None)


def _entry(row: Mapping[str, Any], title: str, template: str) -> Entry:
    """A row as an entry: its address by the template of the page's script, else by a member that is called one."""
    names = {str(name).lower(): name for name in islice(row, 200)}
    href: object = next((row[names[one]] for one in _HREFS if one in names and row[names[one]]), None)
    if template:
        filled = {name: row.get(name) for name in _FIELD.findall(template)}
        sound = all(isinstance(value, (str, int)) and value != "" for value in filled.values())
        href = _FIELD.sub(lambda one: str(filled[one.group(1)]), template) if sound and filled else None
    return Entry(href, row.get(title), _day(row))


def _day(row: Mapping[str, Any]) -> object:
    """The value that says when a row was published: by the name of its member; no day of a change."""
    for kind in _DAYS:
        for name, value in islice(row.items(), 200):
            if kind.search(str(name)) and not _LATER.search(str(name)) and day_of(value):
                return value
    return None


def _further(page: Page, told: Mapping[str, str], rows: int, pages: int | None) -> tuple[tuple[ListRequest, ...], str]:
    """The requests of the further pages, asked for by the first one, and a doubt where nothing says how many ``pages``
    there are.
    """
    counts, size = told.get("page", ""), number_of(told.get("size", ""))
    url, fragment = urldefrag(page.url)
    form = dict(parse_qsl(told["form"], keep_blank_values=True)) if "form" in told else None
    first = number_of(told.get("first", ""))
    if not counts or first is None:
        return (), END_NOT_SAID if pages is None and is_full(rows) else ""
    if pages is None:
        return (), "" if size and rows < size else "no_total_in_answer"
    asked = form if form is not None else query_of(url)
    if asked.get(counts) != str(first):
        return (), ""
    numbers = range(first + 1, first + min(_MOST, pages))
    steps = (
        ListRequest(
            page.url.replace(fragment, _turned(told, counts, number)), tuple((form | {counts: str(number)}).items())
        )
        if form is not None
        else ListRequest(f"{with_query(url, asked | {counts: str(number)})}#{fragment}")
        for number in numbers
    )
    return tuple(steps), ""


def _turned(told: Mapping[str, str], counts: str, number: int) -> str:
    """What goes with the request of a further page that is posted."""
    form = dict(parse_qsl(told["form"], keep_blank_values=True)) | {counts: str(number)}
    return _MARK + urlencode(dict(told) | {"form": urlencode(form)})
