"""Errors as RFC 9457 tells them: what was wrong, in the sentence that the command line gives, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from archive.exports.formats.choosing import LackingError
from archive.exports.safe_text import safe_text
from archive.queries.bounds import QueryError
from archive.queries.nearest import NotKnownError
from nianbao.paging import ChangedError
from storage.errors import StorageError

MEDIA_TYPE = "application/problem+json"
#: an error, in the words of OpenAPI
SCHEMA = {
    "title": "Problem",
    "description": "An error, as RFC 9457 tells it.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:nianbao:problem:not-known"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_PAGES = ("/zh/", "/en/")
_LATER = 5  # seconds after which one may ask again


def problem(status: int, kind: str, detail: str, **more: object) -> JSONResponse:
    """An error. ``kind`` names it in ``type``: ``urn:nianbao:problem:KIND`` (docs/api.md lists them)."""
    body = {
        "type": f"urn:nianbao:problem:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": safe_text(detail),
        **more,
    }
    headers = {"Cache-Control": "no-store"}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = str(_LATER)
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def problem_of(error: Exception) -> JSONResponse:
    """The answer to a question that could not be answered. Raises the error again where nobody foresaw it."""
    if isinstance(error, ChangedError):
        return problem(HTTPStatus.GONE, "list-changed", str(error))
    if isinstance(error, NotKnownError):
        return problem(HTTPStatus.NOT_FOUND, "not-known", str(error))
    if isinstance(error, (RequestValidationError, ValidationError)):
        return _not_understood(error)
    if isinstance(error, LackingError):
        return problem(HTTPStatus.NOT_ACCEPTABLE, "format-not-installed", str(error))
    if isinstance(error, (StorageError, SQLAlchemyError)):
        detail = str(error) if isinstance(error, StorageError) else "the database could not do its work"
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "archive-not-ready", detail)
    if isinstance(error, ValueError):  # QueryError and its kind: how to ask
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot-be-asked-so", str(error))
    raise error


def _not_understood(error: RequestValidationError | ValidationError) -> JSONResponse:
    errors = [
        {"parameter": ".".join(str(part) for part in one["loc"][1:] or one["loc"]), "detail": safe_text(one["msg"])}
        for one in error.errors()
    ]
    detail = "; ".join(f"{one['parameter']}: {one['detail']}" for one in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not-understood", detail, errors=errors)


def show_problems(app: FastAPI, page: Callable[[Request, int, str], Response]) -> None:
    """Let an application answer every error so; on its pages as a page: status and sentence → page."""

    def shown(request: Request, answer: JSONResponse) -> Response:
        if request.url.path.startswith(_PAGES):
            detail = str(json.loads(bytes(answer.body))["detail"])
            return page(request, answer.status_code, detail)
        return answer

    def of_question(request: Request, error: Exception) -> Response:
        return shown(request, problem_of(error))

    def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = problem(error.status_code, "http", str(error.detail))
        answer.headers.update(error.headers or {})
        return shown(request, answer)

    for kind in (
        *(QueryError, NotKnownError, ValueError, RequestValidationError, ValidationError),
        *(LackingError, StorageError, SQLAlchemyError),
    ):
        app.add_exception_handler(kind, of_question)
    app.add_exception_handler(HTTPException, of_http)
