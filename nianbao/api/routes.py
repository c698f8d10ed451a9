"""Make the routes of each question: ``/api/v1/NAME`` returns JSON, ``/api/v1/NAME.csv`` and other suffixes files. Also
what all routes share, those of pages too: their class, kinds of path parameters, ETag and Last-Modified.
"""

import hashlib
import re
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import fields
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor

from archive.exports.formats.columns import AnswerFormat, Content, FileFormat, answer_formats
from archive.exports.plain_values import json_of
from archive.queries.words import CHINA
from nianbao.answer_metadata import DescribedAnswer, freshness_of_answer
from nianbao.answer_tables import AnswerTable
from nianbao.api.description import JSON, responses
from nianbao.api.downloads import send_made_file
from nianbao.api.problems import problem
from nianbao.language import Language
from nianbao.paging import page_of
from nianbao.parameters import Parameters, refuse_unknown
from nianbao.questions import QUESTIONS, Question
from storage.change_mark import last_change
from storage.home import Home

_VERSION = version("nianbao")
PREFIX = "/api/v1"
#: suffix → format of an answer; only some questions have pictures, which ``web/figure_pages.py`` draws
FORMATS = {f".{name}": one for name, one in answer_formats().items() if one.content is not Content.PICTURE}
#: media type in an ``Accept`` header → format
ACCEPTED = {one.media: one for one in FORMATS.values() if one.content is not Content.METADATA}


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

    def make() -> Response:
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
        return send_made_file(f"{question.name}.{fmt.name}", fmt.media, write)

    return respond(request, home, fmt.media, make)


def _answer_with_freshness(home: Home, question: Question, parameters: Parameters) -> Mapping[str, object]:
    """Return a page of a list or the fields of a record, and ``freshness``: when the lists behind it were last read."""
    if question.is_list:
        answer = page_of(home, question, parameters).parts
    else:
        record = question.ask(home, parameters)
        answer = {one.name: getattr(record, one.name) for one in fields(record)}
    return {**answer, "freshness": freshness_of_answer(home, parameters)}


# ---------------------------------------------------------------------------------------------- what is unchanged


def respond(request: Request, home: Home, media_type: str, make: Callable[[], Response]) -> Response:
    """Return the response that ``make`` makes, with headers for later requests; 304 if the client has it already."""
    headers = validators(home, request, media_type)
    if _is_unchanged(request, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
    response = make()
    if response.status_code == HTTPStatus.OK:
        response.headers.update(headers)
    return response


def validators(home: Home, request: Request, media_type: str) -> Mapping[str, str]:
    """Return the headers with which clients can later ask whether the response to this request has changed. It depends
    only on the archive's state, the day and the request: a report that was not due yesterday may be due today.
    """
    query = "&".join(sorted(f"{name}={value}" for name, value in request.query_params.multi_items()))
    day = home.clock.now().astimezone(CHINA).date().isoformat()
    change = last_change(home)
    state = "\n".join([_VERSION, change.mark, day, request.url.path, query, media_type])
    headers = {
        "ETag": f'W/"{hashlib.sha256(state.encode()).hexdigest()[:24]}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    return headers if change.at is None else headers | {"Last-Modified": format_datetime(change.at, usegmt=True)}


def _is_unchanged(request: Request, headers: Mapping[str, str]) -> bool:
    """True if the client has this response already (RFC 9110, 13.2.2: if it sent an ETag, only that decides)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        tags_held = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return "*" in tags_held or headers["ETag"].removeprefix("W/") in tags_held
    since = request.headers.get("if-modified-since")
    if since is None or "Last-Modified" not in headers or request.query_params.get("as_of") is None:
        return False  # without ``as_of`` the day alone may change an answer
    try:
        return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


# ---------------------------------------------------------------------------------------------- what all routes share


class PageRoute(APIRoute):
    """A route of pages. It answers HEAD if it answers GET, as routes of Starlette do and those of FastAPI do not.

    If its function has query parameters, unknown ones are refused: ignoring a mistyped filter would mislead.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        methods = set(settings.pop("methods", None) or ("GET",))
        super().__init__(*args, methods=methods | ({"HEAD"} if "GET" in methods else set()), **settings)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that handles a request, with the check for unknown query parameters."""
        handle = super().get_route_handler()
        names = [*_query_names(self.dependant)]

        async def checked(request: Request) -> Response:
            if names:
                refuse_unknown(names, request.query_params)
            return await handle(request)

        return checked


def _query_names(dependant: Dependant) -> Iterator[str]:
    """Yield the names of query parameters of a route and its dependencies."""
    for one in dependant.dependencies:
        yield from _query_names(one)
    yield from (one.alias for one in dependant.query_params)


def register_choices(name: str, choices: Iterable[str]) -> None:
    """Register a path convertor: ``{…:NAME}`` in an address matches only these texts."""
    kind = type(name, (StringConvertor,), {"regex": "|".join(map(re.escape, choices))})
    register_url_convertor(name, kind())


class _Stem(StringConvertor):
    """A path convertor, ``{…:stem}``: text before a suffix, which is as long as it can be (``.metadata.json``)."""

    regex = ".+?"


register_url_convertor("stem", _Stem())

register_choices("suffix", FORMATS)


def language_of_browser(request: Request) -> Language:
    """Return Chinese if a browser's first preference is Chinese, else English."""
    chinese = request.headers.get("accept-language", "").strip().lower().startswith("zh")
    return Language.ZH if chinese else Language.EN
