"""One question asked on the command line: its parameters are read, it is asked, its answer is shown or written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from archive.exports.files import safe_place, whole
from archive.exports.formats.answer_formats import FileFormat
from archive.exports.plain_values import cell_text
from archive.exports.writing import check, format_of, write_lines, writer_of
from archive.queries.bounds import NotKnownError
from archive.queries.words import CHINA
from nianbao.answer_tables import for_people, for_stata, sheet_of, sheet_of_answer, slimmed
from nianbao.cli import common
from nianbao.cli.command_functions import option
from nianbao.cli.common import STDOUT, place_of
from nianbao.cli.output import Format, Output, emit, in_language, say
from nianbao.language import Language, current
from nianbao.parameters import Parameters, understood
from nianbao.questions import Question
from nianbao.sentences import joined, sentence, worded
from storage.home import Home
from storage.records import Status

if TYPE_CHECKING:
    from archive.queries.results import DutyLine

_FOR_PEOPLE = frozenset({FileFormat.CSV, FileFormat.XLSX})  # files that people open


@dataclass
class View:
    """What was asked, and how its answer is to be shown.

    ``questions``: the one that the command asks, and others that it may ask; ``values``: parameters by name, as they
    were written; ``name_of``: how an error calls a parameter; ``next``: the cursor of the page that follows the one
    asked for, after it was asked.
    """

    questions: Sequence[Question]
    values: dict[str, Any]
    out: Output
    archive: Path | None
    name_of: Callable[..., str]
    next: str | None = None

    def __post_init__(self) -> None:
        self.answered = self.question  #: the one that was asked last

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
        """The archive, opened when it is first needed; of an archive of imitations people are told what it is."""
        home = common.opened(self.archive)
        if home.simulated:
            say(sentence("answer.simulated"), sys.stderr)
        return home

    @property
    def is_paged(self) -> bool:
        """Whether some lines were asked for, and not all."""
        return "limit" in self.values or "cursor" in self.values

    def parameters(self, name: str = "") -> Any:
        """The parameters of the question (or of another that this command asks), understood. Raises QueryError."""
        model: type[Parameters] = self._question_named(name).parameters
        if strange := [key for key in self.values if key not in model.model_fields]:
            common.fail(sentence("page.not_here", option=option(strange[0])))
        names = {name: self.name_of(name, is_given=name in self.values) for name in model.model_fields}
        return understood(model, {**self.values, "lang": current()}, names.__getitem__)

    def _question_named(self, name: str) -> Question:
        return next((one for one in self.questions if one.name == name), self.question)

    def answer(self, name: str = "", **more: Any) -> Any:
        """Ask the question (or another that this command asks). Ends with a sentence where it cannot be asked so."""
        one, parameters = self._question_named(name), self.parameters(name)
        self.answered = one
        try:
            if not (self.is_paged and one.is_list):
                return one.ask(self.home, parameters, **more)
            from nianbao.paging import page_of

            page = page_of(self.home, one, parameters)
        except NotKnownError:
            self._tell_set_up()
            raise
        self.next = page.next
        return page.answer

    def _tell_set_up(self) -> None:
        """End with the command that looks, where what is asked about is a portal that nobody has looked at yet."""
        from crawler.portals import classes
        from storage.registry import Registry

        names = {self.values[name] for name in ("place", "portal") if name in self.values}
        known_portals = {one.name for one in Registry(self.home).portals()} if names else set()
        for name, portal in classes(self.home.path).items() if names else ():
            if name not in known_portals and names & {name, portal.place, portal.division}:
                say(sentence("empty.set_up", place=portal.place, command=f"nianbao crawl {name}"))
                raise typer.Exit(common.ATTENTION)

    def report_or_why_not(self) -> Any:
        """The answer about one report; where it is not held, whether it is missing, not due, or nobody knows."""
        parameters = self.parameters()
        try:
            return self.question.ask(self.home, parameters)
        except NotKnownError as error:
            reason = "" if parameters.year is None else self._status_of(parameters.agency, parameters.year)
            common.fail(" ".join(filter(None, (worded(error), reason))))

    def _status_of(self, agency: str, year: int) -> str:
        """What is known of a duty; "" where the agency or year itself is not known."""
        from archive.queries.verdict import status

        try:
            line = status(self.home, agency, year).duty
        except NotKnownError:
            return ""
        if line.first_shown is not None:
            return ""
        key = "unknown" if line.status is Status.UNKNOWN else "empty"
        is_chinese = current() is Language.ZH
        words = sentence(f"status.{line.status}") if is_chinese else f"{line.status}, {line.evidence}"
        return sentence(f"page.standing_{key}", standing=words, sentence=in_language(line))

    def age(self, as_of: datetime, portals: Collection[str] | None = None, *, status_at: datetime | None = None) -> str:
        """Say what was known when, and how old what the answer rests on is. ``portals``: those it is about; None: all;
        ``stated``: the instant as of which the one status that is answered is stated.
        """
        from storage.observations import Observations

        parts = [sentence("footer.as_of" if status_at else "footer.known_at", at=cell_text(status_at or as_of))]
        counts = Observations(self.home).look_counts()
        ok = [one.last_ok for name, one in counts.items() if one.last_ok and (portals is None or name in portals)]
        if looks := [last for last in ok if last <= as_of]:
            days = (as_of.astimezone(CHINA).date() - max(looks).astimezone(CHINA).date()).days
            parts.append(sentence("footer.last_look", day=cell_text(max(looks))[:10], days=days))
        elif not ok:
            parts.append(sentence("footer.no_look"))
        return joined("sentences", *parts)

    def present(self, answer: Any, screen: str, *, empty: str = "", attention: object = False, **values: Any) -> None:
        """Show an answer: to people by a screen, to other programs all of it as JSON, or its lines by their columns.

        ``values``: what the screen shows beside the answer; ``empty``: why it has no lines; ``attention``: it needs
        some, so that 1 is the end.
        """
        if self.out.is_for_people:
            from nianbao.cli.screens import show

            show(screen, found=answer, view=self, empty=empty, **values)
        elif self.out.format is Format.JSON:
            emit(self._records(answer), (), Format.JSON)
        else:
            write_lines(FileFormat(self.out.format.value), sheet_of_answer(self.answered, answer), sys.stdout)
        beside = sys.stdout if self.out.is_for_people else sys.stderr  # what programs read
        if empty and not self.out.is_for_people:
            say(empty, beside)
        if self.next is not None:
            say(sentence("page.next", cursor=self.next), beside)
        common.attention(attention)

    def _records(self, answer: Any) -> list[dict[str, object]]:
        """An answer as JSON, with the cursor of the next page where pages were asked for; duties are one list."""
        from archive.queries.results import AgencyDuties, DutyList

        if isinstance(answer, AgencyDuties | DutyList):
            return [_duty_row(line) for line in (*answer.duties, *getattr(answer, "townships", ()))]
        if isinstance(answer, tuple):
            return [one.to_dict() for one in answer]
        return [answer.to_dict() | ({"next": self.next} if self.is_paged else {})]

    def write_page(self, path: Path, make: Callable[[], str]) -> None:
        """Write a page to a file, whole or not at all, and say so; ``-``: to standard output."""
        from storage.atomic_files import write_whole

        place, text = place_of(self.home, path), make()
        if place == STDOUT:
            sys.stdout.write(text)
            return
        try:
            write_whole(place, text.encode())
        except OSError as error:
            common.fail(sentence("page.not_written", place=place, cause=error.strerror), common.UNFINISHED)
        say(sentence("page.written", place=place))

    def write(self, path: Path, *, slim: bool = False) -> None:
        """Write all lines of the answer to a file, whose ending says of what kind; ``slim``: what readers want."""
        if path == STDOUT:
            common.fail(sentence("page.no_file"))
        parameters = self.parameters()
        fmt, lang = format_of(None, path), current().value
        check(fmt)
        place = safe_place(self.home, path)
        sheet, source, _ = sheet_of(self.home, self.question, parameters)
        if slim:
            sheet = slimmed(sheet, self.question.slim, lang)
        if fmt in _FOR_PEOPLE:
            sheet = for_people(sheet, lang)
        elif fmt is FileFormat.DTA:
            sheet = for_stata(sheet)
        try:
            with whole(place) as aside:
                written = writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, source(), aside)
        except OSError as error:
            common.fail(sentence("page.not_written", place=place, cause=error.strerror), common.UNFINISHED)
        say(sentence("page.rows", place=place, rows=written.rows))
        common.attention(written.inexact)


def _duty_row(line: DutyLine) -> dict[str, object]:
    """All that is known of a duty, with its agency's columns, and its reason in the language of this run as ``why``."""
    who = line.agency
    return {
        **line.to_dict(),
        "agency": who.name, "agency_id": who.id, "kind": who.kind.value, "portal": who.portal, "place": who.place,
        "division": who.division, "due": line.due or line.practice,
        "due_by": "statute" if line.due else "practice" if line.practice else None,
        "why": in_language(line),
    }  # fmt: skip
