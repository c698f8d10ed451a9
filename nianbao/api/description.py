"""Complete FastAPI's OpenAPI description with answers and errors, so that generated clients can read all of them."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Any, get_type_hints

from fastapi import FastAPI
from pydantic import Field, TypeAdapter, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from archive.exports.formats.columns import Content, answer_formats, sheet
from archive.queries.freshness import Freshness
from archive.queries.results import Known
from nianbao.api.problems import MEDIA_TYPE, SCHEMA
from nianbao.questions import QUESTIONS, Question, question

JSON = "application/json"
_FILES = frozenset({Content.TABLE, Content.PACKAGE})


class AnswerSchemas(GenerateJsonSchema):
    """JSON schemas of answers; a Decimal is a number, as we write it, not text, as pydantic would write it."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Return the schema of a number."""
        del schema
        return {"type": "number"}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, made at the first call: FastAPI's own, with the schemas of answers made anew (a
    Decimal is a number, as we write it), with what each parameter means, and with the schema of errors.
    """
    if app.openapi_schema is None:
        description = FastAPI.openapi(app)
        inputs = [(one.name, "serialization", TypeAdapter(answer_model(one.name))) for one in QUESTIONS]
        _, schemas = TypeAdapter.json_schemas(
            inputs,  # type: ignore[arg-type]  # the mode is a literal
            ref_template="#/components/schemas/{model}",
            schema_generator=AnswerSchemas,
        )
        for one in QUESTIONS:
            for parameter in description["paths"][f"/api/v1/{one.name}"]["get"].get("parameters", ()):
                parameter["description"] = one.meaning(parameter["name"])
        description["components"]["schemas"].update({**schemas["$defs"], "Problem": SCHEMA})
        app.openapi_schema = description
    return app.openapi_schema


@cache
def answer_model(name: str) -> Any:
    """Return the pydantic model of a question's JSON answer: of a record, or of a page of a list."""
    one = question(name)
    if one.is_list:
        item: Any = one.item or _row_model(one.table or name)
        fields: dict[str, Any] = {"items": list[item], "next": str | None, "as_of": datetime, "known": Known | None}
    else:
        fields = get_type_hints(one.answer)
    fields["freshness"] = Freshness | None
    return create_model(f"{'PageOf' if one.is_list else 'AnswerOf'}_{name}", **fields)


def _row_model(table: str) -> Any:
    """Return the model of a row of an exported table: each column with its Chinese and English label."""
    columns: dict[str, Any] = {
        one.name: (one.kind.json_type | None, Field(None, title=one.zh, description=one.en))
        for one in sheet(table, ()).columns
    }
    return create_model(f"RowOf_{table}", **columns)


def responses(one: Question) -> dict[int | str, dict[str, Any]]:
    """Return the possible responses of a question's route by HTTP status."""
    # JSON first: generators of clients take the first media type that has a schema
    formats = answer_formats().values()
    content: dict[str, Any] = {JSON: {}} | {fmt.media: {} for fmt in formats if fmt.content in _FILES}
    model, problem = answer_model(one.name), {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        200: {"model": model, "description": one.en, "content": content},
        304: {},
        **{
            status.value: {"description": status.phrase, "content": problem}
            for status in map(HTTPStatus, (404, 406, 410, 414, 422, 429, 503))
        },
    }
