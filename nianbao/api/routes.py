"""A route made of each question: ``/api/v1/NAME`` gives JSON, ``/api/v1/NAME.csv`` and its kind give files."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask
from starlette.convertors import Convertor, register_url_convertor

from archive.exports.formats.columns import MEDIA_TYPES, FileFormat
from archive.exports.plain_values import json_of
from nianbao.answer_tables import FORMATS, write
from nianbao.api.description import JSON, responses
from nianbao.api.problems import problem
from nianbao.api.validators import is_unchanged, validators
from nianbao.paging import page_of
from nianbao.parameters import Parameters
from nianbao.questions import QUESTIONS, Question
from storage.home import Home

PREFIX = "/api/v1"
MAX_FILES_AT_ONCE = 2  #: written at the same time; each may walk the whole archive


def routes(home: Home) -> APIRouter:
    """Return the routes of all questions to an archive."""
    router = APIRouter(prefix=PREFIX)
    files = BoundedSemaphore(MAX_FILES_AT_ONCE)
    suffixes = ", ".join(f".{fmt.value}" for fmt in FileFormat)
    register_url_convertor("suffix", _Suffix())
    for one in QUESTIONS:
        answer = _answer(home, one, files)
        router.add_api_route(
            f"/{one.name}",
            answer,
            methods=["GET"],
            operation_id=one.name,
            summary=one.en,
            description=f"{one.en}. / {one.zh}。\n\nAsk for a file by `Accept` or by the suffix: {suffixes}.",
            tags=["tables" if one.table else "lists" if one.is_list else "records"],
            response_class=Response,
            responses=responses(one),
            openapi_extra={"x-example": dict(one.example)},
        )
        router.add_api_route(
            f"/{one.name}{{suffix:suffix}}",
            answer,
            methods=["GET", "HEAD"],
            response_class=Response,
            include_in_schema=False,  # the route without a suffix tells of them
        )
    return router


class _Suffix(Convertor[FileFormat | None]):
    """The suffix of a path that names a format, or none."""

    regex = rf"(?:\.(?:{'|'.join(FileFormat)}))?"

    def convert(self, value: str) -> FileFormat | None:
        return FileFormat(value.removeprefix(".")) if value else None

    def to_string(self, value: FileFormat | None) -> str:
        return f".{value}" if value else ""


def _answer(home: Home, question: Question, files: BoundedSemaphore) -> Callable[..., Response]:
    """Return what answers a question, in the format that the suffix or ``Accept`` asks for."""

    def answer(request: Request, parameters: Parameters) -> Response:
        fmt = request.path_params.get("suffix") or _accepted(request)
        if isinstance(fmt, Response):
            return fmt
        headers = validators(home, request, JSON if fmt is None else MEDIA_TYPES[fmt])
        if is_unchanged(request, headers):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
        if fmt is not None:
            return _file(home, question, fmt, parameters, headers, files)
        result = page_of(home, question, parameters).parts if question.is_list else question.ask(home, parameters)
        return Response(json_of(result), headers=dict(headers), media_type=JSON)

    answer.__annotations__["parameters"] = Annotated[question.parameters, Query()]
    answer.__name__ = question.name
    return answer


def _accepted(request: Request) -> FileFormat | Response | None:
    """Return the format that ``Accept`` asks for; None: JSON. The first that is known counts."""
    media_types = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    for media in media_types:
        if media in {JSON, "application/*", "*/*", ""}:
            return None
        if media in FORMATS:
            return FORMATS[media]
    formats = ", ".join([JSON, *FORMATS])
    return problem(HTTPStatus.NOT_ACCEPTABLE, "no-such-format", f"an answer can be had as {formats}")


def _file(
    home: Home,
    question: Question,
    fmt: FileFormat,
    parameters: Parameters,
    headers: Mapping[str, str],
    files: BoundedSemaphore,
) -> Response:
    """Write the answer to a file, and send it when it is whole."""
    if not files.acquire(blocking=False):
        detail = f"{MAX_FILES_AT_ONCE} files are being made for others; ask again in a moment"
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail)
    folder = TemporaryDirectory(prefix="nianbao-")
    place = Path(folder.name) / f"{question.name}.{fmt.value}"
    try:
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
        headers=dict(headers),
        background=BackgroundTask(folder.cleanup),
    )
