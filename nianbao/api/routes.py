"""Make the routes of each question: ``/api/v1/NAME`` returns JSON, ``/api/v1/NAME.csv`` and other suffixes files."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from archive.assessment.calendar import local_day
from archive.exports.formats.columns import AnswerFormat, Content, FileFormat, answer_formats
from archive.exports.plain_values import json_of
from nianbao.answer_metadata import DescribedAnswer, freshness_of_answer
from nianbao.answer_tables import AnswerTable
from nianbao.api.description import JSON, responses
from nianbao.api.downloads import send_made_file
from nianbao.api.problems import problem
from nianbao.api.validators import respond
from nianbao.form_fields import ask_as_meant
from nianbao.page_routes import register_choices
from nianbao.paging import page_of
from nianbao.parameters import Parameters
from nianbao.questions import QUESTIONS, Question
from storage.home import Home

PREFIX = "/api/v1"
#: suffix → format of an answer; only some questions have pictures, which ``web/figure_pages.py`` draws
FORMATS = {f".{name}": one for name, one in answer_formats().items() if one.content is not Content.PICTURE}
#: media type in an ``Accept`` header → format
ACCEPTED = {one.media: one for one in FORMATS.values() if one.content is not Content.METADATA}


register_choices("suffix", FORMATS)


def routes(home: Home) -> APIRouter:
    """Return the routes of all questions to an archive."""
    router = APIRouter(prefix=PREFIX)
    for one in QUESTIONS:
        answer = _answer(home, one)
        router.add_api_route(
            f"/{one.name}",
            answer,
            methods=["GET"],
            operation_id=one.name,
            summary=one.en,
            description=f"{one.en}. / {one.zh}。\n\nAsk for a file by `Accept` or by the suffix: {', '.join(FORMATS)}.",
            tags=["tables" if one.table else "lists" if one.is_list else "records"],
            response_class=Response,
            responses=responses(one),
            openapi_extra={"x-example": dict(one.example)},
        )
        for path in (f"/{one.name}", f"/{one.name}{{suffix:suffix}}"):  # OpenAPI describes only the route above
            router.add_api_route(
                path, answer, methods=["GET", "HEAD"], response_class=Response, include_in_schema=False
            )
    return router


def _answer(home: Home, question: Question) -> Callable[..., Response]:
    """Return the function of a question's route; the suffix or ``Accept`` selects the format of its response."""

    def answer(request: Request, parameters: Parameters) -> Response:
        query, suffix = request.query_params, request.path_params.get("suffix")
        # FastAPI takes the last one of several values: refuse them where a parameter takes one
        if repeated := {name: values for name in query if len(values := query.getlist(name)) > 1}:
            question.parameters.model_validate(dict(query) | repeated)
        fmt = FORMATS[suffix] if suffix else _accepted(request)
        return fmt if isinstance(fmt, Response) else send_answer(request, home, question, parameters, fmt)

    answer.__annotations__["parameters"] = Annotated[question.parameters, Query()]
    answer.__name__ = question.name
    return answer


def _accepted(request: Request) -> AnswerFormat | Response:
    """Return the first known format in ``Accept``, or the response 406 if it has none."""
    media_types = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    for media in media_types:
        if media in {"application/*", "*/*", ""}:
            return ACCEPTED[JSON]
        if media in ACCEPTED:
            return ACCEPTED[media]
    return problem(HTTPStatus.NOT_ACCEPTABLE, "no-such-format", f"an answer can be had as {', '.join(ACCEPTED)}")


def site_of(request: Request, home: Home) -> str:
    """Return the base address of the server without a slash: the setting ``public_url``, or that of the request."""
    return (home.config.public_url or str(request.base_url)).rstrip("/")


def send_answer(
    request: Request, home: Home, question: Question, parameters: Parameters, fmt: AnswerFormat
) -> Response:
    """Respond with the answer to a question in a format, or 304 if unchanged. Raises the errors of the question."""

    def make(parameters: Parameters) -> Response:
        """Return the answer as JSON, its metadata, or a file with its rows, as ``fmt`` says."""
        if fmt.content is Content.ANSWER:
            return Response(json_of(_answer_with_freshness(home, question, parameters)), media_type=fmt.media)
        described = DescribedAnswer.at(site_of(request, home), home, question, parameters)
        if fmt.content is Content.METADATA:
            return Response(json_of(described.metadata()), media_type=fmt.media)
        if fmt.content is Content.PACKAGE:
            write: Callable[[Path], object] = described.write_package
        else:
            write = partial(AnswerTable.of(home, question, parameters).write, FileFormat(fmt.name))
        mark = "-simulated" if home.simulated else ""
        name = f"{question.name}-{local_day(described.parameters.as_of)}{mark}.{fmt.name}"
        return send_made_file(name, fmt.media, write)

    return respond(request, home, fmt.media, partial(ask_as_meant, home, parameters, make))


def _answer_with_freshness(home: Home, question: Question, parameters: Parameters) -> Mapping[str, object]:
    """Return a page of a list or the fields of a record, and ``freshness``: when the lists behind it were last read."""
    if question.is_list:
        answer = page_of(home, question, parameters).parts
    else:
        record = question.ask(home, parameters)
        answer = {one.name: getattr(record, one.name) for one in fields(record)}
    return {**answer, "freshness": freshness_of_answer(home, parameters)}
