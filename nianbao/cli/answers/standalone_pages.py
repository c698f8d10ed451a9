"""Answers as pages that stand alone, in Chinese and English: a duty or a report with its evidence, two editions.

No script, nothing loaded: captured pages stand in frames without rights, made harmless as the web pages make them.
Good on paper and on a phone; each capture has its whole SHA-256 and the command that checks it. The templates lie in
``nianbao/cli/templates``.
"""

from __future__ import annotations

from functools import cache, partial

from jinja2 import Environment
from markupsafe import Markup, escape

from archive.exports.safe_text import safe_text
from archive.queries.nearest import NotKnownError
from archive.queries.one_capture import find_capture
from archive.queries.results import CaptureLine, Difference, Report, Verdict
from archive.queries.withheld_content import outgoing
from nianbao.cli.report_words import locator_words, shown_cell, status_words
from nianbao.language import Language, current
from nianbao.messages import LANGUAGES, say
from nianbao.sentences import look_reason, word_of
from nianbao.templates import templates_of
from nianbao.web.archived import harmless
from nianbao.web.downloads import read_beginning
from storage.errors import StorageError
from storage.home import Home

_MAX_FRAME_CHARS = 2_000_000  # of a captured page that stands in a frame


def duty_page(home: Home, verdict: Verdict) -> str:
    """Return the page of a duty: the claim, the rule, and each look with the list page as it was captured."""
    return _page(home, "duty.html", f"{verdict.duty.agency.name} {verdict.duty.year}", found=verdict)


def report_page(home: Home, report: Report, address: str) -> str:
    """Return the page of a report: where it was, its cells, and the page as it was captured."""
    title, as_of = f"{report.agency.name} {report.edition.year}", home.clock.now()
    return _page(home, "report.html", title, found=report, address=address, as_of=as_of)


def difference_page(home: Home, difference: Difference) -> str:
    """Return two editions side by side; a withheld difference is not to be asked for."""
    assert not difference.withheld
    return _page(home, "difference.html", f"{difference.agency.name} {difference.year}", found=difference)


def _page(home: Home, template: str, title: str, **values: object) -> str:
    frame = {"title": title, "simulated": home.simulated, "captured": partial(_captured, home)}
    return _templates().get_template(template).render({**frame, **values}, lang=current().value) + "\n"


@cache
def _templates() -> Environment:
    environment = templates_of("nianbao.cli").overlay(finalize=_safe)
    environment.globals |= {
        "say": say, "languages": LANGUAGES, "status_words": status_words, "shown_cell": shown_cell, "word_of": word_of,
        "locator_words": locator_words, "look_reason": lambda code, lang: look_reason(code, Language(lang)),
    }  # fmt: skip
    return environment


def _safe(value: object) -> object:
    return safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _captured(home: Home, capture: CaptureLine) -> Markup | None:
    """Return a captured page as harmless HTML for a frame; None if it is none, is withheld, too large, or not held."""
    try:
        source = find_capture(home, capture.id)
        if source.holder is None or outgoing(home).hides(source.capture):
            return None
        if b"<" not in read_beginning(home, source.capture, _MAX_FRAME_CHARS):
            return None
        page = harmless(source.holder.document or "", partial(read_beginning, home, source.capture))
    except (NotKnownError, StorageError):
        return None
    return escape(page) if page is not None and len(page) <= _MAX_FRAME_CHARS else None
