"""Pages of lists, and the cursors that lead from one to the next.

A cursor holds the instant that the first page was asked for, how many lines were given, and a digest of what tells the
last one apart: where that line is no longer there, the list has changed and is begun again; no line is ever passed over
in silence.
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

from archive.exports.formats.columns import table_key
from archive.exports.plain_values import json_of
from archive.queries.bounds import FARTHEST, MOST_TURNED, QueryError
from archive.queries.frames import plain
from archive.queries.where import instant_of_question
from nianbao.parameters import Narrowed, Paged, Parameters, Rows
from nianbao.questions import Question, table_question
from storage.home import Home

_DIGEST = 16  # characters
Arrange = Callable[[Sequence[object]], Iterable[object]]  #: all lines of a list → the same in another order


class ChangedError(QueryError):
    """The list is no longer the one that the cursor was given for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: as of ``as_of``, after ``count`` lines, the last of which has the digest ``last``."""

    as_of: datetime
    count: int
    last: str

    def written(self) -> str:
        """The cursor as an address bears it."""
        text = json.dumps([self.as_of.isoformat(), self.count, self.last], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_of(text: str) -> Cursor:
    """The cursor that an address bears. Raises QueryError for what is none."""
    try:
        as_of, count, last = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(datetime.fromisoformat(as_of), int(count), str(last))
        if cursor.as_of.tzinfo is None or not 1 <= cursor.count <= FARTHEST:
            raise ValueError
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise QueryError(
            "this cursor is none that was given; begin the list again without one", code="query.cursor"
        ) from None
    return cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list: its lines, the cursor of the next one (None: it was the last) and the rest of the answer.

    ``answer``: the answer with these lines alone; ``whole``: with all of them, where they were had at once.
    """

    lines: Sequence[object]
    next: str | None
    as_of: datetime
    known: object
    more: Mapping[str, object]
    answer: Any = None
    whole: Any = None

    def to_dict(self) -> dict[str, object]:
        """The page as plain dicts and lists."""
        record = plain(self.parts)
        assert isinstance(record, dict)
        return record

    @property
    def parts(self) -> Mapping[str, object]:
        """The page as the API gives it: its lines, and beside them what else the answer says."""
        head = {"items": self.lines, "next": self.next, "as_of": self.as_of, "known": self.known}
        return {**head, **{name: value for name, value in self.more.items() if name not in head}}


def page_of(home: Home, question: Question, parameters: Parameters, arrange: Arrange | None = None) -> Page:
    """One page of the list that a question asks for; ``arrange``: puts its lines in another order before.

    Raises what the question raises, and :class:`ChangedError`.
    """
    assert isinstance(parameters, Paged)
    cursor = None if parameters.cursor is None else cursor_of(parameters.cursor)
    as_of = instant_of_question(home, cursor.as_of if cursor else parameters.as_of)
    parameters = parameters.model_copy(update={"as_of": as_of})
    if cursor and cursor.count > MOST_TURNED:
        raise QueryError(
            f"a list is turned over as far as {MOST_TURNED:,} lines; narrow it by place, portal or years, or take all "
            "of it as a file",
            code="query.far", most=f"{MOST_TURNED:,}",
        )  # fmt: skip
    first = cursor.count - 1 if cursor else 0  # the last line that was given is looked at again
    count = parameters.limit + (2 if cursor else 1)
    lines, more, state, answer = _lines(home, question, parameters, first, count, arrange)
    if cursor:
        if not lines or _digest(question, lines[0]) != cursor.last:
            raise ChangedError(
                "this list has changed since the page before was given; begin it again without a cursor",
                code="query.changed",
            )
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
    """The answer with these lines alone, each in the list that it stands in."""
    if not question.lines:
        return tuple(lines)
    ids = {id(line) for line in lines}
    return replace(
        answer, **{name: tuple(one for one in getattr(answer, name) if id(one) in ids) for name in question.lines}
    )


def _lines(
    home: Home, question: Question, parameters: Any, first: int, count: int, arrange: Arrange | None
) -> tuple[Sequence[object], Mapping[str, object], object, Any]:
    """``count`` lines of a list from ``first`` on, the rest of the answer, how much is known, and the answer."""
    if question.table is not None:
        from archive.exports.tables import answer as rows_of

        assert isinstance(parameters, Rows)
        sheet, _ = rows_of(home, table_question(question.table, parameters))
        return [*islice(sheet.rows, first, first + count)], {}, known_of(home, parameters), None
    if question.windowed:
        answer = question.ask(home, parameters, limit=count, offset=first)
        every_line: Iterable[object] = lines_of(question, answer)
        lines = [*every_line]
    else:
        answer = question.ask(home, parameters)
        every = lines_of(question, answer)
        lines = [*islice(arrange([*every]) if arrange else every, first, first + count)]
    knowledge = known_of(home, parameters, answer)
    if not question.lines:
        return lines, {}, knowledge, answer
    more = {one.name: getattr(answer, one.name) for one in fields(answer) if one.name not in question.lines}
    return lines, more, knowledge, answer


def lines_of(question: Question, answer: Any) -> Iterator[object]:
    """All lines of an answer, in order."""
    if not question.lines:
        yield from answer
    for name in question.lines:
        yield from getattr(answer, name)


def known_of(home: Home, parameters: Parameters, answer: object = None) -> object:
    """How much is known of the duties asked about, as the answer says it; None of a question about no agency."""
    knowledge: object = getattr(answer, "known", None)
    if knowledge is not None or not isinstance(parameters, Narrowed):
        return knowledge
    from archive.queries.coverage_of_answer import knowledge_of

    return knowledge_of(home, parameters.where(), years=_years(parameters), as_of=parameters.as_of)


def _years(parameters: Parameters) -> tuple[int, ...] | None:
    year = getattr(parameters, "year", None)
    several: tuple[int, ...] | None = getattr(parameters, "years", None)
    return several if year is None else (year,)


def _digest(question: Question, line: object) -> str:
    """What tells a line apart, as short as a cursor bears it."""
    key = table_key(question.table) if question.table else question.key
    text = json_of([_at(line, path) for path in key] if key else line)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def _at(line: object, path: str) -> object:
    """A field of a line, or of a record in it: ``agency.id``."""
    for name in path.split("."):
        line = line[name] if isinstance(line, Mapping) else getattr(line, name)
    return line
