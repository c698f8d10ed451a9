"""What a link says, and what it is compared by: a label without blanks, ornaments and numbering (pure)."""

from __future__ import annotations

import html
import re
from itertools import islice

import lxml.html

from crawler.lists.addresses import text_of

LABEL = 60  # characters of a label that are compared; what is longer is no name of a column
_BLANK = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+")
_ORNAMENT = re.compile(r"^[>»›·•●■◆▪→|\-—\[【<《]+|[>»›·•●■◆▪→|\-—\]】<》:：]+$")
_NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[、.](?!\d))")
_MORE = re.compile(
    r"^(?:查看|点击)?(?:更多|详情|详细|进入|进入专栏|more)(?:内容|信息)?[>»›+.…]*$|^[>»›]{1,3}$|^$", re.IGNORECASE
)
_MAY_BE_MORE = re.compile(r"更多|详|进入|[>»›]|more|^[^\w]*$", re.IGNORECASE)  # looked for first: links are many
HAN = re.compile(r"[一-龥]")


def label(text: str) -> str:
    """Return a printed label as it is compared: without blanks, invisible marks, ornaments and numbering; bounded."""
    plain = _BLANK.sub("", html.unescape(text[:2_000]))
    plain = _ORNAMENT.sub("", plain)
    return _ORNAMENT.sub("", _NUMBERED.sub("", plain))[: LABEL + 1]


def said(node: lxml.html.HtmlElement) -> str:
    """What a link says: its text, else its picture's, else its title; 更多 speaks for the heading it stands beside."""
    text = text_of(node)
    if not label(text):
        text = next((str(i.get("alt") or i.get("title") or "") for i in node.iter("img")), "")
        text = text or node.get("alt") or node.get("title") or ""
    if not is_more(text):
        title = node.get("title") or ""
        return title if text.rstrip(".… ") != text.rstrip() and label(text).rstrip(".…") in label(title) else text
    for ancestor in islice(node.iterancestors(), 3):
        around = label(text_of(ancestor).replace(text, " "))
        if HAN.search(around):
            return around if len(around) <= 20 else text
    return text


def is_more(text: str) -> bool:
    """Whether a link says no more than 更多, 查看详情 or an arrow: what it leads to, the heading beside it says."""
    return (not text or _MAY_BE_MORE.search(text) is not None) and _MORE.match(label(text)) is not None
