"""Two editions side by side as a page that stands alone: no script, nothing loaded, all that portals wrote escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from archive.exports.changed_text import segments
from archive.exports.plain_values import cell_text
from archive.exports.safe_text import safe_text
from archive.queries.results import CellChange, CellLine, Difference, EditionLine, Paragraph, ParagraphChange
from nianbao.cli.texts.difference_text import locator_words, side
from nianbao.language import Language, current
from nianbao.messages import LANGUAGES, say
from nianbao.sentences import named

_STYLE = """
body { font: 16px/1.6 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; color: #1a1a1a; background: #fff }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin-bottom: 2rem }
th, td { border: 1px solid #767676; padding: .4rem .6rem; vertical-align: top; text-align: left;
  overflow-wrap: anywhere }
ins { background: #d4f0d4; color: #0b4a0b } del { background: #fbdcdc; color: #7a0c0c }
small { color: #595959; display: block }
"""


def page(found: Difference, *, simulated: bool = False) -> str:
    """The page as HTML; ``simulated``: it says that the portals are imitations. A withheld difference is not to be
    asked for.
    """
    assert not found.withheld
    title = f"{found.agency.name} {found.year}"
    told = "".join(f"<p>{_text(say('cli', lang, 'answer.simulated'))}</p>\n" for lang in LANGUAGES if simulated)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>\n<body><h1>{_text(title)}</h1>\n{told}"
        f"<h2>{_both('cells')}: {len(found.cells)}</h2>\n{_table(found, _cells(found.cells), 'cell')}\n"
        f"<h2>{_both('paragraphs')}: {len(found.paragraphs)}</h2>\n"
        f"{_table(found, _paragraphs(found.paragraphs), 'section')}\n</body></html>\n"
    )


def _table(found: Difference, rows: Iterable[str], first: str) -> str:
    head = "".join(f'<th scope="col">{_edition(one)}</th>' for one in (found.before, found.after))
    body = "\n".join(rows)
    return f'<table><thead><tr><th scope="col">{_both(first)}</th>{head}</tr></thead><tbody>\n{body}\n</tbody></table>'


def _edition(one: EditionLine) -> str:
    seen = f"{cell_text(one.first_seen)} – {cell_text(one.last_seen)}"
    return f"{_text(one.id)}<small>{_text(seen)}</small>"


def _cells(changes: Iterable[CellChange]) -> Iterable[str]:
    for one in changes:
        label = f"{_text(one.zh if current() is Language.ZH else one.en)}<small>{_text(one.id)}</small>"
        yield f'<tr><th scope="row">{label}</th>{_cell(one.before, "del")}{_cell(one.after, "ins")}</tr>'


def _cell(cell: CellLine | None, tag: str) -> str:
    if cell is None:
        return f"<td><small>{_both('not_printed')}</small></td>"
    more = f"“{cell.raw}” · {named(cell.state.value, 'state')} · {locator_words(cell.locator)}"
    return f"<td><{tag}>{_text(side(cell))}</{tag}><small>{_text(more)}</small></td>"


def _paragraphs(changes: Iterable[ParagraphChange]) -> Iterable[str]:
    for one in changes:
        whole = one.op != "replaced"
        sides = f"{_paragraph(one.before, 'del', whole)}{_paragraph(one.after, 'ins', whole)}"
        yield f'<tr><th scope="row">{_text(one.heading)}<small>{_both(one.op)}</small></th>{sides}</tr>'


def _paragraph(one: Paragraph | None, tag: str, whole: bool) -> str:
    if one is None:
        return "<td></td>"
    parts = "".join(
        f"<{tag}>{_text(text)}</{tag}>" if changed or whole else _text(text) for text, changed in segments(one)
    )
    return f'<td>{parts}<small lang="{current()}">{_text(locator_words(one.locator))}</small></td>'


def _both(key: str) -> str:
    """A word of the page in both languages."""
    return _text(" / ".join(say("answers", lang, f"diff.{key}") for lang in LANGUAGES))


def _text(text: str) -> str:
    return escape(safe_text(text))
