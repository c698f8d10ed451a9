"""Convert errors to problem responses (RFC 9457); their ``detail`` is the sentence that the command line prints."""

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

from archive.assessment.data_files import data_file
from archive.exports.safe_text import safe_text
from archive.queries.bounds import LackingError, NotKnownError, QueryError
from nianbao.language import Language
from nianbao.messages import say
from nianbao.paging import ChangedError
from nianbao.parameters import error_of, joined
from nianbao.sentences import worded
from storage.errors import StorageError, is_of_the_disk

MEDIA_TYPE = "application/problem+json"
#: the schema of an error for OpenAPI
SCHEMA = data_file("problem.toml", "nianbao.api")
_PAGES = ("/zh/", "/en/")
_LATER = 5  # seconds after which a client may try again


def problem(status: int, kind: str, detail: str, **more: object) -> JSONResponse:
    """Return an error response, for 429 and 503 with Retry-After; its ``type`` is ``urn:nianbao:problem:KIND``."""
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


def problem_of(error: Exception, language: Language = Language.EN, *, on_page: bool = False) -> JSONResponse:
    """Return the response for an error of a question (``on_page``: worded for a page); raise one that no rule knows."""
    detail = worded(error, language, on_page=on_page)
    if isinstance(error, ChangedError):
        return problem(HTTPStatus.GONE, "list-changed", detail)
    if isinstance(error, NotKnownError):
        return problem(HTTPStatus.NOT_FOUND, "not-known", detail)
    if isinstance(error, (RequestValidationError, ValidationError)):
        return _not_understood(error, language, on_page)
    if isinstance(error, LackingError):
        return problem(HTTPStatus.NOT_ACCEPTABLE, "format-not-installed", detail)
    if isinstance(error, (StorageError, SQLAlchemyError)):
        detail = detail if isinstance(error, StorageError) else say("web", language, "error.database")
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "archive-not-ready", detail)
    if isinstance(error, OSError) and is_of_the_disk(error):
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "no-room", say("web", language, "error.no_room"))
    if isinstance(error, ValueError):  # QueryError and the like: the question is wrong
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot-be-asked-so", detail)
    raise error


def _not_understood(error: RequestValidationError | ValidationError, language: Language, on_page: bool) -> JSONResponse:
    """Return the error 422 for wrong parameters, with a sentence for each of them (``on_page``: worded for a page)."""
    # FastAPI's location of an error begins with ``query`` or ``path``
    skipped = 1 if isinstance(error, RequestValidationError) else 0
    faults = [{**one, "loc": one["loc"][skipped:]} for one in error.errors()]
    problems = [error_of(one) for one in faults]
    errors = [
        {"parameter": ".".join(map(str, one["loc"])), "detail": safe_text(worded(sentence, language))}
        for one, sentence in zip(faults, problems, strict=True)
    ]
    detail = worded(joined(problems), language, on_page=on_page)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not-understood", detail, errors=errors)


def _is_page(request: Request) -> bool:
    return request.url.path.startswith(_PAGES)


def _language(request: Request) -> Language:
    """Return the language of a request: for a page from its path, for the API from ``lang``."""
    language = request.url.path[1:3] if _is_page(request) else request.query_params.get("lang")
    return Language.ZH if language == Language.ZH else Language.EN


def show_problems(app: FastAPI, page: Callable[[Request, int, str, Exception], Response]) -> None:
    """Register handlers that convert errors to problem responses, and on pages to ``page(request, status, …)``."""

    def page_or_json(request: Request, answer: JSONResponse, error: Exception) -> Response:
        if _is_page(request):
            detail = str(json.loads(bytes(answer.body))["detail"])
            return page(request, answer.status_code, detail, error)
        return answer

    def of_question(request: Request, error: Exception) -> Response:
        return page_or_json(request, problem_of(error, _language(request), on_page=_is_page(request)), error)

    def of_http(request: Request, error: Exception) -> Response:
        """Answer FastAPI's own errors: no such address, method not allowed."""
        assert isinstance(error, HTTPException)
        is_unknown = error.status_code == HTTPStatus.NOT_FOUND
        detail = say("web", _language(request), "error.no_page") if is_unknown else str(error.detail)
        answer = problem(error.status_code, "http", detail)
        answer.headers.update(error.headers or {})
        return page_or_json(request, answer, error)

    for kind in (
        *(QueryError, NotKnownError, ValueError, RequestValidationError, ValidationError),
        *(LackingError, StorageError, SQLAlchemyError, OSError),
    ):
        app.add_exception_handler(kind, of_question)
    app.add_exception_handler(HTTPException, of_http)
