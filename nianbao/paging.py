"""Split lists into pages, and make the cursors that lead from one page to the next.

A cursor holds the instant of the first page (all pages answer as of it), the number of lines returned so far, and a
digest of the last of them. If another line is in its place by now, the list has changed (a ruling, a better reader) and
must be read from its beginning: so no line is skipped silently.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import islice
from typing import Any

from archive.exports.formats.columns import sheet
from archive.exports.plain_values import json_of
from archive.queries.bounds import FARTHEST, MOST_TURNED, QueryError
from archive.queries.frames import basic_value
from archive.queries.where import instant_of_question
from nianbao.parameters import Narrowed, Paged, Parameters
from nianbao.questions import Question
from storage.home import Home

_DIGEST = 16  # characters of a digest in a cursor
Arrange = Callable[[Sequence[object]], Iterable[object]]  #: all lines of a list → the same lines in another order


class ChangedError(QueryError):
    """The list has changed since the cursor was made."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page: ``count`` lines as of ``as_of`` were returned so far; the last one has the digest ``last``."""

    as_of: datetime
    count: int
    last: str

    def written(self) -> str:
        """Return the cursor as text for an address."""
        text = json.dumps([self.as_of.isoformat(), self.count, self.last], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_of(text: str) -> Cursor:
    """Read a cursor from an address. Raises QueryError if the text is not a cursor."""
    try:
        as_of, count, last = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(datetime.fromisoformat(as_of), int(count), str(last))
        if cursor.as_of.tzinfo is None or not 1 <= cursor.count <= FARTHEST:
            raise ValueError
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise QueryError(code="query.cursor") from None
    return cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list: its ``lines``, the cursor of the ``next`` page (None: this is the last), how much is ``known``
    of the reports asked about, and ``more``: the other fields of the answer. ``answer``: the answer with only these
    lines; ``whole``: the answer as the query returned it.
    """

    lines: Sequence[object]
    next: str | None
    as_of: datetime
    known: object
    more: Mapping[str, object]
    answer: Any = None
    whole: Any = None

    def __repr__(self) -> str:
        return f"<{len(self.lines)} lines, next={self.next!r}>"

    def to_dict(self) -> dict[str, object]:
        """Return the page as plain dicts and lists."""
        record = basic_value(self.parts)
        assert isinstance(record, dict)
        return record

    @property
    def parts(self) -> Mapping[str, object]:
        """Return the page as the API responds with it: its lines as ``items``, and the other fields of the answer."""
        head = {"items": self.lines, "next": self.next, "as_of": self.as_of, "known": self.known}
        return {**head, **{name: value for name, value in self.more.items() if name not in head}}


def page_of(home: Home, question: Question, parameters: Parameters, arrange: Arrange | None = None) -> Page:
    """Ask a question and return one page of its list; ``arrange`` sorts all lines first (None: they stay as they are).

    Raises the errors of the question, and :class:`ChangedError` if the list is no longer that of the page before.
    """
    assert isinstance(parameters, Paged)
    cursor = None if parameters.cursor is None else cursor_of(parameters.cursor)
    as_of = instant_of_question(home, cursor.as_of if cursor else parameters.as_of)
    parameters = parameters.model_copy(update={"as_of": as_of})
    if cursor and cursor.count > MOST_TURNED:
        raise QueryError(code="query.far", most=f"{MOST_TURNED:,}")
    first = cursor.count - 1 if cursor else 0  # read the last line of the page before again, to compare it
    count = parameters.limit + (2 if cursor else 1)
    lines, more, state, answer = _lines(home, question, parameters, first, count, arrange)
    if cursor:
        if not lines or _digest(question, lines[0]) != cursor.last:
            raise ChangedError(code="query.changed")
        lines = lines[1:]
    lines_of_page = lines[: parameters.limit]
    over = len(lines) > parameters.limit
    following = (
        Cursor(as_of, first + bool(cursor) + len(lines_of_page), _digest(question, lines_of_page[-1])) if over else None
    )
    return Page(
        lines=lines_of_page, next=following.written() if following else None, as_of=as_of, known=state, more=more,
        answer=_with_lines(question, answer, lines_of_page), whole=answer,
    )  # fmt: skip


def _with_lines(question: Question, answer: Any, lines: Sequence[object]) -> Any:
    """Return the answer with only these lines, each in the field of the answer in which it was."""
    if not question.lines:
        return tuple(lines)
    ids = {id(line) for line in lines}
    return replace(
        answer, **{name: tuple(one for one in getattr(answer, name) if id(one) in ids) for name in question.lines}
    )


def _lines(
    home: Home, question: Question, parameters: Any, first: int, count: int, arrange: Arrange | None
) -> tuple[Sequence[object], Mapping[str, object], object, Any]:
    """Return ``count`` lines from ``first`` on, the answer's other fields, how much is known, and the answer."""
    window = {"limit": count, "offset": first} if question.windowed else {}
    answer = question.ask(home, parameters, **window)
    every = lines_of(question, answer)
    lines = [*every] if window else [*islice(arrange([*every]) if arrange else every, first, first + count)]
    knowledge = known_of(home, parameters, answer)
    if not question.lines:
        return lines, {}, knowledge, answer
    more = {one.name: getattr(answer, one.name) for one in fields(answer) if one.name not in question.lines}
    return lines, more, knowledge, answer


def lines_of(question: Question, answer: Any) -> Iterator[object]:
    """Yield all lines of an answer, in order."""
    if not question.lines:
        yield from answer if question.table is None else answer.sheet.rows
    for name in question.lines:
        yield from getattr(answer, name)


def known_of(home: Home, parameters: Parameters, answer: object = None) -> object:
    """Return how much is known of the reports asked about, from the answer or else counted; None for a question without
    a filter of agencies.
    """
    knowledge: object = getattr(answer, "known", None)
    if knowledge is not None or not isinstance(parameters, Narrowed):
        return knowledge
    from archive.queries.coverage_of_answer import knowledge_of

    return knowledge_of(home, parameters.where())


def _digest(question: Question, line: object) -> str:
    """Return a short digest of the fields that identify a line."""
    key = sheet(question.table, ()).key if question.table else question.key
    text = json_of([_at(line, path) for path in key] if key else line)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def _at(line: object, path: str) -> object:
    """Return a field of a line, or of a record within the line, as ``agency.id``."""
    for name in path.split("."):
        line = line[name] if isinstance(line, Mapping) else getattr(line, name)
    return line
