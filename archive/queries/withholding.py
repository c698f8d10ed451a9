"""Read which documents and reports rulings withhold, and remove their titles, addresses and persons from texts.

Withheld documents, and withheld reports with all their editions, are given out nowhere; their bytes stay stored. A
ruling on a report also holds for editions found later and for questions about earlier times. Persons are masked by the
same rule as in the search index. Titles and addresses are found in any spelling: full-width characters and percent
codes are decoded, and blanks and invisible characters are ignored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from archive.identity.addresses import same_address
from archive.parser.masking import mask
from storage.capture_store import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Edition, ReportKey, Ruling, RulingKind
from storage.warc_fields import SHOWN_DOM

DIGEST = 64  #: letters of a document's SHA-256: a subject of another length is a report


@dataclass(frozen=True, slots=True)
class Withheld:
    """The rulings that withhold something now, by document (SHA-256) and by report."""

    documents: Mapping[str, Ruling]
    reports: Mapping[ReportKey, Ruling]

    def __bool__(self) -> bool:
        return bool(self.documents or self.reports)

    def because(self, edition: Edition) -> Ruling | None:
        """Return the ruling on its report or one of its documents that withholds an edition, or None."""
        documents = (edition.main, edition.cells_document, *edition.documents)
        ruled = (self.documents[name] for name in documents if name in self.documents)
        return self.reports.get(edition.report) or next(ruled, None)

    def hides(self, edition: Edition) -> bool:
        """Whether an edition is withheld."""
        return self.because(edition) is not None

    def hides_any(self, report: ReportKey, editions: Iterable[Edition]) -> bool:
        """Whether a report or one of its editions is withheld."""
        return report in self.reports or any(map(self.hides, editions))


def subject_of(agency: str, year: int) -> str:
    """Return the subject that a ruling on a report has: agency id, slash, year."""
    return f"{agency}/{year}"


def report_of(subject: str) -> ReportKey | None:
    """Return the report that the subject of a ruling names, or None if the subject is a document's digest."""
    agency, slash, year = subject.rpartition("/")
    return (agency, int(year)) if slash else None


def withheld(home: Home) -> Withheld:
    """Return the rulings that withhold a document or report now: the newest on each, unless it lifts an earlier one."""
    documents: dict[str, Ruling] = {}
    reports: dict[ReportKey, Ruling] = {}
    for ruling in withholdings(home):
        if not ruling.decision.get("lifted"):
            if report := report_of(ruling.subject):
                reports[report] = ruling
            else:
                documents[ruling.subject] = ruling
    return Withheld(documents, reports)


def portals_concerned(home: Home, ruled: Withheld) -> frozenset[str]:
    """Return the names of the portals with anything withheld, so that all others need no further check."""
    captures = CaptureStore(home).by_documents(ruled.documents)
    return frozenset({one.portal for one in captures} | {agency.partition("/")[0] for agency, _ in ruled.reports})


def withholdings(home: Home) -> tuple[Ruling, ...]:
    """Return the newest withholding of each document or report, oldest first. If its decision says ``lifted``, the
    document or report is given out again.
    """
    latest: dict[str, Ruling] = {}
    for ruling in Observations(home).rulings():
        if ruling.kind is RulingKind.WITHHOLD:
            latest.pop(ruling.subject, None)
            latest[ruling.subject] = ruling
    return tuple(latest.values())


# ---------------------------------------------------------------------------------------------- texts that go out

HIDDEN = "（已隐藏）"  #: replaces a withheld title
HIDDEN_ADDRESS = "urn:nianbao:withheld"  #: replaces a withheld address
_WORD = re.compile(r"[^\s<>\"']+")
_ENCODED = re.compile(r"https?://[^\s<>\"'，。；：、（）]+|(?:(?!https?://)[^\s<>\"'，。；：、（）])+")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_BEFORE, _AFTER = r"(?<![a-z0-9.-])(?:https?://)?", r"(?![a-z0-9/=&%_-]|[.?][a-z0-9]|#!?/)"  # of addresses
_UNSEEN_LETTERS = "\u115f\u1160\u2800"  # Hangul fillers and the empty braille pattern: letters to Unicode, but blank
_UNSEEN_CATEGORIES = ("C", "M", "Z")  # control and format signs, variation selectors and other marks, blanks
_REST_OF_BRACKET = re.compile(r"[^()]{0,200}\)")  # the rest of a bracket that begins in a title
_BRACKET = re.compile(r"\([^()]{0,200}\)")


class _Spellings(dict[int, str]):
    """Maps character codes to the spelling used for comparison; each is worked out once."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code))
        visible = (one for one in plain if unicodedata.category(one)[0] not in _UNSEEN_CATEGORIES)
        self[code] = "".join(one for one in visible if one not in _UNSEEN_LETTERS)
        return self[code]


_SPELLINGS = _Spellings()


def spell_alike(text: str) -> str:
    """Return the text as titles are compared: full-width letters folded, blanks and invisible characters removed."""
    return text.translate(_SPELLINGS)


def spell_address_alike(url: str) -> str:
    """Return an address in the spelling in which addresses are compared: decoded, without its scheme."""
    text = same_address(url.removeprefix(SHOWN_DOM))
    for _ in range(2):
        text = _decode(text)
    return spell_alike(text.partition("://")[2])


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return unquote(text, "gb18030")


def _decodings(text: str) -> Iterable[str]:
    """Return a text as it is, and with its percent codes decoded: once, twice, and as GBK."""
    if "%" not in text:
        return (text,)
    once = unquote(text)
    return dict.fromkeys((text, once, unquote(once), unquote(text, "gb18030"), unquote(once, "gb18030")))


@dataclass(frozen=True)
class Secrets:
    """What to remove from texts given out: titles and addresses, as the two functions above spell them alike."""

    titles: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.titles or self.addresses)

    def text(self, text: str) -> str:
        """Return a text with persons masked and withheld titles and addresses hidden, as every answer shows it."""
        if self and "%" in text:
            text = _ENCODED.sub(self._hide_encoded, text)
        if self.addresses and "/" in text:
            text = _WORD.sub(self._hide_addresses, text)
        return mask(_replace(text, self._title, HIDDEN, _end_of_title) if self.titles else text)

    def address(self, url: str) -> str:
        """Return an address, or HIDDEN_ADDRESS if it is withheld."""
        return HIDDEN_ADDRESS if self.hides(url) else url

    def hides(self, url: str) -> bool:
        """Whether an address is withheld, or contains a withheld title or address."""
        return bool(self) and (spell_address_alike(url) in self.addresses or self.are_in(url))

    def are_in(self, text: str) -> bool:
        """Whether a text contains a withheld title or address, in any percent encoding."""
        return bool(self) and any(self._is_in(one) for one in _decodings(text))

    def _is_in(self, text: str) -> bool:
        words = _WORD.findall(text) if self.addresses and "/" in text else ()
        return (bool(self.titles) and self._title.search(spell_alike(text)) is not None) or any(
            "/" in one and self._address.search(spell_alike(one)) for one in words
        )

    def _hide_addresses(self, word: re.Match[str]) -> str:
        return _replace(word[0], self._address, HIDDEN_ADDRESS) if "/" in word[0] else word[0]

    def _hide_encoded(self, word: re.Match[str]) -> str:
        return HIDDEN_ADDRESS if _ESCAPE.search(word[0]) and self.are_in(word[0]) else word[0]

    @cached_property
    def _title(self) -> re.Pattern[str]:
        return re.compile(_any_of(self.titles))

    @cached_property
    def _address(self) -> re.Pattern[str]:
        return re.compile(f"{_BEFORE}(?:{_any_of(self.addresses)}){_AFTER}", re.IGNORECASE)


NO_SECRETS = Secrets()


def _replace(
    text: str, secret: re.Pattern[str], token: str, end_of: Callable[[str, re.Match[str]], int] | None = None
) -> str:
    """Replace the parts of ``text`` like ``secret``, however spelt, by ``token``; ``end_of``: where a part ends."""
    if not secret.search(plain := spell_alike(text)):
        return text
    places = [at for at, letter in enumerate(text) for _ in _SPELLINGS[ord(letter)]]
    parts, end = [], 0
    for match in secret.finditer(plain):
        start, last = places[match.start()], places[(end_of(plain, match) if end_of else match.end()) - 1] + 1
        if start >= end:
            parts += [text[end:start], token]
        end = max(end, last)
    return "".join([*parts, text[end:]])


def _end_of_title(plain: str, match: re.Match[str]) -> int:
    """Return where a title ends: behind the bracket that it ends in, or that directly follows it."""
    is_open = match[0].count("(") > match[0].count(")")
    rest = (_REST_OF_BRACKET if is_open else _BRACKET).match(plain, match.end())
    return rest.end() if rest else match.end()


def _any_of(secrets: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(secrets, key=len, reverse=True)))
