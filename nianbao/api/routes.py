"""A route made of each question: ``/api/v1/NAME`` gives JSON, ``/api/v1/NAME.csv`` and its kind give files."""

import tempfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from archive.exports.formats.model import MEDIA_TYPES, FileFormat
from archive.exports.json_values import json_of
from nianbao.api.description import JSON, responses
from nianbao.api.problems import problem
from nianbao.api.validators import is_unchanged, validators
from nianbao.files import FORMATS, write
from nianbao.paging import page_of
from nianbao.parameters import Parameters
from nianbao.questions import QUESTIONS, Question
from storage.home import Home

PREFIX = "/api/v1"
_FILES_AT_ONCE = 2  # written at the same time; each may walk the whole archive


def routes(home: Home) -> APIRouter:
    """The routes of all questions to an archive."""
    router = APIRouter(prefix=PREFIX)
    files = BoundedSemaphore(_FILES_AT_ONCE)
    for one in QUESTIONS:
        router.add_api_route(
            f"/{one.name}",
            _json_route(home, one, files),
            methods=["GET"],
            operation_id=one.name,
            summary=one.en,
            description=f"{one.en}. / {one.zh}。\n\n{_formats()}",
            tags=["tables" if one.table else "lists" if one.is_list else "records"],
            response_class=Response,
            responses=responses(one),
            openapi_extra={"x-example": dict(one.example)},
        )
        for fmt in FileFormat:
            router.add_api_route(
                f"/{one.name}.{fmt.value}",
                _file_route(home, one, fmt, files),
                methods=["GET"],
                response_class=FileResponse,
                include_in_schema=False,  # the route without a suffix tells of them
            )
    return router


def _formats() -> str:
    return f"Ask for a file by `Accept` or by the suffix: {', '.join(f'.{fmt.value}' for fmt in FileFormat)}."


def _json_route(home: Home, question: Question, files: BoundedSemaphore) -> Callable[..., Response]:
    def answer(request: Request, parameters: Parameters) -> Response:
        fmt = _accepted(request)
        if isinstance(fmt, Response):
            return fmt
        if fmt is not None:
            return _file(home, question, fmt, parameters, request, files)
        headers = validators(home, request, JSON)
        if is_unchanged(request, headers):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
        result = page_of(home, question, parameters).parts if question.is_list else question.ask(home, parameters)
        return Response(json_of(result), headers=dict(headers), media_type=JSON)

    return _with_parameters(answer, question)


def _file_route(home: Home, question: Question, fmt: FileFormat, files: BoundedSemaphore) -> Callable[..., Response]:
    def answer(request: Request, parameters: Parameters) -> Response:
        return _file(home, question, fmt, parameters, request, files)

    return _with_parameters(answer, question)


def _with_parameters(answer: Callable[..., Response], question: Question) -> Callable[..., Response]:
    """Let a route take the parameters of its question."""
    answer.__annotations__["parameters"] = Annotated[question.parameters, Query()]
    answer.__name__ = question.name
    return answer


def _accepted(request: Request) -> FileFormat | Response | None:
    """The format that ``Accept`` asks for; None: JSON. The first that is known counts."""
    media_types = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    for media in media_types:
        if media in {JSON, "application/*", "*/*", ""}:
            return None
        if media in FORMATS:
            return FORMATS[media]
    formats = ", ".join([JSON, *FORMATS])
    return problem(HTTPStatus.NOT_ACCEPTABLE, "no-such-format", f"an answer can be had as {formats}")


def _file(
    home: Home, question: Question, fmt: FileFormat, parameters: Parameters, request: Request, files: BoundedSemaphore
) -> Response:
    headers = validators(home, request, MEDIA_TYPES[fmt])
    if is_unchanged(request, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
    if not files.acquire(blocking=False):
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "busy",
            f"{_FILES_AT_ONCE} files are being made for others; ask again in a moment",
        )
    folder = tempfile.TemporaryDirectory(prefix="nianbao-")
    try:
        place = Path(folder.name) / f"{question.name}.{fmt.value}"
        write(home, question, parameters, fmt, place)
    except BaseException:
        folder.cleanup()
        raise
    finally:
        files.release()
    return FileResponse(
        place,
        media_type=MEDIA_TYPES[fmt],
        filename=place.name,
        headers={**headers, "ETag": headers["ETag"]},
        background=BackgroundTask(folder.cleanup),
    )
