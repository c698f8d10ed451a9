"""Name the question whose answer a page shows. The address of a page with a suffix leads to its data (``…/2025.json``),
and the header ``Link`` of the page names them (RFC 8288, by the relations of Signposting).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from nianbao.api.routes import FORMATS
from nianbao.language import Language
from nianbao.questions import question

#: address of a page below ``/zh/`` and ``/en/`` → the question that it answers
QUESTION_OF_PAGE = {
    "": "totals",
    "portal/{name}": "coverage",
    "agency/{agency:path}": "agency_duties",
    "duty/{agency:path}/{year}": "status",
    "report/{agency:path}/{year}": "show",
    "diff/{agency:path}/{year}": "diff",
    "cell/{agency:path}/{year}/{indicator}": "cite",
    "rollup": "rollup",
}
_PARAMETERS = {"name": "portal", "indicator": "cell"}  # parameter in an address → that of the question, if it differs
_LINKED = {".json": "alternate", ".csv": "alternate", ".metadata.json": "describedby"}  # suffix → relation


def address_of_data(page: str) -> str:
    """Return the address of a page's data for a route: a ``stem`` ends where the longest suffix begins."""
    begin, brace, last = page.rpartition("{")
    stem = f"{last.rstrip('}').partition(':')[0]}:stem}}" if brace else last
    return f"{begin}{brace}{stem}{{suffix:suffix}}"


def data_query(path_values: Mapping[str, str], query: Iterable[tuple[str, str]]) -> str:
    """Return the query string of a page's question: the parameters of the page's path, then those of its query."""
    values = {_PARAMETERS.get(name, name): value for name, value in path_values.items()}
    return urlencode([*((name, value) for name, value in values.items() if name not in {"lang", "suffix"}), *query])


def data_links(
    page: str, lang: Language, path_values: Mapping[str, str], query: Iterable[tuple[str, str]], cite_as: str
) -> str:
    """Return the value of the header ``Link`` of a page; ``cite_as``: the lasting address to cite, "" for none."""
    name = QUESTION_OF_PAGE[page]
    parameters = question(name).parameters.model_fields
    own_query = data_query(path_values, [(key, value) for key, value in query if key in parameters])
    links = [
        f'</{lang}/ask/{name}{suffix}?{own_query}>; rel="{relation}"; type="{FORMATS[suffix].media.partition(";")[0]}"'
        for suffix, relation in _LINKED.items()
    ]
    return ", ".join([f'<{cite_as}>; rel="cite-as"', *links] if cite_as else links)
