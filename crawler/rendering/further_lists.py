"""Which further lists of a column a page as rendered offers behind buttons and choices without an address (pure).

Years (a ``<select>`` of years, tabs 2024年 | 2023年), or groups of bodies (县直部门 | 乡镇): each is shown in turn, and
turned to its end. Years within groups are not: nobody knows then what stands behind what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

import lxml.html

from crawler.lists.addresses import text_of
from crawler.lists.controls import is_marked
from crawler.lists.entry_patterns import DATE, REPORT
from crawler.lists.filters.body_menus import bodies_by_script, offers_other_bodies
from crawler.lists.filters.group_tabs import offers_other_groups, tabs_of_groups
from crawler.lists.filters.list_choices import is_chosen
from crawler.lists.filters.year_choices import Entry, offered_years, shows_all
from crawler.rendering.page_turning import Control, bare_text, buttons, may_be_pressed

_MOST = 1_000  # choices of a page: more than are ever shown, so that what is left is seen
_NODES = 20_000
_SHORTEST, _LONGEST = 8, 300  # characters of a row
_ANY_YEAR = re.compile(r"(?<!\d)20[0-2]\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Choice:
    """A further list. ``label``: the year, or what the button says; ``shown``: it is said to be the one shown now."""

    label: str
    control: Control
    shown: bool = False


def choices_of(tree: lxml.html.HtmlElement | None, *, anew: bool = False) -> tuple[Choice, ...]:
    """Return the lists that a page offers, that which it shows among them; none where all of them are on it (``anew``:
    they are known not to be).
    """
    if tree is None:
        return ()
    years = offered_years(tree)
    years = years if len(years) > 1 and (anew or not shows_all(years, _entries(tree))) else {}
    groups = tabs_of_groups(tree) if not years and (anew or offers_other_groups(tree)) else []
    if not years and (groups or anew or offers_other_bodies(tree, _titles(tree))):
        bodies = [*bodies_by_script(tree).values()]
        every = [*bodies, *groups]
        leaves = [node for node in every if not _holds(node, bodies)]
        groups = leaves if len(leaves) < len(every) else groups or bodies
    if years and offers_other_groups(tree) and not anew:
        return ()
    of_groups = _pressed(tree, {bare_text(node): node for node in groups})
    return (of_groups or _pressed(tree, years))[:_MOST]


def _holds(folder: lxml.html.HtmlElement, bodies: list[lxml.html.HtmlElement]) -> bool:
    """Whether an element is the folder of a tree in which bodies stand: it only folds, the bodies show their lists."""
    branch = next(folder.iterancestors("li"), None)
    others = (body for body in bodies if body is not folder)
    return branch is not None and any(branch in body.iterancestors("li") for body in others)


def _pressed(tree: lxml.html.HtmlElement, nodes: dict[str, lxml.html.HtmlElement]) -> tuple[Choice, ...]:
    """The buttons and options that may be pressed, each with its label."""
    kept = {label: node for label, node in nodes.items() if node.tag == "option" or may_be_pressed(node)}
    controls = buttons(tree, [*kept.values()]) if kept else ()
    return tuple(
        Choice(label, control, _is_shown(node)) for (label, node), control in zip(kept.items(), controls, strict=True)
    )


def _is_shown(node: lxml.html.HtmlElement) -> bool:
    """Whether a button is marked, or an option chosen."""
    return is_chosen(node) if node.tag == "option" else is_marked(node)


def _titles(tree: lxml.html.HtmlElement) -> list[str]:
    """What the links of a page say that speak of reports."""
    return [said for node in islice(tree.iter("a"), _NODES) if REPORT.search(said := text_of(node)[:_LONGEST])]


def _entries(tree: lxml.html.HtmlElement) -> list[Entry]:
    """The years that entries name, and those of their dates."""
    rows = (text_of(node) for node in islice(tree.iter("li", "tr", "dd", "p", "a"), _NODES))
    kept = [row for row in rows if _SHORTEST <= len(row) <= _LONGEST and (REPORT.search(row) or DATE.search(row))]
    return [(_ANY_YEAR.findall(DATE.sub(" ", row)), [found[0] for found in DATE.findall(row)]) for row in kept]
