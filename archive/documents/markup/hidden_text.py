"""Text that a page hides is read only where nothing shown says the same: tabs that a script opens, wrong guesses."""

from __future__ import annotations

from archive.documents.markup.paths import Paths
from archive.documents.markup.scan import Element, Scan, text_in
from archive.documents.markup.tree_text import restore, silence
from archive.documents.markup.vocabulary import OF_TABLES, Vocabulary

_LEAST = 40  # characters of hidden text that may hold something of a report
_FEW = 3  # markers; a page that shows fewer shows no report


def reveal(page: Scan, vocabulary: Vocabulary) -> list[str]:
    """Give those hidden elements their text back which hold parts of the report that the page does not show.

    A hidden copy of a part that is shown stays hidden. Returns the CSS paths of the elements; if there are any, the
    page must be walked over again.
    """
    patterns = vocabulary.chapters + vocabulary.table_markers
    shown = {number for number, pattern in enumerate(patterns) if pattern.search(page.text)}
    held: list[tuple[Element, set[int]]] = []
    for element, kept in page.hidden.items():
        if sum(len(text or "") + len(tail or "") for _, text, tail in kept) < _LEAST:
            continue
        restore(element, kept)
        text = "".join(text_in(element).split())
        silence(element)
        held.append((element, {number for number, pattern in enumerate(patterns) if pattern.search(text)}))
    # the fullest first: of two hidden copies one is enough
    held.sort(key=lambda pair: -len(pair[1]))
    bare = len(shown) < _FEW
    found: list[str] = []
    own = set(range(len(vocabulary.chapters) + OF_TABLES))
    for element, marks in held:
        if not (marks - shown) & own or (marks & shown & own and (found or not bare)):
            continue
        restore(element, page.hidden.pop(element))
        found.append(Paths(page.ids).of(element))
        shown |= marks
    return found
