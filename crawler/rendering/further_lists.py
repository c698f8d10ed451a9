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
from crawler.lists.entry_marks import DATE, REPORT
from crawler.lists.filters.body_menus import bodies_by_script, offers_other_bodies
from crawler.lists.filters.group_tabs import offers_other_groups, tabs_of_groups
from crawler.lists.filters.year_choices import Entry, YearOption, offered_years, shows_all
from crawler.rendering.page_turning import Control, bare_text, button, buttons, may_be_pressed

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
    if not (years or groups) and (anew or offers_other_bodies(tree, _titles(tree))):
        groups = [*bodies_by_script(tree).values()]
    if years and offers_other_groups(tree) and not anew:
        return ()
    pressed = [node for node in groups if may_be_pressed(node)]
    of_groups = zip(pressed, buttons(tree, pressed) if pressed else (), strict=True)
    found = [Choice(control.text, control, is_marked(node)) for node, control in of_groups]
    return tuple(found or _of_years(tree, years))[:_MOST]


def _titles(tree: lxml.html.HtmlElement) -> list[str]:
    """What the links of a page say that speak of reports."""
    return [said for node in islice(tree.iter("a"), _NODES) if REPORT.search(said := text_of(node)[:_LONGEST])]


def _entries(tree: lxml.html.HtmlElement) -> list[Entry]:
    """The years that entries name, and those of their dates."""
    rows = (text_of(node) for node in islice(tree.iter("li", "tr", "dd", "p", "a"), _NODES))
    kept = [row for row in rows if _SHORTEST <= len(row) <= _LONGEST and (REPORT.search(row) or DATE.search(row))]
    return [(_ANY_YEAR.findall(DATE.sub(" ", row)), [found[0] for found in DATE.findall(row)]) for row in kept]


def _of_years(tree: lxml.html.HtmlElement, years: dict[str, lxml.html.HtmlElement | YearOption]) -> tuple[Choice, ...]:
    selects = list(tree.iter("select"))
    found = []
    for year, offered in years.items():
        if isinstance(offered, YearOption):
            nth = selects.index(offered.select)
            control = Control("select", bare_text(offered.option), nth, offered.number)
            found.append(Choice(year, control, offered.is_chosen))
        elif may_be_pressed(offered):
            found.append(Choice(year, button(tree, offered), is_marked(offered)))
    return tuple(found)
