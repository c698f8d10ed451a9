"""Ask one question on the command line: read its parameters, ask it, show its answer or write it to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from archive.exports.formats.columns import FileFormat
from archive.exports.plain_values import cell_text
from archive.exports.writing import format_of, safe_place, write_lines, writer_of
from archive.queries.bounds import NotKnownError
from archive.queries.words import CHINA
from nianbao.answer_tables import AnswerTable, sheet_of_answer
from nianbao.cli import common
from nianbao.cli.command_functions import option
from nianbao.cli.common import STDOUT, place_of
from nianbao.cli.output import Printer, print_text, tell_match
from nianbao.language import current
from nianbao.parameters import Parameters, parse_parameters
from nianbao.questions import Question
from nianbao.sentences import days_ago, in_language, joined, sentence, some, worded
from storage.atomic_files import whole_file
from storage.home import Home
from storage.status_rows import due_by

if TYPE_CHECKING:
    from archive.queries.freshness import PlaceFreshness
    from archive.queries.results import DutyLine, Verdict


@dataclass
class View:
    """One call of a command that asks a question: the question, its parameters and how the answer is shown.

    ``questions``: the question of the command first, then others that it may ask as well; ``values``: name → text of
    the parameters that were typed; ``name_of``: converts the name of a parameter to the option that errors show;
    ``next``: after an answer, the cursor of the following page (None: there is none); ``whole``: the answer of which
    a page was asked for.
    """

    questions: Sequence[Question]
    values: dict[str, Any]
    printer: Printer
    archive: Path | None
    name_of: Callable[..., str]
    next: str | None = None
    whole: Any = None

    def __post_init__(self) -> None:
        self.answered = self.question  #: the question that was asked last

    @property
    def question(self) -> Question:
        """The question that the command asks."""
        return self.questions[0]

    def __enter__(self) -> View:
        return self

    def __exit__(self, *error: object) -> None:
        if "home" in self.__dict__:
            self.home.close()

    @cached_property
    def home(self) -> Home:
        """Open the archive at first use."""
        return common.opened(self.archive)

    @property
    def is_paged(self) -> bool:
        """True if the user asked for one page of lines (``--limit`` or ``--cursor``) instead of all lines."""
        return "limit" in self.values or "cursor" in self.values

    def parameters(self, name: str = "") -> Any:
        """Return the checked parameters of the question ``name`` ("": the command's own). Raises QueryError; an option
        that the question lacks ends the command.
        """
        model: type[Parameters] = self._question_named(name).parameters
        if strange := [key for key in self.values if key not in model.model_fields]:
            common.fail(sentence("page.not_here", option=option(strange[0])))
        names = {name: self.name_of(name, is_given=name in self.values) for name in model.model_fields}
        return parse_parameters(model, {**self.values, "lang": current()}, names.__getitem__)

    def _question_named(self, name: str) -> Question:
        return next((one for one in self.questions if one.name == name), self.question)

    def answer(self, name: str = "", **more: Any) -> Any:
        """Ask the question ``name`` ("": the command's own) and return its answer, or one page of it if asked for. An
        agency or indicator by a name that fits only one is replaced, and a place never crawled ends the command.
        """
        one, parameters = self._question_named(name), self.parameters(name)
        self.answered = one
        try:
            if not (self.is_paged and one.is_list):
                return one.ask(self.home, parameters, **more)
            from nianbao.paging import page_of

            page = page_of(self.home, one, parameters, reversed if one.by_time and self.printer.is_for_people else None)
        except NotKnownError as error:
            from nianbao.form_fields import take_only_match

            self.end_if_not_crawled({*map(self.values.get, ("place", "portal")), error.values.get("place")} - {None})
            values, match = take_only_match(self.home, current(), error, self.values)
            self.values |= values
            tell_match(error, match)
            return self.answer(name, **more)
        self.next, self.whole = page.next, page.whole
        return page.answer

    def end_if_not_crawled(self, names: Collection[object]) -> None:
        """If a place or portal of these names was never crawled, print the command that crawls it and end."""
        from crawler.portals import classes
        from storage.registry import Registry

        known_portals = {one.name for one in Registry(self.home).portals()} if names else set()
        for name, portal in classes(self.home.path).items() if names else ():
            if name not in known_portals and not {name, portal.place, portal.division}.isdisjoint(names):
                print_text(sentence("empty.set_up", place=portal.place, command=f"nianbao crawl {name}"))
                raise typer.Exit(common.ATTENTION)

    def report_or_why_not(self) -> Any:
        """Return the answer about one report; if we do not have it, end with its status (missing, unknown …)."""
        try:
            return self.answer()
        except NotKnownError as error:
            common.fail(" ".join(filter(None, (worded(error), self._status_of(self.parameters())))))

    def _status_of(self, one: Any) -> str:
        """Return a sentence with the status of a report; "" without a year, for an unknown one, and if it was seen."""
        from archive.queries.verdict import status

        try:
            line = None if one.year is None else status(self.home, one.agency, one.year).duty
        except NotKnownError:
            return ""
        if line is None or line.first_shown is not None:
            return ""
        return sentence("page.standing", standing=sentence(f"status.{line.status}"), sentence=in_language(line))

    def age(self, as_of: datetime, portals: Collection[str] | None = None, *, of: Verdict | None = None) -> str:
        """Return a sentence with the instant of the answer and the days when all lists had been last read to their end.
        ``portals``: those with these lists (None: all asked about); ``of``: the status, if it is one: its lists count.
        """
        from archive.projection.update import count_waiting
        from archive.queries.freshness import freshness
        from archive.queries.where import EVERYTHING
        from nianbao.answer_metadata import where_of_answer

        parts = [sentence("footer.as_of" if of else "footer.known_at", at=cell_text(of.stated_as_of if of else as_of))]
        if of:
            portals, day = [of.duty.agency.portal], of.lists_as_of
            parts.append(
                sentence("footer.own_lists", day=cell_text(day)[:10]) if day else sentence("footer.no_own_look")
            )
        else:
            where = (None if portals else where_of_answer(self.home, self.parameters())) or EVERYTHING
            every = freshness(self.home, replace(where, as_of=as_of))
            places = [one for one in every if portals is None or one.portal in portals]
            portals = [one.portal for one in places]
            parts += self._last_looks(places, as_of)
        if count_waiting(self.home, portals):  # captures that are not read yet
            parts.append(sentence("footer.waiting"))
        return joined("sentences", *parts)

    def _last_looks(self, places: Sequence[PlaceFreshness], as_of: datetime) -> Iterator[str]:
        """Yield the first and last day when places had all their lists last read to their end; places without one."""
        days = sorted((cell_text(one.complete_as_of)[:10], one.place) for one in places if one.complete_as_of)
        if days:
            (first, _), (last, _) = days[0], days[-1]
            place = some([name for day, name in days if day == first], 1)
            most, least = ((as_of.astimezone(CHINA).date() - date.fromisoformat(day)).days for day in (first, last))
            if first == last:
                yield sentence("footer.last_look", day=first, days=most)
            else:
                yield sentence("footer.last_looks", first=first, place=place, last=last, ago=days_ago(least, most))
        if addressed := [one.place for one in places if one.complete_as_of and one.is_addressed]:
            yield sentence("footer.addresses", places=some(addressed, 5))
        if never := [one.place for one in places if not one.complete_as_of]:
            yield sentence("footer.never", places=some(never, 5))

    def present(self, answer: Any, screen: str, *, empty: str = "", attention: object = False, **values: Any) -> None:
        """Print an answer: for people with the template ``screen``, for programs as JSON or as a table.

        ``values``: further values for the template; ``empty``: the sentence that says why there are no lines;
        ``attention``: if true, the command ends with exit code 1.
        """
        if self.printer.is_for_people:
            from nianbao.cli.screens import show

            show(screen, found=answer, view=self, empty=empty, **values)
        elif self.printer is Printer.JSON:
            self.printer.emit(self._records(answer))
        else:
            write_lines(FileFormat(self.printer.value), sheet_of_answer(self.home, self.answered, answer), sys.stdout)
        beside = sys.stdout if self.printer.is_for_people else sys.stderr  # programs read stdout: keep it clean
        if empty and not self.printer.is_for_people:
            print_text(empty, beside)
        if self.next is not None:
            print_text(sentence("page.next", cursor=self.next), beside)
        common.attention(attention)

    def _records(self, answer: Any) -> list[dict[str, object]]:
        """Convert an answer to JSON records, with the cursor of the next page if paged; duties become one flat list."""
        from archive.queries.results import AgencyDuties, DutyList

        if isinstance(answer, AgencyDuties | DutyList):
            return [_duty_row(line) for line in (*answer.duties, *getattr(answer, "townships", ()))]
        if isinstance(answer, tuple):
            return [one.to_dict() for one in answer]
        return [answer.to_dict() | ({"next": self.next} if self.is_paged else {})]

    def write_page(self, path: Path, make: Callable[[], str]) -> None:
        """Write the HTML page that ``make`` returns to a file, completely or not at all; ``-`` is standard output."""
        from storage.atomic_files import write_whole

        place, text = place_of(self.home, path), make()
        if place == STDOUT:
            sys.stdout.write(text)
            return
        with common.writing(place):
            write_whole(place, text.encode())
        print_text(sentence("page.written", place=place))

    def write(self, path: Path, *, slim: bool = False) -> None:
        """Write all lines of the answer to a file; its ending selects the format. ``slim``: only the main columns."""
        if path == STDOUT:
            common.fail(sentence("page.no_file"))
        parameters, fmt = self.parameters(), format_of(None, path)
        writer_of(fmt)  # says which package is lacking
        place, answer = safe_place(self.home, path), AnswerTable.of(self.home, self.question, parameters)
        with common.writing(place), whole_file(place) as out:
            written = answer.write(fmt, Path(out.name), in_words=True, slim=slim)
        print_text(sentence("page.rows", place=place, rows=written.rows))
        common.attention(written.inexact)  # numbers that the format cannot hold exactly


def _duty_row(line: DutyLine) -> dict[str, object]:
    """Return a duty as JSON, with columns of its agency, and with ``why``: its reason in the language of this run."""
    who = line.agency
    return {
        **line.to_dict(),
        "agency": who.name, "agency_id": who.id, "kind": who.kind.value, "portal": who.portal, "place": who.place,
        "division": who.division, "due": line.due or line.practice,
        "due_by": (line.due or line.practice) and due_by(line.due, line.practice),
        "why": in_language(line),
    }  # fmt: skip
