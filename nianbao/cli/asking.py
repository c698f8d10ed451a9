"""One question asked on the command line: its parameters are read, it is asked, its answer is shown or written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from archive.exports.files import safe_place, whole
from archive.exports.formats.columns import FileFormat, Written
from archive.exports.plain_values import cell_text
from archive.exports.writing import check, format_of, write_lines, writer_of
from archive.queries.nearest import NotKnownError
from archive.queries.words import CHINA
from nianbao.cli import common
from nianbao.cli.help_pages import with_parameter_names
from nianbao.cli.options import STDOUT, place_of
from nianbao.cli.output import Column, Format, emit, say
from nianbao.files import for_stata, sheet_of, sheet_of_answer
from nianbao.language import FLAG, Language
from nianbao.parameters import Lang, Parameters, understood
from nianbao.people_tables import flattened, headed, in_words, slimmed
from nianbao.questions import Question
from nianbao.sentences import phrase, sentence, worded
from storage.home import Home
from storage.records import Status

if TYPE_CHECKING:
    from archive.queries.results import DutyLine

_Answer = TypeVar("_Answer")

LangOption = Annotated[Language | None, typer.Option(FLAG, show_default=False)]
FormatOption = Annotated[str | None, typer.Option("--format", metavar="FORMAT", show_default=False)]
OutputOption = Annotated[Path | None, typer.Option("--output", show_default=False)]
HtmlOption = Annotated[Path | None, typer.Option("--html", show_default=False)]
SlimOption = Annotated[bool, typer.Option("--slim")]
BomOption = Annotated[bool, typer.Option("--bom")]
LicenceOption = Annotated[str, typer.Option("--licence", show_default=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below a title, or why there are none."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]]
    title: str = ""
    empty: str = ""


Block = str | Table  #: what people see of an answer: a line of text, or a table


def show_block(block: Block) -> None:
    """Print a line or a table."""
    if isinstance(block, str):
        say(block)
    else:
        emit(block.rows, block.columns, Format.TABLE, title=block.title, empty=block.empty)


@dataclass(kw_only=True)
class View:
    """What was asked, and how its answer is to be shown.

    ``questions``: the one that the command asks, and others that it may ask; ``given``: parameters by name, as they
    were written; ``option``: how the command calls a parameter; ``arguments``: what help calls those without names;
    ``next``: the cursor of the page that follows the one asked for, after it was asked.
    """

    questions: Sequence[Question]
    given: dict[str, Any]
    fmt: Format
    lang: Lang
    archive: Path | None
    option: Callable[[str], str]
    arguments: Mapping[str, str]
    next: str | None = None

    def __post_init__(self) -> None:
        self.answered = self.question  #: the one that was asked last

    @property
    def question(self) -> Question:
        """The question that the command asks."""
        return self.questions[0]

    def _named(self, name: str) -> Question:
        return next((one for one in self.questions if one.name == name), self.question)

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
    def chinese(self) -> bool:
        """Whether sentences are in Chinese."""
        return self.lang is Lang.ZH

    @property
    def is_paged(self) -> bool:
        """Whether some lines were asked for, and not all."""
        return "limit" in self.given or "cursor" in self.given

    def asked(self, name: str = "") -> Any:
        """The parameters of the question (or of another that this command asks), understood. Ends with a sentence."""
        one = self._named(name)
        model: type[Parameters] = one.parameters
        if strange := [key for key in self.given if key not in model.model_fields]:
            common.fail(self.word("page.not_here", option=self.option(strange[0])))
        return understood(model, {**self.given, "lang": self.lang}, self._called)

    def _called(self, name: str) -> str:
        """A parameter as its error calls it: an argument that was left out by the name that it has in help."""
        if name in self.arguments and name not in self.given:
            return with_parameter_names(self.arguments[name])
        return self.option(name)

    def answer(self, name: str = "", **more: Any) -> Any:
        """Ask the question (or another that this command asks). Ends with a sentence where it cannot be asked so."""
        one, asked = self._named(name), self.asked(name)
        self.answered = one
        if not (self.is_paged and one.is_list):
            return self.trying(lambda: one.ask(self.home, asked, **more))
        from nianbao.paging import page_of

        page = self.trying(lambda: page_of(self.home, one, asked))
        self.next = page.next
        return page.answer

    def trying(self, ask: Callable[[], _Answer]) -> _Answer:
        """What ``ask`` gives. Ends with a sentence where it cannot be asked so."""
        try:
            return ask()
        except NotKnownError as error:
            self._tell_set_up()
            common.fail_of(error)
        except ValueError as error:
            common.fail_of(error)

    def _tell_set_up(self) -> None:
        """End with the command that looks, where what is asked about is a portal that nobody has looked at yet."""
        from crawler.portals import classes
        from storage.registry import Registry

        wanted = {self.given[name] for name in ("place", "portal") if name in self.given}
        held = {one.name for one in Registry(self.home).portals()} if wanted else set()
        for name, portal in classes(self.home.path).items() if wanted else ():
            if name not in held and wanted & {name, portal.place, portal.division}:
                say(self.word("empty.set_up", place=portal.place, command=f"nianbao crawl {name}"))
                raise typer.Exit(common.ATTENTION)

    def word(self, key: str, **values: object) -> str:
        """A sentence or word of ``answers.toml`` in the language of this run, which is that of the answer."""
        return phrase(key, **values)

    def why(self, zh: str, en: str) -> str:
        """The sentence of an answer that is in the language asked for."""
        return zh if self.chinese else en

    def column(self, key: str, **more: Any) -> Column:
        """A column of a table for people, under its title."""
        return Column(key, self.word(f"column.{key}"), **more)

    def age(self, as_of: datetime, portals: Collection[str] | None = None, *, stated: datetime | None = None) -> str:
        """Say what was known when, and how old what the answer rests on is. ``portals``: those it is about; None: all;
        ``stated``: the instant as of which the one status that is answered is stated.
        """
        from storage.observations import Observations

        told = [self.word("footer.as_of" if stated else "footer.known_at", at=cell_text(stated or as_of))]
        counts = Observations(self.home).look_counts()
        ok = [one.last_ok for name, one in counts.items() if one.last_ok and (portals is None or name in portals)]
        known = [last for last in ok if last <= as_of]
        if known:
            days = (as_of.astimezone(CHINA).date() - max(known).astimezone(CHINA).date()).days
            told.append(self.word("footer.last_look", day=cell_text(max(known))[:10], days=days))
        elif not ok:
            told.append(self.word("footer.no_look"))
        return self.word("join.sentences").join(told)

    def emit_whole(self, answer: Any) -> None:
        """Write an answer as JSON, with the cursor of the next page where pages were asked for; duties are one list."""
        from archive.queries.results import AgencyDuties, DutyList

        if isinstance(answer, AgencyDuties | DutyList):
            every = (*answer.duties, *getattr(answer, "townships", ()))
            rows = [_duty_row(line, self.chinese) for line in every]
        elif isinstance(answer, tuple):
            rows = [one.to_dict() for one in answer]
        else:
            rows = [answer.to_dict() | ({"next": self.next} if self.is_paged else {})]
        emit(rows, (), Format.JSON)

    def present(
        self, found: Any, blocks: Callable[[], Iterable[Block]], *, empty: str = "", attention: object = False
    ) -> None:
        """Show an answer: to people its ``blocks``, to other programs all of it as JSON, or its lines by their columns.

        ``empty``: why it has no lines; ``attention``: it needs some, so that 1 is the end.
        """
        if self.fmt is Format.TABLE:
            for block in blocks():
                show_block(block)
        elif self.fmt is Format.JSON:
            self.emit_whole(found)
        else:
            write_lines(FileFormat(self.fmt.value), sheet_of_answer(self.answered, found), sys.stdout)
        if empty and self.fmt is not Format.TABLE:
            say(empty, sys.stderr)
        self.tell_next()
        common.attention(attention)

    def tell_next(self) -> None:
        """Name the cursor of the next page, beside what programs read."""
        if self.next is not None:
            to_people = self.fmt is Format.TABLE
            say(self.word("page.next", cursor=self.next), sys.stdout if to_people else sys.stderr)

    def write_page(self, path: Path, made: Callable[[], str], key: str = "page.written", **values: object) -> None:
        """Write a page to a file, whole or not at all, and say so by ``key``; ``-``: to standard output."""
        from storage.atomic_files import write_whole

        place = place_of(self.home, path)
        text = made()
        if place == STDOUT:
            sys.stdout.write(text)
            return
        try:
            write_whole(place, text.encode())
        except OSError as error:
            common.fail(self.word("page.not_written", place=place, cause=error.strerror), common.UNFINISHED)
        say(self.word(key, place=place, **values))

    def write(self, path: Path, *, slim: bool = False) -> None:
        """Write all lines of the answer to a file, whose ending says of what kind."""
        if path == STDOUT:
            common.fail(self.word("page.no_file"))

        asked = self.asked()
        place, written = self.trying(
            lambda: write_answer(self.home, self.question, asked, path, slim=slim, lang=self.lang)
        )
        say(self.word("page.rows", place=place, rows=written.rows))
        common.attention(written.inexact)


def report_or_why_not(view: View) -> Any:
    """The answer about one report; where it is not held, whether it is missing, not due, or nobody knows."""
    asked = view.asked()
    try:
        return view.question.ask(view.home, asked)
    except NotKnownError as error:
        standing = "" if asked.year is None else _standing(view, asked.agency, asked.year)
        common.fail(" ".join(filter(None, (worded(error), standing))))
    except ValueError as error:
        common.fail_of(error)


def _standing(view: View, agency: str, year: int) -> str:
    """What is known of a duty; "" where the agency or year itself is not known."""
    from archive.queries.verdict import status

    try:
        line = status(view.home, agency, year).duty
    except NotKnownError:
        return ""
    if line.first_shown is not None:
        return ""
    key = "unknown" if line.status is Status.UNKNOWN else "empty"
    standing = f"{line.status}, {line.evidence}"
    if view.chinese:
        standing = phrase(f"status.{line.status}")
    return phrase(f"page.standing_{key}", standing=standing, sentence=view.why(line.zh, line.en))


_FOR_PEOPLE = frozenset({FileFormat.CSV, FileFormat.XLSX})


def write_answer(
    home: Home, question: Question, asked: Parameters, path: Path, *, slim: bool, lang: str
) -> tuple[Path, Written]:
    """Write all lines of the answer to a file by its ending. Raises what the question raises, and ValueError where no
    such file can be written there; ends with a sentence where there is no room for it.
    """
    fmt = format_of(None, path)
    check(fmt)
    place = safe_place(home, path)
    sheet, source = sheet_of(home, question, asked)
    if fmt in _FOR_PEOPLE:
        sheet = in_words(flattened(sheet), lang)
    elif fmt is FileFormat.DTA:
        sheet = for_stata(sheet)
    if slim:
        sheet = slimmed(sheet, question.slim, lang)
    if fmt in _FOR_PEOPLE:
        sheet = headed(sheet, lang)
    try:
        with whole(place) as aside:
            return place, writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, source(), aside)
    except OSError as error:
        common.fail(phrase("page.not_written", place=place, cause=error.strerror), common.UNFINISHED)


def _duty_row(line: DutyLine, chinese: bool) -> dict[str, object]:
    """Return all that is known of a duty, with its agency's columns, and its reason in one language as ``why``."""
    who = line.agency
    return {
        **line.to_dict(),
        "agency": who.name, "agency_id": who.id, "kind": who.kind.value, "portal": who.portal, "place": who.place,
        "division": who.division, "due": line.due or line.practice,
        "due_by": "statute" if line.due else "practice" if line.practice else None,
        "why": line.zh if chinese else line.en,
    }  # fmt: skip
