"""A route made of each question: ``/api/v1/NAME`` gives JSON, ``/api/v1/NAME.csv`` and its kind give files."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import create_model
from starlette.background import BackgroundTask

from archive.exports.formats.model import MEDIA_TYPES, FileFormat
from archive.exports.plain_values import jsonable
from archive.exports.safe_text import json_of
from archive.queries.grounds import Known
from nianbao.api.problems import MEDIA_TYPE, problem
from nianbao.api.validators import is_unchanged, validators
from nianbao.files import FORMATS, write
from nianbao.paging import page_of
from nianbao.parameters import Parameters
from nianbao.questions import QUESTIONS, Question
from storage.home import Home

PREFIX = "/api/v1"
JSON = "application/json"
_FILES_AT_ONCE = 2  # made at the same time; each may walk the whole archive


def routes(home: Home) -> APIRouter:
    """The routes of all questions to an archive."""
    router = APIRouter(prefix=PREFIX)
    making = BoundedSemaphore(_FILES_AT_ONCE)
    for one in QUESTIONS:
        router.add_api_route(
            f"/{one.name}",
            _answering(home, one, making),
            methods=["GET"],
            operation_id=one.name,
            summary=one.en,
            description=f"{one.en}. / {one.zh}。\n\n{_formats()}",
            tags=["tables" if one.table else "lists" if one.is_list else "records"],
            response_class=Response,
            responses=_responses(one),
            openapi_extra={"x-example": dict(one.example)},
        )
        for fmt in FileFormat:
            router.add_api_route(
                f"/{one.name}.{fmt.value}",
                _as_file(home, one, fmt, making),
                methods=["GET"],
                response_class=FileResponse,
                include_in_schema=False,  # the route without a suffix tells of them
            )
    return router


def _formats() -> str:
    return f"Ask for a file by `Accept` or by the suffix: {', '.join(f'.{fmt.value}' for fmt in FileFormat)}."


def _answering(home: Home, question: Question, making: BoundedSemaphore) -> Callable[..., Response]:
    def answer(request: Request, asked: Parameters) -> Response:
        fmt = _wanted(request)
        if isinstance(fmt, Response):
            return fmt
        if fmt is not None:
            return _file(home, question, fmt, asked, request, making)
        headers = validators(home, request, JSON)
        if is_unchanged(request, headers):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
        found = page_of(home, question, asked) if question.is_list else question.ask(home, asked)
        return Response(json_of(jsonable(found.to_dict())), headers=dict(headers), media_type=JSON)

    return _taking(answer, question)


def _as_file(home: Home, question: Question, fmt: FileFormat, making: BoundedSemaphore) -> Callable[..., Response]:
    def answer(request: Request, asked: Parameters) -> Response:
        return _file(home, question, fmt, asked, request, making)

    return _taking(answer, question)


def _taking(answer: Callable[..., Response], question: Question) -> Callable[..., Response]:
    """Let a route take the parameters of its question."""
    answer.__annotations__["asked"] = Annotated[question.parameters, Query()]
    answer.__name__ = question.name
    return answer


def _wanted(request: Request) -> FileFormat | Response | None:
    """The format that ``Accept`` asks for; None: JSON. The first that is known counts."""
    accepted = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    for media in accepted:
        if media in {JSON, "application/*", "*/*", ""}:
            return None
        if media in FORMATS:
            return FORMATS[media]
    known = ", ".join([JSON, *FORMATS])
    return problem(HTTPStatus.NOT_ACCEPTABLE, "no-such-format", f"an answer can be had as {known}")


def _file(
    home: Home, question: Question, fmt: FileFormat, asked: Parameters, request: Request, making: BoundedSemaphore
) -> Response:
    headers = validators(home, request, MEDIA_TYPES[fmt])
    if is_unchanged(request, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
    if not making.acquire(blocking=False):
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "busy",
            f"{_FILES_AT_ONCE} files are being made for others; ask again in a moment",
        )
    folder = tempfile.TemporaryDirectory(prefix="nianbao-")
    try:
        place = Path(folder.name) / f"{question.name}.{fmt.value}"
        write(home, question, asked, fmt, place)
    except BaseException:
        folder.cleanup()
        raise
    finally:
        making.release()
    return FileResponse(
        place,
        media_type=MEDIA_TYPES[fmt],
        filename=place.name,
        headers={**headers, "ETag": headers["ETag"]},
        background=BackgroundTask(folder.cleanup),
    )


# ---------------------------------------------------------------------------------------------- what OpenAPI says


def _responses(question: Question) -> dict[int | str, dict[str, Any]]:
    model = _model(question)
    content: dict[str, Any] = {MEDIA_TYPES[fmt]: {} for fmt in FileFormat}
    return {200: {"model": model, "description": question.en, "content": content}, 304: {}, **_problems()}


def _problems() -> dict[int | str, dict[str, Any]]:
    told = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        status.value: {"description": status.phrase, **told}
        for status in (
            HTTPStatus.NOT_FOUND,
            HTTPStatus.NOT_ACCEPTABLE,
            HTTPStatus.GONE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.SERVICE_UNAVAILABLE,
        )
    }


def _model(question: Question) -> Any:
    """What an answer in JSON is made of."""
    if not question.is_list:
        return question.answer
    item: Any = question.item or dict[str, Any]
    return create_model(
        f"PageOf_{question.name}",
        items=(list[item], ...),
        next=(str | None, None),
        as_of=(datetime, ...),
        known=(Known | None, None),
    )
